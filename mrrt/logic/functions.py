"""The functions of a logic file: business knowledge models, as decision tables or expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mrrt.dmn import DecisionTable, HitPolicy, TableError, compile_table, parse_table
from mrrt.dmn.partition import Domain
from mrrt.dmn.proof import prove
from mrrt.feel import UserFunction
from mrrt.feel.values import to_text
from mrrt.logic.model import TRACE, Knowledge
from mrrt.logic.reading import Reading, listed

_KEYS = frozenset({"criteria", "source", "parameters", "hit policy", "table", "expression", "complete"})


def read_functions(reading: Reading) -> Mapping[str, Knowledge]:
    """Define every function of the file, in its order: a function may call those above it."""
    reader = _Functions(reading)
    for name, entry in reading.mapping("functions").items():
        reader.read(name, entry)
    return reader.knowledge


class _Functions:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.knowledge: dict[str, Knowledge] = {}

    def read(self, name: str, entry: Any) -> None:
        if not self.reading.known_keys(entry, _KEYS, "functions", name):
            return
        if ("table" in entry) == ("expression" in entry):
            self.reading.problem("L1", f'"{name}" needs either a table or an expression', "functions", name)
            return
        parameters = tuple(entry.get("parameters") or ())
        make = self._table if "table" in entry else self._expression
        make(name, entry, parameters)

    def _table(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        reading = self.reading
        table = self._parsed_table(name, entry, parameters)
        if table is None:
            return
        parts = [column.expression for column in table.inputs]
        parts += [test for rule in table.rules for test in (*rule.cells, *rule.outputs)]
        reading.check_names(parts, frozenset(parameters), "functions", name, "table")
        if entry.get("complete") is True:
            self._prove(name, table)
        decide = compile_table(table, reading.compiler())

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            outcome = decide(arguments)
            around.get(TRACE, []).append((name, outcome))
            return outcome.value

        self._define(name, entry, parameters, call, table)

    def _parsed_table(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> DecisionTable | None:
        reading = self.reading
        try:
            policy = HitPolicy(str(entry.get("hit policy", HitPolicy.UNIQUE)).upper())
        except ValueError:
            message = f'"{entry["hit policy"]}" is no hit policy'
            reading.problem("L7", message, "functions", name, "hit policy", mend=f"Known are {listed(HitPolicy)}.")
            return None
        try:
            return parse_table(entry["table"], frozenset({*parameters, *self.knowledge}), policy)
        except TableError as error:
            line, _ = reading.source.place("functions", name, "table")
            problem = reading.source.problem("L6", f'table of "{name}": {error}', "functions", name, "table")
            reading.problems.append(problem.model_copy(update={"line": line + error.line, "column": 1}))
            return None

    def _prove(self, name: str, table: DecisionTable) -> None:
        """Refuse a table that claims to be complete and is not, with inputs for which it has no rule."""
        proof = prove([Domain(column.text) for column in table.inputs], [rule.cells for rule in table.rules])
        if proof.complete is None:
            mend = "Compare with constants only, or leave out the claim."
            message = f'"{name}" claims to be complete, which cannot be proven: {proof.reason}'
            self.reading.problem("L15", message, "functions", name, "complete", mend=mend)
        for gap in proof.gaps[:5]:
            shown = ", ".join(f"{key} = {to_text(value, inside=True)}" for key, value in gap.items())
            message = f'"{name}" is not complete: {shown}: no rule'
            mend = "Add a rule, or leave out the claim."
            self.reading.problem("L15", message, "functions", name, "table", mend=mend)

    def _expression(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        path = ("functions", name, "expression")
        node = self.reading.parse(str(entry["expression"]), frozenset(parameters), *path)
        if node is None:
            return
        evaluate = self.reading.compiler().compile(node)

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            return evaluate({**arguments, TRACE: around.get(TRACE, [])})

        self._define(name, entry, parameters, call, None)

    def _define(
        self, name: str, entry: dict[str, Any], parameters: tuple[str, ...], call: Any, table: DecisionTable | None
    ) -> None:
        self.reading.functions[name] = UserFunction(parameters, call)
        criteria, source = entry.get("criteria"), str(entry.get("source", ""))
        self.knowledge[name] = Knowledge(name, parameters, criteria, source, table)
