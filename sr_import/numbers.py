"""Numbers as devices write them: read where they can mean only one thing, otherwise kept and reported.

A decimal string (PS3.5 section 6.2, DS) holds at most 16 characters with a decimal point. What is sent instead:

1. A decimal comma. It is one where exactly one comma stands between digits, there is no point, and not exactly three
   digits follow: "1,234" may be a thousand. A vendor profile may say what a comma of its device means.
2. More than 16 characters: the number is meant as it stands.
3. Several values, parted by a backslash or, wrongly, by a slash: none of them is taken.
4. A number with its unit behind it, "2.67 m/s": both are read where the unit is known and contradicts nothing.
5. Everything else is no number: "1.234,5", "<5", "1 234".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from mrrt.report import DataAbsentReason
from mrrt.units import COMMON, ucum_of

Comma = Literal["decimal", "thousands"]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
"""The exponent is bounded so that no text means a giant number."""
_COMMA = re.compile(r"[+-]?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")
_ANY_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WITH_UNIT = re.compile(r"([+-]?[0-9.,]+(?:[eE][+-]?[0-9]{1,2})?) *([^0-9 ].*)")
_LONGEST_DS, _LONGEST_NUMBER = 16, 64
_NO_NUMBER = {
    "nan": DataAbsentReason.NOT_A_NUMBER,
    **dict.fromkeys(("inf", "+inf", "infinity", "+infinity"), DataAbsentReason.POSITIVE_INFINITY),
    **dict.fromkeys(("-inf", "-infinity"), DataAbsentReason.NEGATIVE_INFINITY),
}


class Numeric(NamedTuple):
    """What a text says as a number: its value as plain decimal text, or why there is none."""

    value: str | None
    absent: DataAbsentReason | None = None
    rule: str = ""
    """The rule of sr_import.rules that tells about it, "" where nothing is to be said."""
    words: str = ""
    unit: str | None = None
    """UCUM code of a unit that stands in the text itself."""


@lru_cache(maxsize=65536)
def read_number(text: str, comma: Comma | None = None) -> Numeric:
    """Read the text of a Numeric Value; `comma` says what the device means by one."""
    text = text.strip()
    if is_plain(text):
        return _longer_than_allowed(text) if len(text) > _LONGEST_DS else Numeric(text)
    if not text:
        return Numeric(None, DataAbsentReason.UNKNOWN, "SR03", "has an empty numeric value")
    if (count := _several(text)) > 1:
        return Numeric(None, DataAbsentReason.UNSUPPORTED, "SR04", f"has {count} values; none was taken")
    if value := _without_comma(text, comma):
        return Numeric(value, None, "SR16", f'is sent as "{text}", with a comma; read as {value}')
    return _with_unit(text, comma) or _no_number(text)


def is_plain(text: str) -> bool:
    """Tell whether a text is a decimal number with a point or none."""
    return len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def _longer_than_allowed(text: str) -> Numeric:
    words = f"has {len(text)} characters where {_LONGEST_DS} are allowed; read as it stands"
    return Numeric(text, None, "SR16", words)


def _several(text: str) -> int:
    """Return how many values a text lists."""
    if "\\" in text:
        return text.count("\\") + 1
    parts = text.split("/")
    return len(parts) if all(is_plain(part.strip()) for part in parts) else 1


def _without_comma(text: str, comma: Comma | None) -> str | None:
    if len(text) > _LONGEST_NUMBER:
        return None
    if comma == "thousands":
        return text.replace(",", "") if _THOUSANDS.fullmatch(text) else None
    form = _ANY_COMMA if comma == "decimal" else _COMMA
    return text.replace(",", ".") if form.fullmatch(text) else None


def _with_unit(text: str, comma: Comma | None) -> Numeric | None:
    found = _WITH_UNIT.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    unit = _unit(found.group(2)) if found else None
    if found is None or unit is None:
        return None
    number = found.group(1)
    value = number if is_plain(number) else _without_comma(number, comma)
    return Numeric(value, None, "SR16", f'is sent as "{text}", with its unit', unit) if value else None


def _unit(word: str) -> str | None:
    """Return the UCUM code of a unit behind a number; a single letter may mean too much."""
    if len(word) == 1 and word != "%":
        return None
    return word if word in COMMON else ucum_of(word, "")


def _no_number(text: str) -> Numeric:
    absent = _NO_NUMBER.get(text.lower(), DataAbsentReason.ERROR)
    return Numeric(None, absent, "SR05", f'has the value "{text[:40]}", which is not a decimal number')
