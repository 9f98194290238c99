"""The unmapped inbox.

1. What no binding wanted is kept for each device model and kind of measurement: counted, with times and values.
2. A document counts once for each template, however often it is matched.
3. Nothing of a patient is in it.
4. A proposal is a row that its file takes: a binding with a field that fits, or a profile row.
5. The field that a reader gives such a measurement by hand is proposed from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mrrt.authored import read_yaml
from mrrt.code import Code
from mrrt.errors import NotFound
from reporting.cli import app
from reporting.draft import Edit
from reporting.proposals import propose
from reporting.store import open_store
from reporting.templates import compiled
from reporting.unmapped import UnmappedLine, together
from reporting.workflow import Workflow
from sr_import import load_bindings

from ..api.conftest import V1, TestClient
from ..api.conftest import client as client
from ..reporting.site import TEMPLATES, by, site
from ..sr_writer import Carotid, write

TINY = "1.2.3.4.5"
DISTAL = {("right", "ica", "dist"): (120.5, 40.0), ("left", "ica", "dist"): (80.0, 30.0)}


def distal(instance: str = "one", **more: Any) -> bytes:
    """Return an SR whose velocities the tiny template has no binding for."""
    return write(Carotid(velocities=DISTAL, ratios={}, instance=instance, samples=1, **more))


@pytest.fixture
def workflow(tmp_path: Path) -> Iterator[Workflow]:
    store = open_store(site(tmp_path).database_url)
    yield Workflow(store, (TEMPLATES,))
    store.close()


def matched(workflow: Workflow, report: str, *contents: bytes, seconds: int = 0) -> None:
    uids = [workflow.receive(content, by(seconds=seconds)).document.sop_instance_uid or "" for content in contents]
    workflow.create(report, "tiny-carotid", uids, by(seconds=seconds))


def of(lines: tuple[UnmappedLine, ...], code: str) -> UnmappedLine:
    (found,) = [line for line in lines if line.code is not None and line.code.value == code]
    return found


PSV, EDV = "11726-7", "11653-3"


def test_it_is_counted_by_kind(workflow: Workflow) -> None:  # 1
    matched(workflow, "r1", distal())
    line = of(workflow.unmapped(), PSV)
    assert (line.template, line.manufacturer, line.unit) == (TINY, "EXAMPLE", "cm/s")
    assert line.model
    assert (line.site, line.segment) == (Code(scheme="SCT", value="86117002"), Code(scheme="SCT", value="46053002"))
    assert (line.count, line.lowest, line.highest) == (2, "80.0", "120.5")
    assert line.reason == "no binding for this segment of the site"
    assert of(workflow.unmapped(), EDV).reason == "no binding for this code"
    assert line.first_seen == line.last_seen == by().at_text


def test_documents_add_up(workflow: Workflow) -> None:  # 1
    matched(workflow, "r1", distal())
    matched(workflow, "r2", distal("two"), seconds=60)
    line = of(workflow.unmapped(TINY), PSV)
    assert line.count == 4
    assert (line.first_seen, line.last_seen) == (by().at_text, by(seconds=60).at_text)
    assert workflow.unmapped("another") == ()


def test_device_models_are_told_apart(workflow: Workflow) -> None:  # 1
    matched(workflow, "r1", distal())
    matched(workflow, "r2", distal("two", model="Other 2"))
    models = {line.model for line in workflow.unmapped() if line.code and line.code.value == PSV}
    assert len(models) == 2
    assert "Other 2" in models


def test_a_document_counts_once(workflow: Workflow) -> None:  # 2
    matched(workflow, "r1", distal())
    matched(workflow, "r2", distal())
    uid = workflow.get("r1").documents[0]
    workflow.add_documents("r1", [uid], by())
    assert of(workflow.unmapped(), PSV).count == 2


def test_nothing_of_a_patient(workflow: Workflow) -> None:  # 3
    matched(workflow, "r1", distal(patient_name="GARCIA^SECRET"))
    text = json.dumps([line.model_dump() for line in workflow.unmapped()])
    for secret in ("GARCIA", "EX-0001", "1950", "EX0001"):
        assert secret not in text


def test_on_the_command_line_and_over_http(workflow: Workflow, tmp_path: Path, client: TestClient) -> None:  # 1
    matched(workflow, "r1", distal())
    command = ["sr", "unmapped", "--database-url", site(tmp_path).database_url]
    around = {"MRRT_TEMPLATES": str(TEMPLATES)}
    shown = CliRunner().invoke(app, [*command, "--propose"], env=around)
    assert shown.exit_code == 0
    assert "Peak Systolic Velocity" in shown.output
    assert "bindings:" in shown.output
    lines = [json.loads(line) for line in CliRunner().invoke(app, [*command, "--json"], env=around).output.splitlines()]
    assert {line["count"] for line in lines} == {2}
    assert "proposal" not in lines[0]
    named = CliRunner().invoke(app, [*command, "--template", "tiny-carotid", "--json"], env=around)
    assert len(named.output.splitlines()) == len(lines)
    assert client.get(f"{V1}/unmapped", params={"template": "tiny-carotid"}).json()
    answer = client.get(f"{V1}/unmapped", params={"template": TINY})
    assert [(one["count"], bool(one["proposal"])) for one in answer.json()] == [(2, True)] * len(lines)
    assert client.get(f"{V1}/unmapped", params={"template": "other"}).json() == []
    german = client.get(f"{V1}/unmapped", params={"language": "de"}).json()
    assert {(one["reason"].split()[0], one["language"]) for one in german} == {("keine", "de")}


def test_a_template_that_there_is_not_is_refused(tmp_path: Path) -> None:  # 1
    command = ["sr", "unmapped", "--database-url", site(tmp_path).database_url]
    around = {"MRRT_TEMPLATES": str(TEMPLATES)}
    refused = CliRunner().invoke(app, [*command, "--template", "tiny-carotis"], env=around)
    assert isinstance(refused.exception, NotFound) and "tiny-carotid" in str(refused.exception)
    none = CliRunner().invoke(app, [*command, "--template", "ct-dose"], env=around)
    assert none.exit_code == 0 and "No measurement was left without a binding." in none.output


def line(code: Code | None, unit: str = "cm/s", **more: Any) -> UnmappedLine:
    given: dict[str, Any] = {"site": None, "segment": None, **more}
    counted = {"count": 1, "lowest": None, "highest": None, "first_seen": "1", "last_seen": "1"}
    return UnmappedLine(template=TINY, manufacturer="M", model="", code=code, unit=unit, reason="x", **counted, **given)


def tiny(workflow: Workflow, without: str = "") -> Any:
    """Return the tiny template, with its bindings less those that hold some words."""
    source = workflow.library.source("tiny-carotid")
    if not without:
        return compiled(source)
    from dataclasses import replace

    kept = (source.bindings or "").replace("side: [right, left]", f"side: [{without}]")
    return compiled(replace(source, bindings=kept))


def test_a_proposed_binding_is_one_that_loads(workflow: Workflow) -> None:  # 4
    template = tiny(workflow, without="left")
    code = Code(scheme="LN", value="11653-3", meaning="Velocity of the right ICA")
    proposal = propose(line(code, site=Code(scheme="SCT", value="86117002", meaning="ICA")), template)
    assert proposal is not None
    assert (proposal.kind, proposal.field) == ("binding", "right_psv")
    text = f'template: {TINY}\nversion: "1"\n{proposal.yaml}'
    (binding,) = load_bindings(text, "bindings.yaml", template.full).bindings
    assert (binding.field, binding.code, binding.laterality) == ("right_psv", code, "right")


def test_without_a_field_that_fits_none_is_named(workflow: Workflow) -> None:  # 4
    proposal = propose(line(Code(scheme="LN", value="1", meaning="Weight"), "kg"), tiny(workflow))
    assert proposal is not None
    assert (proposal.field, "FIELD" in proposal.yaml) == ("", True)


def test_a_private_code_with_a_known_name_is_proposed_for_a_profile(workflow: Workflow) -> None:  # 4
    private = Code(scheme="99XY", value="7", meaning="Peak systolic veloc.")
    proposal = propose(line(private), tiny(workflow))
    assert proposal is not None
    assert proposal.kind == "profile"
    row = read_yaml(proposal.yaml, "row.yaml")
    assert "11726-7" in proposal.yaml and "99XY 7" in proposal.yaml and row
    other = propose(line(Code(scheme="99XY", value="8", meaning="Body height"), "cm"), tiny(workflow))
    assert other is not None
    assert other.kind == "binding"


def test_what_says_too_little_has_no_proposal(workflow: Workflow) -> None:  # 4
    template = tiny(workflow)
    assert propose(line(None), template) is None
    assert propose(line(Code(scheme="LN", value="1"), "furlongs per fortnight"), template) is None
    no_unit = propose(line(Code(scheme="LN", value="1"), ""), template)
    assert no_unit is not None
    assert "UNIT" in no_unit.yaml


def test_numbers_that_are_none_leave_the_span_alone() -> None:  # 1
    code = Code(scheme="LN", value="1")
    low = line(code).model_copy(update={"lowest": "9", "highest": "9"})
    high = line(code).model_copy(update={"lowest": "10", "highest": "10"})
    both = together(low, together(line(code), high))
    assert (both.lowest, both.highest, both.count) == ("9", "10", 3)


def test_what_a_reader_assigned_is_proposed(workflow: Workflow) -> None:  # 5
    matched(workflow, "r1", distal())
    psv = next(one for one in workflow.get("r1").unmatched if one.code.value == PSV and one.value == "80.0")
    assert of(workflow.unmapped(), PSV).assigned_to == ""
    workflow.edit("r1", [Edit(field="left_psv", document=psv.document, path=psv.path)], by())
    found = of(workflow.unmapped(), PSV)
    assert (found.assigned_to, found.count, found.first_seen) == ("left_psv", 2, by().at_text)
    row = propose(found, tiny(workflow))
    assert row is not None
    assert (row.field, "a reader put it" in row.why) == ("left_psv", True)
    assert of(workflow.unmapped(), EDV).assigned_to == ""
    matched(workflow, "r2", distal("two"))
    assert of(workflow.unmapped(), PSV).assigned_to == "left_psv"
