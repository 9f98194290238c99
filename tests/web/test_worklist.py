"""From the worklist to a signed report, and what comes later, by keys.

1. A normal carotid study: from the open worklist to the signature in at most five key presses; the count is asserted.
2. The list is live: a study that arrives appears by itself, a report moves from list to list, also after the stream of
   events was refused or the session ended; search narrows it as one types.
3. The patient's earlier report stands beside the present one: what changed, by how much, and its course as a picture.
4. Measurements that come late are offered to a draft as a difference, and to a signed report as an addendum.
5. What is done is undone and done again, over several fields; the palette leads to a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from reporting.access import Role
from tests.web.conftest import Guard, Open
from tests.web.server import Server
from tests.web.steps import answer_alerts, enter, field, hold_events, ready_to_sign, saved, tab_to_field, violations
from tests.web.studies import normal, same_study, study

pytestmark = pytest.mark.browser


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server whose worklist holds what the test puts there."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


class Keys:
    """Presses keys and counts them; a chord is one press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)
        self.count += 1


def begun(server: Server, sr: bytes) -> str:
    """Make a draft of a study through the API; returns its id."""
    uid = server.call("POST", "documents", sr)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    return str(server.call("POST", "reports", wanted)["id"])


def test_templates_are_called_what_they_are_called_in_the_language_of_the_page(own: Server, open_page: Open) -> None:
    own.call("POST", "documents", study("waiting", patient="EX-8"))
    begun(own, study("begun", patient="EX-9"))
    page = open_page(own.address, locale="de-DE")
    expect(page.locator("#template")).to_contain_text("Duplexsonographie der Karotiden")
    for name in ("unreported", "drafts"):
        expect(page.locator(f".{name} tbody")).to_contain_text("Duplexsonographie der Karotiden")
    page.locator("#tools select").first.select_option("en")
    for name in ("unreported", "drafts"):
        expect(page.locator(f".{name} tbody")).to_contain_text("Carotid duplex ultrasound")


def test_a_normal_study_takes_five_keys_at_most(own: Server, open_page: Open) -> None:  # 1
    own.call("POST", "documents", study("five", patient="EX-5"))
    page = open_page(own.address)
    expect(page.locator(".unreported tbody th button")).to_be_focused()
    keys = Keys(page)
    keys.press("Enter")
    page.wait_for_selector(".paper h4")
    keys.press("Control+Enter")
    ready_to_sign(page)
    keys.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    assert keys.count <= 5
    [report] = own.call("GET", "reports?status=final")["reports"]
    text = own.text(f"reports/{report['id']}/rendering?format=text")
    assert "Right ICA" in text and "Left ICA" in text


def test_the_list_is_live_and_searched(own: Server, open_page: Open) -> None:  # 2
    page = open_page(own.address)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    for name in ("first", "second"):
        own.call("POST", "documents", study(name, patient=f"EX-{name}"))
    expect(page.locator(".unreported tbody tr")).to_have_count(2, timeout=15_000)
    page.keyboard.press("/")
    page.keyboard.type("EX-sec")
    expect(page.locator(".unreported tbody tr")).to_have_count(1)
    expect(page.locator(".unreported tbody tr")).to_contain_text("EX-second")
    page.keyboard.type("zzz")
    expect(page.locator(".lists")).to_contain_text("Nothing matches")


def test_what_comes_before_events_are_heard_shows(own: Server, open_page: Open) -> None:  # 2
    page = open_page("about:blank")
    held = hold_events(page)
    page.goto(own.address)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    own.call("POST", "documents", study("between", patient="EX-3"))
    held[0].continue_()
    expect(page.locator(".unreported tbody tr")).to_contain_text("EX-3")


def test_reports_move_from_list_to_list(own: Server, open_page: Open) -> None:  # 2
    page = open_page(own.address)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    report = begun(own, study("moving", patient="EX-4"))
    expect(page.locator(".drafts tbody tr")).to_contain_text("EX-4")
    own.sign(report)
    expect(page.locator(".drafts")).to_have_count(0)
    expect(page.locator(".signed tbody tr")).to_contain_text("EX-4")
    own.call("POST", f"reports/{report}/withdraw", {"reason": "Of another patient."})
    expect(page.locator(".signed tbody tr")).to_contain_text("withdrawn")


@pytest.mark.whole
def test_the_list_lives_again_after_a_proxy_refused_the_stream(own: Server, open_page: Open, guard: Guard) -> None:  # 2
    guard.allow("status of 502")
    page = open_page("about:blank")
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        route.fulfill(status=502) if len(refused) == 1 else route.continue_()

    page.route("**/events", refuse)
    page.goto(own.address)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    with page.expect_response(lambda answer: answer.url.endswith("/events") and answer.ok):
        own.call("POST", "documents", study("meanwhile", patient="EX-1"))
    expect(page.locator(".unreported tbody tr")).to_have_count(1)
    own.call("POST", "documents", study("afterwards", patient="EX-2"))
    expect(page.locator(".unreported tbody tr")).to_have_count(2)


def test_the_list_lives_again_after_signing_in(tmp_path: Path, open_page: Open, guard: Guard) -> None:  # 2
    guard.allow("status of 401|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE")
    server = Server(tmp_path, sign_in="local")
    server.enrol(Role.AUTHOR, sam=Role.SIGNER)
    server.start()
    try:
        page = open_page("about:blank")
        page.clock.install()
        page.goto(server.address)
        enter(page)
        expect(page.locator(".lists")).to_contain_text("Nothing waits")
        page.context.clear_cookies()
        server.stop()
        with page.expect_response("**/events", timeout=60_000):
            server.start()  # the stream ends, and is refused to who is not signed in
        for seconds in (1, 2, 4, 8):
            with page.expect_response("**/events"):
                page.clock.run_for(seconds * 1000)
        page.locator("#search").fill("EX")
        page.wait_for_selector("dialog.sign-in")
        with page.expect_response(lambda answer: answer.url.endswith("/events") and answer.ok, timeout=11_000):
            enter(page)  # it would be asked for again after 16
        server.call("POST", "documents", study("later", patient="EX-1"))
        expect(page.locator(".unreported tbody tr")).to_have_count(1)
    finally:
        server.stop()


def test_what_the_page_asks_for_by_itself_is_no_sign_of_a_reader(own: Server, open_page: Open) -> None:  # 2
    page = open_page("about:blank")
    page.clock.install()
    page.goto(own.address)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")

    def arrives(name: str) -> str | None:
        with page.expect_request("**/worklist*") as asked:
            own.call("POST", "documents", study(name, patient=f"EX-{name}"))
            page.clock.run_for(2000)
        return asked.value.header_value("x-unattended")

    page.mouse.move(20, 30)
    assert arrives("soon") is None
    page.clock.fast_forward(61_000)
    assert arrives("later") == "1"
    page.keyboard.press("Shift")
    assert arrives("again") is None


def test_before_and_now(own: Server, open_page: Open, axe: str) -> None:  # 3
    own.sign(begun(own, study("older", date="20250110")))
    faster = normal() | {("right", "ica", "prox"): (150.0, 45.0)}
    report = begun(own, study("newer", velocities=faster))
    page = open_page(f"{own.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+b")
    row = page.locator("table.before tr.changed", has_text="PSV").filter(has_text="+82")
    expect(row.first).to_be_visible()
    picture = row.first.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 20
    assert "68.0 cm/s, 150.0 cm/s" in str(picture.get_attribute("alt")), "what is drawn is said"
    assert "theme=dark" in str(picture.get_attribute("src"))
    assert violations(page, axe) == []
    page.emulate_media(color_scheme="light")
    page.get_by_label("Theme").select_option("auto")
    expect(picture).to_have_attribute("src", re.compile("theme=light"))
    page.emulate_media(color_scheme="dark")
    expect(picture).to_have_attribute("src", re.compile("theme=dark"))


def test_what_was_said_before_and_is_not_now(own: Server, open_page: Open) -> None:  # 3
    before = begun(own, study("with plaque", date="20250110", patient="EX-0003"))
    given = {"right_plaque": "present", "right_plaque_character": "calcified"}
    edits = [{"field": key, "value": value} for key, value in given.items()]
    own.call("PATCH", f"reports/{before}", {"edits": edits})
    own.sign(before)
    report = begun(own, study("without plaque", patient="EX-0003"))
    own.call("PATCH", f"reports/{report}", {"edits": [{"field": "right_plaque", "value": "none"}]})
    page = open_page(f"{own.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+b")
    row = page.locator("table.before tr.changed", has_text="plaque character")
    expect(row.locator("td").first).to_contain_text("calcified")
    expect(row.locator("td").nth(1)).to_have_text("–")


def test_what_comes_late(own: Server, open_page: Open) -> None:  # 4
    first = study("late")
    report = begun(own, first)
    page = open_page(f"{own.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    own.call("POST", "documents", same_study(first, "late 2", {("right", "subc", "prox"): (120.0, 5.0)}))
    page.reload()
    offer = page.locator(".offer")
    expect(offer).to_contain_text("120")
    offer.get_by_role("button", name="Take them into the draft").press("Enter")
    expect(field(page, "right_subc_psv")).to_have_value("120.0")
    saved(page)
    page.keyboard.press("Control+Enter")
    answer_alerts(page)
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    own.call("POST", "documents", same_study(first, "late 3", {("left", "subc", "prox"): (99.0, 4.0)}))
    page.reload()
    page.locator(".offer").get_by_role("button", name="Addendum").press("Enter")
    assert "99" in page.locator("dialog textarea").input_value()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text("Addendum signed by")
    expect(page.locator(".offer")).to_have_count(0)


def test_from_one_report_to_another(own: Server, open_page: Open) -> None:  # 2
    first, second = (begun(own, study(name, patient=f"EX-{name}")) for name in ("here", "there"))
    page = open_page(f"{own.address}/#/reports/{first}")
    page.wait_for_selector(".paper h4")
    page.goto(f"{own.address}/#/reports/{second}")
    expect(page.locator("#context .patient")).to_contain_text("EX-there")
    expect(page.locator(".paper")).to_contain_text("EX-there")
    page.go_back()
    expect(page.locator("#context .patient")).to_contain_text("EX-here")


def test_undo_redo_and_the_palette(own: Server, open_page: Open) -> None:  # 5
    page = open_page(f"{own.address}/#/reports/{begun(own, study('undo'))}")
    page.wait_for_selector(".paper h4")
    for key, text in (("right_eca_psv", "61"), ("left_eca_psv", "63")):
        tab_to_field(page, key) if key.startswith("right") else field(page, key).focus()
        page.keyboard.type(text)
        page.keyboard.press("Tab")
        saved(page)
    page.keyboard.press("Control+z")
    expect(field(page, "left_eca_psv")).to_have_value("82.0")
    page.keyboard.press("Control+z")
    expect(field(page, "right_eca_psv")).to_have_value("82.0")
    page.keyboard.press("Control+Shift+z")
    expect(field(page, "right_eca_psv")).to_have_value("61")
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("conclusion")
    page.keyboard.press("Enter")
    expect(field(page, "conclusion")).to_be_focused()


def test_what_is_typed_before_the_palette_is_there_changes_nothing(own: Server, open_page: Open) -> None:  # 5
    report = begun(own, study("palette"))
    page = open_page(f"{own.address}/#/reports/{report}")
    held: list[Route] = []
    page.route("**/formats", lambda route: held.append(route))  # noqa: PLW0108  # it marks its handlers
    page.wait_for_selector(".paper h4")
    tab_to_field(page, "right_eca_psv")
    page.keyboard.press("End")
    with page.expect_request("**/formats"):
        page.keyboard.press("Control+k")
    page.keyboard.press("7")
    held[0].continue_()
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page, "right_eca_psv")).to_be_focused()
    expect(field(page, "right_eca_psv")).to_have_value("82.0")
    assert own.call("GET", f"reports/{report}")["version"] == 1


def test_courses_are_fetched_as_they_are_seen(own: Server, open_page: Open, axe: str) -> None:  # 3
    own.sign(begun(own, study("before", date="20250114")))
    faster = {key: (psv * 1.25, edv * 1.25) for key, (psv, edv) in normal().items()}
    report = begun(own, study("now", velocities=faster))
    page = open_page("about:blank")
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url) if "/history/" in asked.url else None)
    page.goto(f"{own.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+b")
    plots = page.locator(".before img")
    page.wait_for_function("() => document.querySelector('.before img')?.naturalWidth > 0")
    page.wait_for_timeout(500)
    assert 5 < len(fetched) < plots.count() - 10
    assert all(plot.get_attribute("alt") for plot in plots.all())
    assert violations(page, axe) == []
    page.keyboard.press("Alt+b")
    expect(page.locator("#side-panel")).to_be_focused()
    page.keyboard.press("End")
    page.wait_for_function("() => [...document.querySelectorAll('.before tr.changed img')].at(-1).naturalWidth > 0")
    assert len(fetched) == len(set(fetched))
