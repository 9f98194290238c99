"""A real Chromium, the real application, and a guard that fails a test on any complaint of the browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.conftest import ROOT, require_program
from tests.web.server import Server

SAMPLE = ROOT / "sr_import" / "samples" / "carotid-example.dcm"
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Open = Callable[..., Page]


def program() -> str:
    """Return the browser: Chromium without the windows that nobody sees where it is installed, else with them."""
    found = [
        path
        for name in ("headless-shell", "")
        if (path := Path(f"/usr/lib/chromium/chromium-{name}".rstrip("-"))).exists()
    ]
    return str(found[0]) if found else require_program("chromium")  # Debian's wrapper adds flags that slow drawing down


# of the package and not of the session: what drives the browser holds the event loop, which other tests need
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.is_file():
        message = "axe-core is not installed (npm ci --prefix tests/web)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return AXE.read_text("utf-8")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application that all tests share; each makes reports of its own."""
    server = Server(tmp_path_factory.mktemp("web"))
    server.start()
    yield server
    server.stop()


class Guard:
    """Collects what the browser complains about; `allow` names what a test provokes on purpose."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._allowed: list[str] = []

    def watch(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def allow(self, pattern: str) -> None:
        """Expect complaints that match the pattern."""
        self._allowed.append(pattern)

    def unexpected(self) -> list[str]:
        """Return the complaints that no test asked for."""
        return [one for one in self.complaints if not any(re.search(pattern, one) for pattern in self._allowed)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def guard() -> Iterator[Guard]:
    """Fails the test at its end if the browser complained: script errors, CSP violations, failed loads."""
    guard = Guard()
    yield guard
    assert guard.unexpected() == []


@pytest.fixture
def open_page(browser: Browser, guard: Guard) -> Iterator[Open]:
    """Open an address in a browser of its own: `open_page(address, theme="light", locale="de-DE")`."""
    contexts: list[BrowserContext] = []

    def opened(address: str, theme: str = "dark", locale: str = "en-GB", **options: Any) -> Page:
        size = {"width": 1440, "height": 900}
        context = browser.new_context(viewport=size, reduced_motion="reduce", locale=locale, **options)
        context.set_default_timeout(15_000)
        context.add_init_script(f"location.origin === 'null' || localStorage.setItem('mrrt.theme', '{theme}')")
        contexts.append(context)
        page = context.new_page()
        guard.watch(page)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def report_page(server: Server, open_page: Open) -> Callable[..., tuple[Page, dict[str, Any]]]:
    """Make a report of the sample and open it; returns the page and the report as the API made it."""

    def opened(language: str = "en", of: Server = server, **options: Any) -> tuple[Page, dict[str, Any]]:
        report = of.draft(SAMPLE, language)
        page = open_page(f"{of.address}/#/reports/{report['id']}", **options)
        page.wait_for_selector(".paper h4")
        return page, report

    return opened
