"""Worked cases of a template's logic (cases.yaml): values that are entered, and what must follow from them.

cases:
  - name: normal both sides
    why: PSV below 125 without plaque
    language: en
    values: {right_ica_prox_psv: 80, right_plaque: none}
    expected: {right_ica_grade: normal, right_ica_ratio: null}     # null: no value
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mrrt.authored import Authored, read_yaml
from mrrt.errors import Refused, UsageError
from mrrt.feel.values import to_number
from mrrt.problems import Problem
from mrrt.report import Report
from reporting.draft import Edit, begin, edited
from reporting.templates import Compiled

_KEYS = frozenset({"name", "why", "language", "values", "expected"})


@dataclass(frozen=True, slots=True)
class Miss:
    """One field of a case that did not come out as expected; None stands for no value."""

    field: str
    expected: str | None
    got: str | None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case; `refused` says why its values could not be entered.

    `values` are what is entered, `expected` is what must follow, both as text; None stands for no value.
    """

    name: str
    why: str
    line: int
    values: Mapping[str, str | None]
    expected: Mapping[str, str | None]
    misses: tuple[Miss, ...] = ()
    refused: str | None = None

    @property
    def passed(self) -> bool:
        """Tell whether everything came out as expected."""
        return not self.misses and self.refused is None


def run_cases(text: str, file: str, template: Compiled) -> tuple[CaseResult, ...]:
    """Run the cases of a file; raises Refused where it is not written as cases are."""
    source = read_yaml(text, file)
    entries = source.data.get("cases")
    problems = tuple(_problems(source, entries))
    if problems:
        raise Refused(problems)
    return tuple(_run(entry, source.place("cases", index)[0], template) for index, entry in enumerate(entries or ()))


def _problems(source: Authored, entries: Any) -> list[Problem]:
    if not isinstance(entries, list) or not entries:
        return [source.problem("LC1", '"cases" must be a list of cases', "cases", mend="Write at least one case.")]
    return [problem for index, entry in enumerate(entries) for problem in _entry_problems(source, index, entry)]


def _entry_problems(source: Authored, index: int, entry: Any) -> list[Problem]:
    path = ("cases", index)
    if not isinstance(entry, dict):
        return [source.problem("LC2", "a case must be a mapping", *path, mend="Give it name, values and expected.")]
    listed = ", ".join(sorted(_KEYS))
    found = [
        source.problem("LC2", f'"{key}" is not a part of a case', *path, key, mend=f"Known are {listed}.")
        for key in entry
        if key not in _KEYS
    ]
    if not entry.get("name"):
        found.append(source.problem("LC2", "a case needs a name", *path))
    if not isinstance(entry.get("expected"), dict) or not entry["expected"]:
        found.append(source.problem("LC2", "a case must expect something", *path, mend="Name a field under expected."))
    if not isinstance(entry.get("values") or {}, dict):
        found.append(source.problem("LC2", '"values" must be a mapping of fields to values', *path, "values"))
    return found


def _run(entry: Mapping[str, Any], line: int, template: Compiled) -> CaseResult:
    name, why = str(entry["name"]), str(entry.get("why", ""))
    values, language = entry.get("values") or {}, str(entry.get("language", ""))
    said = {key: _shown(value) for key, value in values.items()}
    wanted = {key: _shown(value) for key, value in entry["expected"].items()}
    try:
        edits = [Edit(field=field, value=_entered(value)) for field, value in values.items()]
        report = edited(begin(template, (), language), template, edits).report
    except (UsageError, ValidationError) as error:
        return CaseResult(name, why, line, said, wanted, refused=str(error))
    return CaseResult(name, why, line, said, wanted, tuple(_misses(entry["expected"], report, template)))


def _misses(expected: Mapping[str, Any], report: Report, template: Compiled) -> list[Miss]:
    known = template.template.field_by_key.keys() | {one.key for one in template.logic.calculations}
    unknown = [Miss(key, _shown(wanted), "(no such field)") for key, wanted in expected.items() if key not in known]
    stood = {key: value.value for key in expected if (value := report.value(key)) is not None}
    return unknown + [
        Miss(key, _shown(wanted), _shown(stood.get(key)))
        for key, wanted in expected.items()
        if key in known and not _same(wanted, stood.get(key))
    ]


def _entered(value: Any) -> Any:
    """Return a YAML value as a reader would enter it: numbers as the text they are written as."""
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if value is None or isinstance(value, bool) else str(value)


def _same(wanted: Any, got: Any) -> bool:
    """Compare a YAML value with one of the report; numbers by their size, so that 4 is 4.00."""
    if isinstance(wanted, list) or isinstance(got, tuple):
        return tuple(str(item) for item in wanted or ()) == (got or ())
    if wanted is None or got is None or isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    numbers = to_number(str(wanted)), to_number(str(got))
    return str(wanted) == got or (numbers[0] is not None and numbers[0] == numbers[1])


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
