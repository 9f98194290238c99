"""The site desk in a real browser, beyond what test_desks.py looks at.

1. The chain of the audit log: the last check with its age when the room is opened, a new one in the background.
2. An export holds everything that the filter finds.
3. What the log says of an event is shown, reasons above all; days are those of the clock that times are shown by.
4. Deliveries and jobs go on after the first page.
5. States that a room is seldom in, under axe: a dialog, a secret, a broken chain.
6. A German page says in German why something failed, what long work did, and what the log holds; what nobody could know
   beforehand is marked as English.
7. Where clocks skip midnight, a day begins with the change; a token holds until the end of the day that was chosen.
"""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reporting.records import By
from reporting.store import open_store
from tests.conftest import some
from tests.web.conftest import SAMPLE, Open
from tests.web.server import Server
from tests.web.steps import hold_events, violations
from tests.web.studies import study

pytestmark = pytest.mark.browser
THEMES = some(["light", "dark"])


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server whose database nobody else uses."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


def planted(tmp_path: Path, *at: datetime, reason: str = "") -> None:
    """Write events into the log of the server."""
    store = open_store(f"sqlite:///{tmp_path / 'reports.sqlite'}")
    with store.writing() as transaction:
        for number, time in enumerate(at):
            detail = {"number": number, **({"reason": reason} if reason else {})}
            transaction.audit("withdraw", By("Dr. Planted", time), report_id="r-planted", detail=detail)
    store.close()


@pytest.mark.parametrize("theme", THEMES)
def test_the_state_of_the_chain(own: Server, open_page: Open, axe: str, tmp_path: Path, theme: str) -> None:  # 1, 5
    own.draft(SAMPLE)
    page = open_page(f"{own.address}/#/site/audit", theme)
    expect(page.locator(".desk-pane")).to_contain_text("Not checked yet")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.locator("#check-chain").press("Enter")
    expect(page.locator(".fine")).to_contain_text("Intact", timeout=20_000)
    assert not [one for one in asked if "verification" in one], "a large log takes longer than a request may"
    page.reload()
    expect(page.locator(".fine")).to_contain_text("Intact")
    expect(page.locator(".desk-pane")).to_contain_text(re.compile(r"\bago\b|\bnow\b"))
    with sqlite3.connect(tmp_path / "reports.sqlite") as connection:
        connection.execute("DROP TRIGGER audit_event_no_update")
        connection.execute("UPDATE audit_event SET actor = 'Nobody' WHERE action = 'create'")
    page.locator("#check-chain").press("Enter")
    expect(page.locator(".findings")).to_contain_text("does not say what it said", timeout=20_000)
    assert violations(page, axe) == []


def test_an_export_of_everything(own: Server, open_page: Open, tmp_path: Path) -> None:  # 2
    planted(tmp_path, *[datetime(2026, 1, 30, 9, tzinfo=UTC)] * 1100)
    page = open_page(f"{own.address}/#/site/audit")
    page.locator("#audit-actor").fill("Dr. Planted")
    page.locator("#audit-actor").press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("Dr. Planted")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON lines").press("Enter")
    lines = download.value.path().read_text("utf-8").splitlines()
    assert [json.loads(json.loads(line)["detail"])["number"] for line in lines] == list(range(1100))
    assert download.value.suggested_filename == "audit.jsonl"


@pytest.mark.parametrize(("site", "reader"), [("", "Pacific/Auckland"), ("Pacific/Auckland", "America/New_York")])
def test_reasons_and_days(open_page: Open, axe: str, tmp_path: Path, site: str, reader: str) -> None:  # 3
    own = Server(tmp_path, time_zone=site)
    own.start()
    try:
        look_for_days(own, open_page, axe, tmp_path, reader)
    finally:
        own.stop()


def look_for_days(own: Server, open_page: Open, axe: str, tmp_path: Path, reader: str) -> None:
    evening, noon = datetime(2026, 1, 30, 10, 30, tzinfo=UTC), datetime(2026, 1, 30, 22, 30, tzinfo=UTC)
    planted(tmp_path, evening, noon, reason="The patient was somebody else.")
    page = open_page(f"{own.address}/#/site/audit", timezone_id=reader)
    page.locator("#audit-actor").fill("Dr. Planted")
    page.locator("#audit-actor").press("Enter")
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Reason: The patient was somebody else.")
    for day, hour in (("2026-01-30", "30 Jan 2026, 23:30"), ("2026-01-31", "31 Jan 2026, 11:30")):
        page.locator("#audit-from").fill(day)
        page.locator("#audit-to").fill(day)
        page.locator("#audit-to").press("Enter")
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text(hour)
    assert violations(page, axe) == []


def test_days_where_clocks_are_changed(open_page: Open, axe: str, tmp_path: Path) -> None:  # 7
    own = Server(tmp_path, time_zone="America/Santiago")
    own.start()
    try:
        begins, second = datetime(2026, 9, 6, 4, tzinfo=UTC), timedelta(seconds=1)
        ends = datetime(2026, 9, 7, 3, tzinfo=UTC)
        planted(tmp_path, begins - second, begins, ends - second, ends)
        page = open_page(f"{own.address}/#/site/audit", timezone_id="Europe/Berlin")
        for name, value in (("actor", "Dr. Planted"), ("from", "2026-09-06"), ("to", "2026-09-06")):
            page.locator(f"#audit-{name}").fill(value)
        page.locator("#audit-to").press("Enter")
        rows = page.locator("table.rows tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("6 Sept 2026, 23:59")
        expect(rows.last).to_contain_text("6 Sept 2026, 01:00")
        page.goto(f"{own.address}/#/site/software")
        page.locator("#add-token").press("Enter")
        page.get_by_label("What it is for").fill("room 2")
        page.get_by_label("Last day").fill("2099-03-02")
        page.locator("#step-act").press("Enter")
        expect(rows.filter(has_text="room 2")).to_contain_text("2 Mar 2099, 23:59")
        assert violations(page, axe) == []
    finally:
        own.stop()


def test_deliveries_and_jobs_go_on(own: Server, open_page: Open, tmp_path: Path) -> None:  # 4
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    parts = [b"--b\r\nContent-Type: application/dicom\r\n\r\n" + study(f"cut {n}")[:2000] + b"\r\n" for n in range(45)]
    content = b"".join(parts) + b"--b--\r\n"
    request = urllib.request.Request(f"{own.address}/dicom-web/studies", content, {"Content-Type": kind}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status < 300
    store = open_store(f"sqlite:///{tmp_path / 'reports.sqlite'}")
    with store.writing() as transaction:
        for n in range(52):
            transaction.add_job(f"j{n}", "export-values", "{}", By("Dr. Planted", datetime(2026, 1, 30, tzinfo=UTC)))
            transaction.finish_job(f"j{n}", "cancelled", "", "2026-01-30T09:00:00.000000+00:00")
    store.close()
    page = open_page(f"{own.address}/#/site/devices")
    rows = page.get_by_role("table", name="Latest deliveries").locator("tbody tr")
    for seen in (20, 40):
        expect(rows).to_have_count(seen)
        page.get_by_role("button", name="More").press("Enter")
    expect(rows).to_have_count(45)
    expect(page.get_by_role("button", name="More")).to_have_count(0)
    page.goto(f"{own.address}/#/site/jobs")
    jobs = page.get_by_role("table", name="Long work").locator("tbody tr")
    expect(jobs).to_have_count(50)
    page.get_by_role("button", name="More").press("Enter")
    expect(jobs).to_have_count(52)


def test_work_that_begins_before_events_are_heard_shows(own: Server, open_page: Open) -> None:  # 4
    page = open_page("about:blank")
    held = hold_events(page)
    page.goto(f"{own.address}/#/site/jobs")
    expect(page.locator("main")).to_contain_text("Nothing yet.")
    while not held:
        page.wait_for_timeout(20)
    own.call("POST", "jobs", {"kind": "export-values", "parameters": {}})
    held[0].continue_()
    expect(page.get_by_role("table", name="Long work").locator("tbody tr")).to_have_count(1)


def received(own: Server, *contents: bytes) -> None:
    """Send objects by STOW-RS, each in a request of its own."""
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    for content in contents:
        body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--b--\r\n"
        asked = urllib.request.Request(f"{own.address}/dicom-web/studies", body, {"Content-Type": kind}, method="POST")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.status < 300


def test_what_failed_in_german(own: Server, open_page: Open, axe: str, tmp_path: Path) -> None:  # 6
    received(own, study("cut")[:2000])
    store = open_store(f"sqlite:///{tmp_path / 'reports.sqlite'}")
    with store.writing() as transaction:
        for name, message in (("j1", "2480 values of 620 reports."), ("j2", "who knows what went wrong")):
            transaction.add_job(name, "export-values", "{}", By("Dr. Planted", datetime(2026, 1, 30, tzinfo=UTC)))
            transaction.finish_job(name, "failed", message, "2026-01-30T09:00:00.000000+00:00")
    store.close()
    page = open_page(f"{own.address}/#/site/devices", locale="de-DE")
    reason = page.get_by_role("table", name="Letzte Lieferungen").locator("tbody tr").first.locator("td").last
    expect(reason).to_contain_text("Ein Teil des Dokuments fehlt: ab Byte")
    expect(reason).to_have_attribute("lang", "de")
    assert violations(page, axe) == []
    page.goto(f"{own.address}/#/site/jobs")
    jobs = page.get_by_role("table", name="Lange Arbeiten").locator("tbody tr")
    expect(jobs.filter(has_text="2480 Werte aus 620 Befunden.").locator('[lang="de"]')).to_have_count(1)
    expect(jobs.filter(has_text="who knows").locator('[lang="en"]')).to_have_text("who knows what went wrong")
    assert violations(page, axe) == []


def test_what_the_log_holds_in_german(own: Server, open_page: Open, axe: str) -> None:  # 6
    own.call("GET", "reports")
    page = open_page(f"{own.address}/#/site/audit", locale="de-DE")
    read = page.locator("table.rows details", has_text="Treffer")
    read.locator("summary").press("Enter")
    expect(read).to_contain_text("Treffer: 0")
    expect(read).to_contain_text("Vorgang: Befunde")
    expect(read.locator('[lang="en"]')).to_have_count(0)
    assert violations(page, axe) == []


@pytest.mark.parametrize("theme", THEMES)
def test_dialogs_and_secrets(own: Server, open_page: Open, axe: str, theme: str) -> None:  # 5
    page = open_page(f"{own.address}/#/site/people", theme)
    page.locator("#add-account").press("Enter")
    page.wait_for_selector("dialog[open]")
    assert violations(page, axe) == []
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("please say something")
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    page.goto(f"{own.address}/#/site/software")
    page.locator("#add-token").press("Enter")
    page.keyboard.type("ultrasound room 2")
    page.keyboard.press("Enter")
    expect(page.locator(".secret code")).to_contain_text("mrrt_")
    page.wait_for_selector("dialog", state="detached")
    assert violations(page, axe) == []
