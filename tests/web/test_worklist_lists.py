"""What the worklist shows, and how one gets through it by keys.

1. Long lists say how many entries they hold and show more on demand; live refresh keeps what was loaded and the place.
2. A study that no template fits takes nothing from the others, and is begun with a template of the reader's choice.
3. Filters by template, period and author narrow the lists, and are remembered.
4. Search finds a name as it is shown; Enter goes to the first hit, and into it if it is the only one.
5. What waits for a signature, what was signed, and what came late are each in their list.
6. The ring around a name stays clear of the line below it.
7. Heads sort all lists, by keys too; the order is in the address, is remembered, and holds for further entries.
8. Before a second report of an examination is made, the first is named; making it is not hindered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from reporting.access import Role
from reporting.records import By
from reporting.store import open_store
from reporting.workflow import Workflow
from tests.web.conftest import Guard, Open
from tests.web.server import Server
from tests.web.steps import enter, violations
from tests.web.studies import same_study, study
from tests.web.test_worklist import begun

pytestmark = pytest.mark.browser


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server whose worklist holds what the test puts there."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[Server]:
    """A server where people sign in; programs come as an author."""
    server = Server(tmp_path, sign_in="local")
    server.enrol(Role.AUTHOR, sam=Role.SIGNER)
    server.start()
    yield server
    server.stop()


def receive(server: Server, sr: bytes) -> str:
    return str(server.call("POST", "documents", sr)["sop_instance_uid"])


def unfit(name: str) -> bytes:
    """Return a study of a patient EX-7 whose measurements no template knows."""
    content = study(name, patient="EX-7")
    for code in (b"11726-7", b"11653-3"):
        content = content.replace(code, b"99999-9")
    return content


def rows(page: Page, name: str) -> Locator:
    return page.locator(f".{name} tbody tr")


def test_the_twenty_first_study_is_reached_by_keys(own: Server, open_page: Open, axe: str) -> None:  # 1
    for number in range(23):
        receive(own, study(f"many {number}", patient=f"EX-{number:03}"))
    page = open_page(own.address)
    expect(page.locator(".unreported .count")).to_have_text("23")
    expect(rows(page, "unreported")).to_have_count(20)
    expect(page.get_by_role("status").filter(has_text="23 entries")).to_have_count(1)
    assert violations(page, axe) == []
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Show more: New measurements")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page, "unreported")).to_have_count(23)
    expect(rows(page, "unreported").nth(20).locator("th button")).to_be_focused()
    expect(page.locator(".more")).to_have_count(0)
    top = page.evaluate("document.activeElement.getBoundingClientRect().top")
    receive(own, study("one more", patient="EX-999"))
    expect(rows(page, "unreported")).to_have_count(23)
    expect(page.locator(".unreported .count")).to_have_text("24")
    expect(rows(page, "unreported").first).to_contain_text("EX-999")
    expect(rows(page, "unreported").nth(21).locator("th button")).to_be_focused()
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") == pytest.approx(top, abs=1)


def test_heads_sort_the_lists(own: Server, open_page: Open, axe: str) -> None:  # 7
    reports = [begun(own, study(f"sorted {n}", patient=f"EX-{n}")) for n in (5, 9, 1)]  # EMMA, IDA, ADELE
    for number in range(23):
        receive(own, study(f"many {number}", patient=f"EX-{100 + number}"))
    page = open_page(own.address)
    newest = ["EX-1", "EX-9", "EX-5"]
    head = page.locator(".drafts thead").get_by_role("button", name="Patient")
    column = page.locator(".drafts thead th").first

    def expect_order(wanted: list[str]) -> None:
        expect(rows(page, "drafts").locator(".about")).to_have_text([re.compile(f"^{one}\\b") for one in wanted])

    expect_order(newest)
    assert column.get_attribute("aria-sort") is None
    head.focus()
    page.keyboard.press("Enter")
    expect_order(["EX-1", "EX-5", "EX-9"])
    expect(column).to_have_attribute("aria-sort", "ascending")
    expect(head).to_be_focused()
    expect(page).to_have_url(f"{own.address}/#/?sort=patient")
    assert violations(page, axe) == []
    page.get_by_role("button", name="Show more: New measurements").press("Enter")
    expect(rows(page, "unreported")).to_have_count(23)
    shown = rows(page, "unreported").locator("th button").all_inner_texts()
    assert shown == sorted(shown) != []
    about = rows(page, "unreported").locator(".about").all_inner_texts()
    assert len(set(about)) == 23
    page.reload()
    expect_order(["EX-1", "EX-5", "EX-9"])
    head.press("Space")
    expect(column).to_have_attribute("aria-sort", "descending")
    expect_order(["EX-9", "EX-5", "EX-1"])
    page.goto(f"{own.address}/#/reports/{reports[0]}")
    page.wait_for_selector("mrrt-report .paper h4")
    page.go_back()
    expect_order(["EX-9", "EX-5", "EX-1"])
    expect(page).to_have_url(f"{own.address}/#/?sort=-patient")
    head.press("Enter")
    expect(page).to_have_url(f"{own.address}/#/")
    expect_order(newest)
    page.locator(".drafts thead").get_by_role("button", name="Changed").press("Enter")
    expect(page.locator(".drafts thead th").last).to_have_attribute("aria-sort", "descending")
    expect(page.locator("[aria-sort]")).to_have_count(2)
    page.set_viewport_size({"width": 480, "height": 900})
    expect(head).to_be_visible()
    assert violations(page, axe) == []
    page.goto(f"{own.address}/#/?sort=odd")
    expect(page).to_have_url(f"{own.address}/#/?sort=-changed")


def test_a_study_that_no_template_fits(own: Server, open_page: Open, axe: str) -> None:  # 2
    receive(own, study("fits", patient="EX-3"))
    receive(own, unfit("does not"))
    page = open_page(own.address)
    first = rows(page, "unreported").first
    expect(first).to_contain_text("no template fits")
    expect(first.locator("th button")).to_be_focused()
    assert violations(page, axe) == []
    page.keyboard.press("ArrowDown")
    expect(rows(page, "unreported").nth(1).locator("th button")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#template")).to_be_focused()
    expect(page.locator(".files li")).to_have_count(1)
    expect(page.locator(".files")).to_contain_text("EXAMPLE, GRETA")
    expect(page.locator("#create")).to_be_disabled()
    page.keyboard.type("Carotid")
    expect(page.locator("#template")).to_have_value("us-carotid-duplex")
    expect(page.locator("#template")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#create")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(".paper h4")
    expect(page.locator("#context .patient")).to_contain_text("EX-7")


def test_another_template_than_the_proposed_one(own: Server, open_page: Open) -> None:  # 2
    receive(own, study("other", patient="EX-4"))
    page = open_page(own.address)
    expect(rows(page, "unreported").locator("th button")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog.shortcuts")).to_contain_text("another template")
    page.keyboard.press("Escape")
    expect(rows(page, "unreported").locator("th button")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#template")).to_be_focused()
    expect(page.locator(".files li .about")).to_contain_text("EXAMPLE, DORA")
    expect(page.locator("#template")).to_have_value("us-carotid-duplex")
    rows(page, "unreported").get_by_role("button", name="Other template").click()
    expect(page.locator("#template")).to_be_focused()
    assert own.call("GET", "reports")["reports"] == [], "nothing has been begun"


def test_below_a_window_the_place_is_kept(own: Server, open_page: Open) -> None:  # 2
    for name in ("first", "second"):
        receive(own, study(name, patient=f"EX-{name}"))
    page = open_page(own.address)
    held = rows(page, "unreported").filter(has_text="EX-first").get_by_role("button").first
    held.focus()
    page.keyboard.press("?")
    expect(page.locator("dialog.shortcuts")).to_be_visible()
    with page.expect_response(re.compile(r"/worklist\?")):
        receive(own, study("third", patient="EX-third"))
    page.wait_for_timeout(200)
    page.keyboard.press("Escape")
    expect(rows(page, "unreported")).to_have_count(3)
    expect(held).to_be_focused()


def test_filters_are_remembered(own: Server, open_page: Open) -> None:  # 3
    receive(own, study("waits", patient="EX-1"))
    begun(own, study("drafted", patient="EX-2"))
    page = open_page(own.address)
    expect(rows(page, "unreported")).to_have_count(1)
    expect(page.locator("#mine")).to_have_count(0)
    kind = page.locator("#kind")
    other = next(one["name"] for one in own.call("GET", "templates") if one["name"] != "us-carotid-duplex")
    kind.select_option(other)
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    expect(page.locator(".list")).to_have_count(0)
    page.reload()
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    expect(kind).to_have_value(other)
    kind.select_option("us-carotid-duplex")
    for name in ("unreported", "drafts"):
        expect(rows(page, name)).to_have_count(1)
    page.evaluate("localStorage.setItem('mrrt.worklist', '[')")
    page.reload()
    expect(kind).to_have_value("")
    expect(rows(page, "drafts")).to_have_count(1)


def test_what_came_long_ago_is_a_choice_away(own: Server, open_page: Open, tmp_path: Path) -> None:  # 3
    store = open_store(f"sqlite:///{tmp_path / 'reports.sqlite'}")
    long_ago = By("Dr. Example", datetime.now(UTC) - timedelta(days=400))
    Workflow(store).receive(study("long ago", patient="EX-5"), long_ago)
    store.close()
    page = open_page(own.address)
    expect(page.locator("#period")).to_contain_text("last 30 days")
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    page.locator("#widen").press("Enter")
    expect(rows(page, "unreported")).to_contain_text("EX-5")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#period").select_option("365")
    expect(page.locator(".lists")).to_contain_text("Nothing waits")
    page.locator("#period").select_option("36500")
    expect(rows(page, "unreported")).to_contain_text("EX-5")


def test_drafts_are_mine_until_i_ask_for_all(signed_in: Server, open_page: Open, guard: Guard) -> None:  # 3
    guard.allow("status of 401")
    begun(signed_in, study("of a program", patient="EX-6"))
    receive(signed_in, study("waits", patient="EX-8"))
    page = open_page(signed_in.address)
    enter(page)
    expect(rows(page, "unreported")).to_have_count(1)
    expect(page.locator("#mine")).to_be_checked()
    expect(page.locator(".drafts")).to_have_count(0)
    page.locator("#mine").press("Space")
    expect(page.locator(".drafts h2")).to_contain_text("Drafts")
    expect(rows(page, "drafts")).to_contain_text("EX-6")
    expect(rows(page, "drafts")).to_contain_text("tests")
    expect(page.locator("#mine")).to_be_focused()
    page.reload()
    expect(rows(page, "drafts")).to_contain_text("EX-6")
    page.locator("#mine").press("Space")
    expect(page.locator(".drafts")).to_have_count(0)
    rows(page, "unreported").locator("th button").press("Enter")
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+w")
    expect(page.locator(".drafts h2")).to_contain_text("My drafts")
    expect(rows(page, "drafts")).to_contain_text("EX-8")


def test_search_goes_to_what_it_finds(own: Server, open_page: Open) -> None:  # 4
    for patient in ("EX-1", "EX-2"):
        receive(own, study(f"search {patient}", patient=patient))
    report = begun(own, study("search draft", patient="EX-3"))
    page = open_page(own.address)
    expect(rows(page, "unreported")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("example, ")
    page.keyboard.press("Enter")
    expect(rows(page, "unreported").first.locator("th button")).to_be_focused()
    assert "reports" not in page.url
    page.keyboard.press("/")
    page.keyboard.type("EXAMPLE, CLARA")
    page.keyboard.press("Enter")  # before the answer is there
    page.wait_for_selector(".paper h4")
    assert page.url.endswith(report)


def test_every_list_holds_what_it_says(own: Server, open_page: Open) -> None:  # 5
    waiting = begun(own, study("preliminary", patient="EX-1"))
    done = begun(own, study("final", patient="EX-2"))
    first, plain = study("late", patient="EX-3"), study("late, the same", patient="EX-4")
    late, same = begun(own, first), begun(own, plain)
    alerts = own.call("GET", f"reports/{waiting}")["alerts"]
    seen = [{"rule": one["rule"], "field": one.get("field"), "reason": "It was told."} for one in alerts]
    own.call("POST", f"reports/{waiting}/sign-preliminary", {"acknowledge": seen})
    for one in (done, late, same):
        own.sign(one)
    receive(own, same_study(first, "late 2", {("right", "subc", "prox"): (120.0, 5.0)}))
    receive(own, same_study(plain, "late, the same 2", {("right", "cca", "prox"): (78.0, 20.0)}))
    page = open_page(own.address)
    held: dict[str, set[str]] = {
        "late": {"EX-3"},
        "to_sign": {"EX-1"},
        "signed": {"EX-1", "EX-2", "EX-3", "EX-4"},
    }
    for name, patients in held.items():
        expect(page.locator(f".{name} .count")).to_have_text(str(len(patients)))
        texts = rows(page, name).all_inner_texts()
        assert {found[0] for text in texts if (found := re.search(r"EX-\d", text))} == patients
    expect(page.locator(".list")).to_have_count(3)
    expect(page.locator(".to_sign h2")).to_contain_text("Waiting for the final signature")
    own.sign(waiting)
    expect(page.locator(".to_sign")).to_have_count(0)
    expect(rows(page, "signed").filter(has_text="EX-1")).to_contain_text("final")


def test_the_ring_around_a_name_is_clear_of_the_line_below(own: Server, open_page: Open) -> None:  # 6
    begun(own, study("ring"))
    receive(own, study("ring 2", patient="EX-2"))
    page = open_page(own.address)
    expect(rows(page, "unreported")).to_have_count(1)
    for control in (rows(page, "unreported").locator("th button"), rows(page, "drafts").locator("th a")):
        room: Any = None
        while room is None:  # a list that is drawn anew meanwhile has other rows
            room = control.evaluate("""(name) => {
                name.focus({focusVisible: true});
                const style = getComputedStyle(name);
                const text = document.createRange();
                text.selectNodeContents(name.parentElement.querySelector(".about"));
                const gap = text.getBoundingClientRect().top - name.getBoundingClientRect().bottom;
                return name.isConnected ? gap - parseFloat(style.outlineWidth) - parseFloat(style.outlineOffset) : null;
            }""")
        assert room >= 0


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_second_report_of_an_examination(own: Server, open_page: Open, tmp_path: Path, is_signed: bool) -> None:  # 8
    given, fresh = tmp_path / "first.dcm", tmp_path / "fresh.dcm"
    given.write_bytes(study("reported", patient="EX-1"))
    fresh.write_bytes(study("fresh", patient="EX-2"))
    report = begun(own, given.read_bytes())
    if is_signed:
        own.sign(report)
    page = open_page(own.address)
    already = page.locator(".already")
    page.set_input_files("#files", fresh)
    expect(page.locator("#create")).to_be_enabled()
    expect(already).to_be_empty()
    page.set_input_files("#files", given)
    expect(already).to_contain_text("This examination has a report already")
    expect(already.locator(".status")).to_have_text("final" if is_signed else "draft")
    expect(page.locator("#create")).to_be_enabled()
    page.get_by_role("button", name="Remove").last.click()
    expect(already).to_be_empty()
    page.set_input_files("#files", given)
    already.get_by_role("link", name="Carotid duplex ultrasound").click()
    expect(page.locator("#context .patient")).to_contain_text("EX-1")
    assert page.url.endswith(report)


def test_what_was_cancelled_is_no_report_of_an_examination(own: Server, open_page: Open, tmp_path: Path) -> None:  # 8
    given = tmp_path / "first.dcm"
    given.write_bytes(study("reported", patient="EX-1"))
    for _ in range(2):
        cancelled = begun(own, given.read_bytes())
    own.call("POST", f"reports/{cancelled}/cancel", {"reason": "Wrong template"}, **{"If-Match": "*"})
    page = open_page(own.address)
    page.set_input_files("#files", given)
    expect(page.locator(".already li")).to_have_count(1)
    expect(page.locator(".already .status")).to_have_text("draft")
