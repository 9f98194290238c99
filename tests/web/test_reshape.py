"""A chosen option puts another template into the form: the page follows, and the reader goes on where he was.

1. By keyboard alone: choose, see the new fields with their labels, fill one, switch back and again; nothing is lost.
2. Focus, caret and what stands in the reader's eye stay; what is typed meanwhile is saved first.
3. Where the focused field goes, the field that was changed gets the focus.
4. Texts that are not in the report outlive the change.
5. Changes from elsewhere and a server that fails in between are followed, too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import some
from tests.web.conftest import Guard, Open
from tests.web.server import Server
from tests.web.steps import field, ready_to_sign, saved, tab_to_field, violations

pytestmark = pytest.mark.browser
PAGES = [Path(__file__).parent / "pages" / f"{name}.html" for name in ("cyst", "mass", "kidney")]
KIND, CYST, MASS = "kind", "about.1.size", "about.2.size"
Kidney = Callable[..., tuple[Page, str]]
TOP = "() => document.activeElement.getBoundingClientRect().top"
CARET = "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"


FOLD = "() => document.activeElement.matches('.fold') && document.activeElement.textContent"


@pytest.fixture
def kidney(server: Server, open_page: Open) -> Kidney:
    """Make a report of a template with replacements and open it; returns the page and the id of the report."""

    def opened(**options: Any) -> tuple[Page, str]:
        server.store(*PAGES)
        report = server.call("POST", "reports", {"template": "2.25.5101", "documents": [], "language": "en"})
        page = open_page(f"{server.address}/#/reports/{report['id']}", **options)
        page.wait_for_selector(".paper h3")
        return page, str(report["id"])

    return opened


def put(server: Server, report: str, **values: Any) -> None:
    edits = [{"field": key, "value": value} for key, value in values.items()]
    server.call("PATCH", f"reports/{report}", {"edits": edits})


def held_form(page: Page) -> list[Route]:
    """Hold back every form from now on; the test lets it go by `fulfill` or `continue_`."""
    held: list[Route] = []
    page.route("**/form", lambda route: held.append(route))  # noqa: PLW0108  # it marks its handlers
    return held


def let_go(page: Page, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    page.unroute("**/form")


def test_by_keyboard_alone(kidney: Kidney, server: Server, axe: str) -> None:  # 1
    page, report = kidney()
    news = page.locator(".status-bar [role=status].visually-hidden")
    tab_to_field(page, KIND)
    page.keyboard.type("cy")
    expect(page.get_by_label("Cyst size")).to_be_visible()
    expect(field(page, KIND)).to_be_focused()
    expect(field(page, "parenchyma")).to_have_count(0)
    expect(news).to_have_text("The form has changed. New: Bosniak class, Cyst size.")
    expect(page.locator("mrrt-attention")).to_contain_text("Cyst size must be filled.")
    assert violations(page, axe) == []

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(field(page, CYST)).to_be_focused()
    page.keyboard.type("3,5 cm")
    page.keyboard.press("Tab")
    expect(field(page, CYST)).to_have_value("35")
    expect(page.locator(".paper")).to_contain_text("35 mm")
    expect(page.locator("mrrt-attention")).not_to_contain_text("Cyst size")

    tab_to_field(page, KIND, back=True)
    page.keyboard.type("sol")
    expect(field(page, MASS)).to_be_visible()
    expect(field(page, MASS)).to_have_value("")
    expect(field(page, CYST)).to_have_count(0)
    expect(page.locator(".paper")).not_to_contain_text("35 mm")
    assert "about.1.size" not in server.call("GET", f"reports/{report}")["values"]

    page.keyboard.press("ArrowUp")  # letters typed within a second of the last would be one word with them
    expect(field(page, CYST)).to_have_value("35")
    expect(page.locator(".paper")).to_contain_text("35 mm")
    saved(page)
    assert server.call("GET", f"reports/{report}")["values"]["about.1.size"]["value"] == "35"
    page.keyboard.press("Alt+z")
    expect(field(page, "parenchyma")).to_be_visible()
    expect(field(page, KIND)).to_be_focused()


def test_sign_what_was_chosen(kidney: Kidney, server: Server) -> None:  # 1
    page, report = kidney()
    held = held_form(page)
    tab_to_field(page, KIND)
    page.keyboard.type("cy")
    saved(page)
    page.keyboard.press("Control+Enter")  # while the new form is on its way
    let_go(page, held)
    expect(page.locator("dialog .items")).to_contain_text("Cyst size must be filled.")
    page.keyboard.press("Enter")  # the item leads to its field
    expect(field(page, CYST)).to_be_focused()
    page.keyboard.type("9")
    page.keyboard.press("Control+Enter")
    ready_to_sign(page)
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("Signed by")
    expect(page.get_by_label("Cyst size")).to_have_value("9")
    assert server.call("GET", f"reports/{report}")["status"] == "final"


@pytest.mark.parametrize("size", [(1440, 600), (720, 450)], ids=["panes", "narrow"])
def test_the_reader_goes_on_typing(kidney: Kidney, server: Server, size: tuple[int, int]) -> None:  # 2
    page, report = kidney()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    held = held_form(page)
    tab_to_field(page, KIND)
    page.keyboard.type("sol")
    tab_to_field(page, "advice")
    page.wait_for_function("() => document.querySelector('.save-state').dataset.state === 'saved'")
    page.keyboard.type("Follow up in six months")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    before, caret = page.evaluate(TOP), page.evaluate(CARET)
    assert len(held) >= 1 and field(page, MASS).count() == 0
    let_go(page, held)
    expect(field(page, MASS)).to_be_visible()
    expect(field(page, "advice")).to_be_focused()
    assert page.evaluate(CARET) == caret and caret[0] != caret[1]
    assert abs(page.evaluate(TOP) - before) <= 1, "four fields for one above it, and it stays where it was"
    page.keyboard.press("ArrowRight")
    page.keyboard.type("s")
    expect(field(page, "advice")).to_have_value("Follow up in six smonths")
    page.keyboard.press("Tab")
    saved(page)
    assert server.call("GET", f"reports/{report}")["values"]["advice"]["value"] == "Follow up in six smonths"


def test_a_text_as_it_was_typed_is_not_rewritten_under_the_caret(
    kidney: Kidney, server: Server, guard: Guard
) -> None:  # 2
    page, report = kidney()
    tab_to_field(page, "diameter")
    page.keyboard.type("1,8 cm")
    saved(page)
    page.wait_for_function("() => document.querySelector('.paper').textContent.includes('18 mm')")
    guard.allow("status of 412")
    put(server, report, kind="cyst")
    page.keyboard.type(" ")  # somebody else chose the option; this edit hears of it
    expect(field(page, CYST)).to_be_visible()
    expect(field(page, "diameter")).to_have_value("1,8 cm ")
    page.keyboard.press("Tab")
    expect(field(page, "diameter")).to_have_value("18")


def test_the_focused_field_goes(kidney: Kidney, server: Server) -> None:  # 3
    page, report = kidney()
    held = held_form(page)
    tab_to_field(page, KIND)
    page.keyboard.type("cy")
    page.keyboard.press("Tab")
    expect(field(page, "parenchyma")).to_be_focused()
    page.keyboard.type("thin")
    let_go(page, held)
    expect(field(page, CYST)).to_be_visible()
    expect(field(page, KIND)).to_be_focused()
    page.keyboard.type("n")
    expect(field(page, "parenchyma")).to_have_value("thin")
    assert server.call("GET", f"reports/{report}")["values"]["parenchyma"]["value"] == "thin"


def test_the_heading_of_a_section_keeps_the_focus(kidney: Kidney, server: Server) -> None:  # 2
    page, report = kidney()
    tab_to_field(page, KIND)
    while not (heading := page.evaluate(FOLD)):
        page.keyboard.press("Shift+Tab")
    put(server, report, kind="cyst")
    expect(field(page, CYST)).to_be_visible()
    assert page.evaluate(FOLD) == heading


def test_switching_to_and_fro_before_the_form_came(kidney: Kidney) -> None:  # 2
    page, _ = kidney()
    held = held_form(page)
    tab_to_field(page, KIND)
    page.keyboard.type("cy")
    saved(page)
    page.wait_for_timeout(1_200)  # a select forgets what was typed to find an option
    page.keyboard.type("n")
    expect(page.locator(".paper")).to_contain_text("none")
    let_go(page, held)
    page.wait_for_timeout(300)
    expect(field(page, "parenchyma")).to_be_visible()
    expect(field(page, CYST)).to_have_count(0)


def test_a_refused_text_outlives_the_change(kidney: Kidney, guard: Guard) -> None:  # 4
    guard.allow("status of 422")
    page, _ = kidney()
    tab_to_field(page, "diameter")
    page.keyboard.type("wide")
    page.keyboard.press("Tab")
    expect(field(page, "diameter")).to_have_attribute("aria-invalid", "true")
    tab_to_field(page, KIND, back=True)
    page.keyboard.type("cy")
    expect(field(page, CYST)).to_be_visible()
    expect(field(page, "diameter")).to_have_value("wide")
    expect(field(page, "diameter")).to_have_attribute("aria-invalid", "true")

    tab_to_field(page, CYST)
    page.keyboard.type("big")
    tab_to_field(page, KIND, back=True)
    items = page.locator("mrrt-attention")
    expect(items).to_contain_text("Not saved: “big”.")
    page.keyboard.type("sol")
    expect(field(page, MASS)).to_be_visible()
    expect(items).not_to_contain_text("big")
    expect(items).to_contain_text("Not saved: “wide”.")
    page.keyboard.press("ArrowUp")  # letters typed within a second of the last would be one word with them
    expect(field(page, CYST)).to_have_value("big")
    expect(field(page, CYST)).to_have_attribute("aria-invalid", "true")


def test_somebody_else_chooses(kidney: Kidney, server: Server, guard: Guard) -> None:  # 5
    guard.allow("status of 412")
    page, report = kidney()
    put(server, report, kind="mass", **{MASS: "41"})
    tab_to_field(page, "above3")
    page.keyboard.type("seen")
    expect(field(page, MASS)).to_have_value("41")
    expect(field(page, "above3")).to_be_focused()
    saved(page)
    assert server.call("GET", f"reports/{report}")["values"]["above3"]["value"] == "seen"


def test_a_form_that_does_not_come_is_asked_for_again(kidney: Kidney, guard: Guard) -> None:  # 5
    guard.allow("status of 503")
    page, _ = kidney()
    held = held_form(page)
    tab_to_field(page, KIND)
    with page.expect_request("**/form"):
        page.keyboard.type("cy")
    for route in held:
        route.fulfill(status=503, body="{}", content_type="application/problem+json")
    page.unroute("**/form")
    expect(field(page, CYST)).to_be_visible()
    expect(field(page, KIND)).to_be_focused()


@pytest.mark.parametrize("theme", some(["dark", "light"]))
@pytest.mark.parametrize("kind", some(["mass", "cyst"]))
def test_every_shape_is_clean(kidney: Kidney, axe: str, theme: str, kind: str) -> None:  # 1
    page, _ = kidney(theme=theme)
    field(page, KIND).select_option(kind)
    expect(field(page, CYST if kind == "cyst" else MASS)).to_be_visible()
    assert violations(page, axe) == []
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
