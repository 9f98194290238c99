"""One derivation: the steps of a plan, taken on the values of a report.

Variables are looked up when an expression reads them. A variable is the field as it stands, or else the calculated
value: of this derivation, or, where nothing that it depends on has changed, as the report holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from functools import lru_cache
from heapq import heapify, heappop, heappush
from typing import Any

from mrrt.derive.plan import (
    ALERT,
    CALCULATION,
    CONDITION,
    CONSTRAINT,
    INPUT,
    NOTE,
    RELEVANT,
    REQUIRED,
    Plan,
    Step,
)
from mrrt.derive.results import NUMBER, kept
from mrrt.derive.variables import Scope, Variables, in_force
from mrrt.dmn import Outcome
from mrrt.feel.limits import TRACE
from mrrt.feel.values import number_text, to_text
from mrrt.logic import GIVEN, LANGUAGE, Calculation, Expression, message_in
from mrrt.problems import Problem, Severity
from mrrt.report import Explanation, Provenance, Report, Source, Value

_CONFLICT = {
    "en": "rules {rules} all apply, but only one may: no value",
    "de": "die Regeln {rules} treffen zugleich zu, es darf aber nur eine: kein Wert",
}
_VERSION = "3"
"""How derivation works; another number where the same values may lead to something else. Older reports are then
derived whole."""


def basis(plan: Plan, report: Report) -> str:
    """Return what a derivation rests on besides values: engine, logic, template and language."""
    return f"{_VERSION} {plan.logic.digest} {plan.template.digest} {report.language}"


class Derivation:
    """A derivation of one report; with `changed`, of what depends on those fields alone."""

    def __init__(self, report: Report, plan: Plan, changed: Collection[str] | None = None) -> None:
        self.report = report
        self.plan = plan
        self.changed = changed
        self._whole = changed is None
        self._texts: dict[str, str] = {}
        """Variables as explanations show them."""
        self._problems: dict[Step, Problem] = {}
        self._done: set[Step] = set()
        """The steps whose problems are those found now."""
        old = report if changed is not None else None
        self._calculated = dict(old.calculated) if old else {}
        self._explanations = dict(old.explanations) if old else {}
        self._kinds = dict(old.kinds) if old else {}
        self.variables = Variables(report, plan, self._calculated, self._kinds)

    def run(self) -> dict[str, Any]:
        """Return what is new in the report, by attribute."""
        steps = self._first_steps()
        for place in self._calculations(steps):
            self._calculate(place)
        for place in sorted(steps[CONSTRAINT]):
            self._check_constraint(place)
        for place in sorted(steps[ALERT]):
            self._check_alert(place)
        failing, irrelevant = self._hidden(steps)
        logic = self.plan.logic
        return {
            "calculated": self._calculated,
            "explanations": self._explanations,
            "kinds": self._kinds,
            "irrelevant": irrelevant,
            "failing_conditions": failing,
            "required": self._required(steps[REQUIRED]),
            "criteria": self._criteria(),
            "logic_digest": logic.digest,
            "logic_version": logic.version,
            "basis": basis(self.plan, self.report),
            "problems": self._all_problems(),
        }

    # -- which steps are to be taken

    def _first_steps(self) -> dict[int, set[int]]:
        if self.changed is None:
            self.variables.update(self.plan.unstated)
            self._read_inputs(dict.fromkeys(key for layer in self.variables.layers for key in layer))
            return {part: set(self.plan.steps(part)) for part in self.plan.reads}
        self._read_inputs(self.changed)
        steps: dict[int, set[int]] = {part: set() for part in self.plan.reads}
        for key in self.changed:
            for part, place in self.plan.readers_of_field(key):
                steps[part].add(place)
        return steps

    def _calculations(self, steps: dict[int, set[int]]) -> Iterable[int]:
        """Yield the calculations to be made, in order; those that depend on what becomes different among them."""
        if self._whole:
            yield from self.plan.steps(CALCULATION)
            return
        waiting = list(steps[CALCULATION])
        heapify(waiting)
        while waiting:
            place = heappop(waiting)
            key = self.plan.logic.calculations[place].key
            before = self._kinds.get(key), _said(self._calculated.get(key))
            yield place
            if before[0] is not None and before == (self._kinds.get(key), _said(self._calculated.get(key))):
                continue
            if key not in self.plan.compared and self.variables.stated(key) is not None:
                continue
            for part, dependent in self.plan.readers_of(key):
                if dependent not in steps[part]:
                    steps[part].add(dependent)
                    if part == CALCULATION:
                        heappush(waiting, dependent)

    # -- inputs

    def _read_inputs(self, keys: Iterable[str]) -> None:
        """Read what is stated; numbers, dates and times also for what is wrong with them."""
        readers, variables, whole = self.plan.readers, self.variables, self._whole
        for key in keys:
            reader = readers.get(key)
            if reader is None or not (whole or reader.may_refuse):
                continue
            if not whole:
                self._done.add((INPUT, reader.place))
            stated = variables.stated(key)
            if stated is not None:
                variables[key] = variables.read(key, stated)
                if key in variables.refused:
                    self._problems[INPUT, reader.place] = variables.refused[key].problem

    # -- calculated values

    def _calculate(self, place: int) -> None:
        calculation, outcomes = self.plan.logic.calculations[place], list[tuple[str, Outcome]]()
        key, scope = calculation.key, self.variables.scope(self.plan.reads[CALCULATION][place])
        scope[TRACE] = outcomes
        expression, result = in_force(calculation, scope)
        explanation = self._explained(place, expression, outcomes, scope)
        self._explanations[key] = explanation
        self._keep(calculation, result, explanation)

    def _keep(self, calculation: Calculation, result: Any, explanation: Explanation) -> None:
        key, (used, value, kind) = calculation.key, kept(result)
        if value is None:
            self._calculated.pop(key, None)
        else:
            self._calculated[key] = Value.trusted(
                {
                    "value": value,
                    "unit": calculation.unit if kind == NUMBER else None,
                    "absent": None,
                    "provenance": Provenance.CALCULATED,
                    "source": _source(explanation.decision, explanation.rule, explanation.criteria),
                }
            )
        if kind is not None:
            self._kinds[key] = kind
        else:
            self._kinds.pop(key, None)
        if self.variables.stated(key) is None:
            self.variables[key] = used
            if kind == NUMBER:
                self._texts[key] = str(value)

    def _criterion(self, key: str) -> str | None:
        """Return the criteria behind the value that stands; None where there is none, or the reader says otherwise."""
        calculated = self._calculated.get(key)
        if calculated is None or key not in self._explanations:
            return None
        stated = self.variables.stated(key)
        return self._explanations[key].criteria if stated is None or stated.value == calculated.value else None

    def _explained(
        self, place: int, expression: Expression, outcomes: list[tuple[str, Outcome]], scope: Scope
    ) -> Explanation:
        """Return the rule that decided, where a decision table did, and what went in."""
        telling, step = self.plan.telling(expression), (CALCULATION, place)
        if not self._whole:
            self._done.add(step)
        outcome, rule, note = _latest(outcomes, telling.decision) if outcomes else None, None, ""
        if outcome is not None and outcome.inputs:
            inputs = {column: shown(outcome.inputs[column]) for column in telling.columns}
        else:
            inputs = self._shown(telling.inputs, scope)
        if outcome is not None and outcome.rules:
            rule = outcome.rules[0]
            language = self.report.language
            note = self._conflict(step, telling.decision, outcome) if outcome.conflict else telling.note(rule, language)
        return Explanation.trusted(
            {
                "decision": telling.decision,
                "criteria": telling.criteria,
                "rule": rule,
                "inputs": inputs,
                "unknown": outcome.unknown if outcome is not None else (),
                "text": note,
            }
        )

    def _conflict(self, step: Step, decision: str, outcome: Outcome) -> str:
        said = message_in(_CONFLICT, self.report.language)
        note = said.format(rules=", ".join(map(str, outcome.rules)))
        key = self.plan.logic.calculations[step[1]].key
        self._problem(step, "V4", Severity.ERROR, f'"{decision}": {note}', key)
        return note

    def _shown(self, names: Iterable[str], scope: Scope) -> dict[str, str]:
        texts, found = self._texts, dict[str, str]()
        for name in names:
            if name in texts:
                found[name] = texts[name]
                continue
            found[name] = text = shown(scope.get(name))
            if name == LANGUAGE or name not in GIVEN:  # contexts hold what one expression reads
                texts[name] = text
        return found

    def _criteria(self) -> tuple[str, ...]:
        used = (self._criterion(key) for key in self.plan.criteria)
        return tuple(dict.fromkeys(criteria for criteria in used if criteria))

    # -- constraints and alerts

    def _holds(self, step: Step, expression: Expression, hidden: frozenset[str] = frozenset()) -> Any:
        part, place = step
        scope = self.variables.scope(self.plan.reads[part][place])
        return expression.evaluate({**scope, **dict.fromkeys(hidden & scope.keys())} if hidden else scope)

    def _check_constraint(self, place: int) -> None:
        step, constraint = (CONSTRAINT, place), self.plan.logic.constraints[place]
        self._done.add(step)
        if self._holds(step, constraint.expression) is False:
            message = message_in(constraint.messages, self.report.language)
            self._problem(step, "V5", constraint.severity, message, constraint.field, "Correct one of the values.")

    def _check_alert(self, place: int) -> None:
        step, alert = (ALERT, place), self.plan.logic.alerts[place]
        self._done.add(step)
        if self._holds(step, alert.expression) is True:
            message = message_in(alert.messages, self.report.language)
            self._problem(step, alert.key, alert.severity, message, alert.field)

    def _problem(
        self, step: Step, rule: str, severity: Severity, message: str, field: str | None, mend: str = ""
    ) -> None:
        self._problems[step] = Problem(rule=rule, severity=severity, message=message, field=field, mend=mend)

    def _all_problems(self) -> tuple[Problem, ...]:
        found = {(NOTE, place): note for place, note in enumerate(self.plan.logic.notes)}
        if not self._whole:
            earlier = ((self.plan.step_of(problem), problem) for problem in self.report.problems)
            found |= {step: problem for step, problem in earlier if step[0] != NOTE and step not in self._done}
        found |= self._problems
        return tuple(problem for _, problem in sorted(found.items(), key=_by_step))

    # -- relevance and requirements

    def _required(self, places: Iterable[int]) -> frozenset[str]:
        tests = ((place, *self.plan.required[place]) for place in places)
        now = {key: self._holds((REQUIRED, place), test) is True for place, key, test in tests}
        return _changed_set(frozenset() if self._whole else self.report.required, now)

    def _hidden(self, steps: dict[int, set[int]]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the conditions of the page that fail, and the fields that are hidden.

        To a condition a field that is hidden is one that nobody answered, as it is to the reader.
        """
        failing, flipped = self._conditions(steps[CONDITION])
        irrelevant = self._irrelevant(steps[RELEVANT], failing, flipped)
        for _ in self.plan.conditions if self.plan.chained else ():
            before = failing
            failing, flipped = self._conditions(steps[CONDITION], irrelevant)
            if failing == before:
                break
            irrelevant = self._irrelevant(steps[RELEVANT], failing, flipped)
        return failing, irrelevant

    def _conditions(
        self, places: Iterable[int], hidden: frozenset[str] = frozenset()
    ) -> tuple[frozenset[str], list[str]]:
        """Return the conditions of the page that fail, and those of which that is news."""
        tests = ((place, *self.plan.conditions[place]) for place in places)
        now = {text: self._holds((CONDITION, place), test, hidden) is False for place, text, test in tests}
        before = frozenset[str]() if self._whole else self.report.failing_conditions
        return _changed_set(before, now), [text for text, fails in now.items() if fails != (text in before)]

    def _irrelevant(self, places: Iterable[int], failing: frozenset[str], flipped: Iterable[str]) -> frozenset[str]:
        """Return the fields that are hidden, those of hidden sections included; unknown conditions hide nothing."""
        plan, before = self.plan, frozenset[str]() if self._whole else self.report.irrelevant
        asked = dict.fromkeys(plan.relevant[place][0] for place in sorted(places))
        asked |= dict.fromkeys(key for condition in flipped for key in plan.within.get(condition, ()))
        if not asked:
            return before
        hidden = self._hider(failing)
        turned = [key for key in asked if key in plan.fields_below and hidden(key) != (key in before)]
        asked |= dict.fromkeys(key for section in turned for key in plan.fields_below[section])
        above = {key: plan.sections_of.get(key, ()) for key in asked}
        sections = {around: any(map(hidden, around)) for around in set(above.values())}
        now = {key: sections[around] or hidden(key) for key, around in above.items()}
        return _changed_set(before, now)

    def _hider(self, failing: frozenset[str]) -> Callable[[str], bool]:
        """Return the function that tells whether a field or section is hidden by what is said of itself."""
        known: dict[str, bool] = {}

        around, relevance, may_hide = self.plan.around, self.plan.relevance, self.plan.may_hide

        def find(key: str) -> bool:
            if key in around and not failing.isdisjoint(around[key]):
                return True
            place = relevance.get(key)
            return place is not None and self._holds((RELEVANT, place), self.plan.relevant[place][1]) is False

        def hidden(key: str) -> bool:
            if key not in may_hide:
                return False
            if key not in known:
                known[key] = find(key)
            return known[key]

        return hidden


def _by_step(entry: tuple[Step, Problem]) -> Step:
    return entry[0]


def _latest(outcomes: list[tuple[str, Outcome]], decision: str) -> Outcome | None:
    """Return what a table decided last."""
    found: Outcome | None = None
    for name, outcome in outcomes:
        if name == decision:
            found = outcome
    return found


def _changed_set(before: frozenset[str], now: dict[str, bool]) -> frozenset[str]:
    """Return the set with the keys added that are true, and without those that are false."""
    more = {key for key, holds in now.items() if holds and key not in before}
    less = {key for key, holds in now.items() if not holds and key in before}
    return (before - less) | more if more or less else before


def _said(value: Value | None) -> Any:
    return None if value is None else value.value


@lru_cache(maxsize=4096)
def _source(decision: str, rule: int | None, criteria: str | None) -> Source:
    return Source(rule=f"{decision}, rule {rule}" if rule else decision, criteria=criteria)


def shown(value: Any) -> str:
    """Return a FEEL value as an explanation shows it."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return "unknown"
    return number_text(value) if kind is Decimal else to_text(value) or ""
