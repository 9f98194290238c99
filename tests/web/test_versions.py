"""The versions of a report: who did what, what any two say differently, and each as it read.

1. At first the version that was signed last stands against the one of now: fields with what they said and say.
2. Any two versions can be compared, in either order; what the reader chose stays while the report goes on.
3. Edits of one person that follow each other are one entry, which says what they changed together.
4. Hundreds of versions are all there, and only the first is called the first.
5. A version's text is shown as it read then, by keys, and the focus comes back.
6. A list that could not be had is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field, saved, tab_to, violations

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]


def edit(server: Server, report: str, **values: str) -> None:
    for name, value in values.items():
        server.call("PATCH", f"reports/{report}", {"edits": [{"field": name, "value": value}]})


def amended(server: Server) -> str:
    """Return a report: 1 created, 2 and 3 edited, 4 signed, 5 opened again, 6 edited."""
    report = str(server.draft(SAMPLE)["id"])
    edit(server, report, indication="Vertigo", right_eca_psv="99")
    server.sign(report)
    server.call("POST", f"reports/{report}/revision", {"kind": "amended", "reason": "The plaque was left out."})
    edit(server, report, right_plaque="present")
    return report


def versions_of(page: Page, address: str) -> Locator:
    """Open a report at its versions; returns the comparison at the top."""
    page.goto(address)
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+v")
    page.wait_for_selector(".compare .difference :is(table, ul, p:not(:empty))")
    return page.locator(".compare")


def rows(place: Locator) -> list[list[str]]:
    """Return the changed fields of a difference: label, before, after."""
    place.locator("table").first.wait_for()
    found = place.locator("tbody tr").all()
    return [row.locator("th, td").all_inner_texts()[:3] for row in found]


def choose(page: Page, which: str, version: int) -> None:
    page.locator(f"#compare-{which}").select_option(str(version))


@pytest.fixture
def shown(server: Server, open_page: Open) -> tuple[Page, Locator, str]:
    """A report that is being amended, at its versions."""
    report = amended(server)
    page = open_page("about:blank")
    return page, versions_of(page, f"{server.address}/#/reports/{report}"), report


def test_signed_against_now(shown: tuple[Page, Locator, str], axe: str) -> None:  # 1
    page, compare, _ = shown
    expect(page.locator("#compare-from")).to_have_value("4")
    expect(page.locator("#compare-to")).to_have_value("6")
    expect(compare.locator("tbody tr")).not_to_have_count(0)
    changed = {label: (before, after) for label, before, after in rows(compare)}
    assert changed["Right plaque at the bifurcation or ICA"] == ("–", "present")
    assert "Indication" not in changed
    assert compare.locator("thead th").all_inner_texts()[:3] == ["Field", "Version 4", "Version 6"]
    expect(compare.locator("ul")).to_contain_text("being amended: The plaque was left out.")
    assert violations(page, axe) == []


def test_any_two(shown: tuple[Page, Locator, str]) -> None:  # 2
    page, compare, _ = shown
    choose(page, "from", 1)
    expect(compare.locator("thead")).to_contain_text("Version 1")
    choose(page, "to", 3)
    expect(compare.locator("thead")).to_contain_text("Version 3")
    assert rows(compare) == [["Indication", "–", "Vertigo"], ["Right ECA PSV", "98.0 cm/s", "99 cm/s"]]
    choose(page, "to", 2)
    expect(compare.locator("tbody tr")).to_have_count(1)
    choose(page, "from", 3)
    expect(compare.locator("thead")).to_contain_text("Version 3")
    assert rows(compare) == [["Right ECA PSV", "98.0 cm/s", "99 cm/s"]], "the earlier one comes first"
    choose(page, "from", 2)
    expect(compare).to_contain_text("Both say the same.")

    field(page, "right_eca_edv").fill("17")
    page.keyboard.press("Tab")
    saved(page)
    page.wait_for_selector("#compare-from option[value='7']", state="attached")
    expect(page.locator("#compare-from")).to_have_value("2")
    expect(page.locator("#compare-to")).to_have_value("2")


def test_edits_are_one_entry(shown: tuple[Page, Locator, str]) -> None:  # 3
    page, _, _ = shown
    entries = page.locator("ol.versions > li")
    assert [line.split("\n")[0] for line in entries.locator(".n").all_inner_texts()] == ["6", "5", "4", "2 – 3", "1"]
    several = entries.nth(3)
    expect(several.locator(".what")).to_have_text("edited, 2 times")
    tab_to(page, "ol.versions li:nth-child(4) summary")
    page.keyboard.press("Enter")
    assert rows(several) == [["Indication", "–", "Vertigo"], ["Right ECA PSV", "98.0 cm/s", "99 cm/s"]]
    entries.nth(4).locator("summary").press("Enter")
    expect(entries.nth(4)).to_contain_text("The first version.")


def test_hundreds(server: Server, open_page: Open) -> None:  # 4
    report = str(server.draft(SAMPLE)["id"])
    for n in range(205):
        edit(server, report, limitations=f"Limitation {n}")
    page = open_page("about:blank")
    compare = versions_of(page, f"{server.address}/#/reports/{report}")
    expect(page.locator("#compare-from option")).to_have_count(206)
    expect(page.locator("#compare-from")).to_have_value("1")
    assert rows(compare) == [["Limitations", "–", "Limitation 204"]]
    assert page.locator("ol.versions .n").all_inner_texts() == ["2 – 206", "1"]
    page.locator("ol.versions summary").first.press("Enter")
    assert rows(page.locator("ol.versions li").first) == [["Limitations", "–", "Limitation 204"]]
    expect(page.locator("ol.versions")).not_to_contain_text("The first version.")


def test_a_text_of_then(shown: tuple[Page, Locator, str], axe: str) -> None:  # 5
    page, compare, _ = shown
    page.locator("#compare-from").focus()
    page.keyboard.press("Tab")
    expect(compare.get_by_role("button", name="Text of version 4")).to_be_focused()
    page.keyboard.press("Enter")
    paper = page.locator("dialog .paper")
    expect(paper).to_be_focused()
    expect(paper).to_contain_text("Indication: Vertigo")
    expect(paper).to_contain_text("99 cm/s")
    expect(paper).not_to_contain_text("plaque: present")
    assert violations(page, axe) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(compare.get_by_role("button", name="Text of version 4")).to_be_focused()

    page.locator("ol.versions summary").last.press("Enter")
    page.get_by_role("button", name="Text of version 1").press("Enter")
    expect(paper).to_contain_text("98.0 cm/s")
    expect(paper).not_to_contain_text("Vertigo")


def test_a_failure_is_no_answer(server: Server, report_page: ReportPage, guard: Guard) -> None:  # 6
    guard.allow("ERR_FAILED")
    page, report = report_page()
    edit(server, report["id"], limitations="Obesity")
    page.route("**/versions?*", lambda route: route.abort())
    page.keyboard.press("Alt+v")
    expect(page.locator("#side-panel")).to_contain_text("not available")
    page.unroute("**/versions?*")
    page.locator("#tab-versions").click()
    expect(page.locator("ol.versions")).to_be_visible()
