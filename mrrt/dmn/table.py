"""Decision tables (DMN 1.5 chapter 8), evaluated so that a missing input never chooses a rule by accident.

A cell is true, false or unknown. In a column none of whose cells speaks of null, a missing input makes every cell
but "-" unknown; in a column with a `null` cell, missing is one of the values the author thought of, and the other
cells are false for it. The outcome of a table with unknown cells is unknown, unless all rules that could still
apply agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from mrrt.dmn.column import compile_column
from mrrt.feel import Compiler, FeelSyntaxError, parse_expression, parse_unary_tests
from mrrt.feel.nodes import Literal, Node, UnaryTests
from mrrt.feel.values import equal


class HitPolicy(StrEnum):
    """How many rules may apply, and which counts (DMN 1.5 section 8.2.8)."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    COLLECT = "COLLECT"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a cell for each input column, an expression for each output column."""

    cells: tuple[UnaryTests, ...]
    outputs: tuple[Node, ...]
    annotation: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """An input column; `text` is its FEEL expression."""

    text: str
    expression: Node


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table; one output gives its value, several give a context by output name."""

    inputs: tuple[Column, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE

    def knows_null(self, column: int) -> bool:
        """Tell whether the column says what happens when its input is missing."""
        return any(_speaks_of_null(rule.cells[column]) for rule in self.rules)


class Outcome(NamedTuple):
    """What a table says. `rules` count from 1; `unknown` are the inputs that leave it open."""

    # A tuple, since one is made for each table of each report, and a frozen dataclass takes twice as long to make.

    value: Any
    rules: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    conflict: bool = False
    """Several rules of a unique table apply."""
    inputs: Mapping[str, Any] | None = None


Decide = Callable[[Mapping[str, Any]], Outcome]


def compile_table(table: DecisionTable, compiler: Compiler) -> Decide:
    """Return the function that decides a table for given variables."""
    columns = tuple(
        (
            column.text,
            compiler.compile(column.expression),
            compile_column([rule.cells[index] for rule in table.rules], compiler, table.knows_null(index)),
        )
        for index, column in enumerate(table.inputs)
    )
    result, policy, every = _results(table, compiler), _DECIDE[table.hit_policy], (1 << len(table.rules)) - 1
    one_counts = table.hit_policy is not HitPolicy.COLLECT

    def decide(variables: Mapping[str, Any]) -> Outcome:
        seen = {}
        sure = possible = every
        for text, expression, column in columns:
            seen[text] = value = expression(variables)
            if possible:
                holds, may_hold = column(value, variables)
                sure &= holds
                possible &= may_hold
        if one_counts and sure == possible and sure and not sure & (sure - 1):
            number = sure.bit_length()  # exactly one rule applies, and no other could
            return Outcome(result(number - 1, variables), (number,), (), False, seen)
        return policy(Matches(sure, possible, seen, table), partial(result, variables=variables))

    return decide


def _results(table: DecisionTable, compiler: Compiler) -> Callable[..., Any]:
    outputs = tuple(tuple(compiler.compile(output) for output in rule.outputs) for rule in table.rules)
    if len(table.outputs) == 1:
        single = tuple(output for (output,) in outputs)
        return lambda index, variables: single[index](variables)

    def result(index: int, variables: Mapping[str, Any]) -> Any:
        return {name: output(variables) for name, output in zip(table.outputs, outputs[index], strict=True)}

    return result


@dataclass(frozen=True, slots=True)
class Matches:
    """Which rules apply, as bits: surely, and surely or perhaps. `seen` are the inputs by their texts."""

    sure: int
    possible: int
    seen: Mapping[str, Any]
    table: DecisionTable

    def missing(self) -> tuple[str, ...]:
        """Return the inputs that leave it open."""
        inputs = enumerate(self.table.inputs)
        return tuple(
            column.text
            for index, column in inputs
            if self.seen[column.text] is None and not self.table.knows_null(index)
        )


def rules_in(bits: int) -> list[int]:
    """Return the places of the rules in a set of bits."""
    return [index for index in range(bits.bit_length()) if bits >> index & 1]


def _speaks_of_null(tests: UnaryTests) -> bool:
    return any(isinstance(test, Literal) and test.value is None for test in tests.tests)


Result = Callable[[int], Any]


def _agreed(candidates: list[int], certain: bool, matches: Matches, result: Result) -> Outcome:
    """Return the outcome of the rules that could apply: theirs if one surely does and all say the same."""
    values = [result(index) for index in candidates]
    numbers = tuple(index + 1 for index in candidates)
    if certain and (len(values) == 1 or all(equal(value, values[0]) is True for value in values)):
        return Outcome(values[0], numbers, (), inputs=matches.seen)
    return Outcome(None, (), matches.missing(), inputs=matches.seen)


def _unique(matches: Matches, result: Result) -> Outcome:
    sure = rules_in(matches.sure)
    if len(sure) > 1:
        return Outcome(None, tuple(index + 1 for index in sure), (), conflict=True, inputs=matches.seen)
    if not matches.possible:
        return Outcome(None, inputs=matches.seen)
    return _agreed(rules_in(matches.possible), bool(sure), matches, result)


def _first(matches: Matches, result: Result) -> Outcome:
    if not matches.sure:
        return Outcome(None, (), matches.missing() if matches.possible else (), inputs=matches.seen)
    first = matches.sure & -matches.sure
    return _agreed(rules_in(matches.possible & (first | (first - 1))), True, matches, result)


def _collect(matches: Matches, result: Result) -> Outcome:
    if matches.possible != matches.sure:
        return Outcome(None, (), matches.missing(), inputs=matches.seen)
    sure = rules_in(matches.sure)
    return Outcome(tuple(result(index) for index in sure), tuple(index + 1 for index in sure), inputs=matches.seen)


_DECIDE: dict[HitPolicy, Callable[[Matches, Result], Outcome]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.FIRST: _first,
    HitPolicy.COLLECT: _collect,
}


class TableError(ValueError):
    """The text of a table is wrong; `line` counts from 1 within the text."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(message)


def parse_table(text: str, names: frozenset[str], hit_policy: HitPolicy) -> DecisionTable:
    """Parse a table drawn with bars: inputs, then "||", outputs, and optionally "||" and a note for each rule.

    The first row holds the column heads: FEEL expressions for inputs, names for outputs. Raises TableError.
    """
    rows = table_rows(text)
    number, heads = rows[0]
    try:
        inputs = tuple(Column(head, parse_expression(head, names)) for head in heads[0])
    except FeelSyntaxError as error:
        raise TableError(str(error), number) from error
    rules = tuple(_rule(cells, heads, names, line) for line, cells in rows[1:])
    return DecisionTable(inputs, tuple(heads[1]), rules, hit_policy)


def table_rows(text: str) -> list[tuple[int, list[list[str]]]]:
    """Return the rows of a drawn table, each with its line and its cells by group; raises TableError."""
    rows = [(number, _split(line)) for number, line in enumerate(text.splitlines(), 1) if _is_row(line)]
    if len(rows) < 2:
        raise TableError("a table needs a row of heads and at least one rule", 1)
    number, heads = rows[0]
    if len(heads) < 2:
        raise TableError('"||" must separate the inputs from the outputs in the row of heads', number)
    return rows


def _is_row(line: str) -> bool:
    stripped = line.strip()
    return stripped.startswith("|") and not set(stripped) <= set("|-: ")


def _rule(groups: list[list[str]], heads: list[list[str]], names: frozenset[str], line: int) -> Rule:
    if len(groups) < 2 or len(groups[0]) != len(heads[0]) or len(groups[1]) != len(heads[1]):
        wanted = f"{len(heads[0])} inputs || {len(heads[1])} outputs"
        raise TableError(f"the rule does not have the columns of the heads ({wanted})", line)
    try:
        cells = tuple(parse_unary_tests(cell, names) for cell in groups[0])
        outputs = tuple(parse_expression(cell, names) for cell in groups[1])
    except FeelSyntaxError as error:
        raise TableError(str(error), line) from error
    return Rule(cells, outputs, groups[2][0] if len(groups) > 2 else "", line)


def _split(line: str) -> list[list[str]]:
    """Split a row at bars outside of quotes: groups at "||", cells at "|"."""
    groups: list[list[str]] = [[]]
    cell, quoted = "", False
    body = line.strip().removeprefix("|").removesuffix("|")
    position = 0
    while position < len(body):
        character = body[position]
        quoted ^= character == '"'
        if character != "|" or quoted:
            cell += character
        else:
            groups[-1].append(cell.strip())
            cell = ""
            if body.startswith("||", position):
                groups.append([])
                position += 1
        position += 1
    groups[-1].append(cell.strip())
    return groups
