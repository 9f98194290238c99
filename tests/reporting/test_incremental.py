"""An edit of a stored draft derives what depends on it, and leads where a whole derivation leads.

1. Through the store, edit by edit: the draft is the one that a whole derivation gives.
2. A draft as the store gives it back derives only dependents; so does one that is filled again.
3. Signing derives the whole, whatever was derived before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mrrt.derive import derive
from mrrt.logic import Calculation, Expression
from reporting.draft import Draft, Edit, begin, canonical, edited, filled
from reporting.lifecycle import Acknowledging, acknowledged, signed, unanswered
from reporting.templates import Compiled, compiled
from templates_lib.loader import locate

from .site import by

EDITS = (
    Edit(field="right_ica_prox_psv", value="240"),
    Edit(field="right_plaque", value="present"),
    Edit(field="right_cca_dist_psv", value="0.6", unit="m/s"),
    Edit(field="right_ica_grade", value="50_69"),
    Edit(field="right_ica_prox_psv", value=None),
    Edit(field="right_ica_grade", revert=True),
    Edit(field="left_ica_mid_psv", value="120"),
)


@pytest.fixture(scope="module")
def carotid() -> Compiled:
    return compiled(locate("us-carotid-duplex"))


def stored(draft: Draft) -> Draft:
    """Return a draft as it comes back from the store."""
    return Draft.model_validate_json(canonical(draft))


def whole(draft: Draft, template: Compiled) -> str:
    report = derive(draft.report, template.full, template.logic)
    return canonical(draft.model_copy(update={"report": report}))


def test_edit_by_edit_the_draft_is_that_of_a_whole_derivation(carotid: Compiled) -> None:
    draft = begin(carotid, ())
    for edit in EDITS:
        draft = stored(edited(draft, carotid, [edit]))
        assert canonical(draft) == whole(draft, carotid)


@pytest.fixture
def counting(carotid: Compiled) -> Iterator[tuple[Compiled, list[str]]]:
    """The template with logic that notes which calculations are made."""
    seen: list[str] = []

    def noting(calculation: Calculation) -> Calculation:
        def noted(expression: Expression) -> Expression:
            def evaluate(variables: Any) -> Any:
                seen.append(calculation.key)
                return expression.evaluate(variables)

            return replace(expression, evaluate=evaluate)

        one = calculation.expression and noted(calculation.expression)
        return replace(calculation, expression=one, by=calculation.by and noted(calculation.by))

    logic = replace(carotid.logic, calculations=tuple(map(noting, carotid.logic.calculations)), memory={})
    yield replace(carotid, logic=logic), seen


def test_a_stored_draft_derives_only_dependents(counting: tuple[Compiled, list[str]]) -> None:
    template, seen = counting
    draft = stored(edited(begin(template, ()), template, EDITS[:3]))
    seen.clear()
    draft = stored(edited(draft, template, [EDITS[6]]))
    assert "left_ica_grade" in seen
    assert [key for key in seen if key in ("right_ica_grade", "right_ica_psv", "right_impression")] == []
    seen.clear()
    stored(edited(draft, template, [Edit(field="other_findings", value="none")]))
    assert seen == []


def test_filling_again_with_nothing_new_derives_nothing(counting: tuple[Compiled, list[str]]) -> None:
    template, seen = counting
    draft = stored(edited(begin(template, ()), template, EDITS[:3]))
    seen.clear()
    assert canonical(filled(draft, template, ())) == canonical(draft)
    assert seen == []


def test_signing_derives_the_whole(counting: tuple[Compiled, list[str]]) -> None:
    template, seen = counting
    draft = stored(edited(begin(template, ()), template, EDITS[:3]))
    waiting = [
        Acknowledging(rule=one.rule, field=one.field, reason="seen") for one in unanswered(draft.report, template)
    ]
    draft = acknowledged(draft, template, waiting, by("a reader"))
    seen.clear()
    final = signed(draft, template, by("a reader"))
    assert "left_ica_grade" in seen and "right_ica_grade" in seen
    assert final.report.calculated == draft.report.calculated
