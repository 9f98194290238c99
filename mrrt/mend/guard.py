"""What mending must not change: the fields, their choices and defaults, the text of the page, its codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from mrrt.check.rules import Subject
from mrrt.mend.edits import Fix, applied
from mrrt.parse.build import build, surroundings
from mrrt.parse.page import Page, read
from mrrt.parse.phrases import collapse
from mrrt.parse.xml_block import code_of, xml_block_of
from mrrt.template import Field

_TRIALS = 64
"""How often a mender may be tried with fewer fixes; what is not settled by then is left."""


class Meaning(NamedTuple):
    """What a template says, however it is written."""

    fields: tuple[object, ...]
    labels: tuple[str, ...]
    text: str
    codes: Counter[object]
    frame: tuple[object, ...]


def subject_of(text: str, file: str) -> Subject:
    """Return what rules and menders look at."""
    page = read(text, file)
    block = xml_block_of(page)
    around = surroundings(page, block)
    return Subject(page, block, around, build(page, block, around))


def meaning_of(subject: Subject) -> Meaning:
    """Return what must stay as it is."""
    template, block = subject.template, subject.block
    codes = Counter(tuple(map(str, filter(None, map(code_of, one.codes)))) for one in (*block.terms, *block.entries))
    texts = {script.kind for script in template.scripts}
    return Meaning(
        fields=tuple(_field(field) for field in template.fields),
        labels=tuple(field.label for field in template.fields),
        text=text_of(subject.page),
        codes=Counter(codes),
        frame=(
            template.title,
            template.identifier,
            template.status,
            len(template.scripts),
            len(texts),
            len(template.sections),
        ),
    )


def text_of(page: Page) -> str:
    """Return the text of the body, white space aside: what a reader sees, options and defaults included."""
    body = next(page.named("body"), page.root)
    return collapse(
        " ".join(str(text) for text in body.xpath(".//text()[not(ancestor::script or ancestor::style)]"))
    ).strip()


def _field(field: Field) -> object:
    choices = tuple((collapse(one.value), one.text, one.blank, one.group, one.replaces) for one in field.choices)
    limits = (field.unit, field.minimum, field.maximum, field.step, field.hint, field.condition, field.free_text)
    rules = (field.required, field.read_only, field.completion_action, field.merge, field.merge_identifier)
    return field.key, field.kind, choices, field.default, limits, rules


def safe(text: str, file: str, fixes: list[Fix], wanted: Meaning, relabels: bool) -> list[Fix]:
    """Return those fixes after which a template still means the same."""
    trials = iter(range(_TRIALS))

    def holds(tried: list[Fix]) -> bool:
        if next(trials, None) is None:
            return False
        found = meaning_of(subject_of(applied(text, tried)[0], file))
        return found._replace(labels=()) == wanted._replace(labels=()) and (relabels or found.labels == wanted.labels)

    return _largest(fixes, holds)


def _largest(fixes: list[Fix], holds: Callable[[list[Fix]], bool]) -> list[Fix]:
    if not fixes or holds(fixes):
        return fixes
    if len(fixes) == 1:
        return []
    half = len(fixes) // 2
    first, second = _largest(fixes[:half], holds), _largest(fixes[half:], holds)
    both = [*first, *second]
    return both if not first or not second or holds(both) else first
