"""What is known of a derivation before there is a report: how each field is read, and who depends on whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mrrt.conditions import conditions_around
from mrrt.derive.inputs import Reader
from mrrt.feel.names import entries_read
from mrrt.logic import ABSENT, CALCULATED, LANGUAGE, Calculation, Expression, Input, Knowledge, Logic
from mrrt.problems import Problem
from mrrt.template import Template

INPUT, CALCULATION, NOTE, CONSTRAINT, ALERT, CONDITION, RELEVANT, REQUIRED = range(8)
"""The parts of a derivation. Problems are in the order of the first five."""
_OWN_RULES = frozenset({"V1", "V2", "V3", "V4", "V5", "L14"})

Step = tuple[int, int]
"""A part of the derivation, and the place within it."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What expressions read: variables, calculated values whatever was typed, data absent reasons."""

    names: tuple[str, ...]
    absent: tuple[str, ...] = ()
    all_absent: bool = False
    calculated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What an explanation says of an expression whatever its value is; `inputs` and `columns` are in its order."""

    decision: str
    knowledge: Knowledge | None
    criteria: str | None
    inputs: tuple[str, ...]
    """What the expression reads."""
    columns: tuple[str, ...]
    """The heads of the table that decides, where one does."""

    notes: Mapping[str, Mapping[str, str]]
    """The notes of tables in other languages than the one that they are written in."""

    def note(self, rule: int, language: str) -> str:
        """Return what the table notes at a rule, counted from 1, in that language if it is to be had."""
        table = self.knowledge.table if self.knowledge else None
        note = table.rules[rule - 1].annotation if table else ""
        return self.notes.get(note, {}).get(language, note)


class Plan:
    """The logic of a template, laid out for derivation. `incremental` tells whether changes can be followed."""

    def __init__(self, template: Template, logic: Logic) -> None:
        self.template = template
        self.logic = logic
        self.readers = {
            field.key: Reader(place, field, logic.inputs.get(field.key, Input()))
            for place, field in enumerate(template.fields)
        }
        calculated = {one.key for one in logic.calculations}
        self.unstated = dict.fromkeys(key for key in self.readers if key not in calculated)
        """The variables of a report without any values."""
        self.calculation = {one.key: place for place, one in enumerate(logic.calculations)}
        self.known = frozenset({*self.readers, *self.calculation, LANGUAGE})
        self.conditions = tuple(logic.conditions.items())
        self.relevant = tuple(logic.relevant.items())
        self.required = tuple(logic.required.items())
        self._tellings: dict[int, Telling] = {}
        self._expressions: dict[int, list[tuple[Expression, ...]]] = {
            CALCULATION: [one.expressions for one in logic.calculations],
            CONSTRAINT: [(one.expression,) for one in logic.constraints],
            ALERT: [(one.expression,) for one in logic.alerts],
            CONDITION: [(one,) for _, one in self.conditions],
            RELEVANT: [(one,) for _, one in self.relevant],
            REQUIRED: [(one,) for _, one in self.required],
        }
        self.reads = {part: [self._reads(one) for one in several] for part, several in self._expressions.items()}
        self.criteria = tuple(one.key for one in logic.calculations if self._may_name_criteria(one))
        self.incremental = (
            not self.chained
            and not _OWN_RULES & {alert.key for alert in logic.alerts}
            and not (self.readers.keys() & {section.key for section in template.sections})
        )

    def _reads(self, expressions: Iterable[Expression]) -> Reads:
        names = frozenset[str]().union(*(one.reads for one in expressions))
        entries = {entry for one in expressions for entry in entries_read(one.node, ABSENT)}
        fields = sorted(entry for entry in entries if entry in self.readers)
        calculated = {entry for one in expressions for entry in entries_read(one.node, CALCULATED) if entry}
        return Reads(tuple(sorted(names & self.known)), tuple(fields), None in entries, tuple(sorted(calculated)))

    def _may_name_criteria(self, calculation: Calculation) -> bool:
        return any(known.criteria for one in calculation.expressions if (known := self.decides(one)))

    def decides(self, expression: Expression) -> Knowledge | None:
        """Return the function that decides an expression, where it is a call of one."""
        return self.logic.functions.get(expression.decision)

    def telling(self, expression: Expression) -> Telling:
        """Return what an explanation says of an expression."""
        # By identity: the plan holds the logic, and to compare two expressions is to compare two trees.
        known = self._tellings.get(id(expression))
        if known is None:
            known = self._tellings[id(expression)] = self._telling(expression)
        return known

    def _telling(self, expression: Expression) -> Telling:
        knowledge = self.decides(expression)
        heads = {column.text for column in knowledge.table.inputs} if knowledge and knowledge.table else ()
        criteria, inputs = knowledge.criteria if knowledge else None, tuple(sorted(expression.reads))
        columns = tuple(sorted(heads))
        return Telling(expression.decision, knowledge, criteria, inputs, columns, self.logic.table_notes)

    def steps(self, part: int) -> range:
        """Return the places of a part."""
        return range(len(self.reads[part]))

    # -- who depends on whom

    @cached_property
    def _dependents(self) -> tuple[Mapping[str, tuple[Step, ...]], Mapping[str, tuple[Step, ...]], tuple[Step, ...]]:
        """The steps that read a variable, the data absent reason of a field, the reasons of all fields."""
        by_name, by_absent, all_absent = defaultdict[str, list[Step]](list), defaultdict[str, list[Step]](list), []
        for part, several in self.reads.items():
            for place, reads in enumerate(several):
                for name in reads.names:
                    by_name[name].append((part, place))
                for name in reads.absent:
                    by_absent[name].append((part, place))
                if reads.all_absent:
                    all_absent.append((part, place))
        return _frozen(by_name), _frozen(by_absent), tuple(all_absent)

    @cached_property
    def compared(self) -> frozenset[str]:
        """The calculated values that are read whatever the reader typed over them."""
        return frozenset(key for several in self.reads.values() for reads in several for key in reads.calculated)

    def readers_of(self, name: str) -> tuple[Step, ...]:
        """Return the steps that read a variable."""
        return self._dependents[0].get(name, ())

    def readers_of_field(self, key: str) -> tuple[Step, ...]:
        """Return the steps that read the value of a field, or why it has none."""
        by_name, by_absent, all_absent = self._dependents
        return (*by_name.get(key, ()), *by_absent.get(key, ()), *all_absent)

    # -- the order of problems

    @cached_property
    def _constraint(self) -> Mapping[str, int]:
        return {one.field: place for place, one in enumerate(self.logic.constraints)}

    @cached_property
    def _alert(self) -> Mapping[str, int]:
        return {one.key: place for place, one in enumerate(self.logic.alerts)}

    def step_of(self, problem: Problem) -> Step:
        """Return the step that a problem of a derived report came from."""
        if problem.rule in ("V1", "V2", "V3"):
            return INPUT, self.readers[problem.field or ""].place
        if problem.rule == "V4":
            return CALCULATION, self.calculation[problem.field or ""]
        if problem.rule == "V5":
            return CONSTRAINT, self._constraint[problem.field or ""]
        return (NOTE, -1) if problem.rule == "L14" else (ALERT, self._alert[problem.rule])

    # -- relevance

    @cached_property
    def around(self) -> Mapping[str, frozenset[str]]:
        """The page's conditions around each field and section that has any."""
        return conditions_around(self.template)

    @cached_property
    def may_hide(self) -> frozenset[str]:
        """The fields and sections of which something is said that may hide them."""
        return frozenset({*self.around, *self.relevance})

    @cached_property
    def chained(self) -> bool:
        """Whether a condition of the page reads a field that may be hidden itself."""
        read = {name for reads in self.reads[CONDITION] for name in reads.names if name in self.readers}
        return any(not self.may_hide.isdisjoint((key, *self.sections_of[key])) for key in read)

    @cached_property
    def within(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the fields and sections that stand within each condition."""
        found = defaultdict[str, list[str]](list)
        for key, conditions in self.around.items():
            for condition in conditions:
                found[condition].append(key)
        return {condition: tuple(keys) for condition, keys in found.items()}

    @cached_property
    def sections_of(self) -> Mapping[str, tuple[str, ...]]:
        """The sections around each field, the innermost first."""
        parents = {
            inner.key: outer.key
            for outer in self.template.sections
            for inner in outer.content
            if inner.type == "section"
        }
        return {field.key: tuple(_upwards(field.section, parents)) for field in self.template.fields}

    @cached_property
    def fields_below(self) -> Mapping[str, tuple[str, ...]]:
        """The fields within each section, those of inner sections included."""
        found = defaultdict[str, list[str]](list)
        for key, sections in self.sections_of.items():
            for section in sections:
                found[section].append(key)
        return {section: tuple(keys) for section, keys in found.items()}

    @cached_property
    def relevance(self) -> Mapping[str, int]:
        """The place of the relevance test of each field or section that has one."""
        return {key: place for place, (key, _) in enumerate(self.relevant)}


def plan_of(template: Template, logic: Logic) -> Plan:
    """Return the plan of a logic for a template, made once."""
    kept = logic.memory.get("plan")
    if not isinstance(kept, Plan) or kept.template is not template:
        kept = logic.memory["plan"] = Plan(template, logic)
    return kept


def _frozen(steps: Mapping[str, list[Step]]) -> Mapping[str, tuple[Step, ...]]:
    return {name: tuple(several) for name, several in steps.items()}


def _upwards(section: str | None, parents: Mapping[str, str]) -> Iterable[str]:
    while section is not None:
        yield section
        section = parents.get(section)
