"""Where a value comes from, one key away: the measurement in its document, or the rule that decided.

1. An imported value: device, time, what was received, rule of choice, its way through the SR document, the repeats
   that were not chosen, and the image that was measured on, as a link into the viewer.
2. A calculated value: decision, criteria, rule and why, what went in, what would make it another class, and the class
   under the other criteria; what went in leads to its field.
3. What a reader typed over an imported value is shown above it, and both have their source.
4. In German, limits and changes have the decimal comma.
5. An explanation that could not be had is asked for again.
6. In German, so are the codes of the document, the side and how the value was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pydicom.dataset import Dataset

from tests.sr_writer import Carotid, document, item, to_bytes, uid
from tests.web.conftest import Guard, Open
from tests.web.server import Server
from tests.web.steps import field, mark, saved, violations
from tests.web.studies import normal

pytestmark = pytest.mark.browser
ReportPage = Callable[..., tuple[Page, dict[str, Any]]]
PSV = "right_ica_prox_psv"
IMAGE = uid("the image that was measured on")
VIEWER = "http://viewer.example/?study={study_instance_uid}&object={sop_instance_uid}"
LIMITS = """async () => {
  const { linesOf } = await import("/reasons.js");
  const own = { field: { choices: [{ value: "1.5", text: "Stenose Typ 1.5" }] } };
  const controls = { grade: own, ratio: { label: "Index", field: {} } };
  const flip = { input: "ratio", low: "2.7", low_closed: true, high: null, unit: "1", change: "-1.47", outcome: "1.5" };
  return linesOf({ field: "grade", flips: [flip], by_criteria: [] }, (key) => controls[key]);
}"""
"""Lines of an explanation that no library template gives: a limit with decimals, a choice with a point in its text."""


def measured_on_an_image() -> bytes:
    """Return an SR whose chosen PSV of the right ICA says on which frame of which image it was measured."""
    velocities = {**normal(), ("right", "ica", "prox"): (151.0, 47.0)}
    root = document(Carotid(velocities=velocities, ratios={}, instance="measured on an image", model="SONO 9"))
    (chosen,) = [
        one for one in items(root) if one.ValueType == "NUM" and "ContentSequence" in one and value(one) == 151
    ]
    image = item("INFERRED FROM", "IMAGE", ("121112", "DCM", "Source of Measurement"))
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    reference.ReferencedSOPInstanceUID = IMAGE
    reference.ReferencedFrameNumber = 7
    image.ReferencedSOPSequence = [reference]
    chosen.ContentSequence.append(image)
    return to_bytes(root)


def items(root: Dataset) -> Iterator[Dataset]:
    """Yield all content items of a document."""
    for one in root.get("ContentSequence", []):
        yield one
        yield from items(one)


def value(one: Dataset) -> float:
    return float(one.MeasuredValueSequence[0].NumericValue)


def source_of(page: Page, key: str) -> Locator:
    """Go to a field and show its source by key."""
    field(page, key).focus()
    if not page.locator(".sources").count():
        page.keyboard.press("Alt+s")
    expect(page.locator(".sources h2")).to_have_text(field(page, key).get_attribute("aria-label").partition(",")[0])  # type: ignore[union-attr]
    return page.locator(".sources")


def facts(layer: Locator) -> dict[str, str]:
    """Return what a layer of a source says, by name."""
    layer.locator(".facts").wait_for()
    names, texts = layer.locator(".facts dt").all_inner_texts(), layer.locator(".facts dd").all_inner_texts()
    return dict(zip(names, texts, strict=True))


def test_of_an_imported_value(tmp_path: Path, open_page: Open, axe: str) -> None:  # 1
    server = Server(tmp_path, viewer_url=VIEWER)
    server.start()
    try:
        path = tmp_path / "sr.dcm"
        path.write_bytes(measured_on_an_image())
        report = server.draft(path)
        page = open_page(f"{server.address}/#/reports/{report['id']}")
        page.wait_for_selector(".paper h4")
        source = source_of(page, PSV)
        given = report["values"][PSV]["source"]
        told = facts(source)
        assert told["Device"].startswith("EXAMPLE SONO 9")
        assert told["Measured"] == "14 Jan 2026, 10:15"
        assert told["Received as"] == "151.0\u00a0cm/s"
        assert told["Rule of choice"] == given["rule"] == "Selection Status: Mean value chosen"
        assert told["Derivation"] == "Mean, Mean value chosen"
        assert told["Image"] == f"{IMAGE} (frame 7)"
        assert told["Document"] == given["document"]
        address = VIEWER.format(study_instance_uid=report["study"]["study_instance_uid"], sop_instance_uid=IMAGE)
        expect(source.locator(".image a")).to_have_attribute("href", address)
        way = source.locator(".way li").all_inner_texts()
        last = "Peak Systolic Velocity, right, Proximal"
        assert way == ["US Carotid Arteries Report", "Findings", "Internal carotid artery", last]
        rows = [row.locator("td").all_inner_texts() for row in source.locator(".tree tbody tr").all()]
        assert [row[1] for row in rows] == [f"{number}\u00a0cm/s" for number in ("150.0", "151.0", "152.0", "151.0")]
        assert [row[3].strip() for row in rows] == ["not chosen"] * 3 + ["chosen"]
        assert rows[3][0] == given["path"]
        expect(source.locator(".tree caption")).to_contain_text("4")
        assert violations(page, axe) == []
        page.close()
    finally:
        server.stop()


def test_of_a_calculated_value(report_page: ReportPage, server: Server, axe: str) -> None:  # 2
    page, report = report_page()
    server.call("PATCH", f"reports/{report['id']}", {"edits": [{"field": "left_plaque", "value": "present"}]})
    page.reload()
    page.wait_for_selector(".paper h4")
    source = source_of(page, "left_ica_grade")
    told = facts(source)
    assert told == {
        "Decision": "ica stenosis by SRU 2003",
        "Criteria": "SRU 2003",
        "Rule": "10",
        "Because": "PSV 125 to 230 cm/s",
    }
    inputs = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in source.locator(".inputs tbody tr").all()
    }
    used = inputs["Left ICA PSV used (highest, bulb included)"]
    assert used[0] == "182\u00a0cm/s"
    assert used[1].startswith("calculated · from ") and "Left ICA proximal PSV 182" in used[1]
    assert inputs["Left plaque at the bifurcation or ICA"] == ["present", "typed"]
    turns, others = (one.locator("li").all_inner_texts() for one in source.locator(".turns").all())
    over = "Left ICA PSV used (highest, bulb included) above 230 cm/s (+48)"
    assert f"{over}: stenosis of 70 % or more, below near occlusion" in turns
    assert any("below 125 cm/s (−57)" in one for one in turns)
    assert [one.partition(":")[0] for one in others] == ["IAC 2021 mode A", "IAC 2021 mode B", "DEGUM 2010", "UK 2009"]
    assert others[0] == "IAC 2021 mode A: stenosis 50-69 %"
    expect(source.locator(".missing")).to_contain_text("Left carotid intervention")
    assert violations(page, axe) == []
    source.locator(".inputs").get_by_role("button", name="Left plaque at the bifurcation or ICA").press("Enter")
    expect(field(page, "left_plaque")).to_be_focused()


def test_of_a_typed_value_over_an_imported_one(report_page: ReportPage) -> None:  # 3
    page, _ = report_page()
    source = source_of(page, PSV)
    field(page, PSV).fill("180")
    page.keyboard.press("Enter")
    saved(page)
    layers = source.locator(".layer")
    expect(layers).to_have_count(2)
    expect(layers.first.locator(".layer-head")).to_contain_text("180 cm/s")
    expect(layers.first.locator(".layer-head")).to_contain_text("typed over an imported value")
    expect(layers.last.locator(".layer-head")).to_contain_text("336.0 cm/s")
    expect(layers.last.locator(".layer-head")).to_contain_text("lies beneath")
    assert facts(layers.last)["Rule of choice"] == "Selection Status: Mean value chosen"
    expect(layers.last.locator(".tree .chosen")).to_contain_text("336.0")
    page.keyboard.press("Alt+z")
    expect(layers).to_have_count(1)
    expect(layers.first).to_contain_text("336.0 cm/s")


def test_one_key_leads_from_a_refused_text_to_the_imported_value(  # 3
    report_page: ReportPage, guard: Guard, server: Server
) -> None:
    guard.allow("status of 422")
    page, report = report_page()
    for text, state in (("180", "saved"), ("abc", "open")):
        field(page, PSV).fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".save-state")).to_have_attribute("data-state", state)
    page.keyboard.press("Alt+z")
    expect(field(page, PSV)).to_have_value("336.0")
    saved(page)
    assert mark(page, PSV) == "imported"
    assert server.call("GET", f"reports/{report['id']}")["values"][PSV]["value"] == "336.0"


def test_limits_in_german(report_page: ReportPage, server: Server) -> None:  # 4
    page, report = report_page("de")
    edits = [{"field": "right_history", "value": "stent"}, {"field": "right_ica_psv", "value": "300.5"}]
    server.call("PATCH", f"reports/{report['id']}", {"edits": edits})
    page.reload()
    page.wait_for_selector(".paper h4")
    field(page, "right_ica_grade").focus()
    short = page.locator("mrrt-source .reasons").first
    expect(short).to_contain_text("Andere Klasse bei")
    source = source_of(page, "right_ica_grade")
    source.locator(".turns").first.wait_for()
    for text in (short.inner_text(), source.locator(".turns").first.inner_text()):
        assert "unter 220 cm/s (−80,5)" in text
        assert "mindestens 340 cm/s (+39,5)" in text
        assert not re.search(r"\d\.\d", text)
    assert page.evaluate(LIMITS) == [["Andere Klasse bei:", ["Index mindestens 2,7 (−1,47): Stenose Typ 1.5"]]]


def test_an_explanation_that_failed_is_asked_for_again(report_page: ReportPage, guard: Guard) -> None:  # 5
    guard.allow("ERR_FAILED")
    page, _ = report_page()
    page.route("**/explanations/*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        field(page, "right_ica_grade").focus()
    expect(page.locator("mrrt-source .reasons")).to_have_count(0)
    page.unroute("**/explanations/*")
    field(page, PSV).focus()
    field(page, "right_ica_grade").focus()
    expect(page.locator("mrrt-source .reasons").first).to_contain_text("at most 230 cm/s")


def test_a_document_in_german(report_page: ReportPage) -> None:  # 6
    page, _ = report_page("de")
    source = source_of(page, PSV)
    told = facts(source)
    assert told["Auswahlregel"] == "Auswahlstatus: Mittelwert gewählt"
    assert told["Ableitung"] == "Mittelwert, Mittelwert gewählt"
    way = source.locator(".way li").all_inner_texts()
    last = "systolische Spitzengeschwindigkeit, rechts, proximal"
    assert way == ["Ultraschall der Karotiden", "Befunde", "A. carotis interna", last]
