"""Measurements that no binding could place, in the report: chosen and assigned by keys, with their source.

1. Where several fit a field, Alt and a number chooses one; it stays what the device sent, and can be undone and redone.
2. What fits no field is given one: a number in its unit, a text with it; it is no longer without a place, and what the
   reader chose is proposed as a binding.
3. Alt+N leads from item to item: past those that were dealt with, to those without a field, and round.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SAMPLE, Open
from tests.web.server import Server
from tests.web.steps import field, saved, violations
from tests.web.studies import normal, same_study, study

pytestmark = pytest.mark.browser
PSV = "left_ica_prox_psv"


def undecided(server: Server, name: str) -> dict[str, Any]:
    """Return a report of a study of which two documents differ about one side."""
    first = study(name)
    more = same_study(first, f"more {name}", {("left", "ica", "prox"): (150.0, 45.0)})
    uids = [server.call("POST", "documents", one)["sop_instance_uid"] for one in (first, more)]
    wanted = {"template": "us-carotid-duplex", "documents": uids, "language": "en"}
    report: dict[str, Any] = server.call("POST", "reports", wanted)
    return report


def opened(open_page: Open, server: Server, report: dict[str, Any]) -> Page:
    page = open_page(f"{server.address}/#/reports/{report['id']}")
    page.wait_for_selector(".paper h4")
    return page


def value(server: Server, report: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = server.call("GET", f"reports/{report['id']}")["values"][key]
    return found


def test_a_measurement_is_chosen_by_its_number(open_page: Open, server: Server, axe: str) -> None:  # 1
    report = undecided(server, "chosen by number")
    (open_one,) = [one for one in report["ambiguous"] if one["field"] == PSV]
    candidates = [one for one in open_one["candidates"] if one["value"] is not None]
    number = next(n for n, one in enumerate(candidates, 1) if float(one["value"]) == 150.0)
    page = opened(open_page, server, report)
    expect(field(page, PSV)).to_have_value("")
    item = page.locator("mrrt-attention li", has_text="Left ICA proximal PSV: Several measurements fit")
    expect(item.get_by_role("button").nth(number)).to_contain_text(f"Alt {number}")
    assert violations(page, axe) == []
    field(page, PSV).focus()
    page.keyboard.press(f"Alt+{number}")
    expect(field(page, PSV)).to_have_value("150.0")
    expect(item).to_have_count(0)
    page.keyboard.press("Tab")
    saved(page)
    expect(field(page, PSV)).to_have_value("150.0")
    chosen = value(server, report, PSV)
    assert (chosen["provenance"], chosen["source"]["document"]) == ("typed", candidates[number - 1]["document"])
    assert chosen["source"]["path"] == candidates[number - 1]["path"]
    field(page, PSV).focus()
    page.keyboard.press("Alt+s")
    expect(page.locator(".sources")).to_contain_text("chosen by the reader")
    expect(page.locator(".tree .chosen")).to_contain_text("150.0")
    page.keyboard.press("Control+z")
    expect(field(page, PSV)).to_have_value("")
    page.keyboard.press("Control+Shift+z")
    expect(field(page, PSV)).to_have_value("150.0")
    saved(page)
    assert value(server, report, PSV)["source"]["path"] == candidates[number - 1]["path"]


def assigned(page: Page, words: str, to: str) -> None:
    """Give the first measurement without a place whose name has these words a field, by keys."""
    fold = page.locator("mrrt-attention details")
    fold.locator("summary").press("Enter")
    fold.locator("tr", has_text=words).first.get_by_role("button").press("Enter")
    expect(page.locator("#picker")).to_be_focused()
    page.keyboard.type(to)
    page.keyboard.press("Enter")


def test_a_measurement_without_a_place_gets_one(open_page: Open, server: Server) -> None:  # 2
    sideless = study("assigned", velocities=normal(), sides={"left": "left"}, model="ASSIGNER 1")
    uid = server.call("POST", "documents", sideless)
    wanted = {"template": "us-carotid-duplex", "documents": [uid["sop_instance_uid"]], "language": "en"}
    report = server.call("POST", "reports", wanted)
    (one, *_) = report["unmatched"]
    page = opened(open_page, server, report)
    before = len(report["unmatched"])
    expect(page.locator("mrrt-attention summary")).to_contain_text(f"{before} measurements")
    assigned(page, one["code"]["meaning"], "Other findings")
    target = field(page, "other_findings")
    expect(target).to_have_value(f"{one['value']} {one['unit']}")
    page.keyboard.press("Tab")
    saved(page)
    expect(target).to_have_value(f"{one['value']} {one['unit']}")
    assert value(server, report, "other_findings")["source"]["path"] == one["path"]
    expect(page.locator("mrrt-attention summary")).to_contain_text(f"{before - 1} measurements")
    lines = server.call("GET", "unmapped")
    assert [line["assigned_to"] for line in lines if line["model"] == "ASSIGNER 1" and line["assigned_to"]] == [
        "other_findings"
    ]


def test_the_next_item_is_never_passed_over(open_page: Open, server: Server) -> None:  # 3
    report = server.draft(SAMPLE)
    page = opened(open_page, server, report)
    items = page.locator("mrrt-attention .items > li")
    expect(items).to_have_count(3)
    page.keyboard.press("Alt+n")
    expect(page.locator("*:focus")).to_have_attribute("data-field", "right_ica_grade")
    page.keyboard.press("Alt+n")
    expect(page.locator("*:focus")).to_have_attribute("data-field", "right_plaque")
    page.keyboard.type("present")
    page.keyboard.press("Tab")
    saved(page)
    expect(items).to_have_count(2)
    page.keyboard.press("Alt+n")
    expect(page.locator("*:focus")).to_have_attribute("data-field", "left_plaque")
    page.keyboard.press("Alt+n")
    expect(page.locator("*:focus")).to_have_attribute("data-field", "right_ica_grade")
