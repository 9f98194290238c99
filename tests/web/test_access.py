"""Every state of the page, dark and light, under axe; and proof that the guards of these tests bite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import some
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import answer_alerts, field, saved, violations
from tests.web.studies import same_study, study

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
THEMES = some(["light", "dark"])


@pytest.mark.parametrize("theme", THEMES)
def test_start(server: Server, open_page: Open, axe: str, theme: str) -> None:
    server.draft(SAMPLE)
    page = open_page(server.address, theme)
    page.wait_for_selector(".list table")
    assert violations(page, axe) == []
    page.set_input_files("#files", SAMPLE)
    expect(page.locator("#create")).to_be_focused()
    page.wait_for_selector(".already li")
    assert violations(page, axe) == []


@pytest.mark.parametrize(("language", "theme"), some([("de", "dark"), ("en", "light")]))
def test_report_dialog_and_signed(report_page: ReportPage, axe: str, theme: str, language: str) -> None:
    page, _ = report_page(language, theme=theme)
    assert violations(page, axe) == []
    field(page, "right_ica_grade").focus()
    assert violations(page, axe) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog .paper h4")
    assert violations(page, axe) == []
    answer_alerts(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".banner .signature")
    page.wait_for_selector(".paper h4")
    assert violations(page, axe) == []


def raced(route: Route, server: Server, report: str) -> None:
    """Let somebody else be a moment faster."""
    if route.request.method == "PATCH":
        server.call("PATCH", f"reports/{report}", {"edits": [{"field": "left_eca_psv", "value": "99"}]})
    route.continue_()


@pytest.mark.parametrize("theme", THEMES)
def test_report_with_trouble(report_page: ReportPage, guard: Guard, server: Server, axe: str, theme: str) -> None:
    """A refused value, a value typed over an imported one, and a conflict."""
    guard.allow("status of 4(12|22)")
    page, report = report_page(theme=theme)
    field(page, "right_ica_mid_psv").fill("150")
    page.keyboard.press("Tab")
    saved(page)
    field(page, "right_ica_prox_psv").fill("abc")
    page.keyboard.press("Enter")
    page.wait_for_selector("[aria-invalid]")
    page.route("**/api/v1/reports/*", lambda route: raced(route, server, report["id"]))
    field(page, "left_eca_psv").fill("77")
    page.keyboard.press("Tab")
    page.wait_for_selector(".choose button")
    field(page, "right_ica_prox_psv").focus()
    assert violations(page, axe) == []


@pytest.mark.parametrize("theme", THEMES)
def test_report_while_things_happen(open_page: Open, guard: Guard, server: Server, axe: str, theme: str) -> None:
    """Measurements without a place and their picker, late ones, a step that asks, no server, and no report."""
    guard.allow("ERR_FAILED|status of 404")
    first = study(f"happens {theme}", sides={"left": "left"})
    uid = server.call("POST", "documents", first)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    report = server.call("POST", "reports", wanted)["id"]
    page = open_page(f"{server.address}/#/reports/{report}", theme)
    page.wait_for_selector(".paper h4")
    page.locator("mrrt-attention summary").press("Enter")
    page.wait_for_selector("mrrt-attention table")
    server.call("POST", "documents", same_study(first, f"late {theme}", {("left", "subc", "prox"): (99.0, 4.0)}))
    page.wait_for_selector(".offer")
    assert violations(page, axe) == []
    page.locator("mrrt-attention table button").first.press("Enter")
    page.wait_for_selector("dialog.picker")
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#picker")
    page.keyboard.type("Cancel the draft")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] form")
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    page.route("**/api/v1/reports/*", lambda route: route.abort())
    field(page, "left_eca_psv").fill("77")
    page.keyboard.press("Enter")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    assert violations(page, axe) == []
    page.unroute("**/api/v1/reports/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    page.goto(f"{server.address}/#/reports/none")
    page.wait_for_selector("[role=alert].failure")
    assert violations(page, axe) == []


@pytest.mark.parametrize("theme", THEMES)
def test_narrow_page_as_at_200_percent_zoom(report_page: ReportPage, axe: str, theme: str) -> None:
    page, _ = report_page(theme=theme)
    page.set_viewport_size({"width": 720, "height": 450})
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_a_planted_violation(server: Server, open_page: Open, axe: str) -> None:
    page = open_page(server.address)
    page.wait_for_selector("#create")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert any(found.startswith("button-name") for found in violations(page, axe))
    page.evaluate("""() => { const small = [1, 2].map((n) => document.createElement("button"));
      const tiny = {width: "9px", minWidth: 0, minHeight: 0, height: "9px", padding: 0};
      for (const one of small) Object.assign(one.style, tiny);
      document.querySelector("main").append(...small); }""")
    assert any(found.startswith("target-size") for found in violations(page, axe)), "which WCAG 2.2 asks for"


def test_the_guard_hears_script_errors_and_inline_styles(server: Server, open_page: Open, guard: Guard) -> None:
    page = open_page(server.address)
    page.wait_for_selector("#create")
    page.evaluate("() => { setTimeout(() => { throw new Error('planted') }) }")
    page.evaluate("() => document.body.setAttribute('style', 'color: red')")
    page.evaluate("() => { const s = document.createElement('script'); s.text = '1'; document.body.append(s) }")
    page.wait_for_function("() => true")
    heard = "\n".join(guard.unexpected())
    assert "planted" in heard
    assert heard.count("Content Security Policy") == 2
    guard.allow("planted|Content Security Policy")


def test_links_to_what_a_grade_lacks_are_large_enough(report_page: ReportPage, axe: str) -> None:
    page, _ = report_page("de", locale="de-DE")
    page.keyboard.press("Alt+s")
    field(page, "right_plaque").select_option("present")
    field(page, "right_ica_grade").focus()
    page.wait_for_selector(".missing .link")
    assert violations(page, axe) == []
