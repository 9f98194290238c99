"""The built-in functions of FEEL that reports have needed so far (DMN 1.5 section 10.3.4).

One table: name, parameter names, function. A null argument makes the result null unless the function says
otherwise; an argument of the wrong type does too. Date and time functions are not there yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from functools import cmp_to_key, lru_cache
from typing import Any

from mrrt.feel.values import NUMBERS, compare, conjunction, disjunction, equal, to_number, to_text, truth


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function; `parameters` serve named calls."""

    name: str
    parameters: tuple[str, ...]
    function: Callable[..., Any]
    variadic: bool = False
    """Takes one list, or the items of one as its arguments: max(1, 2), max([1, 2])."""
    optional: int = 0
    """How many of the last parameters may be left out."""


BUILTINS: dict[str, Builtin] = {}


class Mismatch(Exception):
    """An argument has the wrong type or value: the call is null."""


def _builtin(name: str, *parameters: str, variadic: bool = False, optional: int = 0) -> Callable[..., Any]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        BUILTINS[name] = Builtin(name, parameters, function, variadic, optional)
        return function

    return register


def _number(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    raise Mismatch


def _whole(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise Mismatch
    return int(number)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Mismatch


def _items(value: Any) -> tuple[Any, ...]:
    """Return a list; a single value is the list of itself (DMN 1.5 section 10.3.2.9.4)."""
    if value is None:
        raise Mismatch
    return value if isinstance(value, tuple) else (value,)


# -- booleans


@_builtin("not", "negand")
def _not(value: Any) -> bool | None:
    known = truth(value)
    return None if known is None else not known


@_builtin("all", "list", variadic=True)
def _all(items: tuple[Any, ...]) -> bool | None:
    result: bool | None = True
    for item in items:
        result = conjunction(result, truth(item))
    return result


@_builtin("any", "list", variadic=True)
def _any(items: tuple[Any, ...]) -> bool | None:
    result: bool | None = False
    for item in items:
        result = disjunction(result, truth(item))
    return result


# -- numbers


@_builtin("abs", "n")
def _abs(n: Any) -> Decimal:
    return abs(_number(n))


def _rounded(n: Any, scale: Any, rounding: str) -> Decimal:
    number, places = _number(n), _whole(scale)
    if not -6111 < places < 6176:
        raise Mismatch
    try:
        return number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=NUMBERS)
    except InvalidOperation:
        # More digits were asked for than the number can carry: it is exact already.
        return number


def _rounding(name: str, rounding: str, optional: int = 0) -> None:
    @_builtin(name, "n", "scale", optional=optional)
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


@_builtin("number", "from")
def _to_number(text: Any) -> Decimal | None:
    return text if isinstance(text, Decimal) else to_number(_text(text))


@_builtin("sqrt", "number")
def _sqrt(number: Any) -> Decimal:
    if _number(number) < 0:
        raise Mismatch
    return NUMBERS.sqrt(_number(number))


# -- lists


@_builtin("count", "list", variadic=True)
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


@_builtin("min", "list", variadic=True)
def _min(items: tuple[Any, ...]) -> Any:
    return _extreme(items, "<")


@_builtin("max", "list", variadic=True)
def _max(items: tuple[Any, ...]) -> Any:
    return _extreme(items, ">")


@_builtin("sum", "list", variadic=True)
def _sum(items: tuple[Any, ...]) -> Decimal | None:
    total = Decimal(0)
    for item in items:
        total = NUMBERS.add(total, _number(item))
    return total if items else None


@_builtin("mean", "list", variadic=True)
def _mean(items: tuple[Any, ...]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else NUMBERS.divide(total, Decimal(len(items)))


@_builtin("list contains", "list", "element")
def _list_contains(items: Any, element: Any) -> bool:
    return any(equal(item, element) is True for item in _items(items))


@_builtin("append", "list", "item")
def _append(items: Any, *more: Any) -> tuple[Any, ...]:
    return (*_items(items), *more)


@_builtin("concatenate", "list")
def _concatenate(*lists: Any) -> tuple[Any, ...]:
    return tuple(item for items in lists for item in _items(items))


@_builtin("distinct values", "list")
def _distinct(items: Any) -> tuple[Any, ...]:
    found: list[Any] = []
    for item in _items(items):
        if not any(equal(item, other) is True for other in found):
            found.append(item)
    return tuple(found)


@_builtin("sort", "list")
def _sort(items: Any) -> tuple[Any, ...]:
    def order(a: Any, b: Any) -> int:
        before = compare("<", a, b)
        if before is None:
            raise Mismatch
        return -1 if before else int(compare(">", a, b) is True)

    return tuple(sorted(_items(items), key=cmp_to_key(order)))


# -- strings


@_builtin("string", "from")
def _string(value: Any) -> str | None:
    return to_text(value)


@_builtin("string length", "string")
def _string_length(text: Any) -> Decimal:
    return Decimal(len(_text(text)))


@_builtin("upper case", "string")
def _upper(text: Any) -> str:
    return _text(text).upper()


@_builtin("lower case", "string")
def _lower(text: Any) -> str:
    return _text(text).lower()


@_builtin("contains", "string", "match")
def _contains(text: Any, match: Any) -> bool:
    return _text(match) in _text(text)


@_builtin("starts with", "string", "match")
def _starts(text: Any, match: Any) -> bool:
    return _text(text).startswith(_text(match))


@_builtin("ends with", "string", "match")
def _ends(text: Any, match: Any) -> bool:
    return _text(text).endswith(_text(match))


@_builtin("string join", "list", "delimiter", optional=1)
def _join(items: Any, delimiter: Any = "") -> str:
    return (_text(delimiter) if delimiter is not None else "").join(_text(i) for i in _items(items) if i is not None)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        raise Mismatch from error


@_builtin("matches", "input", "pattern")
def _matches(text: Any, pattern: Any) -> bool:
    return _pattern(_text(pattern)).search(_text(text)) is not None


@_builtin("replace", "input", "pattern", "replacement")
def _replace(text: Any, pattern: Any, replacement: Any) -> str:
    # FEEL writes groups as $1, re2 as \1; a literal backslash must survive.
    template = _text(replacement).replace("\\", "\\\\").replace("$", "\\")
    return str(_pattern(_text(pattern)).sub(template, _text(text)))
