"""The worked cases of SRU 2003 in the reference material, through the shipped template, on both sides."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.report import Report
from templates_lib.loader import TemplateFolder, find

LUMEN = {"marked_narrowing": "markedly_narrowed", "no_lumen": "none", "normal": "patent", "patent": "patent"}


@pytest.fixture(scope="module")
def carotid() -> TemplateFolder:
    return find("us-carotid-duplex")


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    data = json.loads((shared / "clinical" / "cases.json").read_text(encoding="utf-8"))
    return next(rules["cases"] for rules in data["rulesets"] if rules["ruleset"] == "carotid_sru_2003")


def entries(side: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Translate the inputs of a case to what a reader enters on one side."""
    plain = {
        "plaque": f"{side}_plaque",
        "flow": f"{side}_flow",
        "plaque_estimate_pct": f"{side}_plaque_estimate",
        "ratio_reported": f"{side}_ica_cca_ratio_sent",
    }
    places = {"ica_psv": f"{side}_ica_prox_psv", "ica_edv": f"{side}_ica_prox_edv", "cca_psv": f"{side}_cca_dist_psv"}
    found = {field: str(inputs[key]) for key, field in plain.items() if key in inputs}
    found |= {f: f"{inputs[key]['value']} {inputs[key]['unit']}" for key, f in places.items() if key in inputs}
    if "visual" in inputs:
        found[f"{side}_lumen"] = LUMEN[inputs["visual"]]
    if circumstances := [item for item in inputs.get("context", []) if item != "stent"]:
        found[f"{side}_circumstances"] = circumstances
    if "stent" in inputs.get("context", []):
        found[f"{side}_history"] = "stent"
    return found


def fill(folder: TemplateFolder, values: dict[str, Any]) -> Report:
    fields = folder.template.field_by_key
    draft = start(folder.template).edit({key: entered(fields[key], raw) for key, raw in values.items()})
    return derive(draft, folder.template, folder.logic)


@pytest.mark.parametrize("side", ["right", "left"])
def test_every_case(side: str, carotid: TemplateFolder, cases: list[dict[str, Any]]) -> None:
    wrong = [
        case["id"] for case in cases if not agrees(fill(carotid, entries(side, case["inputs"])), side, case["expected"])
    ]
    assert len(cases) >= 14
    assert wrong == []


def agrees(report: Report, side: str, expected: dict[str, Any]) -> bool:
    def said(key: str) -> Any:
        value = report.value(f"{side}_{key}")
        return None if value is None else value.value

    ratio = said("ica_cca_ratio")
    ratio_agrees = "ratio" not in expected or (ratio is not None and Decimal(ratio) == Decimal(str(expected["ratio"])))
    flags = report.calculated.get(f"{side}_caution_codes")
    found = set(flags.value) if flags and isinstance(flags.value, tuple) else set()
    return said("ica_grade") == expected["category"] and found == set(expected["flags"]) and ratio_agrees


def test_the_harness_can_fail(carotid: TemplateFolder, cases: list[dict[str, Any]]) -> None:
    case = cases[0]
    report = fill(carotid, entries("right", case["inputs"]))
    assert agrees(report, "right", case["expected"])
    assert not agrees(report, "right", {**case["expected"], "category": "ge70"})
    assert not agrees(report, "right", {**case["expected"], "flags": ["ratio_lower"]})
    assert not agrees(report, "left", case["expected"])
