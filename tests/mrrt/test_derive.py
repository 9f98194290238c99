"""What follows from the values of a report.

1. The faults of the pilot's script stay out: see the names of the tests.
2. What a reader typed stands, above imports and calculations; nothing beneath it is lost.
3. An input that is missing, implausible or in an unknown unit is unknown.
4. The result does not depend on the order of edits.
"""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.problems import Severity
from mrrt.report import Provenance, Source, Value
from mrrt.units import convert

from .tiny import BY_CRITERIA, LOGIC, TEMPLATE, edit, logic, report, standing


def test_grade_follows_the_velocity_on_both_sides() -> None:
    done = report(right_psv="300", left_psv="100")
    assert standing(done, "right_grade") == "severe"
    assert standing(done, "left_grade") == "none"
    assert done.criteria == ("Test 2026",)
    assert done.explanations["right_grade"].rule == 3
    assert done.explanations["right_grade"].text == "fast"
    assert done.explanations["right_grade"].inputs == {"psv": "300", "plaque": "unknown"}


NOTES = LOGIC.replace("relevant:\n", "notes:\n  fast: {de: schnell}\nrelevant:\n")


def test_notes_are_told_in_the_language_of_the_report() -> None:
    values = {"right_psv": "300", "left_psv": "100"}
    typed = {key: entered(TEMPLATE.field_by_key[key], value) for key, value in values.items()}
    said = {
        language: [
            derive(start(TEMPLATE, language).edit(typed), TEMPLATE, logic(NOTES)).explanations[key].text
            for key in ("right_grade", "left_grade")
        ]
        for language in ("en", "de", "fr")
    }
    assert said == {"en": ["fast", "slow"], "de": ["schnell", "slow"], "fr": ["fast", "slow"]}


def test_zero_is_no_grade() -> None:
    done = report(right_psv="0")
    assert standing(done, "right_grade") is None
    assert [problem.rule for problem in done.problems] == ["V3"]


def test_clearing_the_velocity_clears_the_grade() -> None:
    graded = report(right_psv="300")
    cleared = edit(graded, right_psv="")
    assert standing(cleared, "right_grade") is None
    assert "right_grade" not in cleared.calculated
    assert cleared.criteria == ()
    assert cleared.problems == ()


def test_missing_input_leaves_the_grade_open_and_is_named() -> None:
    done = report(right_psv="200")
    assert standing(done, "right_grade") is None
    assert done.explanations["right_grade"].unknown == ("plaque",)
    assert standing(edit(done, plaque="present"), "right_grade") == "moderate"


def test_stored_codes_are_the_same_for_both_sides() -> None:
    done = report(right_psv="300", left_psv="300")
    assert standing(done, "right_grade") == standing(done, "left_grade") == "severe"


def test_units_are_converted_and_unknown_ones_refused() -> None:
    assert standing(report(right_psv="3 m/s"), "right_grade") == "severe"
    kilohertz = start(TEMPLATE).fill({"right_psv": Value(value="4", unit="kHz", provenance=Provenance.IMPORTED)})
    done = derive(kilohertz, TEMPLATE, logic())
    assert standing(done, "right_grade") is None
    assert [problem.rule for problem in done.problems] == ["V2"]


@pytest.mark.parametrize("text", ["12,5x", "NaN", "10.50/ 15.00"])
def test_imported_text_that_is_no_number_is_unknown(text: str) -> None:
    odd = start(TEMPLATE).fill({"right_psv": Value(value=text, unit="cm/s", provenance=Provenance.IMPORTED)})
    done = derive(odd, TEMPLATE, logic())
    assert standing(done, "right_grade") is None
    assert [problem.rule for problem in done.problems] == ["V1"]


def test_reader_stands_above_import_and_calculation() -> None:
    source = Source(document="1.2", path="1.5")
    imported = Value(value="300", unit="cm/s", provenance=Provenance.IMPORTED, source=source)
    draft = derive(start(TEMPLATE).fill({"right_psv": imported}), TEMPLATE, logic())
    assert standing(draft, "right_grade") == "severe"
    typed = edit(draft, right_psv="100")
    assert standing(typed, "right_grade") == "none"
    assert typed.covered("right_psv") == imported
    late = derive(typed.fill({"right_psv": imported.model_copy(update={"value": "310"})}), TEMPLATE, logic())
    assert standing(late, "right_psv") == "100"
    back = derive(typed.edit({"right_psv": None}), TEMPLATE, logic())
    assert standing(back, "right_psv") == "300"
    assert standing(back, "right_grade") == "severe"


def test_typed_grade_stands_and_the_calculated_one_is_kept_beside_it() -> None:
    done = report(right_psv="300", right_grade="moderate")
    assert standing(done, "right_grade") == "moderate"
    assert done.covered("right_grade") == done.calculated["right_grade"]
    assert done.problems == ()  # the alert follows the reader
    cleared = edit(done, right_grade="-")
    assert standing(cleared, "right_grade") is None


def test_relevance_requirement_and_alert() -> None:
    without = report(plaque="none")
    assert without.irrelevant == {"character"}
    assert without.required == frozenset()
    with_plaque = report(plaque="present", right_psv="300")
    assert with_plaque.irrelevant == frozenset()
    assert with_plaque.required == {"character"}
    assert [(problem.rule, problem.message) for problem in with_plaque.problems] == [("right_severe", "severe")]


def test_a_hidden_field_keeps_its_answer() -> None:
    hidden = edit(report(plaque="present", character="soft"), plaque="none")
    assert "character" in hidden.irrelevant
    assert standing(edit(hidden, plaque="present"), "character") == "soft"


def test_conflicting_rules_are_an_error_not_a_choice() -> None:
    text = LOGIC.replace("> 230 ", "> 100 * 2 ")  # No proof looks into cells that compute something.
    done = report(text, right_psv="220", plaque="present")
    assert standing(done, "right_grade") is None
    assert [problem.rule for problem in done.problems] == ["V4"]
    assert "all apply, but only one may: no value" in done.problems[0].message


def test_conflicting_rules_are_named_in_the_language_of_the_report() -> None:
    text = LOGIC.replace("> 230 ", "> 100 * 2 ")
    english = report(text, right_psv="220", plaque="present")
    german = derive(english.model_copy(update={"language": "de"}), TEMPLATE, logic(text))
    assert "treffen zugleich zu, es darf aber nur eine: kein Wert" in german.problems[0].message
    assert "treffen zugleich zu" in german.explanations["right_grade"].text


def test_order_of_edits_of_different_fields_does_not_matter() -> None:
    values = {"right_psv": "200", "left_psv": "240", "plaque": "present"}
    whole = report(**values)
    for order in itertools.permutations(values):
        done = start(TEMPLATE)
        for key in order:
            done = edit(done, **{key: values[key]})
        assert done == whole


@given(st.decimals(min_value=5, max_value=700, places=1), st.sampled_from([None, "none", "present"]))
def test_unit_never_changes_a_grade(psv: Decimal, plaque: str | None) -> None:
    in_cm = report(right_psv=str(psv), plaque=plaque)
    in_m = start(TEMPLATE).fill(
        {"right_psv": Value(value=str(convert(psv, "cm/s", "m/s")), unit="m/s", provenance=Provenance.IMPORTED)}
    )
    in_m = edit(in_m, plaque=plaque)
    assert standing(in_cm, "right_grade") == standing(in_m, "right_grade")


@given(st.lists(st.tuples(st.sampled_from(["right_psv", "plaque"]), st.sampled_from(["", "200", "240", "present"]))))
def test_history_does_not_matter_only_what_stands(edits: list[tuple[str, str]]) -> None:
    fitting = [(key, value) for key, value in edits if value == "" or (value == "present") == (key == "plaque")]
    draft = report()
    for key, value in fitting:
        draft = edit(draft, **{key: value})
    last = {key: entered(TEMPLATE.field_by_key[key], value) for key, value in fitting}
    assert draft == derive(start(TEMPLATE).edit(last), TEMPLATE, logic())


def test_the_criteria_in_force_grade() -> None:
    native = report(BY_CRITERIA, right_psv="110", plaque="none")
    assert standing(native, "right_grade") == "none"
    assert native.criteria == ("Test 2026",)
    strict = edit(native, BY_CRITERIA, plaque="present")
    assert standing(strict, "right_grade") == "severe"
    assert strict.criteria == ("Strict 2026",)
    assert strict.explanations["right_grade"].criteria == "Strict 2026"


def test_while_the_criteria_are_unknown_a_value_stands_only_if_all_agree() -> None:
    assert standing(report(BY_CRITERIA, right_psv="50"), "right_grade") == "none"
    assert standing(report(BY_CRITERIA, right_psv="110"), "right_grade") is None


def test_a_constraint_that_is_false_is_a_problem_and_an_unknown_one_is_none() -> None:
    assert report(BY_CRITERIA, left_psv="90").problems == ()
    wrong = [
        problem for problem in report(BY_CRITERIA, left_psv="200", right_psv="100").problems if problem.rule == "V5"
    ]
    assert [(problem.field, problem.message, problem.severity) for problem in wrong] == [
        ("left_psv", "left is faster", Severity.ERROR)
    ]


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [("4", "kHz", "unsupported"), ("1800", "cm/s", "error"), ("0", "cm/s", "not-performed"),
     ("x", "cm/s", "not-a-number"), ("80", "cm/s", None)],
)  # fmt: skip
def test_the_logic_may_ask_why_a_value_was_refused(value: str, unit: str, reason: str | None) -> None:
    asking = logic(LOGIC.replace("calculated:\n", "calculated:\n  why: data absent reason.right_psv\n"))
    given = {"right_psv": Value(value=value, unit=unit, provenance=Provenance.IMPORTED)}
    assert standing(derive(start(TEMPLATE).fill(given), TEMPLATE, asking), "why") == reason


OVERRULED = """calculated:
  otherwise: 'calculated value.right_grade != right_grade'
  made: calculated value.right_grade
"""


def test_the_logic_may_ask_what_it_calculated_itself_below_what_the_reader_typed() -> None:
    asking = logic(LOGIC.replace("calculated:\n", OVERRULED))
    draft = derive(report(right_psv="300", right_grade="none"), TEMPLATE, asking)
    assert (standing(draft, "made"), standing(draft, "otherwise")) == ("severe", True)
    slower = draft.edit({"right_psv": entered(TEMPLATE.field_by_key["right_psv"], "100")})
    draft = derive(slower, TEMPLATE, asking, {"right_psv"})
    assert (standing(draft, "made"), standing(draft, "otherwise")) == ("none", False)


@pytest.mark.parametrize(
    ("typed", "credited"),
    [({}, True), ({"right_grade": "severe"}, True), ({"right_grade": "none"}, False),
     ({"right_grade": "none", "left_psv": "300"}, True)],
)  # fmt: skip
def test_criteria_are_not_credited_with_what_the_reader_says_otherwise(typed: dict[str, str], credited: bool) -> None:
    assert report(right_psv="300", **typed).criteria == (("Test 2026",) if credited else ())


LATE = '  repeat: when > date("2026-01-31")\n'


def test_dates_are_compared_as_dates() -> None:
    text = LOGIC.replace("relevant:\n", f"relevant:\n{LATE}")
    assert "repeat" in report(text, when="2026-01-31").irrelevant
    assert "repeat" not in report(text, when="2026-02-01").irrelevant
    assert "repeat" not in report(text).irrelevant


def test_a_date_that_is_none_is_a_problem() -> None:
    odd = start(TEMPLATE).fill({"when": Value(value="31 January", provenance=Provenance.IMPORTED)})
    (problem,) = derive(odd, TEMPLATE, logic(LOGIC.replace("relevant:\n", f"relevant:\n{LATE}"))).problems
    assert (problem.rule, problem.field) == ("V1", "when")
