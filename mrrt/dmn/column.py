"""One input column of a decision table: which rules a value passes, as bits, each cell text evaluated once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from mrrt.feel import Compiler
from mrrt.feel.constant_tests import constant_test
from mrrt.feel.names import parts
from mrrt.feel.nodes import Literal, UnaryTests

Bits = tuple[int, int]
"""The rules whose cell is true, and those whose cell is not false."""
Decide = Callable[[Any, Mapping[str, Any]], Bits]
_PLAIN = (bool, type(None))
_FINE = Context(prec=100)
"""More digits than the 34 of a FEEL number: between two of those there is another one of these."""


def compile_column(cells: Sequence[UnaryTests], compiler: Compiler, knows_null: bool) -> Decide:
    """Return the function that applies the cells to a value.

    With `knows_null`, a cell that cannot be known for a missing value is false: the column has another cell for it.
    """
    always = sum(1 << index for index, cell in enumerate(cells) if cell.is_any)
    distinct = _distinct(cells)
    tests = [constant_test(cell) for cell, _ in distinct]
    constant = tuple((test, bits) for test, (_, bits) in zip(tests, distinct, strict=True) if test is not None)
    if len(constant) == len(distinct):
        return _listed(
            cells, lambda value: _bits([(test(value), bits) for test, bits in constant], always, knows_null, value)
        )
    compiled = tuple((compiler.compile(cell), bits) for cell, bits in distinct)

    def decide(value: Any, variables: Mapping[str, Any]) -> Bits:
        scope = {**variables, "?": value}
        return _bits([(test(scope), bits) for test, bits in compiled], always, knows_null, value)

    return decide


def _distinct(cells: Sequence[UnaryTests]) -> list[tuple[UnaryTests, int]]:
    """Return the cells that say something, equal ones once, each with the rules that have it."""
    found: dict[str, tuple[UnaryTests, int]] = {}
    for index, cell in enumerate(cells):
        if not cell.is_any:
            # Not the cells themselves: to Python true and 1 are equal.
            _, bits = found.get(repr(cell), (cell, 0))
            found[repr(cell)] = cell, bits | 1 << index
    return list(found.values())


def _bits(results: Sequence[tuple[bool | None, int]], always: int, knows_null: bool, value: Any) -> Bits:
    sure = possible = always
    for result, bits in results:
        if result:
            sure |= bits
            possible |= bits
        elif result is None and not (knows_null and value is None):
            possible |= bits
    return sure, possible


def _listed(cells: Sequence[UnaryTests], find: Callable[[Any], Bits]) -> Decide:
    """Look up null, booleans, the texts that the cells name, and numbers by where they lie between those of the cells.

    All other texts pass the same cells, and so do all numbers between two that follow each other.
    """
    constants = [part.value for cell in cells for part in parts(cell) if isinstance(part, Literal)]
    texts = {text: find(text) for text in constants if isinstance(text, str)}
    plain: dict[Any, Bits] = {None: find(None), True: find(True), False: find(False)}
    ends = sorted(
        {end for number in constants if isinstance(number, Decimal) for end in (number, number.copy_negate())}
    )
    pieces = [find(number) for number in _pieces(ends)]

    def decide(value: Any, _: Mapping[str, Any]) -> Bits:
        kind = type(value)
        if kind is str:
            return texts[value] if value in texts else find(value)
        if kind is Decimal:
            place = bisect_left(ends, value)
            return pieces[2 * place + (place < len(ends) and ends[place] == value)]
        return plain[value] if kind in _PLAIN else find(value)

    return decide


def _pieces(ends: Sequence[Decimal]) -> list[Decimal]:
    """Return a number below all ends, then each end with a number between it and the next, or above all."""
    if not ends:
        return [Decimal(0)]
    return [_FINE.next_minus(ends[0]), *(number for end in ends for number in (end, _FINE.next_plus(end)))]
