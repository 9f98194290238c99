"""Expressions of the shapes that occur most, evaluated in one step where the general way takes several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from mrrt.feel.builtins import BUILTINS
from mrrt.feel.calls import Evaluate, Variables
from mrrt.feel.constant_tests import PLAIN_ORDER
from mrrt.feel.nodes import Literal, Name, Node
from mrrt.feel.values import compare


def plain_name(node: Node) -> str | None:
    """Return the name of a variable, where the expression is one and cannot mean a built-in function."""
    return node.name if isinstance(node, Name) and node.name not in BUILTINS else None


def compared_with(node: Node, left: Evaluate, symbol: str, constant: Any) -> Evaluate:
    """Return the comparison of `node`, compiled as `left`, with a constant: one step for values of its own type."""
    kind, equality, name = type(constant), symbol in ("=", "!="), plain_name(node)
    if constant is None and equality:
        return _compared_with_null(name, left, symbol == "=")
    if kind not in ((Decimal, str, bool) if equality else (Decimal, str)):
        return lambda variables: compare(symbol, left(variables), constant)
    holds = PLAIN_ORDER[symbol]

    def evaluate(variables: Variables) -> Any:
        value = left(variables)
        return holds(value, constant) if type(value) is kind else compare(symbol, value, constant)

    if name is None:
        return evaluate
    variable: str = name

    def of_variable(variables: Variables) -> Any:
        value = variables.get(variable)
        return holds(value, constant) if type(value) is kind else compare(symbol, value, constant)

    return of_variable


def _compared_with_null(name: str | None, left: Evaluate, wanted: bool) -> Evaluate:
    if name is None:
        return lambda variables: (left(variables) is None) is wanted
    return lambda variables: (variables.get(name) is None) is wanted


def listed(nodes: Sequence[Node], items: Sequence[Evaluate]) -> Evaluate:
    """Return the list of these items."""
    names = [name for node in nodes if (name := plain_name(node)) is not None]
    if len(names) == len(nodes):
        return lambda variables: tuple(map(variables.get, names))
    return lambda variables: tuple([item(variables) for item in items])


def named_arguments(
    names: Sequence[str], nodes: Sequence[Node], arguments: Sequence[Evaluate]
) -> Callable[[Variables], dict[str, Any]]:
    """Return the function that makes the arguments of a call: constants beforehand, variables without a call each."""
    constants, plain, computed = dict[str, Any](), [], []
    for name, node, argument in zip(names, nodes, arguments, strict=True):
        variable = plain_name(node)
        if isinstance(node, Literal):
            constants[name] = node.value
        elif variable is not None:
            plain.append((name, variable))
        else:
            computed.append((name, argument))

    def make(variables: Variables) -> dict[str, Any]:
        made, get = constants.copy(), variables.get
        for name, variable in plain:
            made[name] = get(variable)
        for name, argument in computed:
            made[name] = argument(variables)
        return made

    return make
