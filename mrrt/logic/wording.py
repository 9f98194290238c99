"""How parts of an expression are named in messages, with an example of what they can be."""

from __future__ import annotations

from collections.abc import Iterable

from mrrt.feel import nodes
from mrrt.feel.nodes import Node
from mrrt.feel.values import to_text
from mrrt.logic.shapes import Shape

_WORDS = {
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "list": "a list",
    "context": "a context",
    "date": "a date",
    "time": "a time",
    "date and time": "a date and time",
    "duration": "a duration",
    "range": "a range",
    "function": "a function",
}
_EXAMPLES = {
    "number": "1",
    "string": '"a"',
    "boolean": "true",
    "list": '["a"]',
    "context": "{}",
    "date": '@"2026-01-31"',
    "time": '@"14:30:00"',
    "date and time": '@"2026-01-31T14:30:00"',
    "duration": '@"P1D"',
    "range": "[1..2]",
    "function": "a function",
}


def describe(node: Node) -> str:
    """Return a short name for a part of an expression."""
    if isinstance(node, nodes.Literal):
        return to_text(node.value, inside=True) or "null"
    if isinstance(node, nodes.Name):
        return f'"{node.name}"'
    if isinstance(node, nodes.Path):
        return f"{describe(node.operand)}.{node.name}"
    if isinstance(node, nodes.Call | nodes.Invoke):
        return f"{node.function}(...)" if isinstance(node, nodes.Call) else "the result"
    return f"the {_PARTS.get(type(node), 'expression')}"


_PARTS: dict[type, str] = {
    nodes.Arithmetic: "sum or product",
    nodes.Comparison: "comparison",
    nodes.Logical: "condition",
    nodes.If: "choice after if",
    nodes.ListOf: "list",
    nodes.Filter: "filter",
    nodes.Negation: "negative",
}


def kinds_in_words(shape: Shape) -> str:
    """Return what a value is, in words."""
    return " or ".join(sorted(_WORDS.get(kind, kind) for kind in shape.kinds or ())) or "unknown"


def said(node: Node, shape: Shape) -> str:
    """Return a statement of what a part is."""
    return f"{describe(node)} is {kinds_in_words(shape)}"


def example(node: Node, shape: Shape) -> str:
    """Return FEEL that stands for a part: itself if it is a literal, else a value that it can have."""
    if isinstance(node, nodes.Literal):
        return describe(node)
    if shape.texts:
        return f'"{min(shape.texts)}"'
    return next((_EXAMPLES[kind] for kind in sorted(shape.kinds or ()) if kind in _EXAMPLES), "null")


def texts_listed(texts: Iterable[str]) -> str:
    """Return texts in quotes, in order; not more than a dozen."""
    shown = [f'"{text}"' for text in sorted(texts)]
    return ", ".join(shown[:12]) + (", ..." if len(shown) > 12 else "")
