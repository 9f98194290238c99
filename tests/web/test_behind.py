"""While what was typed is on its way, what was calculated before it does not pass for what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.steps import field, hold_answers, saved, tab_to_field, violations

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
NOTE = """() => { const note = getComputedStyle(document.querySelector("mrrt-preview .paper"), "::before");
    return note.content !== "none" && note.maxHeight !== "0px" ? note.content : ""; }"""
LINE = "(control) => getComputedStyle(control).borderBottomStyle"


def told(page: Page, part: str) -> None:
    page.wait_for_function(f"(part) => ({NOTE})().includes(part)", arg=part)


def hold_edits(page: Page) -> list[Route]:
    held: list[Route] = []
    edits = "**/api/v1/reports/*"
    page.route(edits, lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_())
    return held


def test_a_grade_of_before_the_last_edit_is_told_apart(report_page: ReportPage, axe: str) -> None:
    page, _ = report_page("de", locale="de-DE")
    grade = field(page, "right_ica_grade")
    assert grade.evaluate(LINE) == "dashed"
    held = hold_edits(page)
    tab_to_field(page, "right_ica_prox_psv")
    page.keyboard.type("90")
    page.keyboard.press("Tab")
    told(page, "Das zuletzt Eingegebene ist noch nicht in diesem Text.")
    assert grade.evaluate(LINE) == "dotted"
    assert field(page, "right_ica_mid_psv").evaluate(LINE) == "solid", "what was measured stays true"
    assert violations(page, axe) == []
    held.pop().continue_()
    expect(grade).to_have_value("50_69")
    saved(page)
    assert grade.evaluate(LINE) == "dashed"
    page.wait_for_function(f"() => ({NOTE})() === ''")


def test_a_text_that_comes_late_is_told_apart(report_page: ReportPage) -> None:
    page, _ = report_page()
    hold_answers(page, "**/api/v1/reports/*/rendering*")
    tab_to_field(page, "right_ica_prox_psv")
    page.keyboard.type("90")
    page.keyboard.press("Tab")
    saved(page)
    expect(field(page, "right_ica_grade")).to_have_value("50_69")
    told(page, "is not in this text yet")


def test_nothing_is_called_saved_while_it_is_typed(report_page: ReportPage) -> None:
    page, _ = report_page()
    tab_to_field(page, "right_ica_prox_psv")
    saved(page)
    page.keyboard.type("9")
    assert page.locator(".save-state").get_attribute("data-state") == "saving"
    saved(page)
