"""Where points and ranges lie to each other, and ranges from text (DMN 1.5 sections 10.3.4.9 and 10.3.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin, single, text
from mrrt.feel.temporal import KINDS
from mrrt.feel.values import RangeValue, compare

_UNBOUNDED = re.compile(
    r"\s*(?:[(\]]\s*\.\.(?P<high>.+?)(?P<close>[\])\[])|(?P<open>[\[(\]])(?P<low>.+?)\.\.\s*[)\[])\s*"
)
_POINTS = (Decimal, str, *KINDS)


def _is(operator: str, left: Any, right: Any) -> bool:
    known = compare(operator, left, right)
    if known is None or left is None:
        raise Mismatch
    return known


def _point(value: Any) -> Any:
    if not isinstance(value, _POINTS):
        raise Mismatch
    return value


Relation = Callable[[Any, Any], bool]


def _relation(name: str, *kinds: tuple[str, str, Relation]) -> None:
    """Register a relation; `kinds` are its parameters, by whose names it is known which are ranges, and the test."""

    def register(first: str, second: str, test: Relation) -> None:
        wants = tuple(parameter.startswith("range") for parameter in (first, second))

        @builtin(name, first, second)
        def _call(a: Any, b: Any) -> bool:
            a, b = single(a), single(b)
            if (isinstance(a, RangeValue), isinstance(b, RangeValue)) != wants:
                raise Mismatch
            for value, is_range in ((a, wants[0]), (b, wants[1])):
                if not is_range:
                    _point(value)
            return test(a, b)

    for kind in kinds:
        register(*kind)


def _range_before_range(a: RangeValue, b: RangeValue) -> bool:
    touching = a.high_closed and b.low_closed
    return _is("<", a.high, b.low) or (not touching and _is("=", a.high, b.low))


def _point_before_range(p: Any, r: RangeValue) -> bool:
    return _is("<", p, r.low) or (_is("=", p, r.low) and not r.low_closed)


def _range_before_point(r: RangeValue, p: Any) -> bool:
    return _is("<", r.high, p) or (_is("=", r.high, p) and not r.high_closed)


def _meets(a: RangeValue, b: RangeValue) -> bool:
    return a.high_closed and b.low_closed and _is("=", a.high, b.low)


def _reaches(a: RangeValue, b: RangeValue) -> bool:
    """Tell whether a ends at or behind the place where b begins."""
    return _is(">", a.high, b.low) or (_is("=", a.high, b.low) and a.high_closed and b.low_closed)


def _overlaps(a: RangeValue, b: RangeValue) -> bool:
    return _reaches(a, b) and _reaches(b, a)


def _overlaps_before(a: RangeValue, b: RangeValue) -> bool:
    begins = _is("<", a.low, b.low) or (_is("=", a.low, b.low) and a.low_closed and not b.low_closed)
    return begins and _reaches(a, b) and _ends_within(a, b)


def _ends_within(a: RangeValue, b: RangeValue) -> bool:
    return _is("<", a.high, b.high) or (_is("=", a.high, b.high) and (not a.high_closed or b.high_closed))


def _begins_within(a: RangeValue, b: RangeValue) -> bool:
    return _is(">", a.low, b.low) or (_is("=", a.low, b.low) and (not a.low_closed or b.low_closed))


def _finishes(a: RangeValue, b: RangeValue) -> bool:
    return a.high_closed == b.high_closed and _is("=", a.high, b.high) and _begins_within(a, b)


def _point_finishes(p: Any, r: RangeValue) -> bool:
    return r.high_closed and _is("=", r.high, p)


def _during(a: RangeValue, b: RangeValue) -> bool:
    return _begins_within(a, b) and _ends_within(a, b)


def _point_during(p: Any, r: RangeValue) -> bool:
    held = r.holds(p)
    if held is None:
        raise Mismatch
    return held


def _starts(a: RangeValue, b: RangeValue) -> bool:
    return _is("=", a.low, b.low) and a.low_closed == b.low_closed and _ends_within(a, b)


def _point_starts(p: Any, r: RangeValue) -> bool:
    return _is("=", r.low, p) and r.low_closed


def _coincides(a: RangeValue, b: RangeValue) -> bool:
    closed = (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed)
    return _is("=", a.low, b.low) and _is("=", a.high, b.high) and closed


def _turned(test: Relation) -> Relation:
    return lambda a, b: test(b, a)


_PAIR, _MIXED, _MIXED_TURNED, _TWO = (
    ("point1", "point2"),
    ("point", "range"),
    ("range", "point"),
    ("range1", "range2"),
)
_relation(
    "before",
    (*_PAIR, lambda a, b: _is("<", a, b)),
    (*_MIXED, _point_before_range),
    (*_MIXED_TURNED, _range_before_point),
    (*_TWO, _range_before_range),
)
_relation(
    "after",
    (*_PAIR, lambda a, b: _is(">", a, b)),
    (*_MIXED, _turned(_range_before_point)),
    (*_MIXED_TURNED, _turned(_point_before_range)),
    (*_TWO, _turned(_range_before_range)),
)
_relation("meets", (*_TWO, _meets))
_relation("met by", (*_TWO, _turned(_meets)))
_relation("overlaps", (*_TWO, _overlaps))
_relation("overlaps before", (*_TWO, _overlaps_before))
_relation("overlaps after", (*_TWO, _turned(_overlaps_before)))
_relation("finishes", (*_MIXED, _point_finishes), (*_TWO, _finishes))
_relation("finished by", (*_MIXED_TURNED, _turned(_point_finishes)), (*_TWO, _turned(_finishes)))
_relation("includes", (*_MIXED_TURNED, _turned(_point_during)), (*_TWO, _turned(_during)))
_relation("during", (*_MIXED, _point_during), (*_TWO, _during))
_relation("starts", (*_MIXED, _point_starts), (*_TWO, _starts))
_relation("started by", (*_MIXED_TURNED, _turned(_point_starts)), (*_TWO, _turned(_starts)))
_relation("coincides", (*_PAIR, lambda a, b: _is("=", a, b)), (*_TWO, _coincides))


@builtin("range", "from")
def _range(source: Any) -> RangeValue:
    """Read a range with constant ends; one end may be left out: "[18..)"."""
    written = text(source)
    found = _UNBOUNDED.fullmatch(written)
    if found:
        return _half(found)
    value = _constant(written)
    if not isinstance(value, RangeValue) or value.operator or type(value.low) is not type(value.high):
        raise Mismatch
    if not _is("<=", value.low, value.high):
        raise Mismatch
    return value


def _half(found: re.Match[str]) -> RangeValue:
    if found["high"] is not None:
        closed = found["close"] == "]"
        return RangeValue(None, _end(found["high"]), False, closed, "<=" if closed else "<")
    closed = found["open"] == "["
    return RangeValue(_end(found["low"]), None, closed, False, ">=" if closed else ">")


def _end(written: str) -> Any:
    return _point(_constant(written))


def _constant(written: str) -> Any:
    """Evaluate text that names no variable."""
    from mrrt.feel.compile import Compiler, UnknownName
    from mrrt.feel.names import calls, variables
    from mrrt.feel.parse import FeelSyntaxError, parse_expression

    try:
        node = parse_expression(written.strip())
        if next(variables(node), None) or any(call.function not in _ENDS for call in calls(node)):
            raise Mismatch
        return Compiler().compile(node)({})
    except (FeelSyntaxError, UnknownName) as error:
        raise Mismatch from error


_ENDS = frozenset({"date", "time", "date and time", "duration", "years and months duration"})
