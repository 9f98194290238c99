"""One changed field derives what depends on it, and nothing else.

1. The report is that of a whole derivation, byte by byte, through every sequence of edits, and from a stored draft.
2. Only dependents are evaluated; a result that did not change goes no further.
3. What was derived with other logic, another template, in another language or never, is derived whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.logic import Expression, Logic, load_logic
from mrrt.report import Report
from mrrt.template import Template

from .derivations import SUBJECTS, Subject, begun, changed, changes, subject, text
from .tiny import LOGIC, TEMPLATE, logic, report

EXAMPLES = {"us-carotid-duplex": 25, "drg-us-carotis": 25}


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_report_is_that_of_a_whole_derivation(name: str) -> None:
    known = subject(name)

    @settings(max_examples=EXAMPLES.get(name, 60))
    @given(changes(name, 1, 12), st.booleans())
    def check(several: list[Any], stored: bool) -> None:
        draft = begun(name)
        for change in several:
            after = changed(draft, change)
            draft = derive(after, known.template, known.logic, {change[1]})
            assert text(draft) == text(known.derived(after))
            draft = Report.model_validate_json(draft.model_dump_json()) if stored else draft

    check()


@pytest.mark.parametrize("name", SUBJECTS)
def test_several_fields_at_once(name: str) -> None:
    known = subject(name)

    @settings(max_examples=EXAMPLES.get(name, 60))
    @given(changes(name, 4, 12), changes(name, 2, 6))
    def check(first: list[Any], then: list[Any]) -> None:
        draft = begun(name)
        for change in first:
            draft = changed(draft, change)
        after = draft = known.derived(draft)
        for change in then:
            after = changed(after, change)
        assert text(derive(after, known.template, known.logic, {key for _, key, _ in then})) == text(
            known.derived(after)
        )

    check()


def test_a_field_that_is_not_named_as_changed_shows_that_the_rest_is_left_alone() -> None:
    """The guard of the two tests above: a derivation that always did everything would pass them."""
    before = report(right_psv="300")
    after = before.edit({"right_psv": entered(TEMPLATE.field_by_key["right_psv"], "100")})
    assert text(derive(after, TEMPLATE, logic(), ())) != text(derive(after, TEMPLATE, logic()))


def counted(known: Subject) -> tuple[Logic, list[str]]:
    """Return logic that notes the text of each expression of a calculation that is evaluated."""
    seen: list[str] = []

    def counting(expression: Expression) -> Expression:
        def evaluate(variables: Any) -> Any:
            seen.append(expression.text)
            return expression.evaluate(variables)

        return replace(expression, evaluate=evaluate)

    calculations = tuple(
        replace(one, expression=counting(one.expression)) if one.expression else one for one in known.logic.calculations
    )
    return replace(known.logic, calculations=calculations, memory={}), seen


def evaluated(name: str, layer: Mapping[str, object], then: Mapping[str, object]) -> list[str]:
    """Return the calculations that are made anew when a stored report is edited."""
    known = subject(name)
    fields = known.template.field_by_key
    noting, seen = counted(known)
    before = start(known.template).edit({key: entered(fields[key], value) for key, value in layer.items()})
    before = Report.model_validate_json(derive(before, known.template, noting).model_dump_json())
    seen.clear()
    derive(before.edit({key: entered(fields[key], value) for key, value in then.items()}), known.template, noting, then)
    calculation = {one.expression.text: one.key for one in known.logic.calculations if one.expression}
    return [calculation[text] for text in seen]


def test_only_dependents_are_evaluated() -> None:
    filled = {"right_psv": "300", "left_psv": "100"}
    assert evaluated("tiny", filled, {"right_psv": "200"}) == ["right_grade"]
    assert evaluated("tiny", filled, {"character": "soft"}) == []
    assert evaluated("tiny", filled, {"plaque": "present"}) == ["right_grade", "left_grade"]


def test_a_result_that_stays_the_same_goes_no_further() -> None:
    velocities = {"right_ica_prox_psv": "240", "right_ica_mid_psv": "90", "right_plaque": "present"}
    done = evaluated("us-carotid-duplex", velocities, {"right_ica_mid_psv": "100"})
    assert "right_ica_psv" in done
    assert "right_ica_grade" not in done
    assert not [key for key in done if key.startswith("left")]


@pytest.mark.parametrize(
    ("template", "text_of_logic", "update"),
    [
        (TEMPLATE, LOGIC.replace("> 230 ", ">= 230 ").replace("125..230]", "125..230)"), {}),
        (TEMPLATE.model_copy(update={"digest": "1"}), LOGIC, {}),
        (TEMPLATE, LOGIC, {"language": "de"}),
        (TEMPLATE, LOGIC, {"basis": ""}),
    ],
    ids=["other-logic", "other-template", "other-language", "never-derived"],
)
def test_what_was_derived_otherwise_is_derived_whole(
    template: Template, text_of_logic: str, update: dict[str, object]
) -> None:
    other = load_logic(text_of_logic, "logic.yaml", template)
    before = report(right_psv="230", plaque="present", left_psv="300").model_copy(update=update)
    unchanged: Collection[str] = ()
    assert text(derive(before, template, other, unchanged)) == text(derive(before, template, other))


def test_numbers_are_used_as_they_are_kept() -> None:
    """A third is kept to twelve digits, and so is what compares with it."""
    known = subject("every-kind")
    before = known.derived(
        start(known.template).edit({"right_psv": entered(TEMPLATE.field_by_key["right_psv"], "100")})
    )
    assert before.calculated["third"].value == "33.3333333333"
    assert before.calculated["is_third"].value is False
