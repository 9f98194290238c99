"""Names that an expression uses and nothing defines: a null is explained by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mrrt.dmn.boxed import Scope
from mrrt.dmn.model import ContextExpression, Expression, LiteralExpression, TableExpression
from mrrt.feel import parse_expression
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.names import calls, variables
from mrrt.feel.nodes import Filter, Name, Node


def unknown_names(expression: Expression | None, scope: Scope) -> Iterator[Name]:
    """Yield the unknown names of literal expressions, tables and contexts.

    A name within a filter may be an entry of the items, which only the data tell: those count as known.
    """
    if isinstance(expression, LiteralExpression):
        yield from _unknown(_parsed(expression.text, scope), scope)
    elif isinstance(expression, TableExpression):
        yield from _unknown_of_table(expression, scope)
    elif isinstance(expression, ContextExpression):
        for variable, part in expression.entries:
            yield from unknown_names(part, scope.with_names(variable.name) if variable else scope)
            scope = scope.with_names(variable.name) if variable else scope


def _unknown_of_table(table: TableExpression, scope: Scope) -> Iterator[Name]:
    for clause in table.inputs:
        yield from _unknown(_parsed(clause.text, scope), scope)
    for rule in table.rules:
        for cell in rule.inputs:
            yield from _unknown(scope.tests(cell), scope)
        for text in rule.outputs:
            yield from _unknown(_parsed(text, scope), scope)


def _parsed(text: str, scope: Scope) -> Node | None:
    return parse_expression(text, scope.names.union(scope.types), scope.members) if text.strip() else None


def _unknown(node: Node | None, scope: Scope) -> Iterator[Name]:
    if node is None:
        return
    perhaps = {name.name for condition in _conditions(node) for name in variables(condition)}
    known = scope.names | BUILTINS.keys() | perhaps
    yield from (name for name in variables(node) if name.name not in known)
    for call in calls(node):
        if call.function not in known:
            yield Name(call.function, call.position)


def _conditions(node: Any) -> Iterator[Node]:
    if isinstance(node, Filter):
        yield node.condition
    if isinstance(node, tuple):
        parts: tuple[Any, ...] = node
    else:
        parts = tuple(getattr(node, name) for name in getattr(node, "__dataclass_fields__", ()))
    for part in parts:
        yield from _conditions(part)
