"""Contexts (DMN 1.5 section 10.3.4.10)."""

from __future__ import annotations

from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin, context, items, text


@builtin("get value", "m", "key")
@builtin("get value", "context", "key")
def _get_value(m: Any, key: Any) -> Any:
    return context(m).get(text(key))


@builtin("get entries", "m")
@builtin("get entries", "context")
def _get_entries(m: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"key": key, "value": value} for key, value in context(m).items())


@builtin("context", "entries")
def _context(entries: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for entry in items(entries):
        pair = context(entry)
        key = pair.get("key")
        if not isinstance(key, str) or "value" not in pair or key in result:
            raise Mismatch
        result[key] = pair["value"]
    return result


@builtin("context put", "context", "keys", "value")
def _put_at(target: Any, keys: Any, value: Any) -> dict[str, Any]:
    if not isinstance(keys, tuple) or not keys:
        raise Mismatch
    first, rest = keys[0], keys[1:]
    if not isinstance(first, str):
        raise Mismatch
    found = context(target)
    return {**found, first: _put_at(found.get(first), rest, value) if rest else value}


@builtin("context put", "context", "key", "value")
def _put(target: Any, key: Any, value: Any) -> dict[str, Any]:
    return {**context(target), text(key): value}


@builtin("context merge", "contexts")
def _merge(contexts: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for one in items(contexts):
        result.update(context(one))
    return result
