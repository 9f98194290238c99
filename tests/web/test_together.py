"""Several people, tabs and answers that get lost: what others do shows at once, and edits stay with who made them.

1. What somebody else does to an open report shows without a key, and is said; late measurements are offered. A tab that
   nobody sees holds no connection, and catches up when it is seen again.
2. Somebody else who signs in at this screen sends nothing of what was typed before; its author does, later.
3. Signing out waits for edits on their way; what cannot be sent stays for its author.
4. An answer that is lost is no conflict with oneself, however the text was typed.
5. What is typed on in a field that somebody else changed is kept.
6. A value that follows no more is said to be empty.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from reporting.access import Role
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field, hold_answers, hold_events, saved, sign_in, tab_to_field
from tests.web.studies import normal, same_study, study

pytestmark = pytest.mark.browser
FIELD = "right_ica_prox_psv"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with sign-in and two people who sign."""
    server = Server(tmp_path_factory.mktemp("house"), sign_in="local")
    server.enrol(Role.SIGNER, anna=Role.SIGNER, sam=Role.SIGNER)
    server.start()
    yield server
    server.stop()


def opened(open_page: Open, server: Server, report: str) -> Page:
    page = open_page(f"{server.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    return page


def value(server: Server, report: str, key: str = FIELD) -> Any:
    return server.call("GET", f"reports/{report}")["values"][key]["value"]


def test_what_somebody_else_does_shows_at_once(open_page: Open, server: Server) -> None:  # 1
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    tab_to_field(page, "left_eca_psv")
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": FIELD, "value": "150"}]})
    expect(field(page, FIELD)).to_have_value("150")
    notice = page.locator("mrrt-attention li", has_text="Right ICA proximal PSV was changed elsewhere")
    expect(notice).to_contain_text("336.0 cm/s → 150 cm/s")
    expect(page.locator("mrrt-preview")).to_contain_text("PSV 210 cm/s")
    expect(field(page, "left_eca_psv")).to_be_focused()
    notice.get_by_role("button", name="Noted").press("Enter")
    expect(notice).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    server.sign(report)
    expect(page.locator(".banner")).to_contain_text("Signed by")


def test_what_somebody_else_does_is_said_once_for_each_field(open_page: Open, server: Server) -> None:  # 1
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    for text in ("150", "160", "2"):  # the last is no velocity: what followed is gone with it
        server.call("PATCH", f"reports/{report}", {"edits": [{"field": "left_ica_prox_psv", "value": text}]})
        expect(field(page, "left_ica_prox_psv")).to_have_value(text)
    notices = page.locator("mrrt-attention li", has_text="changed elsewhere")
    expect(notices).to_have_count(1)
    expect(notices).to_contain_text("182.0 cm/s → 2 cm/s")
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": "left_ica_prox_psv", "revert": True}]})
    expect(field(page, "left_ica_prox_psv")).to_have_value("182.0")
    expect(notices).to_have_count(0)


def test_a_hidden_tab_catches_up(open_page: Open, server: Server) -> None:  # 1
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    seen = """(hidden) => { Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
                            document.dispatchEvent(new Event("visibilitychange")); }"""
    page.evaluate(seen, True)
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": FIELD, "value": "150"}]})
    page.wait_for_timeout(900)
    expect(field(page, FIELD)).to_have_value("336.0")
    page.evaluate(seen, False)
    expect(field(page, FIELD)).to_have_value("150")
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": FIELD, "value": "151"}]})
    expect(field(page, FIELD)).to_have_value("151")


def test_late_measurements_are_offered_while_the_report_is_open(open_page: Open, server: Server) -> None:  # 1
    first = study("late and live")
    uid = server.call("POST", "documents", first)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    report = server.call("POST", "reports", wanted)["id"]
    page = opened(open_page, server, report)
    more = {("right", "subc", "prox"): (112.0, 4.0)}
    server.call("POST", "documents", same_study(first, "late and live, more", more))
    offer = page.locator(".offer")
    expect(offer).to_contain_text("came after the report was made: 1")
    offer.get_by_role("button", name="Take them into the draft").press("Enter")
    expect(field(page, "right_subc_psv")).to_have_value("112.0")
    expect(offer).to_have_count(0)


def test_somebody_else_at_this_screen_sends_nothing_of_mine(open_page: Open, house: Server, guard: Guard) -> None:  # 2
    guard.allow("status of 401")
    report = house.draft(SAMPLE)["id"]
    page = open_page(f"{house.address}/#/reports/{report}")
    sign_in(page, "anna")
    page.wait_for_selector(".paper h4")
    page.context.clear_cookies()
    field(page, FIELD).fill("151")
    page.keyboard.press("Tab")
    sign_in(page, "sam")
    expect(page.locator("#tools")).to_contain_text("Dr. Sam")
    page.wait_for_selector(".paper h4")
    expect(field(page, FIELD)).to_have_value("336.0")
    page.wait_for_timeout(500)
    assert value(house, report) == "336.0"
    page.click("text=Sign out")
    sign_in(page, "anna")
    page.goto(f"{house.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    expect(field(page, FIELD)).to_have_value("151")
    saved(page)
    typed = [one for one in house.call("GET", f"reports/{report}/versions")["versions"] if one["action"] == "edit"]
    assert [one["actor"] for one in typed] == ["anna"]


def test_signing_out_keeps_what_could_not_be_sent(open_page: Open, house: Server, guard: Guard) -> None:  # 3
    guard.allow("status of (401|503)")
    report = house.draft(SAMPLE)["id"]
    page = open_page(f"{house.address}/#/reports/{report}")
    sign_in(page, "anna")
    page.wait_for_selector(".paper h4")
    page.route(
        "**/api/v1/reports/*",
        lambda route: route.fulfill(status=503) if route.request.method == "PATCH" else route.continue_(),
    )
    field(page, FIELD).fill("152")
    page.keyboard.press("Tab")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.route(f"{house.address}/", lambda route: (page.wait_for_timeout(500), route.continue_()))  # a slow line
    page.click("text=Sign out")
    page.wait_for_selector("dialog.sign-in")
    (question,) = asked
    assert "until Dr. Anna signs in here again" in question
    page.unroute("**/api/v1/reports/*")
    sign_in(page, "anna")
    expect(page.locator("#tools")).to_contain_text("Dr. Anna", timeout=20_000)
    page.goto(f"{house.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    expect(field(page, FIELD)).to_have_value("152")
    assert value(house, report) == "152"


def test_what_happens_before_events_are_heard_shows(open_page: Open, server: Server) -> None:  # 1
    report = server.draft(SAMPLE)["id"]
    page = open_page("about:blank")
    held = hold_events(page)
    page.goto(f"{server.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    while not held:
        page.wait_for_timeout(20)
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": FIELD, "value": "150"}]})
    held[0].continue_()
    expect(field(page, FIELD)).to_have_value("150")
    expect(field(page, "right_ica_psv")).to_have_value("210")


def test_what_is_looked_at_after_events_are_heard_is_asked_once(open_page: Open, server: Server) -> None:  # 1
    report = server.call("POST", "reports", {"template": "us-carotid-duplex", "language": "en"})["id"]
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    held = hold_answers(page, f"**/{report}/form")
    with page.expect_response("**/api/v1/events"):
        page.goto(f"{server.address}/#/reports/{report}")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector("#review")
    page.wait_for_timeout(1500)
    for path in ("late", "migration"):
        assert len([url for url in asked if url.endswith(f"{report}/{path}")]) == 1, path


def test_late_measurements_that_come_before_events_are_heard_are_offered(open_page: Open, server: Server) -> None:  # 1
    first = study("late before events")
    uid = server.call("POST", "documents", first)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    report = server.call("POST", "reports", wanted)["id"]
    page = open_page("about:blank")
    held = hold_events(page)
    with page.expect_response(lambda answer: answer.url.endswith(f"{report}/late")):
        page.goto(f"{server.address}/#/reports/{report}")
    while not held:
        page.wait_for_timeout(20)
    more = {("right", "subc", "prox"): (112.0, 4.0)}
    server.call("POST", "documents", same_study(first, "late before events, more", more))
    held[0].continue_()
    expect(page.locator(".offer")).to_contain_text("came after the report was made: 1")


@pytest.mark.parametrize("cut", [False, True], ids=["none", "half"])
@pytest.mark.parametrize("typed", ["1,8 m/s", " 180 cm/s "])
def test_a_lost_answer_is_no_conflict(  # 4
    open_page: Open, server: Server, guard: Guard, typed: str, cut: bool
) -> None:
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "PATCH" or lost:
            return route.continue_()
        answer = route.fetch()
        lost.append(answer.status)
        return route.fulfill(response=answer, body=answer.text()[:1000]) if cut else route.abort()

    page.route("**/api/v1/reports/*", lose)
    tab_to_field(page, FIELD)
    page.keyboard.type(typed)
    page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    assert lost == [200]
    expect(field(page, FIELD)).to_have_value("180")
    expect(field(page, "right_ica_psv")).to_have_value("210")
    expect(page.locator("mrrt-attention")).not_to_contain_text("elsewhere")
    versions = server.call("GET", f"reports/{report}/versions")["versions"]
    assert [one["action"] for one in versions] == ["edit", "create"]


def without_answers(page: Page, method: str) -> list[str]:
    """Lose the answer of the first edit, and from then on every request of a method that tells the report."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "PATCH" and not lost:
            route.fetch()
        elif not lost or route.request.method != method:
            return route.continue_()
        lost.append(route.request.method)
        return route.abort()

    page.route("**/api/v1/events*", lambda route: route.abort())
    page.route("**/api/v1/reports/*", lose)
    return lost


def lose_the_answer(page: Page, server: Server, report: str) -> None:
    """Type a velocity whose answer is lost, and have somebody else write a text meanwhile."""
    tab_to_field(page, FIELD)
    page.keyboard.type("222")
    page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": "other_findings", "value": "Theirs."}]})


def test_what_happened_while_an_answer_was_lost_is_read(open_page: Open, server: Server, guard: Guard) -> None:  # 4
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    lost = without_answers(page, "GET")
    lose_the_answer(page, server, report)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(300)
    assert "GET" in lost
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    page.unroute("**/api/v1/reports/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    expect(field(page, "right_ica_psv")).to_have_value("222")
    expect(field(page, FIELD)).to_have_value("222")
    expect(field(page, "other_findings")).to_have_value("Theirs.")


def test_what_others_did_while_an_answer_was_lost_is_not_overwritten(  # 4
    open_page: Open, server: Server, guard: Guard
) -> None:
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    without_answers(page, "PATCH")
    lose_the_answer(page, server, report)
    tab_to_field(page, "other_findings")
    page.keyboard.type("Mine")
    page.keyboard.press("Tab")
    page.unroute("**/api/v1/reports/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    dispute = page.locator("mrrt-attention li", has_text="Other findings: changed elsewhere")
    expect(dispute).to_contain_text("Mine: Mine")
    assert value(server, report, "other_findings") == "Theirs."
    assert value(server, report) == "222"


def test_what_a_program_did_with_the_same_edit_and_another_is_not_overwritten(  # 4
    open_page: Open, server: Server, guard: Guard
) -> None:
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    page.route("**/api/v1/events*", lambda route: route.abort())
    page.route(
        "**/api/v1/reports/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_()
    )
    for key, text in ((FIELD, "222"), ("other_findings", "Mine")):
        tab_to_field(page, key)
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    both = [{"field": FIELD, "value": "222"}, {"field": "other_findings", "value": "Theirs."}]
    server.call("PATCH", f"reports/{report}", {"edits": both})
    page.unroute("**/api/v1/reports/*")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    dispute = page.locator("mrrt-attention li", has_text="Other findings: changed elsewhere")
    expect(dispute).to_contain_text("Mine: Mine")
    assert value(server, report, "other_findings") == "Theirs."


@pytest.mark.parametrize("closed", [None, "report", "worklist"])
def test_what_is_typed_after_a_lost_answer_is_no_conflict(  # 4
    open_page: Open, server: Server, guard: Guard, closed: str | None
) -> None:
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    without_answers(page, "PATCH")
    tab_to_field(page, FIELD)
    for text in ("2,22 m/s", "2,5 m/s"):
        field(page, FIELD).focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
        expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    assert value(server, report) == "222"
    page.unroute("**/api/v1/reports/*")
    if closed:
        second = page.context.new_page()
        page.close(run_before_unload=False)
        page = second
        guard.watch(page)
        page.goto(f"{server.address}/#/{f'reports/{report}' if closed == 'report' else ''}")
    else:
        page.evaluate("() => window.dispatchEvent(new Event('online'))")
    until = time.monotonic() + 15
    while value(server, report) != "250" and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert value(server, report) == "250"
    page.wait_for_function("() => !Object.keys(localStorage).some((name) => name.startsWith('mrrt.outbox.'))")
    expect(page.locator("mrrt-attention", has_text="elsewhere")).to_have_count(0)


def test_a_lost_answer_and_a_closed_tab_are_no_conflict(open_page: Open, server: Server, guard: Guard) -> None:  # 4
    guard.allow("ERR_FAILED|status of 412")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)

    def lose(route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route("**/api/v1/reports/*", lose)
    tab_to_field(page, FIELD)
    page.keyboard.type("1,8 m/s")
    page.keyboard.press("Tab")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    second = page.context.new_page()
    page.close(run_before_unload=False)
    guard.watch(second)
    second.goto(f"{server.address}/#/reports/{report}")
    second.wait_for_selector(".paper h4")
    expect(field(second, FIELD)).to_have_value("180")
    saved(second)
    expect(second.locator("mrrt-attention")).not_to_contain_text("elsewhere")
    second.wait_for_function("() => !Object.keys(localStorage).some((name) => name.startsWith('mrrt.outbox.'))")


def test_what_is_typed_on_in_a_conflict_is_kept(open_page: Open, server: Server, guard: Guard) -> None:  # 5
    guard.allow("status of 412|ERR_FAILED")
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    page.route("**/api/v1/events*", lambda route: route.abort())
    page.reload()
    page.wait_for_selector(".paper h4")
    server.call("PATCH", f"reports/{report}", {"edits": [{"field": "other_findings", "value": "Theirs."}]})
    tab_to_field(page, "other_findings")
    page.keyboard.type("Mine")
    dispute = page.locator("mrrt-attention li", has_text="Other findings: changed elsewhere")
    expect(dispute).to_contain_text("Mine: Mine")
    page.keyboard.type(", and more")
    page.keyboard.press("Tab")
    expect(dispute).to_contain_text("Mine: Mine, and more")
    second = page.context.new_page()
    page.close(run_before_unload=False)
    guard.watch(second)
    second.goto(f"{server.address}/#/reports/{report}")
    second.wait_for_selector(".paper h4")
    mine = second.get_by_role("button", name="Mine: Mine, and more")
    mine.press("Enter")
    saved(second)
    assert value(server, report, "other_findings") == "Mine, and more"


def test_a_grade_that_goes_is_said(open_page: Open, server: Server) -> None:  # 6
    uid = server.call(
        "POST", "documents", study("gone", velocities={k: v for k, v in normal().items() if k[1] == "ica"})
    )
    wanted = {"template": "us-carotid-duplex", "documents": [uid["sop_instance_uid"]], "language": "en"}
    report = server.call("POST", "reports", wanted)["id"]
    page = opened(open_page, server, report)
    said = page.locator(".status-bar > [role=status].visually-hidden")
    tab_to_field(page, "right_plaque")
    page.keyboard.type("present")
    expect(said).to_contain_text("Right ICA stenosis:")
    saved(page)
    edits = [
        {"field": f"right_ica_{place}_{kind}", "value": None}
        for place in ("prox", "mid", "dist")
        for kind in ("psv", "edv")
    ]
    for edit in edits:
        control = field(page, edit["field"])
        control.focus()
        control.fill("")
    page.keyboard.press("Tab")
    saved(page)
    expect(field(page, "right_ica_psv")).to_have_value("")
    expect(said).to_contain_text("empty")
