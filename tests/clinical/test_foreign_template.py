"""The adopted DRG carotid template: its rule without its faults, on a page of the same fields and on the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.report import Report
from mrrt.safe_html import safe_html
from templates_lib.loader import TemplateFolder, find

PAGE = Path(__file__).parent.parent / "fixtures" / "foreign" / "carotid-page.html"
REAL = "041807.4.1706140001-us_carotis.html"


@pytest.fixture(scope="module", params=["a page of the same fields", "the real page"])
def foreign(request: pytest.FixtureRequest) -> TemplateFolder:
    page = PAGE if "same" in request.param else request.getfixturevalue("shared") / "corpus" / "mrrt" / REAL
    return find(str(page))


def fill(folder: TemplateFolder, before: Report | None = None, **values: Any) -> Report:
    fields = folder.template.field_by_key
    typed = {key: entered(fields[key], raw) for key, raw in values.items()}
    return derive((before or start(folder.template)).edit(typed), folder.template, folder.logic)


def standing(report: Report, key: str) -> Any:
    value = report.value(key)
    return None if value is None else value.value


@pytest.mark.parametrize("side", ["r", "l"])
@pytest.mark.parametrize(
    ("psv", "grade"),
    [("", None), ("0", None), ("5", "lt50"), ("199.99", "lt50"), ("200", "50_59"), ("249.99", "50_59"),
     ("250", "60_69"), ("299.99", "60_69"), ("300", "ge70"), ("3,1 m/s", "ge70"), ("1800", None)],
)  # fmt: skip
def test_grade_by_its_own_thresholds(foreign: TemplateFolder, side: str, psv: str, grade: str | None) -> None:
    report = fill(foreign, **{f"us_ac_{side}aci_psv": psv})
    other = "l" if side == "r" else "r"
    assert standing(report, f"us_ac_{side}aci_stenosis") == grade
    assert standing(report, f"us_ac_{other}aci_stenosis") is None


def test_typed_then_cleared_has_no_grade(foreign: TemplateFolder) -> None:
    graded = fill(foreign, us_ac_raci_psv="320")
    assert standing(graded, "us_ac_raci_stenosis") == "ge70"
    cleared = fill(foreign, graded, us_ac_raci_psv="")
    assert standing(cleared, "us_ac_raci_stenosis") is None
    assert cleared.calculated == {}
    assert cleared.criteria == ()


def test_one_finding_has_one_code_on_both_sides(foreign: TemplateFolder) -> None:
    fields = foreign.template.field_by_key
    for key, field in fields.items():
        twin = fields.get(key.replace("us_ac_r", "us_ac_l", 1))
        if key.startswith("us_ac_r") and field.choices:
            assert twin is not None
            assert [c.value for c in field.choices if not c.blank] == [c.value for c in twin.choices if not c.blank]
            assert [c.text for c in field.choices] == [c.text for c in twin.choices]


def test_the_form_sends_the_codes_and_runs_no_script(foreign: TemplateFolder) -> None:
    form = safe_html(foreign.html, foreign.template)
    assert 'value="present"' in form
    assert 'value="atheromat' not in form
    assert "<script" not in form
    assert "onchange" not in form


def test_the_page_is_untouched(foreign: TemplateFolder) -> None:
    assert foreign.source.html == Path(foreign.source.page).read_bytes()
