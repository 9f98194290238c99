"""The syntax tree of FEEL: immutable, and the only thing the parser and the compiler share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mrrt.feel.types import Type


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, string, boolean, null, or the date, time or duration of an at-literal."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a built-in function, or `?`, the value a unary test is about."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Negation:
    """-x"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """x op y with op one of + - * / **"""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """x op y with op one of = != < <= > >="""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logical:
    """x and y, x or y, in three-valued logic (DMN 1.5 table 50)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Range:
    """[a..b], (a..b), ]a..b[ and their mixtures."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class OpenRange:
    """(< a), (>= a), (= a): a range made by a test."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Span:
    """a..b after `for x in`; it may run downwards."""

    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """Comma separated tests of `?`; negated by not(...). No tests at all is "-", which is true for anything."""

    tests: tuple[Node, ...]
    negated: bool = False

    @property
    def is_any(self) -> bool:
        """Tell whether this is "-"."""
        return not self.tests


@dataclass(frozen=True, slots=True)
class Membership:
    """x in tests"""

    operand: Node
    tests: UnaryTests


@dataclass(frozen=True, slots=True)
class If:
    """if c then a else b"""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class For:
    """for x in xs, y in ys return body"""

    iterators: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified:
    """some (or every) x in xs satisfies condition"""

    every: bool
    iterators: tuple[tuple[str, Node], ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    """[a, b, c]"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """{a: x, b: y}"""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """x.name"""

    operand: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """x[condition or index]"""

    operand: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call:
    """f(a, b) or f(p: a, q: b)"""

    function: str
    arguments: tuple[Node, ...]
    names: tuple[str, ...]
    """Parameter names of a named call, else empty."""
    position: int


@dataclass(frozen=True, slots=True)
class Invoke:
    """(an expression that gives a function)(a, b)"""

    operand: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """function(a, b: number) body"""

    parameters: tuple[tuple[str, Type], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """x instance of type"""

    operand: Node
    type: Type


Node = (
    Literal
    | Name
    | Negation
    | Arithmetic
    | Comparison
    | Logical
    | Range
    | OpenRange
    | Span
    | UnaryTests
    | Membership
    | If
    | For
    | Quantified
    | ListOf
    | Context
    | Path
    | Filter
    | Call
    | Invoke
    | Function
    | InstanceOf
)
