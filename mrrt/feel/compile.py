"""Syntax tree to a function of the variables: compiled once, evaluated often.

Two readings of null. The standard one (DMN 1.5) takes an `if` with a null condition for false. In reports null is
"nobody knows", and `unknown_if=True` makes such an `if` null too, unless both branches agree: a missing velocity
must not choose the harmless branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mrrt.errors import MrrtError
from mrrt.feel import nodes
from mrrt.feel.access import item_at, iterable, member, span
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.calls import Evaluate, Variables, compile_builtin
from mrrt.feel.constant_tests import constant_test
from mrrt.feel.filters import compile_written, keeps_known, known_items, select
from mrrt.feel.limits import EVALUATION, MAX_ITERATIONS, Evaluation, LimitExceeded, evaluation
from mrrt.feel.names import variables as free_variables
from mrrt.feel.nodes import Node
from mrrt.feel.operators import negative, operator
from mrrt.feel.reading import all_it_reads, is_boolean, narrowed, refers_to_itself
from mrrt.feel.shortcuts import compared_with, listed, named_arguments
from mrrt.feel.types import ANY, Types, coerce, is_instance
from mrrt.feel.values import FunctionValue, RangeValue, compare, conjunction, disjunction, equal, truth

__all__ = ["Compiler", "Evaluate", "LimitExceeded", "UnknownName", "UserFunction", "Variables", "invoke", "passes"]


class UnknownName(MrrtError):
    """An expression uses a name that nothing defines; `name` and `position` say which and where."""

    def __init__(self, name: str, position: int) -> None:
        self.name = name
        self.position = position
        super().__init__(f'nothing here is called "{name}" (character {position + 1})')


class UserFunction:
    """A function of the model: a business knowledge model (DMN 1.5 section 6.3.9)."""

    def __init__(self, parameters: tuple[str, ...], call: Callable[[dict[str, Any], Variables], Any]) -> None:
        self.parameters = parameters
        self.call = call


class Compiler:
    """Compiles trees; `functions` are those of the model, called with keyword arguments by parameter name.

    With `dynamic`, a function may also be the value of a variable, as in DMN models; a call of nothing is null.
    `types` are the item definitions of the model.
    """

    def __init__(
        self,
        functions: Mapping[str, UserFunction] | None = None,
        *,
        unknown_if: bool = False,
        dynamic: bool = False,
        types: Types | None = None,
    ) -> None:
        self._functions = functions or {}
        self._unknown_if = unknown_if
        self._dynamic = dynamic
        self._types = types or {}

    def compile(self, node: Node) -> Evaluate:
        """Return the function that evaluates the tree; it never raises on bad data, it gives null."""
        return _COMPILE[type(node)](self, node)

    def _literal(self, node: nodes.Literal) -> Evaluate:
        value = node.value
        return lambda _: value

    def _name(self, node: nodes.Name) -> Evaluate:
        name = node.name
        if name not in BUILTINS:
            return lambda variables: variables.get(name)
        builtin = BUILTINS[name].value()
        return lambda variables: variables.get(name, builtin)

    def _negation(self, node: nodes.Negation) -> Evaluate:
        operand = self.compile(node.operand)
        return lambda variables: negative(operand(variables))

    def _arithmetic(self, node: nodes.Arithmetic) -> Evaluate:
        left, right, apply = self.compile(node.left), self.compile(node.right), operator(node.operator)
        return lambda variables: apply(left(variables), right(variables))

    def _comparison(self, node: nodes.Comparison) -> Evaluate:
        left, right, symbol = self.compile(node.left), self.compile(node.right), node.operator
        if isinstance(node.right, nodes.Literal):
            return compared_with(node.left, left, symbol, node.right.value)
        return lambda variables: compare(symbol, left(variables), right(variables))

    def _logical(self, node: nodes.Logical) -> Evaluate:
        left, right = self.compile(node.left), self.compile(node.right)
        decides = node.operator == "or"
        otherwise = not decides

        def evaluate(variables: Variables) -> Any:
            first = left(variables)
            if first is decides:
                return decides
            second = right(variables)
            if second is decides:
                return decides
            return otherwise if first is otherwise and second is otherwise else None

        return evaluate

    def _range(self, node: nodes.Range) -> Evaluate:
        low, high = self.compile(node.low), self.compile(node.high)
        return lambda variables: RangeValue(low(variables), high(variables), node.low_closed, node.high_closed)

    def _open_range(self, node: nodes.OpenRange) -> Evaluate:
        operand, symbol = self.compile(node.operand), node.operator
        below, above = symbol in ("<", "<=", "=", "!="), symbol in (">", ">=", "=", "!=")

        def evaluate(variables: Variables) -> RangeValue:
            end = operand(variables)
            closed = "=" in symbol and symbol != "!="
            return RangeValue(
                end if above else None, end if below else None, closed and above, closed and below, symbol
            )

        return evaluate

    def _span(self, node: nodes.Span) -> Evaluate:
        low, high = self.compile(node.low), self.compile(node.high)
        return lambda variables: span(low(variables), high(variables))

    def _tests(self, node: nodes.UnaryTests) -> Evaluate:
        """Compile tests of `?`; the result is true, false or null."""
        constant = constant_test(node)
        if constant is not None:
            return lambda variables: constant(variables.get("?"))
        tests = tuple((self.compile(test), is_boolean(test)) for test in node.tests)
        negated = node.negated

        def evaluate(variables: Variables) -> bool | None:
            value = variables.get("?")
            result: bool | None = False
            for test, boolean in tests:
                result = disjunction(result, passes(test(variables), value, boolean))
            return result if result is None or not negated else not result

        return evaluate

    def _membership(self, node: nodes.Membership) -> Evaluate:
        operand, tests, constant = self.compile(node.operand), self.compile(node.tests), constant_test(node.tests)
        if constant is not None:
            return lambda variables: constant(operand(variables))
        return lambda variables: tests({**variables, "?": operand(variables)})

    def _instance_of(self, node: nodes.InstanceOf) -> Evaluate:
        operand, kind, types = self.compile(node.operand), node.type, self._types
        return lambda variables: is_instance(operand(variables), kind, types)

    def _if(self, node: nodes.If) -> Evaluate:
        condition, then, otherwise = (self.compile(part) for part in (node.condition, node.then, node.otherwise))
        unknown_if = self._unknown_if

        def evaluate(variables: Variables) -> Any:
            value = condition(variables)
            if value is True or value is False:
                return then(variables) if value else otherwise(variables)
            known = truth(value)
            if known is None and unknown_if:
                result = then(variables)
                return result if equal(result, otherwise(variables)) is True else None
            if known is None and value is not None:
                return None
            return then(variables) if known else otherwise(variables)

        return evaluate

    def _for(self, node: nodes.For) -> Evaluate:
        body, rows = self.compile(node.body), self._rows(node.iterators, node.body)
        if any(name.name == "partial" for name in free_variables(node.body)):
            return _accumulating(body, rows)

        def evaluate(variables: Variables) -> Any:
            scopes = rows(variables)
            return None if scopes is None else tuple(body(scope) for scope in scopes)

        return evaluate

    def _quantified(self, node: nodes.Quantified) -> Evaluate:
        condition, rows = self.compile(node.condition), self._rows(node.iterators, node.condition)
        combine, start = (conjunction, True) if node.every else (disjunction, False)

        def evaluate(variables: Variables) -> Any:
            scopes = rows(variables)
            if scopes is None:
                return None
            result: bool | None = start
            for scope in scopes:
                value = condition(scope)
                if value is not None and not isinstance(value, bool):
                    return None
                result = combine(result, value)
            return result

        return evaluate

    def _rows(
        self, iterators: tuple[tuple[str, Node], ...], body: Node
    ) -> Callable[[Variables], list[Variables] | None]:
        """Return the scopes of a for or some/every: one for each combination of items."""
        sources = tuple((name, self.compile(source)) for name, source in iterators)
        names = None if self._dynamic or len(iterators) > 1 else all_it_reads(body)

        def rows(variables: Variables) -> list[Variables] | None:
            scopes: list[Variables] = [_with_evaluation(variables)]
            for name, source in sources:
                found: list[Variables] = []
                for scope in scopes:
                    items = iterable(source(scope))
                    if items is None:
                        return None
                    if len(found) + len(items) > MAX_ITERATIONS:
                        raise LimitExceeded(f"a loop runs more than {MAX_ITERATIONS} times")
                    evaluation(scope).spend(len(items))
                    around = narrowed(scope, names)
                    found += [{**around, name: item} for item in items]
                scopes = found
            return scopes

        return rows

    def _list(self, node: nodes.ListOf) -> Evaluate:
        items = tuple(self.compile(item) for item in node.items)
        return listed(node.items, items)

    def _context(self, node: nodes.Context) -> Evaluate:
        entries = tuple((key, self.compile(value)) for key, value in node.entries)
        if len({key for key, _ in entries}) < len(entries):
            return lambda _: None
        if not refers_to_itself(node):
            return _independent(node, entries)

        def evaluate(variables: Variables) -> Any:
            # Functions keep this scope, so that they can call themselves and each other.
            scope = dict(variables)
            result: dict[str, Any] = {}
            for key, value in entries:
                scope[key] = result[key] = value(scope)
            return result

        return evaluate

    def _path(self, node: nodes.Path) -> Evaluate:
        operand, name = self.compile(node.operand), node.name

        def evaluate(variables: Variables) -> Any:
            value = operand(variables)
            return value.get(name) if type(value) is dict else member(value, name)

        return evaluate

    def _filter(self, node: nodes.Filter) -> Evaluate:
        written = compile_written(node, self.compile)
        if written is not None:
            return written
        operand, condition = self.compile(node.operand), self.compile(node.condition)
        if keeps_known(node.condition):
            return known_items(operand)
        boolean = is_boolean(node.condition)
        names = None if self._dynamic else all_it_reads(node.condition)

        def evaluate(variables: Variables) -> Any:
            value = operand(variables)
            if value is None:
                return None
            items = value if isinstance(value, tuple) else (value,)
            index = None if boolean else condition(variables)
            return item_at(items, index) if isinstance(index, Decimal) else select(items, condition, variables, names)

        return evaluate

    def _function(self, node: nodes.Function) -> Evaluate:
        body, names = self.compile(node.body), tuple(name for name, _ in node.parameters)
        kinds, types = tuple(kind for _, kind in node.parameters), self._types
        plain = all(kind == ANY for kind in kinds)

        def evaluate(variables: Variables) -> FunctionValue:
            scope = _with_evaluation(variables)

            def call(arguments: tuple[Any, ...]) -> Any:
                given = arguments
                if not plain:
                    given = tuple(coerce(value, kind, types) for value, kind in zip(arguments, kinds, strict=True))
                return nested(body, {**scope, **dict(zip(names, given, strict=True))})

            return FunctionValue(names, call)

        return evaluate

    def _call(self, node: nodes.Call) -> Evaluate:
        arguments = tuple(self.compile(argument) for argument in node.arguments)
        if node.function in self._functions:
            return self._user_call(node, arguments)
        builtin = BUILTINS.get(node.function)
        if builtin is None and not self._dynamic:
            raise UnknownName(node.function, node.position)
        standard = None if builtin is None else compile_builtin(builtin, arguments, node.names)
        if not self._dynamic:
            assert standard is not None
            return standard
        name, names = node.function, node.names

        def evaluate(variables: Variables) -> Any:
            found = variables.get(name)
            if standard is not None and not isinstance(found, FunctionValue):
                return standard(variables)
            return invoke(found, tuple(argument(variables) for argument in arguments), names)

        return evaluate

    def _invoke(self, node: nodes.Invoke) -> Evaluate:
        operand, arguments = self.compile(node.operand), tuple(self.compile(part) for part in node.arguments)
        names = node.names
        return lambda variables: invoke(operand(variables), tuple(argument(variables) for argument in arguments), names)

    def _user_call(self, node: nodes.Call, arguments: tuple[Evaluate, ...]) -> Evaluate:
        function = self._functions[node.function]
        names = node.names or function.parameters
        unknown = [name for name in names if name not in function.parameters]
        if unknown or len(names) != len(arguments):
            wanted = ", ".join(function.parameters)
            raise MrrtError(f'"{node.function}" takes the parameters {wanted}; it is called with other ones')
        given, call = named_arguments(names, node.arguments, arguments), function.call
        missing = dict.fromkeys(name for name in function.parameters if name not in names)
        if missing:
            return lambda variables: call({**missing, **given(variables)}, variables)
        return lambda variables: call(given(variables), variables)


_COMPILE: dict[type, Callable[[Compiler, Any], Evaluate]] = {
    nodes.Literal: Compiler._literal,
    nodes.Name: Compiler._name,
    nodes.Negation: Compiler._negation,
    nodes.Arithmetic: Compiler._arithmetic,
    nodes.Comparison: Compiler._comparison,
    nodes.Logical: Compiler._logical,
    nodes.Range: Compiler._range,
    nodes.OpenRange: Compiler._open_range,
    nodes.Span: Compiler._span,
    nodes.UnaryTests: Compiler._tests,
    nodes.Membership: Compiler._membership,
    nodes.InstanceOf: Compiler._instance_of,
    nodes.If: Compiler._if,
    nodes.For: Compiler._for,
    nodes.Quantified: Compiler._quantified,
    nodes.ListOf: Compiler._list,
    nodes.Context: Compiler._context,
    nodes.Path: Compiler._path,
    nodes.Filter: Compiler._filter,
    nodes.Function: Compiler._function,
    nodes.Call: Compiler._call,
    nodes.Invoke: Compiler._invoke,
}


def _independent(node: nodes.Context, entries: tuple[tuple[str, Evaluate], ...]) -> Evaluate:
    """Return a context whose entries do not look at each other; those that are constants are set beforehand."""
    base = {key: value.value if isinstance(value, nodes.Literal) else None for key, value in node.entries}
    computed = tuple(
        (key, value)
        for (key, part), (_, value) in zip(node.entries, entries, strict=True)
        if not isinstance(part, nodes.Literal)
    )

    def evaluate(variables: Variables) -> Any:
        result = base.copy()
        for key, value in computed:
            result[key] = value(variables)
        return result

    return evaluate


def _with_evaluation(variables: Variables) -> Variables:
    return variables if EVALUATION in variables else {**variables, EVALUATION: Evaluation()}


def nested(body: Evaluate, scope: Variables) -> Any:
    """Evaluate the body of a function; raises LimitExceeded where calls nest too deeply."""
    budget = evaluation(scope)
    budget.enter()
    try:
        return body(scope)
    except RecursionError:
        raise LimitExceeded("functions call each other too deeply") from None
    finally:
        budget.leave()


def invoke(function: Any, arguments: tuple[Any, ...], names: tuple[str, ...] = ()) -> Any:
    """Call a function value; null where there is none, or its parameters are others."""
    if not isinstance(function, FunctionValue):
        return None
    if names:
        given = dict(zip(names, arguments, strict=True))
        if given.keys() != set(function.parameters):
            return None
        arguments = tuple(given[name] for name in function.parameters)
    fits = function.overloaded or len(arguments) == len(function.parameters)
    return function.call(arguments) if fits else None


def _accumulating(body: Evaluate, rows: Callable[[Variables], list[Variables] | None]) -> Evaluate:
    """Return a for whose body sees the results so far as `partial` (DMN 1.5 section 10.3.2.14)."""

    def evaluate(variables: Variables) -> Any:
        scopes = rows(variables)
        if scopes is None:
            return None
        results: tuple[Any, ...] = ()
        for scope in scopes:
            evaluation(scope).spend(len(results) // 100)
            results = (*results, body({**scope, "partial": results}))
        return results

    return evaluate


def passes(test: Any, value: Any, boolean: bool) -> bool | None:
    """Apply one unary test to a value (DMN 1.5 section 7.3.3)."""
    if boolean:
        return truth(test)
    if test is None:
        return value is None
    if isinstance(test, tuple) and not isinstance(value, tuple):
        held = any(passes(item, value, False) is True for item in test)
        return True if held else None if value is None else False
    if value is None:
        return None
    if isinstance(test, RangeValue) and not isinstance(value, RangeValue):
        return test.holds(value)
    if isinstance(test, tuple):
        return equal(value, test) or any(equal(value, item) is True for item in test)
    return equal(value, test)
