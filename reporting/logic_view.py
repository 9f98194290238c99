"""The logic of a template as people read it: its tables with their proof, its formulas, and its worked cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from mrrt.dmn.check import TableCheck
from mrrt.dmn.drawn import drawn_table
from mrrt.dmn.proof import prove_table
from mrrt.logic import Logic
from mrrt.logic.model import Alert, Calculation, Constraint, Knowledge, message_in
from mrrt.problems import Severity
from reporting.logic_cases import CaseResult, run_cases
from reporting.templates import Compiled


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class OverlapView(_View):
    """Two rules that apply to the same inputs, counted from 1, with such inputs."""

    rules: tuple[int, int]
    example: dict[str, Any]


class ProofView(_View):
    """What is proven of a table; `complete` is null where it could not be found out, and `reason` says why.

    `gaps` are inputs for which no rule applies, `unreachable` rules that can never apply.
    """

    complete: bool | None
    gaps: tuple[dict[str, Any], ...] = ()
    overlaps: tuple[OverlapView, ...] = ()
    unreachable: tuple[int, ...] = ()
    reason: str = ""


class RuleView(_View):
    """A rule of a table: the text of each cell, and what it is annotated with."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotation: str = ""


class TableView(_View):
    """A decision table (DMN 1.5 chapter 8) with its criteria, their source, and its proof."""

    name: str
    criteria: str | None
    source: str
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[RuleView, ...]
    proof: ProofView


class FormulaView(_View):
    """A function that is no table."""

    name: str
    parameters: tuple[str, ...]
    criteria: str | None
    source: str
    text: str


class CalculationView(_View):
    """How a field gets its value: one expression, or one for each of several criteria; `by` names the one in force."""

    field: str
    label: str
    unit: str | None
    expression: str | None
    by: str | None
    criteria: dict[str, str]


class ConditionView(_View):
    """A condition on a report: an alert, or what must hold of a field, with what it says."""

    name: str
    kind: str
    field: str | None
    severity: Severity | None
    text: str
    message: str


class MissView(_View):
    """A field of a worked case that did not come out as expected; null is no value."""

    field: str
    expected: str | None
    got: str | None


class CaseView(_View):
    """A worked case: values that are entered, what must follow from them (null: no value), and whether it did."""

    name: str
    why: str
    line: int
    passed: bool
    values: dict[str, str | None] = {}
    expected: dict[str, str | None] = {}
    misses: tuple[MissView, ...] = ()
    refused: str | None = None


class LogicView(_View):
    """All of it; every list is empty for a template without logic of its own.

    `sources` is the page on where its figures come from (SOURCE.md), `labels` what its fields are called.
    """

    template: str
    version: str
    digest: str
    tables: tuple[TableView, ...] = ()
    formulas: tuple[FormulaView, ...] = ()
    calculations: tuple[CalculationView, ...] = ()
    conditions: tuple[ConditionView, ...] = ()
    cases: tuple[CaseView, ...] = ()
    labels: dict[str, str] = {}
    sources: str = ""


def with_sources(view: LogicView, files: Mapping[str, bytes]) -> LogicView:
    """Return the logic with the page on its sources, which lies among the files of the template."""
    text = files.get("SOURCE.md", b"").decode("utf-8", "replace")
    return view.model_copy(update={"sources": text})


def logic_view(compiled: Compiled, cases: bytes | None = None, language: str = "en") -> LogicView:
    """Return the logic of a template, each table proven, each of its worked cases (a cases.yaml) run.

    Raises Refused where the cases are not written as cases are.
    """
    logic = compiled.logic
    labels = {field.key: field.translations.get(language) or field.label for field in compiled.template.fields}
    results = () if cases is None else run_cases(cases.decode("utf-8", "replace"), "cases.yaml", compiled)
    return LogicView(
        template=logic.template,
        version=logic.version,
        digest=logic.digest,
        tables=tuple(_table(one) for one in logic.functions.values() if one.table is not None),
        formulas=tuple(_formula(one) for one in logic.functions.values() if one.table is None),
        calculations=tuple(_calculation(one, labels) for one in logic.calculations),
        conditions=tuple(_conditions(logic, language)),
        cases=tuple(_case(one) for one in results),
        labels=labels,
    )


def _table(knowledge: Knowledge) -> TableView:
    assert knowledge.table is not None
    policy = knowledge.table.hit_policy
    drawn = drawn_table(knowledge.text, policy)
    found = TableCheck(knowledge.name, policy, prove_table(knowledge.table)).json()
    rules = (
        RuleView(inputs=rule.inputs, outputs=rule.outputs, annotation=" ".join(rule.annotations))
        for rule in drawn.rules
    )
    return TableView(
        name=knowledge.name,
        criteria=knowledge.criteria,
        source=knowledge.source,
        hit_policy=policy,
        inputs=tuple(clause.text for clause in drawn.inputs),
        outputs=tuple(clause.name or knowledge.name for clause in drawn.outputs),
        rules=tuple(rules),
        proof=ProofView.model_validate({name: value for name, value in found.items() if name != "table"}),
    )


def _formula(knowledge: Knowledge) -> FormulaView:
    said = {name: getattr(knowledge, name) for name in ("name", "parameters", "criteria", "source")}
    return FormulaView(**said, text=knowledge.text.strip())


def _calculation(one: Calculation, labels: dict[str, str]) -> CalculationView:
    return CalculationView(
        field=one.key,
        label=labels.get(one.key, one.key),
        unit=one.unit,
        expression=None if one.expression is None else one.expression.text.strip(),
        by=None if one.by is None else one.by.text.strip(),
        criteria={name: expression.text.strip() for name, expression in one.criteria.items()},
    )


def _conditions(logic: Logic, language: str) -> Iterator[ConditionView]:
    said: list[tuple[str, str, str | None, Alert | Constraint]] = [
        *(("alert", one.key, one.field, one) for one in logic.alerts),
        *(("constraint", one.field, one.field, one) for one in logic.constraints),
    ]
    for kind, name, field, one in said:
        yield ConditionView(
            name=name,
            kind=kind,
            field=field,
            severity=one.severity,
            text=one.expression.text.strip(),
            message=message_in(one.messages, language),
        )
    for kind, found in (("required", logic.required), ("relevant", logic.relevant)):
        for key, expression in found.items():
            text = expression.text.strip()
            yield ConditionView(name=key, kind=kind, field=key, severity=None, text=text, message="")


def _case(result: CaseResult) -> CaseView:
    return CaseView(
        name=result.name,
        why=result.why,
        line=result.line,
        passed=result.passed,
        values=dict(result.values),
        expected=dict(result.expected),
        misses=tuple(MissView(field=one.field, expected=one.expected, got=one.got) for one in result.misses),
        refused=result.refused,
    )
