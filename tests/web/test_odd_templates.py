"""Templates that nobody would write and somebody did: nothing runs, nothing is hidden, nothing is lost.

1. A thousand fields: the form is there, an edit is saved, the last field is reached by the palette.
2. Scripts, handlers, remote images and CSS that hides: none has an effect, and every field is there to be filled.
3. A unit of 40 characters and a label of 300: nothing stands beside the window, and the unit is read in full.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Open
from tests.web.large import template
from tests.web.server import Server
from tests.web.steps import field, saved, violations

pytestmark = pytest.mark.browser
LONG_UNIT = "{unit_that_somebody_invented_on_a_monday}"
HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Odd</title>'
    '<meta name="dcterms.title" content="Odd"><meta name="dcterms.identifier" content="{identifier}">'
    '<meta name="dcterms.language" content="en"><meta name="dcterms.type" content="IMAGE_REPORT_TEMPLATE">'
    '<meta name="dcterms.publisher" content="Example"><meta name="dcterms.date" content="2026-01-01">{more}</head>'
    "<body>"
)


def opened(server: Server, open_page: Open, folder: Path, html: str, identifier: str) -> tuple[Page, str]:
    page_file = folder / "odd.html"
    page_file.write_text(html, "utf-8")
    server.store(page_file)
    wanted = {"template": identifier, "documents": [], "language": "en"}
    report = str(server.call("POST", "reports", wanted)["id"])
    page = open_page(f"{server.address}/#/reports/{report}")
    page.wait_for_selector("mrrt-report [data-field]")
    return page, report


def test_a_thousand_fields(server: Server, open_page: Open, tmp_path: Path) -> None:  # 1
    page, report = opened(server, open_page, tmp_path, template(1000), "2.25.1000")
    assert page.locator("mrrt-report input[data-field]").count() == 1000
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type("Measure 999")
    page.keyboard.press("Enter")
    expect(field(page, "f999")).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    saved(page)
    assert server.call("GET", f"reports/{report}")["values"]["f999"]["value"] == "12"


def test_what_acts_or_hides_does_nothing(server: Server, open_page: Open, tmp_path: Path, axe: str) -> None:  # 2
    style = "<style>.gone, #b { display: none } input { opacity: 0; position: fixed; left: -99em }</style>"
    html = HEAD.format(identifier="2.25.771", more=f"{style}<script>window.ran = 1</script>") + (
        '<section id="s" data-section-name="Findings" class="gone"><header>Findings</header>'
        '<img src="https://example.org/count.png" onerror="window.ran = 2">'
        '<p style="display:none"><label for="a">First</label>'
        '<input id="a" name="a" type="text" onfocus="window.ran = 3"></p>'
        '<p><label for="b">Second</label><input id="b" name="b" type="text" style="visibility:hidden"></p>'
        "</section></body></html>"
    )
    page, report = opened(server, open_page, tmp_path, html, "2.25.771")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for key in ("a", "b"):
        expect(field(page, key)).to_be_visible()
        field(page, key).click()
        page.keyboard.type(f"text of {key}")
        page.keyboard.press("Tab")
        saved(page)
    said = server.call("GET", f"reports/{report}")["values"]
    assert {key: said[key]["value"] for key in ("a", "b")} == {"a": "text of a", "b": "text of b"}
    assert page.evaluate("window.ran") is None
    assert [url for url in asked if not url.startswith(server.address)] == []
    assert violations(page, axe) == []


def test_long_units_and_labels(server: Server, open_page: Open, tmp_path: Path) -> None:  # 3
    label = "A very long name of a thing that is measured " * 7
    html = HEAD.format(identifier="2.25.772", more="") + (
        '<section id="s" data-section-name="Findings"><header>Findings</header><table><tbody><tr>'
        f'<td><label for="a">{label}</label></td><td><input id="a" name="a" type="number" data-field-type="NUMBER" '
        f'data-field-units="{LONG_UNIT}"></td></tr></tbody></table></section></body></html>'
    )
    page, _ = opened(server, open_page, tmp_path, html, "2.25.772")
    field(page, "a").fill("5")
    page.keyboard.press("Tab")
    saved(page)
    expect(page.locator(".paper")).to_contain_text(f"5 {LONG_UNIT}", use_inner_text=True)
    for width in (1440, 720):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
