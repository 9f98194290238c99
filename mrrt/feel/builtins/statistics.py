"""Lists reduced to one value (DMN 1.5 section 10.3.4.4, tables 77 and 78)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin
from mrrt.feel.temporal import Months, Nanos
from mrrt.feel.values import NUMBERS, compare


@builtin("count", "list", items=True)
def _count(items: tuple[Any, ...]) -> Decimal:
    return Decimal(len(items))


def _extreme(items: tuple[Any, ...], operator: str) -> Any:
    if not items:
        return None
    best = items[0]
    for item in items:
        better = compare(operator, item, best)
        if better is None:
            raise Mismatch
        best = item if better else best
    return best


@builtin("min", "list", items=True)
def _min(items: tuple[Any, ...]) -> Any:
    return _extreme(items, "<")


@builtin("max", "list", items=True)
def _max(items: tuple[Any, ...]) -> Any:
    return _extreme(items, ">")


@builtin("sum", "list", items=True)
def _sum(items: tuple[Any, ...]) -> Any:
    if items and all(isinstance(item, Months) for item in items):
        return Months(sum(item.months for item in items))
    if items and all(isinstance(item, Nanos) for item in items):
        return Nanos(sum(item.nanos for item in items))
    return _total(items)


def _total(items: tuple[Any, ...]) -> Decimal | None:
    total = Decimal(0)
    for item in items:
        total = NUMBERS.add(total, _plain(item))
    return total if items else None


def _plain(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    raise Mismatch


@builtin("mean", "list", items=True)
def _mean(items: tuple[Any, ...]) -> Any:
    total, count = _sum(items), Decimal(len(items))
    if isinstance(total, Months):
        return Months(int(total.months / count))
    if isinstance(total, Nanos):
        return Nanos(int(total.nanos / count))
    return None if total is None else NUMBERS.divide(total, count)


@builtin("product", "list", items=True)
def _product(items: tuple[Any, ...]) -> Decimal | None:
    result = Decimal(1)
    for item in items:
        result = NUMBERS.multiply(result, _plain(item))
    return result if items else None


@builtin("median", "list", items=True)
def _median(items: tuple[Any, ...]) -> Decimal | None:
    ordered = sorted(_plain(item) for item in items)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev", "list", items=True)
def _stddev(items: tuple[Any, ...]) -> Decimal | None:
    """Return the standard deviation of a sample."""
    if len(items) < 2:
        return None
    mean = _mean(tuple(_plain(item) for item in items))
    squares = tuple(NUMBERS.power(NUMBERS.subtract(item, mean), 2) for item in items)
    return NUMBERS.sqrt(NUMBERS.divide(_total(squares) or Decimal(0), Decimal(len(items) - 1)))


@builtin("mode", "list", items=True)
def _mode(items: tuple[Any, ...]) -> tuple[Decimal, ...]:
    counts = Counter(_plain(item) for item in items)
    most = max(counts.values(), default=0)
    return tuple(sorted(value for value, count in counts.items() if count == most))


def order(a: Any, b: Any) -> int:
    """Order two values of one kind."""
    before = compare("<", a, b)
    if before is None:
        raise Mismatch
    return -1 if before else int(compare(">", a, b) is True)


ORDER = cmp_to_key(order)
