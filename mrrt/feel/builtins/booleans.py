"""Booleans, equality and the identity of values (DMN 1.5 sections 10.3.4.2, 10.3.4.4 and 10.3.4.11)."""

from __future__ import annotations

from typing import Any

from mrrt.feel.builtins.registry import builtin
from mrrt.feel.temporal import KINDS, same_fields
from mrrt.feel.values import conjunction, disjunction, equal, truth, type_name


@builtin("not", "negand")
def _not(value: Any) -> bool | None:
    known = truth(value)
    return None if known is None else not known


@builtin("all", "list", items=True)
def _all(items: tuple[Any, ...]) -> bool | None:
    result: bool | None = True
    for item in items:
        result = conjunction(result, truth(item))
    return result


@builtin("any", "list", items=True)
def _any(items: tuple[Any, ...]) -> bool | None:
    result: bool | None = False
    for item in items:
        result = disjunction(result, truth(item))
    return result


@builtin("is", "value1", "value2")
def _is(left: Any, right: Any) -> bool:
    if type_name(left) != type_name(right):
        return False
    return same_fields(left, right) if isinstance(left, KINDS) else equal(left, right) is True
