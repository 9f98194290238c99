"""Unary tests that compare with constants only, as functions of the value: most cells of a table are such."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mrrt.feel.nodes import Comparison, Literal, Name, Negation, Node, Range, UnaryTests
from mrrt.feel.operators import negative
from mrrt.feel.values import RangeValue, compare, equal

Test = Callable[[Any], bool | None]

PLAIN_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""How two numbers, or two texts, compare."""
_NO = object()


def constant_test(tests: UnaryTests) -> Test | None:
    """Return the function that applies the tests to a value (DMN 1.5 section 7.3.3); None where they compute."""
    if tests.is_any:
        return lambda _: True
    found = [_test(test) for test in tests.tests]
    parts = tuple(test for test in found if test is not None)
    if len(parts) < len(found):
        return None
    whole = parts[0] if len(parts) == 1 else _listed(tests.tests, _any_of(parts))
    return _negated(whole) if tests.negated else whole


def _any_of(parts: tuple[Test, ...]) -> Test:
    def test(value: Any) -> bool | None:
        result: bool | None = False
        for part in parts:
            one = part(value)
            if one is True:
                return True
            if one is None:
                result = None
        return result

    return test


def _listed(nodes: tuple[Node, ...], otherwise: Test) -> Test:
    """Look texts up where nothing but texts and null are listed."""
    constants = [_constant(node) for node in nodes]
    if not all(constant is None or type(constant) is str for constant in constants):
        return otherwise
    texts, of_null = frozenset(constants), otherwise(None)

    def test(value: Any) -> bool | None:
        if type(value) is str:
            return value in texts
        return of_null if value is None else otherwise(value)

    return test


def _negated(whole: Test) -> Test:
    def test(value: Any) -> bool | None:
        result = whole(value)
        return result if result is None else not result

    return test


def _constant(node: Node) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, Literal):
        return negative(node.operand.value)
    return _NO


def _test(node: Node) -> Test | None:
    if isinstance(node, Range):
        low, high = _constant(node.low), _constant(node.high)
        return _within(node, low, high) if type(low) is Decimal and type(high) is Decimal else None
    if isinstance(node, Comparison):
        return _compared(node)
    constant = _constant(node)
    if constant is None:
        return lambda value: value is None
    return _equal_to(constant) if type(constant) in (Decimal, str, bool) else None


def _within(node: Range, low: Decimal, high: Decimal) -> Test:
    above, below = PLAIN_ORDER[">=" if node.low_closed else ">"], PLAIN_ORDER["<=" if node.high_closed else "<"]
    whole = RangeValue(low, high, node.low_closed, node.high_closed)

    def test(value: Any) -> bool | None:
        if type(value) is Decimal:
            return above(value, low) and below(value, high)
        if value is None:
            return None
        return equal(value, whole) if isinstance(value, RangeValue) else whole.holds(value)

    return test


def _compared(node: Comparison) -> Test | None:
    """Return `? < 125`, which is what the test `< 125` stands for."""
    constant = _constant(node.right)
    if not (isinstance(node.left, Name) and node.left.name == "?") or type(constant) is not Decimal:
        return None
    symbol, holds = node.operator, PLAIN_ORDER[node.operator]

    def test(value: Any) -> bool | None:
        return holds(value, constant) if type(value) is Decimal else compare(symbol, value, constant)

    return test


def _equal_to(constant: Any) -> Test:
    kind = type(constant)

    def test(value: Any) -> bool | None:
        if type(value) is kind:
            return bool(value == constant)
        return None if value is None else equal(value, constant)

    return test
