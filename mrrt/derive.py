"""From the values of a report to what follows from them: calculated values, relevance, requirements, problems."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mrrt.conditions import hidden_by
from mrrt.dmn import Outcome
from mrrt.errors import UnitError
from mrrt.feel.values import equal, number_text, to_number, to_text
from mrrt.logic import ABSENT, LANGUAGE, Calculation, Expression, Input, Logic, message_in, trace
from mrrt.problems import Problem, Severity
from mrrt.report import DataAbsentReason, Explanation, Provenance, Report, Source, Value
from mrrt.template import Field, FieldKind, Template
from mrrt.units import convert

_DIGITS = 12
"""Calculated numbers are kept to this many significant digits; beyond them there is no measurement."""


def derive(report: Report, template: Template, logic: Logic) -> Report:
    """Return the report with everything that follows from its values, computed anew.

    Calculated values are those of the present inputs alone: what an earlier state of the inputs led to is gone. An
    input that is missing, implausible or in an unknown unit is unknown, and so is what depends on it, unless all
    it could be leads to the same. A value that the reader typed over a calculated one stands, and what depends on
    it follows the reader.
    """
    derivation = _Derivation(report, template, logic)
    return report.model_copy(update=derivation.run())


class _Derivation:
    def __init__(self, report: Report, template: Template, logic: Logic) -> None:
        self.report = report
        self.template = template
        self.logic = logic
        self.problems: list[Problem] = []
        self.calculated: dict[str, Value] = {}
        self.explanations: dict[str, Explanation] = {}
        self.refused: dict[str, str] = {}
        """Why a value that stands is not used, as a data absent reason."""
        self.stated = report.model_copy(update={"calculated": {}})

    def run(self) -> dict[str, Any]:
        variables: dict[str, Any] = {field.key: self._input(field) for field in self.template.fields}
        variables[LANGUAGE] = self.report.language
        variables[ABSENT] = self._absent()
        for calculation in self.logic.calculations:
            self._calculate(calculation, variables)
        failing = frozenset(text for text, test in self.logic.conditions.items() if test.evaluate(variables) is False)
        irrelevant = self._irrelevant(variables, failing)
        self.problems += self.logic.notes
        self._check_constraints(variables)
        for alert in self.logic.alerts:
            if alert.expression.evaluate(variables) is True:
                message = message_in(alert.messages, self.report.language)
                self._problem(alert.key, alert.severity, message, alert.field)
        return {
            "calculated": self.calculated,
            "explanations": self.explanations,
            "irrelevant": irrelevant,
            "failing_conditions": failing,
            "required": frozenset(key for key, test in self.logic.required.items() if test.evaluate(variables) is True),
            "criteria": self._criteria(),
            "logic_digest": self.logic.digest,
            "logic_version": self.logic.version,
            "problems": tuple(self.problems),
        }

    def _problem(self, rule: str, severity: Severity, message: str, field: str | None, mend: str = "") -> None:
        self.problems.append(Problem(rule=rule, severity=severity, message=message, field=field, mend=mend))

    # -- inputs

    def _absent(self) -> dict[str, str]:
        standing = ((field.key, self.stated.value(field.key)) for field in self.template.fields)
        absent = {key: str(value.absent) for key, value in standing if value is not None and value.absent is not None}
        return {**absent, **self.refused}

    def _input(self, field: Field) -> Any:
        """Return the FEEL value of a field as it stands, leaving out what was calculated before."""
        value = self.stated.value(field.key)
        if value is None or value.value is None:
            return None
        given = self.logic.inputs.get(field.key, Input())
        if field.kind is FieldKind.NUMBER:
            return self._number(field, value, given)
        return _plain_input(field, value)

    def _number(self, field: Field, value: Value, given: Input) -> Decimal | None:
        number = to_number(str(value.value))
        if number is None:
            mend = "Correct it or clear it."
            self._problem("V1", Severity.ERROR, f'"{value.value}" is not a number', field.key, mend)
            self.refused[field.key] = DataAbsentReason.NOT_A_NUMBER
            return None
        try:
            number = _in_unit(number, value.unit or field.unit, given.unit)
        except UnitError as error:
            self._problem("V2", Severity.WARNING, f"the value is not used in calculations: {error}", field.key)
            self.refused[field.key] = DataAbsentReason.UNSUPPORTED
            return None
        if given.plausible and given.plausible({"?": number}) is not True:
            unit = given.unit or field.unit or ""
            message = (
                f"{number_text(number)} {unit} is outside what is plausible ({given.plausible_text} {unit}) "
                "and is not used in calculations"
            )
            self._problem("V3", Severity.WARNING, message, field.key, "Check the value and its unit.")
            # Zero is no signal rather than a wrong value; logic may tell the two apart.
            self.refused[field.key] = DataAbsentReason.ERROR if number else DataAbsentReason.NOT_PERFORMED
            return None
        return number

    # -- calculated values

    def _calculate(self, calculation: Calculation, variables: dict[str, Any]) -> None:
        outcomes: list[tuple[str, Outcome]] = []
        expression, result = _evaluate(calculation, {**variables, **trace(outcomes)})
        self._explain(calculation, expression, outcomes, variables)
        value = _as_value(result, calculation, self.explanations[calculation.key])
        if value is not None:
            self.calculated[calculation.key] = value
        if self.stated.value(calculation.key) is None:
            variables[calculation.key] = result

    def _explain(
        self,
        calculation: Calculation,
        expression: Expression,
        outcomes: list[tuple[str, Outcome]],
        variables: Mapping[str, Any],
    ) -> None:
        """Keep the rule that decided, where a decision table did, and what went in."""
        decision = expression.decision
        knowledge = self.logic.functions.get(decision)
        outcome = next((o for name, o in reversed(outcomes) if name == decision), None)
        seen = (outcome.inputs if outcome else None) or {name: variables.get(name) for name in expression.reads}
        note = ""
        if outcome and outcome.conflict:
            note = f"rules {', '.join(map(str, outcome.rules))} all apply, but only one may: no value"
            self._problem("V4", Severity.ERROR, f'"{decision}": {note}', calculation.key)
        elif outcome and outcome.rules and knowledge and knowledge.table:
            note = knowledge.table.rules[outcome.rules[0] - 1].annotation
        self.explanations[calculation.key] = Explanation(
            decision=decision,
            criteria=knowledge.criteria if knowledge else None,
            rule=outcome.rules[0] if outcome and outcome.rules else None,
            inputs={key: _shown(value) for key, value in sorted(seen.items())},
            unknown=outcome.unknown if outcome else (),
            text=note,
        )

    def _criteria(self) -> tuple[str, ...]:
        used = (self.explanations[key].criteria for key in self.calculated)
        return tuple(dict.fromkeys(criteria for criteria in used if criteria))

    def _check_constraints(self, variables: Mapping[str, Any]) -> None:
        for constraint in self.logic.constraints:
            if constraint.expression.evaluate(variables) is False:
                message = message_in(constraint.messages, self.report.language)
                self._problem("V5", constraint.severity, message, constraint.field, "Correct one of the values.")

    # -- relevance

    def _irrelevant(self, variables: Mapping[str, Any], failing: frozenset[str]) -> frozenset[str]:
        """Return the fields that are hidden, those of hidden sections included; unknown conditions hide nothing."""
        hidden = {key for key, test in self.logic.relevant.items() if test.evaluate(variables) is False}
        hidden |= hidden_by(self.template, failing)
        parents = {
            inner.key: outer.key
            for outer in self.template.sections
            for inner in outer.content
            if inner.type == "section"
        }

        def is_hidden(section: str | None) -> bool:
            return section is not None and (section in hidden or is_hidden(parents.get(section)))

        return frozenset(
            field.key for field in self.template.fields if field.key in hidden or is_hidden(field.section)
        ) | frozenset(hidden)


def _evaluate(calculation: Calculation, variables: Mapping[str, Any]) -> tuple[Expression, Any]:
    """Return the expression in force with its value; while it is unknown which one, a value only if all agree."""
    if calculation.by is None:
        assert calculation.expression is not None
        return calculation.expression, calculation.expression.evaluate(variables)
    chosen = calculation.by.evaluate(variables)
    if chosen is not None:
        expression = calculation.criteria.get(str(chosen))
        return (calculation.by, None) if expression is None else (expression, expression.evaluate(variables))
    results = [expression.evaluate(variables) for expression in calculation.criteria.values()]
    agreed = all(equal(result, results[0]) is True for result in results)
    return calculation.by, results[0] if agreed else None


def _in_unit(number: Decimal, unit: str | None, wanted: str | None) -> Decimal:
    if wanted is None or unit == wanted:
        return number
    if unit is None:
        raise UnitError(f"it has no unit, and {wanted} is needed")
    return convert(number, unit, wanted)


def _plain_input(field: Field, value: Value) -> Any:
    if isinstance(value.value, tuple):
        return value.value
    if isinstance(value.value, str):
        choice = field.choice(value.value)
        return None if choice is not None and choice.blank else value.value
    return value.value


def _as_value(result: Any, calculation: Calculation, explanation: Explanation) -> Value | None:
    if result is None or (isinstance(result, str | tuple) and not result):
        return None
    rule = f"{explanation.decision}, rule {explanation.rule}" if explanation.rule else explanation.decision
    source = Source(rule=rule, criteria=explanation.criteria)
    text: str | bool | tuple[str, ...]
    if isinstance(result, Decimal):
        text = number_text(result if result == result.to_integral_value() else +result.normalize(_context()))
    elif isinstance(result, tuple):
        text = tuple(to_text(item) or "" for item in result)
    else:
        text = result if isinstance(result, bool) else to_text(result) or ""
    unit = calculation.unit if isinstance(result, Decimal) else None
    return Value(value=text, unit=unit, provenance=Provenance.CALCULATED, source=source)


def _context() -> Any:
    from decimal import Context

    return Context(prec=_DIGITS)


def _shown(value: Any) -> str:
    return "unknown" if value is None else to_text(value) or ""
