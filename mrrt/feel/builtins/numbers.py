"""Numbers: rounding, roots and logarithms, remainders (DMN 1.5 section 10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
)
from functools import lru_cache
from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin, number, single, whole
from mrrt.feel.temporal import Months, Nanos
from mrrt.feel.values import NUMBERS


@builtin("abs", "n")
def _abs(n: Any) -> Any:
    n = single(n)
    if isinstance(n, Months):
        return Months(abs(n.months))
    return Nanos(abs(n.nanos)) if isinstance(n, Nanos) else abs(number(n))


def _rounded(n: Any, scale: Any, rounding: str) -> Decimal:
    found, places = number(n), number(scale)
    if not -6111 <= places <= 6176:
        raise Mismatch
    try:
        return found.quantize(_unit_of(int(places)), rounding=rounding, context=NUMBERS)
    except InvalidOperation:
        # More digits were asked for than the number can carry: it is exact already.
        return found


@lru_cache(maxsize=64)
def _unit_of(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _rounding(name: str, rounding: str, optional: int = 0) -> None:
    @builtin(name, "n", "scale", optional=optional)
    def _round(n: Any, scale: Any = Decimal(0)) -> Decimal:
        return _rounded(n, scale, rounding)


for _name, _mode, _optional in (
    ("decimal", ROUND_HALF_EVEN, 0),
    ("floor", ROUND_FLOOR, 1),
    ("ceiling", ROUND_CEILING, 1),
    ("round up", ROUND_UP, 0),
    ("round down", ROUND_DOWN, 0),
    ("round half up", ROUND_HALF_UP, 0),
    ("round half down", ROUND_HALF_DOWN, 0),
):
    _rounding(_name, _mode, _optional)


@builtin("sqrt", "number")
def _sqrt(n: Any) -> Decimal:
    if number(n) < 0:
        raise Mismatch
    return NUMBERS.sqrt(number(n))


@builtin("exp", "number")
def _exp(n: Any) -> Decimal:
    return NUMBERS.exp(number(n))


@builtin("log", "number")
def _log(n: Any) -> Decimal:
    if number(n) <= 0:
        raise Mismatch
    return NUMBERS.ln(number(n))


@builtin("modulo", "dividend", "divisor")
def _modulo(dividend: Any, divisor: Any) -> Decimal:
    a, b = number(dividend), number(divisor)
    if b == 0:
        raise Mismatch
    rest = NUMBERS.remainder(a, b)
    return NUMBERS.add(rest, b) if rest and (rest < 0) != (b < 0) else rest


@builtin("odd", "number")
def _odd(n: Any) -> bool:
    return whole(n) % 2 == 1


@builtin("even", "number")
def _even(n: Any) -> bool:
    return whole(n) % 2 == 0
