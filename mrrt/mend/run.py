"""Mending a template: rule after rule, until nothing is left that can be mended."""

from __future__ import annotations

import re
from typing import NamedTuple

# the modules register their menders when they are imported, in the order in which they work
from mrrt.check import check
from mrrt.mend import coding, document, fields, identities, metadata, xml
from mrrt.mend.edits import Fix, applied
from mrrt.mend.guard import meaning_of, safe, subject_of
from mrrt.mend.table import MENDERS, Mender
from mrrt.parse.page import read
from mrrt.problems import Problem

MODULES = (xml, coding, document, metadata, identities, fields)
_ROUNDS = 6
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


def mend(source: bytes | str, file: str = "template") -> Mended:
    """Return a template with everything mended that can be without changing what it asks or says.

    The source is edited in place: what needs no mending stays as it is, byte for byte. Fields keep their keys,
    kinds, choices, defaults and limits, and the page its text; a mend that would change one of them is not made.
    JavaScript and event handlers stay. Raises Unreadable as `mrrt.parse.parse` does.
    """
    page = read(source, file)
    text, done = _as_utf8(page.source.text, page.source.encoding)
    passes: list[list[_Shift]] = []
    for _ in range(_ROUNDS):
        before = text
        for mender in MENDERS:
            text = _mended_by(mender, text, file, done, passes)
        if text == before:
            break
    ordered = tuple(sorted(done, key=lambda one: one.line or 0))
    return Mended(text, ordered, check(text, file))


def _as_utf8(text: str, encoding: str) -> tuple[str, list[Done]]:
    """Return the text with the encoding declared that it will be written in."""
    declared = _DECLARED.search(text[:8192])
    if declared is None or declared.group(2).lower() in ("utf-8", "utf8"):
        return text, []
    line = text.count("\n", 0, declared.start()) + 1
    what = f"the encoding {declared.group(2)} became utf-8 (it was read as {encoding})"
    return text[: declared.start(2)] + "utf-8" + text[declared.end() :], [Done("D4", line, what)]


def _mended_by(mender: Mender, text: str, file: str, done: list[Done], passes: list[list[_Shift]]) -> str:
    subject = subject_of(text, file)
    found = [fix for fix in mender.find(subject) if fix.edits]
    if not found:
        return text
    fixes = safe(text, file, applied(text, found)[1], meaning_of(subject), mender.relabels)
    mended, made = applied(text, fixes)
    done += [Done(mender.rule, _line_before(fix.line, passes), fix.what) for fix in made]
    passes.append(_shifts(text, made))
    return mended


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
