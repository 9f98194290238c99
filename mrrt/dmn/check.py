"""The decision tables of a model, each proven or refuted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mrrt.dmn.engine import Model
from mrrt.dmn.model import Decision, InputClause, InputData, Knowledge, TableExpression, TableRule
from mrrt.dmn.partition import Domain
from mrrt.dmn.proof import Proof, prove
from mrrt.feel import FeelSyntaxError, parse_unary_tests
from mrrt.feel.nodes import UnaryTests
from mrrt.feel.types import ALIASES
from mrrt.feel.values import to_text


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A table by the name of its decision, and what was found."""

    name: str
    hit_policy: str
    proof: Proof

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong: no gap, no rule for nothing, one rule at a time where the policy wants it."""
        proof = self.proof
        single = self.hit_policy != "UNIQUE" or not proof.overlaps
        return proof.complete is True and not proof.unreachable and single

    def json(self) -> dict[str, Any]:
        """Return what `mrrt dmn check --json` prints for the table."""
        proof = self.proof
        return {
            "table": self.name,
            "complete": proof.complete,
            "gaps": [_plain(gap) for gap in proof.gaps],
            "overlaps": [{"rules": list(one.rules), "example": _plain(one.example)} for one in proof.overlaps],
            "unreachable": list(proof.unreachable),
            **({"reason": proof.reason} if proof.reason else {}),
        }


def _plain(example: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in example.items()}


def _value(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    number = to_text(value) or ""
    try:
        return float(number) if "." in number else int(number)
    except ValueError:
        return number


def check_model(model: Model) -> Iterator[TableCheck]:
    """Yield each decision table of a model with its proof."""
    for element in model.definitions.elements:
        logic = element.expression if isinstance(element, Decision) else None
        if isinstance(element, Knowledge) and element.function is not None:
            logic = element.function.body
        if isinstance(logic, TableExpression):
            yield TableCheck(element.name, logic.hit_policy, _prove(logic, model))


def _prove(table: TableExpression, model: Model) -> Proof:
    try:
        domains = [_domain(clause, model) for clause in table.inputs]
        rules = [_cells(rule) for rule in table.rules]
    except FeelSyntaxError as error:
        return Proof(None, reason=str(error))
    default = any(output.default for output in table.outputs)
    return prove(domains, rules, first=table.hit_policy == "FIRST", default=default)


def _cells(rule: TableRule) -> list[UnaryTests]:
    return [parse_unary_tests(cell) for cell in rule.inputs]


def _domain(clause: InputClause, model: Model) -> Domain:
    """Return what is declared of an input: by its column, by the input data of that name, by their type."""
    data = (one for one in model.definitions.elements if isinstance(one, InputData) and one.name == clause.text)
    kind = clause.type or next((one.variable.type for one in data), None)
    values = clause.values
    while kind is not None:
        item = next((one for one in model.definitions.items if one.name == kind), None)
        if item is None or item.collection:
            break
        values, kind = values or item.allowed, item.type
    return Domain(clause.text, ALIASES.get(kind or "", kind), parse_unary_tests(values) if values else None)
