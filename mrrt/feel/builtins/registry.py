"""The one table of built-in functions: name, parameters, function; and how they are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from mrrt.feel.values import FunctionValue


class Mismatch(Exception):
    """An argument has the wrong type or value: the call is null."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in function."""

    parameters: tuple[str, ...]
    function: Callable[..., Any]
    optional: int = 0
    """How many of the last parameters may be left out."""
    variadic: bool = False
    """The last parameter takes all arguments that are left."""
    items: bool = False
    """Takes one list, or the items of one as its arguments: max(1, 2), max([1, 2])."""

    def accepts(self, count: int) -> bool:
        """Tell whether the function takes so many arguments."""
        if self.items:
            return count >= 1
        least = len(self.parameters) - self.optional
        return count >= least and (self.variadic or count <= len(self.parameters))


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function; several signatures where the standard overloads it."""

    name: str
    signatures: tuple[Signature, ...]

    def value(self) -> FunctionValue:
        """Return the function as a value, to be passed to another one."""
        return FunctionValue(self.signatures[0].parameters, lambda arguments: call_builtin(self, arguments, ()), True)


BUILTINS: dict[str, Builtin] = {}


def builtin(
    name: str, *parameters: str, optional: int = 0, variadic: bool = False, items: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function under its FEEL name; once more for each further signature."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = Signature(parameters, function, optional, variadic, items)
        known = BUILTINS[name].signatures if name in BUILTINS else ()
        BUILTINS[name] = Builtin(name, (*known, signature))
        return function

    return register


def call_builtin(function: Builtin, arguments: tuple[Any, ...], names: tuple[str, ...]) -> Any:
    """Call a function; null if no signature fits the arguments."""
    # before(range: a, point: b) and before(point: b, range: a) differ in nothing but the order.
    for signature in (
        sorted(function.signatures, key=lambda one: one.parameters != names) if names else function.signatures
    ):
        fitting = _named(signature, arguments, names) if names else _positional(signature, arguments)
        if fitting is None:
            continue
        try:
            return signature.function(*fitting)
        except (Mismatch, DecimalException, OverflowError):
            continue
    return None


def _positional(signature: Signature, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    if not signature.accepts(len(arguments)):
        return None
    if not signature.items:
        return arguments
    if len(arguments) > 1:
        return (arguments,)
    return _as_items(arguments[0])


def _as_items(value: Any) -> tuple[Any, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, tuple) else ((value,),)


def _named(signature: Signature, arguments: tuple[Any, ...], names: tuple[str, ...]) -> tuple[Any, ...] | None:
    given = dict(zip(names, arguments, strict=True))
    needed = signature.parameters[: len(signature.parameters) - signature.optional]
    if len(given) < len(names) or not given.keys() <= set(signature.parameters) or not set(needed) <= given.keys():
        return None
    if signature.items:
        return _as_items(arguments[0])
    last = max(signature.parameters.index(name) for name in given)
    return tuple(given.get(name) for name in signature.parameters[: last + 1])


# -- arguments: a list of one stands for its item (DMN 1.5 section 10.3.2.9.4)


def single(value: Any) -> Any:
    """Return the item of a list of one, else the value."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def number(value: Any) -> Decimal:
    """Return an argument that must be a number."""
    value = single(value)
    if isinstance(value, Decimal):
        return value
    raise Mismatch


def whole(value: Any) -> int:
    """Return an argument that must be a whole number."""
    found = number(value)
    if found != found.to_integral_value() or abs(found) > 10**18:
        raise Mismatch
    return int(found)


def text(value: Any) -> str:
    """Return an argument that must be a string."""
    value = single(value)
    if isinstance(value, str):
        return value
    raise Mismatch


def items(value: Any) -> tuple[Any, ...]:
    """Return an argument that must be a list; a single value is the list of itself."""
    if value is None:
        raise Mismatch
    return value if isinstance(value, tuple) else (value,)


def context(value: Any) -> dict[str, Any]:
    """Return an argument that must be a context."""
    value = single(value)
    if isinstance(value, dict):
        return value
    raise Mismatch


def function(value: Any) -> FunctionValue:
    """Return an argument that must be a function."""
    if isinstance(value, FunctionValue):
        return value
    raise Mismatch
