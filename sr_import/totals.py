"""Totals of a study of several documents: each document states that of its own containers (PS3.16 TID 10012).

1. Documents whose containers are other ones add up.
2. A document whose containers are all in another one, which has more, is not added: that one's total includes it.
3. Documents of the same containers state one total, and have to agree.
4. Where a container is in several documents that each have others, too, where one does not say which container it is,
   or where a document of such containers states no total, the total of the study is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sr_import.bindings import Binding, Counted
from sr_import.choosing import Candidate, Outcome, choose
from sr_import.measurement import Document
from sr_import.numbering import Numbered, Numbering


@dataclass(frozen=True, slots=True)
class _Part:
    """A document that takes part: its containers by number, and its candidates."""

    containers: frozenset[int]
    candidates: tuple[Candidate, ...]
    named: bool
    """Every container says which one it is."""


def totalled(binding: Binding, found: Sequence[Candidate], numbering: Numbering) -> Outcome:
    """Choose one value, or form the total over documents where the binding says what it is a total of."""
    parts = list(_parts(binding.total_of, found, numbering)) if binding.total_of else []
    if binding.total_of is None or len(parts) < 2:
        return choose(binding, found)
    groups = _groups(parts)
    name = binding.total_of.container.meaning or binding.total_of.container.value
    why = _why_unknown(parts, groups, name)
    if why:
        return Outcome(None, f"the totals of {len(parts)} documents cannot be added: {why}", tuple(found))
    outcomes = [choose(binding, group) for group in groups.values()]
    return next((one for one in outcomes if one.taken is None), None) or _sum(outcomes)


def _parts(counted: Counted, found: Sequence[Candidate], numbering: Numbering) -> Iterator[_Part]:
    kind = numbering.of_kind(counted.container, counted.known_by)
    for document in numbering.documents:
        candidates = tuple(one for one in found if one.document is document)
        containers = _containers(kind, document)
        if candidates or containers:
            numbers = frozenset(containers.values())
            named = bool(containers) and kind.identified.issuperset(containers)
            yield _Part(numbers, candidates, named)


def _containers(kind: Numbered, document: Document) -> Mapping[tuple[int, str], int]:
    return {place: number for place, number in kind.numbers.items() if place[0] == id(document)}


def _groups(parts: Sequence[_Part]) -> Mapping[frozenset[int], list[Candidate]]:
    """Return the candidates of those documents whose containers are not all in another one that has more."""
    groups: dict[frozenset[int], list[Candidate]] = {}
    for part in parts:
        if not any(part.containers < other.containers for other in parts):
            groups.setdefault(part.containers, []).extend(part.candidates)
    return groups


def _why_unknown(parts: Sequence[_Part], groups: Mapping[frozenset[int], Collection[Candidate]], name: str) -> str:
    if not all(part.named for part in parts):
        return f"not every {name} says which it is"
    if not all(groups.values()):
        return "one of them states none"
    if len(frozenset().union(*groups)) < sum(map(len, groups)):
        return f"some {name} are in several of them"
    return ""


def _sum(outcomes: Sequence[Outcome]) -> Outcome:
    taken = [one.taken for one in outcomes if one.taken is not None]
    if len(taken) == 1:
        return outcomes[0]
    value = sum((one.value for one in taken if one.value is not None), Decimal(0))
    units = {one.item.unit for one in taken}
    received = [f"{one.item.value} {one.item.unit}" if len(units) > 1 else str(one.item.value) for one in taken]
    unit = taken[0].item.unit if len(units) == 1 else None
    item = taken[0].item.model_copy(update={"received": " + ".join(received), "unit": unit})
    how = f"sum of the totals of {len(taken)} documents"
    every = tuple(candidate for one in outcomes for candidate in one.candidates)
    return Outcome(replace(taken[0], item=item, value=value, text=f"{value:f}"), how, every)
