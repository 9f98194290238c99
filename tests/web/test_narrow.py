"""What pages of 320 px, at 200 % and in forced colours still show: whole numbers, texts to sign, what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import SAMPLE, Open
from tests.web.server import Server
from tests.web.steps import field, tab_to_field, violations

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 720, "height": 450}
CUT = """() => [...document.querySelectorAll(".grid .field.number input")]
    .filter((input) => input.value && input.scrollWidth > input.clientWidth).map((input) => input.value)"""


def box(found: Locator) -> dict[str, float]:
    measured = found.bounding_box()
    assert measured
    return dict(measured)


def bottom(found: Locator) -> float:
    return box(found)["y"] + box(found)["height"]


def wide(page: Page) -> int:
    return int(page.evaluate("() => document.documentElement.scrollWidth"))


@pytest.mark.parametrize("width", [320, 360, 412])
def test_no_digit_is_hidden_on_a_narrow_page(report_page: ReportPage, width: int) -> None:
    page, _ = report_page("de", locale="de-DE")
    page.set_viewport_size({"width": width, "height": 640})
    assert page.evaluate(CUT) == []
    assert wide(page) == width


def test_no_digit_of_a_dose_is_hidden_on_a_narrow_page(server: Server, open_page: Open) -> None:
    sample = SAMPLE.with_name("ct-dose-example.dcm").read_bytes()
    uid = server.call("POST", "documents", sample)["sop_instance_uid"]
    wanted = {"template": "ct-dose", "documents": [uid], "language": "de"}
    report = server.call("POST", "reports", wanted)["id"]
    page = open_page(f"{server.address}/#/reports/{report}", locale="de-DE")
    page.wait_for_selector(".paper h4")
    page.set_viewport_size(NARROW)
    assert page.evaluate(CUT) == []
    assert wide(page) == NARROW["width"]


def test_the_bar_of_a_narrow_page_fits(server: Server, open_page: Open, report_page: ReportPage, axe: str) -> None:
    start = open_page(server.address, locale="de-DE")
    start.set_viewport_size(NARROW)
    expect(start.locator(".rooms a").first).to_be_visible()
    assert wide(start) == NARROW["width"]
    assert violations(start, axe) == []
    page, _ = report_page("de", locale="de-DE")
    page.set_viewport_size(NARROW)
    assert violations(page, axe) == []


def test_the_patient_stays_in_sight_and_leaves_room(report_page: ReportPage) -> None:
    page, _ = report_page("de", locale="de-DE")
    page.set_viewport_size(NARROW)
    tab_to_field(page, "right_impression")
    assert box(page.locator(".patient strong"))["y"] >= 0
    assert bottom(page.locator("#context")) < NARROW["height"] / 3
    assert box(field(page, "right_impression"))["y"] > bottom(page.locator("#context"))


@pytest.mark.parametrize("size", [NARROW, ZOOMED])
def test_no_button_lies_over_what_is_signed(report_page: ReportPage, size: Any) -> None:
    page, _ = report_page("de", locale="de-DE")
    page.set_viewport_size(size)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog .paper h3")
    paper = page.locator("dialog .paper")
    assert paper.evaluate("(paper) => getComputedStyle(paper).overflowY") == "auto"
    for button in page.locator("dialog .actions button").all():
        assert box(button)["y"] >= bottom(paper)
        assert box(button)["x"] >= box(page.locator("dialog"))["x"]


def test_why_a_grade_is_stays_in_sight_at_200_percent(report_page: ReportPage) -> None:
    page, _ = report_page()
    page.set_viewport_size(ZOOMED)
    tab_to_field(page, "right_ica_grade")
    page.wait_for_selector("mrrt-source .reasons")
    assert bottom(page.locator(".status-bar")) == ZOOMED["height"]
    assert bottom(field(page, "right_ica_grade")) <= box(page.locator(".status-bar"))["y"]


def test_forced_colours_show_what_is_chosen(report_page: ReportPage) -> None:
    page, _ = report_page(forced_colors="active")
    line = "(tab) => getComputedStyle(tab).borderBottomColor"
    chosen, other = (page.locator(f'.tabs [aria-selected="{state}"]').first for state in ("true", "false"))
    assert chosen.evaluate(line) != other.evaluate(line)
    page.keyboard.press("Control+k")
    ring = "(option) => getComputedStyle(option).outlineStyle"
    assert page.locator('.options [aria-selected="true"]').evaluate(ring) == "solid"
