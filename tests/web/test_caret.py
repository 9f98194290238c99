"""Whoever was typing when a window came over the page goes on where they were when it has gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reporting.access import Role
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import enter, field, saved, tab_to_field

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with sign-in."""
    server = Server(tmp_path_factory.mktemp("house"), sign_in="local")
    server.enrol(Role.SIGNER, sam=Role.SIGNER)
    server.start()
    yield server
    server.stop()


def left_and_closed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        page.wait_for_timeout(100)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("key", ["conclusion", "right_eca_psv"])
def test_typing_goes_on_after_a_window_was_closed(report_page: ReportPage, key: str) -> None:
    page, _ = report_page()
    tab_to_field(page, key)
    page.keyboard.type("15")
    saved(page)
    page.keyboard.press("ArrowLeft")
    left_and_closed(page, "Control+k")
    page.keyboard.type("2")
    expect(field(page, key)).to_have_value("125")
    left_and_closed(page, "Control+Enter")
    page.keyboard.type("3")
    expect(field(page, key)).to_have_value("1235")


def test_typing_goes_on_after_signing_in_again(house: Server, open_page: Open, guard: Guard) -> None:
    guard.allow("status of 401")
    report = house.draft(SAMPLE)["id"]
    page = open_page(f"{house.address}/#/reports/{report}")
    enter(page)
    page.wait_for_selector(".paper h4")
    tab_to_field(page, "conclusion")
    page.context.clear_cookies()
    page.keyboard.type("Before")
    enter(page)
    page.keyboard.type(" and after.")
    page.keyboard.press("Tab")
    saved(page)
    assert house.call("GET", f"reports/{report}")["values"]["conclusion"]["value"] == "Before and after."
