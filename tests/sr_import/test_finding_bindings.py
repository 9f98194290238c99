"""Findings fill choices, texts and dates: by a map of codes, and never silently."""

from __future__ import annotations

from pydicom.dataset import Dataset

from mrrt.errors import Refused
from mrrt.template import Choice, Field, FieldKind, Template
from sr_import import Document, Match, load_bindings, match, read
from tests.sr_import.broken import changed, vessel
from tests.sr_writer import coded, text

PLAQUE, CALCIFIED, SOFT = (
    ("112176", "DCM", "Plaque"),
    ("29483008", "SCT", "Calcified"),
    ("62189002", "SCT", "Ulcerated"),
)
COMMENT = ("121106", "DCM", "Comment")
HEAD = """\
template: x
version: "1"
codes:
  plaque: {scheme: DCM, value: "112176"}
  calcified: {scheme: SCT, value: "29483008"}
  ulcerated: {scheme: SCT, value: "62189002"}
  comment: {scheme: DCM, value: "121106"}
  ica: {scheme: SCT, value: "86117002"}
  psv: {scheme: LN, value: 11726-7}
bindings:
"""
CHOICES = tuple(Choice(value=value, text=value) for value in ("hard", "ulcer"))
TEMPLATE = Template(
    identifier="x",
    title="",
    fields=(
        Field(key="plaque", kind=FieldKind.RADIO, choices=CHOICES),
        Field(key="signs", kind=FieldKind.CHECKBOX_GROUP, choices=CHOICES),
        Field(key="note", kind=FieldKind.TEXTAREA),
        Field(key="day", kind=FieldKind.DATE),
        Field(key="psv", kind=FieldKind.NUMBER, unit="cm/s"),
    ),
)
MAP = "values: {calcified: hard, ulcerated: ulcer}"


def said(*below: Dataset) -> Document:
    return read(changed(lambda root: vessel(root).ContentSequence.extend(below)))


def plaque(*codes: tuple[str, str, str]) -> Document:
    return said(*(coded("CONTAINS", PLAQUE, code) for code in codes))


def matched(entries: str, *documents: Document) -> Match:
    return match(documents, load_bindings(HEAD + entries, "bindings.yaml", TEMPLATE))


def values(result: Match) -> dict[str, object]:
    return {field: value.value for field, value in result.values.items() if value.value is not None}


def test_a_code_becomes_the_choice_of_the_map() -> None:
    result = matched(f"  plaque: {{finding: plaque, site: ica, laterality: right, {MAP}}}\n", plaque(CALCIFIED))
    value = result.values["plaque"]
    assert (value.value, value.provenance, result.problems) == ("hard", "imported", ())
    assert value.source is not None
    assert (value.source.path, value.source.received, value.source.rule) == ("1.5.3.10", "Calcified", "finding: plaque")


def test_the_place_counts() -> None:
    entry = f"  plaque: {{finding: plaque, laterality: left, {MAP}}}\n"
    assert values(matched(entry, plaque(CALCIFIED))) == {}


def test_two_different_choices_are_ambiguous_and_two_equal_ones_are_one() -> None:
    entry = f"  plaque: {{finding: plaque, {MAP}}}\n"
    result = matched(entry, plaque(CALCIFIED, SOFT))
    assert (values(result), result.values["plaque"].absent) == ({}, "temp-unknown")
    assert [one.value for one in result.ambiguous[0].candidates] == ["Calcified", "Ulcerated"]
    assert values(matched(entry, plaque(CALCIFIED, CALCIFIED))) == {"plaque": "hard"}


def test_a_field_of_several_choices_takes_them_all() -> None:
    result = matched(f"  signs: {{finding: plaque, {MAP}}}\n", plaque(CALCIFIED, SOFT, CALCIFIED))
    assert values(result) == {"signs": ("hard", "ulcer")}


def test_a_code_without_a_choice_is_said() -> None:
    unknown = ("1", "99X", "Odd")
    result = matched(f"  plaque: {{finding: plaque, {MAP}}}\n", plaque(CALCIFIED, unknown))
    assert values(result) == {}
    (problem,) = result.problems
    assert (problem.rule, problem.field, problem.path) == ("SM12", "plaque", "1.5.3.11")
    several = matched(f"  signs: {{finding: plaque, {MAP}}}\n", plaque(CALCIFIED, unknown))
    assert (values(several), [one.rule for one in several.problems]) == ({"signs": ("hard",)}, ["SM12"])


def test_a_text_fills_a_text() -> None:
    note = text("CONTAINS", COMMENT, "calm")
    assert values(matched("  note: {finding: comment}\n", said(note))) == {"note": "calm"}
    other = text("CONTAINS", COMMENT, "restless")
    assert values(matched("  note: {finding: comment}\n", said(note, other))) == {}


def test_a_date_fills_a_date_and_a_text_does_not() -> None:
    day = text("CONTAINS", COMMENT, "x")
    day.ValueType, day.Date = "DATE", "20260114"
    del day.TextValue
    assert values(matched("  day: {finding: comment}\n", said(day))) == {"day": "2026-01-14"}
    result = matched("  day: {finding: comment}\n", said(text("CONTAINS", COMMENT, "soon")))
    assert (values(result), [one.rule for one in result.problems]) == ({}, ["SM12"])


def _refused(entry: str) -> list[str]:
    try:
        load_bindings(HEAD + entry, "bindings.yaml", TEMPLATE)
    except Refused as error:
        return [problem.rule for problem in error.problems]
    return []


def test_mistakes_are_refused() -> None:
    assert _refused("  plaque: {finding: plaque, values: {calcified: soft}}\n") == ["SB11"]
    assert _refused("  psv: {finding: comment}\n") == ["SB11"]
    assert _refused("  plaque: {finding: plaque}\n") == ["SB02"]
    assert _refused("  note: {finding: nonsense}\n") == ["SB04"]
    assert _refused("  note: {finding: comment, unit: cm/s}\n") == ["SB01"]
    assert _refused("  note: {finding: comment}\n  psv: {code: psv, unit: cm/s, same sample as: note}\n") == ["SB09"]
