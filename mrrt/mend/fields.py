"""Menders of fields: types, units, limits, misspelt attributes, values that differ in white space only (F)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from mrrt.check.rules import Subject
from mrrt.mend.edits import Fix, remove_attribute, rename_attribute, set_attribute
from mrrt.mend.table import fix, mender
from mrrt.parse.choices import option_text
from mrrt.parse.controls import Control
from mrrt.parse.phrases import collapse
from mrrt.parse.spelled_units import declared
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

_MISSPELT = {
    "data-field-signature-lattitude": ("F3", "data-field-signature-latitude"),
    "date-field-units": ("F6", "data-field-units"),
    "valeu": ("F10", "value"),
}


def _parts(subject: Subject) -> Iterator[tuple[Control, HtmlElement]]:
    for control in subject.around.controls.all:
        yield from ((control, element) for element in control.elements)


def _misspelt(subject: Subject, rule: str) -> Iterator[Fix]:
    for element in subject.page.elements:
        for old, (mended, new) in _MISSPELT.items():
            if mended == rule and element.get(old) is not None:
                yield from fix(
                    subject, element, f"{old} became {new}", rename_attribute(subject.page, element, old, new)
                )


@mender("F3")
def latitude(subject: Subject) -> Iterator[Fix]:
    yield from _misspelt(subject, "F3")


@mender("F6")
def misspelt_units(subject: Subject) -> Iterator[Fix]:
    yield from _misspelt(subject, "F6")


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
    for _, element in _parts(subject):
        for name in ("min", "max", "step"):
            if element.get(name) is not None and not (element.get(name) or "").strip():
                yield from fix(
                    subject, element, f"the empty {name} was removed", remove_attribute(subject.page, element, name)
                )


@mender("F10")
def misspelt_values(subject: Subject) -> Iterator[Fix]:
    yield from _misspelt(subject, "F10")


@mender("F10")
def values_as_shown(subject: Subject) -> Iterator[Fix]:
    for option in subject.page.named("option"):
        value, text = option.get("value"), option_text(option)
        # any other difference may be a code, and codes are kept
        if value is not None and text and value != text and collapse(value).strip() == text:
            edits = set_attribute(subject.page, option, "value", text)
            yield from fix(subject, option, f'the value of "{text}" lost white space', edits)


@mender("F2")
def field_types(subject: Subject) -> Iterator[Fix]:
    for control, element in _parts(subject):
        said = (element.get("data-field-type") or "").strip()
        wanted = _TYPES[control.kind]
        outside = control.kind is FieldKind.RADIO or control.wrapper is not None
        if said.upper() not in wanted and not (outside and not said):
            edits = set_attribute(subject.page, element, "data-field-type", wanted[0])
            what = f'"{said}" became "{wanted[0]}"' if said else f'"{wanted[0]}" was added'
            yield from fix(subject, element, f"data-field-type {what}", edits)
