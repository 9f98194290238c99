"""The values of a report as rows of a table, for search and mining; computed from the document alone."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from mrrt.code import Code
from mrrt.feel.values import to_number
from mrrt.report import Report, Value
from mrrt.template import Field, FieldKind, Template

TOKEN = 64
"""Letters of a text that are indexed."""


class ValueRow(BaseModel):
    """One value of one field; a multiple choice has one row for each of its choices, `position` from 0.

    `token` is the beginning of the text, by which rows are found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    position: int
    code_scheme: str | None
    code_value: str | None
    number: str | None
    number_real: float | None
    unit: str | None
    text: str | None
    absent: str | None
    provenance: str
    token: str | None = None


def value_rows(report: Report, template: Template) -> tuple[ValueRow, ...]:
    """Return the rows of a report. Fields that are not relevant have none: they are not part of what it says."""
    return tuple(
        row
        for key in sorted(report.values)
        if (value := _standing(report, key))
        for row in _rows(key, value, template.field_by_key.get(key))
    )


def changed_rows(before: Report, after: Report, template: Template) -> tuple[tuple[str, ...], tuple[ValueRow, ...]]:
    """Return the fields whose rows are no longer right, and the rows that stand for them now.

    Both reports are on the same template texts, whose fields have one kind and code each in every shape.
    """
    may_differ = after.touched_since(before) | (before.irrelevant ^ after.irrelevant)
    now = {key: _standing(after, key) for key in sorted(may_differ)}
    fields = tuple(key for key, value in now.items() if _standing(before, key) != value)
    rows = (row for key in fields if (value := now[key]) for row in _rows(key, value, template.field_by_key.get(key)))
    return fields, tuple(rows)


Said = tuple[str, int, str | None, str | None, str | None, str, bool]
"""Field, position, what it says, unit, reason of absence, provenance; and whether what is searched says the same."""


def said_by_report(report: Report) -> frozenset[Said]:
    """Return what the rows of a report say, as far as that does not depend on its template."""
    return frozenset(
        (key, position, _text(item), value.unit, value.absent, value.provenance, True)
        for key in report.values
        if (value := _standing(report, key))
        for position, item in enumerate(value.value if isinstance(value.value, tuple) else (value.value,))
    )


def said_by_row(row: ValueRow) -> Said:
    """Return what a row says that is stored."""
    number = None if row.number is None else to_number(row.number)
    found_by = (None if number is None else float(number), None if row.text is None else row.text[:TOKEN])
    said = row.number if row.number is not None else row.text
    same = found_by == (row.number_real, row.token)
    return (row.field, row.position, said, row.unit, row.absent, row.provenance, same)


def _standing(report: Report, key: str) -> Value | None:
    return None if key in report.irrelevant else report.value(key)


def _rows(key: str, value: Value, field: Field | None) -> Iterator[ValueRow]:
    code: Code | None = field.codes[0] if field and field.codes else None
    items = value.value if isinstance(value.value, tuple) else (value.value,)
    numeric = field.kind is FieldKind.NUMBER if field else value.unit is not None
    for position, item in enumerate(items):
        number = to_number(item) if numeric and isinstance(item, str) else None
        text = _text(item) if number is None else None
        yield ValueRow(
            field=key,
            position=position,
            code_scheme=code.scheme if code else None,
            code_value=code.value if code else None,
            number=str(item) if number is not None else None,
            number_real=float(number) if number is not None else None,
            unit=value.unit,
            text=text,
            absent=value.absent,
            provenance=value.provenance,
            token=None if text is None else text[:TOKEN],
        )


def _text(item: str | bool | None) -> str | None:
    return str(item).lower() if isinstance(item, bool) else item
