"""Nothing that was typed is lost: not by a server that goes, a tab that closes, two tabs, or a session that ends.

1. The server is killed while a reader types: after its restart every key typed is in the draft.
2. The tab is closed while the server is away: the next tab sends what it left, in order, even from the worklist.
3. Where somebody else changed the same field meanwhile, the reader decides; nothing is overwritten.
4. What a field cannot hold outlives the tab, too, with the reason.
5. Two tabs on one draft: each sees the other's values, and neither sends what the other one holds.
6. A session that ends keeps the queue.
7. Nothing of a patient stays in the browser once everything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field, put_in, saved, tab_to_field, violations

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
AWAY = "ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|ERR_INCOMPLETE_CHUNKED|ERR_NETWORK|status of 503"
KEPT = "() => Object.keys(localStorage).filter((name) => name.startsWith('mrrt.outbox.')).length"
TYPED = {"right_eca_psv": "61", "right_eca_edv": "12", "left_eca_psv": "63", "left_eca_edv": "14"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, which may go."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


def values(server: Server, report: str) -> dict[str, Any]:
    found = server.call("GET", f"reports/{report}")["values"]
    return {key: one["value"] for key, one in found.items()}


def type_all(page: Page) -> None:
    tab_to_field(page, next(iter(TYPED)))
    for number in TYPED.values():
        page.keyboard.type(number)
        page.keyboard.press("Tab")


def other_tab(context: BrowserContext, guard: Guard, address: str) -> Page:
    page = context.new_page()
    guard.watch(page)
    page.goto(address)
    return page


def test_a_server_killed_between_the_keys(own: Server, report_page: ReportPage, guard: Guard) -> None:  # 1
    guard.allow(AWAY)
    page, report = report_page(of=own)
    page.locator("#t-clinical_information .fold").press("Enter")
    tab_to_field(page, "indication")
    text = "Amaurosis fugax on the right, twice in one week; known hypertension."
    for n, letter in enumerate(text):
        page.keyboard.type(letter)
        if n == 20:
            own.stop()
        if n == 45:
            own.start()
    page.keyboard.press("Tab")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    assert values(own, report["id"])["indication"] == text
    assert page.evaluate(KEPT) == 0  # 7


def test_the_next_tab_sends_what_a_closed_one_left(own: Server, report_page: ReportPage, guard: Guard) -> None:  # 2
    guard.allow(AWAY)
    page, report = report_page(of=own)
    own.stop()
    type_all(page)
    page.keyboard.type("9")  # a key that nothing was sent for yet
    expect(page.locator(".save-state")).to_contain_text("kept here")
    context = page.context
    page.close()
    own.start()
    again = other_tab(context, guard, f"{own.address}/#/reports/{report['id']}")
    again.wait_for_selector(".paper h4")
    saved(again)
    found = values(own, report["id"])
    assert {key: found[key] for key in TYPED} == TYPED
    assert again.evaluate(KEPT) == 0


def test_the_worklist_sends_what_a_closed_tab_left(own: Server, report_page: ReportPage, guard: Guard) -> None:  # 2
    guard.allow(AWAY)
    page, report = report_page(of=own)
    own.stop()
    type_all(page)
    expect(page.locator(".save-state")).to_contain_text("4 changes kept here")
    context = page.context
    page.close()
    own.start()
    again = other_tab(context, guard, own.address)
    again.wait_for_selector(".list")
    again.wait_for_function(f"() => ({KEPT})() === 0")
    found = values(own, report["id"])
    assert {key: found[key] for key in TYPED} == TYPED
    expect(again.locator(".unsent")).to_have_count(0)


def test_somebody_else_was_faster(own: Server, report_page: ReportPage, guard: Guard, axe: str) -> None:  # 3
    guard.allow(f"{AWAY}|status of 412")
    page, report = report_page(of=own)
    own.stop()
    tab_to_field(page, "right_eca_psv")
    page.keyboard.type("61")
    page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_contain_text("1 change kept here")
    context = page.context
    page.close()
    own.start()
    own.call("PATCH", f"reports/{report['id']}", {"edits": [{"field": "right_eca_psv", "value": "99"}]})
    start = other_tab(context, guard, own.address)
    expect(start.locator(".unsent")).to_contain_text("1 changes wait in this browser")
    assert violations(start, axe) == []
    start.locator(".unsent a").click()
    items = start.locator("mrrt-attention li")
    expect(items.first).to_contain_text("Right ECA PSV: changed elsewhere")
    expect(items.first).to_contain_text("Mine: 61")
    assert values(own, report["id"])["right_eca_psv"] == "99"
    start.get_by_role("button", name="Theirs: 99").press("Enter")
    expect(field(start, "right_eca_psv")).to_have_value("99")
    start.wait_for_function(f"() => ({KEPT})() === 0")


def test_a_refused_text_outlives_the_tab(report_page: ReportPage, guard: Guard) -> None:  # 4
    guard.allow("status of 422")
    page, _ = report_page()
    tab_to_field(page, "right_eca_psv")
    page.keyboard.type("fast")
    page.keyboard.press("Tab")
    expect(field(page, "right_eca_psv")).to_have_attribute("aria-invalid", "true")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(field(page, "right_eca_psv")).to_have_value("fast")
    expect(page.locator("mrrt-attention li").first).to_contain_text("Not saved: “fast”.")
    field(page, "right_eca_psv").focus()
    page.keyboard.press("Alt+z")
    expect(field(page, "right_eca_psv")).to_have_value("98.0")
    assert page.evaluate(KEPT) == 0


def test_two_tabs_on_one_draft(report_page: ReportPage, guard: Guard, server: Server) -> None:  # 5
    guard.allow("status of 412")
    page, report = report_page()
    other = other_tab(page.context, guard, page.url)
    other.wait_for_selector(".paper h4")
    tab_to_field(other, "left_eca_psv")
    other.keyboard.type("77")
    other.keyboard.press("Tab")
    saved(other)
    put_in(page, "right_eca_psv", "61")
    expect(field(page, "left_eca_psv")).to_have_value("77")
    found = values(server, report["id"])
    assert (found["right_eca_psv"], found["left_eca_psv"]) == ("61", "77")


def test_a_session_that_ends_keeps_the_queue(report_page: ReportPage, guard: Guard, server: Server) -> None:  # 6
    guard.allow("status of 401")
    page, report = report_page()
    problem = '{"type": "urn:mrrt:problem:unauthorized", "title": "Unauthorized", "status": 401, "detail": "Sign in."}'

    def refuse(route: Route) -> None:
        if route.request.method == "PATCH":
            route.fulfill(status=401, body=problem, content_type="application/problem+json")
        else:
            route.continue_()

    page.route("**/api/v1/reports/*", refuse)
    tab_to_field(page, "right_eca_psv")
    page.keyboard.type("61")
    page.keyboard.press("Tab")
    page.wait_for_timeout(700)
    assert page.evaluate(KEPT) == 1
    expect(field(page, "right_eca_psv")).to_have_value("61")
    page.unroute("**/api/v1/reports/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    assert values(server, report["id"])["right_eca_psv"] == "61"


def test_what_came_too_late_for_a_signed_report_is_shown(
    own: Server, report_page: ReportPage, guard: Guard, axe: str
) -> None:  # 3
    guard.allow(AWAY)
    page, report = report_page(of=own)
    own.stop()
    tab_to_field(page, "right_eca_psv")
    page.keyboard.type("61")
    page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_contain_text("kept here")
    context = page.context
    page.close()
    own.start()
    own.sign(report["id"])
    again = other_tab(context, guard, f"{own.address}/#/reports/{report['id']}")
    expect(again.locator(".lost")).to_contain_text("Right ECA PSV: 61")
    assert violations(again, axe) == []
    again.get_by_role("button", name="Noted").press("Enter")
    expect(again.locator(".lost")).to_have_count(0)
    assert again.evaluate(KEPT) == 0 and SAMPLE.is_file()


def test_the_open_page_names_no_patient_in_the_browsers_store(report_page: ReportPage, open_page: Open) -> None:  # 7
    page, _ = report_page()
    put_in(page, "right_eca_psv", "61")
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "ADELE" not in kept and "EX-0001" not in kept and "61" not in kept
