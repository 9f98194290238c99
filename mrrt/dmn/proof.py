"""Whether a decision table is complete, which of its rules overlap, and which can never apply; with examples.

Exact over numbers, dates, enumerations and booleans. Null is a value of those inputs only whose domain says so: what
else happens without an input is for the hit policy and for mrrt.dmn.table to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mrrt.dmn.partition import MISSING, Domain, NotAnalysable, pieces
from mrrt.dmn.table import DecisionTable, HitPolicy
from mrrt.feel import Compiler
from mrrt.feel.nodes import Literal, UnaryTests

MAX_GAPS = 20
MAX_OVERLAPS = 1_000
MAX_STEPS = 150_000

Example = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that apply to the same inputs; rules count from 1."""

    rules: tuple[int, int]
    example: Example


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a table. `complete` is None where it could not be found out, and `reason` says why."""

    complete: bool | None
    gaps: tuple[Example, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    unreachable: tuple[int, ...] = ()
    reason: str = ""


def prove(
    domains: Sequence[Domain],
    rules: Sequence[Sequence[UnaryTests]],
    *,
    first: bool = False,
    default: bool = False,
    gaps: bool = True,
) -> Proof:
    """Analyse the rules of a table.

    With `first`, a rule behind others that leave nothing to it can never apply; with `default` there are no gaps.
    Without `gaps` they are not looked for, which spares most of the time.
    """
    try:
        grid = _Grid(domains, rules)
    except NotAnalysable as error:
        return Proof(None, reason=str(error))
    unreachable = tuple(index + 1 for index in range(len(rules)) if not grid.reaches(index, first=first))
    overlaps = tuple(grid.overlaps())
    if not gaps:
        return Proof(None, (), overlaps, unreachable, "it was not asked whether the table is complete")
    try:
        found = () if default else tuple(grid.gaps())
    except _TooManySteps:
        return Proof(None, (), overlaps, unreachable, "the table is too large to be proven")
    return Proof(not found, found, overlaps, unreachable)


def prove_table(table: DecisionTable, *, gaps: bool = True) -> Proof:
    """Analyse a table of the logic; in a column with a null cell, null is one of the inputs (see mrrt.dmn.table)."""
    domains = [Domain(column.text, null=table.knows_null(place)) for place, column in enumerate(table.inputs)]
    cells = [rule.cells for rule in table.rules]
    return prove(domains, cells, first=table.hit_policy is HitPolicy.FIRST, gaps=gaps)


class _TooManySteps(Exception):
    """The search for gaps takes too long."""


class _Grid:
    """The table as bits: for each column the pieces of its values, for each cell the pieces that pass it."""

    def __init__(self, domains: Sequence[Domain], rules: Sequence[Sequence[UnaryTests]]) -> None:
        self.names = tuple(domain.name for domain in domains)
        cells = [[rule[column] for rule in rules] for column in range(len(domains))]
        self.values = [pieces(domain, column) for domain, column in zip(domains, cells, strict=True)]
        self.full = [(1 << len(values)) - 1 for values in self.values]
        columns = [_masks(column, values) for column, values in zip(cells, self.values, strict=True)]
        self.masks = [tuple(column[index] for column in columns) for index in range(len(rules))]
        self.passing = [_passing(column, len(values)) for column, values in zip(columns, self.values, strict=True)]
        self.speak_of_null = {index for index, rule in enumerate(rules) if _waits_for_null(domains, rule)}
        self.steps = MAX_STEPS

    def example(self, pick: Sequence[int]) -> Example:
        """Return the values of a piece of each column; columns that tell nothing apart are left out."""
        chosen = ((name, values[piece]) for name, values, piece in zip(self.names, self.values, pick, strict=True))
        return {name: value for name, value in chosen if value is not None}

    def overlaps(self) -> Iterator[Overlap]:
        """Yield the pairs of rules that apply together."""
        found = 0
        for (i, a), (j, b) in combinations(enumerate(self.masks), 2):
            both = [left & right for left, right in zip(a, b, strict=True)]
            if all(both) and found < MAX_OVERLAPS:
                found += 1
                yield Overlap((i + 1, j + 1), self.example([_lowest(mask) for mask in both]))

    def reaches(self, index: int, *, first: bool) -> bool:
        """Tell whether a rule can apply; not knowing counts as yes, and so does a cell that waits for null."""
        if index in self.speak_of_null:
            return True
        if not all(self.masks[index]):
            return False
        if not first or index == 0:
            return True
        box = self.masks[index]
        above = [rule for rule in range(index) if all(a & b for a, b in zip(self.masks[rule], box, strict=True))]
        self.steps -= len(above)
        try:
            search = _Search(self, box, above)
            return next(search.gaps(), None) is not None
        except _TooManySteps:
            return True

    def gaps(self) -> Iterator[Example]:
        """Yield examples of inputs to which no rule applies."""
        found = _Search(self, self.full, range(len(self.masks))).gaps()
        for _, pick in zip(range(MAX_GAPS), found, strict=False):
            yield self.example(pick)


class _Search:
    """Looks for a place within a box that no rule covers, column by column, the telling columns first."""

    def __init__(self, grid: _Grid, box: Sequence[int], rules: Sequence[int]) -> None:
        self.grid = grid
        self.box = box
        wide = [
            sum(grid.masks[rule][column] & box[column] == box[column] for rule in rules) for column in range(len(box))
        ]
        self.order = sorted(range(len(box)), key=wide.__getitem__)
        self.active = sum(1 << rule for rule in rules)
        self.at = [self._by_piece(column) for column in range(len(box))]
        self.rest = self._rest(rules)
        self.covered: set[tuple[int, int]] = set()

    def _by_piece(self, column: int) -> list[tuple[int, int]]:
        """Return for each piece of a column within the box the rules that pass it."""
        pieces = enumerate(self.grid.passing[column])
        return [(place, passing & self.active) for place, passing in pieces if self.box[column] >> place & 1]

    def _rest(self, rules: Sequence[int]) -> list[int]:
        """Return for each depth the rules that do not care for the columns from there on."""
        result = [self.active]
        for column in reversed(self.order):
            wide = (rule for rule in rules if self.grid.masks[rule][column] & self.box[column] == self.box[column])
            result.append(result[-1] & sum(1 << rule for rule in wide))
        return result[::-1]

    def gaps(self) -> Iterator[list[int]]:
        """Yield a piece for each column, for each gap found."""
        yield from self._below(0, self.active, [_lowest(mask) for mask in self.box])

    def _below(self, depth: int, active: int, pick: list[int]) -> Iterator[list[int]]:
        if not active:
            yield pick
            return
        if active & self.rest[depth] or (depth, active) in self.covered:
            return
        self.grid.steps -= 1
        if self.grid.steps < 0:
            raise _TooManySteps
        column, found, tried = self.order[depth], False, set()
        for place, passing in self.at[column]:
            left = active & passing
            if left and left in tried:
                continue
            tried.add(left)
            for gap in self._below(depth + 1, left, [*pick[:column], place, *pick[column + 1 :]]):
                found = True
                yield gap
        if not found:
            self.covered.add((depth, active))


def _passing(masks: Sequence[int], pieces: int) -> list[int]:
    """Return for each piece of a column the rules whose cell it passes."""
    found = [0] * pieces
    for rule, mask in enumerate(masks):
        for place in range(mask.bit_length()):
            if mask >> place & 1:
                found[place] |= 1 << rule
    return found


def _masks(cells: Sequence[UnaryTests], values: tuple[Any, ...]) -> list[int]:
    """Return the pieces that pass each cell; cells of one text are one object, and are tried once."""
    known = {id(cell): cell for cell in cells}
    masks = {key: _mask(cell, values) for key, cell in known.items()}
    return [masks[id(cell)] for cell in cells]


def _mask(cell: UnaryTests, values: tuple[Any, ...]) -> int:
    if cell.is_any:
        return (1 << len(values)) - 1
    holds = Compiler().compile(cell)
    scopes = (None if value is None else {"?": None if value is MISSING else value} for value in values)
    return sum(1 << place for place, scope in enumerate(scopes) if scope is not None and holds(scope) is True)


def _waits_for_null(domains: Sequence[Domain], rule: Sequence[UnaryTests]) -> bool:
    """Tell whether a rule may apply to a null that is not among the values asked for."""
    return any(_says_null(cell) for domain, cell in zip(domains, rule, strict=True) if not domain.null)


def _says_null(cell: UnaryTests) -> bool:
    return any(isinstance(test, Literal) and test.value is None for test in cell.tests)


def _lowest(mask: int) -> int:
    return max((mask & -mask).bit_length() - 1, 0)
