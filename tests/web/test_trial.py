"""The trial mode in a real browser.

1. What is counted is what was done: keys, clicks, time without pauses, corrections, alerts heeded; the reader is told.
2. It is seen at the site desk, taken away as a table, and removed.
3. It is off unless a site switches it on.
4. A report that is signed and opened again in the same page is counted on, as a visit of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Open
from tests.web.server import Server
from tests.web.steps import answer_alerts, field, saved, violations
from tests.web.studies import study

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Server]:
    """A server of a site that takes part in a trial."""
    server = Server(tmp_path, trial=True)
    server.start()
    yield server
    server.stop()


def draft(server: Server, page_of: Open) -> Page:
    uid = server.call("POST", "documents", study("trial"))["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    page = page_of(f"{server.address}/#/reports/{server.call('POST', 'reports', wanted)['id']}")
    page.wait_for_selector(".paper h4")
    return page


def test_what_is_done_is_counted(site: Server, open_page: Open, axe: str) -> None:  # 1, 2
    page = draft(site, open_page)
    expect(page.locator(".trial")).to_contain_text("keys and clicks are counted")
    assert violations(page, axe) == []
    field(page, "right_eca_psv").click()
    for text in ("6100", "61"):  # the first cannot be, and the page says so
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        saved(page)
    page.keyboard.press("Control+Enter")
    answer_alerts(page)
    with page.expect_response("**/visits/*") as told:
        page.keyboard.press("Enter")
    assert told.value.status == 204
    expect(page.locator(".banner")).to_contain_text("Signed by")
    [line] = site.call("GET", "trial")
    assert (line["status"], line["visits"], line["clicks"]) == ("final", 1, 1)
    chords, letters, enters = 2 * 2 + 2, len("6100") + len("61"), 2 + 1
    assert line["keystrokes"] == chords + letters + enters
    assert 0 < line["active_seconds"] <= line["seconds"] < 60
    assert (line["fields_corrected"], line["fields_typed"]) == (1, 1)
    assert line["alerts_shown"] > line["alerts_heeded"] >= 1

    page.goto(f"{site.address}/#/site/trial")
    expect(page.locator("table.rows").first).to_contain_text("Carotid duplex")
    assert violations(page, axe) == []
    with page.expect_download() as file:
        page.get_by_role("link", name="Download CSV").press("Enter")
    [row] = csv.DictReader(io.StringIO(file.value.path().read_text("utf-8")))
    assert row["keystrokes"] == str(line["keystrokes"])
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove all").press("Enter")
    expect(page.locator(".desk-pane")).to_contain_text("No signed report has been counted")
    assert site.call("GET", "trial") == []


def test_it_is_off_by_default(server: Server, open_page: Open) -> None:  # 3
    page = draft(server, open_page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field(page, "right_eca_psv").fill("61")
    page.keyboard.press("Tab")
    saved(page)
    page.goto(f"{server.address}/#/")
    page.wait_for_selector(".lists")
    assert page.locator(".trial").count() == 0
    assert not [url for url in asked if "visits" in url or "trial" in url]
    assert server.call("GET", "trial") == []


def test_an_amendment_in_the_same_page_is_counted(site: Server, open_page: Open) -> None:  # 4
    page = draft(site, open_page)
    page.keyboard.press("Control+Enter")
    answer_alerts(page)
    with page.expect_response("**/visits/*"):
        page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    [first] = site.call("GET", "trial")
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Amend")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] form")
    page.keyboard.type("A word more.")
    page.keyboard.press("Tab")
    page.locator("dialog[open] .primary").press("Enter")
    expect(page.locator(".banner")).to_contain_text("being amended")
    expect(page.locator(".trial")).to_contain_text("keys and clicks are counted")
    field(page, "other_findings").fill("")  # the focus, without a key
    page.keyboard.type("A node")
    page.keyboard.press("Tab")
    saved(page)
    page.keyboard.press("Control+Enter")
    answer_alerts(page)
    with page.expect_response("**/visits/*") as told:
        page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Amended and signed by")
    assert told.value.status == 204
    [line] = site.call("GET", "trial")
    assert (line["status"], line["visits"]) == ("amended", 2)
    again = len("A node") + 1 + 2 + 1  # with Tab, the chord that signs, and Enter
    assert line["keystrokes"] >= first["keystrokes"] + again
    assert line["seconds"] > first["seconds"]
