"""Rules about what fields mean: both sides alike (K1), codes and units that agree with the label (K2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrrt.check.rules import Finding, Subject, on, rule
from mrrt.code import Code
from mrrt.errors import UnitError
from mrrt.parse.fields import FieldReading
from mrrt.problems import Severity
from mrrt.units import is_ucum, same_dimension

_PAIRS = (("right", "left"), ("rechts", "links"), ("rechte", "linke"), ("rechter", "linker"), ("re", "li"), ("r", "l"))
_SIDES = dict(_PAIRS)
_PARTS = re.compile(r"[^\W_\d]+|\d+|[\W_]+")
_RIGHT_WORD = re.compile(rf"(?<![^\W_\d])(?:{'|'.join(_SIDES)})(?![^\W_\d])")
_RIGHT, _LEFT = frozenset(right for right, _ in _PAIRS), frozenset(left for _, left in _PAIRS)
_UCUM_SCHEMES = frozenset({"UCUM"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_PRODUCT = re.compile(r"\b(?:dose|dosis)[\s-]*(?:length|area|längen|flächen)[\s-]*pro(?:duct|dukt)", re.IGNORECASE)
"""Quantities of their own, which the words in them do not say."""
_QUANTITIES = (
    ("diameter", "length", "width", "height", "thickness", "Durchmesser", "Länge", "Breite", "Höhe", "Dicke"),
    ("volume", "Volumen"),
    ("area", "Fläche"),
    ("velocity", "Geschwindigkeit"),
    ("angle", "Winkel"),
    ("age", "Alter"),
    ("weight", "Gewicht"),
    ("comparison", "Vergleich", "Voruntersuchung"),
)
_DIMENSIONS = ("mm", "mL", "mm2", "cm/s", "deg", "a", "kg", "")


def mirrored(key: str) -> str | None:
    """Return a key in lower case with right turned to left ("r_ica" to "l_ica"); None if it says no right side."""
    text, count = _RIGHT_WORD.subn(lambda match: _SIDES[match.group()], key)
    return text if count else None


def _siblings(subject: Subject) -> Iterator[tuple[FieldReading, FieldReading]]:
    """Yield right and left fields that differ in the side of their key, or in that of their label."""
    by_key = {field.key.lower(): field for field in subject.fields.values()}
    labels: dict[str, list[FieldReading]] = {}
    for field in subject.fields.values():
        labels.setdefault(field.label.lower(), []).append(field)
    for field in subject.fields.values():
        other = by_key.get(mirrored(field.key.lower()) or "")
        if other is None and (twin := mirrored(field.label.lower())) and len(labels.get(twin, [])) == 1:
            other = labels[twin][0] if len(labels[field.label.lower()]) == 1 else None
        if other is not None and other is not field:
            yield field, other


def _side_neutral(text: str) -> str:
    return "".join([_SIDES.get(part.lower(), part.lower()) for part in _PARTS.findall(text)])


@rule(
    "K1",
    "Fields that differ only in their side offer the same: kind, unit and options.",
    source="R",
    example='<select id="right_flow"> none, normal </select> <select id="left_flow"> absent, normal </select>',
    mend="Give both sides the same options with the same values, the same type and unit.",
    tolerant=Severity.WARNING,
)
def sides_alike(subject: Subject) -> Iterator[Finding]:
    for right, left in _siblings(subject):
        control = next(one for one in subject.around.controls.all if one.key == left.key)
        for what in _differences(right, left):
            yield on(subject, control, f'"{left.key}" differs from "{right.key}" in {what}')


def _differences(right: FieldReading, left: FieldReading) -> Iterator[str]:
    if right.kind is not left.kind:
        yield f"its kind: {left.kind.value} against {right.kind.value}"
        return
    if right.unit != left.unit:
        yield f"its unit: {left.unit or 'none'} against {right.unit or 'none'}"
    one_side, other_side = (
        [(choice.value, choice.text) for choice in field.choices if not choice.blank] for field in (right, left)
    )
    if one_side != other_side and _neutral(one_side) != _neutral(other_side):
        pairs = zip((*right.choices, None), (*left.choices, None), strict=False)
        one, two = next(((a, b) for a, b in pairs if _said(a) != _said(b)), (None, None))
        said = [f'"{choice.text}" ({choice.value})' if choice else "nothing" for choice in (two, one)]
        yield f"its options: {said[0]} against {said[1]}"


def _neutral(offered: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_side_neutral(value), _side_neutral(text)) for value, text in offered]


def _said(choice: object) -> tuple[str, str]:
    value, text = getattr(choice, "value", ""), getattr(choice, "text", "")
    return _side_neutral(value), _side_neutral(text)


@rule(
    "K2",
    "The codes of a field agree with its label and its unit.",
    source="R",
    example='<input id="size" type="number" data-field-units="mm"> coded as "volume"',
    mend="Check ORIGTXT: entries that have slipped code the neighbour. Correct the code, the label or the unit.",
    tolerant=Severity.WARNING,
)
def codes_agree(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        field = subject.fields[control.key]
        for code in field.codes:
            if what := _contradiction(field, code):
                yield on(subject, control, what)


def _contradiction(field: FieldReading, code: Code) -> str:
    if code.scheme in _UCUM_SCHEMES:
        differs = bool(field.unit) and field.unit != code.value and not _same(str(field.unit), code.value)
        return f'the field is coded in "{code.value}", its unit is "{field.unit}"' if differs else ""
    coded, labelled = _quantity(code.meaning), _quantity(field.label)
    if coded is not None and labelled is not None and coded != labelled:
        return f'the field "{field.label}" is coded as "{code.meaning}"'
    sides = {_side_of(code.meaning), _side_of(field.label)}
    if sides == {"right", "left"}:
        return f'the field "{field.label}" is coded as "{code.meaning}": the other side'
    if coded is not None and field.unit and is_ucum(field.unit) and not _fits(coded, field.unit):
        return f'the field is coded as "{code.meaning}", its unit is "{field.unit}"'
    return ""


def _same(first: str, second: str) -> bool:
    try:
        return same_dimension(first, second)
    except UnitError:
        return False


def _fits(quantity: int, unit: str) -> bool:
    # an indexed or relative value has another unit than the plain one, so only clear cases count
    dimension = _DIMENSIONS[quantity]
    return not dimension or unit in ("%", "1") or "/" in unit or _same(unit, dimension)


def _quantity(text: str) -> int | None:
    """Return which quantity a text names, None if none or several."""
    words = {word.lower() for word in _WORD.findall(_PRODUCT.sub(" ", text))}
    found = [number for number, names in enumerate(_QUANTITIES) if words & {name.lower() for name in names}]
    return found[0] if len(found) == 1 else None


def _side_of(text: str) -> str | None:
    words = {word.lower() for word in _WORD.findall(_PRODUCT.sub(" ", text))}
    right, left = bool(words & (_RIGHT - {"r"})), bool(words & (_LEFT - {"l"}))
    return None if right == left else "right" if right else "left"
