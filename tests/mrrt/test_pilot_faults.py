"""The faults of the script that the pilot began with, each as one test on the templates that are shipped.

Its rule was: peak systolic velocity of the internal carotid artery in cm/s; 0 is an occlusion, below 200 nothing
relevant, then steps at 250 and 300; the grade chosen by its position in the list; run by the browser.
"""

from __future__ import annotations

from typing import Any

import pytest

from mrrt.derive import derive
from mrrt.derive.explain import explain
from mrrt.entry import entered, start
from mrrt.report import Provenance, Report, Value
from mrrt.safe_html import safe_html
from mrrt.template import Template
from templates_lib.loader import TemplateFolder, find

from .derivations import DRG_PAGE

SHIPPED = {
    "us-carotid-duplex": ("{side}_ica_prox_psv", "{side}_ica_grade", "right", "left"),
    "drg-us-carotis": ("us_ac_{side}aci_psv", "us_ac_{side}aci_stenosis", "r", "l"),
}


class Shipped:
    """A shipped template, and what its fields are called."""

    def __init__(self, name: str) -> None:
        self.folder: TemplateFolder = find(str(DRG_PAGE) if name == "drg-us-carotis" else name)
        self.template: Template = self.folder.template
        self._psv, self._grade, self.right, self.left = SHIPPED[name]

    def psv(self, side: str) -> str:
        return self._psv.format(side=side)

    def grade(self, side: str) -> str:
        return self._grade.format(side=side)

    def fill(self, before: Report | None = None, /, **typed: Any) -> Report:
        fields = self.template.field_by_key
        edits = {key: entered(fields[key], value) for key, value in typed.items()}
        return derive((before or start(self.template)).edit(edits), self.template, self.folder.logic, edits)

    def graded(self, velocity: str, side: str = "", **more: Any) -> Any:
        side = side or self.right
        return standing(self.fill(**{self.psv(side): velocity}, **more), self.grade(side))


def standing(report: Report, key: str) -> Any:
    value = report.value(key)
    return None if value is None else value.value


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> Shipped:
    return Shipped(request.param)


@pytest.fixture(scope="module")
def ours() -> Shipped:
    return Shipped("us-carotid-duplex")


def test_1_zero_is_no_occlusion(shipped: Shipped) -> None:
    assert shipped.graded("0") not in ("occlusion", "total_occlusion")
    assert shipped.graded("320") == "ge70"  # the same way leads to a grade


def test_2_a_cleared_velocity_takes_its_grade_with_it(shipped: Shipped) -> None:
    psv, grade = shipped.psv(shipped.right), shipped.grade(shipped.right)
    graded = shipped.fill(**{psv: "320"})
    cleared = shipped.fill(graded, **{psv: ""})
    assert standing(graded, grade) == "ge70"
    assert standing(cleared, grade) is None
    assert cleared.calculated.keys().isdisjoint({grade})


@pytest.mark.parametrize(
    ("finding", "grade"),
    [
        ({"right_plaque": "present"}, "50_69"),
        ({"right_plaque": "none"}, "indeterminate"),
        ({"right_plaque": "present", "right_plaque_estimate": "30"}, "indeterminate"),
        ({"right_lumen": "markedly_narrowed"}, "near_occlusion"),
        ({"right_history": "stent"}, "20_49"),
    ],
    ids=["plaque", "no-plaque", "estimate", "lumen", "stent"],
)
def test_3_more_than_the_velocity_counts(ours: Shipped, finding: dict[str, str], grade: str) -> None:
    """The velocity is always the same. Ratio and end-diastolic velocity: the test after this."""
    assert ours.graded("180", criteria="sru_2003", **finding) == grade


@pytest.mark.parametrize(
    ("more", "caution"),
    [({"right_cca_dist_psv": "30"}, "ratio"), ({"right_ica_prox_edv": "150"}, "EDV")],
    ids=["ratio", "edv"],
)
def test_3_ratio_and_diastolic_velocity_that_disagree_are_said(
    ours: Shipped, more: dict[str, str], caution: str
) -> None:
    quiet = {"right_plaque": "present", "right_cca_dist_psv": "60", "right_ica_prox_edv": "60", "criteria": "sru_2003"}
    agreeing = standing(ours.fill(right_ica_prox_psv="180", **quiet), "right_cautions") or ""
    disagreeing = standing(ours.fill(right_ica_prox_psv="180", **(quiet | more)), "right_cautions") or ""
    assert f"the {caution} suggests" not in agreeing
    assert f"the {caution} suggests" in disagreeing


def test_4_a_grade_is_a_code_and_not_a_place_in_a_list(shipped: Shipped) -> None:
    grade = shipped.grade(shipped.right)
    turned = tuple(
        field.model_copy(update={"choices": field.choices[::-1]}) if field.key == grade else field
        for field in shipped.template.fields
    )
    parts = {name: getattr(shipped.template, name) for name in Template.model_fields}
    template = Template(**(parts | {"fields": turned}))
    typed = {shipped.psv(shipped.right): entered(template.field_by_key[shipped.psv(shipped.right)], "320")}
    done = derive(start(template).edit(typed), template, shipped.folder.logic)
    assert template.field_by_key[grade].choices != shipped.template.field_by_key[grade].choices
    assert standing(done, grade) == shipped.graded("320") == "ge70"


def test_5_one_finding_has_one_code_on_both_sides(shipped: Shipped) -> None:
    for velocity in ("80", "180", "220", "270", "320"):
        assert shipped.graded(velocity, shipped.left) == shipped.graded(velocity, shipped.right) is not None
    fields = shipped.template.field_by_key
    right, left = (fields[shipped.grade(side)] for side in (shipped.right, shipped.left))
    assert [one.value for one in right.choices] == [one.value for one in left.choices]


def test_6_a_unit_is_more_than_text(shipped: Shipped) -> None:
    assert shipped.graded("3.2 m/s") == shipped.graded("320 cm/s") == "ge70"
    frequency = Value(value="3.2", unit="kHz", provenance=Provenance.IMPORTED)
    sent = start(shipped.template).fill({shipped.psv(shipped.right): frequency})
    done = derive(sent, shipped.template, shipped.folder.logic)
    assert standing(done, shipped.grade(shipped.right)) in (None, "indeterminate")
    assert "V2" in [problem.rule for problem in done.problems]


def test_7_the_logic_needs_no_browser_and_runs_on_what_was_imported(shipped: Shipped) -> None:
    """No script runs, on loading or later; a value that nobody typed is graded at once."""
    velocity = Value(value="320", unit="cm/s", provenance=Provenance.IMPORTED)
    done = derive(start(shipped.template).fill({shipped.psv(shipped.right): velocity}), shipped.template,
                  shipped.folder.logic)  # fmt: skip
    assert standing(done, shipped.grade(shipped.right)) == "ge70"
    form = safe_html(shipped.folder.html, shipped.template).lower()
    assert "<script" not in form
    assert "onchange" not in form


def test_8_the_report_says_by_which_criteria_and_why(shipped: Shipped) -> None:
    psv, grade = shipped.psv(shipped.right), shipped.grade(shipped.right)
    done = shipped.fill(**{psv: "320"})
    found = explain(done, shipped.template, shipped.folder.logic, grade)
    assert done.criteria == (found.criteria,)
    assert found.criteria in ("SRU 2003", "DRG us_carotis 2017")
    assert found.rule and found.inputs and found.flips
    source = done.calculated[grade].source
    assert source is not None
    assert source.criteria == found.criteria
    assert str(found.rule) in (source.rule or "")
