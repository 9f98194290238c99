"""Every page and state as a picture, in both themes and both languages; docs/pages has them.

1. Each scene shows something, fits its window, is in the language that was chosen, and passes axe.
2. What arrives moves nothing: the page shifts less than a reader notices while a report opens and while it is edited.
3. docs/pages holds a picture of every scene, and its README shows all of them.

`MRRT_SCREENSHOTS=docs` takes all pictures in both themes and languages, into docs/pages; without it, the scenes are
looked at in turn in dark English and light German, and nothing is written there.
"""

from __future__ import annotations

import io
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from reporting.access import Role
from tests.conftest import ROOT
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import PHRASE, Server
from tests.web.steps import field, saved, violations
from tests.web.studies import normal, study

pytestmark = pytest.mark.browser
PICTURES = ROOT / "docs" / "pages"
WRITES = os.environ.get("MRRT_SCREENSHOTS") == "docs"
LOCALES = {"en": "en-GB", "de": "de-DE"}
LOOKS = [(theme, language) for theme in ("dark", "light") for language in LOCALES]
CHEST = ROOT / "tests" / "fixtures" / "serve" / "chest.html"
SHIFTS = """() => { window.shifts = []; new PerformanceObserver((list) => window.shifts.push(...list.getEntries()
  .filter((one) => !one.hadRecentInput).map((one) => one.value))).observe({type: "layout-shift", buffered: true}); }"""
COLOURS = 256


@dataclass
class Site:
    """A server with something to see on every page."""

    server: Server
    entrance: Server
    """One that asks who it is."""
    drafts: dict[str, str]
    """By the language that they are written in; so are the next two."""
    follow_ups: dict[str, str]
    signed: dict[str, str]

    def address(self, place: str) -> str:
        return f"{self.server.address}/#/{place}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    server = Server(tmp_path_factory.mktemp("seen"), trial=True)
    server.start()
    entrance = Server(tmp_path_factory.mktemp("entrance"), sign_in="local")
    entrance.enrol(Role.AUTHOR, sam=Role.SIGNER)
    entrance.start()
    drafts = {language: server.draft(SAMPLE, language)["id"] for language in LOCALES}
    signed = {language: begun(server, earlier(language), language) for language in LOCALES}
    for report in signed.values():
        server.sign(report)
    follow_ups = {language: begun(server, later(language), language) for language in LOCALES}
    for number in range(2, 6):
        server.call("POST", "documents", study(f"waiting {number}", patient=f"EX-000{number}", date=f"2026011{number}"))
    tried(server, signed["en"])
    people(server)
    templates(server, tmp_path_factory.mktemp("pages"))
    deliver(server)
    yield Site(server, entrance, drafts, follow_ups, signed)
    server.stop()
    entrance.stop()


def patient(language: str) -> str:
    return f"EX-{language.upper()}-7"


def earlier(language: str) -> bytes:
    return study(f"earlier {language}", date="20250110", patient=patient(language))


def later(language: str) -> bytes:
    faster = normal() | {("right", "ica", "prox"): (150.0, 45.0)}
    return study(f"follow up {language}", velocities=faster, patient=patient(language))


def begun(server: Server, sr: bytes, language: str) -> str:
    uid = server.call("POST", "documents", sr)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": language}
    return str(server.call("POST", "reports", wanted)["id"])


def tried(server: Server, report: str) -> None:
    counted = {"seconds": 48.2, "active_seconds": 31.5, "keystrokes": 14, "clicks": 2, "alerts_shown": 2}
    server.send("PUT", f"reports/{report}/visits/5f0c9b1e-0c55-4f52-8d49-0d0f4a4f8f21", counted)


def people(server: Server) -> None:
    for name, shown, roles in (("vera", "Dr. Vera Example", ["signer"]), ("ada", "Ada Example", ["administrator"])):
        server.call("POST", "accounts", {"name": name, "display_name": shown, "roles": roles, "password": PHRASE})
    server.call("POST", "tokens", {"name": "ultrasound room 2", "roles": ["device"]})
    server.call("POST", "jobs", {"kind": "verify-audit", "parameters": {}})


def templates(server: Server, folder: Path) -> None:
    page = folder / "chest.html"
    page.write_bytes(CHEST.read_bytes())
    server.store(page)
    more = b'<p><label for="nodule">Nodule</label><input id="nodule" type="number" data-field-units="mm"></p></section>'
    upload(server, "api/v1/templates?new_version=true", CHEST.read_bytes().replace(b"</section>", more), "text/html")


def deliver(server: Server) -> None:
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    for content in (study("delivered"), study("cut")[:2000]):
        upload(
            server,
            "dicom-web/studies",
            b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--b--\r\n",
            kind,
        )


def upload(server: Server, path: str, content: bytes, kind: str) -> None:
    request = urllib.request.Request(f"{server.address}/{path}", content, {"Content-Type": kind}, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status < 300


def desk(place: str) -> Callable[[Page, Site, str], None]:
    def shown(page: Page, site: Site, language: str) -> None:
        page.goto(site.address(place))
        page.wait_for_function(
            """(place) => { const desk = document.querySelector("#main > .desk");
                            return desk?.ariaBusy === "false" && desk.place.join("/") === place; }""",
            arg=place.partition("/")[2],
        )

    return shown


def compared(page: Page, site: Site, language: str) -> None:
    desk(f"templates/one/{quote('http://example.org/template/7', safe='')}/versions")(page, site, language)
    page.locator(".part .acts button").first.press("Enter")
    page.wait_for_selector(".lines")


def looked_over(page: Page, site: Site, language: str) -> None:
    desk("templates/import")(page, site, language)
    flawed = CHEST.read_bytes().replace(b'<meta name="dcterms.language" content="en">', b"")
    flawed = flawed.replace(b"template/7", b"template/9")
    text = b'<p><label>Conclusion</label><textarea name="conclusion" onclick="go()"></textarea></p></section>'
    file = FilePayload(name="chest.html", mimeType="text/html", buffer=flawed.replace(b"</section>", text))
    page.set_input_files("#template-file", file)
    page.wait_for_selector(".looked-over .side-by-side .fresh")
    page.evaluate("document.querySelector('.looked-over').scrollIntoView()")


def worklist(page: Page, site: Site, language: str) -> None:
    page.goto(site.address(""))
    page.wait_for_selector(".unreported tbody tr")


def new_report(page: Page, site: Site, language: str) -> None:
    worklist(page, site, language)
    page.set_input_files("#files", SAMPLE)
    expect(page.locator("#create")).to_be_focused()


def report(page: Page, site: Site, language: str) -> None:
    page.goto(site.address(f"reports/{site.drafts[language]}"))
    page.wait_for_selector(".paper h4")


def source(page: Page, site: Site, language: str) -> None:
    report(page, site, language)
    field(page, "right_ica_prox_psv").focus()
    page.keyboard.press("Alt+s")
    page.wait_for_selector("mrrt-side .tree, mrrt-side [role=tree], mrrt-side ol")


def grade(page: Page, site: Site, language: str) -> None:
    report(page, site, language)
    field(page, "right_ica_grade").focus()
    page.wait_for_selector("mrrt-source .reasons")


def palette(page: Page, site: Site, language: str) -> None:
    report(page, site, language)
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()


def shortcuts(page: Page, site: Site, language: str) -> None:
    report(page, site, language)
    page.keyboard.press("?")
    page.wait_for_selector("dialog table, dialog dl, dialog kbd")


def before(page: Page, site: Site, language: str) -> None:
    page.goto(site.address(f"reports/{site.follow_ups[language]}"))
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Alt+b")
    page.wait_for_selector("table.before tr.changed img")
    shown = "document.querySelectorAll('table.before tr.changed img')"
    page.wait_for_function(f"() => [...{shown}].every((one) => one.complete && one.naturalWidth)")


def review(page: Page, site: Site, language: str) -> None:
    report(page, site, language)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog .paper h4")


def signed(page: Page, site: Site, language: str) -> None:
    page.goto(site.address(f"reports/{site.signed[language]}"))
    page.wait_for_selector(".banner .signature")
    page.wait_for_selector(".paper h4")


def versions(page: Page, site: Site, language: str) -> None:
    signed(page, site, language)
    page.keyboard.press("Alt+v")
    page.wait_for_selector("ol.versions details")


def sign_in(page: Page, site: Site, language: str) -> None:
    page.goto(f"{site.entrance.address}/#/")
    page.wait_for_selector("#sign-in-accountName")


TEMPLATE = "templates/one/us-carotid-duplex"
SCENES: dict[str, Callable[[Page, Site, str], None]] = {
    "worklist": worklist,
    "new-report": new_report,
    "report": report,
    "report-source": source,
    "report-grade": grade,
    "report-palette": palette,
    "report-shortcuts": shortcuts,
    "report-before": before,
    "report-review": review,
    "report-signed": signed,
    "report-versions": versions,
    "sign-in": sign_in,
    **{f"site-{room}": desk(f"site/{room}") for room in ("devices", "people", "software", "audit", "jobs", "trial")},
    "templates-all": desk("templates/all"),
    "templates-import": looked_over,
    **{f"template-{part}": desk(f"{TEMPLATE}/{part}") for part in ("preview", "logic", "cases", "bench", "problems")},
    "template-versions": compared,
}


def small(picture: bytes) -> bytes:
    """Return a picture of a page with so few colours as it has, to be kept in the repository."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


TURNS = [(scene, *(("dark", "en"), ("light", "de"))[n % 2]) for n, scene in enumerate(SCENES)]
ALL = [(scene, *look) for scene in SCENES for look in LOOKS]


@pytest.mark.parametrize(("scene", "theme", "language"), ALL if WRITES else TURNS)
def test_a_scene(  # 1
    site: Site, open_page: Open, guard: Guard, axe: str, tmp_path: Path, scene: str, theme: str, language: str
) -> None:
    guard.allow("status of 401")
    page = open_page("about:blank", theme, LOCALES[language])
    SCENES[scene](page, site, language)
    page.evaluate("() => document.fonts.ready")
    folder = PICTURES if WRITES else tmp_path
    folder.mkdir(exist_ok=True)
    picture = small(page.screenshot(animations="disabled", caret="hide"))
    (folder / f"{scene}-{theme}-{language}.png").write_bytes(picture)
    assert len(picture) > 5_000, "an empty page takes some 3 kB"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands beside the window"
    assert page.evaluate("document.documentElement.lang") == language
    assert violations(page, axe) == []


def test_what_arrives_moves_nothing(site: Site, open_page: Open) -> None:  # 2
    page = open_page("about:blank")
    page.add_init_script(f"({SHIFTS})()")
    report(page, site, "en")
    field(page, "right_ica_prox_psv").focus()
    for text in ("90", "336"):
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        saved(page)
    page.wait_for_timeout(600)  # what moves within half a second of a key is expected by who pressed it
    shifts: list[float] = page.evaluate("() => window.shifts")
    assert sum(shifts) < 0.1, "what Web Vitals call good"
    page.evaluate("() => document.querySelector('mrrt-side').style.setProperty('padding-top', '300px')")
    page.wait_for_function("(before) => window.shifts.length > before", arg=len(shifts))


def test_every_picture_is_there_and_shown() -> None:  # 3
    wanted = {f"{scene}-{theme}-{language}.png" for scene in SCENES for theme, language in LOOKS}
    assert {path.name for path in PICTURES.glob("*.png")} == wanted
    assert set(re.findall(r"\(([\w-]+\.png)\)", (PICTURES / "README.md").read_text("utf-8"))) == wanted
