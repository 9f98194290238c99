"""What FEEL values are, and how they compare (DMN 1.5 section 10.3.2).

number: Decimal of 34 digits. string: str. boolean: bool. null: None. list: tuple. context: dict. range: RangeValue.
Null stands for "missing" too: whatever is compared with it, except by = and !=, is null again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

NUMBERS = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)


@dataclass(frozen=True, slots=True)
class RangeValue:
    """A range as a value; an end of None is open to infinity."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool

    def holds(self, value: Any) -> bool | None:
        """Tell whether the range holds the value; None when that cannot be known."""
        above = True if self.low is None else compare(">=" if self.low_closed else ">", value, self.low)
        below = True if self.high is None else compare("<=" if self.high_closed else "<", value, self.high)
        return conjunction(above, below)


def type_name(value: Any) -> str:
    """Return the FEEL name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((Decimal, "number"), (str, "string"), (tuple, "list"), (dict, "context"), (RangeValue, "range")):
        if isinstance(value, kind):
            return name
    return type(value).__name__


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
    if type_name(left) != type_name(right):
        return None
    if isinstance(left, tuple):
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) is True for key in left)
    return bool(left == right)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Apply =, !=, <, <=, > or >=; null where the values do not compare."""
    if operator in ("=", "!="):
        same = equal(left, right)
        return same if same is None or operator == "=" else not same
    if left is None or right is None or type_name(left) != type_name(right):
        return None
    if not isinstance(left, Decimal | str):
        return None
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def to_text(value: Any, inside: bool = False) -> str | None:
    """Return the text that the FEEL function string() gives."""
    if value is None:
        return "null" if inside else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return f'"{value}"' if inside else value
    if isinstance(value, tuple):
        return "[" + ", ".join(to_text(item, True) or "" for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {to_text(item, True)}" for key, item in value.items()) + "}"
    if isinstance(value, RangeValue):
        low, high = to_text(value.low, True), to_text(value.high, True)
        return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
    return str(value)


def number_text(value: Decimal) -> str:
    """Return a number as plain digits without exponent or trailing zeros."""
    if value == 0:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_number(text: str) -> Decimal | None:
    """Return the number that the text is, else null."""
    try:
        number = NUMBERS.create_decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
