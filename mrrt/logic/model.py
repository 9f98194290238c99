"""What a logic file is once it is loaded: immutable, compiled, and each part knows what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mrrt.adoption import Codes
from mrrt.dmn import DecisionTable, Outcome
from mrrt.feel.compile import Evaluate
from mrrt.feel.limits import TRACE as TRACE
from mrrt.feel.nodes import Node
from mrrt.problems import Problem, Severity

LANGUAGE = "report language"
"""A variable that is no field: the two-letter language the report is written in."""
ABSENT = "data absent reason"
"""A variable that is no field: a context with the data absent reason of each field that states one."""
CALCULATED = "calculated value"
"""A variable that is no field: a context with calculated values as the logic makes them, whatever the reader typed."""
GIVEN = frozenset({LANGUAGE, ABSENT, CALCULATED})
"""The variables that are no fields and that every expression may read."""


@dataclass(frozen=True, slots=True)
class Input:
    """How a field enters the logic: as a plain number in `unit`; `plausible` is a test it must pass."""

    unit: str | None = None
    plausible: Evaluate | None = None
    plausible_text: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a decision table or an expression with parameters (DMN 1.5 section 6.3.9)."""

    name: str
    parameters: tuple[str, ...]
    criteria: str | None = None
    source: str = ""
    table: DecisionTable | None = None
    text: str = ""
    """The table or the expression as it is written."""
    calls: tuple[str, ...] = ()
    """The functions that it calls."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression of the logic, compiled; `reads` are the variables that it can depend on."""

    text: str
    node: Node
    evaluate: Evaluate
    reads: frozenset[str]
    decision: str
    """Name of the function that decides, where the expression is a call of one; otherwise its text."""


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculated field: one expression, or one for each of several criteria, of which `by` names the one in force."""

    key: str
    unit: str | None = None
    expression: Expression | None = None
    by: Expression | None = None
    criteria: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression that the value can come from, and the one that chooses among them."""
        given = (self.by, self.expression, *self.criteria.values())
        return tuple(one for one in given if one is not None)

    @property
    def reads(self) -> frozenset[str]:
        """The variables that the value can depend on."""
        return frozenset().union(*(one.reads for one in self.expressions))


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must hold for the value of a field; false is a problem, unknown is none."""

    field: str
    expression: Expression
    messages: Mapping[str, str]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that a reader should see; critical ones are of severity warning or error."""

    key: str
    expression: Expression
    messages: Mapping[str, str]
    """The message by language; English stands in for a language that is missing."""
    severity: Severity
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """The compiled logic of one template. `calculations` are in an order in which each can be evaluated."""

    template: str = ""
    version: str = ""
    digest: str = ""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    choices: Codes = field(default_factory=dict)
    """Stored codes for the options of a foreign page; see mrrt.adoption."""
    functions: Mapping[str, Knowledge] = field(default_factory=dict)
    table_notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What tables note at their rules, in other languages: texts by language, by the note."""
    calculations: tuple[Calculation, ...] = ()
    relevant: Mapping[str, Expression] = field(default_factory=dict)
    conditions: Mapping[str, Expression] = field(default_factory=dict)
    """Conditions that the page itself carries, by their text in the page; see mrrt.conditions."""
    notes: tuple[Problem, ...] = ()
    """What of the page's own conditions is not used."""
    required: Mapping[str, Expression] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    alerts: tuple[Alert, ...] = ()
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out from all this, and need not be again; see mrrt.derive.plan."""


def message_in(messages: Mapping[str, str], language: str) -> str:
    """Return the message in that language, else in English, else in any."""
    return messages.get(language) or messages.get("en") or next(iter(messages.values()))


def trace(outcomes: list[tuple[str, Outcome]]) -> dict[str, Any]:
    """Return the variable under which table calls note their outcomes."""
    return {TRACE: outcomes}
