"""A DMN model as it is written: elements and boxed expressions, with FEEL still as text (DMN 1.5 chapters 6 to 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """A name and, if it is declared, the name of its type."""

    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """FEEL text."""

    text: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class InputClause:
    """An input column of a decision table; `values` are unary tests."""

    text: str
    type: str | None = None
    values: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """An output column; `values` are ordered by priority, `default` holds where no rule applies."""

    name: str | None = None
    type: str | None = None
    values: str | None = None
    default: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class TableRule:
    """A rule of a decision table: a text for each cell."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableExpression:
    """A decision table (DMN 1.5 chapter 8); `aggregation` is SUM, COUNT, MIN or MAX with the hit policy COLLECT."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[TableRule, ...]
    hit_policy: str = "UNIQUE"
    aggregation: str | None = None
    annotations: tuple[str, ...] = ()
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ContextExpression:
    """Entries with names; the last one may have none, it is the result then."""

    entries: tuple[tuple[Variable | None, Expression], ...]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class RelationExpression:
    """A list of contexts, written as a table."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ListExpression:
    """A list of expressions."""

    items: tuple[Expression, ...]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with named arguments."""

    function: Expression
    bindings: tuple[tuple[Variable, Expression | None], ...]
    type: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionExpression:
    """A function definition; only those of kind FEEL are run."""

    parameters: tuple[Variable, ...]
    body: Expression | None
    kind: str = "FEEL"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed if."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type: str | None = None


@dataclass(frozen=True, slots=True)
class FilterExpression:
    """A boxed filter."""

    source: Expression
    match: Expression
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Iteration:
    """A boxed for, some or every."""

    kind: str
    variable: str
    source: Expression
    body: Expression
    type: str | None = None


Expression = (
    LiteralExpression
    | TableExpression
    | ContextExpression
    | RelationExpression
    | ListExpression
    | Invocation
    | FunctionExpression
    | Conditional
    | FilterExpression
    | Iteration
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type (DMN 1.5 section 7.3.2). `allowed` tests each item, `constraint` the whole value."""

    name: str
    type: str | None = None
    allowed: str | None = None
    constraint: str | None = None
    components: tuple[ItemDefinition, ...] = ()
    collection: bool = False
    parameters: tuple[Variable, ...] | None = None
    """Parameters of a function item; `type` is its result then."""


@dataclass(frozen=True, slots=True)
class InputData:
    """Something that a decision needs to know."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision; `requires` are references to what it needs."""

    id: str
    name: str
    variable: Variable
    requires: tuple[str, ...] = ()
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a function that decisions share."""

    id: str
    name: str
    variable: Variable
    requires: tuple[str, ...] = ()
    function: FunctionExpression | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions behind one door."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True)
class Import:
    """Another model, whose elements go by `name` and a dot."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole model."""

    name: str
    namespace: str
    items: tuple[ItemDefinition, ...] = ()
    elements: tuple[Element, ...] = ()
    imports: tuple[Import, ...] = ()
