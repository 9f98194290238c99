"""The generated carotid SRs, from the file to the filled report, by `mrrt fill` as a person calls it.

1. Every value that the SR carries is in its field, on its side, in cm/s, to the decimal that the SR carries.
2. A value that the file destroyed is missing, never a number, and the report says why.
3. Without laterality nothing is filled on either side, and the reason is said.
4. The same files fill the foreign template, graded by its own thresholds.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from reporting.cli import app

from ..conftest import SHARED

FOLDER = SHARED / "corpus" / "sr" / "carotid"
FILES = sorted(FOLDER.glob("*.dcm"))
SIDED = [path for path in FILES if "no-laterality" not in path.stem]
DESTROYED = {"quirk_no-mvs", "quirk_empty-value"}
FOREIGN = SHARED / "corpus" / "mrrt" / "041807.4.1706140001-us_carotis.html"

pytestmark = pytest.mark.skipif(not FILES, reason="the reference material (../shared) is not on this machine")


def fill(template: str, file: Path, *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["fill", template, "--sr", str(file), "--format", "json", *more])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def truth(file: Path) -> list[dict[str, Any]]:
    data = json.loads(file.with_suffix(".truth.json").read_text(encoding="utf-8"))
    return [row for row in data["measurements"] if "vessel" in row]


def field(row: dict[str, Any], quantity: str) -> str:
    vessel = row["vessel"].lower()
    segment = f"_{row['segment']}" if row["segment"] and vessel in ("cca", "ica") else ""
    return f"{row['side']}_{vessel}{segment}_{quantity}"


def wrong(values: dict[str, Any], rows: list[dict[str, Any]], may_lack: frozenset[str]) -> list[str]:
    """Return the fields whose value is not the one that was put into the file."""
    found = []
    for row in rows:
        for quantity in ("psv", "edv"):
            key = field(row, quantity)
            got = values.get(key, {}).get("value")
            if got is None:
                found += [] if key in may_lack else [f"{key} is empty"]
                continue
            meant = Decimal(str(row[f"{quantity.upper()}_cm_s"]))
            # The file rounds the mean of its samples to one decimal; half a unit of that is the tolerance.
            if abs(Decimal(got) - meant) > Decimal("0.0501") or values[key]["unit"] != "cm/s":
                found.append(f"{key} is {got}, not {meant}")
    return found


@pytest.mark.parametrize("file", SIDED, ids=lambda path: path.stem)
def test_values_are_in_their_fields(file: Path) -> None:
    document = fill("us-carotid-duplex", file)
    listed = {entry["field"] for entry in document["ambiguous"]}
    may_lack = frozenset(listed) if file.stem in DESTROYED else frozenset()
    assert wrong(document["values"], truth(file), may_lack) == []
    assert bool(listed) == (file.stem in DESTROYED)
    for entry in document["ambiguous"]:
        assert document["values"].get(entry["field"], {}).get("value") is None
        assert entry["reason"]


@pytest.mark.parametrize("file", SIDED, ids=lambda path: path.stem)
def test_numbers_are_exact_and_name_their_source(file: Path) -> None:
    for key, value in fill("us-carotid-duplex", file)["values"].items():
        if value["provenance"] == "imported" and value["value"] is not None:
            source = value["source"]
            assert source["path"].startswith("1.")
            assert source["document"]
            if source.get("received_unit", "cm/s") == value["unit"]:
                assert value["value"] == source["received"], key


def test_metres_per_second_say_what_they_were_converted_from() -> None:
    values = fill("us-carotid-duplex", FOLDER / "quirk_m-per-s.dcm")["values"]
    value = values["right_ica_prox_psv"]
    assert (value["unit"], value["source"]["received_unit"]) == ("cm/s", "m/s")
    assert Decimal(value["value"]) == Decimal(value["source"]["received"]) * 100


def test_without_laterality_nothing_is_filled_and_the_reason_is_said() -> None:
    document = fill("us-carotid-duplex", FOLDER / "quirk_no-laterality.dcm")
    assert [key for key, value in document["values"].items() if value["provenance"] == "imported"] == []
    assert "right_ica_grade" not in document["derived"]
    assert any("no side" in problem["message"] for problem in document["problems"])
    assert all("laterality" in entry["reason"] or "code" in entry["reason"] for entry in document["unmatched"])


def graded(psv: Decimal | None) -> str | None:
    steps = ((200, "lt50"), (250, "50_59"), (300, "60_69"))
    return None if psv is None else next((grade for limit, grade in steps if psv < limit), "ge70")


@pytest.mark.parametrize("file", SIDED, ids=lambda path: path.stem)
def test_the_foreign_template_is_filled_and_graded_by_its_own_rule(file: Path) -> None:
    document = fill(str(FOREIGN), file)
    for side, letter in (("right", "r"), ("left", "l")):
        rows = {(row["vessel"], row["segment"]): row for row in truth(file) if row["side"] == side}
        highest = max(row["PSV_cm_s"] for (vessel, _), row in rows.items() if vessel in ("ICA", "BULB"))
        got = document["values"].get(f"us_ac_{letter}aci_psv", {}).get("value")
        grade = document["derived"].get(f"us_ac_{letter}aci_stenosis", {}).get("value")
        if file.stem not in DESTROYED:
            assert abs(Decimal(got) - Decimal(str(highest))) <= Decimal("0.0501")
        assert grade == graded(None if got is None else Decimal(got))


def test_the_foreign_template_has_no_grade_without_a_velocity() -> None:
    nothing = fill(str(FOREIGN), FOLDER / "quirk_no-laterality.dcm")
    assert [key for key in nothing["derived"] if "stenosis" in key] == []
    cleared = fill(str(FOREIGN), FOLDER / "carotid_sct.dcm", "--set", "us_ac_raci_psv=")
    assert "us_ac_raci_stenosis" not in cleared["derived"]
    assert "us_ac_laci_stenosis" in cleared["derived"]


def test_the_harness_can_fail() -> None:
    file = FOLDER / "carotid_sct.dcm"
    values, rows = fill("us-carotid-duplex", file)["values"], truth(file)
    swapped = [{**row, "side": "left" if row["side"] == "right" else "right"} for row in rows]
    assert wrong(values, swapped, frozenset())
    assert wrong({}, rows, frozenset())
    assert wrong({key: {**value, "unit": "m/s"} for key, value in values.items()}, rows, frozenset())
