"""A report leaves the page: as text in the clipboard, on paper, as files, and to the image viewer.

1. The clipboard gets the server's text of the report, of the version that is seen.
2. On paper there is the report alone, whatever view is open, dark on white in both themes.
3. Every format that the server renders comes as a file with a name of its own, with the bytes of the API.
4. The viewer's link names the study.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SAMPLE, Open
from tests.web.server import Server
from tests.web.steps import field, saved

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
LIGHT = (
    "() => getComputedStyle(document.querySelector('.paper')).color.match(/\\d+/g).slice(0, 3).every((one) => one < 90)"
)


def test_as_text(report_page: ReportPage, server: Server) -> None:  # 1
    page, report = report_page(permissions=["clipboard-read", "clipboard-write"])
    field(page, "right_ica_prox_psv").fill("180")
    page.keyboard.press("Tab")
    saved(page)
    page.keyboard.press("Alt+c")
    expect(page.locator(".toast")).to_be_visible()
    text = page.evaluate("() => navigator.clipboard.readText()")
    assert "180 cm/s" in text
    assert text.split() == server.text(f"reports/{report['id']}/rendering?format=text").split()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_on_paper(report_page: ReportPage, theme: str, tmp_path: Path) -> None:  # 2
    page, _ = report_page(theme=theme)
    page.keyboard.press("Alt+v")
    page.wait_for_selector("ol.versions")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".paper")).to_be_visible()
    for gone in (".bar", ".form-pane", ".status-bar", "mrrt-attention", "[role=tablist]"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate(LIGHT), "ink is dark"
    page.emulate_media()
    assert page.pdf(path=tmp_path / "report.pdf").startswith(b"%PDF")


def test_as_files(report_page: ReportPage, server: Server) -> None:  # 3
    page, report = report_page()
    formats = server.call("GET", "formats")
    assert len(formats) >= 3
    for one in formats:
        page.keyboard.press("Control+k")
        expect(page.locator("#picker")).to_be_focused()
        name = page.evaluate("async (name) => (await import('/strings.js')).t(`format_${name}`)", one["name"])
        page.keyboard.type(f"Download as {name}")
        with page.expect_download() as file:
            page.keyboard.press("Enter")
        assert file.value.suggested_filename == f"report-{report['id']}-v1{one['suffix']}"
        address = f"{server.address}/api/v1/reports/{report['id']}/rendering?format={one['name']}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            expected = answer.read()
        got = file.value.path().read_bytes()
        assert got and abs(len(got) - len(expected)) < 400, one["name"]  # instants of making and new UIDs differ


def test_to_the_viewer(tmp_path: Path, open_page: Open) -> None:  # 4
    server = Server(tmp_path, viewer_url="http://viewer.example/?study={study_instance_uid}")
    server.start()
    try:
        report = server.draft(SAMPLE)
        page = open_page(f"{server.address}/#/reports/{report['id']}")
        link = page.locator("#viewer")
        expect(link).to_have_attribute("href", f"http://viewer.example/?study={report['study']['study_instance_uid']}")
        expect(link).to_have_attribute("rel", "noopener")
        page.close()
    finally:
        server.stop()
