"""Mending a template: rule after rule, until nothing is left that can be mended."""

from __future__ import annotations

import re
from typing import NamedTuple

# the modules register their menders when they are imported, in the order in which they work
from mrrt.check.rules import Profile, Subject
from mrrt.check.run import problems_of, subject_of
from mrrt.mend import coding, document, fields, identities, markup, metadata, nesting, sections, xml
from mrrt.mend.edits import Fix, applied
from mrrt.mend.guard import Guard
from mrrt.mend.table import MENDERS
from mrrt.parse.page import read
from mrrt.parse.source import decode
from mrrt.problems import Problem

MODULES = (xml, coding, document, metadata, identities, fields, sections, nesting, markup)
_ROUNDS = 8
_DECLARED = re.compile(r"(<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*)([A-Za-z0-9_.:-]+)", re.IGNORECASE)


class Done(NamedTuple):
    """One thing that was mended: for which rule, in which line of the source, and what."""

    rule: str
    line: int | None
    what: str


class Mended(NamedTuple):
    """A mended template: its text, to be written as UTF-8, what was done, and what is left to do by hand.

    The lines of what was done are those of the source, the lines of what is left those of the mended text.
    """

    text: str
    done: tuple[Done, ...]
    left: tuple[Problem, ...]


class _Shift(NamedTuple):
    """Lines that an edit added behind a line."""

    line: int
    added: int


def mend(source: bytes | str, file: str = "template", profile: Profile = "tolerant") -> Mended:
    """Return a template with everything mended that can be without changing what it asks or says.

    The source is edited in place: what needs no mending stays as it is, byte for byte. Fields keep their keys,
    kinds, choices, defaults and limits, and the page its text; a mend that would change one of them is not made.
    JavaScript and event handlers stay. `profile` is the one by which `left` is judged. Raises Unreadable as
    `mrrt.parse.parse` does.
    """
    decoded = decode(source, file)
    text, done = _as_utf8(decoded.text, decoded.encoding)
    work = _Work(subject_of(read(text, file)), done)
    for _ in range(_ROUNDS):
        worked = [work.run(relabels) for relabels in (False, True)]
        if not any(worked):
            break
    ordered = tuple(sorted(work.done, key=lambda one: one.line or 0))
    return Mended(work.subject.page.source.text, ordered, problems_of(work.subject, profile))


class _Work:
    """A template while it is mended.

    All menders look at the same page, and what they find is made in one go where no edits overlap; the page is read
    again once for all of them, and the guard takes a pass apart only where something in it changes the meaning.
    """

    def __init__(self, subject: Subject, done: list[Done]) -> None:
        self.subject = subject
        self.done = done
        self._passes: list[list[_Shift]] = []

    def run(self, relabels: bool) -> bool:
        """Let the menders work that may change what fields are called, or those that may not; tells whether any did.

        What is refused makes room for what waited behind it, until the page changes.
        """
        rules = self._found(relabels)
        text = self.subject.page.source.text
        refused: set[Fix] = set()
        while tried := applied(text, (fix for fix in rules if fix not in refused))[1]:
            made, self.subject = Guard(self.subject, rules, relabels).safe(tried)
            if made:
                self.done += [self._done(rules[fix], fix) for fix in made]
                self._passes.append(_shifts(text, made))
                return True
            refused |= set(tried)
        return False

    def _found(self, relabels: bool) -> dict[Fix, str]:
        """Return what can be mended now, each fix with its rule, in the order in which the menders work."""
        menders = [mender for mender in MENDERS if mender.relabels is relabels]
        return {fix: mender.rule for mender in menders for fix in mender.find(self.subject) if fix.edits}

    def _done(self, rule: str, fix: Fix) -> Done:
        return Done(rule, _line_before(fix.line, self._passes), fix.what)


def _as_utf8(text: str, encoding: str) -> tuple[str, list[Done]]:
    """Return the text with the encoding declared that it will be written in."""
    declared = _DECLARED.search(text[:8192])
    if declared is None or declared.group(2).lower() in ("utf-8", "utf8"):
        return text, []
    line = text.count("\n", 0, declared.start()) + 1
    what = f"the encoding {declared.group(2)} became utf-8 (it was read as {encoding})"
    return text[: declared.start(2)] + "utf-8" + text[declared.end() :], [Done("D4", line, what)]


def _shifts(text: str, fixes: list[Fix]) -> list[_Shift]:
    edits = sorted(edit for fix in fixes for edit in fix.edits)
    added = ((edit, edit.new.count("\n") - text.count("\n", edit.start, edit.end)) for edit in edits)
    return [_Shift(text.count("\n", 0, edit.start) + 1, lines) for edit, lines in added if lines]


def _line_before(line: int | None, passes: list[list[_Shift]]) -> int | None:
    """Return the line of the source that a line was before all passes."""
    if line is None:
        return None
    for shifts in reversed(passes):
        moved = 0
        for shift in shifts:
            moved += shift.added if shift.line + moved < line else 0
        line -= moved
    return line
