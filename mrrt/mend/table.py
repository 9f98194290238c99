"""The table of menders: each is one small function for one rule of the checker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix
from mrrt.parse.tree import Element

Find = Callable[[Subject], Iterable[Fix]]


@dataclass(frozen=True)
class Mender:
    """What mends one kind of breach of a rule. One that `relabels` may change what a field is called."""

    rule: str
    find: Find
    relabels: bool = False


MENDERS: list[Mender] = []
"""All menders, in the order in which they work."""


def mender(rule: str, *, relabels: bool = False) -> Callable[[Find], Find]:
    """Register a function as a mender of a rule."""

    def register(find: Find) -> Find:
        MENDERS.append(Mender(rule, find, relabels))
        return find

    return register


def fix(subject: Subject, element: Element, what: str, edits: Iterable[Edit]) -> Iterator[Fix]:
    """Yield the fix of an element; nothing where there is no edit to make."""
    if made := tuple(edits):
        yield Fix(what, subject.page.place(element)[0], made)
