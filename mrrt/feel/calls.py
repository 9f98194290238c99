"""Calls of built-in functions, compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import DecimalException
from typing import Any

from mrrt.feel.builtins import Builtin, Mismatch, call_builtin
from mrrt.feel.builtins.dates import CLOCK
from mrrt.feel.limits import evaluation, measured, spend

Variables = Mapping[str, Any]
Evaluate = Callable[[Variables], Any]
_LONG = (tuple, str)


def compile_builtin(builtin: Builtin, arguments: tuple[Evaluate, ...], names: tuple[str, ...]) -> Evaluate:
    """Return the call of a built-in function."""
    if builtin.name in CLOCK:
        return _clock_call(builtin.name) if not arguments else lambda _: None

    call = _direct_call(builtin, len(arguments)) if not names else None
    if call is not None and len(arguments) == 1:
        return _call_of_one(call, arguments[0])
    if call is not None and len(arguments) == 2:
        return _call_of_two(call, *arguments)

    def evaluate(variables: Variables) -> Any:
        values = [argument(variables) for argument in arguments]
        long = 0
        for value in values:
            if type(value) in _LONG:
                long += len(value)
        if long > 100:
            spend(variables, long // 100)
        result = call_builtin(builtin, tuple(values), names) if call is None else call(*values)
        return measured(result) if type(result) in _LONG else result

    return evaluate


def _direct_call(builtin: Builtin, count: int) -> Callable[[tuple[Any, ...]], Any] | None:
    """Return how to call a function of one signature; see call_builtin."""
    signature = builtin.signatures[0]
    if len(builtin.signatures) > 1 or not signature.accepts(count):
        return None
    function = signature.function

    def call(*values: Any) -> Any:
        try:
            return function(*values)
        except (Mismatch, DecimalException, OverflowError):
            return None

    def of_items(*values: Any) -> Any:
        if len(values) > 1:
            return call(values)
        items = values[0]
        return None if items is None else call(items if type(items) is tuple else (items,))

    return of_items if signature.items else call


def _call_of_one(call: Callable[..., Any], argument: Evaluate) -> Evaluate:
    def evaluate(variables: Variables) -> Any:
        value = argument(variables)
        if type(value) in _LONG and len(value) > 100:
            spend(variables, len(value) // 100)
        result = call(value)
        return measured(result) if type(result) in _LONG else result

    return evaluate


def _call_of_two(call: Callable[..., Any], first: Evaluate, second: Evaluate) -> Evaluate:
    def evaluate(variables: Variables) -> Any:
        one, other = first(variables), second(variables)
        long = len(one) if type(one) in _LONG else 0
        if type(other) in _LONG:
            long += len(other)
        if long > 100:
            spend(variables, long // 100)
        result = call(one, other)
        return measured(result) if type(result) in _LONG else result

    return evaluate


def _clock_call(name: str) -> Evaluate:
    read = CLOCK[name]

    def evaluate(variables: Variables) -> Any:
        now = evaluation(variables).now
        return None if now is None else read(now)

    return evaluate
