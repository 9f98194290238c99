"""Loading a logic file: its parts are read in order, and every problem is reported, not the first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mrrt.adoption import adopt, read_codes
from mrrt.authored import Authored, read_yaml
from mrrt.conditions import conditions_of
from mrrt.errors import Refused
from mrrt.feel import Compiler, parse_expression
from mrrt.feel.names import variables
from mrrt.logic.form import PARTS, SCHEMAS, fits
from mrrt.logic.functions import read_functions
from mrrt.logic.model import GIVEN, Alert, Calculation, Constraint, Expression, Input, Knowledge, Logic
from mrrt.logic.reading import Reading, closest, listed
from mrrt.logic.soundness import check_soundness
from mrrt.problems import Severity
from mrrt.template import Template
from mrrt.units import is_ucum, same_dimension


def own_logic(template: Template) -> Logic:
    """Return the logic of a template that has no logic file: the conditions that its page carries."""
    texts, notes = conditions_of(template)
    names = frozenset(template.field_by_key)
    conditions = {condition: _own_expression(text, names) for condition, text in texts.items()}
    return Logic(template=template.identifier, conditions=conditions, notes=notes)


def _own_expression(text: str, names: frozenset[str]) -> Expression:
    node = parse_expression(text, names)
    reads = frozenset(name.name for name in variables(node))
    return Expression(text, node, Compiler(unknown_if=True).compile(node), reads, text)


def load_logic(text: str, file: str, template: Template) -> Logic:
    """Load and compile logic for a template.

    Raises Refused with every problem found: rule, line, column and how to mend it. The rules are described in
    docs/reference/logic-yaml.md.
    """
    loader = _Loader(read_yaml(text, file), template)
    logic = loader.load(hashlib.sha256(text.encode()).hexdigest())
    if loader.reading.problems:
        raise Refused(loader.reading.problems)
    return logic


class _Loader:
    def __init__(self, source: Authored, template: Template) -> None:
        self.choices, wrong = read_codes(source, template)
        self.template = adopt(template, self.choices)
        self.reading = Reading(source)
        self.reading.problems += wrong
        self.knowledge: Mapping[str, Knowledge] = {}
        self.fields = frozenset(template.field_by_key)
        self.names: frozenset[str] = frozenset()
        """What the expressions may name: fields, inputs, calculated values and what is always given."""

    def load(self, digest: str) -> Logic:
        data, reading = self.reading.source.data, self.reading
        known = {*PARTS, "for each"}  # which is gone from the data, expanded
        for key in sorted(data.keys() - PARTS.keys()):
            reading.problem("L1", f'"{key}" is not a part of a logic file', key, mend=f"Known are {listed(known)}.")
        for key, part in PARTS.items():
            if not part.by_name and part.value and key in data and not fits(data[key], SCHEMAS[part.value]):
                reading.problem("L1", f'"{key}" must be {part.value}', key)
        identifier = str(data.get("template", ""))
        if identifier != self.template.identifier:
            message = f'the logic belongs to template "{identifier}", not to "{self.template.identifier}"'
            reading.problem("L2", message, "template", mend="Write the dcterms.identifier of the template.")
        inputs = {key: self._input(key, entry) for key, entry in reading.mapping("inputs").items()}
        self.names = frozenset({*self.fields, *reading.mapping("calculated"), *inputs, *GIVEN})
        self.knowledge, bodies = read_functions(reading)
        own = own_logic(self.template)
        logic = Logic(
            conditions=own.conditions,
            notes=own.notes,
            template=identifier,
            version=str(data.get("version", "")),
            digest=digest,
            choices=self.choices,
            inputs=inputs,
            functions=self.knowledge,
            table_notes=self._table_notes(),
            calculations=self._calculations(),
            relevant=self._conditions("relevant"),
            required=self._conditions("required"),
            constraints=self._constraints(),
            alerts=self._alerts(),
        )
        check_soundness(reading, self.template, logic, bodies)
        return logic

    # -- inputs

    def _input(self, key: str, entry: Any) -> Input:
        entry = entry or {}
        if key not in self.fields:
            message = f'the template has no field "{key}"'
            self.reading.problem("L3", message, "inputs", key, mend=closest(key, self.fields), field=key)
        unit = entry.get("unit")
        self._check_unit(key, unit)
        text = str(entry.get("plausible", ""))
        return Input(unit, self.reading.test(text, "inputs", key, "plausible") if text else None, text)

    def _check_unit(self, key: str, unit: str | None) -> None:
        own = self.template.field_by_key[key].unit if key in self.fields else None
        if unit and not is_ucum(unit):
            message, mend = f'"{unit}" is not a UCUM unit', "Write the UCUM code, such as cm/s or mm."
            self.reading.problem("L4", message, "inputs", key, mend=mend, field=key)
        elif unit and own and is_ucum(own) and not same_dimension(unit, own):
            message = f"the input is declared in {unit}, but the field measures {own}: they cannot be converted"
            self.reading.problem("L5", message, "inputs", key, mend="Correct one of the two.", field=key)

    # -- notes of tables

    def _table_notes(self) -> dict[str, Mapping[str, str]]:
        tables = (known.table for known in self.knowledge.values() if known.table is not None)
        written = {rule.annotation for table in tables for rule in table.rules}
        entries = self.reading.mapping("notes")
        for note in entries.keys() - written:
            self.reading.problem("L23", f'no table notes "{note}"', "notes", note, mend=closest(note, written))
        return {note: _by_language(texts) for note, texts in entries.items()}

    # -- calculated fields

    def _calculations(self) -> tuple[Calculation, ...]:
        entries = self.reading.mapping("calculated")
        found = {key: self._calculation(key, entry) for key, entry in entries.items()}
        made = {key: calculation for key, calculation in found.items() if calculation is not None}
        graph = {key: calculation.reads & made.keys() for key, calculation in made.items()}
        try:
            return tuple(made[key] for key in TopologicalSorter(graph).static_order())
        except CycleError as error:
            path = " -> ".join(reversed(error.args[1]))
            message = f"calculated fields depend on each other: {path}"
            self.reading.problem("L10", message, "calculated", error.args[1][0])
            return ()

    def _calculation(self, key: str, entry: Any) -> Calculation | None:
        details = entry if isinstance(entry, dict) else {"expression": entry}
        own = self.template.field_by_key[key].unit if key in self.fields else None
        unit = details.get("unit") or own
        if "by" in details:
            return self._by_criteria(key, details, unit)
        expression = self._expression(details["expression"], "calculated", key)
        return None if expression is None else Calculation(key, unit, expression)

    def _by_criteria(self, key: str, details: Mapping[str, Any], unit: str | None) -> Calculation | None:
        """Read a value that several criteria can give: `by` names the one in force, `criteria` has one for each."""
        texts = details["criteria"]
        by = self._expression(details["by"], "calculated", key, "by")
        path = ("calculated", key, "criteria")
        found = {name: self._expression(text, *path, str(name)) for name, text in texts.items()}
        made = {str(name): one for name, one in found.items() if one is not None}
        if by is None or len(made) < len(texts):
            return None
        self._check_choices_covered(key, by, made)
        return Calculation(key, unit, by=by, criteria=made)

    def _check_choices_covered(self, key: str, by: Expression, criteria: Mapping[str, Expression]) -> None:
        """Refuse a choice field as `by` whose choices and the criteria are not the same (rule L16)."""
        chooser = self.template.field_by_key.get(by.text.strip())
        if chooser is None or not chooser.choices:
            return
        offered = {choice.value for choice in chooser.choices if not choice.blank}
        for value in sorted(offered ^ criteria.keys()):
            where = "has no criteria for it" if value in offered else f'"{chooser.key}" does not offer it'
            mend = f'"{chooser.key}" offers {listed(offered)}.'
            self.reading.problem("L16", f'"{value}": {where}', "calculated", key, "criteria", mend=mend, field=key)

    def _expression(self, written: Any, *path: str) -> Expression | None:
        return self.reading.expression(written, self.names, *path)

    # -- conditions, constraints and alerts

    def _conditions(self, part: str) -> dict[str, Expression]:
        sections = {section.key for section in self.template.sections}
        result: dict[str, Expression] = {}
        for key, text in self.reading.mapping(part).items():
            self._check_target(part, key, sections if part == "relevant" else set())
            expression = self._expression(text, part, key)
            if expression is not None:
                result[key] = expression
        return result

    def _check_target(self, part: str, key: str, sections: set[str], name: str | None = None) -> None:
        """Refuse what is about a field or section that does not exist (rule L3): its key, else `name`."""
        name = name or key
        if name not in self.fields and name not in sections:
            message = f'the template has no {"field or section" if sections else "field"} "{name}"'
            self.reading.problem("L3", message, part, key, mend=closest(name, self.fields | sections), field=name)

    def _constraints(self) -> tuple[Constraint, ...]:
        entries = self.reading.mapping("constraint").items()
        return tuple(one for key, entry in entries if (one := self._constraint(key, entry)) is not None)

    def _constraint(self, key: str, entry: Any) -> Constraint | None:
        path = ("constraint", key)
        self._check_target("constraint", key, set())
        expression = self._expression(entry["test"], *path, "test")
        severity = self._severity(entry, Severity.ERROR, *path)
        if expression is None or severity is None:
            return None
        default = f"{self.template.field_by_key[key].label if key in self.fields else key}: {expression.text} must hold"
        return Constraint(key, expression, _messages(entry, default), severity)

    def _alerts(self) -> tuple[Alert, ...]:
        entries = self.reading.mapping("alerts").items()
        return tuple(one for key, entry in entries if (one := self._alert(key, entry)) is not None)

    def _alert(self, key: str, entry: Any) -> Alert | None:
        if entry.get("field") is not None:
            self._check_target("alerts", key, set(), str(entry["field"]))
        expression = self._expression(entry["when"], "alerts", key, "when")
        severity = self._severity(entry, Severity.WARNING, "alerts", key)
        if expression is None or severity is None:
            return None
        return Alert(key, expression, _messages(entry, key), severity, entry.get("field"))

    def _severity(self, entry: Mapping[str, Any], default: Severity, *path: str) -> Severity | None:
        try:
            return Severity(entry.get("severity", default))
        except ValueError:
            message = f'"{entry["severity"]}" is no severity'
            self.reading.problem("L12", message, *path, "severity", mend=f"Known are {listed(Severity)}.")
            return None


def _messages(entry: Mapping[str, Any], default: str) -> Mapping[str, str]:
    return _by_language(entry.get("message", default))


def _by_language(said: Any) -> Mapping[str, str]:
    return said if isinstance(said, dict) else {"en": str(said)}
