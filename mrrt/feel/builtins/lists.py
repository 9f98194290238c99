"""Lists (DMN 1.5 section 10.3.4.4)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin, function, items, whole
from mrrt.feel.builtins.statistics import ORDER
from mrrt.feel.limits import MAX_LIST, LimitExceeded
from mrrt.feel.values import FunctionValue, equal, type_name

_MAX_COMPARED = 5_000
"""How many lists and contexts are compared each with each."""


@builtin("list contains", "list", "element")
def _list_contains(values: Any, element: Any) -> bool:
    if type(element) is str:
        return element in items(values)
    return any(equal(item, element) is True for item in items(values))


@builtin("append", "list", "item", variadic=True)
def _append(values: Any, *more: Any) -> tuple[Any, ...]:
    return (*items(values), *more)


@builtin("concatenate", "list", variadic=True)
def _concatenate(*lists: Any) -> tuple[Any, ...]:
    return tuple([item for values in lists for item in items(values)])


@builtin("union", "list", variadic=True)
def _union(*lists: Any) -> tuple[Any, ...]:
    return _distinct_of(item for values in lists for item in items(values))


@builtin("distinct values", "list")
def _distinct(values: Any) -> tuple[Any, ...]:
    return _distinct_of(items(values))


def _distinct_of(values: Iterable[Any]) -> tuple[Any, ...]:
    """Keep the first of equal values. Numbers, texts and booleans are looked up, what has parts is compared."""
    found: list[Any] = []
    seen: set[tuple[str, Any]] = set()
    others: list[Any] = []
    for item in values:
        if item is None or isinstance(item, bool | Decimal | str):
            key = (type_name(item), item)
            if key in seen:
                continue
            seen.add(key)
        elif any(equal(item, other) is True for other in others):
            continue
        else:
            others.append(item)
            if len(others) > _MAX_COMPARED:
                raise LimitExceeded(f"more than {_MAX_COMPARED} lists or contexts are compared each with each")
        found.append(item)
    return tuple(found)


@builtin("flatten", "list")
def _flatten(values: Any) -> tuple[Any, ...]:
    found: list[Any] = []
    left = list(reversed(items(values)))
    while left:
        item = left.pop()
        if isinstance(item, tuple):
            left.extend(reversed(item))
        else:
            found.append(item)
        if len(left) + len(found) > MAX_LIST:
            raise LimitExceeded(f"a list is longer than {MAX_LIST} items")
    return tuple(found)


@builtin("sublist", "list", "start position", "length", optional=1)
def _sublist(values: Any, start: Any, *length: Any) -> tuple[Any, ...]:
    everything, first = items(values), whole(start)
    if first == 0 or abs(first) > len(everything):
        raise Mismatch
    begin = first - 1 if first > 0 else len(everything) + first
    count = whole(length[0]) if length else len(everything) - begin
    if count < 0 or begin + count > len(everything):
        raise Mismatch
    return everything[begin : begin + count]


def _place(values: tuple[Any, ...], position: Any) -> int:
    """Return the index of a position that counts from 1, or from the end if it is negative."""
    found = whole(position)
    if found == 0 or abs(found) > len(values):
        raise Mismatch
    return found - 1 if found > 0 else len(values) + found


@builtin("insert before", "list", "position", "newItem")
def _insert_before(values: Any, position: Any, item: Any) -> tuple[Any, ...]:
    everything = items(values)
    at = _place(everything, position)
    return (*everything[:at], item, *everything[at:])


@builtin("remove", "list", "position")
def _remove(values: Any, position: Any) -> tuple[Any, ...]:
    everything = items(values)
    at = _place(everything, position)
    return (*everything[:at], *everything[at + 1 :])


@builtin("list replace", "list", "position", "newItem")
def _replace(values: Any, position: Any, item: Any) -> tuple[Any, ...]:
    everything = items(values)
    at = _place(everything, position)
    return (*everything[:at], item, *everything[at + 1 :])


@builtin("list replace", "list", "match", "newItem")
def _replace_matching(values: Any, match: Any, new: Any) -> tuple[Any, ...]:
    test = function(match)
    if len(test.parameters) != 2:
        raise Mismatch
    return tuple(new if _decided(test, item, new) else item for item in items(values))


def _decided(test: FunctionValue, *arguments: Any) -> bool:
    result = test.call(arguments)
    if not isinstance(result, bool):
        raise Mismatch
    return result


@builtin("reverse", "list")
def _reverse(values: Any) -> tuple[Any, ...]:
    return items(values)[::-1]


@builtin("index of", "list", "match")
def _index_of(values: Any, match: Any) -> tuple[Decimal, ...]:
    return tuple(Decimal(place) for place, item in enumerate(items(values), 1) if equal(item, match) is True)


@builtin("sort", "list", "precedes", optional=1)
def _sort(values: Any, *precedes: Any) -> tuple[Any, ...]:
    if not precedes:
        return tuple(sorted(items(values), key=ORDER))
    before = function(precedes[0])
    if len(before.parameters) != 2:
        raise Mismatch

    def order(a: Any, b: Any) -> int:
        return -1 if _decided(before, a, b) else int(_decided(before, b, a))

    return tuple(sorted(items(values), key=cmp_to_key(order)))
