"""The server is killed (SIGKILL) while a reader types, with edits on their way: every key typed is in the draft after.

The real `mrrt serve` as a process of its own, killed at random moments of a burst of edits; what is typed while it is
dead waits in the browser. Nothing is said to be a conflict, since nobody else is there. `MRRT_KILLS=100` kills more.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.serving.server import free_port, serving
from tests.web.conftest import SAMPLE, Guard, Open
from tests.web.steps import field

pytestmark = pytest.mark.browser
KILLS = int(os.environ.get("MRRT_KILLS", "1"))
SEED = 20261129
AWAY = "ERR_|status of (412|503)"
FIELDS = [
    f"{side}_{vessel}_{kind}" for vessel in ("eca", "vert") for side in ("right", "left") for kind in ("psv", "edv")
]


def draft(base: str) -> str:
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as http:
        kind = {"Content-Type": "application/dicom"}
        uid = http.post("/documents", content=SAMPLE.read_bytes(), headers=kind).json()["sop_instance_uid"]
        wanted = {"template": "us-carotid-duplex", "documents": [uid], "language": "en"}
        return str(http.post("/reports", json=wanted).json()["id"])


def typed(page: Page, fields: list[str], number: int) -> dict[str, str]:
    """Type into one field after the other, with the decimal comma, which the server turns into a point."""
    given = {key: f"{20 + number % 40},{n}" for n, key in enumerate(fields)}
    for key, text in given.items():
        field(page, key).focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    return {key: text.replace(",", ".") for key, text in given.items()}


def all_saved(page: Page) -> None:
    """Wait until a server that has just started has taken everything; it compiles the template first."""
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator(".save-state")).to_have_attribute("data-state", "saved", timeout=60_000)


@pytest.mark.whole
def test_every_key_typed_is_in_the_draft(open_page: Open, guard: Guard, tmp_path: Path) -> None:
    guard.allow(AWAY)
    chance = random.Random(SEED)
    port, database = free_port(), f"sqlite:///{tmp_path / 'reports.sqlite'}"
    base, log = f"http://127.0.0.1:{port}", tmp_path / "log"
    with serving(log, database, port):
        report = draft(base)
        page = open_page(f"{base}/#/reports/{report}")
        page.wait_for_selector(".paper h4")
        wanted = typed(page, FIELDS[:2], 0)
        time.sleep(chance.uniform(0, 0.08))
    for kill in range(1, KILLS + 1):
        wanted |= typed(page, FIELDS[2:5], kill)
        with serving(log, database, port):
            if kill % 2:
                all_saved(page)
            wanted |= typed(page, FIELDS[5:], kill)
            time.sleep(chance.uniform(0, 0.08))
    with serving(log, database, port):
        all_saved(page)
        found = httpx.get(f"{base}/api/v1/reports/{report}", timeout=60).json()["values"]
        assert {key: found[key]["value"] for key in wanted} == wanted
        assert {key: field(page, key).input_value() for key in wanted} == wanted
        expect(page.locator("mrrt-attention")).not_to_contain_text("elsewhere")
        assert (
            page.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('mrrt.outbox.')).length")
            == 0
        )
