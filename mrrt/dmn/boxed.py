"""Boxed expressions to functions of the variables (DMN 1.5 chapter 10.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mrrt.dmn.hit_policies import DECIDE, Outputs
from mrrt.dmn.items import type_of
from mrrt.dmn.model import (
    Conditional,
    ContextExpression,
    Expression,
    FilterExpression,
    FunctionExpression,
    InputClause,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    OutputClause,
    RelationExpression,
    TableExpression,
    TableRule,
    Variable,
)
from mrrt.errors import MrrtError
from mrrt.feel import Compiler, parse_expression, parse_unary_tests
from mrrt.feel.access import iterable
from mrrt.feel.compile import Evaluate, Variables, invoke, nested
from mrrt.feel.filters import select
from mrrt.feel.limits import evaluation
from mrrt.feel.nodes import ListOf, Node, UnaryTests
from mrrt.feel.types import Constrained, Simple, Types, coerce, resolve
from mrrt.feel.values import FunctionValue, truth

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may use: names of variables, names behind dots, types."""

    names: Names
    members: Names
    types: Types

    def with_names(self, *names: str) -> Scope:
        """Return the scope with more variables."""
        return Scope(self.names | set(names), self.members, self.types)

    def expression(self, text: str) -> Evaluate:
        """Compile FEEL text; no text is null."""
        if not text.strip():
            return lambda _: None
        return self.compile(parse_expression(text, self.names.union(self.types), self.members))

    def tests(self, text: str) -> UnaryTests:
        """Parse unary tests."""
        return parse_unary_tests(text, self.names.union(self.types), self.members)

    def compile(self, node: Node) -> Evaluate:
        """Compile a tree."""
        return Compiler(dynamic=True, types=self.types).compile(node)


def compile_boxed(expression: Expression | None, scope: Scope) -> Evaluate:
    """Return the function that evaluates an expression; what declares a type is coerced to it."""
    if expression is None:
        return lambda _: None
    evaluate = _COMPILE[type(expression)](expression, scope)
    return _typed(evaluate, expression.type, scope.types)


def _typed(evaluate: Evaluate, kind: str | None, types: Types) -> Evaluate:
    if not known(kind, types):
        return evaluate
    wanted = type_of(kind)
    return lambda variables: coerce(evaluate(variables), wanted, types)


def known(kind: str | None, types: Types) -> bool:
    """Tell whether a type is declared and says something. Names that nothing defines are taken for Any."""
    return kind is not None and resolve(Simple(kind), types) not in (None, Simple("Any"))


def _literal(expression: LiteralExpression, scope: Scope) -> Evaluate:
    return scope.expression(expression.text)


def _context(expression: ContextExpression, scope: Scope) -> Evaluate:
    entries: list[tuple[str | None, Evaluate]] = []
    for variable, part in expression.entries:
        evaluate = compile_boxed(part, scope.with_names(variable.name) if variable else scope)
        if variable is None:
            entries.append((None, evaluate))
            continue
        entries.append((variable.name, _typed(evaluate, variable.type, scope.types)))
        scope = scope.with_names(variable.name)

    def evaluate_context(variables: Variables) -> Any:
        inner = dict(variables)
        result: dict[str, Any] = {}
        for name, part in entries:
            if name is None:
                return part(inner)
            inner[name] = result[name] = part(inner)
        return result

    return evaluate_context


def _relation(expression: RelationExpression, scope: Scope) -> Evaluate:
    names = tuple(column.name for column in expression.columns)
    rows = tuple(
        tuple(
            _typed(compile_boxed(cell, scope), column.type, scope.types)
            for cell, column in zip(row, expression.columns, strict=True)
        )
        for row in expression.rows
    )
    return lambda variables: tuple(dict(zip(names, (cell(variables) for cell in row), strict=True)) for row in rows)


def _list(expression: ListExpression, scope: Scope) -> Evaluate:
    items = tuple(compile_boxed(item, scope) for item in expression.items)
    return lambda variables: tuple(item(variables) for item in items)


def _invocation(expression: Invocation, scope: Scope) -> Evaluate:
    function = compile_boxed(expression.function, scope)
    names = tuple(parameter.name for parameter, _ in expression.bindings)
    arguments = tuple(
        _typed(compile_boxed(part, scope), parameter.type, scope.types) for parameter, part in expression.bindings
    )
    return lambda variables: invoke(function(variables), tuple(argument(variables) for argument in arguments), names)


def compile_function(expression: FunctionExpression, scope: Scope) -> Callable[[Variables], FunctionValue]:
    """Return what makes the function value within given variables."""
    if expression.kind != "FEEL":
        raise MrrtError(f"functions of kind {expression.kind} are not run")
    names = tuple(parameter.name for parameter in expression.parameters)
    body = compile_boxed(expression.body, scope.with_names(*names))
    cast = _caster(expression.parameters, scope.types)

    def make(variables: Variables) -> FunctionValue:
        def call(arguments: tuple[Any, ...]) -> Any:
            return nested(body, {**variables, **dict(zip(names, cast(arguments), strict=True))})

        return FunctionValue(names, call)

    return make


def _caster(parameters: tuple[Variable, ...], types: Types) -> Callable[[tuple[Any, ...]], Iterable[Any]]:
    kinds = tuple(type_of(parameter.type if known(parameter.type, types) else None) for parameter in parameters)
    return lambda values: (coerce(value, kind, types) for value, kind in zip(values, kinds, strict=True))


def _conditional(expression: Conditional, scope: Scope) -> Evaluate:
    condition = compile_boxed(expression.condition, scope)
    then, otherwise = compile_boxed(expression.then, scope), compile_boxed(expression.otherwise, scope)

    def evaluate(variables: Variables) -> Any:
        value = condition(variables)
        if value is not None and not isinstance(value, bool):
            return None
        return then(variables) if value else otherwise(variables)

    return evaluate


def _filter(expression: FilterExpression, scope: Scope) -> Evaluate:
    source = compile_boxed(expression.source, scope)
    match = compile_boxed(expression.match, scope.with_names("item"))

    def evaluate(variables: Variables) -> Any:
        items = source(variables)
        if items is None:
            return None
        return select(items if isinstance(items, tuple) else (items,), match, variables)

    return evaluate


def _iteration(expression: Iteration, scope: Scope) -> Evaluate:
    """Compile as FEEL does: a boxed loop is the loop of the same name over two variables that hold its parts."""
    source = compile_boxed(expression.source, scope)
    body = compile_boxed(expression.body, scope.with_names(expression.variable, "partial"))
    name, decide = expression.variable, _LOOPS[expression.kind]

    def evaluate(variables: Variables) -> Any:
        items = iterable(source(variables))
        if items is None:
            return None
        evaluation(variables).spend(len(items))
        results: list[Any] = []
        for item in items:
            results.append(body({**variables, name: item, "partial": tuple(results)}))
        return decide(results)

    return evaluate


def _quantified(every: bool) -> Callable[[list[Any]], bool | None]:
    def decide(results: list[Any]) -> bool | None:
        if any(value is not None and not isinstance(value, bool) for value in results):
            return None
        known_values = [truth(value) for value in results]
        if (not every) in known_values:
            return not every
        return None if None in known_values else every

    return decide


_LOOPS: dict[str, Callable[[list[Any]], Any]] = {
    "for": tuple,
    "some": _quantified(every=False),
    "every": _quantified(every=True),
}


# -- decision tables


def _table(table: TableExpression, scope: Scope) -> Evaluate:
    policy = f"{table.hit_policy} {table.aggregation or ''}".strip()
    if policy not in DECIDE:
        raise MrrtError(f'"{policy}" is no hit policy')
    decide, outputs = DECIDE[policy], _outputs(table.outputs, scope)
    columns = tuple(_column(clause, scope) for clause in table.inputs)
    rules = tuple(_rule(rule, scope) for rule in table.rules)
    default = _default(table.outputs, scope)

    def evaluate(variables: Variables) -> Any:
        scopes = tuple({**variables, "?": column(variables)} for column in columns)
        evaluation(variables).spend(len(rules))
        rows = [
            tuple(output(variables) for output in results)
            for cells, results in rules
            if all(cell(around) is True for cell, around in zip(cells, scopes, strict=True))
        ]
        return decide(rows, outputs) if rows else default(variables)

    return evaluate


def _column(clause: InputClause, scope: Scope) -> Evaluate:
    return _typed(scope.expression(clause.text), clause.type, scope.types)


def _rule(rule: TableRule, scope: Scope) -> tuple[tuple[Evaluate, ...], tuple[Evaluate, ...]]:
    cells = tuple(scope.compile(scope.tests(cell)) for cell in rule.inputs)
    return cells, tuple(scope.expression(output) for output in rule.outputs)


def _default(clauses: tuple[OutputClause, ...], scope: Scope) -> Evaluate:
    if not any(clause.default for clause in clauses):
        return lambda _: None
    parts = tuple(scope.expression(clause.default or "") for clause in clauses)
    outputs = Outputs(tuple(clause.name for clause in clauses), ())
    return lambda variables: outputs.whole(tuple(part(variables) for part in parts))


def _outputs(clauses: tuple[OutputClause, ...], scope: Scope) -> Outputs:
    return Outputs(
        tuple(clause.name for clause in clauses),
        tuple(_listed(clause, scope) for clause in clauses),
    )


def _listed(clause: OutputClause, scope: Scope) -> tuple[Any, ...]:
    """Return the output values in their order, those of the type if the column lists none."""
    if not clause.values:
        kind = scope.types.get(clause.type or "")
        return getattr(kind.allows, "listed", ()) if isinstance(kind, Constrained) else ()
    return listed(scope.tests(clause.values), scope.compile)


def listed(tests: UnaryTests, compile_node: Callable[[Node], Evaluate]) -> tuple[Any, ...]:
    """Return the values that unary tests list."""
    nodes = tests.tests[0].items if len(tests.tests) == 1 and isinstance(tests.tests[0], ListOf) else tests.tests
    return tuple(compile_node(test)({}) for test in nodes)


_COMPILE: dict[type, Callable[[Any, Scope], Evaluate]] = {
    LiteralExpression: _literal,
    TableExpression: _table,
    ContextExpression: _context,
    RelationExpression: _relation,
    ListExpression: _list,
    Invocation: _invocation,
    FunctionExpression: compile_function,
    Conditional: _conditional,
    FilterExpression: _filter,
    Iteration: _iteration,
}
