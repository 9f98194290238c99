"""Markup that is stored as text stays text: every payload of payloads.py through every way in, in a real Chromium.

1. In patient names, identifiers and texts of an SR, in field values and addenda: on every page that shows them.
2. In templates: labels, headings, choices, attributes, titles; in the form, and in each address that gives their page.
3. What is opened as a page of its own (renderings, sources of templates) runs nothing, either.
4. The harness bites: a page that did take a payload for markup would be noticed.

The browser's Content-Security-Policy is switched off for the pages, so that it is their own doing that nothing runs;
what is a stranger's page by its nature, the source of a template, is opened with the policy that it is sent with.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import pydicom.config
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sr_writer import Carotid, code, document, text, to_bytes, uid
from tests.sr_writer import number as number_item
from tests.web.payloads import KINDS, payloads
from tests.web.server import Server
from tests.web.steps import field

pytestmark = pytest.mark.browser
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Trap %(n)d %(safe)s</title>
<meta name="dcterms.identifier" content="1.2.3.%(n)d"><meta name="dcterms.title" content="Trap %(n)d %(safe)s">
<meta name="dcterms.type" content="IMAGE_REPORT_TEMPLATE"><meta name="dcterms.publisher" content="%(safe)s">
<script type="text/xml"><template_attributes><status>ACTIVE</status><coding_schemes/>
<coded_content><entry ORIGTXT="a"><term type="x"><code meaning="%(safe)s" value="1" scheme="%(safe)s"/></term></entry>
</coded_content></template_attributes></script></head><body>
<section id="one" data-section-name="%(safe)s"><header class="level1">One %(safe)s</header>
<p><label for="a">A %(safe)s</label>
<input type="text" id="a" title="%(safe)s" placeholder="%(safe)s" value="%(safe)s"></p>
<p><label for="b">B</label>
<select id="b" title="%(safe)s"><option value="%(safe)s">%(safe)s</option><option>y</option></select></p>
</section>
<section id="two"><header class="level1">Two</header><p>%(raw)s</p></section>
<section id="three"><header class="level1">Three</header>
<p><label for="c">C %(raw)s</label><textarea id="c">%(raw)s</textarea></p>
<p><label for="d">D</label><select id="d"><option>x</option><option>%(raw)s</option></select></p></section>
</body></html>"""


def escaped(payload: str) -> str:
    return payload.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class Hits:
    """Which payloads ran, and dialogs and frames that came of them."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def watch(self, page: Page) -> Page:
        page.context.expose_binding("hit", lambda _, number: self.ran.append(f"payload {number}: {KINDS[int(number)]}"))
        page.on("dialog", lambda dialog: (self.ran.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda popup: self.ran.append(f"popup {popup.url}"))
        return page


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in which every payload is stored in every way."""
    server = Server(tmp_path_factory.mktemp("traps"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def opened(browser: Browser, trapped: Server) -> Iterator[Callable[..., tuple[Page, Hits]]]:
    contexts = []

    def opened(bypass_csp: bool = True) -> tuple[Page, Hits]:
        context = browser.new_context(bypass_csp=bypass_csp, reduced_motion="reduce", locale="en-GB")
        context.set_default_timeout(60_000)
        contexts.append(context)
        hits = Hits()
        return hits.watch(context.new_page()), hits

    yield opened
    for context in contexts:
        context.close()


EACH = 1 if os.environ.get("MRRT_TRAPS") == "all" else 29
"""Every payload is set into a page as our scripts do it; every 29th is visited in the whole application, too."""
FIELDS = ("indication", "technique", "limitations", "comparison_text", "other_findings", "conclusion")
HEADER = ("PatientName", "PatientID", "AccessionNumber", "StudyDescription", "Manufacturer", "SoftwareVersions")


def sr(number: int, some: Sequence[str]) -> bytes:
    """Return a carotid SR with payloads in all its texts, each in turn."""
    velocities = {("right", "ica", "prox"): (336.0, 126.0), ("left", "cca", "dist"): (70.0, 18.0)}
    turn = cycle(some)
    with pydicom.config.disable_value_validation():
        root = document(Carotid(velocities=velocities, ratios={}, instance=f"trap {number}", model=some[0]))
        root.StudyInstanceUID = uid(f"study of trap {number}")
        for keyword, payload in zip(HEADER, turn, strict=False):
            setattr(root, keyword, f"TRAP^{payload}" if keyword == "PatientName" else payload)
        root.ContentSequence += [
            number_item(("X1", "99TRAP", payload), "5", code(("1", "UCUM", payload))) for payload in some
        ]
        root.ContentSequence += [text("CONTAINS", ("121071", "DCM", payload), payload) for payload in some]
        for one in root.iterall():
            if one.keyword == "CodeMeaning":
                one.value = f"{one.value} {next(turn)}"
        return to_bytes(root)


def refused(call: Callable[[], Any]) -> Any:
    """Return the answer, or None where the API refuses the text (control characters) as the client's mistake."""
    try:
        return call()
    except HTTPError as error:
        assert error.code in (400, 422), error.read()
        return None


def reports(server: Server) -> list[str]:
    """Return reports that hold all payloads: filled from an SR with some of them, edited with the same; half signed."""
    texts, made = [payload for _, payload in payloads()], []
    for number, begin in enumerate(range(0, len(texts), len(FIELDS))):
        some = texts[begin : begin + len(FIELDS)]
        study = server.call("POST", "documents", sr(number, some))
        wanted = {"template": "us-carotid-duplex", "documents": [study["sop_instance_uid"]], "language": "en"}
        report = server.call("POST", "reports", wanted)["id"]
        for name, payload in zip(FIELDS, some, strict=False):
            refused(partial(server.call, "PATCH", f"reports/{report}", {"edits": [{"field": name, "value": payload}]}))
        made.append(report)
        if number % 2:
            server.sign(report, some[0])
            refused(partial(server.call, "POST", f"reports/{report}/addenda", {"text": some[-1]}))
    return made


def visit(page: Page, server: Server, report: str) -> None:
    page.evaluate("address => { location.hash = address }", f"#/reports/{report}")
    page.wait_for_function("id => document.querySelector('mrrt-report')?.reportId === id", arg=report)
    page.wait_for_selector("mrrt-report .paper h4, mrrt-report .paper h3")


def test_payloads_in_what_people_and_devices_write(  # 1
    trapped: Server, opened: Callable[..., tuple[Page, Hits]]
) -> None:
    made = reports(trapped)
    page, hits = opened()
    page.goto(trapped.address)
    page.wait_for_selector("mrrt-worklist table")
    for number, report in enumerate(made):
        visit(page, trapped, report)
        assert hits.ran == []
        signed = bool(number % 2)
        page.keyboard.press("Alt+v")
        page.wait_for_selector("ol.versions summary")
        page.locator("ol.versions summary").first.click()
        if not signed:
            field(page, "right_ica_prox_psv").focus()
            page.locator("#tab-source").click()
            expect(page.locator("mrrt-report .panel")).to_contain_text("336")
            page.locator("details.unmatched summary").click()
            page.keyboard.press("Control+Enter")
            page.wait_for_selector("dialog .paper h4")
            page.keyboard.press("Escape")
        assert hits.ran == [], number
    page.evaluate("() => { location.hash = '#/' }")
    page.wait_for_selector("mrrt-worklist table")
    page.wait_for_timeout(300)
    assert hits.ran == []
    for report in made:  # 3
        page.goto(f"{trapped.address}/api/v1/reports/{report}/rendering?format=html")
    page.wait_for_timeout(300)
    assert hits.ran == []


def stored(server: Server, number: int, payload: str) -> str | None:
    """Store a template with the payload, and make a report of it; None where the template is refused."""
    source = PAGE % {"n": number, "raw": payload, "safe": escaped(payload)}
    results = server.call("POST", "templates", source.encode(), **{"Content-Type": "text/html"})
    if results[0]["outcome"] != "created":
        return None
    about = {"patient": {"name": f"TRAP^{payload}", "identifier": payload}}
    wanted = {"template": f"1.2.3.{number}", "documents": [], "language": "en"}
    report = refused(partial(server.call, "POST", "reports", {**wanted, "about": about}))
    return str((report or server.call("POST", "reports", wanted))["id"])


SET = """([number, form, paper]) => {
  for (const text of [form, new DOMParser().parseFromString(paper, 'text/html').body.innerHTML]) {
    const place = document.createElement('div');
    document.querySelector('main').append(place);
    place.innerHTML = text;
    place.querySelector('input, select, textarea')?.focus();
  }
}"""
"""What form.js and preview.js do with what the server gives them."""


def test_payloads_in_templates(trapped: Server, opened: Callable[..., tuple[Page, Hits]]) -> None:  # 2
    page, hits = opened()
    page.goto(trapped.address)
    page.wait_for_selector("#create")
    reports = {number: stored(trapped, number, payload) for number, payload in payloads()}
    kept = {number: report for number, report in reports.items() if report is not None}
    assert len(kept) > 60
    for number, report in kept.items():
        form = trapped.call("GET", f"reports/{report}/form", Accept="application/json")["html"]
        page.evaluate(SET, [number, form, trapped.text(f"reports/{report}/rendering?format=html")])
    page.wait_for_timeout(500)
    assert hits.ran == []
    bare, own = opened(), opened(bypass_csp=False)
    for number, report in [*kept.items()][::EACH]:
        page.evaluate("address => { location.hash = address }", f"#/reports/{report}")
        page.wait_for_selector(f'mrrt-report [data-field="a"][title*="({number})"]', state="attached")
        page.wait_for_selector("mrrt-report .paper", state="attached")
        name = quote(f"1.2.3.{number}", safe="")
        for path in (f"api/v1/templates/{name}/form", f"api/v1/reports/{report}/rendering?format=html"):
            bare[0].goto(f"{trapped.address}/{path}")
        for path in (f"api/v1/templates/{name}/source", f"IHETemplateService/{name}"):
            own[0].goto(f"{trapped.address}/{path}")  # 3
        assert hits.ran == bare[1].ran == own[1].ran == [], number
    page.wait_for_timeout(300)
    assert hits.ran == bare[1].ran == own[1].ran == []


def test_what_runs_is_noticed(trapped: Server, opened: Callable[..., tuple[Page, Hits]]) -> None:  # 4
    page, hits = opened()
    page.goto(trapped.address)
    page.wait_for_selector("#create")
    for _, payload in payloads():
        page.evaluate("text => { document.querySelector('main').innerHTML = text }", payload)
        page.wait_for_timeout(5)
    page.wait_for_timeout(500)
    ran = {one.partition(":")[0] for one in hits.ran}
    assert len(ran) >= 25, "as many as innerHTML lets run without a click"


def test_there_are_enough_of_them() -> None:
    assert len(set(KINDS)) == len(KINDS) >= 60
    assert all("hit(%d)" in kind for kind in KINDS)
