"""The functions of a logic file: business knowledge models, as decision tables or expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mrrt.dmn import DecisionTable, HitPolicy, TableError, compile_table, parse_table
from mrrt.dmn.partition import MISSING
from mrrt.dmn.proof import Proof, prove_table
from mrrt.feel import UserFunction
from mrrt.feel.nodes import Node
from mrrt.feel.values import to_text
from mrrt.logic.inference import Body
from mrrt.logic.model import TRACE, Knowledge
from mrrt.logic.reading import Reading, called_in, feel_text, listed

_SHOWN = 5
"""So many examples of one kind are listed for a table."""


def read_functions(reading: Reading) -> tuple[Mapping[str, Knowledge], Mapping[str, Body]]:
    """Define every function of the file, in its order: a function may call those above it.

    Returns what reports need to know of them, and the bodies by themselves.
    """
    reader = _Functions(reading)
    for name, entry in reading.mapping("functions").items():
        reader.read(name, entry)
    reader.check_order()
    return reader.knowledge, {name: reader.bodies[name] for name in reader.knowledge}


class _Functions:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.knowledge: dict[str, Knowledge] = {}
        self.bodies: dict[str, Body] = {}
        self.called: dict[str, tuple[str, ...]] = {}

    def read(self, name: str, entry: Any) -> None:
        parameters = tuple(entry.get("parameters") or ())
        make = self._table if "table" in entry else self._expression
        make(name, entry, parameters)

    def _table(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        reading = self.reading
        table = self._parsed_table(name, entry, parameters)
        if table is None:
            return
        self.bodies[name] = Body(parameters, table=table)
        parts = _parts(table)
        reading.check_names(parts, frozenset(parameters), "functions", name, "table")
        self._prove(name, table, claimed=entry.get("complete") is True)
        self.called[name] = called_in(parts)
        if not reading.defined(self.called[name]):
            return
        decide = compile_table(table, reading.compiler())

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            outcome = decide(arguments)
            if TRACE in around:
                around[TRACE].append((name, outcome))
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
            return parse_table(str(entry["table"]), frozenset({*parameters, *reading.declared}), policy)
        except TableError as error:
            message = f'table of "{name}": {error}'
            reading.problem("L6", message, "functions", name, "table", line=self._line(name, error.line))
            return None

    def _line(self, name: str, line: int | None) -> int:
        """Return the line in the file of a line of a table."""
        return self.reading.source.place("functions", name, "table")[0] + (line or 0)

    def _prove(self, name: str, table: DecisionTable, *, claimed: bool) -> None:
        """Refuse rules that overlap or never apply, and a false claim to be complete, each with inputs as example.

        In a column with a null cell, null is one of the inputs asked for; see mrrt.dmn.table.
        """
        proof = prove_table(table, gaps=claimed)
        if table.hit_policy is HitPolicy.UNIQUE:
            self._overlapping(name, table, proof)
        for number in proof.unreachable:
            message = f'"{name}": rule {number} can never apply: {_why_never(table, number)}'
            line = self._line(name, table.rules[number - 1].line)
            self.reading.problem("L18", message, "functions", name, "table", mend="Correct or remove it.", line=line)
        if claimed:
            self._incomplete(name, proof)

    def _overlapping(self, name: str, table: DecisionTable, proof: Proof) -> None:
        for overlap in proof.overlaps[:_SHOWN]:
            one, other = overlap.rules
            outputs = [table.rules[number - 1].outputs for number in overlap.rules]
            same = "which say the same" if outputs[0] == outputs[1] else "which say different things"
            message = f'"{name}" is UNIQUE, but rules {one} and {other}, {same}, overlap: {_shown(overlap.example)}'
            mend = "Narrow one of the two, merge them, or write `hit policy: FIRST`."
            line = self._line(name, table.rules[other - 1].line)
            self.reading.problem("L17", message, "functions", name, "table", mend=mend, line=line)

    def _incomplete(self, name: str, proof: Proof) -> None:
        if proof.complete is None:
            mend = "Compare with constants only, or leave out the claim."
            message = f'"{name}" claims to be complete, which cannot be proven: {proof.reason}'
            self.reading.problem("L15", message, "functions", name, "complete", mend=mend)
        for gap in proof.gaps[:_SHOWN]:
            message = f'"{name}" is not complete: {_shown(gap)}: no rule'
            mend = "Add a rule, or leave out the claim."
            self.reading.problem("L15", message, "functions", name, "table", mend=mend)

    def check_order(self) -> None:
        """Refuse calls of functions that stand below, and so all circles (rule L10)."""
        places = {name: place for place, name in enumerate(self.reading.mapping("functions"))}
        for name, called in self.called.items():
            for other in called:
                if other in places and places[other] >= places[name]:
                    self._below(name, other, _path(self.called, other, name))

    def _below(self, name: str, other: str, back: list[str]) -> None:
        if back:
            message = f"functions call each other: {' -> '.join([name, *back])}"
            mend = "Take one of the calls out; a function cannot need its own result."
        else:
            message = f'"{name}" calls "{other}", which stands below it: a function may call those above it'
            mend = f'Move "{other}" above "{name}".'
        self.reading.problem("L10", message, "functions", name, mend=mend)

    def _expression(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        path = ("functions", name, "expression")
        node = self.reading.parse(feel_text(entry["expression"]), frozenset(parameters), *path)
        if node is None:
            return
        self.bodies[name] = Body(parameters, node=node)
        self.called[name] = called_in([node])
        if not self.reading.defined(self.called[name]):
            return
        evaluate = self.reading.compiler().compile(node)

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            if TRACE in around:
                arguments[TRACE] = around[TRACE]
            return evaluate(arguments)

        self._define(name, entry, parameters, call, None)

    def _define(
        self, name: str, entry: dict[str, Any], parameters: tuple[str, ...], call: Any, table: DecisionTable | None
    ) -> None:
        self.reading.functions[name] = UserFunction(parameters, call)
        criteria, source = entry.get("criteria"), str(entry.get("source") or "")
        named = None if criteria is None else str(criteria)
        text = str(entry["table"]) if "table" in entry else feel_text(entry["expression"])
        called = tuple(one for one in self.called[name] if one in self.knowledge)
        self.knowledge[name] = Knowledge(name, parameters, named, source, table, text, called)


def _parts(table: DecisionTable) -> list[Node]:
    heads: list[Node] = [column.expression for column in table.inputs]
    return heads + [part for rule in table.rules for part in (*rule.cells, *rule.outputs)]


def _path(calling: Mapping[str, tuple[str, ...]], start: str, goal: str) -> list[str]:
    """Return the functions on the way from one to another by its calls; none where there is no way."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way
        ways += [[*way, name] for name in calling.get(way[-1], ()) if name not in seen]
        seen.update(calling.get(way[-1], ()))
    return []


def _why_never(table: DecisionTable, number: int) -> str:
    shadowed = table.hit_policy is HitPolicy.FIRST and number > 1
    return "the rules above it, or its own cells, leave nothing to it" if shadowed else "no value passes its cells"


def _shown(example: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {_text(value)}" for key, value in example.items()) or "any input"


def _text(value: Any) -> str:
    return "null" if value is MISSING else to_text(value, inside=True) or "null"
