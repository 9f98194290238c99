"""The logic of a template as a model of DMN: for other people's editors, and for committees that hold it to a paper.

Calculated values are decisions, functions are business knowledge models, fields are input data. DMN has no word for
"unknown": in a standard engine a missing input makes a rule not apply and an `if` take its else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from mrrt.dmn.drawn import drawn_table
from mrrt.dmn.model import (
    Decision,
    Definitions,
    FunctionExpression,
    InputData,
    ItemDefinition,
    Knowledge,
    LiteralExpression,
    Variable,
)
from mrrt.feel.names import entries_read
from mrrt.feel.values import to_text
from mrrt.logic.model import CALCULATED, LANGUAGE, Calculation, Logic
from mrrt.logic.model import Knowledge as OurKnowledge
from mrrt.logic.reading import called_in
from mrrt.logic.shapes import ONE_OF, SEVERAL
from mrrt.template import Field, FieldKind, Template

_KINDS = {FieldKind.NUMBER: "number", FieldKind.CHECKBOX: "boolean", FieldKind.TEXT: "string"}


def as_model(template: Template, logic: Logic, *, tables: bool = False) -> Definitions:
    """Return the calculated values of a template, and all that they need, as a DMN model.

    With `tables`, each decision table stands in it once more, as a decision over input data named like its parameters:
    dmn-js shows tables of decisions, not those of business knowledge models.
    """
    export = _Export(template, logic)
    model = export.model()
    return replace(model, elements=(*model.elements, *export.tables())) if tables else model


class _Export:
    def __init__(self, template: Template, logic: Logic) -> None:
        self.template = template
        self.logic = logic
        calculated = [calculation.key for calculation in logic.calculations]
        read = dict.fromkeys(chain.from_iterable(sorted(one.reads) for one in logic.calculations))
        self.inputs = [name for name in read if name not in (*calculated, CALCULATED)]
        self.made = sorted(_read_as_made(logic))
        """What is read whatever the reader typed. In DMN nobody types over a decision: it is the decision itself."""
        self.types: dict[tuple[str, bool], ItemDefinition] = {}
        self.ids = {name: f"input_{place}" for place, name in enumerate(self.inputs, 1)}
        made = [CALCULATED] if self.made else []
        self.ids |= {name: f"decision_{place}" for place, name in enumerate([*calculated, *made], 1)}
        self.functions = {name: f"function_{place}" for place, name in enumerate(logic.functions, 1)}

    def model(self) -> Definitions:
        """Return the model."""
        inputs = [InputData(self.ids[name], name, Variable(name, self._type(name))) for name in self.inputs]
        functions = [self._function(knowledge) for knowledge in self.logic.functions.values()]
        decisions = [self._decision(calculation) for calculation in self.logic.calculations]
        if self.made:
            decisions.append(self._made())
        return Definitions(
            self.template.title or self.template.identifier,
            f"urn:mrrt:{self.template.identifier}:{self.logic.version}",
            tuple(self.types.values()),
            (*inputs, *functions, *decisions),
        )

    def tables(self) -> Iterator[InputData | Decision]:
        """Yield each decision table as a decision of its own, behind the input data that only they need."""
        drawn = [one for one in self.logic.functions.values() if one.table is not None]
        given = dict(self.ids)
        for name in dict.fromkeys(chain.from_iterable(one.parameters for one in drawn)):
            if name not in given:
                given[name] = f"parameter_{len(given)}"
                yield InputData(given[name], name, Variable(name))
        for knowledge in drawn:
            assert knowledge.table is not None
            name = f"{knowledge.name} (table)"
            needs = [given[one] for one in knowledge.parameters] + [self.functions[one] for one in knowledge.calls]
            table = drawn_table(knowledge.text, knowledge.table.hit_policy)
            identifier = f"table_of_{self.functions[knowledge.name]}"
            yield Decision(identifier, name, Variable(name), tuple(f"#{one}" for one in needs), table)

    def _type(self, name: str) -> str | None:
        field = self.template.field_by_key.get(name)
        if field is None:
            return "string" if name == LANGUAGE else None
        if field.kind in (*ONE_OF, *SEVERAL) and field.choices and not field.free_text:
            return self._choices(field)
        return _KINDS.get(field.kind)

    def _choices(self, field: Field) -> str:
        """Return the type of a choice field; fields that offer the same share it."""
        offered = (choice.value for choice in field.choices if not choice.blank)
        allowed = ", ".join(to_text(value, inside=True) or "" for value in dict.fromkeys(offered))
        several = field.kind in SEVERAL
        item = ItemDefinition(f"choice of {field.key}", "string", allowed, collection=several)
        return self.types.setdefault((allowed, several), item).name

    def _function(self, knowledge: OurKnowledge) -> Knowledge:
        text, table = knowledge.text, knowledge.table
        body = LiteralExpression(text.strip()) if table is None else drawn_table(text, table.hit_policy)
        function = FunctionExpression(tuple(Variable(name) for name in knowledge.parameters), body)
        needs = tuple(f"#{self.functions[name]}" for name in knowledge.calls)
        return Knowledge(self.functions[knowledge.name], knowledge.name, Variable(knowledge.name), needs, function)

    def _decision(self, calculation: Calculation) -> Decision:
        needs = tuple(f"#{identifier}" for identifier in self._needs(calculation))
        expression = LiteralExpression(_text(calculation))
        return Decision(self.ids[calculation.key], calculation.key, Variable(calculation.key), needs, expression)

    def _made(self) -> Decision:
        entries = ", ".join(f"{to_text(name, inside=True)}: {name}" for name in self.made)
        needs = tuple(f"#{self.ids[name]}" for name in self.made)
        return Decision(
            self.ids[CALCULATED], CALCULATED, Variable(CALCULATED), needs, LiteralExpression("{" + entries + "}")
        )

    def _needs(self, calculation: Calculation) -> Iterator[str]:
        yield from (self.ids[name] for name in sorted(calculation.reads))
        called = called_in(expression.node for expression in calculation.expressions)
        yield from (self.functions[name] for name in called if name in self.functions)


def _read_as_made(logic: Logic) -> set[str]:
    nodes = (expression.node for calculation in logic.calculations for expression in calculation.expressions)
    return {entry for node in nodes for entry in entries_read(node, CALCULATED) if entry}


def _text(calculation: Calculation) -> str:
    """Return the expression of a value; of several criteria, the one that `by` names."""
    if calculation.by is None:
        return calculation.expression.text.strip() if calculation.expression is not None else "null"
    text = "null"
    for name, expression in reversed(tuple(calculation.criteria.items())):
        wanted = to_text(name, inside=True)
        text = f"if ({calculation.by.text}) = {wanted} then ({expression.text})\nelse {text}"
    return text
