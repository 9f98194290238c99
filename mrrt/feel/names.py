"""Which variables and functions an expression uses: for dependency order and for errors at load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from mrrt.feel import nodes
from mrrt.feel.nodes import Node


def variables(node: Node, bound: frozenset[str] = frozenset({"?"})) -> Iterator[nodes.Name]:
    """Yield the free variables of an expression; loop variables, parameters, `item` and `?` are bound, not free."""
    yield from _free(node, bound)


def calls(node: Any) -> Iterator[nodes.Call]:
    """Yield all function calls in an expression."""
    if isinstance(node, nodes.Call):
        yield node
    for child in _children(node):
        yield from calls(child)


def parts(node: Any) -> Iterator[Any]:
    """Yield the expression and every node within it."""
    if not isinstance(node, tuple):
        yield node
    for child in _children(node):
        yield from parts(child)


def entries_read(node: Any, variable: str) -> Iterator[str | None]:
    """Yield what an expression reads of a variable that is a context: the name of an entry, or None for all of it."""
    if isinstance(node, nodes.Path) and isinstance(node.operand, nodes.Name) and node.operand.name == variable:
        yield node.name
    elif isinstance(node, nodes.Name) and node.name == variable:
        yield None
    else:
        for child in _children(node):
            yield from entries_read(child, variable)


def _free(node: Any, bound: frozenset[str]) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        if node.name not in bound:
            yield node
    elif isinstance(node, nodes.For | nodes.Quantified):
        yield from _free_in_loop(node, bound)
    elif isinstance(node, nodes.Function):
        yield from _free(node.body, bound | {name for name, _ in node.parameters})
    elif isinstance(node, nodes.Filter):
        yield from _free(node.operand, bound)
        yield from _free(node.condition, bound | {"item"})
    elif isinstance(node, nodes.Context):
        for key, value in node.entries:
            yield from _free(value, bound)
            bound |= {key}
    else:
        for child in _children(node):
            yield from _free(child, bound)


def _free_in_loop(node: nodes.For | nodes.Quantified, bound: frozenset[str]) -> Iterator[nodes.Name]:
    for name, source in node.iterators:
        yield from _free(source, bound)
        bound |= {name}
    if isinstance(node, nodes.For):
        yield from _free(node.body, bound | {"partial"})
    else:
        yield from _free(node.condition, bound)


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node):
        for field in fields(node):
            value = getattr(node, field.name)
            if isinstance(value, tuple) or is_dataclass(value):
                yield value
