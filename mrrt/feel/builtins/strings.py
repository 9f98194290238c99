"""Strings, and numbers from strings (DMN 1.5 sections 10.3.4.1 and 10.3.4.3)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from mrrt.feel.builtins.patterns import compiled, expanded
from mrrt.feel.builtins.registry import Mismatch, builtin, items, single, text, whole
from mrrt.feel.values import to_number, to_text

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@builtin("string", "from")
def _string(value: Any) -> str | None:
    return to_text(value)


@builtin("number", "from", "grouping separator", "decimal separator", optional=2)
def _to_number(source: Any, grouping: Any = None, point: Any = None) -> Decimal | None:
    if isinstance(single(source), Decimal):
        return Decimal(single(source))
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping == point is not None):
        raise Mismatch
    plain = text(source)
    if grouping:
        plain = plain.replace(grouping, "")
    if point == "," and "." in plain:
        raise Mismatch
    plain = plain.replace(point, ".") if point else plain
    return to_number(plain) if _NUMBER.fullmatch(plain.strip()) else None


@builtin("string length", "string")
def _length(string: Any) -> Decimal:
    return Decimal(len(text(string)))


@builtin("substring", "string", "start position", "length", optional=1)
def _substring(string: Any, start: Any, *length: Any) -> str:
    whole_text, first = text(string), whole(start)
    if first == 0 or abs(first) > len(whole_text):
        raise Mismatch
    begin = first - 1 if first > 0 else len(whole_text) + first
    if not length or length[0] is None:
        return whole_text[begin:]
    count = whole(length[0])
    if count < 1:
        raise Mismatch
    return whole_text[begin : begin + count]


@builtin("upper case", "string")
def _upper(string: Any) -> str:
    return text(string).upper()


@builtin("lower case", "string")
def _lower(string: Any) -> str:
    return text(string).lower()


@builtin("substring before", "string", "match")
def _before(string: Any, match: Any) -> str:
    found = text(string).find(text(match))
    return text(string)[:found] if found >= 0 else ""


@builtin("substring after", "string", "match")
def _after(string: Any, match: Any) -> str:
    found = text(string).find(text(match))
    return text(string)[found + len(text(match)) :] if found >= 0 else ""


@builtin("contains", "string", "match")
def _contains(string: Any, match: Any) -> bool:
    return text(match) in text(string)


@builtin("starts with", "string", "match")
def _starts(string: Any, match: Any) -> bool:
    return text(string).startswith(text(match))


@builtin("ends with", "string", "match")
def _ends(string: Any, match: Any) -> bool:
    return text(string).endswith(text(match))


@builtin("string join", "list", "delimiter", optional=1)
def _join(values: Any, delimiter: Any = None) -> str:
    between = "" if delimiter is None else text(delimiter)
    return between.join(text(item) for item in items(values) if item is not None)


def _flags(flags: Any) -> str:
    return "" if flags is None else text(flags)


@builtin("matches", "input", "pattern", "flags", optional=1)
def _matches(string: Any, pattern: Any, flags: Any = None) -> bool:
    return compiled(text(pattern), _flags(flags)).search(text(string)) is not None


@builtin("replace", "input", "pattern", "replacement", "flags", optional=1)
def _replace(string: Any, pattern: Any, replacement: Any, flags: Any = None) -> str:
    template, options = text(replacement), _flags(flags)
    found = compiled(text(pattern), options)

    def put(match: Any) -> str:
        return expanded(template, (match.group(0), *(group or "" for group in match.groups())))

    return str(found.sub(put, text(string)))


@builtin("split", "string", "delimiter")
def _split(string: Any, delimiter: Any) -> tuple[str, ...]:
    whole_text, parts, at = text(string), [], 0
    for match in compiled(text(delimiter), "").finditer(whole_text):
        if match.end() > match.start():
            parts.append(whole_text[at : match.start()])
            at = match.end()
    return (*parts, whole_text[at:])
