"""Filters: which items of a list are kept (DMN 1.5 section 10.3.2.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mrrt.feel import nodes
from mrrt.feel.calls import Evaluate, Variables
from mrrt.feel.limits import evaluation
from mrrt.feel.names import entries_read, parts
from mrrt.feel.nodes import Node
from mrrt.feel.reading import is_boolean, narrowed, refers_to_itself

_ITEM = "item"
_OF_ONE_ITEM = (nodes.Comparison, nodes.Logical, nodes.Path, nodes.Literal, nodes.Name)
"""What a condition may consist of that looks at nothing but entries of the item."""
_PUT_OFF = (nodes.Literal, nodes.Name)
"""What an entry may be that nobody looks at before the context is kept: it costs nothing and notes no decision."""


def select(
    items: tuple[Any, ...], condition: Evaluate, variables: Variables, names: frozenset[str] | None = None
) -> Any:
    """Return the items for which the condition is true; null if it is something else than true, false or null.

    `names` are all that the condition reads, if that is known.
    """
    evaluation(variables).spend(len(items))
    around = narrowed(variables, names)
    kept = []
    for item in items:
        entries = isinstance(item, dict) and (names is None or not names.isdisjoint(item))
        held = condition({**around, _ITEM: item, **item} if entries else {**around, _ITEM: item})
        if held is True:
            kept.append(item)
        elif held is not None and held is not False:
            return None
    return tuple(kept)


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
    entries = {entry for entry in entries_read(node.condition, _ITEM) if entry is not None}
    contexts = node.operand.items if isinstance(node.operand, nodes.ListOf) else ()
    if not contexts or not _asks_for_entries(node.condition):
        return None
    written = [_written(context, entries, compile_node) for context in contexts]
    known = tuple(one for one in written if one is not None)
    return _filter(known, compile_node(node.condition)) if len(known) == len(written) else None


def _asks_for_entries(condition: Node) -> bool:
    names = [part for part in parts(condition) if isinstance(part, nodes.Name)]
    simple = all(isinstance(part, _OF_ONE_ITEM) for part in parts(condition))
    whole = None in entries_read(condition, _ITEM)
    return is_boolean(condition) and simple and not whole and all(name.name == _ITEM for name in names)


def _written(context: Node, asked: set[str], compile_node: Callable[[Node], Evaluate]) -> _Written | None:
    if not isinstance(context, nodes.Context) or refers_to_itself(context):
        return None
    entries = dict(context.entries)
    put_off = all(key in asked or isinstance(value, _PUT_OFF) for key, value in entries.items())
    if len(entries) < len(context.entries) or _ITEM in entries or not put_off:
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
        evaluation(variables).spend(len(made))
        kept = []
        for item, (constants, _, rest) in zip(items, made, strict=True):
            held = condition({_ITEM: item})
            if held is True:
                kept.append({**constants, **item, **{key: value(variables) for key, value in rest}})
            elif held is not None and held is not False:
                return None
        return tuple(kept)

    return evaluate
