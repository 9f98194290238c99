"""What an expression will give, worked out from its tree before any value is there, and what in it cannot be meant.

Honest rather than clever: of what it cannot tell it says nothing. Each finding is something that has no value, or is
never true, whatever is entered. Functions are looked at once by themselves, and once for each kind of arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from mrrt.dmn import DecisionTable
from mrrt.feel import nodes
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.names import variables
from mrrt.feel.nodes import Node
from mrrt.logic.builtin_shapes import PARAMETER, result_of
from mrrt.logic.quantities import clash
from mrrt.logic.shapes import (
    BOOLEAN,
    DURATION,
    NOTHING,
    UNKNOWN,
    Shape,
    constant,
    either,
    list_of,
    of_kind,
)
from mrrt.logic.wording import describe, example, kinds_in_words, said, texts_listed

Scope = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be meant; `line` counts within the table that holds it."""

    rule: str
    message: str
    mend: str = ""
    line: int | None = None
    within: tuple[str, str] | None = None
    """For a choice that is not offered: the function that asks for it, and what it says of itself."""


@dataclass(frozen=True, slots=True)
class Body:
    """A function as it is written: its parameters, and a table or an expression."""

    parameters: tuple[str, ...]
    table: DecisionTable | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class _Analysis:
    result: Shape
    findings: tuple[Finding, ...]


class Inference:
    """Works out shapes over a set of functions; `findings` gathers what was found since it was last taken."""

    def __init__(self, functions: Mapping[str, Body]) -> None:
        self.functions = functions
        self.findings: list[Finding] = []
        self._analyses: dict[str, dict[tuple[Shape, ...], _Analysis]] = {name: {} for name in functions}
        self._line: int | None = None

    def taken(self) -> tuple[Finding, ...]:
        """Return what was found since the last time, each thing once."""
        found = tuple(dict.fromkeys(self.findings))
        self.findings = []
        return found

    def of_function(self, name: str) -> tuple[Finding, ...]:
        """Return what is wrong with a function whatever it is called with."""
        body = self.functions[name]
        return self._analysed(name, (UNKNOWN,) * len(body.parameters)).findings

    def shape(self, node: Node, scope: Scope) -> Shape:
        """Return what is known of the value of an expression."""
        infer = _INFER.get(type(node))
        return UNKNOWN if infer is None else infer(self, node, scope)

    def _find(self, rule: str, message: str, mend: str = "") -> None:
        self.findings.append(Finding(rule, message, mend, self._line))

    # -- names and literals

    def _literal(self, node: nodes.Literal, scope: Scope) -> Shape:
        return constant(node.value)

    def _name(self, node: nodes.Name, scope: Scope) -> Shape:
        if node.name not in scope and node.name in BUILTINS:
            return of_kind("function")
        return scope.get(node.name, UNKNOWN)

    def _context(self, node: nodes.Context, scope: Scope) -> Shape:
        entries: dict[str, Shape] = {}
        for name, value in node.entries:
            entries[name] = self.shape(value, {**scope, **entries})
        return replace(of_kind("context"), entries=tuple(entries.items()))

    def _list(self, node: nodes.ListOf, scope: Scope) -> Shape:
        return list_of(either([self.shape(item, scope) for item in node.items]))

    def _path(self, node: nodes.Path, scope: Scope) -> Shape:
        operand = self.shape(node.operand, scope)
        if operand.item is not None and operand.is_only("list"):
            return list_of(operand.item.entry(node.name))
        return operand.entry(node.name)

    # -- arithmetic

    def _negation(self, node: nodes.Negation, scope: Scope) -> Shape:
        operand = self.shape(node.operand, scope)
        if operand.is_surely_no("number", DURATION):
            self._find("L19", f"-{describe(node.operand)} has no value: {said(node.operand, operand)}")
        return replace(operand, texts=NOTHING, literals=NOTHING)

    def _arithmetic(self, node: nodes.Arithmetic, scope: Scope) -> Shape:
        left, right = self.shape(node.left, scope), self.shape(node.right, scope)
        results = _arithmetic_kinds(node.operator, left, right)
        if results is not None and not results:
            one, other = example(node.left, left), example(node.right, right)
            self._find(
                "L19",
                f"{said(node.left, left)}, {said(node.right, right)}: {one} {node.operator} {other} has no value",
                "Write numbers without quotes; string() turns a number into a text, number() a text into a number.",
            )
            return UNKNOWN
        if node.operator in ("+", "-"):
            self._units_meet(node.left, left, node.right, right, "added" if node.operator == "+" else "subtracted")
        shape = either(of_kind(kind) for kind in results) if results else UNKNOWN
        return replace(shape, units=_arithmetic_units(node, left, right), texts=None)

    def _units_meet(self, left: Node, a: Shape, right: Node, b: Shape, done: str) -> None:
        """Note two numbers that meet in units between which nothing is converted (rule L21)."""
        if not a.units or not b.units:
            return
        clashes = [(one, other, clash(one, other)) for one, other in product(a.units, b.units)]
        if all(why for _, _, why in clashes):
            one, other, why = clashes[0]
            message = f"{describe(left)} is in {one.text} and {describe(right)} in {other.text}: they cannot be {done}"
            self._find("L21", message, _MEND_UNIT[why])

    # -- comparisons

    def _comparison(self, node: nodes.Comparison, scope: Scope) -> Shape:
        left, right = self.shape(node.left, scope), self.shape(node.right, scope)
        self._compared(node.left, left, node.right, right, node.operator)
        return BOOLEAN

    def _compared(self, left: Node, a: Shape, right: Node, b: Shape, operator: str = "=") -> None:
        if a.kinds and b.kinds and not a.kinds & b.kinds:
            outcome = f"{example(left, a)} {operator} {example(right, b)} is neither true nor false"
            mend = "Compare a number with a number, a text with a text."
            self._find("L19", f"{said(left, a)}, {said(right, b)}: {outcome}", mend)
            return
        self._units_meet(left, a, right, b, "compared")
        if a.texts and b.texts and not a.texts & b.texts and operator in ("=", "!="):
            offering, other, value = (left, a, b) if not isinstance(left, nodes.Literal) else (right, b, a)
            self._not_offered(offering, other, value)

    def _not_offered(self, node: Node, shape: Shape, value: Shape) -> None:
        message = f"{describe(node)} is never {texts_listed(value.texts or NOTHING)}"
        self._find("L20", message, f"It can be {texts_listed(shape.texts or NOTHING)}.")

    def _logical(self, node: nodes.Logical, scope: Scope) -> Shape:
        for part in (node.left, node.right):
            self.condition(part, self.shape(part, scope), f'in "{node.operator}"')
        return BOOLEAN

    def condition(self, node: Node, shape: Shape, where: str, rule: str = "L19") -> None:
        """Note what must be true or false and cannot be."""
        if shape.is_surely_no("boolean"):
            mend = "Write a condition that is true or false, such as a comparison."
            self._find(rule, f"{where}: {said(node, shape)}, neither true nor false", mend)

    def _membership(self, node: nodes.Membership, scope: Scope) -> Shape:
        operand = self.shape(node.operand, scope)
        self.tests(node.tests, node.operand, operand, scope)
        return BOOLEAN

    def tests(self, tests: nodes.UnaryTests, operand: Node, shape: Shape, scope: Scope) -> list[Shape]:
        """Compare an operand with each of its tests, and return what the tests compare with."""
        inner = {**scope, "?": shape}
        found = [comparand for test in tests.tests for comparand in self._comparands(test, inner)]
        for node, value in found:
            if "list" not in (shape.kinds or ()):
                self._compared(operand, shape, node, value)
        return [value for _, value in found]

    def _comparands(self, test: Node, scope: Scope) -> Iterator[tuple[Node, Shape]]:
        """Yield what a test compares the value with; what states a condition of its own is only looked through."""
        if isinstance(test, nodes.Range):
            low, high = self.shape(test.low, scope), self.shape(test.high, scope)
            self._compared(test.low, low, test.high, high, "<=")
            yield from ((test.low, low), (test.high, high))
        elif isinstance(test, nodes.OpenRange):
            yield test.operand, self.shape(test.operand, scope)
        elif isinstance(test, nodes.Comparison) and isinstance(test.left, nodes.Name) and test.left.name == "?":
            yield test.right, replace(self.shape(test.right, scope), texts=None)
        elif isinstance(test, nodes.ListOf):
            for item in test.items:
                yield from self._comparands(item, scope)
        else:
            shape = self.shape(test, scope)
            asks = any(name.name == "?" for name in variables(test, bound=frozenset()))
            if isinstance(test, nodes.Literal) or not (asks or shape.kinds is None or shape.kinds & _OPEN):
                yield test, shape

    def _range(self, node: nodes.Range, scope: Scope) -> Shape:
        for _ in self._comparands(node, scope):
            pass
        return of_kind("range")

    # -- choices and loops

    def _if(self, node: nodes.If, scope: Scope) -> Shape:
        self.condition(node.condition, self.shape(node.condition, scope), "after if")
        return either([self.shape(node.then, scope), self.shape(node.otherwise, scope)])

    def _rows(self, iterators: Sequence[tuple[str, Node]], scope: Scope) -> Scope:
        for name, source in iterators:
            scope = {**scope, name: _item_of(self.shape(source, scope))}
        return scope

    def _for(self, node: nodes.For, scope: Scope) -> Shape:
        inner = self._rows(node.iterators, scope)
        return list_of(self.shape(node.body, {**inner, "partial": UNKNOWN}))

    def _quantified(self, node: nodes.Quantified, scope: Scope) -> Shape:
        shape = self.shape(node.condition, self._rows(node.iterators, scope))
        self.condition(node.condition, shape, "after satisfies")
        return BOOLEAN

    def _filter(self, node: nodes.Filter, scope: Scope) -> Shape:
        operand = self.shape(node.operand, scope)
        item = _item_of(operand)
        entries = dict(item.entries or ())
        # An entry of an item stands before a variable of that name; which entries there are must be known.
        known = entries or item.is_surely_no("context")
        condition = self.shape(node.condition, {**(scope if known else {}), **entries, "item": item})
        if condition.is_only("number"):
            return item
        return list_of(item) if condition.is_only("boolean") and operand.is_only("list") else UNKNOWN

    def _span(self, node: nodes.Span, scope: Scope) -> Shape:
        return list_of(either([self.shape(node.low, scope), self.shape(node.high, scope)]))

    # -- functions

    def _call(self, node: nodes.Call, scope: Scope) -> Shape:
        given = [self.shape(argument, scope) for argument in node.arguments]
        if node.function in self.functions:
            return self._user_call(node, given)
        self._builtin_arguments(node, given)
        return result_of(node.function, node.arguments, given)

    def _user_call(self, node: nodes.Call, given: list[Shape]) -> Shape:
        parameters = self.functions[node.function].parameters
        bound = dict(zip(node.names or parameters, given, strict=False))
        analysis = self._analysed(node.function, tuple(bound.get(name, constant(None)) for name in parameters))
        known = {finding.message for finding in self.of_function(node.function)}
        for finding in analysis.findings:
            if finding.message not in known:
                row = f", line {finding.line} of its table" if finding.line else ""
                message = f'"{node.function}" as called here{row}: {finding.message}'
                within = finding.within or (node.function, finding.message)
                self.findings.append(replace(finding, message=message, line=self._line, within=within))
        return analysis.result

    def holds(self, finding: Finding) -> bool:
        """Tell whether a finding stands once all calls are known.

        A function that serves several fields may name choices that only some of them offer.
        """
        if finding.rule != "L20" or finding.within is None:
            return True
        name, message = finding.within
        called = (one for given, one in self._analyses[name].items() if any(shape != UNKNOWN for shape in given))
        return all(any(found.message == message for found in one.findings) for one in called)

    def _analysed(self, name: str, arguments: tuple[Shape, ...]) -> _Analysis:
        known = self._analyses[name]
        if arguments not in known:
            body = self.functions[name]
            with self._apart() as found:
                result = self._body(body, dict(zip(body.parameters, arguments, strict=True)))
            known[arguments] = _Analysis(result, tuple(dict.fromkeys(found)))
        return known[arguments]

    @contextmanager
    def _apart(self) -> Iterator[list[Finding]]:
        """Gather what is found within a function apart from what is found around it."""
        around, line, self.findings, self._line = self.findings, self._line, [], None
        try:
            yield self.findings
        finally:
            self.findings, self._line = around, line

    def _body(self, body: Body, scope: Scope) -> Shape:
        if body.table is not None:
            return self._table(body.table, scope)
        return UNKNOWN if body.node is None else self.shape(body.node, scope)

    def _table(self, table: DecisionTable, scope: Scope) -> Shape:
        heads = [self.shape(column.expression, scope) for column in table.inputs]
        outputs: list[list[Shape]] = [[] for _ in table.outputs]
        seen: dict[str, Shape] = {}
        for rule in table.rules:
            self._line = rule.line
            for column, head, cell in zip(table.inputs, heads, rule.cells, strict=True):
                found = self.tests(cell, column.expression, head, scope)
                for shape in found if head.kinds is None else ():
                    self._like_the_others(column.text, shape, seen)
            for name, shapes, output in zip(table.outputs, outputs, rule.outputs, strict=True):
                shapes.append(self.shape(output, scope))
                self._like_the_others(name, shapes[-1], seen)
        self._line = None
        values = [either(dict.fromkeys(column)) for column in outputs]
        whole = replace(of_kind("context"), entries=tuple(zip(table.outputs, values, strict=True)))
        one = values[0] if len(values) == 1 else whole
        return list_of(one) if table.hit_policy == "COLLECT" else one

    def _like_the_others(self, column: str, cell: Shape, seen: dict[str, Shape]) -> None:
        """Note a cell of another type than the first of its column that has one."""
        if not cell.kinds:
            return
        first = seen.setdefault(column, cell)
        if first.kinds and not first.kinds & cell.kinds:
            above, here = kinds_in_words(first), kinds_in_words(cell)
            message = f'column "{column}" holds {above} in the rows above, and here {here}'
            self._find("L19", message, "Text stands in quotes, a number does not.")

    def _builtin_arguments(self, node: nodes.Call, given: list[Shape]) -> None:
        wanted = PARAMETER.get(node.function)
        for argument, shape in zip(node.arguments, given, strict=True):
            inside = shape.item if shape.item is not None and shape.is_only("list") else shape
            if wanted and inside.is_surely_no(*wanted, "list"):
                call = f"{node.function}({example(argument, shape)})"
                self._find("L19", f"{said(argument, shape)}: {call} has no value", f"It takes {' or '.join(wanted)}.")
        if node.function == "list contains" and len(given) == 2:
            self._compared(node.arguments[0], _item_of(given[0]), node.arguments[1], given[1])
        if node.function in _REDUCED:
            self._reduced_units(node, given)

    def _reduced_units(self, node: nodes.Call, given: list[Shape]) -> None:
        """Note numbers in units that differ, reduced to one (rule L21)."""
        shape = either(_item_of(one) if one.is_only("list") else one for one in given)
        units = sorted(shape.units or (), key=lambda unit: unit.text)
        why = next((found for unit in units[1:] if (found := clash(units[0], unit))), None)
        if why:
            listed = " and ".join(dict.fromkeys(unit.text for unit in units))
            self._find("L21", f"{node.function}(...) is given numbers in {listed}", _MEND_UNIT[why])


_OPEN = frozenset({"range", "function", "list", "boolean"})
"""What a test may give that is not compared with the value as it stands."""
_REDUCED = frozenset({"max", "min", "sum", "mean", "median", "mode", "stddev", "modulo"})
_MEND_UNIT: dict[Any, str] = {
    "dimension": "They measure different things; correct the expression, or the unit of one of them.",
    "scale": "Nothing is converted inside the logic: declare both inputs in one unit.",
}


def _item_of(shape: Shape) -> Shape:
    """Return what a loop or filter sees of a value: the items of a list, anything else as it is."""
    if shape.is_only("list"):
        return shape.item or UNKNOWN
    return shape if shape.kinds and not shape.kinds & {"list", "range"} else UNKNOWN


_TEMPORAL = ("date", "time", "date and time")
_SUM = {("number", "number"): "number", ("string", "string"): "string", (DURATION, DURATION): DURATION}
_LATER = {(moment, DURATION): moment for moment in _TEMPORAL}
_APART = {(one, other): DURATION for one in _TEMPORAL for other in _TEMPORAL}
_ARITHMETIC: dict[str, dict[tuple[str, str], str]] = {
    "+": _SUM | _LATER | {(DURATION, moment): moment for moment in _TEMPORAL},
    "-": {("number", "number"): "number", (DURATION, DURATION): DURATION} | _LATER | _APART,
    "*": {("number", "number"): "number", ("number", DURATION): DURATION, (DURATION, "number"): DURATION},
    "/": {("number", "number"): "number", (DURATION, "number"): DURATION, (DURATION, DURATION): "number"},
    "**": {("number", "number"): "number"},
}


def _arithmetic_kinds(operator: str, left: Shape, right: Shape) -> set[str] | None:
    """Return the types that the result can have; none where the operands never fit, None where nothing is known."""
    if not left.kinds or not right.kinds:
        fitting = [
            pair
            for pair in _ARITHMETIC[operator]
            if (not left.kinds or pair[0] in left.kinds) and (not right.kinds or pair[1] in right.kinds)
        ]
        return None if fitting else set()
    pairs = product(left.kinds, right.kinds)
    return {result for pair in pairs if (result := _ARITHMETIC[operator].get(pair)) is not None}


def _arithmetic_units(node: nodes.Arithmetic, left: Shape, right: Shape) -> frozenset[Any] | None:
    if left.units is None or right.units is None:
        return None
    if node.operator in ("+", "-"):
        return left.units or right.units
    if node.operator == "**":
        power = node.right.value if isinstance(node.right, nodes.Literal) else None
        if isinstance(power, Decimal) and power == power.to_integral_value():
            return frozenset(unit.to_the(int(power)) for unit in left.units)
        return None if left.units else NOTHING
    return _product_units(left, right, 1 if node.operator == "*" else -1)


def _product_units(left: Shape, right: Shape, power: int) -> frozenset[Any]:
    """Return the units of a product or quotient; a constant in it may be there to convert, so it scales."""
    assert left.units is not None and right.units is not None
    if left.units and right.units:
        return frozenset(one.times(other, power) for one, other in product(left.units, right.units))
    scaled = (unit if left.units else unit.to_the(power) for unit in left.units or right.units)
    return frozenset(replace(unit, scaled=True) for unit in scaled)


_INFER: dict[type, Callable[[Inference, Any, Scope], Shape]] = {
    nodes.Literal: Inference._literal,
    nodes.Name: Inference._name,
    nodes.Negation: Inference._negation,
    nodes.Arithmetic: Inference._arithmetic,
    nodes.Comparison: Inference._comparison,
    nodes.Logical: Inference._logical,
    nodes.Range: Inference._range,
    nodes.Span: Inference._span,
    nodes.Membership: Inference._membership,
    nodes.If: Inference._if,
    nodes.For: Inference._for,
    nodes.Quantified: Inference._quantified,
    nodes.ListOf: Inference._list,
    nodes.Context: Inference._context,
    nodes.Path: Inference._path,
    nodes.Filter: Inference._filter,
    nodes.Call: Inference._call,
    nodes.InstanceOf: lambda self, node, scope: BOOLEAN,
}
