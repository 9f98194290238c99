"""The variables of a derivation: the field as it stands, or else the calculated value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mrrt.derive.inputs import Refusal
from mrrt.derive.plan import CALCULATION, Plan, Reads
from mrrt.derive.results import read_back, settled
from mrrt.feel.values import equal
from mrrt.logic import ABSENT, CALCULATED, LANGUAGE, Calculation, Expression
from mrrt.report import Provenance, Report, Value

Scope = dict[str, Any]


class Variables(dict[str, Any]):
    """Variables by name, each found when it is first read.

    `calculated` and `kinds` are those of the derivation, or, where nothing that a value depends on has changed, as the
    report holds them.
    """

    def __init__(self, report: Report, plan: Plan, calculated: Mapping[str, Value], kinds: Mapping[str, str]) -> None:
        super().__init__({LANGUAGE: report.language})
        self.plan = plan
        self.calculated = calculated
        self.kinds = kinds
        self.layers = tuple(layer for layer in (report.typed, report.imported, report.defaults) if layer)
        self.refused: dict[str, Refusal] = {}

    def __missing__(self, name: str) -> Any:
        value = self[name] = self._find(name)
        return value

    def stated(self, key: str) -> Value | None:
        """Return the value that stands, leaving out what was calculated; see Report.value."""
        first = None
        for layer in self.layers:
            one = layer.get(key)
            if one is None:
                continue
            if one.value is not None or one.provenance is Provenance.TYPED:
                return one
            first = first or one
        return first

    def _find(self, name: str) -> Any:
        stated = self.stated(name)
        if stated is not None:
            return self.read(name, stated)
        return self.made(name) if name in self.plan.calculation else None

    def made(self, name: str) -> Any:
        """Return what the logic makes of a calculated value, whatever stands in its field."""
        kind = self.kinds.get(name)
        if kind is not None:
            return read_back(kind, self.calculated.get(name))
        place = self.plan.calculation[name]
        calculation = self.plan.logic.calculations[place]
        return settled(in_force(calculation, self.scope(self.plan.reads[CALCULATION][place]))[1])

    def scope(self, reads: Reads) -> Scope:
        """Return the variables that expressions read."""
        scope = {name: self[name] for name in reads.names}
        if reads.all_absent or reads.absent:
            scope[ABSENT] = self.absent(self.plan.readers if reads.all_absent else reads.absent)
        if reads.calculated:
            scope[CALCULATED] = {name: self.made(name) for name in reads.calculated}
        return scope

    def absent(self, keys: Iterable[str]) -> dict[str, str]:
        """Return why fields have no value: as it is stated, or because the one that stands is not used."""
        reasons: dict[str, str] = {}
        for key in keys:
            stated = self.stated(key)
            if stated is None:
                continue
            if stated.absent is not None:
                reasons[key] = str(stated.absent)
            if self[key] is None and key in self.refused:
                reasons[key] = str(self.refused[key].reason)
        return reasons

    def read(self, key: str, stated: Value) -> Any:
        """Return a value as expressions see it; why it is not used, if it is not, is kept in `refused`."""
        reader = self.plan.readers.get(key)
        if reader is None:
            return None
        result, refusal = reader.read(stated)
        if refusal is not None:
            self.refused[key] = refusal
        return result


def in_force(calculation: Calculation, variables: Scope) -> tuple[Expression, Any]:
    """Return the expression in force with its value; while it is unknown which one, a value only if all agree."""
    if calculation.by is None:
        assert calculation.expression is not None
        return calculation.expression, calculation.expression.evaluate(variables)
    chosen = calculation.by.evaluate(variables)
    if chosen is not None:
        expression = calculation.criteria.get(str(chosen))
        return (calculation.by, None) if expression is None else (expression, expression.evaluate(variables))
    results = [expression.evaluate(variables) for expression in calculation.criteria.values()]
    agreed = all(equal(result, results[0]) is True for result in results)
    return calculation.by, results[0] if agreed else None
