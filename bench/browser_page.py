"""How fast the page of a report is in a real Chromium: from a key to the grade, first paint, large templates, script.

    .venv/bin/python bench/browser_page.py [REPEATS]

`mrrt serve` in a process of its own with SQLite on this disk, Debian's Chromium driven by Playwright, 1440 x 900.

- `key to grade`: the radiologist leaves a velocity with Tab; until the frame in which the grade of that side shows the
  new class, the answer of the server in between. Milliseconds in the page's own clock; 0.3 s between two fields.
- `first paint`, `usable`: from the start of the navigation until the first content is painted, and until the form can
  be written in, with nothing in the cache (cold) and with everything (warm).
- a template of 300 and one of 1,000 fields: the same, and `edit`, from Tab to the mark that says "saved". `plain page`
  is the template's own HTML opened as a file in the same browser, with no report behind it.
- `script`: bytes of the modules that the page of a report fetches, as written and as sent.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.serving.server import free_port, serving  # noqa: E402
from tests.web.conftest import FLAGS, program  # noqa: E402
from tests.web.large import template  # noqa: E402

REPEATS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
REACH = 300
"""Milliseconds between two fields: nobody fills them faster."""
OPENINGS = max(3, REPEATS // 10)
SAMPLE = (ROOT / "sr_import" / "samples" / "carotid-example.dcm").read_bytes()
WATCH = """(field) => {
  const grade = document.querySelector(`[data-field="${field}"]:is(input, select, textarea)`);
  const before = grade.value;
  window.took = new Promise((done) => {
    document.addEventListener("keydown", (event) => {
      const began = event.timeStamp;
      const look = () => grade.value !== before ? requestAnimationFrame((now) => done(performance.now() - began))
                                                : requestAnimationFrame(look);
      look();
    }, {capture: true, once: true});
  });
}"""
SAVED = """() => {
  const state = document.querySelector(".save-state");
  window.took = new Promise((done) => {
    document.addEventListener("keydown", (event) => {
      const isSaved = () => state.dataset.state === "saved" && state.textContent;
      const look = () => isSaved() ? done(performance.now() - event.timeStamp) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    }, {capture: true, once: true});
  });
}"""
PAINT = (
    """() => performance.getEntriesByType("paint").find((one) => one.name === "first-contentful-paint")?.startTime"""
)
SCRIPTS = """() => performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js"))
  .map((one) => [one.decodedBodySize, one.encodedBodySize])"""


def spread(took: Sequence[float]) -> str:
    ordered = sorted(took)
    return f"p50 {statistics.median(took):7.1f}   p95 {ordered[int(len(ordered) * 0.95)]:7.1f} ms   ({len(took)} times)"


def opened(browser: Browser, address: str, ready: str) -> tuple[Page, float, float]:
    """Open a page in a browser with nothing in its cache; returns when it was painted and when `ready` was there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.goto(address)
    return page, *timed(page, ready)


def timed(page: Page, ready: str) -> tuple[float, float]:
    page.wait_for_selector(ready)
    usable = page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))")
    return page.evaluate(PAINT), usable


def key_to_grade(page: Page, count: int) -> list[float]:
    took = []
    field = page.locator('[data-field="right_ica_prox_psv"]:is(input)').first
    for n in range(count + 5):
        field.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(("90", "336")[n % 2])
        page.evaluate(WATCH, "right_ica_grade")
        page.keyboard.press("Tab")
        took.append(page.evaluate("() => window.took"))
        page.wait_for_timeout(REACH)
    return took[5:]


def edits(page: Page, count: int) -> list[float]:
    took = []
    for n in range(count + 2):
        field = page.locator("mrrt-report input[data-field]").nth(n % 20)
        field.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(str(10 + n))
        page.evaluate(SAVED)
        page.keyboard.press("Tab")
        took.append(page.evaluate("() => window.took"))
    return took[2:]


def report(http: httpx.Client, name: str, documents: Sequence[str] = ()) -> str:
    answer = http.post("/reports", json={"template": name, "documents": list(documents), "language": "en"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def openings(browser: Browser, address: str, ready: str) -> None:
    cold, warm = [], []
    for _ in range(OPENINGS):
        page, *times = opened(browser, address, ready)
        cold.append(times)
        page.reload()
        warm.append(timed(page, ready))
        page.context.close()
    for name, times in (("cold", cold), ("warm", warm)):
        print(f"  first paint, {name:<5} {spread([paint for paint, _ in times])}")
        print(f"  usable, {name:<10} {spread([usable for _, usable in times])}")


def carotid(browser: Browser, http: httpx.Client, base: str) -> None:
    given = http.post("/documents", content=SAMPLE, headers={"Content-Type": "application/dicom"}).json()
    address = f"{base}/#/reports/{report(http, 'us-carotid-duplex', [given['sop_instance_uid']])}"
    print("carotid report")
    openings(browser, address, ".paper h4")
    page, *_ = opened(browser, address, ".paper h4")
    print(f"  key to grade       {spread(key_to_grade(page, REPEATS))}")
    scripts = page.evaluate(SCRIPTS)
    print(f"  script             {sum(raw for raw, _ in scripts)} bytes, {sum(sent for _, sent in scripts)} as sent")
    page.context.close()


def large(browser: Browser, http: httpx.Client, base: str, fields: int, folder: Path) -> None:
    html = template(fields)
    answer = http.post("/templates", content=html, headers={"Content-Type": "text/html"})
    assert answer.status_code in (200, 201), answer.text
    address = f"{base}/#/reports/{report(http, f'2.25.{fields}')}"
    print(f"template of {fields} fields")
    openings(browser, address, f"[data-field]:is(input) >> nth={fields - 1}")
    page, *_ = opened(browser, address, f"[data-field]:is(input) >> nth={fields - 1}")
    print(f"  edit to saved      {spread(edits(page, max(10, REPEATS // 5)))}")
    page.context.close()
    plain = folder / f"{fields}.html"
    plain.write_text(html, "utf-8")
    times = []
    for _ in range(OPENINGS):
        page, *found = opened(browser, plain.as_uri(), f"#f{fields - 1}")
        times.append(found)
        page.context.close()
    print(f"  plain page, usable {spread([usable for _, usable in times])}")


def main() -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="mrrt-bench-") as name:
        folder, port = Path(name), free_port()
        base = f"http://127.0.0.1:{port}"
        with serving(folder / "log", f"sqlite:///{folder / 'bench.sqlite'}", port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
            with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as http:
                print(f"Chromium {browser.version}")
                carotid(browser, http, base)
                for fields in (300, 1000):
                    large(browser, http, base, fields, folder)
            browser.close()


if __name__ == "__main__":
    main()
