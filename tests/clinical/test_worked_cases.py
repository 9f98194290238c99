"""Worked cases of the carotid criteria through the shipped template, on both sides: ours and those of the reference.

The runner itself is shown to fail: on a wrong class, a wrong caution, and whatever it does not understand.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mrrt.derive import derive
from mrrt.derive.explain import explain
from mrrt.entry import entered, start
from mrrt.template import Field
from reporting.logic_cases import run_cases
from reporting.templates import compiled
from templates_lib.loader import SHIPPED, find

from ..worked_cases import fill, folder, lines, main, read_cases, run

OWN = Path(__file__).parent / "carotid_cases.json"
RULESETS = ["sr_selection", "sru_2003", "iac_2021", "degum_2010", "uk_2009", "post_intervention"]
TEMPLATE = "us-carotid-duplex"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@pytest.mark.parametrize("ruleset", RULESETS)
def test_own_cases(ruleset: str) -> None:
    results = [run(name, case) for name, case in read_cases(OWN) if name == f"carotid_{ruleset}"]
    assert len(results) >= 15
    assert list(lines([one for one in results if one.failed]))[:-1] == []


@pytest.mark.parametrize("ruleset", RULESETS)
def test_cases_of_the_reference(ruleset: str, shared: Path) -> None:
    cases = read_cases(shared / "clinical" / "cases.json")
    results = [run(name, case) for name, case in cases if name == f"carotid_{ruleset}"]
    assert len(results) >= 7
    assert list(lines([one for one in results if one.failed]))[:-1] == []


def test_cases_of_the_template() -> None:
    text = (SHIPPED / TEMPLATE / "cases.yaml").read_text(encoding="utf-8")
    results = run_cases(text, "cases.yaml", compiled(find(TEMPLATE).source))
    assert [(one.name, one.misses, one.refused) for one in results if not one.passed] == []


EDGES: dict[str, tuple[int, ...]] = {
    "sru_2003": (125, 230),
    "iac_2021_a": (180, 230),
    "iac_2021_b": (125, 230),
    "degum_2010": (175, 225, 275, 325),
    "lal_2008": (150, 220, 340),
    "chi_2007": (240, 450),
    "aburahma_2007": (155,),
    "aburahma_2008": (154, 224, 325),
    "crest": (300,),
    "space": (210,),
    "aburahma_2009": (155, 213, 274),
}
"""Where the PSV alone changes the class, by the criteria: SOURCE.md."""


def settings(criteria: str) -> dict[str, str]:
    if criteria == "aburahma_2009":
        return {"left_history": "endarterectomy_patch"}
    stents = ("lal_2008", "chi_2007", "aburahma_2007", "aburahma_2008", "crest", "space")
    return {"left_history": "stent", "stent_criteria": criteria} if criteria in stents else {"criteria": criteria}


MEASURED = {"psv", "edv", "ratio", "post psv", "st marys"}


def test_no_threshold_of_a_table_can_be_rounded_onto() -> None:
    """The list of limits repeats what tables compare with: a threshold that is in one alone is named."""
    functions = find(TEMPLATE).logic.functions
    thresholds = set[str]()
    for knowledge in functions.values():
        rows = [[cell.strip() for cell in row.split("|")] for row in knowledge.text.strip().splitlines()]
        for row in rows[1:] if knowledge.table is not None else ():
            cells = (cell for head, cell in zip(rows[0], row, strict=True) if head in MEASURED)
            thresholds |= {number for cell in cells for number in _NUMBER.findall(cell)}
    assert {"225", "2.45", "40", "30", "22"} <= thresholds
    assert thresholds - set(_NUMBER.findall(functions["limits"].text)) == set()


@pytest.mark.parametrize(("criteria", "edge"), [(one, edge) for one, edges in EDGES.items() for edge in edges])
def test_the_velocity_of_the_sentence_is_of_the_class_of_the_sentence(criteria: str, edge: int) -> None:
    def answer(psv: str) -> tuple[Any, str]:
        given = {**settings(criteria), "left_ica_prox_psv": psv, "left_cca_dist_psv": "50", "left_cca_dist_edv": "12"}
        values = fill(folder(TEMPLATE), given).values
        said = re.search(r"PSV ([\d.]+) cm/s", str(values["left_impression"].value))
        assert said, values["left_impression"].value
        return values["left_ica_grade"].value, said[1]

    for offset in ("-0.04", "-0.0004", "0", "0.0004", "0.04"):
        grade, said = answer(str(edge + Decimal(offset)))
        assert (answer(said)[0], criteria, said) == (grade, criteria, said)
    assert len({answer(str(edge + Decimal(offset)))[0] for offset in ("-0.04", "0", "0.04")}) == 2, "it is an edge"


def test_every_reason_is_to_be_had_in_german() -> None:
    logic = compiled(find(TEMPLATE).source).logic
    tables = [one.table for one in logic.functions.values() if one.table]
    noted = {rule.annotation for table in tables for rule in table.rules} - {""}
    assert len(noted) > 80
    assert {note for note in noted if "de" not in logic.table_notes.get(note, {})} == set()


# The runner can fail ------------------------------------------------------------------------------------------------

CASE: dict[str, Any] = {
    "id": "one",
    "inputs": {"ica_psv": {"value": 150, "unit": "cm/s"}, "cca_psv": {"value": 70, "unit": "cm/s"}, "plaque": "none"},
    "expected": {"category": "indeterminate", "flags": ["elevated_velocity_no_plaque", "missing_edv"], "ratio": 2.14},
}


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    case = copy.deepcopy(CASE)
    for part, changes in parts.items():
        case[part].update(changes)
    return case


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"expected": {"category": "50_69"}}, "category: expected 50_69, got indeterminate"),
        ({"expected": {"category": None}}, "category: expected no value"),
        ({"expected": {"flags": ["missing_edv"]}}, "flags: expected [missing_edv]"),
        ({"expected": {"flags": []}}, "flags: expected []"),
        ({"expected": {"ratio": 2.15}}, "ratio: expected 2.15, got 2.14"),
        ({"expected": {"certainty": 1}}, 'expectation not understood: "certainty"'),
        ({"expected": {"tol_psv": 1}}, 'expectation not understood: "tol_psv"'),
        ({"inputs": {"ica_pvs": 1}}, 'input not understood: "ica_pvs"'),
        ({"inputs": {"context": ["moon"]}}, 'input not understood: "context" is moon'),
        ({"inputs": {"visual": {"R": "x"}}}, "input not understood"),
        ({"inputs": {"plaque": "perhaps"}}, "perhaps"),
        ({"inputs": {"ica_psv": {"value": 150}}}, "no quantity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_runner_can_fail(parts: dict[str, dict[str, Any]], said: str) -> None:
    assert not run("carotid_sru_2003", CASE).failed
    result = run("carotid_sru_2003", changed(**parts))
    assert len(result.differences) == 2
    assert all(said in one for one in result.differences)


def test_a_tolerance_is_absolute() -> None:
    assert not run("carotid_sru_2003", changed(expected={"ratio": 2.15, "tol_ratio": 0.01})).failed
    assert run("carotid_sru_2003", changed(expected={"ratio": 2.16, "tol_ratio": 0.01})).failed


@pytest.mark.parametrize(
    "section",
    [{"laterality": "X", "groups": []}, {"laterality": "R", "groups": [{"vessel": "AORTA"}]},
     {"laterality": "R", "groups": [{"vessel": "ICA", "colour": 1}]}, {"laterality": "R", "groups": [], "more": 1}],
    ids=["side", "vessel", "group key", "section key"],
)  # fmt: skip
def test_sections_that_are_not_understood_fail(section: dict[str, Any]) -> None:
    case = {"id": "one", "inputs": {"sections": [section]}, "expected": {"R": {"flags": []}}}
    assert "input not understood" in run("carotid_sr_selection", case).differences[0]


def test_an_expectation_of_the_wrong_side_fails() -> None:
    case = next(case for name, case in read_cases(OWN) if name == "carotid_sr_selection" and "L" in case["expected"])
    turned = {**case, "expected": {"R": case["expected"]["L"]}}
    assert run("carotid_sr_selection", turned).failed


def written(folder: Path, **rulesets: list[dict[str, Any]]) -> str:
    file = folder / "cases.json"
    file.write_text(json.dumps({"rulesets": [{"ruleset": name, "cases": cases} for name, cases in rulesets.items()]}))
    return str(file)


def test_exit_codes_and_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = changed(expected={"category": "ge70"})
    assert main([written(tmp_path, carotid_sru_2003=[CASE], no_such_rules=[CASE, CASE])]) == 0
    out = capsys.readouterr().out
    assert "pass one" in out
    assert "not run: no_such_rules, 2 cases" in out
    assert out.endswith("1 passed, 0 failed, 2 not run\n")
    assert main([written(tmp_path, carotid_sru_2003=[CASE, wrong])]) == 1
    assert "FAIL one\n     right: category" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"rulesets": 1}', '{"rulesets": [{"ruleset": "a", "cases": [{}]}]}'])
def test_a_file_that_cannot_be_read(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text)
    assert main([str(file)]) == 3
    assert str(file) in capsys.readouterr().err
    assert main([str(tmp_path / "none.json")]) == 3
    assert main([]) == 3


# The page -----------------------------------------------------------------------------------------------------------


def test_left_and_right_are_the_same_but_for_the_side() -> None:
    fields = find(TEMPLATE).template.field_by_key
    sided = [key for key in fields if key.startswith("right_")]
    assert len(sided) > 40
    assert {key.replace("right_", "left_") for key in sided} == {key for key in fields if key.startswith("left_")}
    for key in sided:
        assert looks(fields[key]) == looks(fields[key.replace("right_", "left_")])


def looks(field: Field) -> tuple[Any, ...]:
    choices = [(choice.value, choice.text, choice.translations) for choice in field.choices]
    return field.kind, field.unit, field.section, choices


def test_only_the_criteria_in_force_show_their_fields() -> None:
    folder = find(TEMPLATE)
    fields = folder.template.field_by_key

    def hidden(**values: str) -> set[str]:
        draft = start(folder.template).edit({key: entered(fields[key], raw) for key, raw in values.items()})
        return {"degum", "uk", "stent_criteria"} & derive(draft, folder.template, folder.logic).irrelevant

    assert hidden() == {"degum", "uk", "stent_criteria"}
    assert hidden(criteria="degum_2010") == {"uk", "stent_criteria"}
    assert hidden(criteria="uk_2009") == {"degum", "stent_criteria"}
    assert hidden(left_history="stent") == {"degum", "uk"}
    assert hidden(criteria="uk_2009", right_history="stent", left_history="stent") == {"degum", "uk"}


SEVERE = {"ge70", "near_occlusion", "total_occlusion", "70", "80", "90", "occlusion", "ge80", "gt70"}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "criteria", ["sru_2003", "iac_2021_a", "iac_2021_b", "degum_2010", "uk_2009", "stent", "patch"]
)
def test_every_class_has_its_words_and_severe_ones_an_alert(criteria: str, language: str) -> None:
    folder = find(TEMPLATE)
    fields = folder.template.field_by_key
    settings = {"stent": {"left_history": "stent"}, "patch": {"left_history": "endarterectomy_patch"}}
    given = settings.get(criteria, {"criteria": criteria})
    for choice in fields["left_ica_grade"].choices:
        if choice.blank:
            continue
        typed = {key: entered(fields[key], raw) for key, raw in {**given, "left_ica_grade": choice.value}.items()}
        report = derive(start(folder.template, language).edit(typed), folder.template, folder.logic)
        value = report.value("left_impression")
        assert value is not None, choice.value
        assert str(value.value).startswith("ACI links: " if language == "de" else "Left ICA: ")
        reaches_70 = "-" in choice.value and int(choice.value.split("-")[1]) >= 70
        alerted = any(problem.rule == "left_high_grade" for problem in report.problems)
        assert alerted == (choice.value in SEVERE or reaches_70), choice.value


def test_every_caution_has_its_words() -> None:
    folder = find(TEMPLATE)
    table = folder.logic.functions["caution text"].table
    assert table is not None
    spoken = {getattr(test, "value", None) for rule in table.rules for test in rule.cells[0].tests}
    flags = {flag for _, case in read_cases(OWN) for flag in case["expected"].get("flags", ())}
    not_printed = {"cca_distal_and_mid_missing", "derived_mean_used", "multiple_values"}
    assert flags - not_printed <= spoken
    assert len(table.rules) == 2 * len(spoken)


def test_the_class_by_other_criteria_is_what_they_would_say_in_force() -> None:
    folder = find(TEMPLATE)
    fields = folder.template.field_by_key
    seen = {
        "ica_prox_psv": "240",
        "ica_prox_edv": "80",
        "cca_dist_psv": "70",
        "cca_dist_edv": "12",
        "plaque": "present",
    }

    def reasons(**values: str) -> Mapping[str, str | None]:
        given = {f"right_{key}": raw for key, raw in seen.items()} | values
        typed = {key: entered(fields[key], raw) for key, raw in given.items()}
        report = derive(start(folder.template).edit(typed), folder.template, folder.logic)
        shown = explain(report, folder.template, folder.logic, "right_ica_grade").by_criteria
        return {one.key: one.value for one in shown}

    native = ["sru_2003", "iac_2021_a", "iac_2021_b", "degum_2010", "uk_2009"]
    first = reasons(criteria="sru_2003")
    assert first == {
        "sru_2003": "ge70",
        "iac_2021_a": "ge70",
        "iac_2021_b": "ge70",
        "degum_2010": "60",
        "uk_2009": "ge70",
    }
    assert all(reasons(criteria=key) == first for key in native)
    in_stent = reasons(right_history="stent")
    assert {in_stent[key] for key in native} == {"not_applicable"}
    assert (in_stent["lal_2008"], in_stent["aburahma_2008"]) == ("50_79", "50_79")
    assert reasons(right_history="endarterectomy_patch") == {**first, "aburahma_2009": "50_69"}
