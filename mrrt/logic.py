"""The logic of a template (logic.yaml): inputs, functions, calculated fields, relevance, requirements, alerts.

Loading refuses what could go wrong at the bedside: unknown names, cycles, units of another dimension, table
outputs that the field does not offer. What is loaded is immutable and compiled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mrrt.adoption import Codes, adopt, read_codes
from mrrt.authored import Authored, read_yaml
from mrrt.conditions import conditions_of
from mrrt.dmn import DecisionTable, HitPolicy, Outcome, TableError, compile_table, parse_table
from mrrt.dmn.partition import Domain
from mrrt.dmn.proof import prove
from mrrt.errors import MrrtError, Refused
from mrrt.feel import Compiler, FeelSyntaxError, UserFunction, parse_expression, parse_unary_tests
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.compile import Evaluate
from mrrt.feel.names import calls, variables
from mrrt.feel.nodes import Call, Literal, Node
from mrrt.feel.values import to_text
from mrrt.problems import Problem, Severity
from mrrt.template import FieldKind, Template
from mrrt.units import is_ucum, same_dimension

LANGUAGE = "report language"
"""A variable that is no field: the two-letter language the report is written in."""
ABSENT = "data absent reason"
"""A variable that is no field: a context with the data absent reason of each field that states one."""
_GIVEN = frozenset({LANGUAGE, ABSENT})

_TOP = frozenset(
    {"template", "version", "choices", "inputs", "functions", "calculated", "relevant", "required", "alerts"}
)
_TRACE = " trace"  # A name that no FEEL text can spell; carries the outcomes of table calls.


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


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculated field: its expression, and what it reads."""

    key: str
    text: str
    evaluate: Evaluate
    reads: frozenset[str]
    decision: str
    """Name of the function that decides, or the expression itself."""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that a reader should see; critical ones are of severity warning or error."""

    key: str
    evaluate: Evaluate
    messages: Mapping[str, str]
    """The message by language; English stands in for a language that is missing."""
    severity: Severity
    field: str | None = None

    def message_in(self, language: str) -> str:
        """Return the message in that language, else in English, else in any."""
        return self.messages.get(language) or self.messages.get("en") or next(iter(self.messages.values()))


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
    calculations: tuple[Calculation, ...] = ()
    relevant: Mapping[str, Evaluate] = field(default_factory=dict)
    conditions: Mapping[str, Evaluate] = field(default_factory=dict)
    """Conditions that the page itself carries, by their text in the page; see mrrt.conditions."""
    notes: tuple[Problem, ...] = ()
    """What of the page's own conditions is not used."""
    required: Mapping[str, Evaluate] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()


def own_logic(template: Template) -> Logic:
    """Return the logic of a template that has no logic file: the conditions that its page carries."""
    texts, notes = conditions_of(template)
    names = frozenset(template.field_by_key)
    compiler = Compiler(unknown_if=True)
    compiled = {condition: compiler.compile(parse_expression(text, names)) for condition, text in texts.items()}
    return Logic(template=template.identifier, conditions=compiled, notes=notes)


def load_logic(text: str, file: str, template: Template) -> Logic:
    """Load and compile logic for a template.

    Raises Refused with every problem found: rule, line, column and how to mend it. Rules L1 to L15 are described
    in docs/reference/logic-yaml.md.
    """
    loader = _Loader(read_yaml(text, file), template)
    logic = loader.load(hashlib.sha256(text.encode()).hexdigest())
    if loader.problems:
        raise Refused(loader.problems)
    return logic


class _Loader:
    def __init__(self, source: Authored, template: Template) -> None:
        self.source = source
        self.choices, wrong = read_codes(source, template)
        self.template = adopt(template, self.choices)
        self.problems: list[Problem] = list(wrong)
        self.functions: dict[str, UserFunction] = {}
        self.knowledge: dict[str, Knowledge] = {}
        self.fields = frozenset(template.field_by_key)

    def load(self, digest: str) -> Logic:
        data = self.source.data
        for key in sorted(data.keys() - _TOP):
            self._problem("L1", f'"{key}" is not a part of a logic file', key, mend=f"Known are {_listed(_TOP)}.")
        identifier = str(data.get("template", ""))
        if identifier != self.template.identifier:
            message = f'the logic belongs to template "{identifier}", not to "{self.template.identifier}"'
            self._problem("L2", message, "template", mend="Write the dcterms.identifier of the template.")
        inputs = {key: self._input(key, entry) for key, entry in self._mapping("inputs").items()}
        names = frozenset({*self.fields, *self._mapping("calculated"), *inputs, *_GIVEN})
        for name, entry in self._mapping("functions").items():
            self._function(name, entry)
        own = own_logic(self.template)
        return Logic(
            conditions=own.conditions,
            notes=own.notes,
            template=identifier,
            version=str(data.get("version", "")),
            digest=digest,
            choices=self.choices,
            inputs=inputs,
            functions=self.knowledge,
            calculations=self._calculations(names),
            relevant=self._conditions("relevant", names),
            required=self._conditions("required", names),
            alerts=self._alerts(names),
        )

    # -- reporting

    def _problem(self, rule: str, message: str, *path: object, mend: str = "", field: str | None = None) -> None:
        self.problems.append(self.source.problem(rule, message, *path, mend=mend, field=field))

    def _mapping(self, name: str) -> dict[str, Any]:
        entry = self.source.data.get(name) or {}
        if isinstance(entry, dict):
            return entry
        self._problem("L1", f'"{name}" must be a mapping', name)
        return {}

    def _known_keys(self, entry: Any, known: frozenset[str], *path: str) -> bool:
        if not isinstance(entry, dict):
            self._problem("L1", f'"{path[-1]}" must be a mapping of {_listed(known)}', *path)
            return False
        for key in sorted(entry.keys() - known):
            self._problem("L1", f'"{key}" is not known here', *path, key, mend=f"Known are {_listed(known)}.")
        return True

    # -- inputs

    def _input(self, key: str, entry: Any) -> Input:
        entry = entry or {}
        if not self._known_keys(entry, frozenset({"unit", "plausible"}), "inputs", key):
            return Input()
        if key not in self.fields:
            message = f'the template has no field "{key}"'
            self._problem("L3", message, "inputs", key, mend=_closest(key, self.fields), field=key)
        unit = entry.get("unit")
        self._check_unit(key, unit)
        text = str(entry.get("plausible", ""))
        return Input(unit, self._test(text, "inputs", key, "plausible") if text else None, text)

    def _check_unit(self, key: str, unit: str | None) -> None:
        own = self.template.field_by_key[key].unit if key in self.fields else None
        if unit and not is_ucum(unit):
            message = f'"{unit}" is not a UCUM unit'
            self._problem("L4", message, "inputs", key, mend="Write the UCUM code, such as cm/s or mm.", field=key)
        elif unit and own and is_ucum(own) and not same_dimension(unit, own):
            message = f"the input is declared in {unit}, but the field measures {own}: they cannot be converted"
            self._problem("L5", message, "inputs", key, mend="Correct one of the two.", field=key)

    def _test(self, text: str, *path: str) -> Evaluate | None:
        try:
            return Compiler().compile(parse_unary_tests(text))
        except MrrtError as error:
            self._problem("L6", f'"{text}" is no test: {error}', *path, mend='Write a range such as "[5..700]".')
            return None

    # -- functions

    def _function(self, name: str, entry: Any) -> None:
        known = frozenset({"criteria", "source", "parameters", "hit policy", "table", "expression", "complete"})
        if not self._known_keys(entry, known, "functions", name):
            return
        if ("table" in entry) == ("expression" in entry):
            self._problem("L1", f'"{name}" needs either a table or an expression', "functions", name)
            return
        parameters = tuple(entry.get("parameters") or ())
        make = self._table if "table" in entry else self._expression_function
        make(name, entry, parameters)

    def _table(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        names = frozenset({*parameters, *self.knowledge})
        try:
            policy = HitPolicy(str(entry.get("hit policy", HitPolicy.UNIQUE)).upper())
        except ValueError:
            message = f'"{entry["hit policy"]}" is no hit policy'
            self._problem("L7", message, "functions", name, "hit policy", mend=f"Known are {_listed(HitPolicy)}.")
            return
        line, _ = self.source.place("functions", name, "table")
        try:
            table = parse_table(entry["table"], names, policy)
        except TableError as error:
            problem = self.source.problem("L6", f'table of "{name}": {error}', "functions", name, "table")
            self.problems.append(problem.model_copy(update={"line": line + error.line, "column": 1}))
            return
        parts = [column.expression for column in table.inputs]
        parts += [test for rule in table.rules for test in (*rule.cells, *rule.outputs)]
        self._check_names(parts, frozenset(parameters), "functions", name, "table")
        if entry.get("complete") is True:
            self._prove(name, table)
        decide = compile_table(table, self._compiler())

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            outcome = decide(arguments)
            around.get(_TRACE, []).append((name, outcome))
            return outcome.value

        self._define(name, entry, parameters, call, table)

    def _prove(self, name: str, table: DecisionTable) -> None:
        """Refuse a table that claims to be complete and is not, with inputs for which it has no rule."""
        proof = prove([Domain(column.text) for column in table.inputs], [rule.cells for rule in table.rules])
        if proof.complete is None:
            mend = "Compare with constants only, or leave out the claim."
            message = f'"{name}" claims to be complete, which cannot be proven: {proof.reason}'
            self._problem("L15", message, "functions", name, "complete", mend=mend)
        for gap in proof.gaps[:5]:
            shown = ", ".join(f"{key} = {to_text(value, inside=True)}" for key, value in gap.items())
            mend = "Add a rule, or leave out the claim."
            self._problem("L15", f'"{name}" is not complete: {shown}: no rule', "functions", name, "table", mend=mend)

    def _expression_function(self, name: str, entry: dict[str, Any], parameters: tuple[str, ...]) -> None:
        node = self._parse(str(entry["expression"]), frozenset(parameters), "functions", name, "expression")
        if node is None:
            return
        evaluate = self._compiler().compile(node)

        def call(arguments: dict[str, Any], around: Mapping[str, Any]) -> Any:
            return evaluate({**arguments, _TRACE: around.get(_TRACE, [])})

        self._define(name, entry, parameters, call, None)

    def _define(
        self, name: str, entry: dict[str, Any], parameters: tuple[str, ...], call: Any, table: DecisionTable | None
    ) -> None:
        self.functions[name] = UserFunction(parameters, call)
        criteria, source = entry.get("criteria"), str(entry.get("source", ""))
        self.knowledge[name] = Knowledge(name, parameters, criteria, source, table)

    def _compiler(self) -> Compiler:
        return Compiler(self.functions, unknown_if=True)

    # -- expressions

    def _parse(self, text: str, names: frozenset[str], *path: str) -> Node | None:
        try:
            node = parse_expression(text, frozenset({*names, *self.knowledge}))
        except FeelSyntaxError as error:
            self._problem("L6", f'"{_short(text)}" is not FEEL: {error}', *path)
            return None
        return node if self._check_names([node], names, *path) else None

    def _check_names(self, parts: Iterable[Node], names: frozenset[str], *path: str) -> bool:
        before = len(self.problems)
        known = names | _GIVEN
        for part in parts:
            for name in variables(part):
                if name.name not in known:
                    message = f'nothing here is called "{name.name}"'
                    self._problem("L8", message, *path, mend=_closest(name.name, known))
            for call in calls(part):
                self._check_call(call, *path)
        return len(self.problems) == before

    def _check_call(self, call: Call, *path: str) -> None:
        if call.function in self.functions:
            parameters = self.functions[call.function].parameters
            wrong = set(call.names) - set(parameters)
            if wrong or (not call.names and len(call.arguments) != len(parameters)):
                message = f'"{call.function}" is called with other parameters than it has'
                self._problem("L9", message, *path, mend=f"It takes {', '.join(parameters)}.")
        elif call.function not in BUILTINS:
            known = frozenset({*self.functions, *BUILTINS})
            message = f'no function is called "{call.function}"'
            self._problem("L8", message, *path, mend=_closest(call.function, known))

    # -- calculated fields

    def _calculations(self, names: frozenset[str]) -> tuple[Calculation, ...]:
        found = {key: self._calculation(key, entry, names) for key, entry in self._mapping("calculated").items()}
        made = {key: calculation for key, calculation in found.items() if calculation is not None}
        graph = {key: calculation.reads & made.keys() for key, calculation in made.items()}
        try:
            return tuple(made[key] for key in TopologicalSorter(graph).static_order())
        except CycleError as error:
            path = " -> ".join(reversed(error.args[1]))
            self._problem("L10", f"calculated fields depend on each other: {path}", "calculated", error.args[1][0])
            return ()

    def _calculation(self, key: str, entry: Any, names: frozenset[str]) -> Calculation | None:
        details = entry if isinstance(entry, dict) else {"expression": entry}
        if not self._known_keys(details, frozenset({"expression", "unit"}), "calculated", key):
            return None
        text = str(details.get("expression"))
        node = self._parse(text, names, "calculated", key)
        if node is None:
            return None
        self._check_outputs(key, node)
        reads = frozenset(name.name for name in variables(node))
        decision = node.function if isinstance(node, Call) and node.function in self.functions else text
        own = self.template.field_by_key[key].unit if key in self.fields else None
        return Calculation(key, text, self._compiler().compile(node), reads, decision, details.get("unit") or own)

    def _check_outputs(self, key: str, node: Node) -> None:
        """Refuse a table whose outputs the field does not offer as choices."""
        target = self.template.field_by_key.get(key)
        table = (
            self.knowledge[node.function].table if isinstance(node, Call) and node.function in self.knowledge else None
        )
        if (
            target is None
            or table is None
            or target.kind not in (FieldKind.SELECT, FieldKind.RADIO)
            or target.free_text
        ):
            return
        offered = {choice.value for choice in target.choices}
        said = {part.value for rule in table.rules for part in rule.outputs[:1] if isinstance(part, Literal)}
        for value in sorted(str(value) for value in said - offered if value is not None):
            message = f'the table gives "{value}", which is no choice of the field'
            self._problem("L11", message, "calculated", key, mend=f"The field offers {_listed(offered)}.", field=key)

    # -- conditions and alerts

    def _conditions(self, part: str, names: frozenset[str]) -> dict[str, Evaluate]:
        sections = {section.key for section in self.template.sections}
        result: dict[str, Evaluate] = {}
        for key, text in self._mapping(part).items():
            if key not in self.fields and (part != "relevant" or key not in sections):
                mend = _closest(key, self.fields | sections)
                self._problem("L3", f'the template has no field or section "{key}"', part, key, mend=mend, field=key)
            node = self._parse(str(text), names, part, key)
            if node is not None:
                result[key] = self._compiler().compile(node)
        return result

    def _alerts(self, names: frozenset[str]) -> tuple[Alert, ...]:
        alerts = [self._alert(key, entry, names) for key, entry in self._mapping("alerts").items()]
        return tuple(alert for alert in alerts if alert is not None)

    def _alert(self, key: str, entry: Any, names: frozenset[str]) -> Alert | None:
        if not self._known_keys(entry, frozenset({"when", "message", "severity", "field"}), "alerts", key):
            return None
        node = self._parse(str(entry.get("when")), names, "alerts", key, "when")
        try:
            severity = Severity(entry.get("severity", "warning"))
        except ValueError:
            message = f'"{entry["severity"]}" is no severity'
            self._problem("L12", message, "alerts", key, "severity", mend=f"Known are {_listed(Severity)}.")
            return None
        if node is None:
            return None
        message = entry.get("message", key)
        messages = message if isinstance(message, dict) else {"en": str(message)}
        return Alert(key, self._compiler().compile(node), messages, severity, entry.get("field"))


def trace(outcomes: list[tuple[str, Outcome]]) -> dict[str, Any]:
    """Return the variable under which table calls note their outcomes."""
    return {_TRACE: outcomes}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(str(name) for name in names))


def _closest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known), n=1)
    return f'Did you mean "{near[0]}"?' if near else ""


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
