"""Whether what a logic file says can be meant: types, units and choices, worked out over all of its expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mrrt.logic.inference import Body, Finding, Inference
from mrrt.logic.model import ABSENT, CALCULATED, LANGUAGE, Calculation, Expression, Logic
from mrrt.logic.quantities import Unit, clash, unit_of
from mrrt.logic.reading import Reading
from mrrt.logic.shapes import ONE_OF, SEVERAL, TEXT, UNKNOWN, Shape, either, of_field
from mrrt.logic.wording import describe, kinds_in_words, said, texts_listed
from mrrt.template import Field, FieldKind, Template
from mrrt.units import is_ucum

Path = tuple[str, ...]


def check_soundness(reading: Reading, template: Template, logic: Logic, bodies: Mapping[str, Body]) -> None:
    """Note every expression that cannot be meant: rules L11, L19 to L22."""
    check = _Check(template, logic, bodies)
    for path, finding in check.all():
        if check.inference.holds(finding):
            line = None
            if finding.line is not None:
                line = reading.source.place(*path)[0] + finding.line
            reading.problem(finding.rule, finding.message, *path, mend=finding.mend, line=line)


class _Check:
    def __init__(self, template: Template, logic: Logic, bodies: Mapping[str, Body]) -> None:
        self.template = template
        self.logic = logic
        self.inference = Inference(bodies)
        self.scope: dict[str, Shape] = {LANGUAGE: TEXT, ABSENT: UNKNOWN, CALCULATED: UNKNOWN}
        self.scope |= {field.key: of_field(field, self._unit(field)) for field in template.fields}

    def _unit(self, field: Field) -> Unit | None:
        """Return the unit that the numbers of a field have inside the logic."""
        given = self.logic.inputs.get(field.key)
        code = (given.unit if given else None) or field.unit
        return unit_of(code) if code and is_ucum(code) else None

    def all(self) -> list[tuple[Path, Finding]]:
        """Return all findings with the path of the entry that they are in; all calls are known then."""
        return [*self._functions(), *self._calculated(), *self._conditions()]

    def _functions(self) -> Iterator[tuple[Path, Finding]]:
        for name, body in self.inference.functions.items():
            part = "expression" if body.table is None else "table"
            yield from ((("functions", name, part), finding) for finding in self.inference.of_function(name))

    def _calculated(self) -> Iterator[tuple[Path, Finding]]:
        for calculation in self.logic.calculations:
            found: list[Shape] = []
            for path, expression in _parts(calculation):
                shape = self.inference.shape(expression.node, self.scope)
                yield from ((path, finding) for finding in self.inference.taken())
                if path[-1] != "by":
                    found.append(shape)
                    yield from ((path, finding) for finding in self._fits(calculation, expression, shape))
            if calculation.key not in self.template.field_by_key:
                self.scope[calculation.key] = either(found)

    # -- results and the fields that they go into

    def _fits(self, calculation: Calculation, expression: Expression, shape: Shape) -> Iterator[Finding]:
        """Yield what keeps a result from being the value of its field."""
        yield from self._fits_unit(calculation, expression, shape)
        field = self.template.field_by_key.get(calculation.key)
        if field is None:
            return
        wanted = _FITTING.get(field.kind, _SAYABLE)
        if shape.is_surely_no(*wanted):
            message = f"{said(expression.node, shape)}, but the field takes {kinds_in_words(Shape(frozenset(wanted)))}"
            yield Finding("L19", message, "Correct the expression, or calculate another field.")
        yield from _offers(field, shape)

    def _fits_unit(self, calculation: Calculation, expression: Expression, shape: Shape) -> Iterator[Finding]:
        given = self.logic.inputs.get(calculation.key)
        codes = dict.fromkeys((calculation.unit, given.unit if given else None))
        for code in (code for code in codes if code and is_ucum(code)):
            for unit in shape.units or ():
                if clash(unit, unit_of(code)):
                    message = f"{describe(expression.node)} is in {unit.text}, but the value is declared in {code}"
                    mend = "Correct the expression or the unit; nothing is converted inside the logic."
                    yield Finding("L21", message, mend)

    # -- conditions

    def _conditions(self) -> Iterator[tuple[Path, Finding]]:
        for path, expression in self._tests():
            shape = self.inference.shape(expression.node, self.scope)
            self.inference.condition(expression.node, shape, "the condition", "L22")
            yield from ((path, finding) for finding in self.inference.taken())

    def _tests(self) -> Iterator[tuple[Path, Expression]]:
        for part, conditions in (("relevant", self.logic.relevant), ("required", self.logic.required)):
            yield from (((part, key), expression) for key, expression in conditions.items())
        yield from ((("constraint", one.field, "test"), one.expression) for one in self.logic.constraints)
        yield from ((("alerts", one.key, "when"), one.expression) for one in self.logic.alerts)


def page_findings(template: Template, logic: Logic) -> tuple[tuple[str, Finding], ...]:
    """Return what cannot be meant in the conditions that a page carries, by their text in the page."""
    check = _Check(template, logic, {})
    found: list[tuple[str, Finding]] = []
    for text, expression in logic.conditions.items():
        shape = check.inference.shape(expression.node, check.scope)
        check.inference.condition(expression.node, shape, "the condition", "L22")
        found += ((text, finding) for finding in check.inference.taken())
    return tuple(found)


def _parts(calculation: Calculation) -> Iterator[tuple[Path, Expression]]:
    path = ("calculated", calculation.key)
    if calculation.by is not None:
        yield (*path, "by"), calculation.by
    if calculation.expression is not None:
        yield path, calculation.expression
    yield from (((*path, "criteria", name), one) for name, one in calculation.criteria.items())


def _offers(field: Field, shape: Shape) -> Iterator[Finding]:
    """Yield the texts that the logic gives and the field does not offer as a choice (rule L11)."""
    if field.kind not in (*ONE_OF, *SEVERAL) or field.free_text or not field.choices:
        return
    offered = {choice.value for choice in field.choices}
    for value in sorted(shape.literals - offered):
        yield Finding(
            "L11",
            f'the value can be "{value}", which is no choice of the field',
            f"The field offers {texts_listed(offered)}.",
        )


_SAYABLE = ("string", "number", "boolean", "list", "date", "time", "date and time", "duration")
_FITTING: dict[FieldKind, tuple[str, ...]] = {
    FieldKind.NUMBER: ("number",),
    FieldKind.CHECKBOX: ("boolean",),
    FieldKind.DATE: ("date", "string"),
    FieldKind.TIME: ("time", "string"),
    **dict.fromkeys(ONE_OF, ("string",)),
    **dict.fromkeys(SEVERAL, ("list", "string")),
}
