"""Edits of reports at random, for the properties of derivation: the tiny templates, and those that are shipped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from hypothesis import strategies as st

from mrrt.derive import derive
from mrrt.entry import start
from mrrt.logic import Logic, load_logic
from mrrt.report import DataAbsentReason, Provenance, Report, Value
from mrrt.template import Field, FieldKind, Section, Template
from templates_lib.loader import find

from ..conftest import ROOT
from .tiny import BY_CRITERIA, LOGIC, TEMPLATE

DRG_PAGE = ROOT / "tests" / "fixtures" / "foreign" / "carotid-page.html"
"""A page of ours with the fields of the foreign one."""

NESTED = TEMPLATE.model_copy(
    update={
        "fields": (
            *TEMPLATE.fields,
            Field(key="inner", kind=FieldKind.TEXT, label="inner", section="deep"),
            Field(key="shown", kind=FieldKind.TEXT, label="shown", condition="plaque=present"),
        ),
        "content": (
            *TEMPLATE.content,
            Section(key="outer", name="outer", content=(Section(key="deep", name="deep"),)),
        ),
        "identifier": "1.2.4",
        "digest": "nested",
    }
)  # fmt: skip

EVERY_KIND = (
    LOGIC.replace("template: 1.2.3", "template: 1.2.4")
    .replace(
        "calculated:\n",
        """calculated:
  pair: "{a: right_psv, b: left_psv}"
  numbers: "[right_psv, left_psv]"
  total: sum(numbers[item != null])
  third: right_psv / 3
  is_third: third = right_psv / 3
  higher: if pair.a > pair.b then "right" else "left"
  names: if plaque = "present" then ["a", "b"] else []
  how_many: count(names)
  nothing: 'if plaque = "present" then "" else null'
  length: string length(nothing)
  day: 'date(when)'
  later: day + duration("P1D")
  why: data absent reason.right_psv
  reasons: count(get entries(data absent reason))
  flag: repeat
  not_flag: not(flag)
  otherwise: calculated value.right_grade != right_grade
  made: calculated value.left_grade
  longer: string length(made)
  again: calculated value.third
""",
    )
    .replace("relevant:\n", """relevant:\n  outer: right_psv > 100\n  findings: not(repeat = true)\n""")
)
"""Results of every kind, those that a report cannot hold among them, and sections within sections."""


@dataclass(frozen=True, slots=True)
class Subject:
    template: Template
    logic: Logic

    def derived(self, report: Report) -> Report:
        return derive(report, self.template, self.logic)


SUBJECTS = ("tiny", "by-criteria", "every-kind", "us-carotid-duplex", "drg-us-carotis")


@lru_cache
def subject(name: str) -> Subject:
    own = {"tiny": (TEMPLATE, LOGIC), "by-criteria": (TEMPLATE, BY_CRITERIA), "every-kind": (NESTED, EVERY_KIND)}
    if name in own:
        template, text = own[name]
        return Subject(template, load_logic(text, "logic.yaml", template))
    folder = find(str(DRG_PAGE) if name == "drg-us-carotis" else name)
    return Subject(folder.template, folder.logic)


_NUMBERS = (
    "0",
    "4",
    "39.9",
    "40",
    "75",
    "100.1",
    "124.9",
    "125",
    "199",
    "200",
    "230",
    "230.1",
    "300",
    "701",
    "-240",
    "x",
)
_UNITS = (None, "cm/s", "m/s", "kHz")


def values(field: Field) -> st.SearchStrategy[Value | None]:
    """Values that a field can come to hold, by a reader or an import; None takes it back."""
    absent = st.sampled_from([DataAbsentReason.UNKNOWN, DataAbsentReason.TEMP_UNKNOWN]).map(
        lambda reason: Value(value=None, absent=reason)
    )
    return st.one_of(st.none(), absent, _given(field), _given(field))


def _given(field: Field) -> st.SearchStrategy[Value]:
    if field.kind is FieldKind.NUMBER:
        return st.builds(lambda number, unit: Value(value=number, unit=unit), st.sampled_from(_NUMBERS),
                         st.sampled_from([field.unit, *_UNITS]))  # fmt: skip
    if field.kind is FieldKind.CHECKBOX:
        return st.booleans().map(lambda ticked: Value(value=ticked))
    if field.kind in (FieldKind.CHECKBOX_GROUP, FieldKind.SELECT_MULTIPLE):
        several = st.lists(st.sampled_from([choice.value for choice in field.choices]), unique=True, max_size=2)
        return several.map(lambda chosen: Value(value=tuple(chosen)))
    if field.choices:
        return st.sampled_from([choice.value for choice in field.choices]).map(lambda chosen: Value(value=chosen))
    return st.sampled_from(["", "2026-01-31", "a"]).map(lambda text: Value(value=text))


Change = tuple[str, str, Value | None]
"""The layer, the field, and what it comes to hold there."""


def changes(name: str, least: int = 0, most: int = 12) -> st.SearchStrategy[list[Change]]:
    """Sequences of changes; fields that the logic reads come more often than others."""
    fields = subject(name).template.fields
    read = frozenset().union(*(one.reads for one in subject(name).logic.calculations))
    often = [field for field in fields if field.key in read] or list(fields)
    one = st.one_of(st.sampled_from(often), st.sampled_from(fields)).flatmap(
        lambda field: st.tuples(st.sampled_from(["typed", "typed", "imported"]), st.just(field.key), values(field))
    )
    return st.lists(one, min_size=least, max_size=most)


def changed(report: Report, change: Change) -> Report:
    layer, key, value = change
    if layer == "typed":
        return report.edit({key: value})
    if value is None:
        kept = {known: one for known, one in report.imported.items() if known != key}
        return report.model_copy(update={"imported": kept})
    return report.fill({key: value.model_copy(update={"provenance": Provenance.IMPORTED})})


def begun(name: str) -> Report:
    template = subject(name).template
    return subject(name).derived(start(template))


def text(report: Report) -> str:
    """A report as it is stored: the same text for equal reports."""
    return json.dumps(report.model_dump(mode="python"), default=sorted, sort_keys=True)
