"""What FEEL values are, and how they compare (DMN 1.5 section 10.3.2).

number: Decimal of 34 digits. string: str. boolean: bool. null: None. list: tuple. context: dict. range: RangeValue.
function: FunctionValue. Dates, times and durations: mrrt.feel.temporal.
Null stands for "missing" too: whatever is compared with it, except by = and !=, is null again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, Overflow
from typing import Any

from mrrt.feel.temporal import KINDS, NANOS, Date, DateTime, Months, Nanos, Time, instant, is_local
from mrrt.feel.temporal_text import temporal_text

NUMBERS = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
_PLAIN = re.compile(r"[^\W\d]\w*(?: \w+)*")


@dataclass(frozen=True, slots=True)
class RangeValue:
    """A range as a value. `operator` is that of a range made by a test, such as (< 10), which has one end only."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool
    operator: str = ""

    def holds(self, value: Any) -> bool | None:
        """Tell whether the range holds the value; None when that cannot be known."""
        if self.operator:
            return compare(self.operator, value, self.low if self.operator in (">", ">=", "=", "!=") else self.high)
        above = compare(">=" if self.low_closed else ">", value, self.low)
        below = compare("<=" if self.high_closed else "<", value, self.high)
        return conjunction(above, below)


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function as a value; `call` takes the arguments in the order of the parameters."""

    parameters: tuple[str, ...]
    call: Callable[[tuple[Any, ...]], Any]
    overloaded: bool = False
    """Takes other numbers of arguments than it has parameters: a built-in function."""


_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    tuple: "list",
    dict: "context",
    RangeValue: "range",
    FunctionValue: "function",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    Months: "years and months duration",
    Nanos: "days and time duration",
}

# Tuples, since a union made anew for each comparison costs more than the comparison.
_PLAIN_KINDS = (Decimal, str)
_MOMENTS = (Time, DateTime)
_ORDERED_KINDS = (Decimal, str, Date, Months, Nanos)


def type_name(value: Any) -> str:
    """Return the FEEL name of a value's type."""
    return _TYPE_NAMES.get(type(value)) or type(value).__name__


def truth(value: Any) -> bool | None:
    """Return the value if it is a boolean, else null."""
    return value if isinstance(value, bool) else None


def conjunction(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued and (DMN 1.5 table 50)."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def disjunction(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued or (DMN 1.5 table 50)."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def equal(left: Any, right: Any) -> bool | None:
    """FEEL equality: null equals only null; values of different types compare to null (table 53)."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None if type_name(left) != type_name(right) else bool(left == right)
    if isinstance(left, _PLAIN_KINDS):
        return bool(left == right)
    if isinstance(left, tuple):
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) is True for key in left)
    if isinstance(left, _MOMENTS):
        return _compare_moments("=", left, right)
    return bool(left == right)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Apply =, !=, <, <=, > or >=; null where the values do not compare."""
    if operator in ("=", "!="):
        same = equal(left, right)
        return same if same is None or operator == "=" else not same
    if left is None or type(left) is not type(right):
        return None
    if isinstance(left, _MOMENTS):
        return _compare_moments(operator, left, right)
    return bool(_ORDER[operator](left, right)) if isinstance(left, _ORDERED_KINDS) else None


def _compare_moments(operator: str, left: Time | DateTime, right: Time | DateTime) -> bool | None:
    """Compare by whole seconds, as FEEL does; local time and time in a zone do not compare."""
    if is_local(left) != is_local(right):
        return None
    first, second = instant(left), instant(right)
    if first is None or second is None:
        return None
    return bool(_ORDER[operator](first // NANOS, second // NANOS))


def to_text(value: Any, inside: bool = False) -> str | None:
    """Return the text that the FEEL function string() gives."""
    if value is None:
        return "null" if inside else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return _quoted(value) if inside else value
    if isinstance(value, tuple):
        return "[" + ", ".join(to_text(item, True) or "" for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {to_text(item, True)}" for key, item in value.items()) + "}"
    if isinstance(value, RangeValue):
        return _range_text(value)
    if isinstance(value, FunctionValue):
        return f"function({', '.join(value.parameters)})"
    return temporal_text(value) if isinstance(value, KINDS) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else _quoted(name)


def _range_text(value: RangeValue) -> str:
    low, high = to_text(value.low, True), to_text(value.high, True)
    if value.operator:
        return f"({value.operator} {low if value.operator in ('>', '>=', '=', '!=') else high})"
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def number_text(value: Decimal) -> str:
    """Return a number as plain digits without exponent or trailing zeros."""
    if not value:
        return "0"
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_number(text: str) -> Decimal | None:
    """Return the number that the text is, else null: also for one beyond all that FEEL can hold."""
    try:
        number = NUMBERS.create_decimal(text.strip())
    except (InvalidOperation, Overflow):
        return None
    return number if number.is_finite() else None
