"""The template desk in a real browser, beyond what test_desks.py looks at.

1. A page is looked over: what is wrong stands in its line for everybody, by keyboard, too; what was mended is marked,
   what is left is listed; the form is read by screen readers.
2. A package is looked over before it is stored; a refusal names its problems; what changed is stored as a new version.
3. Worked cases show what goes in and what must come out; one that is missed shows what came out instead.
4. The logic is in the language of the page, with where its figures come from.
5. The bench takes several choices and a yes, hides what is not relevant, and marks the rules that fired.
6. The list is searched; only what is stored and in use can be retired.
7. A German page says what a rule demands and how to mend it, with the words of the place below in English.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import ROOT, some
from tests.web.conftest import Guard, Open
from tests.web.server import Server
from tests.web.steps import violations

pytestmark = pytest.mark.browser
CHEST = (ROOT / "tests" / "fixtures" / "serve" / "chest.html").read_bytes()
TINY = ROOT / "tests" / "reporting" / "fixtures" / "site" / "tiny-carotid"


def chest(name: str, *replaced: tuple[bytes, bytes]) -> bytes:
    """Return a page of its own identifier."""
    page = CHEST.replace(b"template/7", f"template/{name}".encode())
    for old, new in replaced:
        assert old in page
        page = page.replace(old, new)
    return page


def flawed(name: str) -> bytes:
    """Return a page with what can be mended and what cannot."""
    return chest(
        name,
        (b'<meta name="dcterms.language" content="en">', b""),
        (b"</section>", b'<p onclick="hit()"><label>Free</label><input type="text" name="x y"></p></section>'),
    )


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def importing(server: Server, open_page: Open, file: Path, theme: str = "dark") -> Page:
    page = open_page(f"{server.address}/#/templates/import", theme)
    page.set_input_files("#template-file", file)
    expect(page.locator('.desk-pane [role="status"]').first).to_contain_text(file.name)
    return page


@pytest.mark.parametrize("theme", some(["dark", "light"]))
def test_a_page_with_problems(server: Server, open_page: Open, axe: str, tmp_path: Path, theme: str) -> None:  # 1
    file = tmp_path / "flawed.html"
    file.write_bytes(flawed("flawed"))
    page = importing(server, open_page, file, theme)
    assert violations(page, axe) == []
    view = server_view(server, file)
    first = next(one for one in view["problems"] if one["line"])
    original, mended = page.locator(".source-lines").first, page.locator(".source-lines").nth(1)
    expect(original.locator(f'[data-line="{first["line"]}"]')).to_contain_text(first["message"])
    page.get_by_role("button", name=first["message"][:40]).first.press("Enter")
    assert page.evaluate("document.activeElement.dataset.line") == str(first["line"])
    assert page.evaluate("document.activeElement.closest('.source-lines').getAttribute('aria-label')") == "As it is"
    expect(mended.locator(".fresh").first).to_contain_text('<meta charset="utf-8"/>')
    fresh = mended.locator(".fresh").count()
    assert 0 < fresh < mended.locator("li").count()
    left = page.locator("section", has=page.locator("ul.mends")).last
    expect(left.locator("ul.items li")).to_have_count(len(view["left"]))
    preview = page.locator(".preview-form")
    assert page.evaluate("document.querySelector('.preview-form').inert") is False
    expect(preview.get_by_role("combobox", name="Side")).to_be_visible()
    box = preview.locator("input").first
    assert not box.is_editable()


@pytest.mark.parametrize("theme", some(["dark", "light"]))
def test_problems_in_german(server: Server, open_page: Open, axe: str, tmp_path: Path, theme: str) -> None:  # 7
    file = tmp_path / "deutsch.html"
    file.write_bytes(flawed("deutsch"))
    page = open_page(f"{server.address}/#/templates/import", theme, locale="de-DE")
    page.set_input_files("#template-file", file)
    items = page.locator(".looked-over .items").first.locator("li")
    found = server_view(server, file)["problems"]
    expect(items).to_have_count(len(found))
    one = next(one for one in found if one["rule"] == "D8")
    item = items.filter(has=page.locator("code", has_text=re.compile(r"^D8$")))
    expect(item).to_contain_text("Regel: Eine Vorlage ist ohne JavaScript vollständig")
    expect(item.locator(".mend")).to_contain_text("das Skript entfernen")
    expect(item.locator('[lang="en"]')).to_have_text(one["message"])
    expect(item).not_to_contain_text(one["mend"])  # which is in German already
    assert smaller(item.locator('[lang="en"]'), item)
    expect(page.locator(".mends").first).to_contain_text("Regel: ")
    expect(page.locator(".source-lines").first.locator(".said").first).to_contain_text("Regel: ")
    assert violations(page, axe) == []
    store(server, archive(tmp_path / "deutsch.zip", {"deutsch/template.html": file.read_bytes()}))
    page.goto(f"{server.address}/#/templates/one/{AT.format('deutsch')}/problems")
    row = page.locator(".rows tbody tr").filter(has=page.locator("code", has_text=re.compile(r"^D8$")))
    expect(row.locator("td").last).to_contain_text("das Skript entfernen")
    expect(row.locator('[lang="en"]')).to_have_text(one["message"])
    assert violations(page, axe) == []


def smaller(one: Locator, other: Locator) -> bool:
    sizes = [float(each.evaluate("found => parseFloat(getComputedStyle(found).fontSize)")) for each in (one, other)]
    return sizes[0] < sizes[1]


def server_view(server: Server, file: Path) -> dict[str, list[dict[str, Any]]]:
    kind = {"Content-Type": "text/html"}
    found: dict[str, list[dict[str, Any]]] = server.call("POST", "template-desk/pages", file.read_bytes(), **kind)
    return found


def test_a_package_is_looked_over_before_it_is_stored(  # 2
    server: Server, open_page: Open, guard: Guard, axe: str, tmp_path: Path
) -> None:
    texts = {f"tiny/{path.name}": path.read_bytes() for path in TINY.iterdir()}
    logic = texts["tiny/logic.yaml"].replace(b"    table: |", b"    complete: true\n    table: |")
    assert b">= 125" in logic
    files = {**texts, "tiny/logic.yaml": logic.replace(b">= 125", b"> 125"), "chest/template.html": flawed("package")}
    page = importing(server, open_page, archive(tmp_path / "two.zip", files))
    rows = page.locator(".looked-over tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="CT Chest")).to_contain_text("would be version 1")
    expect(rows.filter(has_text="tiny")).to_contain_text("Would be refused")
    assert stored(server, "package") == []
    details = page.locator("details.whole", has_text="tiny")
    details.locator("summary").first.press("Enter")
    gap = details.locator(".source-lines", has_text="tiny grade").locator(".said")
    expect(gap).to_contain_text("psv = 125")
    details.get_by_role("button", name="psv = 125").press("Enter")
    assert "125" in page.evaluate("document.activeElement.textContent")
    assert violations(page, axe) == []

    page.get_by_role("button", name="Store the package").press("Enter")
    expect(page.locator(".became")).to_contain_text("chest/template.html: stored (version 1)")
    expect(page.locator(".became")).to_contain_text("psv = 125")  # the refusal says why
    assert [one["version"] for one in stored(server, "package")] == [1]

    changed = {"chest/template.html": files["chest/template.html"].replace(b"Free", b"Freely")}
    page.set_input_files("#template-file", archive(tmp_path / "changed.zip", changed))
    expect(page.locator(".looked-over h2").first).to_have_text("changed.zip")
    expect(page.locator(".looked-over tbody tr")).to_contain_text("can be stored as version 2")
    assert page.get_by_role("button", name="Store the package").count() == 0
    page.get_by_role("button", name="Mend its pages").press("Enter")
    expect(page.locator(".looked-over h2").first).to_have_text("changed.zip, mended")
    page.get_by_role("button", name="Store, what changed as new versions").press("Enter")
    expect(page.locator(".became")).to_contain_text("stored as a new version (version 2)")
    assert '<meta charset="utf-8"/>' in server.text(f"templates/{AT.format('package')}/source")


AT = quote("http://example.org/template/{}", safe="{}")


def stored(server: Server, name: str) -> list[dict[str, int]]:
    found: list[dict[str, int]] = server.call("GET", f"templates?identifier={AT.format(name)}")
    return found


def test_what_is_no_archive_is_said(server: Server, open_page: Open, guard: Guard, tmp_path: Path) -> None:  # 2
    guard.allow("status of 422")
    page = open_page(f"{server.address}/#/templates/import")
    file = tmp_path / "odd.zip"
    file.write_bytes(b"no archive")
    page.set_input_files("#template-file", file)
    expect(page.locator(".looked-over .failure")).to_contain_text("no ZIP archive")


def store(server: Server, path: Path) -> None:
    kind = {"Content-Type": "application/zip"}
    outcomes = [one["outcome"] for one in server.call("POST", "templates?new_version=true", path.read_bytes(), **kind)]
    assert set(outcomes) <= {"created", "updated", "unchanged"}, outcomes


def tiny(tmp_path: Path, identifier: str, **texts: bytes) -> Path:
    """Return an archive with the tiny template under an identifier of its own."""
    files = {
        f"{identifier}/{path.name}": path.read_bytes().replace(b"1.2.3.4.5", identifier.encode())
        for path in TINY.iterdir()
    }
    files |= {f"{identifier}/{name.replace('__', '.')}": text for name, text in texts.items()}
    return archive(tmp_path / f"{identifier}.zip", files)


@pytest.mark.parametrize("theme", some(["dark", "light"]))
def test_a_case_that_is_missed(server: Server, open_page: Open, axe: str, tmp_path: Path, theme: str) -> None:  # 3
    wrong = b"""
cases:
  - {name: fits, values: {right_psv: 80}, expected: {right_grade: below}}
  - {name: does not, why: planted, values: {right_psv: 336}, expected: {right_grade: below}}
"""
    store(server, tiny(tmp_path, "9.1", cases__yaml=wrong))
    page = open_page(f"{server.address}/#/templates/one/9.1/cases", theme)
    expect(page.locator(".part")).to_contain_text("1 of 2 cases passed")
    fits, does_not = page.locator(".part tbody tr").all()
    expect(fits.locator("td").nth(1)).to_contain_text("80")
    expect(fits.locator("td").nth(2)).to_contain_text("below")
    expect(does_not).to_contain_text("below expected, above came out")
    assert violations(page, axe) == []


def test_the_logic_in_german_and_its_sources(server: Server, open_page: Open, axe: str) -> None:  # 4
    page = open_page(f"{server.address}/#/templates/one/us-carotid-duplex/logic", locale="de-DE")
    calculations = page.locator(".part section", has=page.get_by_role("heading", name="Berechnete Felder"))
    names = {
        one["key"]: one["translations"]["de"]
        for one in server.call("GET", "templates/us-carotid-duplex")["fields"]
        if "de" in one["translations"]
    }
    expect(calculations).to_contain_text(f"{names['right_ica_grade']} right_ica_grade")
    sources = page.locator(".sources")
    expect(sources.get_by_role("heading", name="SRU 2003")).to_be_visible()
    expect(sources.locator("table").first).to_contain_text("second hand")
    assert "**" not in sources.inner_text() and "|" not in sources.inner_text()
    assert violations(page, axe) == []


PARTS = """
<p><label for="signs">Signs</label><select id="signs" multiple>
<option value="a">One</option><option value="b">Two</option></select></p>
<p><label for="known">Known</label><input type="checkbox" id="known"></p>
<p><label for="since">Since</label><input type="text" id="since"></p>
<p><label for="said">Said</label><input type="text" id="said"></p></section>"""
LOGIC = b"""
template: http://example.org/template/bench
version: "1"
functions:
  says:
    parameters: [signs, known]
    table: |
      | count(signs) | known || said       |
      | < 2          | -     || "few"      |
      | >= 2         | true  || "many"     |
      | >= 2         | -     || "who knows" |
    hit policy: FIRST
calculated:
  said: "says(signs: signs, known: known)"
relevant:
  since: known
"""


def test_the_bench(server: Server, open_page: Open, axe: str, tmp_path: Path) -> None:  # 5
    page_html = chest("bench", (b"</section>", PARTS.encode()))
    store(server, archive(tmp_path / "bench.zip", {"bench/template.html": page_html, "bench/logic.yaml": LOGIC}))
    page = open_page(f"{server.address}/#/templates/one/bench/bench")
    form = page.locator(".bench-form")
    since = form.get_by_label("Since")
    expect(since).to_be_hidden()
    form.get_by_label("One").press("Space")
    expect(page.locator(".bench-out tbody").first).to_contain_text("few")
    expect(page.locator("tr.fired")).to_have_attribute("data-rule", "1")
    form.get_by_label("Two").press("Space")
    form.get_by_label("Known").press("Space")
    expect(page.locator(".bench-out tbody").first).to_contain_text("many")
    expect(page.locator("tr.fired")).to_have_count(1)
    expect(page.locator("tr.fired")).to_have_attribute("data-rule", "2")
    expect(page.locator("tr.fired th")).to_contain_text("fired for Said")
    expect(since).to_be_visible()
    assert violations(page, axe) == []


def test_the_list_is_searched_and_what_is_stored_is_retired(
    server: Server, open_page: Open, tmp_path: Path
) -> None:  # 6
    store(server, tiny(tmp_path, "9.2"))
    page = open_page(f"{server.address}/#/templates/all")
    rows = page.locator(".part tbody tr")
    expect(rows.filter(has_text="us-carotid-duplex").or_(rows.filter(has_text="Carotid duplex")).first).to_be_visible()
    page.locator("#template-search").fill("tiny 9.2")
    expect(rows).to_have_count(1)
    page.locator("#template-search").fill("nothing like it")
    expect(page.locator(".part")).to_contain_text("No template matches")
    page.locator("#template-search").fill("9.2")
    rows.get_by_role("link").press("Enter")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Retire").press("Enter")
    expect(page.locator(".desk-pane .muted").first).to_contain_text("retired")
    expect(page.get_by_role("button", name="Retire")).to_have_count(0)
    page.goto(f"{server.address}/#/templates/one/us-carotid-duplex")
    expect(page.locator(".desk-pane h2").first).to_contain_text("Carotid")
    assert page.get_by_role("button", name="Retire").count() == 0
