"""Runs worked cases of clinical rule sets through the shipped templates: `python -m tests.worked_cases FILE...`.

A file is {"rulesets": [{"ruleset", "cases": [{"id", "inputs", "expected"}]}]} in JSON. Quantities are {value, unit}; a
list is an exact set; what a case does not expect is not asserted; "tol" and "tol_*" are absolute tolerances. How inputs
are entered and answers are read stands in worked_cases.yaml. Each case is run on every side of its template, and passes
if all of them answer as expected; an input that is not understood fails it. Exit code 1 if a case fails, 3 for a file
that cannot be read; rule sets without a template are counted as not run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import sr_import
from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.errors import UsageError
from mrrt.feel.values import to_number
from mrrt.report import Provenance, Report, Value
from templates_lib.loader import TemplateFolder, find

from .sr_writer import groups, to_bytes

MAPPING = Path(__file__).with_suffix(".yaml")


class NotUnderstood(Exception):
    """A case says something that the mapping has no entry for."""


class Unreadable(Exception):
    """A file is no file of cases."""


@dataclass(frozen=True)
class Result:
    """What became of one case: what differed, or why it was not run."""

    ruleset: str
    case: str
    differences: tuple[str, ...] = ()
    run: bool = True

    @property
    def failed(self) -> bool:
        return bool(self.differences)


@dataclass(frozen=True)
class Answer:
    """A filled report, and the rules of the problems that reading its documents met."""

    report: Report
    problems: tuple[str, ...] = ()


@cache
def mapping() -> Mapping[str, Any]:
    """Return the entries of worked_cases.yaml by rule set."""
    rulesets: Mapping[str, Any] = YAML(typ="safe", pure=True).load(MAPPING.read_text(encoding="utf-8"))["rulesets"]
    return rulesets


@cache
def folder(name: str) -> TemplateFolder:
    return find(name)


# Files --------------------------------------------------------------------------------------------------------


def read_cases(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield rule set and case for each case of a file; raises Unreadable."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        pairs = [(str(entry["ruleset"]), case) for entry in data["rulesets"] for case in entry["cases"]]
        for _, case in pairs:
            case["id"], dict(case["inputs"]), dict(case["expected"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{file}: this is no file of worked cases ({type(error).__name__}: {error})") from error
    yield from pairs


def run(ruleset: str, case: Mapping[str, Any]) -> Result:
    """Run one case on every side."""
    rules = mapping().get(ruleset)
    if rules is None:
        return Result(ruleset, str(case["id"]), run=False)
    differences: list[str] = []
    for side in rules["sides"]:
        try:
            found = list(differing(rules, case, side))
        except (NotUnderstood, UsageError) as error:
            found = [str(error)]
        differences += [f"{side}: {one}" for one in found]
    return Result(ruleset, str(case["id"]), tuple(differences))


def differing(rules: Mapping[str, Any], case: Mapping[str, Any], side: str) -> Iterator[str]:
    """Yield what differs from the expectation on one side."""
    inputs, wanted = case["inputs"], dict(case["expected"])
    if names := rules.get("by side"):
        answer = answer_of_sr(rules, inputs, side == next(iter(names.values())))
        for name in [name for name in names if name in wanted]:
            said_of_side = wanted.pop(name)
            nothing = dict.fromkeys(key for key, rule in rules["expected"].items() if "field" in rule)
            yield from compare(
                rules, nothing if said_of_side is None else said_of_side, answer, turned(rules, name, side)
            )
        yield from compare(rules, wanted, answer, side)
    else:
        yield from compare(rules, wanted, answer_of_fields(rules, inputs, side), side)


def turned(rules: Mapping[str, Any], name: str, side: str) -> str:
    """Return the side that a name of the case stands for; run on the second side, the two change places."""
    names: Mapping[str, str] = rules["by side"]
    if name not in names:
        raise NotUnderstood(f'input not understood: the side "{name}"')
    first, second = names.values()
    return names[name] if side == first else {first: second, second: first}[names[name]]


# Entering -----------------------------------------------------------------------------------------------------


def answer_of_fields(rules: Mapping[str, Any], inputs: Mapping[str, Any], side: str) -> Answer:
    """Enter the inputs as a reader does."""
    given = {**rules.get("entered", {}), **entries(rules, inputs, side)}
    return Answer(fill(folder(rules["template"]), given))


def answer_of_sr(rules: Mapping[str, Any], inputs: Mapping[str, Any], as_written: bool) -> Answer:
    """Write the sections of the case as a DICOM SR, import it, and enter the rest by side."""
    made = folder(rules["template"])
    names: Mapping[str, str] = rules["by side"]
    side = next(iter(names.values())) if as_written else list(names.values())[1]
    sections = [_section(rules, one, side) for one in inputs[rules["sr"]]]
    assert made.bindings is not None
    bindings = sr_import.load_bindings(made.bindings, "bindings.yaml", made.template)
    match = sr_import.match([sr_import.read(_written(sections))], bindings)
    typed: dict[str, Any] = {}
    for key, value in inputs.items():
        if key == "observations" and isinstance(value, dict):
            for name, said in value.items():
                typed |= entries(rules, said, turned(rules, name, side))
        elif key != rules["sr"]:
            for name, said in _by_name(key, value).items():
                typed |= entries(rules, {key: said}, turned(rules, name, side))
    report = fill(made, typed, match.values)
    return Answer(report, tuple(problem.rule for problem in match.problems))


def _written(sections: Sequence[Mapping[str, Any]]) -> bytes:
    try:
        return to_bytes(groups(sections))
    except KeyError as error:
        raise NotUnderstood(f"input not understood: {error} in a section") from error


def _by_name(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotUnderstood(f'input not understood: "{key}" is not given by side')
    return value


_GROUP = frozenset({"vessel", "segment", "psv", "edv", "derivation", "angle_deg"})


def _section(rules: Mapping[str, Any], section: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    for key in section.keys() - {"laterality", "groups"}:
        raise NotUnderstood(f'input not understood: "{key}" of a section')
    for key in {key for group in section["groups"] for key in group} - _GROUP:
        raise NotUnderstood(f'input not understood: "{key}" of a group')
    stated = section["laterality"]
    if stated is None or stated in rules["no side"]:
        return {**section, "laterality": rules["no side"].get(stated)}
    return {**section, "laterality": turned(rules, stated, side)}


def entries(rules: Mapping[str, Any], inputs: Mapping[str, Any], side: str) -> dict[str, Any]:
    """Return what is entered into which field; raises NotUnderstood."""
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        rule = rules["inputs"].get(key)
        if rule is None:
            raise NotUnderstood(f'input not understood: "{key}"')
        if value is None:
            continue
        if "rows" in rule or "by" in rule:
            found |= _entries_of_parts(rule, key, value, side)
            continue
        if "field" in rule:
            found[_named(rule["field"], side)] = value
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict | list) or item not in rule["values"]:
                raise NotUnderstood(f'input not understood: "{key}" is {item}')
            for field, said in rule["values"][item].items():
                name = _named(field, side)
                found[name] = [*found.get(name, []), *said] if isinstance(said, list) else said
    return found


def _entries_of_parts(rule: Mapping[str, Any], key: str, value: Any, side: str) -> dict[str, Any]:
    """Return what is entered for a list of rows, or for a group whose fields depend on one of its parts."""
    found: dict[str, Any] = {}
    if "rows" in rule:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise NotUnderstood(f'input not understood: "{key}" is no list of rows')
        for row, item in enumerate(value, 1):
            found |= entries({"inputs": _of_row(rule["rows"], row)}, item, side)
        return found | {rule["count"]: len(value)}
    which = value.get(rule["by"]) if isinstance(value, dict) else None
    if which not in rule["parts"]:
        raise NotUnderstood(f'input not understood: "{key}" is {value}')
    rest = {name: said for name, said in value.items() if name != rule["by"]}
    return entries({"inputs": rule["parts"][which]}, rest, side)


def _of_row(node: Any, row: int) -> Any:
    """Return a rule with its `{row}` filled in, keys included."""
    if isinstance(node, dict):
        return {_of_row(key, row): _of_row(value, row) for key, value in node.items()}
    return node.replace("{row}", str(row)) if isinstance(node, str) else node


def _named(text: str, side: str) -> str:
    return text.replace("{side}", side)


def fill(made: TemplateFolder, given: Mapping[str, Any], imported: Mapping[str, Value] | None = None) -> Report:
    """Fill and derive a report; a quantity that a reader could not enter comes in as from another system."""
    fields = made.template.field_by_key
    typed: dict[str, Value | None] = {}
    received = dict(imported or {})
    for key, value in given.items():
        if key not in fields:
            raise NotUnderstood(f'the template has no field "{key}"')
        if not isinstance(value, dict):
            typed[key] = entered(fields[key], value if isinstance(value, list) else str(value))
            continue
        if value.keys() != {"value", "unit"}:
            raise NotUnderstood(f"input not understood: {value} is no quantity")
        if value["value"] is None:
            continue
        try:
            typed[key] = entered(fields[key], f"{value['value']} {value['unit']}")
        except UsageError:
            number, unit = str(value["value"]), str(value["unit"])
            received[key] = Value(value=number, unit=unit, provenance=Provenance.IMPORTED)
    return derive(start(made.template).fill(received).edit(typed), made.template, made.logic)


# Comparing ----------------------------------------------------------------------------------------------------


def compare(rules: Mapping[str, Any], wanted: Mapping[str, Any], answer: Answer, side: str) -> Iterator[str]:
    """Yield what differs between the expected values and those of the report."""
    tolerances = {key: value for key, value in wanted.items() if key == "tol" or key.startswith("tol_")}
    used = {_tolerance(rules["expected"].get(key, {}), key) for key in wanted}
    for key in tolerances.keys() - used:
        raise NotUnderstood(f'expectation not understood: "{key}"')
    for key, value in wanted.items():
        if key in tolerances:
            continue
        rule = rules["expected"].get(key)
        if rule is None:
            raise NotUnderstood(f'expectation not understood: "{key}"')
        got = said(rule, answer, side)
        if not same(value, got, Decimal(str(tolerances.get(_tolerance(rule, key), 0)))):
            yield f"{key}: expected {shown(value)}, got {shown(got)}"


def _tolerance(rule: Mapping[str, Any], key: str) -> str:
    return str(rule.get("tolerance", f"tol_{key}"))


def said(rule: Mapping[str, Any], answer: Answer, side: str) -> Any:
    """Return what the report says where the rule looks."""
    if "problems" in rule:
        return frozenset(rule["problems"][one] for one in answer.problems if one in rule["problems"])
    if "codes" in rule:
        lists = [_standing(answer.report, _named(name, side)) for name in rule["codes"]]
        sources = [answer.report.value(_named(name, side)) for name in rule.get("source flags", ())]
        flags = [flag for one in sources if one and one.source for flag in one.source.flags]
        return frozenset([code for codes in lists if codes for code in codes] + flags)
    return _standing(answer.report, _named(rule["field"], side))


def _standing(report: Report, key: str) -> Any:
    value = report.value(key)
    return None if value is None else value.value


def same(wanted: Any, got: Any, tolerance: Decimal) -> bool:
    """Tell whether a value is the expected one: lists as sets, numbers by their size."""
    if isinstance(wanted, list):
        return isinstance(got, frozenset | tuple) and set(map(str, wanted)) == set(got)
    if wanted is None or isinstance(wanted, bool):
        return got is wanted
    if isinstance(wanted, str):
        return bool(got == wanted)
    number = to_number(got) if isinstance(got, str) else None
    return number is not None and abs(number - Decimal(str(wanted))) <= tolerance


def shown(value: Any) -> str:
    if isinstance(value, list | tuple | frozenset):
        return "[" + ", ".join(sorted(map(str, value))) + "]"
    return "no value" if value is None else str(value)


# Running ------------------------------------------------------------------------------------------------------


def main(files: Sequence[str]) -> int:
    """Run files of cases and write a line for each case."""
    results: list[Result] = []
    try:
        if not files:
            raise Unreadable("name at least one file of worked cases")
        for file in files:
            results += [run(ruleset, case) for ruleset, case in read_cases(Path(file))]
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.writelines(f"{line}\n" for line in lines(results))
    return 1 if any(one.failed for one in results) else 0


def lines(results: Sequence[Result]) -> Iterator[str]:
    """Yield what is said of each case, of each rule set that was not run, and the count."""
    for one in results:
        if one.run:
            yield "\n     ".join((f"{'FAIL' if one.failed else 'pass'} {one.case}", *one.differences))
    missing = [one.ruleset for one in results if not one.run]
    for ruleset in dict.fromkeys(missing):
        yield f"not run: {ruleset}, {missing.count(ruleset)} cases: no shipped template is mapped to this rule set"
    failed = sum(one.failed for one in results)
    yield f"{len(results) - len(missing) - failed} passed, {failed} failed, {len(missing)} not run"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
