"""The values of an input, cut into pieces within which no cell of its column tells two values apart.

Cells compare with constants only, or the column cannot be analysed. So one value of each piece stands for all of it,
and what a cell says of that value it says of the piece: the analysis is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import Any

from mrrt.errors import MrrtError
from mrrt.feel import Compiler
from mrrt.feel.names import variables
from mrrt.feel.nodes import (
    Call,
    Comparison,
    ListOf,
    Literal,
    Logical,
    Membership,
    Name,
    Negation,
    Node,
    OpenRange,
    Range,
    UnaryTests,
)
from mrrt.feel.temporal import Date, date_of
from mrrt.feel.values import type_name

OTHER = "(any other)"


class Missing(Enum):
    """The piece of a column that thinks of null."""

    NULL = "null"


MISSING = Missing.NULL
_CONSTANTS = ("date", "duration", "date and time", "time")


class NotAnalysable(MrrtError):
    """A cell says something else than how a value compares with constants."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of an input: its name, the kind of its values if declared, and tests that all of them pass.

    With `null`, null is one of its values.
    """

    name: str
    kind: str | None = None
    allowed: UnaryTests | None = None
    null: bool = False


def pieces(domain: Domain, cells: Iterable[UnaryTests]) -> tuple[Any, ...]:
    """Return one value for each piece; a single None where the cells tell nothing apart. Raises NotAnalysable."""
    tests = (*cells, domain.allowed) if domain.allowed else tuple(cells)
    constants = [value for test in tests for value in _constants(test) if value is not None]
    kinds = {type_name(value) for value in constants} | ({domain.kind} if domain.kind in _PIECES else set())
    if not kinds:
        return (OTHER, MISSING) if domain.null else (None,)
    if len(kinds) > 1 or not kinds <= _PIECES.keys():
        raise NotAnalysable(f'the cells of "{domain.name}" compare with {", ".join(sorted(map(str, kinds)))}')
    values = _PIECES[kinds.pop()](constants)
    passing = tuple(value for value in values if _allowed(value, domain.allowed))
    return (*passing, MISSING) if domain.null else passing


def _allowed(value: Any, tests: UnaryTests | None) -> bool:
    return tests is None or Compiler().compile(tests)({"?": value}) is True


def _constants(node: Node) -> Iterator[Any]:
    if isinstance(node, Name) and node.name == "?":
        return
    if isinstance(node, Literal | Negation | Call):
        if next(variables(node, bound=frozenset()), None) or (
            isinstance(node, Call) and node.function not in _CONSTANTS
        ):
            raise NotAnalysable("a cell computes something")
        yield Compiler().compile(node)({})
    elif isinstance(node, UnaryTests):
        yield from _all(node.tests)
    elif isinstance(node, Range):
        yield from _ordered((node.low, node.high))
    elif isinstance(node, Comparison) and node.operator not in ("=", "!="):
        yield from _ordered((node.left, node.right))
    elif isinstance(node, Comparison | Logical):
        yield from _all((node.left, node.right))
    elif isinstance(node, Membership):
        yield from _all((node.operand, node.tests))
    elif isinstance(node, OpenRange):
        yield from _ordered((node.operand,))
    elif isinstance(node, ListOf):
        yield from _all(node.items)
    else:
        raise NotAnalysable("a cell compares with something else than constants")


def _all(nodes: Iterable[Node]) -> Iterator[Any]:
    for node in nodes:
        yield from _constants(node)


def _ordered(nodes: Iterable[Node]) -> Iterator[Any]:
    """Yield constants whose order counts; between two texts lie others that no list of texts shows."""
    for value in _all(nodes):
        if isinstance(value, str):
            raise NotAnalysable("a cell compares texts by their order")
        yield value


def _numbers(constants: list[Any]) -> list[Any]:
    """Return the ends themselves, one number between each two, one below and one above all."""
    ends = sorted(set(constants))
    if not ends:
        return [Decimal(0)]
    between = [value for low, high in pairwise(ends) for value in (low, _middle(low, high))]
    return [ends[0] - 1, *between, ends[-1], ends[-1] + 1]


def _middle(low: Decimal, high: Decimal) -> Decimal:
    """Return a number between two, with few digits."""
    whole = (low + 1).to_integral_value(rounding="ROUND_FLOOR")
    return whole if whole < high else (low + high) / 2


def _dates(constants: list[Any]) -> list[Any]:
    numbers = sorted({value.number() for value in constants})
    if not numbers:
        return [Date(2000, 1, 1)]
    between = [one for low, high in pairwise(numbers) for one in (low, low + 1) if one < high]
    return [date_of(number) for number in (numbers[0] - 1, *between, numbers[-1], numbers[-1] + 1)]


def _texts(constants: list[Any]) -> list[Any]:
    return [*dict.fromkeys(constants), OTHER]


def _booleans(constants: list[Any]) -> list[Any]:
    return [True, False]


_PIECES = {"number": _numbers, "date": _dates, "string": _texts, "boolean": _booleans}
