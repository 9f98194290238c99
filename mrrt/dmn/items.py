"""Item definitions to types (DMN 1.5 section 7.3.2): structures, collections, allowed values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mrrt.dmn.model import ItemDefinition
from mrrt.feel import Compiler, parse_unary_tests
from mrrt.feel.types import ANY, Constrained, ContextType, FunctionType, ListType, Simple, Type


def type_of(name: str | None) -> Type:
    """Return the type of a declared name; what declares none takes anything."""
    return Simple(name) if name else ANY


def types_of(items: tuple[ItemDefinition, ...]) -> dict[str, Type]:
    """Return the types of a model by name."""
    return {item.name: _type(item) for item in items}


def _type(item: ItemDefinition) -> Type:
    if item.parameters is not None:
        return FunctionType(tuple(type_of(parameter.type) for parameter in item.parameters), type_of(item.type))
    kind: Type = type_of(item.type)
    if item.components:
        kind = ContextType(tuple((part.name, _type(part)) for part in item.components))
    if item.allowed:
        kind = Constrained(kind, _tester(item.allowed))
    if item.collection:
        kind = ListType(kind)
    return Constrained(kind, _tester(item.constraint)) if item.constraint else kind


def _tester(text: str) -> Callable[[Any], bool]:
    """Return what tells whether a value passes unary tests; read when first needed."""
    compiled: list[Callable[[Any], Any]] = []

    def allows(value: Any) -> bool:
        if not compiled:
            compiled.append(Compiler(dynamic=True).compile(parse_unary_tests(text)))
        return compiled[0]({"?": value}) is True

    return allows


def component_names(items: tuple[ItemDefinition, ...]) -> Iterator[str]:
    """Yield the names of all components."""
    for item in items:
        for part in item.components:
            yield part.name
        yield from component_names(item.components)
