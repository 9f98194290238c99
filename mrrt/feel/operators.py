"""Arithmetic on numbers, strings, dates and durations (DMN 1.5 section 10.3.2.14, tables 54 to 60)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from mrrt.feel.limits import measured
from mrrt.feel.temporal import (
    NANOS,
    Date,
    DateTime,
    Months,
    Nanos,
    Time,
    add_months,
    add_nanos,
    instant,
    is_local,
    midnight,
    offset,
    offset_at,
    time_of,
)
from mrrt.feel.values import NUMBERS

Operator = Callable[[Any, Any], Any]


def negative(value: Any) -> Any:
    """Return -value, or null."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, Months):
        return Months(-value.months)
    return Nanos(-value.nanos) if isinstance(value, Nanos) else None


def operator(symbol: str) -> Operator:
    """Return the function of an arithmetic operator; null where the operands do not fit."""
    numeric, other = _NUMERIC[symbol], _OTHER[symbol]

    def apply(a: Any, b: Any) -> Any:
        try:
            if type(a) is Decimal and type(b) is Decimal:
                result = numeric(a, b)
                return result if result.is_finite() else None
            return other(a, b)
        except (DecimalException, OverflowError):
            return None

    return apply


def _add(a: Any, b: Any) -> Any:
    if type(a) is str and type(b) is str:
        return measured(a + b)
    if isinstance(a, Months | Nanos) and not isinstance(b, Months | Nanos):
        a, b = b, a
    if isinstance(b, Months):
        return _later_by_months(a, b.months)
    return _later(a, b.nanos) if isinstance(b, Nanos) else None


def _subtract(a: Any, b: Any) -> Any:
    if isinstance(b, Months):
        return _later_by_months(a, -b.months)
    if isinstance(b, Nanos):
        return _later(a, -b.nanos)
    if isinstance(a, Date) and isinstance(b, Date):
        return _apart(a, b)
    if isinstance(a, Time) and isinstance(b, Time):
        return _apart(a, b) if is_local(a) == is_local(b) else None
    a, b = (midnight(value, 0) if isinstance(value, Date) else value for value in (a, b))
    if isinstance(a, DateTime) and isinstance(b, DateTime) and is_local(a) == is_local(b):
        return _apart(a, b)
    return None


def _apart(a: Any, b: Any) -> Nanos | None:
    first, second = instant(a), instant(b)
    return None if first is None or second is None else Nanos(first - second)


def _later_by_months(value: Any, months: int) -> Any:
    if isinstance(value, Months):
        return Months(value.months + months)
    if isinstance(value, Date):
        return add_months(value, months)
    if not isinstance(value, DateTime):
        return None
    date = add_months(value.date, months)
    return None if date is None else DateTime(date, value.time)


def _later(value: Any, nanos: int) -> Any:
    if isinstance(value, Nanos):
        return Nanos(value.nanos + nanos)
    if isinstance(value, Time):
        return time_of(value.nanos() + nanos, value.zone)
    if isinstance(value, Date):
        moment = add_nanos(midnight(value), nanos)
        return moment and moment.date
    return _moment_later(value, nanos) if isinstance(value, DateTime) else None


def _moment_later(value: DateTime, nanos: int) -> DateTime | None:
    """Add real time: where summer time begins in between, the clock on the wall moves an hour more."""
    zone = value.time.zone
    if not isinstance(zone, str):
        return add_nanos(value, nanos)
    utc = add_nanos(value, nanos - (offset(value.date, value.time) or 0) * NANOS)
    return utc and add_nanos(utc, offset_at(utc, zone) * NANOS)


def _multiply(a: Any, b: Any) -> Any:
    if isinstance(a, Decimal):
        a, b = b, a
    if not isinstance(b, Decimal):
        return None
    if isinstance(a, Months):
        return Months(int(NUMBERS.multiply(a.months, b)))
    return Nanos(int(NUMBERS.multiply(a.nanos, b))) if isinstance(a, Nanos) else None


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, Months):
        if isinstance(b, Months):
            return NUMBERS.divide(a.months, b.months)
        return Months(int(NUMBERS.divide(a.months, b))) if isinstance(b, Decimal) else None
    if isinstance(a, Nanos):
        if isinstance(b, Nanos):
            return NUMBERS.divide(a.nanos, b.nanos)
        return Nanos(int(NUMBERS.divide(a.nanos, b))) if isinstance(b, Decimal) else None
    return None


def _none(a: Any, b: Any) -> None:
    """Give null: no other operands than numbers."""


_NUMERIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
    "**": NUMBERS.power,
}
_OTHER: dict[str, Operator] = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _none}
