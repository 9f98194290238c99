"""The table of rules: each is one small function with an id, its severities and a word on how to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from mrrt.parse.build import Reading
from mrrt.parse.controls import Control
from mrrt.parse.tree import Element
from mrrt.problems import Problem, Severity

Profile = Literal["tolerant", "mrrt"]


Subject = Reading
"""What a rule looks at: the page as it stands, and what the parser makes of it as far as rules ask."""


@dataclass(frozen=True)
class Finding:
    """One breach of a rule. A `lesser` one is at most a warning, one that is but `noted` only information."""

    message: str
    line: int | None = None
    column: int | None = None
    field: str | None = None
    lesser: bool = False
    noted: bool = False


Find = Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """A rule about templates; `source` says whence it is known (see docs/reference/problems.md).

    What is `composing` is found by `mrrt.compose` when the pages of a template are put together; without a `find` it
    is found only then.
    """

    id: str
    tolerant: Severity
    mrrt: Severity
    description: str
    source: str
    mend: str
    find: Find | None
    example: str = ""
    """A line of markup that breaks it."""
    composing: bool = False

    def problems(self, subject: Subject, profile: Profile) -> Iterable[Problem]:
        """Return every breach of the rule as a Problem, with the severity of the profile."""
        severity = self.mrrt if profile == "mrrt" else self.tolerant
        for finding in self.find(subject) if self.find else ():
            lesser = finding.lesser and severity is Severity.ERROR
            yield Problem(
                rule=self.id,
                severity=Severity.INFORMATION if finding.noted else Severity.WARNING if lesser else severity,
                message=finding.message,
                mend=self.mend,
                file=subject.page.file,
                line=finding.line,
                column=finding.column,
                field=finding.field,
            )


RULES: dict[str, Rule] = {}
"""All rules by id, in the order of their registration."""


def rule(
    identifier: str,
    description: str,
    *,
    source: str,
    example: str,
    mend: str,
    tolerant: Severity,
    mrrt: Severity | None = None,
    composing: bool = False,
) -> Callable[[Find], Find]:
    """Register a function as a rule; `mrrt` is its severity in the strict profile, if another one."""

    def register(find: Find) -> Find:
        _register(Rule(identifier, tolerant, mrrt or tolerant, description, source, mend, find, example, composing))
        return find

    return register


def rule_of_composing(
    identifier: str, description: str, *, source: str, example: str, mend: str, severity: Severity
) -> None:
    """Register a rule that only `mrrt.compose` can find broken, since one page does not tell."""
    _register(Rule(identifier, severity, severity, description, source, mend, None, example, composing=True))


def _register(rule: Rule) -> None:
    if rule.id in RULES:
        raise ValueError(f"rule {rule.id} is registered twice")
    RULES[rule.id] = rule


def at(subject: Subject, element: Element, message: str, *, lesser: bool = False, noted: bool = False) -> Finding:
    """Return a finding that points at an element of the page."""
    line, column = subject.page.place(element)
    return Finding(message, line, column, lesser=lesser, noted=noted)


def on(
    subject: Subject, control: Control, message: str, element: Element | None = None, *, noted: bool = False
) -> Finding:
    """Return a finding about a field, at its first element or at the one given."""
    line, column = subject.page.place(control.first if element is None else element)
    return Finding(message, line, column, field=control.key, noted=noted)
