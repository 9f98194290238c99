"""Syntax tree to a function of the variables: compiled once, evaluated often.

Two readings of null. The standard one (DMN 1.5) takes an `if` with a null condition for false. In reports null is
"nobody knows", and `unknown_if=True` makes such an `if` null too, unless both branches agree: a missing velocity
must not choose the harmless branch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from mrrt.errors import MrrtError
from mrrt.feel import nodes
from mrrt.feel.builtins import BUILTINS, Builtin, Mismatch
from mrrt.feel.nodes import Node
from mrrt.feel.values import NUMBERS, RangeValue, compare, conjunction, disjunction, equal, truth

Variables = Mapping[str, Any]
Evaluate = Callable[[Variables], Any]
Function = Callable[..., Any]
MAX_ITERATIONS = 100_000


class LimitExceeded(MrrtError):
    """An evaluation did more work than is allowed."""


class UnknownName(MrrtError):
    """An expression uses a name that nothing defines; `name` and `position` say which and where."""

    def __init__(self, name: str, position: int) -> None:
        self.name = name
        self.position = position
        super().__init__(f'nothing here is called "{name}" (character {position + 1})')


class Compiler:
    """Compiles trees; `functions` are those of the model, called with keyword arguments by parameter name."""

    def __init__(self, functions: Mapping[str, UserFunction] | None = None, *, unknown_if: bool = False) -> None:
        self._functions = functions or {}
        self._unknown_if = unknown_if

    def compile(self, node: Node) -> Evaluate:
        """Return the function that evaluates the tree; it never raises on bad data, it gives null."""
        return _COMPILE[type(node)](self, node)

    def _literal(self, node: nodes.Literal) -> Evaluate:
        value = node.value
        return lambda _: value

    def _name(self, node: nodes.Name) -> Evaluate:
        name = node.name
        return lambda variables: variables.get(name)

    def _negation(self, node: nodes.Negation) -> Evaluate:
        operand = self.compile(node.operand)

        def evaluate(variables: Variables) -> Any:
            value = operand(variables)
            return -value if isinstance(value, Decimal) else None

        return evaluate

    def _arithmetic(self, node: nodes.Arithmetic) -> Evaluate:
        left, right, operator = self.compile(node.left), self.compile(node.right), _ARITHMETIC[node.operator]
        adds = node.operator == "+"

        def evaluate(variables: Variables) -> Any:
            a, b = left(variables), right(variables)
            if isinstance(a, Decimal) and isinstance(b, Decimal):
                return _finite(operator, a, b)
            return a + b if adds and isinstance(a, str) and isinstance(b, str) else None

        return evaluate

    def _comparison(self, node: nodes.Comparison) -> Evaluate:
        left, right, operator = self.compile(node.left), self.compile(node.right), node.operator
        return lambda variables: compare(operator, left(variables), right(variables))

    def _logical(self, node: nodes.Logical) -> Evaluate:
        left, right = self.compile(node.left), self.compile(node.right)
        combine = conjunction if node.operator == "and" else disjunction
        return lambda variables: combine(truth(left(variables)), truth(right(variables)))

    def _range(self, node: nodes.Range) -> Evaluate:
        low = self.compile(node.low) if node.low else lambda _: None
        high = self.compile(node.high) if node.high else lambda _: None
        return lambda variables: RangeValue(low(variables), high(variables), node.low_closed, node.high_closed)

    def _tests(self, node: nodes.UnaryTests) -> Evaluate:
        """Compile tests of `?`; the result is true, false or null."""
        if node.is_any:
            return lambda _: True
        tests = tuple((self.compile(test), _is_boolean(test)) for test in node.tests)
        negated = node.negated

        def evaluate(variables: Variables) -> bool | None:
            value = variables.get("?")
            result: bool | None = False
            for test, boolean in tests:
                result = disjunction(result, _passes(test(variables), value, boolean))
            return result if result is None or not negated else not result

        return evaluate

    def _membership(self, node: nodes.Membership) -> Evaluate:
        operand, tests = self.compile(node.operand), self.compile(node.tests)
        return lambda variables: tests({**variables, "?": operand(variables)})

    def _if(self, node: nodes.If) -> Evaluate:
        condition, then, otherwise = (self.compile(part) for part in (node.condition, node.then, node.otherwise))
        unknown_if = self._unknown_if

        def evaluate(variables: Variables) -> Any:
            known = truth(condition(variables))
            if known is None and unknown_if:
                value = then(variables)
                return value if equal(value, otherwise(variables)) is True else None
            return then(variables) if known else otherwise(variables)

        return evaluate

    def _for(self, node: nodes.For) -> Evaluate:
        body, rows = self.compile(node.body), self._rows(node.iterators)

        def evaluate(variables: Variables) -> Any:
            scopes = rows(variables)
            return None if scopes is None else tuple(body(scope) for scope in scopes)

        return evaluate

    def _quantified(self, node: nodes.Quantified) -> Evaluate:
        condition, rows = self.compile(node.condition), self._rows(node.iterators)
        combine, start = (conjunction, True) if node.every else (disjunction, False)

        def evaluate(variables: Variables) -> Any:
            scopes = rows(variables)
            if scopes is None:
                return None
            result: bool | None = start
            for scope in scopes:
                result = combine(result, truth(condition(scope)))
            return result

        return evaluate

    def _rows(self, iterators: tuple[tuple[str, Node], ...]) -> Callable[[Variables], list[Variables] | None]:
        """Return the scopes of a for or some/every: one for each combination of items."""
        sources = tuple((name, self.compile(source)) for name, source in iterators)

        def rows(variables: Variables) -> list[Variables] | None:
            scopes: list[Variables] = [variables]
            for name, source in sources:
                lists = [_iterable(source(scope)) for scope in scopes]
                if any(items is None for items in lists):
                    return None
                found = zip(scopes, lists, strict=True)
                pairs = ({**scope, name: item} for scope, items in found for item in items or ())
                scopes = list(itertools.islice(pairs, MAX_ITERATIONS + 1))
                if len(scopes) > MAX_ITERATIONS:
                    raise LimitExceeded(f"a loop runs more than {MAX_ITERATIONS} times")
            return scopes

        return rows

    def _list(self, node: nodes.ListOf) -> Evaluate:
        items = tuple(self.compile(item) for item in node.items)
        return lambda variables: tuple(item(variables) for item in items)

    def _context(self, node: nodes.Context) -> Evaluate:
        entries = tuple((key, self.compile(value)) for key, value in node.entries)

        def evaluate(variables: Variables) -> Any:
            result: dict[str, Any] = {}
            for key, value in entries:
                result[key] = value({**variables, **result})
            return result

        return evaluate

    def _path(self, node: nodes.Path) -> Evaluate:
        operand, name = self.compile(node.operand), node.name

        def evaluate(variables: Variables) -> Any:
            value = operand(variables)
            if isinstance(value, tuple):
                return tuple(item.get(name) if isinstance(item, dict) else None for item in value)
            return value.get(name) if isinstance(value, dict) else None

        return evaluate

    def _filter(self, node: nodes.Filter) -> Evaluate:
        operand, condition = self.compile(node.operand), self.compile(node.condition)

        def evaluate(variables: Variables) -> Any:
            value = operand(variables)
            if value is None:
                return None
            items = value if isinstance(value, tuple) else (value,)
            index = condition(variables)
            if isinstance(index, Decimal):
                return _indexed(items, index)
            return tuple(item for item in items if condition(_item_scope(variables, item)) is True)

        return evaluate

    def _call(self, node: nodes.Call) -> Evaluate:
        arguments = tuple(self.compile(argument) for argument in node.arguments)
        if node.function in self._functions:
            return self._user_call(node, arguments)
        builtin = BUILTINS.get(node.function)
        if builtin is None:
            raise UnknownName(node.function, node.position)
        order = tuple(node.names)

        def evaluate(variables: Variables) -> Any:
            return _call_builtin(builtin, [argument(variables) for argument in arguments], order)

        return evaluate

    def _user_call(self, node: nodes.Call, arguments: tuple[Evaluate, ...]) -> Evaluate:
        function = self._functions[node.function]
        names = node.names or function.parameters
        unknown = [name for name in names if name not in function.parameters]
        if unknown or len(names) != len(arguments):
            wanted = ", ".join(function.parameters)
            raise MrrtError(f'"{node.function}" takes the parameters {wanted}; it is called with other ones')
        pairs = tuple(zip(names, arguments, strict=True))
        blank = dict.fromkeys(function.parameters)
        return lambda variables: function.call(
            {**blank, **{name: value(variables) for name, value in pairs}}, variables
        )


class UserFunction:
    """A function of the model: a business knowledge model (DMN 1.5 section 6.3.9)."""

    def __init__(self, parameters: tuple[str, ...], call: Callable[[dict[str, Any], Variables], Any]) -> None:
        self.parameters = parameters
        self.call = call


_COMPILE: dict[type, Callable[[Compiler, Any], Evaluate]] = {
    nodes.Literal: Compiler._literal,
    nodes.Name: Compiler._name,
    nodes.Negation: Compiler._negation,
    nodes.Arithmetic: Compiler._arithmetic,
    nodes.Comparison: Compiler._comparison,
    nodes.Logical: Compiler._logical,
    nodes.Range: Compiler._range,
    nodes.UnaryTests: Compiler._tests,
    nodes.Membership: Compiler._membership,
    nodes.If: Compiler._if,
    nodes.For: Compiler._for,
    nodes.Quantified: Compiler._quantified,
    nodes.ListOf: Compiler._list,
    nodes.Context: Compiler._context,
    nodes.Path: Compiler._path,
    nodes.Filter: Compiler._filter,
    nodes.Call: Compiler._call,
}

_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
    "**": NUMBERS.power,
}


def _finite(operator: Callable[[Decimal, Decimal], Decimal], a: Decimal, b: Decimal) -> Decimal | None:
    try:
        result = operator(a, b)
    except DecimalException:
        return None
    return result if result.is_finite() else None


def _is_boolean(test: Node) -> bool:
    """Tell whether a test states a condition itself, rather than a value or range to compare with."""
    if isinstance(test, nodes.Call):
        return test.function in (
            "not",
            "contains",
            "starts with",
            "ends with",
            "matches",
            "list contains",
            "all",
            "any",
        )
    return isinstance(test, nodes.Comparison | nodes.Logical | nodes.Membership | nodes.Quantified)


def _passes(test: Any, value: Any, boolean: bool) -> bool | None:
    """Apply one unary test to a value (DMN 1.5 section 7.3.3)."""
    if boolean:
        return truth(test)
    if test is None:
        return value is None
    if value is None:
        return None
    if isinstance(test, RangeValue):
        return test.holds(value)
    if isinstance(test, tuple) and not isinstance(value, tuple):
        return any(_passes(item, value, False) is True for item in test)
    return equal(value, test)


def _iterable(value: Any) -> tuple[Any, ...] | None:
    if value is None:
        return None
    if isinstance(value, RangeValue):
        return _integers(value)
    return value if isinstance(value, tuple) else (value,)


def _integers(value: RangeValue) -> tuple[Any, ...] | None:
    if not isinstance(value.low, Decimal) or not isinstance(value.high, Decimal):
        return None
    low, high = int(value.low), int(value.high)
    if abs(high - low) > MAX_ITERATIONS:
        raise LimitExceeded(f"a loop runs more than {MAX_ITERATIONS} times")
    step = 1 if low <= high else -1
    return tuple(Decimal(number) for number in range(low, high + step, step))


def _indexed(items: tuple[Any, ...], index: Decimal) -> Any:
    position = int(index)
    if index != position or position == 0 or abs(position) > len(items):
        return None
    return items[position - 1 if position > 0 else position]


def _item_scope(variables: Variables, item: Any) -> Variables:
    return {**variables, **(item if isinstance(item, dict) else {}), "item": item}


def _call_builtin(builtin: Builtin, arguments: list[Any], names: tuple[str, ...]) -> Any:
    try:
        if names:
            by_name = dict(zip(names, arguments, strict=True))
            arguments = [by_name.pop(name, None) for name in builtin.parameters]
            if by_name:
                return None
        if builtin.variadic:
            single = len(arguments) == 1 and isinstance(arguments[0], tuple)
            if len(arguments) == 1 and arguments[0] is None:
                return None
            return builtin.function(arguments[0] if single else tuple(arguments))
        return builtin.function(*arguments)
    except (Mismatch, TypeError, DecimalException):
        return None
