"""The fields of a template, each with label, choices, unit, limits and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

from mrrt.code import Code
from mrrt.parse.choices import choices_of, default_of
from mrrt.parse.content import Surroundings, condition_of
from mrrt.parse.controls import Control
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
_CODE_ATTRIBUTES = {"data-radlex": "RADLEX", "data-loinc": "LOINC"}


def fields_of(around: Surroundings, units: Mapping[str, str], dialect: str) -> tuple[Field, ...]:
    """Return all fields in the order of the page. `units` holds the unit that stands behind a field, by key."""
    names = around.labels.labels()
    return tuple(_field(around, control, names[control.key], units, dialect) for control in around.controls.all)


def _field(around: Surroundings, control: Control, name: Phrase, units: Mapping[str, str], dialect: str) -> Field:
    element = control.first
    choices = choices_of(around.page, control, around.labels)
    line, column = around.page.place(element)
    merge = _merge_identifier(element, dialect)
    return Field(
        key=control.key,
        kind=control.kind,
        label=name.text,
        translations={**translations_of(element), **name.translations},
        hint=collapse(element.get("title") or element.get("placeholder") or "").strip(),
        unit=_unit(control, units),
        choices=choices,
        default=None if dialect == "nuance" and merge else default_of(control, choices),
        required=any(part.get("required") is not None for part in control.elements),
        completion_action=_completion_action(control),
        merge=is_true(_attribute(control, "data-field-merge-flag")) or merge is not None,
        merge_identifier=merge,
        minimum=_limit(element, "min"),
        maximum=_limit(element, "max"),
        step=_limit(element, "step"),
        free_text=bool(element.get("list")) and bool(choices),
        read_only=any(part.get(name) is not None for part in control.elements for name in ("readonly", "disabled")),
        section=_section(around, element),
        condition=_condition(element),
        codes=_codes(around, control),
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


def _condition(element: HtmlElement) -> str | None:
    return next((found for holder in (element, *element.iterancestors()) if (found := condition_of(holder))), None)


def _codes(around: Surroundings, control: Control) -> tuple[Code, ...]:
    holders = [*control.elements, *([control.wrapper] if control.wrapper is not None else [])]
    identities = [control.key, *(holder.get(name) or "" for name in ("id", "name") for holder in holders)]
    found = [code for identity in dict.fromkeys(identities) for code in around.codes.get(identity.strip(), ())]
    for attribute, scheme in _CODE_ATTRIBUTES.items():
        values = re.split(r"[\s,;]+", _attribute(control, attribute) or "")
        found += [Code.of(scheme, value) for value in values if value]
    return tuple(dict.fromkeys(found))
