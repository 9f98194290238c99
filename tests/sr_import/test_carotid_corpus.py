"""The generated carotid files against what was put into them: all of it, or nothing and a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from sr_import import Bindings, Match, load_bindings, match, read

WHOLE = [
    *("carotid_sct", "carotid_srt", "carotid_small", "quirk_ge-dup", "quirk_m-per-s", "quirk_units-version"),
    *("quirk_selection-as-conceptmod", "quirk_latin1", "quirk_implicit-vr"),
]
DAMAGED = ["quirk_no-mvs", "quirk_empty-value"]


@pytest.fixture(scope="module")
def bindings() -> Bindings:
    text = (Path(__file__).parent / "carotid_bindings.yaml").read_text(encoding="utf-8")
    return load_bindings(text, "carotid_bindings.yaml", None)


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "corpus" / "sr" / "carotid"


def _truth(folder: Path, name: str) -> dict[str, Decimal]:
    expected = {}
    for row in json.loads((folder / f"{name}.truth.json").read_text(), parse_float=Decimal)["measurements"]:
        for quantity in ("PSV", "EDV"):
            if (value := row.get(f"{quantity}_cm_s")) is not None:
                expected[f"{row['side']} {row['vessel']} {row['segment']} {quantity}"] = Decimal(value)
        if "ratio_ICA_CCA" in row:
            expected[f"{row['side']} ratio"] = Decimal(row["ratio_ICA_CCA"])
    return expected


def _wrong(result: Match, truth: Mapping[str, Decimal]) -> list[str]:
    """Fields that are filled with something else than what was put in, to half a unit of the last digit."""
    said = {field: value for field, value in result.values.items() if value.value is not None}
    filled = {field: value for field, value in said.items() if "worst" not in field}
    assert set(filled) <= set(truth)
    tolerance = {field: Decimal("0.005") if field.endswith("ratio") else Decimal("0.0501") for field in truth}
    return [
        field for field, value in filled.items() if abs(Decimal(str(value.value)) - truth[field]) > tolerance[field]
    ]


@pytest.mark.parametrize("name", WHOLE)
def test_every_value_is_the_one_that_was_put_in(name: str, folder: Path, bindings: Bindings) -> None:
    result, truth = match([read(folder / f"{name}.dcm")], bindings), _truth(folder, name)
    assert set(truth) <= set(result.values)
    assert len(truth) == 42
    assert _wrong(result, truth) == []
    assert (result.ambiguous, result.problems) == ((), ())


@pytest.mark.parametrize("name", DAMAGED)
def test_a_destroyed_value_is_empty_and_says_why(name: str, folder: Path, bindings: Bindings) -> None:
    result, truth = match([read(folder / f"{name}.dcm")], bindings), _truth(folder, name)
    assert _wrong(result, truth) == []
    missing = {field for field in truth if field not in result.values or result.values[field].value is None}
    assert len(missing) == 10
    assert missing <= {problem.field for problem in result.problems if problem.rule == "SM02"}


def test_without_sides_nothing_is_filled_and_the_reason_is_said_once_per_section(
    folder: Path, bindings: Bindings
) -> None:
    result = match([read(folder / "quirk_no-laterality.dcm")], bindings)
    assert (result.values, result.ambiguous) == ({}, ())
    assert [(problem.rule, problem.path) for problem in result.problems] == [("SM01", "1.13"), ("SM01", "1.14")]


def test_the_worst_sample_is_one_sample(folder: Path, bindings: Bindings) -> None:
    values = match([read(folder / "carotid_sct.dcm")], bindings).values
    assert (values["right worst PSV"].value, values["right worst EDV"].value) == ("336.6", "126.1")
    assert values["right worst EDV"].value == values["right ICA prox EDV"].value


def test_every_file_of_the_folder_is_tested(folder: Path) -> None:
    names = {file.stem for file in folder.glob("*.dcm")}
    assert names == {*WHOLE, *DAMAGED, "quirk_no-laterality"}


def test_the_comparison_notices_a_wrong_value(folder: Path, bindings: Bindings) -> None:
    result, truth = match([read(folder / "carotid_sct.dcm")], bindings), _truth(folder, "carotid_sct")
    off = {**truth, "left ICA prox PSV": truth["left ICA prox PSV"] + 1}
    assert _wrong(result, off) == ["left ICA prox PSV"]
