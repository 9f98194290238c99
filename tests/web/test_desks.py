"""The site desk and the template desk, by keyboard, under axe, in both themes.

1. Each person sees the rooms that their roles open; nobody else's.
2. People, tokens and their secrets: added, changed, revoked; a secret is shown once.
3. The audit log: filtered, read on, its chain checked; a broken one is named.
4. Long work begins, is watched, and gives a file.
5. What a device measures and nobody wants, with a row to copy.
6. A page is looked over, stored mended, and opened; its logic is shown as tables with proofs; cases are run; a value
   tried on the bench fires rules.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.read_log import READS
from reporting.access import Role
from reporting.audit_codes import MEANINGS
from reporting.records import By
from reporting.statuses import Action
from tests.conftest import ROOT
from tests.sr_writer import Carotid, code, document, number, to_bytes
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import tab_to, violations

pytestmark = pytest.mark.browser
CHEST = ROOT / "tests" / "fixtures" / "serve" / "chest.html"


def room(page: Page, server: Server, place: str) -> None:
    """Open a room and wait for what it shows, not for what the room before it showed."""
    page.goto(f"{server.address}/#/{place}")
    page.wait_for_function(
        """(place) => { const desk = document.querySelector("#main > .desk");
                        return desk?.ariaBusy === "false" && desk.place.join("/") === place; }""",
        arg=place.partition("/")[2],
    )


@pytest.mark.whole
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_room_under_axe(server: Server, open_page: Open, axe: str, theme: str) -> None:
    server.draft(SAMPLE)
    page = open_page(server.address, theme)
    for place in ("devices", "people", "software", "audit", "jobs"):
        room(page, server, f"site/{place}")
        assert violations(page, axe) == [], place
    for place in ("all", "import"):
        room(page, server, f"templates/{place}")
        assert violations(page, axe) == [], place
    for part in ("preview", "logic", "cases", "bench", "problems", "versions"):
        room(page, server, f"templates/one/us-carotid-duplex/{part}")
        assert violations(page, axe) == [], part


def test_people_and_software_by_keyboard(server: Server, open_page: Open, guard: Guard) -> None:  # 2
    guard.allow("status of 400")
    page = open_page(f"{server.address}/#/site/people")
    page.wait_for_selector("#add-account")
    tab_to(page, "#add-account")
    page.keyboard.press("Enter")
    page.keyboard.type("vera")
    page.keyboard.press("Tab")
    page.keyboard.type("Dr. Vera Example")
    tab_to(page, 'input[value="signer"]')
    page.keyboard.press("Space")
    tab_to(page, "#ask-password")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("12")
    page.keyboard.type(" but long enough now")
    page.keyboard.press("Enter")
    row = page.locator("tr", has_text="Dr. Vera Example")
    expect(row).to_contain_text("reader, signer")
    row.get_by_role("button", name="Lock out").press("Enter")
    expect(page.locator("tr", has_text="Dr. Vera Example")).to_contain_text("locked out")
    assert server.call("GET", "accounts/vera")["disabled"] is True

    room(page, server, "site/software")
    page.locator("#add-token").press("Enter")
    page.keyboard.type("ultrasound room 2")
    page.keyboard.press("Enter")
    expect(page.locator(".secret code")).to_contain_text("mrrt_")
    secret = page.locator(".secret code").inner_text()
    room(page, server, "site/jobs")
    room(page, server, "site/software")
    expect(page.locator("tr", has_text="ultrasound room 2")).to_contain_text("device")
    assert secret not in page.content(), "it is shown once"
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("tr", has_text="ultrasound room 2").get_by_role("button", name="Revoke").press("Enter")
    expect(page.locator("tr", has_text="ultrasound room 2")).to_contain_text("revoked")


def test_the_audit_log_and_its_chain(tmp_path: Path, open_page: Open) -> None:  # 3
    server = Server(tmp_path)
    server.start()
    try:
        report = server.draft(SAMPLE)["id"]
        page = open_page(f"{server.address}/#/site/audit")
        page.wait_for_selector("table.rows tbody tr")
        page.locator("#check-chain").press("Enter")
        expect(page.locator(".fine")).to_contain_text("Intact")
        page.locator("#audit-action").select_option("create")
        expect(page.locator("table.rows tbody tr")).to_have_count(1)
        expect(page.locator("table.rows tbody a")).to_have_attribute("href", f"#/reports/{report}")
        with sqlite3.connect(tmp_path / "reports.sqlite") as connection:
            connection.execute("DROP TRIGGER audit_event_no_update")
            connection.execute("UPDATE audit_event SET actor = 'Nobody' WHERE action = 'create'")
        page.locator("#check-chain").press("Enter")
        expect(page.locator(".findings")).to_contain_text("does not say what it said")
    finally:
        server.stop()


def test_everything_that_is_audited_has_words() -> None:  # 3
    places = [ROOT / "reporting", ROOT / "api"]
    said = "".join(path.read_text("utf-8") for place in places for path in place.rglob("*.py"))
    audited = {*re.findall(r'\.(?:audit|note)\(\s*"([a-z-]+)"', said), *MEANINGS, *READS.values(), *Action}
    texts = "".join((ROOT / "web" / f"texts-{room}.js").read_text("utf-8") for room in ("shared", "desk"))
    assert len(audited) > 25 and audited == set(re.findall(r'^ +"?action_([a-z-]+)"?: ', texts, re.MULTILINE))


def test_a_template_is_previewed_in_the_language_of_the_page(server: Server, open_page: Open) -> None:  # 6
    page = open_page(f"{server.address}/#/templates/one/us-carotid-duplex/preview", "dark", "de-DE")
    form = page.locator(".preview-form .template-form")
    expect(form).to_contain_text("Gefäß")
    expect(form.get_by_label("ACI proximal rechts PSV")).to_have_value("")
    room(page, server, "templates/one/us-carotid-duplex/bench")
    expect(page.locator(".bench-form")).to_contain_text("ACI proximal rechts PSV cm/s")


def test_long_work(server: Server, open_page: Open) -> None:  # 4
    server.draft(SAMPLE)
    page = open_page(f"{server.address}/#/site/jobs")
    page.get_by_role("button", name="Export all values").press("Enter")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("done", timeout=20_000)
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).stat().st_size > 1000


def test_measurements_without_a_field(server: Server, open_page: Open) -> None:  # 5
    root = document(Carotid(instance="nobody wants it"))
    root.ContentSequence.append(number(("X1", "99OWN", "Flow volume"), "250", code(("ml/min", "UCUM", "ml/min"))))
    received = server.call("POST", "documents", to_bytes(root))
    wanted = {"template": "us-carotid-duplex", "documents": [received["sop_instance_uid"]], "language": "en"}
    server.call("POST", "reports", wanted)
    page = open_page(f"{server.address}/#/site/devices")
    row = page.locator("tr", has_text="Flow volume")
    expect(row).to_contain_text("99OWN X1")
    expect(row).to_contain_text("250")
    expect(page.locator(".desk-pane")).to_contain_text("EXAMPLE SONO 1")
    [line] = [one for one in server.call("GET", "unmapped") if one["code"]["value"] == "X1"]
    if line["proposal"]:
        row.locator("summary").press("Enter")
        expect(row.locator("pre")).to_have_text(line["proposal"]["yaml"].strip())


def test_a_page_is_looked_over_stored_and_opened(server: Server, open_page: Open, tmp_path: Path) -> None:  # 6
    file = tmp_path / "chest.html"
    text = CHEST.read_text("utf-8").replace('<meta name="dcterms.language" content="en">', "")
    file.write_text(text.replace("template/7", "template/desk"))
    page = open_page(f"{server.address}/#/templates/import")
    page.set_input_files("#template-file", file)
    expect(page.locator(".looked-over")).to_contain_text("dcterms.language")
    assert page.locator(".source-lines").count() == 2
    page.get_by_role("button", name="Store the mended version").press("Enter")
    expect(page.locator(".looked-over")).to_contain_text("stored")
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_selector(".parts")
    expect(page.locator(".desk-pane h2").first).to_have_text("CT Chest")
    expect(page.locator(".preview-form select")).to_be_visible()
    assert server.call("GET", "templates/http%3A%2F%2Fexample.org%2Ftemplate%2Fdesk")["title"] == "CT Chest"


def test_logic_cases_and_bench(server: Server, open_page: Open, guard: Guard) -> None:  # 6
    guard.allow("status of 422")
    page = open_page(f"{server.address}/#/templates/one/us-carotid-duplex/logic")
    page.wait_for_selector(".decision table")
    assert page.locator(".decision").count() > 5
    expect(page.locator(".decision .proof .fine").first).to_be_visible()
    page.get_by_role("link", name="Worked cases").click()
    page.wait_for_selector(".part table")
    found = server.call("GET", "template-desk/logic/us-carotid-duplex")["cases"]
    expect(page.locator(".part")).to_contain_text(f"{len(found)} of {len(found)} cases passed")
    page.get_by_role("link", name="Bench").click()
    page.wait_for_selector(".bench-form")
    page.locator('.bench-form [name="right_ica_prox_psv"]').fill("336")
    page.locator('.bench-form [name="right_plaque"]').select_option("present")
    expect(page.locator(".bench-out")).to_contain_text("70")
    page.locator('.bench-form [name="right_ica_prox_psv"]').fill("fast")
    expect(page.locator(".bench-out .failure")).to_be_visible()


def test_rooms_by_role(tmp_path: Path, open_page: Open, guard: Guard) -> None:  # 1
    guard.allow("status of 401")
    server = Server(tmp_path, sign_in="local")
    phrase = "a phrase that nobody guesses"
    people = {"ada": ("administrator",), "tom": ("template-manager",), "rea": ("reader",)}
    from datetime import UTC, datetime

    by = By("test", datetime.now(UTC))
    for name, roles in people.items():
        server.identity.accounts.add(name, name, tuple(map(Role, roles)), by, phrase)
    server.bearer = server.identity.credentials.make("tests", [Role.AUTHOR], by).secret
    server.start()
    expected = {"ada": ["Devices", "People", "Software", "Long work", "Trial"], "tom": ["Devices"], "rea": []}
    try:
        for name, rooms in expected.items():
            page = open_page(f"{server.address}/#/site")
            page.wait_for_selector("#sign-in-accountName")
            page.fill("#sign-in-accountName", name)
            page.fill("#sign-in-password", phrase)
            page.keyboard.press("Enter")
            page.wait_for_selector('.desk[aria-busy="false"]')
            assert page.locator(".desk nav li").all_inner_texts() == rooms, name
    finally:
        server.stop()
