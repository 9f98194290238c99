"""The rooms of the desks as somebody walks through them.

1. A room that is left holds nothing: no stream of events, no timer, and a navigation draws it once.
2. Everybody begins in a room that they may enter, and no room asks for what they may not read.
3. A template manager tries values on the bench.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from reporting.access import Role
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import enter

pytestmark = pytest.mark.browser
PEOPLE = {
    "ada": Role.ADMINISTRATOR,
    "tom": Role.TEMPLATE_MANAGER,
    "ari": Role.AUDITOR,
    "rea": Role.READER,
}
STREAMS = """() => {
  const Real = window.EventSource;
  window.streams = [];
  window.EventSource = class extends Real { constructor(...given) { super(...given); window.streams.push(this); } };
}"""
OPEN = "() => window.streams.filter((one) => one.readyState !== EventSource.CLOSED).length"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with sign-in and a trial, and with somebody for every kind of room."""
    server = Server(tmp_path_factory.mktemp("rooms"), sign_in="local", trial=True)
    server.enrol(Role.SIGNER, **PEOPLE)
    server.start()
    report = server.draft(SAMPLE)["id"]
    counted = {"seconds": 48.2, "active_seconds": 31.5, "keystrokes": 14, "clicks": 2, "alerts_shown": 2}
    server.send("PUT", f"reports/{report}/visits/5f0c9b1e-0c55-4f52-8d49-0d0f4a4f8f21", counted)
    yield server
    server.stop()


def refused(server: Server) -> list[str]:
    """Return what was tried without permission."""
    with server.identity.store.reading() as transaction:
        rows = transaction.audit_after(0, 10_000)
    return [f"{row.actor} {row.detail}" for row in rows if row.action == "refuse"]


def arrived(page: Page, place: str) -> None:
    page.wait_for_function(
        """(place) => { const desk = document.querySelector("#main > .desk");
                        return desk?.ariaBusy === "false" && desk.place.join("/") === place; }""",
        arg=place,
    )


def test_a_room_that_is_left_holds_no_connection(server: Server, open_page: Open) -> None:  # 1
    page = open_page("about:blank")
    page.add_init_script(f"({STREAMS})()")
    page.goto(f"{server.address}/#/site/devices")
    arrived(page, "devices")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for visit in range(8):  # a browser holds six connections to one server
        page.goto(f"{server.address}/#/site/jobs")
        arrived(page, "jobs")
        assert page.evaluate(OPEN) == 1, visit
        page.goto(f"{server.address}/#/site/people")
        arrived(page, "people")
        assert page.evaluate(OPEN) == 0, visit
    assert len([url for url in asked if url.endswith("/accounts")]) == 8, "each visit asks once"
    jobs = len([url for url in asked if url.endswith("/jobs?limit=50&language=en")])
    assert 8 <= jobs <= 16, "each visit asks once, and once more if its stream opens meanwhile"
    page.goto(f"{server.address}/#/")
    page.wait_for_selector(".recent")
    assert page.evaluate(OPEN) == 1


def test_a_language_that_is_chosen_draws_the_room_once(server: Server, open_page: Open) -> None:  # 1
    page = open_page(f"{server.address}/#/templates/one/us-carotid-duplex/logic")
    page.wait_for_selector(".decision table")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/template-desk/logic/**"):
        page.locator("#tools select").first.select_option("de")
    expect(page.locator(".parts")).to_contain_text("Fallbeispiele")
    page.wait_for_selector(".decision table")
    with page.expect_response("**/template-desk/logic/**"):
        page.get_by_role("link", name="Fallbeispiele").click()
    page.wait_for_selector(".part table")
    assert len([url for url in asked if "/template-desk/logic/" in url]) == 2, "one for each drawing"


@pytest.mark.parametrize(
    ("name", "first", "others"),
    [
        ("ada", "#/site", ["site/people", "site/software", "site/jobs", "site/trial"]),
        ("tom", "#/templates", ["templates/import", "site/devices"]),
        ("ari", "#/", ["site/audit", "site/jobs", "site/trial", "templates/all"]),
        ("rea", "#/", []),
    ],
)
def test_everybody_begins_where_they_may_enter(  # 2
    site: Server, open_page: Open, guard: Guard, name: str, first: str, others: list[str]
) -> None:
    guard.allow("status of 401")
    before = len(refused(site))
    page = open_page(f"{site.address}/")
    enter(page, name)
    page.wait_for_selector('.recent .lists > section, .recent .lists > .muted, .desk[aria-busy="false"]')
    page.wait_for_function("(first) => (location.hash || '#/') === first", arg=first)
    for place in others:
        page.goto(f"{site.address}/#/{place}")
        arrived(page, place.partition("/")[2])
        assert page.locator(".failure").count() == 0, place
        if place == "site/trial":
            page.wait_for_selector("table.rows tbody tr")
    page.locator("#brand").click()
    page.wait_for_function("(first) => (location.hash || '#/') === first", arg=first)
    page.wait_for_load_state("networkidle") if first != "#/" else page.wait_for_selector(".recent")
    assert refused(site)[before:] == []


def test_a_template_manager_tries_values(site: Server, open_page: Open, guard: Guard) -> None:  # 3
    guard.allow("status of 401")
    before = len(refused(site))
    page = open_page(f"{site.address}/#/templates/one/us-carotid-duplex/bench")
    enter(page, "tom")
    page.locator('.bench-form [name="right_ica_prox_psv"]').fill("336")
    page.locator('.bench-form [name="right_plaque"]').select_option("present")
    expect(page.get_by_role("table", name="Calculated fields")).to_contain_text("70")
    assert page.locator(".failure").count() == 0
    assert refused(site)[before:] == []
