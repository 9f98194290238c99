"""The life of a report in the browser: preliminary, final, revised, out of the way; and what each person may do.

1. Only the version that was shown is signed: not before it is shown, and not after somebody changed it.
2. A preliminary report is signed by somebody else, where the site takes two signatures and where it does not.
3. A revision shows what it says now, in the view and before the signature; discarded, it is as it was.
4. A draft is cancelled, a report withdrawn, each with its reason, and an addendum stands under the signature.
5. What a person may not do is not offered: to a reader nothing can be typed, an author signs as preliminary.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from reporting.access import Role
from reporting.statuses import SignOff
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.server import Server
from tests.web.steps import answer_alerts, field, put_in, saved, sign_in, violations
from tests.web.studies import study

pytestmark = pytest.mark.browser
PEOPLE = {"rita": Role.READER, "anna": Role.AUTHOR, "sam": Role.SIGNER, "sue": Role.SIGNER}


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with sign-in whose reports take two signatures."""
    server = Server(tmp_path_factory.mktemp("department"), sign_in="local", sign_off=SignOff.DOUBLE)
    server.enrol(Role.SIGNER, **PEOPLE)
    server.start()
    yield server
    server.stop()


def healthy(server: Server, name: str) -> str:
    uid = server.call("POST", "documents", study(name))["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    return str(server.call("POST", "reports", wanted)["id"])


def opened(open_page: Open, server: Server, report: str, name: str = "") -> Page:
    page = open_page(f"{server.address}/#/reports/{report}")
    if name:
        sign_in(page, name)
    page.wait_for_selector(".paper h4")
    return page


def status(server: Server, report: str) -> str:
    return str(server.call("GET", f"reports/{report}")["status"])


def test_nothing_is_signed_before_it_is_shown(open_page: Open, server: Server) -> None:  # 1
    report = healthy(server, "too fast")
    page = opened(open_page, server, report)
    held: list[Route] = []
    page.route("**/rendering?*", lambda route: held.append(route))  # noqa: PLW0108  # Playwright keeps an attribute on it
    page.reload()  # with what holds requests in force from the first one on
    while not held:
        page.wait_for_timeout(20)
    held.pop().continue_()
    page.wait_for_selector(".paper h4")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-now")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert status(server, report) == "partial"
    assert held, "the dialog asks for the text itself"
    for one in held:
        one.continue_()
    expect(page.locator("dialog .paper")).to_contain_text("Impression")
    expect(page.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")


def test_what_cannot_be_shown_cannot_be_signed(open_page: Open, server: Server, guard: Guard) -> None:  # 1
    guard.allow("status of 503|ERR_FAILED")
    report = healthy(server, "not shown")
    page = opened(open_page, server, report)
    page.route("**/rendering?*", lambda route: route.fulfill(status=503))
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog .paper")).to_contain_text("not available")
    for name in ("#sign-preliminary", "#sign-now"):
        page.locator(name).press("Enter")
    page.wait_for_timeout(300)
    assert status(server, report) == "partial"


def test_what_somebody_changed_meanwhile_is_shown_again(
    open_page: Open, server: Server, guard: Guard, axe: str
) -> None:  # 1
    guard.allow("status of 412")
    report = healthy(server, "changed meanwhile")
    page = opened(open_page, server, report)
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog .paper")).to_contain_text("PSV 68 cm/s")
    edit = {"edits": [{"field": "right_ica_prox_psv", "value": "150"}, {"field": "right_plaque", "value": "present"}]}
    server.call("PATCH", f"reports/{report}", edit)
    page.locator("#sign-now").press("Enter")
    expect(page.locator("dialog[open] [role=alert]")).to_contain_text("Somebody changed the report meanwhile")
    expect(page.locator("dialog .paper")).to_contain_text("PSV 150 cm/s")
    assert violations(page, axe) == []
    assert status(server, report) == "partial"
    page.locator("#sign-now").press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    assert "PSV 150 cm/s" in server.text(f"reports/{report}/rendering?format=text")


def test_a_preliminary_report_is_made_final(open_page: Open, server: Server) -> None:  # 2
    report = healthy(server, "preliminary")
    page = opened(open_page, server, report)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-preliminary")).to_have_attribute("aria-disabled", "false")
    page.locator("#sign-preliminary").press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed as preliminary by")
    expect(page.locator("mrrt-attention")).not_to_contain_text("signed elsewhere")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    expect(page.locator("#sign-preliminary")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by Dr. Example")
    assert status(server, report) == "final"


def test_two_people_sign(open_page: Open, department: Server, guard: Guard) -> None:  # 2, 5
    guard.allow("status of (401|409)")
    report = healthy(department, "two signatures")
    page = opened(open_page, department, report, "anna")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-preliminary")).to_be_focused()
    expect(page.locator("#sign-now")).to_have_count(0)
    expect(page.locator("#sign-preliminary")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed as preliminary by Dr. Anna")
    expect(page.locator("#review")).to_have_count(0)
    second = opened(open_page, department, report, "sam")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    second.keyboard.press("Enter")
    expect(second.locator(".banner")).to_contain_text("Signed by Dr. Sam")
    expect(page.locator(".banner")).to_contain_text("Signed by Dr. Sam")  # the other screen, by itself
    assert status(department, report) == "final"


def test_a_correction_takes_two_signatures_too(open_page: Open, department: Server, guard: Guard) -> None:  # 2, 3
    guard.allow("status of 401")
    report = healthy(department, "corrected by two")
    author = opened(open_page, department, report, "sue")
    author.keyboard.press("Control+Enter")
    expect(author.locator("#sign-preliminary")).to_have_attribute("aria-disabled", "false")
    author.keyboard.press("Enter")
    expect(author.locator(".banner")).to_contain_text("Signed as preliminary by Dr. Sue")
    second = opened(open_page, department, report, "sam")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    second.keyboard.press("Enter")
    expect(second.locator(".banner")).to_contain_text("Signed by Dr. Sam")
    by_palette(second, "Correct")
    in_dialog(second, "The angle was wrong.")
    expect(second.locator(".banner")).to_contain_text("being corrected")
    second.keyboard.press("Control+Enter")
    expect(second.locator("#sign-preliminary")).to_have_attribute("aria-disabled", "false")
    second.keyboard.press("Enter")
    expect(second.locator(".banner")).to_contain_text("Signed as preliminary by Dr. Sam")
    author.reload()
    author.wait_for_selector(".paper h4")
    author.keyboard.press("Control+Enter")
    expect(author.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    author.keyboard.press("Enter")
    expect(author.locator(".banner")).to_contain_text("Corrected and signed by Dr. Sue")
    assert status(department, report) == "corrected"


def test_a_preliminary_signature_comes_and_goes_on_every_screen(open_page: Open, server: Server) -> None:  # 2
    report = healthy(server, "comes and goes")
    page = opened(open_page, server, report)
    server.sign(report, step="sign-preliminary")
    expect(page.locator("#context .status")).to_have_text("preliminary")
    expect(page.locator(".banner")).to_contain_text("Signed as preliminary by")
    expect(page.locator("mrrt-preview")).to_contain_text("preliminary")
    put_in(page, "right_ica_prox_psv", "70")
    expect(page.locator("#context .status")).to_have_text("draft")
    expect(page.locator(".banner")).to_have_text("")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#sign-preliminary")).to_have_attribute("aria-disabled", "false")


def test_a_reader_reads(open_page: Open, department: Server, guard: Guard, axe: str) -> None:  # 5
    guard.allow("status of 401")
    report = healthy(department, "only read")
    page = opened(open_page, department, report, "rita")
    expect(page.locator("#review")).to_have_count(0)
    expect(field(page, "right_ica_prox_psv")).to_have_attribute("readonly", "")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Alt+v")
    expect(page.locator("ol.versions")).to_contain_text("created")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    for refused in ("Cancel the draft", "Review and sign"):
        expect(page.locator("dialog.picker")).not_to_contain_text(refused)
    assert violations(page, axe) == []


def by_palette(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def in_dialog(page: Page, text: str) -> None:
    page.wait_for_selector("dialog[open] form")
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.locator("dialog[open] .primary").press("Enter")


def signed(open_page: Open, server: Server, name: str) -> tuple[Page, str]:
    report = healthy(server, name)
    server.sign(report)
    return opened(open_page, server, report), report


def test_a_correction_shows_what_it_says_now(open_page: Open, server: Server) -> None:  # 3
    page, report = signed(open_page, server, "to correct")
    by_palette(page, "Correct")
    in_dialog(page, "The angle was wrong.")
    expect(page.locator(".banner")).to_contain_text("being corrected: The angle was wrong.")
    put_in(page, "right_ica_prox_psv", "150")
    expect(page.locator("mrrt-preview")).to_contain_text("PSV 150 cm/s")
    assert "PSV 68 cm/s" in server.text(f"reports/{report}/rendering?format=text"), "the signed one stands"
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog .paper")).to_contain_text("PSV 150 cm/s")
    answer_alerts(page)
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Corrected and signed by")
    expect(page.locator("mrrt-preview")).to_contain_text("PSV 150 cm/s")
    assert status(server, report) == "corrected"


def test_a_discarded_amendment_leaves_the_report_as_it_was(open_page: Open, server: Server) -> None:  # 3
    page, report = signed(open_page, server, "to amend")
    before = server.text(f"reports/{report}/rendering?format=text")
    by_palette(page, "Amend")
    in_dialog(page, "A word more.")
    expect(page.locator(".banner")).to_contain_text("being amended: A word more.")
    field(page, "other_findings").fill("A small node.")
    page.keyboard.press("Tab")
    saved(page)
    expect(page.locator("mrrt-preview")).to_contain_text("A small node.")
    page.get_by_role("button", name="Discard the revision").press("Enter")
    page.locator("dialog[open] .primary").press("Enter")
    expect(page.locator("mrrt-preview")).not_to_contain_text("A small node.")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    assert (status(server, report), server.text(f"reports/{report}/rendering?format=text")) == ("final", before)


@pytest.mark.parametrize(
    ("words", "text", "shown", "became"),
    [
        ("Withdraw", "Of another patient.", "entered in error: Of another patient.", "entered-in-error"),
        ("Addendum", "Seen with Dr. Example.", "Addendum signed by", "appended"),
    ],
)
def test_after_the_signature(
    open_page: Open, server: Server, axe: str, words: str, text: str, shown: str, became: str
) -> None:  # 4
    page, report = signed(open_page, server, f"after {words}")
    by_palette(page, words)
    page.wait_for_selector("dialog[open] form")
    assert violations(page, axe) == []
    in_dialog(page, text)
    expect(page.locator(".banner")).to_contain_text(shown)
    assert status(server, report) == became
    expect(page.locator("mrrt-preview")).to_contain_text(text)
    expect(page.locator("mrrt-preview .void")).to_have_count(int(became == "entered-in-error"))
    assert violations(page, axe) == []


def test_a_cancelled_draft_says_why(open_page: Open, server: Server) -> None:  # 4
    report = healthy(server, "cancelled")
    page = opened(open_page, server, report)
    by_palette(page, "Cancel the draft")
    in_dialog(page, "The study was repeated.")
    expect(page.locator(".banner")).to_contain_text("cancelled: The study was repeated.")
    expect(page.locator("mrrt-preview .void")).to_have_text("CANCELLED - not to be used")
    assert status(server, report) == "cancelled"


def test_an_alert_that_is_answered_keeps_the_steps_before_it(open_page: Open, server: Server) -> None:
    report = server.draft(SAMPLE)["id"]
    page = opened(open_page, server, report)
    put_in(page, "left_eca_psv", "61")
    page.keyboard.press("Alt+s")
    page.locator("mrrt-attention").get_by_role("button", name="Acknowledge").press("Enter")
    in_dialog(page, "Told on the phone.")
    expect(page.locator("mrrt-attention")).not_to_contain_text("referring physician")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("[role=tab][aria-selected=true]")).to_have_text("Source")
    page.keyboard.press("Control+z")
    expect(field(page, "left_eca_psv")).to_have_value("91.0")
    saved(page)
    (answered,) = server.call("GET", f"reports/{report}")["acknowledged"]
    assert answered["reason"] == "Told on the phone."
