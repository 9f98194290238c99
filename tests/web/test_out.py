"""A report leaves the page: as text in the clipboard, on paper, as files, and to the image viewer.

1. The clipboard gets the server's text of the report, of the version that is seen, with the last keys typed.
2. On paper there is the report alone, whatever view is open, dark on white in both themes, whole in either direction,
   with the last keys typed.
3. Every format that the server renders comes as a file with a name of its own, with the bytes of the API; where it does
   not come, the page says why.
4. The viewer's link names the study.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import some
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import field

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
LIGHT = (
    "() => getComputedStyle(document.querySelector('.paper')).color.match(/\\d+/g).slice(0, 3).every((one) => one < 90)"
)

WHOLE = """() => { const paper = document.querySelector(".paper"), { left, width } = paper.getBoundingClientRect();
  const around = []; for (let at = paper; at; at = at.parentElement) around.push(at);
  const isOpen = (one) => getComputedStyle(one).overflowY === "visible";
  return left < 40 && width > innerWidth - 80 && around.every(isOpen); }"""


def test_as_text(report_page: ReportPage, server: Server) -> None:  # 1
    page, report = report_page(permissions=["clipboard-read", "clipboard-write"])
    field(page, "right_ica_prox_psv").fill("180")
    page.keyboard.press("Alt+c")  # before anything is sent
    expect(page.locator(".toast")).to_contain_text("Copied")
    text = page.evaluate("() => navigator.clipboard.readText()")
    assert "180 cm/s" in text
    assert text.split() == server.text(f"reports/{report['id']}/rendering?format=text").split()


@pytest.mark.parametrize("theme", some(["dark", "light"]))
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
    for width in (1440, 700):
        page.set_viewport_size({"width": width, "height": 600})
        assert page.evaluate(WHOLE), "nothing is cut off, or beside a column that is empty"
    page.emulate_media()
    assert page.pdf(path=tmp_path / "report.pdf").startswith(b"%PDF")


def test_on_paper_with_the_last_keys(report_page: ReportPage) -> None:  # 2
    page, _ = report_page()
    page.evaluate("() => { window.print = () => (window.printed = document.querySelector('.paper').textContent); }")
    page.keyboard.press("Alt+s")
    field(page, "right_ica_prox_psv").fill("187")
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed")
    assert "187 cm/s" in page.evaluate("() => window.printed")


def test_what_the_report_did_not_take_is_said(report_page: ReportPage, guard: Guard) -> None:  # 1
    guard.allow("status of 422")
    page, _ = report_page(permissions=["clipboard-read", "clipboard-write"])
    field(page, "right_ica_prox_psv").fill("fast")
    page.keyboard.press("Alt+c")
    expect(page.locator(".toast")).to_contain_text("What is marked as not saved is not in it.")
    assert "fast" not in page.evaluate("() => navigator.clipboard.readText()")


def test_a_file_that_does_not_come(report_page: ReportPage, guard: Guard) -> None:  # 3
    guard.allow("status of 503")
    page, _ = report_page()
    page.route("**/rendering?*", lambda route: route.fulfill(status=503, json={"detail": "Too busy."}))
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Download as text")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text("That did not work: Too busy.")


def same_but_for_instants(one: bytes, other: bytes) -> bool:
    """Tell whether two files are equal but for what is made anew each time: UIDs, and instants, which are digits."""
    texts = [re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}|[\d.:TZ+-]+", b"", content) for content in (one, other)]
    return bool(one) and texts[0] == texts[1]


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
        assert same_but_for_instants(got, expected), one["name"]


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
