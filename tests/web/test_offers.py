"""What comes while somebody types moves nothing under the hand and is not missed; each step gives the focus a place.

1. Late measurements are offered where they are seen, do not move the form, and are told of before the signature.
2. In another tab an offer goes when it was taken, and it speaks the language of the page.
3. Nothing that a window asked for leaves the focus nowhere; what was typed into it outlives it.
"""

from __future__ import annotations

from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import some
from tests.web.conftest import SAMPLE, Open
from tests.web.server import Server
from tests.web.steps import answer_alerts, field, tab_to, tab_to_field
from tests.web.studies import same_study, study

pytestmark = pytest.mark.browser
MORE = {("right", "subc", "prox"): (112.0, 4.0)}
LATE = "came after the report was made: 1"


def opened(open_page: Open, server: Server, name: str) -> tuple[Page, bytes]:
    first = study(name)
    uid = server.call("POST", "documents", first)["sop_instance_uid"]
    wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
    page = open_page(f"{server.address}/#/reports/{server.call('POST', 'reports', wanted)['id']}")
    page.wait_for_selector(".paper h4")
    return page, first


def come_late(server: Server, page: Page, first: bytes, name: str) -> None:
    server.call("POST", "documents", same_study(first, f"{name}, more", MORE))
    expect(page.locator(".offer")).to_contain_text(LATE)


def place(page: Page, key: str) -> float:
    box = field(page, key).bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize(("key", "width"), some([*product(["conclusion", "right_ica_prox_psv"], [800, 1440])]))
def test_an_offer_moves_nothing_under_the_hand(open_page: Open, server: Server, key: str, width: int) -> None:  # 1
    name = f"hand {width} {key}"
    page, first = opened(open_page, server, name)
    page.set_viewport_size({"width": width, "height": 700})
    tab_to_field(page, key)
    before = place(page, key)
    come_late(server, page, first, name)
    assert abs(place(page, key) - before) < 2
    expect(field(page, key)).to_be_focused()


def test_an_offer_out_of_sight_is_told_of(open_page: Open, server: Server) -> None:  # 1
    page, first = opened(open_page, server, "out of sight")
    tab_to_field(page, "conclusion")
    come_late(server, page, first, "out of sight")
    told = page.locator("mrrt-attention li", has_text=LATE)
    told.get_by_role("button", name="Look at them").press("Enter")
    expect(page.get_by_role("button", name="Take them into the draft")).to_be_focused()
    expect(page.get_by_role("button", name="Take them into the draft")).to_be_in_viewport()
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog .items")).to_contain_text(LATE)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Take them into the draft").press("Enter")
    expect(field(page, "right_subc_psv")).to_have_value("112.0")
    expect(told).to_have_count(0)
    expect(page.locator("h1")).to_be_focused()


def test_an_offer_that_was_taken_goes_everywhere(open_page: Open, server: Server) -> None:  # 2
    page, first = opened(open_page, server, "two tabs")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".paper h4")
    come_late(server, page, first, "two tabs")
    expect(other.locator(".offer")).to_contain_text(LATE)
    other.locator("select").first.select_option(label="Deutsch")
    expect(other.locator(".offer")).to_contain_text("die nach dem Befund kamen: 1")
    page.get_by_role("button", name="Take them into the draft").press("Enter")
    expect(field(other, "right_subc_psv")).to_have_value("112,0")
    expect(other.locator(".offer")).to_have_count(0)
    expect(other.locator("mrrt-attention")).not_to_contain_text("die nach dem Befund kamen")


def choose(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    page.wait_for_selector(".options [aria-selected=true]")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] form")


def test_each_step_leaves_the_focus_on_the_title(open_page: Open, server: Server) -> None:  # 3
    page = open_page(f"{server.address}/#/reports/{server.draft(SAMPLE)['id']}")
    page.wait_for_selector(".paper h4")
    tab_to(page, "mrrt-attention .choose button")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] form")
    page.keyboard.type("Told on the phone.")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("Control+Enter")
    answer_alerts(page)
    page.keyboard.press("Enter")
    for words in ("Addendum", "Withdraw"):
        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("h1")).to_be_focused()
        choose(page, words)
        page.keyboard.type("Side by side with Dr. Example.")
        page.keyboard.press("Control+Enter" if words == "Addendum" else "Enter")
    expect(page.locator(".banner")).to_contain_text("entered in error")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("h1")).to_be_focused()


def test_an_addendum_outlives_its_window(open_page: Open, server: Server) -> None:  # 3
    report = server.draft(SAMPLE)["id"]
    server.sign(report)
    page = open_page(f"{server.address}/#/reports/{report}")
    page.wait_for_selector(".paper h4")
    choose(page, "Addendum")
    page.keyboard.type("Seen again with the surgeon.")
    page.keyboard.press("Escape")
    choose(page, "Addendum")
    expect(page.locator("dialog textarea")).to_have_value("Seen again with the surgeon.")
    expect(page.locator("#step-act")).to_have_text("Sign the addendum")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text("Addendum signed by")
    choose(page, "Addendum")
    expect(page.locator("dialog textarea")).to_have_value("")
