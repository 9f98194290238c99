"""What a reader is told at a value: of which field it is spoken, in the language of the report, and nothing untrue.

1. A value that calculations do not use is named with its field and its side, in the language of the report.
2. The measurement that another one belongs to is called by its label, not by the key of the field.
3. Digits of other scripts are no number, and a number with two commas is none of a wrong unit.
4. The page does not say "saved" while a field holds what was refused or what is disputed.
5. What did not reach the report does not bear the mark of the device.
6. An addendum has one German name, under which the palette finds it.
7. A German page names keys and sex in German.
8. What went into a calculated value is said by fields; states and formulas of the logic are folded away.
9. Times are those of the site, as the report prints them; what a device says without a zone stays as it is.
10. On a German page a comma is decimal, and a point that may group thousands is asked about.
11. What a file is, is said in German before a report is made of it.
12. In narrow columns no line ends between a number and its unit.
13. That a report was signed while somebody typed is said in the language of the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field, mark, saved, violations

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
PSV = "right_ica_prox_psv"


def put(page: Page, text: str, key: str = PSV) -> None:
    """Write over a field as people do, and leave it."""
    field(page, key).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


@pytest.fixture
def german(report_page: ReportPage) -> Iterator[Page]:
    yield report_page("de", locale="de-DE")[0]


def test_an_implausible_value_in_german(german: Page) -> None:  # 1
    put(german, "1,5")
    told = german.locator("mrrt-attention")
    expect(told).to_contain_text("ACI proximal rechts PSV: 1,5 cm/s liegt außerhalb des Plausiblen")
    expect(told).to_contain_text(
        "(-700 bis -5 oder 5 bis 700 cm/s) und geht in keine Berechnung ein. Wert und Einheit prüfen."
    )
    expect(told).not_to_contain_text("outside")


def test_an_implausible_value_in_english(report_page: ReportPage) -> None:  # 1
    page, _ = report_page()
    put(page, "1.5")
    told = page.locator("mrrt-attention")
    expect(told).to_contain_text("Right ICA proximal PSV: 1.5 cm/s is outside what is plausible (-700 to -5 or 5 to")


def test_measurements_are_called_by_their_labels(german: Page) -> None:  # 2
    field(german, "left_ica_prox_edv").focus()
    line = german.locator("mrrt-source")
    expect(line).to_contain_text("dieselbe Messung wie ACI proximal links PSV")
    expect(line).not_to_contain_text("left_ica_prox_psv")


@pytest.mark.parametrize("text", ["٣٣٦", "1,2,3", "336."])
def test_what_is_no_number(german: Page, guard: Guard, text: str) -> None:  # 3
    guard.allow("status of 422")
    put(german, text)
    expect(german.locator("mrrt-attention")).to_contain_text("nimmt eine Zahl")


def test_points_and_commas_in_german(german: Page, server: Server, guard: Guard) -> None:  # 10
    guard.allow("status of 422")
    put(german, "1.234")
    expect(german.locator("mrrt-attention")).to_contain_text("der Punkt in")
    expect(german.locator("mrrt-attention")).to_contain_text("1234 eingeben, oder 1.2340")
    put(german, "1,234")
    saved(german)
    assert field(german, PSV).input_value() == "1,234"
    report = german.url.rpartition("/")[2]
    assert server.call("GET", f"reports/{report}")["values"][PSV]["value"] == "1.234"
    put(german, "77")
    saved(german)
    german.keyboard.press("Control+z")
    expect(field(german, PSV)).to_have_value("1,234")
    saved(german)
    assert server.call("GET", f"reports/{report}")["values"][PSV]["value"] == "1.234"


def test_a_new_file_in_german(open_page: Open, server: Server) -> None:  # 11
    page = open_page(f"{server.address}/", locale="de-DE")
    page.wait_for_selector("#new-title")
    page.set_input_files("#files", SAMPLE)
    expect(page.locator(".files")).to_contain_text("Ultraschall der Karotiden")


TIES = """async (text) => {
  const { tied } = await import("/ties.js");
  return tied(text).map((part) => (part.className === "tied" ? [part.textContent] : part));
}"""


def test_what_stays_on_one_line(german: Page) -> None:  # 12
    said = "ACI: Stenose von 50-69 %; PSV 150 cm/s, Index 1,92 (SRU 2003), 3-4 Ringe"
    parts = german.evaluate(TIES, said)
    assert [part[0] for part in parts if isinstance(part, list)] == ["50-69 %;", "150 cm/s,", "3-4 Ringe"]
    assert "".join(part[0] if isinstance(part, list) else part for part in parts) == said


def test_nothing_is_called_saved_that_is_not(german: Page, guard: Guard) -> None:  # 4, 5
    guard.allow("status of 422")
    put(german, "blabla")
    expect(german.locator(".save-state")).to_have_text("Nicht alles gespeichert")
    assert mark(german, PSV).startswith("ACI proximal rechts PSV nimmt eine Zahl")
    field(german, PSV).focus()
    german.keyboard.press("Alt+z")
    saved(german)
    expect(german.locator(".save-state")).to_have_text("Gespeichert")
    assert mark(german, PSV) == "importiert"


def test_what_waits_is_not_marked_as_imported(server: Server, report_page: ReportPage, guard: Guard) -> None:  # 5
    guard.allow("status of 503")
    page, _ = report_page()
    page.route("**/api/v1/reports/*", lambda route: route.fulfill(status=503))
    put(page, "123")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "away")
    assert mark(page, PSV) == ""
    page.unroute("**/api/v1/reports/*")
    saved(page)
    assert mark(page, PSV) == "typed over an imported value"


def test_an_addendum_has_one_name(server: Server, report_page: ReportPage) -> None:  # 6
    page, report = report_page("de", locale="de-DE")
    server.sign(report["id"])
    page.wait_for_selector(".banner .signature")
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Nachtrag")
    expect(page.locator("dialog.picker [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("Der Nachtrag wird sofort signiert")


def test_keys_and_sex_in_german(german: Page) -> None:  # 7
    expect(german.locator("#context .patient")).to_contain_text("weiblich")
    expect(german.locator("#context")).to_contain_text("Strg K")
    expect(german.locator("mrrt-preview")).to_contain_text("geb. 02.01.1950, weiblich, ID EX-0001")
    german.keyboard.press("?")
    keys = german.locator("dialog.shortcuts")
    expect(keys).to_contain_text("Strg + Umschalt + Z")
    expect(keys).not_to_contain_text("Ctrl")
    german.keyboard.press("Escape")
    german.keyboard.press("Control+k")
    palette = german.locator("dialog.picker")
    expect(palette).to_contain_text("Strg P")
    expect(palette).not_to_contain_text("Ctrl")


def test_no_state_of_the_logic_is_read_out(german: Page, axe: str) -> None:  # 8
    german.keyboard.press("Alt+s")
    panel, line = german.locator("#side-panel"), german.locator("mrrt-source")
    field(german, "left_ica_grade").focus()
    expect(panel.locator(".inputs").first).to_contain_text(
        "Gewertete PSV der ACI (höchste, Bulbus eingeschlossen) links"
    )
    assert "left_state" not in panel.inner_text()
    panel.locator("details.inner summary").press("Enter")
    expect(panel.locator("details.inner code").first).to_be_visible()
    assert violations(german, axe) == []
    field(german, "left_cautions").focus()
    expect(panel.locator(".inputs").first).to_contain_text("ACI proximal links PSV")
    expect(line).to_contain_text("Plaque nicht beurteilt")
    expect(line).not_to_contain_text("string join")
    assert "string join" not in panel.inner_text()
    field(german, "left_ica_psv").focus()
    expect(panel.locator(".inputs").first).to_contain_text("SRU 2003 (Grant et al.")
    assert "sru_2003" not in panel.inner_text()


def test_times_are_those_of_the_site(open_page: Open, tmp_path: Path) -> None:  # 9
    server = Server(tmp_path, time_zone="Asia/Kolkata")
    server.start()
    try:
        report = server.draft(SAMPLE)["id"]
        server.sign(report)
        page = open_page(f"{server.address}/#/reports/{report}", timezone_id="America/New_York")
        page.wait_for_selector(".paper h4")
        printed = re.search(r"Signed by Dr. Example, \S+ (\d\d:\d\d) UTC\+05:30", page.locator(".paper").inner_text())
        assert printed is not None
        expect(page.locator(".banner .signature")).to_contain_text(printed[1])
        page.keyboard.press("Alt+s")
        field(page, PSV).focus()
        expect(page.locator(".facts")).to_contain_text("14 Jan 2026, 10:15")
        page.close()
    finally:
        server.stop()


def test_what_came_too_late_is_told_in_german(report_page: ReportPage, guard: Guard, server: Server) -> None:  # 13
    guard.allow("status of (409|412)|ERR_FAILED")
    page, report = report_page("de", locale="de-DE")
    page.route("**/api/v1/events*", lambda route: route.abort())
    page.reload()
    page.wait_for_selector(".paper h4")
    server.sign(report["id"])
    put(page, "61")
    told = page.locator("mrrt-attention")
    expect(told).to_contain_text("Nicht gespeichert: „61“.")
    expect(told).to_contain_text("anderswo signiert oder abgebrochen")
    expect(told).not_to_contain_text("final")
