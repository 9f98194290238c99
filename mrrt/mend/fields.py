"""Menders of fields: types, units, limits, flags, hints, misspelt attributes, values that follow from the page (F)."""

from __future__ import annotations

from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.mend.edits import Fix, remove_attribute, rename_attribute, set_attribute
from mrrt.mend.table import fix, mender
from mrrt.parse.choices import is_blank, option_text, option_value
from mrrt.parse.controls import Control
from mrrt.parse.fields import COMPLETION, known_completion_action
from mrrt.parse.phrases import collapse
from mrrt.parse.sections import is_true
from mrrt.parse.spelled_units import declared
from mrrt.parse.tree import Element
from mrrt.template import FieldKind
from mrrt.units import is_ucum

_TYPES = {
    FieldKind.TEXT: ("TEXT", "TEXTAREA"),
    FieldKind.TEXTAREA: ("TEXT", "TEXTAREA"),
    FieldKind.NUMBER: ("NUMBER", "NUMERIC"),
    FieldKind.DATE: ("DATE",),
    FieldKind.TIME: ("TIME",),
    FieldKind.CHECKBOX: ("CHECKBOX",),
    FieldKind.CHECKBOX_GROUP: ("CHECKBOX",),
    FieldKind.RADIO: ("RADIO",),
    FieldKind.SELECT: ("SELECTION_LIST", "SELECT"),
    FieldKind.SELECT_MULTIPLE: ("SELECTION_LIST", "SELECT"),
}
"""The data-field-type of each kind of field, and what passes for it. The element decides, not the attribute."""

_ACTION, *_DRAFT = COMPLETION
_NO = frozenset({"n", "no", "0", "false"})


def _parts(subject: Subject) -> Iterator[tuple[Control, Element]]:
    for control in subject.around.controls.all:
        yield from ((control, element) for element in control.elements)


@mender("F4")
def merge_flags(subject: Subject) -> Iterator[Fix]:
    for _, element in _parts(subject):
        said = (element.get("data-field-merge-flag") or "").strip()
        new = "true" if is_true(said) else "false" if said.lower() in _NO else ""
        if new and said != new:
            edits = set_attribute(subject.page, element, "data-field-merge-flag", new)
            yield from fix(subject, element, f'the merge flag "{said}" became "{new}"', edits)


@mender("F4")
def completion_actions(subject: Subject) -> Iterator[Fix]:
    for _, element in _parts(subject):
        for old in _DRAFT:
            said = (element.get(old) or "").strip()
            if known_completion_action(said) and element.get(_ACTION) is None:
                edits = rename_attribute(subject.page, element, old, _ACTION)
                if edits and said.upper() == "UNRESTRICTED":
                    edits += set_attribute(subject.page, element, old, "NONE")
                yield from fix(subject, element, f"{old} became {_ACTION}", edits)


@mender("F5")
def empty_triggers(subject: Subject) -> Iterator[Fix]:
    for control in subject.around.controls.all:
        said = control.first.get("data-field-verbal-trigger")
        if said is not None and not said.strip():
            edits = remove_attribute(subject.page, control.first, "data-field-verbal-trigger")
            yield from fix(subject, control.first, "the empty verbal trigger was removed", edits)


@mender("F6")
def misspelt_units(subject: Subject) -> Iterator[Fix]:
    old, new = "date-field-units", "data-field-units"
    for _, element in _parts(subject):
        yield from fix(subject, element, f"{old} became {new}", rename_attribute(subject.page, element, old, new))


@mender("F6")
def ucum_units(subject: Subject) -> Iterator[Fix]:
    for _, element in _parts(subject):
        said = element.get("data-field-units") or ""
        unit = declared(said)
        if unit and said != unit and is_ucum(unit) and not is_ucum(said):
            edits = set_attribute(subject.page, element, "data-field-units", unit)
            yield from fix(subject, element, f'the unit "{said}" became "{unit}"', edits)


@mender("F7")
def empty_limits(subject: Subject) -> Iterator[Fix]:
    for control, element in _parts(subject):
        for name in ("min", "max", "step") if control.kind is FieldKind.NUMBER else ():
            if element.get(name) is not None and not (element.get(name) or "").strip():
                yield from fix(
                    subject, element, f"the empty {name} was removed", remove_attribute(subject.page, element, name)
                )


@mender("F10")
def values_as_shown(subject: Subject) -> Iterator[Fix]:
    for option in subject.page.named("option"):
        value, text = option.get("value"), option_text(option)
        # any other difference may be a code, and codes are kept
        if value is not None and text and value != text and collapse(value).strip() == text:
            edits = set_attribute(subject.page, option, "value", text)
            yield from fix(subject, option, f'the value of "{text}" lost white space', edits)


@mender("F11")
def selected_twice(subject: Subject) -> Iterator[Fix]:
    for control in subject.around.controls.all:
        if control.kind is not FieldKind.SELECT or control.first.tag != "select":
            continue
        marked = [one for one in control.first.within("option") if one.get("selected") is not None]
        said = {(option_value(one), option_text(one)) for one in marked}
        # browsers show the last one, we the first: where the two differ, only the author knows which is meant
        if len(said) == 1 or all(is_blank(*pair) for pair in said):
            for option in marked[1:]:
                edits = remove_attribute(subject.page, option, "selected")
                yield from fix(subject, option, "selected was removed from an option that says the same", edits)


@mender("F12")
def values_of_checkboxes(subject: Subject) -> Iterator[Fix]:
    for control, element in _parts(subject):
        if control.kind in (FieldKind.CHECKBOX, FieldKind.CHECKBOX_GROUP) and not (element.get("value") or "").strip():
            said = subject.around.labels.member(element).text
            edits = set_attribute(subject.page, element, "value", said) if said else []
            yield from fix(subject, element, f'the label "{said}" became the value of the checkbox as well', edits)


@mender("F15")
def hints(subject: Subject) -> Iterator[Fix]:
    for control in subject.around.controls.all:
        said = (control.first.get("placeholder") or "").strip()
        if said and not control.first.get("title"):
            edits = set_attribute(subject.page, control.first, "title", said)
            yield from fix(subject, control.first, f'the hint "{said}" was written as title as well', edits)


@mender("F2")
def field_types(subject: Subject) -> Iterator[Fix]:
    for control, element in _parts(subject):
        said = (element.get("data-field-type") or "").strip()
        wanted = _TYPES[control.kind]
        if said and said.upper() not in wanted:
            edits = set_attribute(subject.page, element, "data-field-type", wanted[0])
            what = f'data-field-type "{said}" became "{wanted[0]}", which the element is'
            yield from fix(subject, element, what, edits)
