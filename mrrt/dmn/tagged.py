"""FEEL values as JSON: what JSON has no type for is an object with one key that names the type."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from mrrt.errors import UsageError
from mrrt.feel.temporal import Date, DateTime, Months, Nanos, Time
from mrrt.feel.temporal_text import read_date, read_date_or_midnight, read_duration, read_time, temporal_text
from mrrt.feel.values import NUMBERS, FunctionValue, RangeValue, number_text, to_text

_READ = {"date": read_date, "time": read_time, "dateTime": read_date_or_midnight, "duration": read_duration}
_KEYS = {Date: "date", Time: "time", DateTime: "dateTime", Months: "duration", Nanos: "duration"}


def decode(value: Any) -> Any:
    """Return the FEEL value of tagged JSON; raises UsageError where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return NUMBERS.create_decimal(str(value))
    if isinstance(value, Decimal):
        return NUMBERS.plus(value)
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    return _decode_tagged(value) if isinstance(value, dict) else value


def _decode_tagged(value: dict[str, Any]) -> Any:
    if len(value) != 1:
        raise UsageError(f"a tagged value has one key, this one has {len(value)}")
    key, content = next(iter(value.items()))
    if key == "context":
        return {" ".join(name.split()): decode(item) for name, item in content.items()}
    if key == "number":
        return NUMBERS.create_decimal(content)
    found = _READ[key](content.strip()) if key in _READ else None
    if found is None:
        raise UsageError(f'"{content}" is no {key}')
    return found


def encode(value: Any) -> Any:
    """Return a FEEL value as tagged JSON, for `json.dumps`."""
    if isinstance(value, Decimal):
        return {"number": number_text(value)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"context": {name: encode(item) for name, item in value.items()}}
    if isinstance(value, RangeValue | FunctionValue):
        return {"range" if isinstance(value, RangeValue) else "function": to_text(value)}
    key = _KEYS.get(type(value))
    return {key: temporal_text(value)} if key else value


def loads(text: str) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(text, parse_float=Decimal)
