"""What the built-in functions take and give, as far as it is the same for all that they can be called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mrrt.feel import nodes
from mrrt.feel.nodes import Node
from mrrt.logic.quantities import Unit
from mrrt.logic.shapes import BOOLEAN, DURATION, NOTHING, NUMBER, TEXT, UNKNOWN, Shape, either, list_of, of_kind

_ROUNDING = ("ceiling", "floor", "decimal", "round up", "round down", "round half up", "round half down")
_KEEPING = frozenset({"abs", *_ROUNDING})
"""Functions of a number, or of a duration, that keep what it is and its unit; digits or a scale may follow."""
_REDUCING = frozenset({"max", "min", "sum", "mean", "median", "stddev"})
"""Functions of a list, or of what would be its items, whose result is of the kind of the items."""

_NUMBERS = ("sqrt", "exp", "log", "modulo", "even", "odd", *_ROUNDING)
_STRINGS = ("string length", "upper case", "lower case", "substring before", "substring after", "contains")
_MORE_STRINGS = ("starts with", "ends with", "matches", "replace", "split", "string join")

PARAMETER: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_NUMBERS, ("number",)),
    **dict.fromkeys(("mean", "median", "product", "stddev"), ("number",)),
    **dict.fromkeys((*_STRINGS, *_MORE_STRINGS), ("string",)),
    "sum": ("number", DURATION),
    "abs": ("number", DURATION),
    "not": ("boolean",),
    "all": ("boolean",),
    "any": ("boolean",),
}
"""The types that all arguments of a function must be of, where they are the same for all."""

_RESULT: dict[str, Shape] = {
    **dict.fromkeys(("count", "string length", "exp", "log", "day of year", "week of year"), NUMBER),
    **dict.fromkeys(("number", "product", "modulo"), replace(NUMBER, units=None)),
    **dict.fromkeys(("string", "substring", "upper case", "lower case", "substring before", "substring after"), TEXT),
    **dict.fromkeys(("replace", "string join", "day of week", "month of year"), TEXT),
    **dict.fromkeys(("contains", "starts with", "ends with", "matches", "list contains", "even", "odd"), BOOLEAN),
    **dict.fromkeys(("not", "all", "any", "is"), BOOLEAN),
    "split": list_of(TEXT),
    "index of": list_of(NUMBER),
    "date": of_kind("date"),
    "time": of_kind("time"),
    "date and time": of_kind("date and time"),
    "duration": of_kind(DURATION),
    "years and months duration": of_kind(DURATION),
}
_SAME_LIST = frozenset({"distinct values", "reverse", "sort", "sublist", "remove"})
_JOINED_LISTS = frozenset({"concatenate", "union"})


def result_of(name: str, arguments: Sequence[Node], given: Sequence[Shape]) -> Shape:
    """Return what is known of the result of a built-in function."""
    if not given:
        return _RESULT.get(name, UNKNOWN)
    first = given[0]
    if name in _KEEPING:
        return replace(first, texts=NOTHING, literals=NOTHING)
    if name in _REDUCING:
        items = [one.item or UNKNOWN if one.is_only("list") else one for one in given]
        return replace(either(items), texts=None, literals=NOTHING)
    if name == "sqrt":
        return replace(NUMBER, units=_roots(first))
    if name in _SAME_LIST:
        return first if first.is_only("list") else UNKNOWN
    if name in _JOINED_LISTS:
        lists = all(one.is_only("list") for one in given)
        return list_of(either(one.item or UNKNOWN for one in given)) if lists else UNKNOWN
    if name == "append" and first.is_only("list"):
        return list_of(either([first.item or UNKNOWN, *given[1:]]))
    if name == "modulo" and not isinstance(arguments[0], nodes.Literal):
        return replace(NUMBER, units=first.units)
    return _RESULT.get(name, UNKNOWN)


def _roots(shape: Shape) -> frozenset[Unit] | None:
    roots = [unit.root() for unit in shape.units or ()]
    return None if shape.units is None or None in roots else frozenset(root for root in roots if root is not None)
