"""Filters: which items of a list are kept (DMN 1.5 section 10.3.2.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mrrt.feel import nodes
from mrrt.feel.calls import Evaluate, Variables
from mrrt.feel.limits import spend
from mrrt.feel.names import parts
from mrrt.feel.nodes import Node
from mrrt.feel.reading import is_boolean, narrowed, refers_to_itself

_ITEM = "item"
_PUT_OFF = (nodes.Literal, nodes.Name)
"""What an entry may be that nobody looks at before the context is kept: it costs nothing and notes no decision."""


def select(
    items: tuple[Any, ...], condition: Evaluate, variables: Variables, names: frozenset[str] | None = None
) -> Any:
    """Return the items for which the condition is true; null if it is something else than true, false or null.

    `names` are all that the condition reads, if that is known.
    """
    spend(variables, len(items))
    around = {**narrowed(variables, names)}
    kept = []
    for item in items:
        if isinstance(item, dict) and (names is None or not names.isdisjoint(item)):
            held = condition({**around, _ITEM: item, **item})
        elif names is None:
            held = condition({**around, _ITEM: item})
        else:
            around[_ITEM] = item  # one scope for all: what opens no scope of its own keeps none
            held = condition(around)
        if held is True:
            kept.append(item)
        elif held is not None and held is not False:
            return None
    return tuple(kept)


_KNOWN = nodes.Comparison("!=", nodes.Name(_ITEM, 0), nodes.Literal(None))


def keeps_known(condition: Node) -> bool:
    """Tell whether a condition is `item != null`."""
    if not isinstance(condition, nodes.Comparison) or not isinstance(condition.left, nodes.Name):
        return False
    return replace(condition, left=replace(condition.left, position=0)) == _KNOWN


def known_items(operand: Evaluate) -> Evaluate:
    """Return the filter `[item != null]`; an entry of a context that is called item stands for the context."""

    def evaluate(variables: Variables) -> Any:
        value = operand(variables)
        if value is None:
            return None
        items = value if isinstance(value, tuple) else (value,)
        spend(variables, len(items))
        return tuple([item for item in items if item is not None and (type(item) is not dict or _is_known(item))])

    return evaluate


def _is_known(context: dict[str, Any]) -> bool:
    return context.get(_ITEM, context) is not None


@dataclass(frozen=True, slots=True)
class _Written:
    """A context that is written out: with its constants only, what is asked of it, and what else is to be evaluated."""

    constants: dict[str, Any]
    asked: tuple[tuple[str, Evaluate], ...]
    rest: tuple[tuple[str, Evaluate], ...]


def compile_written(node: nodes.Filter, compile_node: Callable[[Node], Evaluate]) -> Evaluate | None:
    """Return the filter of a list of contexts that is written out, such as a list of cautions with their conditions.

    Only those that are kept are made. None where the condition asks for more than entries of the item, or where it
    would make a difference that a context is not made.
    """
    contexts = node.operand.items if isinstance(node.operand, nodes.ListOf) else ()
    if not contexts or not is_boolean(node.condition):
        return None
    condition = _of_entries(node.condition)
    asked = {part.name for part in parts(condition) if isinstance(part, nodes.Name)}
    written = [_written(context, asked, compile_node) for context in contexts]
    known = tuple(one for one in written if one is not None)
    if condition is None or len(known) < len(written):
        return None
    return _filter(known, compile_node(condition))


def _of_entries(condition: Node) -> Node | None:
    """Return a condition as one of the entries themselves, `when = true` for `item.when = true`, if it is no more."""
    match condition:
        case nodes.Literal():
            return condition
        case nodes.Path(operand=nodes.Name(name=variable, position=position), name=entry) if variable == _ITEM:
            return nodes.Name(entry, position)
        case nodes.Comparison() | nodes.Logical():
            left, right = _of_entries(condition.left), _of_entries(condition.right)
            return None if left is None or right is None else replace(condition, left=left, right=right)
        case _:
            return None


def _written(context: Node, asked: set[str], compile_node: Callable[[Node], Evaluate]) -> _Written | None:
    if not isinstance(context, nodes.Context) or refers_to_itself(context):
        return None
    entries = dict(context.entries)
    put_off = all(key in asked or isinstance(value, _PUT_OFF) for key, value in entries.items())
    if len(entries) < len(context.entries) or not put_off or not asked <= entries.keys():
        return None
    return _Written(
        {key: value.value if isinstance(value, nodes.Literal) else None for key, value in entries.items()},
        tuple((key, compile_node(value)) for key, value in entries.items() if key in asked),
        tuple(
            (key, compile_node(value))
            for key, value in entries.items()
            if key not in asked and not isinstance(value, nodes.Literal)
        ),
    )


def _filter(contexts: tuple[_Written, ...], condition: Evaluate) -> Evaluate:
    made = tuple((one.constants, one.asked, one.rest) for one in contexts)

    def evaluate(variables: Variables) -> Any:
        items = [{key: value(variables) for key, value in asked} for _, asked, _ in made]
        spend(variables, len(made))
        kept = []
        for item, (constants, _, rest) in zip(items, made, strict=True):
            held = condition(item)
            if held is True:
                kept.append({**constants, **item, **{key: value(variables) for key, value in rest}})
            elif held is not None and held is not False:
                return None
        return tuple(kept)

    return evaluate
