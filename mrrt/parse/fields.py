"""The fields of a template, each with label, choices, unit, limits and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from mrrt.code import Code
from mrrt.parse.attributes import kept_attributes
from mrrt.parse.choices import attribute_codes, choices_of, default_of
from mrrt.parse.content import Surroundings
from mrrt.parse.controls import Control, Controls
from mrrt.parse.phrases import Phrase, collapse, translations_of
from mrrt.parse.sections import is_true
from mrrt.parse.spelled_units import declared, from_spelling
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
    holders = (*control.elements, *([control.wrapper] if control.wrapper is not None else []))
    yield from ((holder.get(name) or "").strip() for name in ("name", "id") for holder in holders)
    yield control.key


def _with_twin(field: Field, twins: Mapping[str, str]) -> Field:
    if selection := twins.get(field.key):
        return field.model_copy(update={"free_text_of": selection})
    twin = next((key for key, selection in twins.items() if selection == field.key), None)
    return field.model_copy(update={"free_text": True, "free_text_key": twin}) if twin else field


def _field(around: Surroundings, control: Control, name: Phrase, units: Mapping[str, str], dialect: str) -> Field:
    element = control.first
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
        translations={**translations_of(element), **name.translations},
        hint=collapse(element.get("title") or element.get("placeholder") or "").strip(),
        unit=_unit(control, units),
        choices=choices,
        default=None if is_cde(default) else default,
        required=any(part.get("required") is not None for part in control.elements),
        completion_action=_completion_action(control),
        merge=is_true(_attribute(control, "data-field-merge-flag")) or merge is not None,
        merge_identifier=merge,
        minimum=_limit(element, "min"),
        maximum=_limit(element, "max"),
        step=_limit(element, "step"),
        free_text=bool(element.get("list")) and bool(choices),
        verbal_trigger=(_attribute(control, "data-field-verbal-trigger") or "").strip() or None,
        hidden=inherited.hidden or (element.get("type") or "").strip().lower() == "hidden",
        read_only=any(part.get(name) is not None for part in control.elements for name in ("readonly", "disabled")),
        section=_section(around, element),
        condition=inherited.condition,
        codes=(*_codes(around, control), *([Code.of("RADELEMENT", str(default))] if is_cde(default) else [])),
        element_id=(holder.get("id") or "").strip() or None,
        name=(element.get("name") or "").strip() or None,
        attributes={} if control.is_group and holder is element else _kept(holder),
        line=line,
        column=column,
    )


def _attribute(control: Control, name: str) -> str | None:
    """Return an attribute of a control, or of the element round a group."""
    holders = [*control.elements, *([control.wrapper] if control.wrapper is not None else [])]
    return next((value for holder in holders if (value := holder.get(name))), None)


def _unit(control: Control, units: Mapping[str, str]) -> str | None:
    if control.kind not in (FieldKind.NUMBER, FieldKind.TEXT):
        return None
    stated = declared(control.first.get("data-field-units") or control.first.get("date-field-units"))
    spelled = units.get(control.key, "")
    # behind a text field a single letter is more likely a word than a unit
    if not stated and control.kind is FieldKind.TEXT and len(spelled) < 2 and spelled != "%":
        return None
    return stated or from_spelling(spelled)


def _completion_action(control: Control) -> CompletionAction:
    stated = next((value for name in COMPLETION if (value := _attribute(control, name))), "")
    return _COMPLETION_ACTIONS.get(stated.strip().upper(), CompletionAction.NONE)


def known_completion_action(text: str) -> bool:
    """Tell whether a completion action, current or of the draft, is one that the profile names."""
    return not text.strip() or text.strip().upper() in _COMPLETION_ACTIONS


def _merge_identifier(element: HtmlElement, dialect: str) -> str | None:
    stated = next((value.strip() for name in _MERGE_IDENTIFIERS if (value := element.get(name))), "")
    if not stated and dialect == "nuance" and (name := element.get("name")) and name == element.get("value"):
        # PowerScribe exports a merge field as a text that holds its own name
        return name.strip()
    return stated or None


def _limit(element: HtmlElement, name: str) -> str | None:
    text = (element.get(name) or "").strip()
    return text if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text) else None


def _section(around: Surroundings, element: HtmlElement) -> str | None:
    section = next(element.iterancestors("section"), None)
    return around.headings[section].key if section is not None else None


def is_cde(default: object) -> bool:
    """Tell whether a default is the id of a common data element ("RDE196"), as T-Rex writes: a code, no answer."""
    return isinstance(default, str) and bool(_CDE.match(default))


def _kept(holder: HtmlElement) -> dict[str, str]:
    kept = kept_attributes(holder)
    if not holder.get("title"):
        kept.pop("placeholder", None)
    return kept


def _codes(around: Surroundings, control: Control) -> tuple[Code, ...]:
    holders = [*control.elements, *([control.wrapper] if control.wrapper is not None else [])]
    identities = [control.key, *(holder.get(name) or "" for name in ("id", "name") for holder in holders)]
    found = [code for identity in dict.fromkeys(identities) for code in around.codes.get(identity.strip(), ())]
    found += [code for holder in holders for code in attribute_codes(holder)]
    return tuple(dict.fromkeys(found))
