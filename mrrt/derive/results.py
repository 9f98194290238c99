"""In what form a calculated result is kept in the report, and enters what depends on it.

The two are one: a number that is kept to twelve digits is used with twelve digits. So it makes no difference whether a
result was calculated just now or read back from a stored report.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from mrrt.feel.values import number_text, to_number, to_text
from mrrt.report import Value

_DIGITS = Context(prec=12)
"""Calculated numbers are kept to this many significant digits; beyond them there is no measurement."""
NUMBER, TEXT, BOOLEAN, TEXTS, NOTHING = "number", "text", "boolean", "texts", "nothing"
"""The kinds of result that can be read back. Contexts, dates and lists of numbers cannot: they have none."""


def settled(result: Any) -> Any:
    """Return a result as it is kept and used: numbers to twelve significant digits, all else as it is."""
    return to_number(kept_number(result)) if isinstance(result, Decimal) else result


def kept(result: Any) -> tuple[Any, str | bool | tuple[str, ...] | None, str | None]:
    """Return a result as it is used, what a Value holds of it, and its kind."""
    if type(result) is Decimal:
        text = kept_number(result)
        return to_number(text), text, NUMBER
    return result, kept_value(result), kind_of(result)


def kept_number(number: Decimal) -> str:
    """Return the text of a number as a report keeps it; whole numbers keep all their digits."""
    return number_text(number if number == number.to_integral_value() else +number.normalize(_DIGITS))


def kept_value(result: Any) -> str | bool | tuple[str, ...] | None:
    """Return what a Value holds of a settled result; None where there is nothing to hold."""
    if isinstance(result, Decimal):
        return number_text(result)
    if result is None or result == "":
        return None
    if isinstance(result, _AS_IT_IS):
        return result
    if isinstance(result, tuple):
        return tuple(to_text(item) or "" for item in result) or None
    return to_text(result) or None


def kind_of(result: Any) -> str | None:
    """Return the kind of a result, or None where the report does not hold enough to read it back."""
    if isinstance(result, tuple):
        return TEXTS if all(isinstance(item, str) for item in result) else None
    return _KINDS.get(type(result))


_AS_IT_IS = (str, bool)
_KINDS: dict[type, str] = {Decimal: NUMBER, str: TEXT, bool: BOOLEAN, type(None): NOTHING}
_EMPTY = {TEXT: "", TEXTS: (), NOTHING: None}


def read_back(kind: str, value: Value | None) -> Any:
    """Return the result of a kind that a report keeps as this value."""
    if value is None:
        return _EMPTY[kind]
    return to_number(str(value.value)) if kind == NUMBER else value.value
