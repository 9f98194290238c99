"""The form of a report: sections that fold, two sides side by side, the patient in sight, keys where they work.

1. What measurements left unused starts folded; nothing that holds a value or waits for the reader does.
2. A heading folds and unfolds its section by keys; what it holds is said in one line, in the language of the page.
3. A value that arrives in a folded section is in that line; print and the report's text have everything all the same.
4. Being led to a field unfolds its section: from the list of what needs the reader, and from the palette.
5. What the reader folded and unfolded is so again in the next report of the template, and one command opens all that
   is unused; a browser that keeps nothing folds as it did at first.
6. A form that takes the place of another has the same sections folded.
7. Two sides stand beside each other where there is room, in one table or in two parts, whatever language names them.
8. Who the patient is stays in sight at 200 % zoom, and nothing covers the field that has the focus.
9. The list of keys has those that work where the reader is; what scrolls can be reached by keys.
10. Earlier texts have as much room as present ones, under heads of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect

from tests.conftest import ROOT
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field, saved, tab_to, tab_to_field, violations
from tests.web.studies import normal, study

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
BESIDE_ITS_CELL = """() => [...document.querySelectorAll(".grid .field")].flatMap((field) => {
  if (!field.offsetParent) return [];
  const end = field.closest("td").nextElementSibling?.getBoundingClientRect().left ?? innerWidth;
  return [...field.querySelectorAll("input, select, .mark:not(:empty)")]
    .filter((part) => part.getBoundingClientRect().right > end + 1)
    .map((part) => `${field.querySelector("[data-field]")?.dataset.field} ${part.tagName}`);
})"""
"""Fields and marks in tables that reach over the next column, or out of the window."""
PAGES = ROOT / "tests" / "web" / "pages"
SIDES = "2.25.5201"
ZOOMED = ViewportSize(width=720, height=450)
COVERED = """() => {
  const field = document.activeElement.getBoundingClientRect();
  const over = ['.bar', '.status-bar'].map((one) => document.querySelector(one).getBoundingClientRect());
  return Math.max(0, over[0].bottom - field.top) + Math.max(0, field.bottom - over[1].top);
}"""


def section(page: Page, key: str) -> Locator:
    """Return the heading of a section, which folds it."""
    return page.locator(f'[id="t-{key}"] > .section-head .fold')


def held(page: Page, key: str) -> Locator:
    """Return the line that says what a folded section holds."""
    return page.locator(f'[id="t-{key}"] > .section-head .held')


def state(page: Page) -> dict[str, bool]:
    """Return which sections are shown, and whether each is unfolded."""
    found: dict[str, bool] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".template-form section[id]:not([hidden])")]
             .map((one) => [one.id.slice(2), one.querySelector(".fold").ariaExpanded === "true"]))"""
    )
    return found


def empty_report(server: Server, template: str, language: str = "en") -> str:
    return str(server.call("POST", "reports", {"template": template, "documents": [], "language": language})["id"])


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector(".template-form .fold")
    page.wait_for_selector(".paper h3")
    return page


UNUSED = {"clinical_information": False, "procedure": False, "comparison": False}


def test_what_is_unused_starts_folded(report_page: ReportPage, server: Server, open_page: Open) -> None:  # 1
    page, _ = report_page()
    shown = state(page)
    assert shown | UNUSED == shown
    assert [key for key, is_open in shown.items() if not is_open] == list(UNUSED)
    assert shown["findings"], "two fields of it are asked for"
    expect(field(page, "indication")).to_be_hidden()
    expect(held(page, "procedure")).to_have_text("empty")

    plain = empty_report(server, "us-carotid-duplex")
    other = opened(open_page("about:blank"), f"{server.address}/#/reports/{plain}")
    assert all(state(other).values()), "who fills a form by hand needs all of it"


def test_a_heading_folds_by_keys(report_page: ReportPage, axe: str) -> None:  # 2
    page, _ = report_page()
    tab_to(page, "#t-clinical_information .fold")
    page.keyboard.press("Enter")
    expect(section(page, "clinical_information")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(field(page, "indication")).to_be_focused()
    page.keyboard.type("Vertigo")
    saved(page)
    tab_to(page, "#t-clinical_information .fold", key="Shift+Tab")
    page.keyboard.press("Space")
    button = section(page, "clinical_information")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(held(page, "clinical_information")).to_have_text("1 filled: Indication Vertigo")
    assert page.locator(f'[id="{button.get_attribute("aria-controls")}"]').is_hidden()
    assert button.get_attribute("aria-describedby") == held(page, "clinical_information").get_attribute("id")
    expect(page.get_by_role("heading", name="Clinical information", level=2).first).to_be_visible()

    section(page, "findings").press("Enter")
    expect(held(page, "findings")).to_contain_text("asked for: 2 · 40 filled: Right CCA proximal PSV 84.0")
    assert violations(page, axe) == []
    page.get_by_label("Language").select_option("de")
    expect(held(page, "clinical_information")).to_have_text("1 ausgefüllt: Indikation Vertigo")
    expect(held(page, "findings")).to_contain_text("noch verlangt: 2 · 40 ausgefüllt: ACC proximal rechts PSV 84,0")
    expect(button).to_have_text("Klinische Angaben")


def test_what_arrives_in_a_fold_is_said(report_page: ReportPage, server: Server, guard: Guard) -> None:  # 3
    guard.allow("status of 412")  # somebody else edits, too
    page, report = report_page()
    expect(held(page, "procedure")).to_have_text("empty")
    section(page, "grading").press("Enter")
    expect(held(page, "grading")).to_contain_text("Right ICA PSV used (highest, bulb included) 336")
    tab_to_field(page, "right_ica_prox_psv", back=True)
    page.keyboard.type("400")
    page.keyboard.press("Tab")
    expect(held(page, "grading")).to_contain_text("Right ICA PSV used (highest, bulb included) 400")

    edits = [{"field": "limitations", "value": "Obesity"}]
    server.call("PATCH", f"reports/{report['id']}", {"edits": edits})
    field(page, "right_eca_psv").fill("101")
    page.keyboard.press("Tab")
    expect(held(page, "procedure")).to_have_text("1 filled: Limitations Obesity")
    expect(page.locator(".paper")).to_contain_text("Obesity")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".paper").get_by_text("Obesity")).to_be_visible()
    expect(page.locator(".paper").get_by_text("336 cm/s")).to_have_count(0)
    expect(page.locator(".paper").get_by_text("400 cm/s").first).to_be_visible()


def test_being_led_to_a_field_unfolds_it(report_page: ReportPage) -> None:  # 4
    page, _ = report_page()
    section(page, "findings").press("Enter")
    expect(field(page, "right_plaque")).to_be_hidden()
    for _ in range(3):
        page.keyboard.press("Alt+n")
        if page.evaluate("() => document.activeElement.dataset.field") == "right_plaque":
            break
    expect(field(page, "right_plaque")).to_be_focused()
    expect(section(page, "findings")).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Technique")
    page.keyboard.press("Enter")
    expect(field(page, "technique")).to_be_focused()
    expect(section(page, "procedure")).to_have_attribute("aria-expanded", "true")
    expect(section(page, "comparison")).to_have_attribute("aria-expanded", "false")


def test_folds_are_remembered(report_page: ReportPage, server: Server) -> None:  # 5
    page, _ = report_page()
    section(page, "clinical_information").press("Enter")
    section(page, "grading").press("Enter")
    section(page, "findings").press("Enter")
    opened(page, f"{server.address}/#/reports/{server.draft(SAMPLE)['id']}")
    expect(section(page, "clinical_information")).to_have_attribute("aria-expanded", "true")
    expect(section(page, "procedure")).to_have_attribute("aria-expanded", "false")
    expect(section(page, "findings")).to_have_attribute("aria-expanded", "true")  # something in it waits

    healthy = server.call("POST", "documents", study("folds", patient="EX-FOLDS"))["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [healthy], "language": "en"}
    opened(page, f"{server.address}/#/reports/{server.call('POST', 'reports', wanted)['id']}")
    expect(section(page, "grading")).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Keep unused sections open")
    page.keyboard.press("Enter")
    expect(field(page, "technique")).to_be_visible()
    opened(page, f"{server.address}/#/reports/{server.draft(SAMPLE)['id']}")
    assert all(state(page).values())
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Fold sections")
    page.keyboard.press("Enter")
    expect(field(page, "technique")).to_be_hidden()

    page.evaluate("() => localStorage.setItem('mrrt.folds', 'no JSON')")
    opened(page, f"{server.address}/#/reports/{server.draft(SAMPLE)['id']}")
    assert [key for key, is_open in state(page).items() if not is_open] == list(UNUSED)


def test_a_new_form_has_the_same_folds(server: Server, open_page: Open) -> None:  # 6
    server.store(*(PAGES / name for name in ("cyst.html", "mass.html", "kidney.html")))
    page = opened(open_page("about:blank"), f"{server.address}/#/reports/{empty_report(server, '2.25.5101')}")
    for key in ("survey", "levels"):
        section(page, key).press("Enter")
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Segment 1")
    page.keyboard.press("Enter")
    expect(field(page, "above1")).to_be_focused()
    field(page, "kind").select_option("cyst")
    expect(page.get_by_label("Bosniak class")).to_be_visible()
    assert state(page) == {"survey": True, "focus": True, "levels": False}
    expect(held(page, "levels")).to_have_text("empty")


def box(page: Page, key: str) -> FloatRect:
    return box_of(field(page, key))


def box_of(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found
    return found


def test_two_sides_side_by_side(server: Server, open_page: Open, report_page: ReportPage, axe: str) -> None:  # 7
    server.store(PAGES / "sides.html")
    page = opened(open_page("about:blank"), f"{server.address}/#/reports/{empty_report(server, SIDES, 'de')}")
    for right, left in (("laenge_rechts", "laenge_links"), ("ureter_rechts", "ureter_links")):
        one, other = box(page, right), box(page, left)
        assert one["y"] == other["y"]
        assert one["x"] + one["width"] < other["x"]
    assert box(page, "milz")["y"] > box(page, "leber")["y"], "two organs are not two sides"
    assert box(page, "frage")["width"] > box(page, "text_rechts")["width"]
    expect(page.locator("td.other-side").get_by_label("Parenchymdicke links")).to_be_visible()
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 400, "height": 800})
    assert box(page, "laenge_links")["y"] > box(page, "text_rechts")["y"], "no room: one below the other"

    carotid, _ = report_page()
    for name in ("ica_prox_psv", "plaque", "ica_grade"):
        one, other = box(carotid, f"right_{name}"), box(carotid, f"left_{name}")
        assert one["y"] == other["y"]
        assert one["x"] + one["width"] < other["x"]


def test_the_patient_stays_in_sight(report_page: ReportPage, axe: str) -> None:  # 8
    page, _ = report_page()
    page.set_viewport_size(ZOOMED)
    name = page.locator("#context .patient")
    section(page, "clinical_information").focus()
    covered = {}
    for _ in range(70):
        page.keyboard.press("Tab")
        key = page.evaluate("() => document.activeElement.dataset?.field")
        if key:
            expect(name).to_be_in_viewport(ratio=1)
            covered[key] = page.evaluate(COVERED)
    assert len(covered) > 50
    assert {key: pixels for key, pixels in covered.items() if pixels} == {}
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(COVERED) == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= ZOOMED["width"]
    assert violations(page, axe) == []


def keys(page: Page) -> str:
    page.locator("h1").focus()
    page.keyboard.press("?")
    text = page.locator("dialog.shortcuts dl").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    return text


def test_keys_are_listed_where_they_work(report_page: ReportPage, server: Server) -> None:  # 9
    page, report = report_page()
    told = keys(page)
    assert "Ctrl + Y" in told and "Alt + N" in told and "Search the worklist" not in told
    server.sign(report["id"])
    page.reload()
    page.wait_for_selector(".banner .signature")
    told = keys(page)
    assert "Alt + V" in told and "Alt + N" not in told and "Ctrl + Y" not in told
    page.goto(server.address)
    page.wait_for_selector("mrrt-worklist .lists section")
    told = keys(page)
    assert "Search the worklist" in told and "↑ ↓" in told and "Alt" not in told


def test_a_long_view_scrolls_by_keys(report_page: ReportPage, axe: str) -> None:  # 9
    page, _ = report_page()
    page.set_viewport_size({"width": 1440, "height": 500})
    field(page, "right_ica_prox_psv").focus()
    page.keyboard.press("Alt+s")
    page.wait_for_selector("mrrt-side .tree")
    page.keyboard.press("Alt+s")
    expect(page.locator("#side-panel")).to_be_focused()
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelector('#side-panel').scrollTop > 0")
    page.keyboard.press("Escape")
    expect(field(page, "right_ica_prox_psv")).to_be_focused()
    page.locator("#tab-source").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#side-panel")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+s")
    page.keyboard.press("Alt+s")
    expect(page.locator("#tab-document")).to_have_attribute("aria-selected", "true")
    expect(field(page, "right_ica_prox_psv")).to_be_focused()
    assert violations(page, axe) == []


def test_before_and_now_have_the_same_room(server: Server, open_page: Open, axe: str) -> None:  # 10
    def begun(name: str, **more: object) -> str:
        uid = server.call("POST", "documents", study(name, patient="EX-BEFORE", **more))["sop_instance_uid"]  # type: ignore[arg-type]
        wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "de"}
        return str(server.call("POST", "reports", wanted)["id"])

    server.sign(begun("before", date="20250110"))
    faster = {**normal(), ("right", "ica", "prox"): (150.0, 45.0)}
    page = opened(open_page("about:blank"), f"{server.address}/#/reports/{begun('now', velocities=faster)}")
    page.keyboard.press("Alt+b")
    row = page.locator("table.before.texts tr.changed", has_text="ACI rechts").first
    expect(row).to_be_visible()
    was, now = (box_of(cell) for cell in row.locator("td").all())
    assert abs(was["width"] - now["width"]) < 2
    assert was["width"] > 180
    numbers = page.locator("table.before.numbers")
    expect(numbers.locator("tr.changed", has_text="ACI proximal rechts PSV")).to_contain_text("+82,0")
    assert numbers.locator("thead th").all_inner_texts() == ["Feld", "10.01.2025", "jetzt", "Änderung", "Verlauf"]
    assert page.locator("table.before.texts thead th").all_inner_texts() == ["Feld", "10.01.2025", "jetzt"]
    assert violations(page, axe) == []


@pytest.mark.parametrize("width", [480, 400])
def test_marks_and_fields_stay_whole_in_a_narrow_window(report_page: ReportPage, width: int) -> None:  # 8
    page, _ = report_page()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(BESIDE_ITS_CELL) == []
    shown = "input => input.scrollWidth <= input.clientWidth"
    assert field(page, "right_ica_prox_psv").evaluate(shown), "336.0 is seen whole"


def test_a_table_of_doses_is_seen_whole_beside_the_form(open_page: Open, server: Server) -> None:
    document = server.call("POST", "documents", (SAMPLE.parent / "ct-dose-example.dcm").read_bytes())
    wanted = {"template": "ct-dose", "documents": [document["sop_instance_uid"]], "language": "de"}
    report = server.call("POST", "reports", wanted)["id"]
    page = open_page(f"{server.address}/#/reports/{report}")
    page.set_viewport_size({"width": 1280, "height": 720})
    paper = page.locator("mrrt-preview .paper")
    expect(paper).to_contain_text("191,1 mGy.cm")
    assert paper.evaluate("paper => paper.scrollWidth - paper.clientWidth") <= 0
