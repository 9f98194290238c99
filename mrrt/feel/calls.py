"""Calls of built-in functions, compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import DecimalException
from typing import Any

from mrrt.feel.builtins import Builtin, Mismatch, call_builtin
from mrrt.feel.builtins.dates import CLOCK
from mrrt.feel.limits import evaluation, measured

Variables = Mapping[str, Any]
Evaluate = Callable[[Variables], Any]
_LONG = (tuple, str)


def null(_: Variables) -> None:
    """Give the value of a parameter for which a call names no argument."""


def compile_builtin(builtin: Builtin, arguments: tuple[Evaluate, ...], names: tuple[str, ...]) -> Evaluate:
    """Return the call of a built-in function."""
    if builtin.name in CLOCK:
        return _clock_call(builtin.name) if not arguments else lambda _: None

    call = _direct_call(builtin, len(arguments)) if not names else None

    def evaluate(variables: Variables) -> Any:
        values = tuple([argument(variables) for argument in arguments])
        long = 0
        for value in values:
            if isinstance(value, _LONG):
                long += len(value)
        if long > 100:
            evaluation(variables).spend(long // 100)
        result = call_builtin(builtin, values, names) if call is None else call(values)
        return measured(result) if isinstance(result, _LONG) else result

    return evaluate


def _direct_call(builtin: Builtin, count: int) -> Callable[[tuple[Any, ...]], Any] | None:
    """Return how to call a function of one signature that takes its arguments as they are; see call_builtin."""
    signature = builtin.signatures[0]
    if len(builtin.signatures) > 1 or signature.items or not signature.accepts(count):
        return None
    function = signature.function

    def call(values: tuple[Any, ...]) -> Any:
        try:
            return function(*values)
        except (Mismatch, DecimalException, OverflowError):
            return None

    return call


def _clock_call(name: str) -> Evaluate:
    read = CLOCK[name]

    def evaluate(variables: Variables) -> Any:
        now = evaluation(variables).now
        return None if now is None else read(now)

    return evaluate
