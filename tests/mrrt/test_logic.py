"""Logic files are refused at load, with every problem, its place, and how to mend it: one broken file per rule."""

from __future__ import annotations

import pytest

from mrrt.errors import Refused

from .tiny import BY_CRITERIA, LOGIC, logic

BROKEN = {
    "L1": ("relevant:\n", "relevance:\n"),
    "L2": ("template: 1.2.3", "template: 9.9.9"),
    "L3": ("relevant:\n  character", "relevant:\n  charakter"),
    "L4": ("unit: cm/s", "unit: cm per s"),
    "L5": ("unit: cm/s", "unit: m"),
    "L6": ("[125..230]", "[125..230"),
    "L7": ("    table: |", "    hit policy: SOMETIMES\n    table: |"),
    "L8": ("psv: {side}_psv", "psv: {side}_pvs"),
    "L9": ("grade(psv: ", "grade(velocity: "),
    "L10": ('plaque: plaque)"', 'plaque: {side}_grade)"'),
    "L11": ('"severe"   ||', '"extreme"   ||'),
    "L12": ("    message:", "    severity: grave\n    message:"),
    "L15": ("    table: |", "    complete: true\n    table: |"),
    "L17": ('[125..230] | "present"', '[100..230] | "present"'),
    "L18": ("> 230      | -", "[9..8]     | -"),
    "L19": ('plaque: plaque)"', 'plaque: 5)"'),
    "L20": ('{side}_grade = "severe"', '{side}_grade = "grave"'),
    "L21": ('required:\n  character: plaque = "present"', "required:\n  character: right_psv > left_psv * left_psv"),
    "L22": ('required:\n  character: plaque = "present"', "required:\n  character: plaque"),
    "L23": ("relevant:\n", "notes:\n  no note of a table: {de: keine}\nrelevant:\n"),
    "Y1": ("for each:", "for each: ["),
}


def problems(text: str) -> dict[str, object]:
    with pytest.raises(Refused) as refused:
        logic(text)
    return {problem.rule: problem for problem in refused.value.problems}


@pytest.mark.parametrize("rule", BROKEN)
def test_broken_logic_is_refused_by_its_rule_with_a_place(rule: str) -> None:
    good, bad = BROKEN[rule]
    assert good in LOGIC
    found = problems(LOGIC.replace(good, bad))
    assert rule in found
    place = found[rule]
    assert (place.file, place.line is not None and place.line >= 1) == ("logic.yaml", True)  # type: ignore[attr-defined]


BROKEN_CRITERIA = {
    "L1": ("    by: plaque\n", "    by: plaque\n    expression: plaque\n"),
    "L3": ("  left_psv: {test", "  left_vps: {test"),
    "L8": ("test: left_psv <=", "test: left_vps <="),
    "L11": ('"severe" |\ncalculated', '"extreme" |\ncalculated'),
    "L12": ("message: {en: left", "severity: grave, message: {en: left"),
    "L16": ("      present: ", "      absent: "),
}


@pytest.mark.parametrize("rule", BROKEN_CRITERIA)
def test_broken_criteria_and_constraints_are_refused_by_their_rule(rule: str) -> None:
    good, bad = BROKEN_CRITERIA[rule]
    assert good in BY_CRITERIA
    assert rule in problems(BY_CRITERIA.replace(good, bad))


def test_a_part_that_is_misspelt_is_shown_all_that_there_are() -> None:
    found = problems(LOGIC.replace("for each:\n", "for_each:\n"))["L1"]
    assert "for_each" in found.message and "constraint, for each, functions" in found.mend  # type: ignore[attr-defined]


def test_choice_without_criteria_is_named() -> None:
    text = BY_CRITERIA.replace("      present: ", "      absent: ")
    with pytest.raises(Refused) as refused:
        logic(text)
    said = {problem.message for problem in refused.value.problems if problem.rule == "L16"}
    assert said == {'"present": has no criteria for it', '"absent": "plaque" does not offer it'}


def test_unbroken_logic_is_accepted() -> None:
    assert [calculation.key for calculation in logic().calculations] == ["right_grade", "left_grade"]


@pytest.mark.parametrize(
    ("written", "message", "mend"),
    [
        ("calculated value.right_grad", 'no entry "right_grad"', 'Did you mean "right_grade"?'),
        ("calculated value.plaque", 'no entry "plaque"', "Write calculated value.KEY"),
        ("get entries(calculated value)", "is read one entry at a time", "Write calculated value.KEY"),
    ],
)  # fmt: skip
def test_only_what_is_calculated_can_be_asked_for_as_calculated(written: str, message: str, mend: str) -> None:
    found = problems(LOGIC.replace("calculated:\n", f"calculated:\n  made: {written}\n"))["L8"]
    assert message in found.message  # type: ignore[attr-defined]
    assert mend in found.mend  # type: ignore[attr-defined]


def test_a_value_cannot_be_made_of_what_is_made_of_it() -> None:
    asking = LOGIC.replace("calculated:\n", "calculated:\n  made: calculated value.again\n  again: made\n")
    assert "L10" in problems(asking)


def test_all_problems_are_reported_with_their_lines() -> None:
    text = LOGIC.replace("unit: cm/s", "unit: m").replace('plaque = "present"', 'plaqe = "present"')
    with pytest.raises(Refused) as refused:
        logic(text)
    rules = [problem.rule for problem in refused.value.problems]
    assert rules.count("L5") == 2
    assert rules.count("L8") == 2
    lines = {problem.line for problem in refused.value.problems if problem.rule == "L8"}
    wanted = {number for number, line in enumerate(text.splitlines(), 1) if "plaqe" in line}
    assert lines == wanted


def test_mending_is_suggested() -> None:
    found = problems(LOGIC.replace('plaque = "present"', 'plaqe = "present"'))
    assert found["L8"].mend == 'Did you mean "plaque"?'  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["report language", "calculated value"])
def test_a_function_is_told_that_it_sees_its_parameters_alone(name: str) -> None:
    wrong = f"functions:\n  said:\n    parameters: [x]\n    expression: 'if {name} = x then 1 else 2'\n"
    found = problems(LOGIC.replace("functions:\n", wrong))["L6"]
    assert found.mend == f'A function sees its parameters alone: hand over "{name}" as one.'  # type: ignore[attr-defined]


def test_place_of_a_bad_cell_is_its_line() -> None:
    text = LOGIC.replace("[125..230]", "[125..230")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "[125..230" in row)
    assert problems(text)["L6"].line == line  # type: ignore[attr-defined]


def test_an_alert_is_about_a_field_that_exists() -> None:
    found = problems(LOGIC.replace('field: "{side}_grade"', 'field: "{side}_grad"'))["L3"]
    assert found.message == 'the template has no field "left_grad"'  # type: ignore[attr-defined]
