"""Several documents of one study: which of them count, and which were replaced by a later one.

1. A document that another one names as its predecessor is replaced by it (PS3.3 C.17.2, Predecessor Documents
   Sequence). Documents that name each other in a circle all count, and that is reported.
2. A document is replaced by a later one of the same series, title and template that says everything again: every place
   at which the earlier one has a value. Later is by content time, of equal times by Completion Flag. A COMPLETE
   document is not replaced by a PARTIAL one. Dose documents of one series add up (one for each irradiation), so this
   rule leaves them alone.
3. All others count together. Where they contradict each other, matching shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrrt.problems import Problem
from sr_import.measurement import Document, Measurement
from sr_import.rules import problem
from sr_import.times import moment

_DOSE = frozenset(f"1.2.840.10008.5.1.4.1.1.88.{last}" for last in ("67", "68", "75", "76"))
Place = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The documents that count, and what is said only by those that were replaced."""

    documents: tuple[Document, ...]
    said_before: tuple[tuple[Document, Measurement], ...]
    problems: tuple[Problem, ...]


def standing(documents: Iterable[Document]) -> Standing:
    """Return which documents count; the same SOP instance counts once."""
    every = tuple({one.sop_instance_uid or id(one): one for one in documents}.values())
    if len(every) < 2:
        return Standing(every, (), ())
    successors = {**_resent(every), **_named(every)}
    return Standing(
        tuple(one for one in every if id(one) not in successors),
        tuple(_said_before(every, successors)),
        (*_circles(every), *(_replaced(one, *successors[id(one)]) for one in every if id(one) in successors)),
    )


def _named(every: Sequence[Document]) -> Mapping[int, tuple[Document, str]]:
    """Map each document that another one names as its predecessor to that one."""
    return {
        id(one): (later, "names it as its predecessor")
        for one in every
        for later in every
        if one.sop_instance_uid in later.predecessors and not _leads_back(one, later, every)
    }


def _leads_back(one: Document, later: Document, every: Sequence[Document]) -> bool:
    """Tell whether the predecessors of a document, followed back, name the later one again."""
    by_uid = {document.sop_instance_uid: document for document in every}
    waiting, seen = [one], set[str]()
    while waiting:
        for uid in waiting.pop().predecessors:
            if uid == later.sop_instance_uid:
                return True
            if uid not in seen and uid in by_uid:
                seen.add(uid)
                waiting.append(by_uid[uid])
    return False


def _circles(every: Sequence[Document]) -> Iterator[Problem]:
    for later in every:
        for one in every:
            if one.sop_instance_uid in later.predecessors and _leads_back(one, later, every):
                words = f"The documents {later.sop_instance_uid} and {one.sop_instance_uid} each name the other as"
                yield problem("SM11", f"{words} predecessor; both count.", path="1")


def _resent(every: Sequence[Document]) -> Mapping[int, tuple[Document, str]]:
    """Map each document that a later one of its series says again to that one."""
    found: dict[int, tuple[Document, str]] = {}
    for one in every:
        later = [other for other in every if other is not one and _same_kind(one, other) and _follows(one, other)]
        if covering := [other for other in later if _places(one) <= _places(other)]:
            found[id(one)] = (max(covering, key=_order), "of the same series says everything again")
    return found


def _same_kind(one: Document, other: Document) -> bool:
    kinds = [(each.series_instance_uid, each.title, each.template, each.sop_class_uid) for each in (one, other)]
    return kinds[0] == kinds[1] and one.series_instance_uid is not None and one.sop_class_uid not in _DOSE


def _follows(one: Document, later: Document) -> bool:
    """Tell whether a document was written after another one, as far as times and flags say."""
    before, after = _order(one), _order(later)
    if not before or not after or (one.completion, later.completion) == ("COMPLETE", "PARTIAL"):
        return False
    return before < after and later.complete


def _order(document: Document) -> tuple[float, bool] | tuple[()]:
    at = moment(document.content_date_time, document.timezone or "+0000")
    return (at.timestamp(), document.completion == "COMPLETE") if at else ()


def _places(document: Document) -> frozenset[Place]:
    return frozenset(_place(item) for item in document.measurements if item.value is not None)


def _place(item: Measurement) -> Place:
    return item.code, item.site, item.laterality, item.segment, item.branch, item.fetus_id, item.time_point


def _said_before(
    every: Sequence[Document], successors: Mapping[int, tuple[Document, str]]
) -> Iterator[tuple[Document, Measurement]]:
    said_again = frozenset[Place]().union(*(_places(one) for one in every if id(one) not in successors))
    for one in every:
        for item in one.measurements if id(one) in successors else ():
            if item.value is not None and item.repeat_of is None and _place(item) not in said_again:
                yield one, item


def _replaced(one: Document, later: Document, why: str) -> Problem:
    of = f"of {one.content_date_time} " if one.content_date_time else ""
    words = f"The document {one.sop_instance_uid} {of}no longer counts: the document {later.sop_instance_uid} {why}"
    return problem("SM10", f"{words}.", path="1")
