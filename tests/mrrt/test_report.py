"""The layers of a report: what stands, and what lies beneath it."""

from __future__ import annotations

from mrrt.report import DataAbsentReason, Provenance, Report, Value


def imported(value: str | None) -> Value:
    absent = None if value else DataAbsentReason.TEMP_UNKNOWN
    return Value(value=value, absent=absent, provenance=Provenance.IMPORTED)


CALCULATED = Value(value="2", provenance=Provenance.CALCULATED)
BLANK = Value(value=None, absent=DataAbsentReason.UNKNOWN)


def layered(**layers: Value) -> Report:
    return Report(template="t", **{name: {"f": value} for name, value in layers.items()})  # type: ignore[arg-type]


def test_the_strongest_layer_stands_and_covers_what_differs() -> None:
    report = layered(typed=Value(value="1"), imported=imported("3"), calculated=CALCULATED)
    assert report.value("f") == Value(value="1")
    assert report.covered("f") == imported("3")
    assert report.values == {"f": Value(value="1")}


def test_equal_values_cover_nothing() -> None:
    assert layered(typed=Value(value="3"), imported=imported("3")).covered("f") is None


def test_a_typed_blank_stands_above_everything() -> None:
    report = layered(typed=BLANK, imported=imported("3"))
    assert report.value("f") == BLANK
    assert report.covered("f") == imported("3")


def test_an_import_without_value_gives_way_to_what_is_calculated() -> None:
    report = layered(imported=imported(None), calculated=CALCULATED)
    assert report.value("f") == CALCULATED
    assert report.covered("f") is None
    assert layered(imported=imported(None)).value("f") == imported(None)


def test_taking_back_uncovers() -> None:
    report = layered(imported=imported("3")).edit({"f": BLANK})
    assert report.edit({"f": None}).value("f") == imported("3")
    assert report.edit({}).value("f") == BLANK


def test_nothing_said() -> None:
    report = Report(template="t")
    assert (report.value("f"), report.covered("f"), report.values) == (None, None, {})
    assert Report.model_validate_json(report.model_dump_json()) == report
