"""Why a calculated value is what it is, in full: worked out when somebody asks, from the report as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from mrrt.derive import derive
from mrrt.derive.derivation import shown
from mrrt.derive.flips import NEAR, Turn, among, constants, literals, nearest, pieces
from mrrt.derive.plan import CALCULATION, Plan, plan_of
from mrrt.derive.results import kept_value, settled
from mrrt.derive.variables import Scope, Variables, in_force
from mrrt.errors import NotFound
from mrrt.feel import parse_unary_tests
from mrrt.feel.nodes import Call, Name
from mrrt.feel.values import equal, number_text
from mrrt.logic import GIVEN, Calculation, Expression, Logic, trace
from mrrt.report import Model, Provenance, Report, Source, Value
from mrrt.template import FieldKind, Template


class UsedInput(Model):
    """A value that went into a decision, with where it came from."""

    name: str
    """Key of the field or calculated value."""
    parameter: str | None = None
    """What the deciding function calls it."""
    value: str | None = None
    """As it was used: numbers in the unit that the logic declares. Null where it is unknown."""
    unit: str | None = None
    provenance: Provenance | None = None
    source: Source | None = None
    absent: str | None = None
    """Why there is no value, or why the one that stands is not used, where that is known."""
    made_from: tuple[UsedInput, ...] = ()
    """What went into a value that was calculated itself, as far as it is known."""


class Flip(Model):
    """Values of one input at which, all others unchanged, the decision would say something else.

    They reach from `low` to `high`, which are of the values only where `low_closed` and `high_closed` say so; null is
    no end. For choices, and for true and false, `low` and `high` are the same.
    """

    input: str
    low: str | None = None
    high: str | None = None
    low_closed: bool = True
    high_closed: bool = True
    unit: str | None = None
    change: str | None = None
    """What has to be added to the present number to come to the nearest end."""
    about: bool = False
    """The end was come close to; elsewhere it is exact."""
    outcome: str
    rule: int | None = None
    text: str = ""
    """The same in words: "at most 230 cm/s"."""


class ByCriteria(Model):
    """What one of several criteria says of the same values."""

    key: str
    criteria: str
    value: str
    in_force: bool = False


class Reasons(Model):
    """Why a calculated value is what it is."""

    field: str
    calculated: Value | None = None
    standing: Value | None = None
    """What stands in the field, where that is not the calculated value: what the reader typed."""
    decision: str
    criteria: str | None = None
    logic_version: str = ""
    rule: int | None = None
    text: str = ""
    """The note of the rule."""
    inputs: tuple[UsedInput, ...] = ()
    missing: tuple[str, ...] = ()
    """Inputs that are not known and could change the outcome."""
    flips: tuple[Flip, ...] = ()
    by_criteria: tuple[ByCriteria, ...] = ()


def explain(report: Report, template: Template, logic: Logic, key: str) -> Reasons:
    """Return why a calculated value is what it is, and what would make it another one.

    Raises NotFound where the logic does not calculate the field.
    """
    plan, present = plan_of(template, logic), derive(report, template, logic, ())
    if key not in plan.calculation or key not in present.explanations:
        raise NotFound(f'"{key}" is not calculated: there is nothing to explain')
    return _Asked(present, plan, key).reasons()


def explain_all(report: Report, template: Template, logic: Logic) -> Mapping[str, Reasons]:
    """Return the reasons of every calculated field of the template, in its order."""
    plan, present = plan_of(template, logic), derive(report, template, logic, ())
    asked = [one.key for one in template.fields if one.key in plan.calculation and one.key in present.explanations]
    return {key: _Asked(present, plan, key).reasons() for key in asked}


class _Asked:
    def __init__(self, report: Report, plan: Plan, key: str) -> None:
        self.report, self.plan, self.key = report, plan, key
        place = plan.calculation[key]
        self.calculation: Calculation = plan.logic.calculations[place]
        self.variables = Variables(report, plan, report.calculated, report.kinds)
        self.scope: Scope = self.variables.scope(plan.reads[CALCULATION][place])
        self.expression, result = in_force(self.calculation, self.scope)
        self.result = settled(result)

    def reasons(self) -> Reasons:
        kept, standing = self.report.explanations[self.key], self.report.value(self.key)
        calculated = self.report.calculated.get(self.key)
        flips = tuple(self._flips())
        return Reasons(
            field=self.key,
            calculated=calculated,
            standing=standing if standing != calculated else None,
            decision=kept.decision,
            criteria=kept.criteria,
            logic_version=self.report.logic_version,
            rule=kept.rule,
            text=kept.text,
            inputs=tuple(self._input(name) for name in self._inputs),
            missing=tuple(
                name for name in self._inputs if self.scope[name] is None and any(name == flip.input for flip in flips)
            ),
            flips=flips,
            by_criteria=tuple(self._by_criteria()),
        )

    # -- inputs

    @property
    def _inputs(self) -> tuple[str, ...]:
        names = (name for name in self.plan.telling(self.expression).inputs if name not in GIVEN)
        return tuple(name for name in names if name in self.scope)

    def _input(self, name: str) -> UsedInput:
        parameter = _parameters(self.expression, self.plan.logic).get(name)
        found = self._used(name, self.scope[name])
        return found.model_copy(update={"parameter": parameter, "made_from": self._made_from(name, found.provenance)})

    def _made_from(self, name: str, provenance: Provenance | None) -> tuple[UsedInput, ...]:
        place = self.plan.calculation.get(name)
        if place is None or provenance is not Provenance.CALCULATED:
            return ()
        scope = self.variables.scope(self.plan.reads[CALCULATION][place])
        names = (one for one in sorted(scope) if one not in GIVEN and scope[one] is not None)
        return tuple(self._used(one, scope[one]) for one in names)

    def _used(self, name: str, used: Any) -> UsedInput:
        standing = self.report.value(name)
        return UsedInput(
            name=name,
            value=None if used is None else shown(used),
            unit=self._unit(name) if isinstance(used, Decimal) else None,
            provenance=standing.provenance if standing else None,
            source=standing.source if standing else None,
            absent=self.variables.absent((name,)).get(name),
        )

    def _unit(self, name: str) -> str | None:
        given, field = self.plan.logic.inputs.get(name), self.plan.template.field_by_key.get(name)
        if given is not None and given.unit:
            return given.unit
        place = self.plan.calculation.get(name)
        unit = self.plan.logic.calculations[place].unit if place is not None else None
        return unit or (field.unit if field else None)

    # -- what would flip it

    def _flips(self) -> Iterator[Flip]:
        if not self._classifies():
            return
        for name in self._inputs:
            known = constants(self.expression.node, name, self.plan.logic)
            for turn in self._turns(name, known):
                yield self._flip(name, turn)

    def _classifies(self) -> bool:
        """Tell whether the value is one of a few: a table decides, or the field offers choices."""
        knowledge, field = self.plan.decides(self.expression), self.plan.template.field_by_key.get(self.key)
        return (knowledge is not None and knowledge.table is not None) or bool(field and field.choices)

    def _turns(self, name: str, known: frozenset[Any]) -> Iterator[Turn]:
        present, field = self.scope[name], self.plan.template.field_by_key.get(name)
        if isinstance(present, bool) or (field is not None and field.kind is FieldKind.CHECKBOX):
            yield from among(present, (True, False), self._outcome_of(name))
        elif isinstance(present, Decimal):
            yield from nearest(present, _numbers(known | self._plausible_ends(name)), self._outcome_of(name))
        elif isinstance(present, str) or (field is not None and field.choices):
            offered = [one.value for one in field.choices if not one.blank] if field and field.choices else None
            values = sorted(one for one in known if isinstance(one, str)) if offered is None else offered
            yield from among(present, values, self._outcome_of(name))
        elif present is None and (field is None or field.kind is FieldKind.NUMBER):
            found = pieces(_numbers(known), self._outcome_of(name))
            yield from (turn for turn in found if equal(turn.outcome, self.result) is not True)

    def _plausible_ends(self, name: str) -> frozenset[Any]:
        """Return the ends of what is plausible, up to which a turn is looked for."""
        given = self.plan.logic.inputs.get(name)
        text = given.plausible_text if given else ""
        return frozenset(literals(parse_unary_tests(text))) if text else frozenset()

    def _outcome_of(self, name: str) -> Any:
        """Return what the decision says by the value of one input; nothing for values that would not be used."""
        given = self.plan.logic.inputs.get(name)
        plausible = given.plausible if given else None

        def outcome(value: Any) -> Any:
            if isinstance(value, Decimal) and plausible is not None and plausible({"?": value}) is not True:
                return None
            result = settled(self.expression.evaluate({**self.scope, name: value}))
            return result if isinstance(result, str | bool | Decimal) else None

        return outcome

    def _flip(self, name: str, turn: Turn) -> Flip:
        present, low, high = self.scope[name], _text(turn.low), _text(turn.high)
        end = turn.high if turn.low is None else turn.low
        change = end - present if isinstance(present, Decimal) and isinstance(end, Decimal) else None
        unit = self._unit(name) if isinstance(end, Decimal) else None
        return Flip(
            input=name,
            low=low,
            high=high,
            low_closed=turn.low_closed,
            high_closed=turn.high_closed,
            unit=unit,
            change=None if change is None else f"{'+' if change > 0 else ''}{number_text(change)}",
            about=turn.about,
            outcome=_text(turn.outcome) or "",
            rule=self._rule(name, turn),
            text=_in_words(turn, low, high, unit),
        )

    def _rule(self, name: str, turn: Turn) -> int | None:
        """Return the rule that would decide, found by deciding."""
        outcomes: list[Any] = []
        self.expression.evaluate({**self.scope, name: _within(turn), **trace(outcomes)})
        decided = (one for function, one in reversed(outcomes) if function == self.expression.decision)
        found = next(decided, None)
        return found.rules[0] if found is not None and found.rules else None

    # -- other criteria

    def _by_criteria(self) -> Iterator[ByCriteria]:
        for key, expression in self.calculation.criteria.items():
            value = _text(settled(expression.evaluate(self.scope)))
            knowledge = self.plan.decides(expression)
            name = knowledge.criteria if knowledge and knowledge.criteria else key
            if value:
                yield ByCriteria(key=key, criteria=name, value=value, in_force=expression is self.expression)


def _numbers(known: frozenset[Any]) -> list[Decimal]:
    return [one for one in known if isinstance(one, Decimal)]


def _within(turn: Turn) -> Any:
    """Return a value of a turn, close to its end."""
    end = turn.low if turn.low is not None else turn.high
    closed = turn.low_closed if turn.low is not None else turn.high_closed
    if closed or not isinstance(end, Decimal):
        return end
    return end + NEAR if turn.low is not None else end - NEAR


def _text(value: Any) -> str | None:
    kept = kept_value(value)
    return shown(value) if isinstance(kept, tuple | bool) else kept


def _in_words(turn: Turn, low: str | None, high: str | None, unit: str | None) -> str:
    """Say where the values of a turn lie, open or closed as they are."""
    if low is not None and low == high:
        return _measured(low, unit)
    words = []
    if low is not None:
        words.append(f"{'at least' if turn.low_closed else 'above'} {_measured(low, unit)}")
    if high is not None:
        words.append(f"{'at most' if turn.high_closed else 'below'} {_measured(high, unit)}")
    return ("about: " if turn.about else "") + " and ".join(words)


def _measured(text: str, unit: str | None) -> str:
    return text if unit in (None, "1") else f"{text} {unit}"


def _parameters(expression: Expression, logic: Logic) -> dict[str, str]:
    """Return what the deciding function calls the variables that are handed to it as they are."""
    node, known = expression.node, logic.functions.get(expression.decision)
    if not isinstance(node, Call) or known is None:
        return {}
    pairs = zip(node.names or known.parameters, node.arguments, strict=False)
    return {argument.name: parameter for parameter, argument in pairs if isinstance(argument, Name)}
