"""Signing in, in a real browser: over the page that somebody is at, by keyboard, without losing what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from reporting.access import Role
from tests.conftest import some
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import PHRASE, Server
from tests.web.steps import field, saved, violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application with sign-in; programs come with a token of an author."""
    server = Server(tmp_path_factory.mktemp("signed"), sign_in="local")
    server.enrol(Role.AUTHOR, sam=Role.SIGNER)
    server.start()
    yield server
    server.stop()


def sign_in_by_keys(page: Page, password: str = PHRASE) -> None:
    page.wait_for_selector("dialog.sign-in")
    expect(page.locator("#sign-in-accountName")).to_be_focused()
    page.keyboard.type("sam")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", some(["dark", "light"]))
def test_signing_in_by_keyboard_and_out_again(
    signed: Server, open_page: Open, guard: Guard, axe: str, theme: str
) -> None:
    guard.allow("status of 401")
    page = open_page(signed.address, theme)
    page.wait_for_selector("dialog.sign-in")
    assert violations(page, axe) == []
    sign_in_by_keys(page, "wrong")
    expect(page.locator("#sign-in-problem")).to_have_text("Name or password is wrong.")
    assert violations(page, axe) == []
    page.keyboard.type(PHRASE)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.sign-in", state="detached")
    page.wait_for_selector(".recent")
    expect(page.locator("#tools")).to_contain_text("Dr. Sam")
    assert page.evaluate("document.cookie") == "", "no script sees the session"
    page.click("text=Sign out")
    page.wait_for_selector("dialog.sign-in")


def test_a_session_that_ends_takes_nothing_with_it(signed: Server, open_page: Open, guard: Guard) -> None:
    guard.allow("status of 401")
    report = signed.draft(SAMPLE)
    page = open_page(f"{signed.address}/#/reports/{report['id']}")
    sign_in_by_keys(page)
    page.wait_for_selector(".paper h4")
    page.context.clear_cookies()
    field(page, "right_ica_mid_psv").fill("151")
    page.keyboard.press("Tab")
    sign_in_by_keys(page)
    page.wait_for_selector("dialog.sign-in", state="detached")
    saved(page)
    kept = signed.call("GET", f"reports/{report['id']}")["values"]["right_ica_mid_psv"]
    assert kept["value"] == "151" and page.url.endswith(report["id"])


def test_who_comes_back_after_the_session_is_asked_at_once_and_sees_nothing(
    signed: Server, open_page: Open, guard: Guard
) -> None:
    guard.allow("status of 401")
    page = open_page(signed.address)
    sign_in_by_keys(page)
    page.wait_for_selector(".recent")
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("dialog.sign-in", timeout=10_000)  # without a stream the page asks every 30 seconds
    shade = page.evaluate("getComputedStyle(document.querySelector('dialog.sign-in'), '::backdrop').backgroundColor")
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", shade), "nothing shines through"
