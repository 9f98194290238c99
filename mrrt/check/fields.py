"""Rules about fields (F)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from mrrt.check.rules import Finding, Subject, at, on, rule
from mrrt.parse.choices import is_blank, option_text, option_value
from mrrt.parse.controls import Control
from mrrt.parse.fields import COMPLETION, known_completion_action
from mrrt.parse.tree import Element
from mrrt.problems import Severity
from mrrt.template import FieldKind
from mrrt.units import is_ucum

_FITTING = {
    "TEXT": {FieldKind.TEXT, FieldKind.TEXTAREA},
    "TEXTAREA": {FieldKind.TEXTAREA, FieldKind.TEXT},
    "NUMBER": {FieldKind.NUMBER},
    "NUMERIC": {FieldKind.NUMBER},
    "DATE": {FieldKind.DATE},
    "TIME": {FieldKind.TIME},
    "CHECKBOX": {FieldKind.CHECKBOX, FieldKind.CHECKBOX_GROUP},
    "RADIO": {FieldKind.RADIO},
    "SELECTION_LIST": {FieldKind.SELECT, FieldKind.SELECT_MULTIPLE},
    "SELECT": {FieldKind.SELECT, FieldKind.SELECT_MULTIPLE},
}


def _parts(subject: Subject) -> Iterator[tuple[Control, Element]]:
    for control in subject.around.controls.all:
        yield from ((control, element) for element in control.elements)


@rule(
    "F2",
    "data-field-type names a known type, the one of the element that carries it.",
    source="D, S, R",
    example='<select data-field-type="NUMBER">',
    mend="Write TEXT, NUMBER, SELECTION_LIST, DATE, TIME or CHECKBOX, or leave it out.",
    tolerant=Severity.WARNING,
)
def fitting_types(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        stated = (element.get("data-field-type") or "").strip()
        if stated and stated.upper() not in _FITTING:
            yield on(subject, control, f'the data-field-type "{stated}" is not known', element)
        elif stated and control.kind not in _FITTING[stated.upper()]:
            what = f'the data-field-type says "{stated}", the element is a {control.kind.value}'
            yield on(subject, control, what, element)


@rule(
    "F3",
    "data-field-completion-action is NONE, ALERT or PROHIBIT.",
    source="D, S, L",
    example='<input data-field-completion-action="SHOUT">',
    mend="Write one of the three; anything else is read as NONE.",
    tolerant=Severity.WARNING,
)
def known_actions(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        for name in COMPLETION:
            text = element.get(name) or ""
            if not known_completion_action(text):
                yield on(subject, control, f'the completion action "{text}" is not known', element)


@rule(
    "F6",
    "data-field-units is a UCUM code.",
    source="R",
    example='<input data-field-units="mmHg">',
    mend="Write the UCUM code, for example mm[Hg] for mmHg; the text beside the field may say it as people do.",
    tolerant=Severity.WARNING,
)
def ucum_units(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        for name in ("data-field-units", "date-field-units"):
            stated = element.get(name)
            if stated and stated.strip() and not is_ucum(stated):
                unit = subject.fields[control.key].unit
                read = f'; it is read as "{unit}"' if unit and is_ucum(unit) else ""
                yield on(subject, control, f'"{stated}" is no UCUM unit{read}', element)
            if stated and name.startswith("date-"):
                yield on(subject, control, "the attribute is misspelt: date-field-units", element)


@rule(
    "F7",
    "value, min, max and step of a number are numbers, and min is not above max.",
    source="R, S",
    example='<input type="number" min="80" max="1">',
    mend="Write plain numbers with a decimal point, or leave the attribute out.",
    tolerant=Severity.WARNING,
)
def numeric_limits(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        if control.kind is not FieldKind.NUMBER:
            continue
        stated = {name: (element.get(name) or "").strip() for name in ("value", "min", "max", "step")}
        for name, text in stated.items():
            if text and _number(text) is None and (name, text.lower()) != ("step", "any"):
                yield on(subject, control, f'{name}="{text}" is no number', element)
        for name in ("min", "max", "step"):
            if element.get(name) is not None and not stated[name]:
                yield on(subject, control, f"{name} is empty, and read as if it were not there", element, noted=True)
        low, high = _number(stated["min"]), _number(stated["max"])
        if low is not None and high is not None and low > high:
            yield on(subject, control, f"min {low} is above max {high}: nothing can be entered", element)


@rule(
    "F8",
    "Every field has an id, ids are unique, and the for of a label is the id of a field.",
    source="R",
    example='<input id="size"> <input id="size">',
    mend="Give every element an id of its own, and let labels and codes refer to it.",
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def unique_identities(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        if not element.identity and control.wrapper is None:
            yield on(subject, control, f'the field has no id; it is known as "{control.key}"', element)
    for identity, elements in subject.page.by_id.items():
        first = subject.page.place(elements[0])[0]
        for element in elements[1:]:
            yield at(subject, element, f'the id "{identity}" is taken by an element in line {first}')
    for label in subject.page.named("label"):
        target = (label.get("for") or "").strip()
        if target and target not in subject.page.by_id:
            yield at(subject, label, f'the label is for "{target}", but no element has that id')


@rule(
    "F10",
    "The value of an option is the text it shows, since reports say the value.",
    source="E",
    example='<option value="2">mild</option>',
    mend="Write the same text in both. Reports of ours say the text shown, and keep the value as a code.",
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def values_as_shown(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        options = [] if control.first.tag != "select" else control.first.within("option")
        said = [(option, option_value(option), option_text(option)) for option in options]
        differing = [
            (option, value, text) for option, value, text in said if value != text and not is_blank(value, text)
        ]
        if differing:
            option, value, text = differing[0]
            more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
            yield on(subject, control, f'an option shows "{text}" and stores "{value}"{more}', option)


@rule(
    "F11",
    "A selection of one has at most one option selected.",
    source="R",
    example="<option selected>a</option> <option selected>b</option>",
    mend="Mark one option as selected, or none.",
    tolerant=Severity.WARNING,
)
def one_selected(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        if control.kind is FieldKind.SELECT and control.first.tag == "select":
            chosen = [option for option in control.first.within("option") if option.get("selected") is not None]
            if len(chosen) > 1:
                yield on(subject, control, f"{len(chosen)} options are selected; the first counts", chosen[1])


def _number(text: str) -> Decimal | None:
    if not re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d{1,3})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
