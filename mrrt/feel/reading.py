"""What can be said of an expression before it is evaluated, so that evaluating it costs less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mrrt.feel import nodes
from mrrt.feel.limits import EVALUATION, TRACE
from mrrt.feel.names import parts
from mrrt.feel.names import variables as free_variables
from mrrt.feel.nodes import Node


def is_boolean(test: Node) -> bool:
    """Tell whether a test states a condition itself, rather than a value or range to compare with."""
    if isinstance(test, nodes.Comparison | nodes.Logical | nodes.Membership | nodes.Quantified | nodes.InstanceOf):
        return True
    if isinstance(test, nodes.Call) and test.function in _PREDICATES:
        return True
    return any(name.name == "?" for name in _mentions(test))


_PREDICATES = frozenset(
    {"not", "contains", "starts with", "ends with", "matches", "list contains", "all", "any", "odd", "even", "is"}
)


def _mentions(node: Any) -> Iterator[nodes.Name]:
    return free_variables(node, bound=frozenset())


_SIMPLE = (
    nodes.Literal, nodes.Name, nodes.Negation, nodes.Arithmetic, nodes.Comparison, nodes.Logical, nodes.Path,
    nodes.Call, nodes.If, nodes.Membership, nodes.UnaryTests, nodes.Range, nodes.ListOf,
)  # fmt: skip


def all_it_reads(node: Node) -> frozenset[str] | None:
    """Return every variable that an expression can look up; None where it opens scopes of its own.

    Functions of the model see their arguments, and of what is around the call no more than where to note decisions.
    """
    inside = list(parts(node))
    if not all(isinstance(part, _SIMPLE) for part in inside):
        return None
    return frozenset({EVALUATION, TRACE, "?", *(part.name for part in inside if isinstance(part, nodes.Name))})


def narrowed(variables: Mapping[str, Any], names: frozenset[str] | None) -> Mapping[str, Any]:
    """Return the variables of these names, all if that is not known."""
    return variables if names is None else {name: variables[name] for name in names if name in variables}


def refers_to_itself(context: nodes.Context) -> bool:
    """Tell whether an entry may look at another one, by its name or from within a function."""
    keys = {key for key, _ in context.entries}
    inside = [part for _, value in context.entries for part in parts(value)]
    return any(
        isinstance(part, nodes.Function)
        or (isinstance(part, nodes.Name) and part.name in keys)
        or (isinstance(part, nodes.Call) and part.function in keys)
        for part in inside
    )
