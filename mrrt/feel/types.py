"""The types of FEEL: which value conforms to which (DMN 1.5 section 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mrrt.feel.temporal import Date, midnight
from mrrt.feel.values import FunctionValue, RangeValue, type_name


@dataclass(frozen=True, slots=True)
class Simple:
    """A type known by its name alone: number, string, Any, or one that the model defines."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """list<item>"""

    item: Type


@dataclass(frozen=True, slots=True)
class RangeType:
    """range<item>"""

    item: Type


@dataclass(frozen=True, slots=True)
class ContextType:
    """context<name: type, ...>"""

    entries: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """function<parameters> -> result"""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Constrained:
    """A type with allowed values: `allows` decides for a value that conforms to `base`."""

    base: Type
    allows: Callable[[Any], bool]


Type = Simple | ListType | RangeType | ContextType | FunctionType | Constrained
Types = Mapping[str, Type]
ANY = Simple("Any")

ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days and times duration": "days and time duration",
    "any": "Any",
}
BASIC = frozenset(
    {"Any", "Null", "number", "string", "boolean", "date", "time", "date and time", "list", "context", "function"}
    | {"days and time duration", "years and months duration", "range"}
)


def resolve(kind: Type, types: Types) -> Type | None:
    """Return what a name stands for; nothing if the model does not define it."""
    if not isinstance(kind, Simple):
        return kind
    name = ALIASES.get(kind.name, kind.name)
    return types[name] if name in types else Simple(name) if name in BASIC else None


def conforms(value: Any, kind: Type, types: Types) -> bool:
    """Tell whether a value is of a type; null is of every type."""
    found = resolve(kind, types)
    if value is None:
        return True
    if found is None:
        return False
    if isinstance(found, Simple):
        return found.name == "Any" or found.name == type_name(value)
    return _CONFORMS[type(found)](value, found, types)


def is_instance(value: Any, kind: Type, types: Types) -> bool:
    """Tell what `instance of` says: null is an instance of Null alone, and allowed values do not count."""
    if value is None:
        return kind == Simple("Null")
    return conforms(value, _base(resolve(kind, types), types) or kind, types)


def _list(value: Any, kind: Any, types: Types) -> bool:
    return isinstance(value, tuple) and all(conforms(item, kind.item, types) for item in value)


def _range(value: Any, kind: Any, types: Types) -> bool:
    if not isinstance(value, RangeValue):
        return False
    return conforms(value.low, kind.item, types) and conforms(value.high, kind.item, types)


def _context(value: Any, kind: Any, types: Types) -> bool:
    if not isinstance(value, dict):
        return False
    return all(name in value and conforms(value[name], entry, types) for name, entry in kind.entries)


def _function(value: Any, kind: Any, types: Types) -> bool:
    return isinstance(value, FunctionValue) and len(value.parameters) == len(kind.parameters)


def _constrained(value: Any, kind: Any, types: Types) -> bool:
    return conforms(value, kind.base, types) and kind.allows(value)


_CONFORMS: dict[type, Callable[[Any, Any, Types], bool]] = {
    ListType: _list,
    RangeType: _range,
    ContextType: _context,
    FunctionType: _function,
    Constrained: _constrained,
}


def coerce(value: Any, kind: Type, types: Types) -> Any:
    """Return the value as a type wants it, or null if it cannot be (DMN 1.5 section 10.3.2.9.4).

    A list of one becomes its item, an item the list of itself, a date its midnight in UTC.
    """
    if value is None or conforms(value, kind, types):
        return value
    found = resolve(kind, types)
    if isinstance(value, tuple) and len(value) == 1 and conforms(value[0], kind, types):
        return value[0]
    if _base(found, types) == Simple("date and time") and isinstance(value, Date):
        return midnight(value, 0)
    wraps = isinstance(_base(found, types), ListType) and conforms((value,), kind, types)
    return (value,) if wraps else None


def _base(kind: Type | None, types: Types) -> Type | None:
    while isinstance(kind, Constrained):
        kind = resolve(kind.base, types)
    return kind
