"""What tests do in the page and look for: fields, keys, saved edits, and what axe finds."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.web.server import PHRASE

AXE_OPTIONS = "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}"


def field(page: Page, key: str) -> Locator:
    """Return the first control of a field."""
    return page.locator(f'[data-field="{key}"]:is(input, select, textarea)').first


def mark(page: Page, key: str) -> str:
    """Return what a screen reader hears of where a value came from."""
    described = field(page, key).get_attribute("aria-describedby") or ""
    return " ".join(page.locator(f'[id="{name}"]').inner_text() for name in described.split()).strip()


def sign_in(page: Page, name: str = "sam", phrase: str = PHRASE) -> None:
    """Sign in where the page asks who is there."""
    page.wait_for_selector("dialog.sign-in")
    page.locator("#sign-in-accountName").fill(name)
    page.locator("#sign-in-password").fill(phrase)
    page.keyboard.press("Enter")


def enter(page: Page, name: str = "sam") -> None:
    """Sign in, and be let in."""
    sign_in(page, name)
    page.wait_for_selector("dialog.sign-in", state="detached")


def tab_to(page: Page, selector: str, key: str = "Tab", limit: int = 140) -> int:
    """Press Tab until an element has the focus; returns how often."""
    for presses in range(limit):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return presses
        page.keyboard.press(key)
    raise AssertionError(f"{limit} times {key} did not lead to {selector}")


def tab_to_field(page: Page, key: str, back: bool = False) -> int:
    """Press Tab, or Shift+Tab, until a field has the focus."""
    return tab_to(page, f'[data-field="{key}"]', "Shift+Tab" if back else "Tab")


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(page.locator(".save-state")).to_have_attribute("data-state", "saved")


def put_in(page: Page, key: str, text: str) -> None:
    """Type into a field, as somebody with a keyboard alone does, and wait until it is saved."""
    tab_to_field(page, key)
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    saved(page)


def hold_events(page: Page) -> list[Route]:
    """Hold the stream of events of the page; the test lets what is in the list go on."""
    return hold_answers(page, "**/api/v1/events*")


def hold_answers(page: Page, address: str) -> list[Route]:
    """Hold requests of the page to addresses of a pattern; the test lets what is in the list go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold)
    return held


def answer_alerts(page: Page, reason: str = "The referring physician was told.") -> None:
    """Say why to every alert of the dialog that asks for it, by keys; the focus ends on the button that signs."""
    page.wait_for_selector("dialog .paper h3")
    for _ in range(page.locator("dialog .reason").count()):
        page.keyboard.type(reason)
        page.keyboard.press("Enter")
    ready_to_sign(page)


def ready_to_sign(page: Page) -> None:
    """Wait until what would be signed is shown, with the focus on the button that signs it."""
    expect(page.locator("#sign-now")).to_have_attribute("aria-disabled", "false")
    expect(page.locator("#sign-now")).to_be_focused()


def violations(page: Page, axe: str) -> list[str]:
    """Return what axe finds wrong in the page as it stands, one line each; WCAG 2.2 has to be asked for."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(f"async () => (await axe.run(document, {AXE_OPTIONS})).violations")
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
