"""At which values of one input, all others unchanged, a decision would say something else.

Where to look is read from the constants that the decision compares with: between two neighbouring ones nothing else
can happen to a value that is only compared. What is found is true, since the decision was evaluated there; it is the
nearest such value wherever the input is compared with constants, as in the cells of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from mrrt.feel import parse_expression
from mrrt.feel.names import calls, parts
from mrrt.feel.nodes import Call, Literal, Name, Negation, Node
from mrrt.feel.values import NUMBERS, equal
from mrrt.logic import Knowledge, Logic

NEAR = Decimal("0.000001")
"""How far from an end a value lies that stands for those just beyond it."""
_HALVINGS = 60

Outcome = Callable[[Any], Any]
"""What the decision says for a value of the input; None is no class."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Values at which the outcome is another one: from `low` to `high`, None for no end; texts and booleans are both.

    `about` tells that the end next to the present value was only come close to.
    """

    outcome: Any
    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True
    about: bool = False


def constants(node: Node, name: str, logic: Logic) -> frozenset[Any]:
    """Return the numbers and texts that an expression holds against a variable, in the functions it hands it to too."""
    return frozenset(_against(node, name, logic))


def _against(node: Node, name: str, logic: Logic) -> Iterator[Any]:
    if not _mentions(node, name):
        return
    if not (isinstance(node, Call) and node.function in logic.functions):
        yield from literals(node)
        for call in calls(node):
            if call.function in logic.functions:
                yield from _against(call, name, logic)
        return
    known = logic.functions[node.function]
    for parameter, argument in zip(node.names or known.parameters, node.arguments, strict=False):
        if _mentions(argument, name):
            yield from _against(argument, name, logic)
            yield from _within_function(known, parameter, logic)


def _within_function(known: Knowledge, parameter: str, logic: Logic) -> Iterator[Any]:
    if known.table is None:
        yield from _against(
            parse_expression(known.text, frozenset({*known.parameters, *logic.functions})), parameter, logic
        )
        return
    for index, column in enumerate(known.table.inputs):
        if _mentions(column.expression, parameter):
            yield from literals(column.expression)
            yield from (value for rule in known.table.rules for value in literals(rule.cells[index]))
    for rule in known.table.rules:
        for output in rule.outputs:
            yield from _against(output, parameter, logic)


def _mentions(node: Node, name: str) -> bool:
    return any(isinstance(part, Name) and part.name == name for part in parts(node))


def literals(node: Node) -> Iterator[Any]:
    """Yield the numbers and texts in an expression; a number behind a minus is a negative one."""
    for part in parts(node):
        if isinstance(part, Negation) and isinstance(part.operand, Literal) and isinstance(part.operand.value, Decimal):
            yield -part.operand.value
        elif isinstance(part, Literal) and isinstance(part.value, Decimal | str):
            yield part.value


def nearest(present: Decimal, ends: Collection[Decimal], outcome: Outcome) -> Iterator[Turn]:
    """Yield the nearest turn below a number, and the nearest above it."""
    now = outcome(present)
    for direction in (-1, 1):
        # Mirrored as well: what compares a magnitude turns on both sides of zero.
        mirrored = {*ends, *(-end for end in ends)}
        beyond = sorted(
            (end for end in mirrored if (end - present) * direction > 0), key=lambda end: abs(end - present)
        )
        turn = _first_turn([present, *beyond], direction, now, outcome)
        if turn is not None:
            yield turn


def _first_turn(stops: Sequence[Decimal], direction: int, now: Any, outcome: Outcome) -> Turn | None:
    for stop, following in pairwise([*stops, None]):
        assert stop is not None
        step = NEAR if following is None else min(NEAR, abs(following - stop) / 4)
        said = outcome(stop)
        if _other(said, now):
            return _turned(said, stop, direction, closed=True, single=not _same(outcome(stop + step * direction), said))
        near = stop + step * direction
        if _other(outcome(near), now):
            return _turned(outcome(near), stop, direction, closed=False)
        if following is not None:
            far = following - step * direction
            if _other(outcome(far), now):
                return _between(near, far, direction, outcome)
    return None


def _turned(
    said: Any, end: Decimal, direction: int, *, closed: bool, single: bool = False, about: bool = False
) -> Turn:
    low = end if direction > 0 or single else None
    high = end if direction < 0 or single else None
    return Turn(said, low, high, closed, closed, about)


def _between(before: Decimal, behind: Decimal, direction: int, outcome: Outcome) -> Turn:
    """Halve the way to a turn that is at no constant."""
    wanted = outcome(behind)
    for _ in range(_HALVINGS):
        middle = NUMBERS.divide(before + behind, Decimal(2))
        before, behind = (before, middle) if _same(outcome(middle), wanted) else (middle, behind)
    short = behind.quantize(NEAR) if _same(outcome(behind.quantize(NEAR)), wanted) else behind
    return _turned(wanted, short, direction, closed=True, about=True)


def pieces(ends: Collection[Decimal], outcome: Outcome) -> Iterator[Turn]:
    """Yield for a number that is not known each piece of the numbers in which one thing would be said."""
    cuts = sorted(set(ends))
    if not cuts:
        return
    places: list[tuple[Decimal | None, Decimal | None, bool, Decimal]] = [(None, cuts[0], False, cuts[0] - NEAR)]
    for low, high in pairwise([*cuts, None]):
        assert low is not None
        places.append((low, low, True, low))
        places.append((low, high, False, low + NEAR if high is None else (low + high) / 2))
    for _, group in groupby(places, key=lambda place: _key(outcome(place[3]))):
        run = list(group)
        said = outcome(run[0][3])
        if said is not None:
            yield Turn(said, run[0][0], run[-1][1], run[0][2], run[-1][2])


def among(present: Any, values: Collection[Any], outcome: Outcome) -> Iterator[Turn]:
    """Yield each of the values at which the outcome is another one than at the present value."""
    now = outcome(present)
    for value in values:
        said = outcome(value)
        if not _same(value, present) and _other(said, now):
            yield Turn(said, value, value)


def _key(value: Any) -> tuple[str, str]:
    return type(value).__name__, str(value)


def _same(left: Any, right: Any) -> bool:
    return equal(left, right) is True


def _other(said: Any, now: Any) -> bool:
    return said is not None and not _same(said, now)
