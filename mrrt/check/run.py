"""Running the rules over a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# the modules register their rules when they are imported, in the order of the reference
from mrrt.check import coding, consistency, controls, document, fields, html, metadata, nesting, sections, xml_form
from mrrt.check.rules import RULES, Profile, Subject
from mrrt.parse.build import build, surroundings
from mrrt.parse.page import Page, read
from mrrt.parse.xml_block import xml_block_of
from mrrt.problems import Problem
from mrrt.template import Template

MODULES = (document, html, metadata, xml_form, coding, sections, fields, controls, nesting, consistency)


def check(source: bytes | str, file: str = "template", profile: Profile = "tolerant") -> tuple[Problem, ...]:
    """Return everything that is wrong with a template, in the order of its lines.

    The profile "mrrt" holds a template to the letter of the IHE profile; "tolerant" calls an error only what
    makes a template unfit for use. Raises Unreadable where the input is no template at all.
    """
    return checked(source, file, profile)[1]


def checked(
    source: bytes | str, file: str = "template", profile: Profile = "tolerant"
) -> tuple[Template, tuple[Problem, ...]]:
    """Return the template and its problems, parsed once. Raises Unreadable as `mrrt.parse.parse` does."""
    subject = subject_of(read(source, file))
    return subject.template, problems_of(subject, profile)


def subject_of(page: Page) -> Subject:
    """Return what rules and menders look at."""
    block = xml_block_of(page)
    around = surroundings(page, block)
    return Subject(page, block, around, build(page, block, around))


def problems_of(subject: Subject, profile: Profile = "tolerant") -> tuple[Problem, ...]:
    """Return what is wrong with a page that was read already, in the order of its lines."""
    found = [problem for rule in RULES.values() for problem in rule.problems(subject, profile)]
    return tuple(sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0)))


def json_line(file: str, template: Template, problems: Iterable[Problem]) -> dict[str, Any]:
    """Return the answer of `mrrt check --json` for one file, ready to be written as JSON."""
    return {
        "file": file,
        "identifier": template.identifier,
        "title": template.title,
        "dialect": template.dialect,
        "sections": len(template.sections),
        "fields": [
            {"key": field.key, "kind": field.kind.value, "label": field.label, "line": field.line}
            for field in template.fields
        ],
        "problems": [problem_line(problem) for problem in problems],
    }


def problem_line(problem: Problem) -> Mapping[str, Any]:
    """Return a problem, ready to be written as JSON."""
    names = ("rule", "severity", "line", "column", "field", "message", "mend")
    return {**{name: getattr(problem, name) for name in names}, "severity": problem.severity.value}
