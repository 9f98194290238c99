"""Running the rules over a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

# the modules register their rules when they are imported, in the order of the reference
from mrrt.check import coding, consistency, controls, document, fields, html, metadata, nesting, sections, xml_form
from mrrt.check.rules import RULES, Profile, Subject
from mrrt.parse.ancestry import CONDITIONS
from mrrt.parse.page import Page, read
from mrrt.problems import Problem, Severity
from mrrt.template import Template

MODULES = (document, html, metadata, xml_form, coding, sections, fields, controls, nesting, consistency)


def check(source: bytes | str, file: str = "template", profile: Profile = "tolerant") -> tuple[Problem, ...]:
    """Return everything that is wrong with a template, in the order of its lines.

    The profile "mrrt" holds a template to the letter of the IHE profile; "tolerant" calls an error only what
    makes a template unfit for use. Raises Unreadable where the input is no template at all.
    """
    return problems_of(subject_of(read(source, file)), profile)


def checked(
    source: bytes | str, file: str = "template", profile: Profile = "tolerant"
) -> tuple[Template, tuple[Problem, ...]]:
    """Return the template and its problems, parsed once. Raises Unreadable as `mrrt.parse.parse` does."""
    subject = subject_of(read(source, file))
    return subject.template, problems_of(subject, profile)


def outlined(
    source: bytes | str, file: str = "template", profile: Profile = "tolerant"
) -> tuple[Outline, tuple[Problem, ...]]:
    """Return what `mrrt check` says of a template, and its problems; quicker than `checked`, which reads all of it.

    Raises Unreadable as `mrrt.parse.parse` does.
    """
    subject = subject_of(read(source, file))
    return Outline.of(subject), problems_of(subject, profile)


def subject_of(page: Page) -> Subject:
    """Return what rules and menders look at."""
    return Subject(page)


def problems_of(subject: Subject, profile: Profile = "tolerant") -> tuple[Problem, ...]:
    """Return what is wrong with a page that was read already, in the order of its lines."""
    found = [problem for rule in RULES.values() for problem in rule.problems(subject, profile)]
    found += _of_conditions(subject)
    return tuple(sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0)))


def _of_conditions(subject: Subject) -> Iterator[Problem]:
    """Yield what the conditions that a page carries cannot mean, by the rules of logic."""
    carried = [(value, one) for one in subject.page.elements for name in CONDITIONS if (value := one.get(name))]
    if not carried:
        return
    from mrrt.logic.load import own_logic  # few pages carry conditions, and what reads them takes a while to load
    from mrrt.logic.soundness import page_findings

    for condition, finding in page_findings(subject.template, own_logic(subject.template)):
        element = next((one for value, one in carried if value.strip() == condition.strip()), None)
        line, column = (None, None) if element is None else subject.page.place(element)
        said = f'the condition "{condition}" cannot hold as it is meant: {finding.message}'
        place = {"file": subject.page.file, "line": line, "column": column}
        yield Problem(rule=finding.rule, severity=Severity.WARNING, message=said, mend=finding.mend, **place)


class Outlined(NamedTuple):
    """One field of an outline."""

    key: str
    kind: str
    label: str
    line: int | None


@dataclass(frozen=True)
class Outline:
    """What a template is called, how many sections it has, and its fields in the order of the page."""

    identifier: str
    title: str
    dialect: str
    sections: int
    fields: tuple[Outlined, ...]

    @classmethod
    def of(cls, subject: Subject) -> Outline:
        """Return the outline of a page that was read already."""
        fields = [
            Outlined(field.key, field.kind.value, field.label, subject.page.place(field.control.first)[0])
            for field in subject.fields.values()
        ]
        sections = len(subject.around.sections)
        return cls(subject.identifier, subject.title, subject.dialect, sections, tuple(fields))


def json_line(file: str, outline: Outline, problems: Iterable[Problem]) -> dict[str, Any]:
    """Return the answer of `mrrt check --json` for one file, ready to be written as JSON."""
    return {
        "file": file,
        "identifier": outline.identifier,
        "title": outline.title,
        "dialect": outline.dialect,
        "sections": outline.sections,
        "fields": [field._asdict() for field in outline.fields],
        "problems": [problem_line(problem) for problem in problems],
    }


def problem_line(problem: Problem) -> Mapping[str, Any]:
    """Return a problem, ready to be written as JSON."""
    names = ("rule", "severity", "line", "column", "field", "message", "mend")
    return {**{name: getattr(problem, name) for name in names}, "severity": problem.severity.value}
