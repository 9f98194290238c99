"""Logic as a model of DMN: what comes out again is equal, decides alike, and is read by other people's parser.

1. Written and read again, the model of every logic is equal.
2. It decides the worked cases of the shipped template as the logic does, wherever DMN can say it.
3. The command writes it, and says what it cannot write.
dmn-moddle reads it too: see test_dmn_moddle.py.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mrrt.authored import read_yaml
from mrrt.derive.inputs import Reader
from mrrt.dmn.engine import Model
from mrrt.dmn.model import Decision, InputData, Knowledge, Service, TableExpression, Variable
from mrrt.dmn.xml_in import read_model
from mrrt.dmn.xml_out import write_model
from mrrt.errors import UsageError
from mrrt.feel.values import to_text
from mrrt.logic import ABSENT, LANGUAGE, Input
from mrrt.logic.export import as_model
from mrrt.report import Report
from reporting.cli import app
from reporting.draft import Edit, begin, edited
from reporting.templates import Compiled, compiled
from templates_lib.loader import read

from ..conftest import ROOT
from .tiny import BY_CRITERIA, LOGIC, TEMPLATE, logic

CAROTID = ROOT / "templates_lib/us-carotid-duplex"


# -- 1


@pytest.mark.parametrize("text", [LOGIC, BY_CRITERIA], ids=["plain", "criteria"])
def test_what_is_written_reads_as_an_equal_model(text: str) -> None:
    model = as_model(TEMPLATE, logic(text))
    assert read_model(write_model(model)) == model
    assert read_model(write_model(model, "1.3")) == model


def test_parts_of_the_logic_are_elements_of_the_model() -> None:
    model = as_model(TEMPLATE, logic())
    named = {type(element): [] for element in model.elements}
    for element in model.elements:
        named[type(element)].append(element.name)
    assert named[Decision] == ["right_grade", "left_grade"]
    assert named[Knowledge] == ["grade"]
    assert sorted(named[InputData]) == ["left_psv", "plaque", "right_psv"]
    (knowledge,) = (element for element in model.elements if isinstance(element, Knowledge))
    assert knowledge.function is not None and isinstance(knowledge.function.body, TableExpression)
    assert knowledge.function.body.rules[0].inputs == ("< 125", "-")
    (item,) = model.items
    assert (item.name, item.allowed) == ("choice of plaque", '"none", "present"')


def test_criteria_become_one_expression() -> None:
    model = Model(read_model(write_model(as_model(TEMPLATE, logic(BY_CRITERIA)))))
    found = [
        model.evaluate("right_grade", {"right_psv": Decimal(110), "plaque": plaque})
        for plaque in ("none", "present", None)
    ]
    assert found == ["none", "severe", None]


def test_tables_may_stand_in_it_as_decisions_too() -> None:
    model = read_model(write_model(as_model(TEMPLATE, logic(), tables=True), "1.3"))
    (table,) = (one for one in model.elements if isinstance(one, Decision) and "(table)" in one.name)
    assert (table.name, type(table.expression)) == ("grade (table)", TableExpression)
    assert Model(model).evaluate("grade (table)", {"psv": Decimal(240), "plaque": "none"}) == "severe"
    assert Model(model).evaluate("right_grade", {"right_psv": Decimal(240), "plaque": "none"}) == "severe"
    identifiers = [one.id for one in model.elements]
    assert len(set(identifiers)) == len(identifiers)


# -- 2


def inputs(report: Report, template: Compiled) -> dict[str, Any]:
    """Return what the logic sees of a report."""
    found: dict[str, Any] = {LANGUAGE: report.language}
    absent: dict[str, str] = {}
    bare = report.model_copy(update={"calculated": {}})
    for place, field in enumerate(template.template.fields):
        value = bare.value(field.key)
        if value is None:
            continue
        given, refusal = Reader(place, field, template.logic.inputs.get(field.key, Input())).read(value)
        found[field.key] = given
        reason = refusal.reason if refusal else value.absent
        if reason is not None:
            absent[field.key] = str(reason)
    return {**found, ABSENT: absent}


def said(value: Any) -> str | None:
    if isinstance(value, tuple):
        return "; ".join(to_text(item) or "" for item in value) or None
    return to_text(value) or None


CASES = read_yaml((CAROTID / "cases.yaml").read_text(encoding="utf-8"), "cases.yaml").data["cases"]


@pytest.fixture(scope="module")
def carotid() -> Compiled:
    return compiled(read(CAROTID))


@pytest.fixture(scope="module")
def exported(carotid: Compiled) -> Model:
    """The model, with all decisions behind one door: each is then evaluated once for a case."""
    model = read_model(write_model(as_model(carotid.full, carotid.logic)))
    decisions = tuple(f"#{element.id}" for element in model.elements if isinstance(element, Decision))
    return Model(replace(model, elements=(*model.elements, Service("all", "all", Variable("all"), decisions))))


def test_worked_cases_come_out_alike(carotid: Compiled, exported: Model) -> None:
    calculated = {one.key for one in carotid.logic.calculations}
    fields = calculated & carotid.template.field_by_key.keys()
    compared, other = 0, []
    for case in CASES:
        values = case.get("values") or {}
        if calculated & values.keys():
            continue  # A value typed over a calculated one; a decision of DMN cannot be overruled.
        edits = [Edit(field=key, value=_entered(value)) for key, value in values.items()]
        report = edited(begin(carotid, (), str(case.get("language", ""))), carotid, edits).report
        results = exported.evaluate_service("all", inputs(report, carotid))
        for key in sorted(fields):
            stands = report.value(key)
            ours = said(None if stands is None else stands.value)
            theirs = said(results[key])
            compared += 1
            if ours != theirs:
                other.append((case["name"], key, ours, theirs))
    assert compared > 100
    assert other == []


def _entered(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if value is None or isinstance(value, bool) else str(value)


# -- 3


def test_the_command_writes_a_model(tmp_path: Path) -> None:
    file = tmp_path / "tiny.dmn"
    folder = ROOT / "tests/reporting/fixtures/site/tiny-carotid"
    done = CliRunner().invoke(app, ["dmn", "export", str(folder), "-o", str(file)])
    assert done.exit_code == 0, done.output
    assert {element.name for element in read_model(file.read_bytes()).elements} >= {"right_grade"}
    older = CliRunner().invoke(app, ["dmn", "export", str(folder), "--dmn-version", "1.3"])
    assert older.exit_code == 0
    assert "spec/DMN/20191111" in older.output
    assert "(table)" not in older.output
    both = CliRunner().invoke(app, ["dmn", "export", str(folder), "--dmn-version", "1.3", "--tables"])
    assert "tiny grade (table)" in both.output
    unknown = CliRunner().invoke(app, ["dmn", "export", str(folder), "--dmn-version", "1.0"])
    assert isinstance(unknown.exception, UsageError)
    assert CliRunner().invoke(app, ["dmn", "check", str(file)]).exit_code in (0, 1)
