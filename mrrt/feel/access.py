"""What stands behind a dot or in brackets: entries, properties, items (DMN 1.5 sections 10.3.2.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mrrt.feel.limits import MAX_ITERATIONS, LimitExceeded
from mrrt.feel.temporal import DAY, NANOS, Date, DateTime, Months, Nanos, Time, date_of, offset
from mrrt.feel.values import RangeValue

Property = Callable[[Any], Any]


def _part(total: int, unit: int, within: int | None = None) -> Decimal:
    """Return how often a unit fits; the parts of a negative duration are negative."""
    count = abs(total) // unit
    count = count if within is None else count % within
    return Decimal(count if total >= 0 else -count)


def _offset(date: Date | None, time: Time) -> Nanos | None:
    seconds = offset(date, time)
    return None if seconds is None else Nanos(seconds * NANOS)


_DATE: dict[str, Property] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.python().isoweekday()),
}
_TIME: dict[str, Property] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": lambda value: _offset(None, value),
    "timezone": lambda value: value.zone if isinstance(value.zone, str) else None,
}


def _of_date(test: Property) -> Property:
    return lambda value: test(value.date)


def _of_time(test: Property) -> Property:
    return lambda value: test(value.time)


_PROPERTIES: dict[type, dict[str, Property]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {
        **{name: _of_date(read) for name, read in _DATE.items()},
        **{name: _of_time(read) for name, read in _TIME.items()},
        "time offset": lambda value: _offset(value.date, value.time),
    },
    Months: {
        "years": lambda value: _part(value.months, 12),
        "months": lambda value: _part(value.months, 1, 12),
    },
    Nanos: {
        "days": lambda value: _part(value.nanos, DAY * NANOS),
        "hours": lambda value: _part(value.nanos, 3600 * NANOS, 24),
        "minutes": lambda value: _part(value.nanos, 60 * NANOS, 60),
        "seconds": lambda value: _part(value.nanos, NANOS, 60),
    },
    RangeValue: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}


def member(value: Any, name: str) -> Any:
    """Return an entry of a context, a property of a value, or those of all items of a list."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, tuple):
        return tuple(member(item, name) for item in value)
    read = _PROPERTIES.get(type(value), {}).get(name)
    return None if read is None else read(value)


def item_at(items: tuple[Any, ...], index: Decimal) -> Any:
    """Return the item at a position that counts from 1, or from the end if it is negative."""
    if index != index.to_integral_value() or index == 0 or abs(index) > len(items):
        return None
    position = int(index)
    return items[position - 1 if position > 0 else position]


def iterable(value: Any) -> tuple[Any, ...] | None:
    """Return what a loop goes over: a list, a range of whole numbers or days, or a single value."""
    if value is None:
        return None
    if not isinstance(value, RangeValue):
        return value if isinstance(value, tuple) else (value,)
    items = span(value.low, value.high)
    if items is None or value.operator or (len(items) > 1 and items[0] > items[-1]):
        return None
    start = 0 if value.low_closed else 1
    return items[start : len(items) if value.high_closed else -1]


def span(low: Any, high: Any) -> tuple[Any, ...] | None:
    """Return the whole numbers or days from one to another, upwards or downwards."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        whole = low == low.to_integral_value() and high == high.to_integral_value()
        return tuple(map(Decimal, _steps(int(low), int(high)))) if whole else None
    if isinstance(low, Date) and isinstance(high, Date):
        return tuple(date_of(number) for number in _steps(low.number(), high.number()))
    return None


def _steps(low: int, high: int) -> range:
    if abs(high - low) >= MAX_ITERATIONS:
        raise LimitExceeded(f"a loop runs more than {MAX_ITERATIONS} times")
    step = 1 if low <= high else -1
    return range(low, high + step, step)
