"""Why a value is what it is.

1. What would flip a decision is true: at the values named the decision says so, and just before them it does not.
2. Inputs come with unit, provenance and place in their document; the missing ones that matter are named.
3. Other criteria are applied to the same values, and what the reader typed stands beside what was calculated.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.derive import derive
from mrrt.derive.explain import Flip, Reasons, explain, explain_all
from mrrt.entry import start
from mrrt.errors import NotFound
from mrrt.report import Explanation, Provenance, Source, Value

from .derivations import subject
from .tiny import BY_CRITERIA, LOGIC, TEMPLATE, edit, logic, report, standing

NEAR = Decimal("0.0001")


def reasons(text: str = LOGIC, /, **values: object) -> Reasons:
    return explain(report(text, **values), TEMPLATE, logic(text), "right_grade")


def said(found: Reasons) -> list[tuple[str, str, str | None, str]]:
    return [(one.input, one.text, one.change, one.outcome) for one in found.flips]


def test_the_nearest_other_class_below_and_above() -> None:
    found = reasons(right_psv="200", plaque="present")
    assert (found.decision, found.rule, found.criteria) == ("grade", 2, "Test 2026")
    assert ("right_psv", "below 125 cm/s", "-75", "none") in said(found)
    assert ("right_psv", "above 230 cm/s", "+30", "severe") in said(found)


def test_a_closed_end_belongs_to_the_other_class() -> None:
    found = reasons(right_psv="336", plaque="present")
    assert ("right_psv", "at most 230 cm/s", "-106", "moderate") in said(found)
    assert next(one.rule for one in found.flips if one.input == "right_psv") == 2


def test_on_an_end_the_next_class_begins_at_once() -> None:
    assert ("right_psv", "below 125 cm/s", "0", "none") in said(reasons(right_psv="125", plaque="present"))


def test_values_that_are_not_plausible_flip_nothing() -> None:
    text = LOGIC.replace("[5..700]", "[5..230]")
    assert [one for one in said(reasons(text, right_psv="200", plaque="present")) if one[3] == "severe"] == []


def test_a_missing_input_that_matters_is_named_and_one_that_does_not_is_not() -> None:
    open_grade = reasons(right_psv="200")
    assert open_grade.missing == ("plaque",)
    assert said(open_grade)[0] == ("plaque", "present", None, "moderate")
    assert reasons(right_psv="300").missing == ()
    no_velocity = reasons(plaque="present")
    assert [(one.text, one.outcome) for one in no_velocity.flips if one.input == "right_psv"] == [
        ("below 125 cm/s", "none"), ("at least 125 cm/s and at most 230 cm/s", "moderate"), ("above 230 cm/s", "severe")
    ]  # fmt: skip


def _value_at(flip: Flip, before: bool) -> Decimal | None:
    """Return a value within the flip next to its end, or just before it on the way from the present value."""
    upwards = flip.high is None
    end = Decimal((flip.low if upwards else flip.high) or "0")
    closed = flip.low_closed if upwards else flip.high_closed
    step = NEAR if upwards else -NEAR
    if before:
        return end - step if closed else end
    return end if closed else end + step


@given(st.decimals(min_value=5, max_value=700, places=1), st.sampled_from([None, "none", "present"]))
def test_flips_are_true_and_exact(psv: Decimal, plaque: str | None) -> None:
    present = report(right_psv=str(psv), plaque=plaque)
    for flip in explain(present, TEMPLATE, logic(), "right_grade").flips:
        if flip.input == "right_psv":
            assert standing(edit(present, right_psv=str(_value_at(flip, False))), "right_grade") == flip.outcome
            assert standing(edit(present, right_psv=str(_value_at(flip, True))), "right_grade") != flip.outcome
        else:
            assert standing(edit(present, plaque=flip.low), "right_grade") == flip.outcome


@given(st.decimals(min_value=5, max_value=700, places=1), st.sampled_from([None, "none", "present"]))
def test_between_two_flips_nothing_changes(psv: Decimal, plaque: str | None) -> None:
    present = report(right_psv=str(psv), plaque=plaque)
    ends = {one.high is None: one for one in explain(present, TEMPLATE, logic(), "right_grade").flips
            if one.input == "right_psv"}  # fmt: skip
    low, high = (_value_at(ends[up], True) if up in ends else None for up in (False, True))
    for value in (low or Decimal(5), high or Decimal(700)):
        now = standing(present, "right_grade")
        assert standing(edit(present, right_psv=str(value)), "right_grade") in (now, None)


def test_a_turn_that_lies_at_no_constant_is_come_close_to() -> None:
    text = LOGIC.replace("grade(psv: {side}_psv,", "grade(psv: {side}_psv * 3,")
    found = reasons(text, right_psv="50", plaque="present")
    turns = {one.outcome: one for one in found.flips if one.input == "right_psv"}
    assert abs(Decimal(turns["none"].high or 0) - Decimal(125) / 3) < NEAR
    assert turns["none"].about
    assert turns["none"].text.startswith("about: ")


def test_what_compares_a_magnitude_turns_below_zero_too() -> None:
    known = subject("drg-us-carotis")
    before = Value(value="-240", unit="cm/s", provenance=Provenance.IMPORTED)
    done = known.derived(start(known.template).fill({"us_ac_raci_psv": before}))
    found = explain(done, known.template, known.logic, "us_ac_raci_stenosis")
    assert [(one.text, one.outcome) for one in found.flips] == [
        ("at most -250 cm/s", "60_69"), ("above -200 cm/s", "lt50")
    ]  # fmt: skip


def test_inputs_say_where_they_came_from() -> None:
    source = Source(document="1.2.3.4", path="1.5.2", received="3.36", received_unit="m/s")
    imported = Value(value="3.36", unit="m/s", provenance=Provenance.IMPORTED, source=source)
    done = derive(start(TEMPLATE).fill({"right_psv": imported}), TEMPLATE, logic())
    found = {one.name: one for one in explain(done, TEMPLATE, logic(), "right_grade").inputs}
    psv = found["right_psv"]
    assert (psv.parameter, psv.value, psv.unit, psv.provenance) == ("psv", "336", "cm/s", Provenance.IMPORTED)
    assert psv.source == source
    assert (found["plaque"].value, found["plaque"].provenance) == (None, None)


def test_a_calculated_input_says_what_it_was_made_from() -> None:
    known = subject("us-carotid-duplex")
    source = Source(document="1.2.3.4", path="1.5.2")
    imported = Value(value="336", unit="cm/s", provenance=Provenance.IMPORTED, source=source)
    done = known.derived(start(known.template).fill({"right_ica_prox_psv": imported}))
    found = {one.name: one for one in explain(done, known.template, known.logic, "right_ica_grade").inputs}
    behind = {one.name: one for one in found["right_ica_psv"].made_from}
    assert found["right_ica_psv"].provenance is Provenance.CALCULATED
    assert behind["right_ica_prox_psv"].source == source
    assert "right_ica_dist_psv" not in behind


def test_an_input_that_is_not_used_says_why() -> None:
    found = {one.name: one for one in reasons(right_psv="0").inputs}
    assert (found["right_psv"].value, found["right_psv"].absent) == (None, "not-performed")


def test_other_criteria_see_the_same_values() -> None:
    found = reasons(BY_CRITERIA, right_psv="110", plaque="none")
    assert [(one.criteria, one.value, one.in_force) for one in found.by_criteria] == [
        ("Test 2026", "none", True), ("Strict 2026", "severe", False)
    ]  # fmt: skip
    assert [one.key for one in reasons(BY_CRITERIA, right_psv="200", plaque="none").by_criteria] == ["present"]


def test_what_the_reader_typed_stands_beside_what_was_calculated() -> None:
    found = reasons(right_psv="300", right_grade="none")
    assert found.calculated is not None
    assert found.standing is not None
    assert (found.calculated.value, found.standing.value) == ("severe", "none")
    assert reasons(right_psv="300").standing is None


def test_a_stored_report_explains_itself_as_a_fresh_one_does() -> None:
    known = subject("us-carotid-duplex")
    typed = {"right_ica_prox_psv": Value(value="336", unit="cm/s"), "right_plaque": Value(value="present")}
    fresh = known.derived(start(known.template).edit(dict(typed)))
    stored = type(fresh).model_validate_json(fresh.model_dump_json())
    found = explain(stored, known.template, known.logic, "right_ica_grade")
    assert found == explain(fresh, known.template, known.logic, "right_ica_grade")
    assert ("right_ica_psv", "at most 230 cm/s", "-106", "50_69") in said(found)


def test_numbers_and_sentences_have_no_flips() -> None:
    known = subject("us-carotid-duplex")
    found = explain_all(known.derived(start(known.template)), known.template, known.logic)
    assert found["right_ica_psv"].flips == found["right_impression"].flips == ()
    assert "right_exact_ratio" not in found


def test_a_field_that_is_not_calculated_has_nothing_to_explain() -> None:
    with pytest.raises(NotFound, match="not calculated"):
        explain(report(), TEMPLATE, logic(), "plaque")


def test_models_that_are_trusted_are_the_same_models() -> None:
    parts: dict[str, Any] = {
        "decision": "a",
        "criteria": None,
        "rule": 1,
        "inputs": {"b": "c"},
        "unknown": (),
        "text": "",
    }
    assert Explanation.trusted(dict(parts)) == Explanation(**parts)
    assert Explanation.trusted(dict(parts)).model_dump_json() == Explanation(**parts).model_dump_json()
    assert list(parts) == list(Explanation.model_fields)
    done = report(right_psv="300")
    for made in (done.calculated["right_grade"], done.explanations["right_grade"]):
        assert list(made.__dict__) == list(type(made).model_fields)
        assert made == type(made).model_validate(made.model_dump())
