"""The fields of a template, each with label, choices, unit, limits and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mrrt.code import Code
from mrrt.parse.attributes import kept_attributes
from mrrt.parse.choices import attribute_codes, choices_of, default_of, stated_mappings
from mrrt.parse.content import Surroundings
from mrrt.parse.controls import Control, Controls
from mrrt.parse.phrases import Phrase, collapse, translations_of
from mrrt.parse.sections import is_true
from mrrt.parse.spelled_units import declared, from_spelling
from mrrt.parse.tree import Element
from mrrt.template import CompletionAction, Field, FieldKind

COMPLETION = (
    "data-field-completion-action",
    "data-field-signature-latitude",
    "data-field-signature-lattitude",
)
_COMPLETION_ACTIONS = {
    "NONE": CompletionAction.NONE,
    "UNRESTRICTED": CompletionAction.NONE,
    "SILENT": CompletionAction.NONE,
    "ALERT": CompletionAction.ALERT,
    "PROHIBIT": CompletionAction.PROHIBIT,
}
_MERGE_IDENTIFIERS = ("data-field-merge-identifier", "data-merge-identifier", "data-ris-source")
_FREE_TEXT = re.compile(r"^(.+?)_free_?text$", re.IGNORECASE)
_DECIMAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_CDE = re.compile(r"^RDE\d+$")


def fields_of(around: Surroundings, units: Mapping[str, str], dialect: str) -> tuple[Field, ...]:
    """Return all fields in the order of the page. `units` holds the unit that stands behind a field, by key."""
    names = around.labels.labels()
    twins = twins_of(around.controls)
    made = (_field(around, control, names[control.key], units, dialect) for control in around.controls.all)
    return tuple(_with_twin(field, twins) if twins else field for field in made)


def twins_of(controls: Controls) -> Mapping[str, str]:
    """Return for each text field named for a selection, "X_FreeText", the key of that selection."""
    named = [(control, match) for control in controls.all if (match := _FREE_TEXT.match(control.key))]
    if not named:
        return {}
    known = {identity: control.key for control in controls.all for identity in _identities(control)}
    found = {control.key: known.get(match.group(1), "") for control, match in named}
    return {key: selection for key, selection in found.items() if selection}


def _identities(control: Control) -> Iterator[str]:
    yield from ((holder.get(name) or "").strip() for name in ("name", "id") for holder in control.holders)
    yield control.key


def _with_twin(field: Field, twins: Mapping[str, str]) -> Field:
    if selection := twins.get(field.key):
        return field.model_copy(update={"free_text_of": selection})
    twin = next((key for key, selection in twins.items() if selection == field.key), None)
    return field.model_copy(update={"free_text": True, "free_text_key": twin}) if twin else field


def _field(around: Surroundings, control: Control, name: Phrase, units: Mapping[str, str], dialect: str) -> Field:
    element, stated = control.first, control.stated
    get = element.attributes.get
    choices = choices_of(around.page, control, around.labels, around.codes)
    line, column = around.page.place(element)
    merge = _merge_identifier(element, dialect)
    inherited = around.ancestry.of(element)
    holder = control.wrapper if control.wrapper is not None else element
    default = None if dialect == "nuance" and merge else default_of(control, choices)
    return Field(
        key=control.key,
        kind=control.kind,
        label=name.text,
        hint=collapse(get("title") or get("placeholder") or "").strip(),
        unit=_unit(control, units),
        choices=choices,
        default=None if is_cde(default) else default,
        required=control.carries("required"),
        completion_action=_completion_action(stated),
        merge=is_true(stated.get("data-field-merge-flag")) or merge is not None,
        merge_identifier=merge,
        minimum=_limit(get("min")),
        maximum=_limit(get("max")),
        step=_limit(get("step")),
        free_text=bool(get("list")) and bool(choices),
        verbal_trigger=stated.get("data-field-verbal-trigger", "").strip() or None,
        hidden=inherited.hidden or get("type", "").strip().lower() == "hidden",
        read_only=control.carries("readonly", "disabled"),
        section=around.headings[element.section].key if element.section is not None else None,
        condition=inherited.condition,
        codes=(*_codes(around, control), *([Code.of("RADELEMENT", str(default))] if is_cde(default) else [])),
        element_id=holder.identity or None,
        name=get("name", "").strip() or None,
        line=line,
        column=column,
        **stated_mappings(
            translations={**translations_of(element), **name.translations},
            attributes={} if control.is_group and holder is element else _kept(holder),
        ),
    )


def _unit(control: Control, units: Mapping[str, str]) -> str | None:
    if control.kind not in (FieldKind.NUMBER, FieldKind.TEXT):
        return None
    stated = declared(control.first.get("data-field-units") or control.first.get("date-field-units"))
    spelled = units.get(control.key, "")
    # behind a text field a single letter is more likely a word than a unit
    if not stated and control.kind is FieldKind.TEXT and len(spelled) < 2 and spelled != "%":
        return None
    return stated or from_spelling(spelled)


def _completion_action(stated: Mapping[str, str]) -> CompletionAction:
    text = next((text for name in COMPLETION if (text := stated.get(name))), "")
    return _COMPLETION_ACTIONS.get(text.strip().upper(), CompletionAction.NONE)


def known_completion_action(text: str) -> bool:
    """Tell whether a completion action, current or of the draft, is one that the profile names."""
    return not text.strip() or text.strip().upper() in _COMPLETION_ACTIONS


def _merge_identifier(element: Element, dialect: str) -> str | None:
    stated = next((value.strip() for name in _MERGE_IDENTIFIERS if (value := element.get(name))), "")
    if not stated and dialect == "nuance" and (name := element.get("name")) and name == element.get("value"):
        # PowerScribe exports a merge field as a text that holds its own name
        return name.strip()
    return stated or None


def _limit(text: str | None) -> str | None:
    text = text.strip() if text else ""
    return text if text and _DECIMAL.fullmatch(text) else None


def is_cde(default: object) -> bool:
    """Tell whether a default is the id of a common data element ("RDE196"), as T-Rex writes: a code, no answer."""
    return isinstance(default, str) and bool(_CDE.match(default))


def _kept(holder: Element) -> dict[str, str]:
    kept = kept_attributes(holder)
    if not holder.get("title"):
        kept.pop("placeholder", None)
    return kept


def _codes(around: Surroundings, control: Control) -> tuple[Code, ...]:
    holders = control.holders
    found: list[Code] = []
    if around.codes:
        names = dict.fromkeys([control.key, *(holder.get(name) or "" for name in ("id", "name") for holder in holders)])
        found += [code for name in names for code in around.codes.get(name.strip(), ())]
    found += [code for holder in holders for code in attribute_codes(holder)]
    return tuple(dict.fromkeys(found))
