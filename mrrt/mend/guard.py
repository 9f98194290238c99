"""What mending must not change: the fields, their choices and defaults, the text of the page, its codes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mrrt.check.rules import Subject
from mrrt.check.run import problems_of, subject_of
from mrrt.errors import Unreadable
from mrrt.mend.edits import Fix, applied
from mrrt.parse.page import Page, read
from mrrt.parse.phrases import collapse
from mrrt.parse.xml_block import code_of
from mrrt.problems import Problem
from mrrt.template import Field

_TRIALS = 64
"""How often one pass may be tried with fewer fixes; what is not settled by then is left."""


_MAY_RISE = frozenset({"S5"})
"""A section that gets the name it lacks from its header may have one in another language than English."""
_LINE = re.compile(r"line \d+")


class Meaning(NamedTuple):
    """What a template says, however it is written."""

    fields: tuple[object, ...]
    labels: tuple[str, ...]
    text: str
    codes: Counter[str]
    frame: tuple[object, ...]


def meaning_of(subject: Subject) -> Meaning:
    """Return what must stay as it is."""
    template, block = subject.template, subject.block
    stated = (code_of(code) for one in (*block.terms, *block.entries) for code in one.codes)
    texts = {script.kind for script in template.scripts}
    return Meaning(
        fields=tuple(_field(field) for field in template.fields),
        labels=tuple(field.label for field in template.fields),
        text=text_of(subject.page),
        codes=Counter(map(str, filter(None, stated))),
        frame=(
            template.title,
            template.identifier,
            template.status,
            len(template.scripts),
            len(texts),
            tuple((section.title, section.required) for section in template.sections),
        ),
    )


def text_of(page: Page) -> str:
    """Return the text of the body, white space aside: what a reader sees, options and defaults included."""
    body = next((body.origin for body in page.named("body")), page.root)
    return collapse(
        " ".join(str(text) for text in body.xpath(".//text()[not(ancestor::script or ancestor::style)]"))
    ).strip()


def _field(field: Field) -> object:
    choices = tuple((collapse(one.value), one.text, one.blank, one.group, one.replaces) for one in field.choices)
    limits = (field.unit, field.minimum, field.maximum, field.step, field.hint, field.condition, field.free_text)
    rules = (field.required, field.read_only, field.completion_action, field.merge, field.merge_identifier)
    return field.key, field.kind, choices, field.default, limits, rules


def counted(problems: Iterable[Problem]) -> Mapping[str, Counter[str]]:
    """Return the messages of problems by rule, without the lines that they name."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for problem in problems:
        found[problem.rule][_LINE.sub("line", problem.message)] += 1
    return found


class Guard:
    """Tries fixes of one subject, and keeps those that mend something and leave what the template means as it is."""

    def __init__(self, subject: Subject, rules: Mapping[Fix, str], relabels: bool) -> None:
        self._before = subject
        self._rules = rules
        self._wanted = meaning_of(subject)
        self._problems = counted(problems_of(subject))
        self._relabels = relabels
        self._trials = _TRIALS
        self._held: tuple[list[Fix], Subject] = [], subject

    def safe(self, fixes: list[Fix]) -> tuple[list[Fix], Subject]:
        """Return those of the fixes that may be made, and what the page is with them."""
        made = self._largest(fixes)
        return made, self._held[1] if self._held[0] == made else self._with(made)

    def _with(self, fixes: list[Fix]) -> Subject:
        page = self._before.page
        return subject_of(read(applied(page.source.text, fixes)[0], page.file)) if fixes else self._before

    def _holds(self, fixes: list[Fix]) -> bool:
        self._trials -= 1
        if self._trials < 0:
            return False
        try:
            after = self._with(fixes)
        except Unreadable:
            return False
        if holds := self._means_the_same(after) and self._mends(fixes, after):
            self._held = fixes, after
        return holds

    def _means_the_same(self, after: Subject) -> bool:
        found, wanted = meaning_of(after), self._wanted
        same = found._replace(labels=()) == wanted._replace(labels=())
        return same and (self._relabels or found.labels == wanted.labels)

    def _mends(self, fixes: list[Fix], after: Subject) -> bool:
        """Tell whether less is wrong by the rules that fixes are for, and by no rule more."""
        left = counted(problems_of(after))
        more = any(left[rule].total() > self._problems[rule].total() for rule in left.keys() - _MAY_RISE)
        return not more and all(left[rule] != self._problems[rule] for rule in {self._rules[fix] for fix in fixes})

    def _largest(self, fixes: list[Fix]) -> list[Fix]:
        if not fixes or self._holds(fixes):
            return fixes
        if len(fixes) == 1:
            return []
        half = len(fixes) // 2
        first, second = self._largest(fixes[:half]), self._largest(fixes[half:])
        both = [*first, *second]
        return both if not first or not second or self._holds(both) else first
