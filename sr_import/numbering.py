"""Numbers the containers of one concept: which irradiation event is the third. The same one sent twice is one.

Containers are counted in the order of their documents, by content time, and within a document from top to bottom.
Where an item identifies them (`known by`), those that state the same identity share one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrrt.code import Code
from mrrt.problems import Problem
from sr_import.bindings import Bindings, Within
from sr_import.measurement import Container, Document
from sr_import.rules import problem

_Kind = tuple[Code, Code | None]
"""Concept of the container, and of what identifies it."""
_Place = tuple[int, str]
"""Identity of a document, and a path in it."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """The containers of one kind: the number of each, and where each number is first met."""

    numbers: Mapping[_Place, int]
    first: Mapping[int, tuple[Document, Container]]
    identified: frozenset[_Place] = frozenset()
    """Those that say which one they are; others may be the same one sent again."""


class Numbering:
    """The numbers of containers over documents that count together."""

    def __init__(self, documents: Iterable[Document]) -> None:
        whole = (one for one in documents if one.complete)
        self.documents = sorted(whole, key=lambda one: (one.content_date_time or "", one.sop_instance_uid or ""))
        self._kinds: dict[_Kind, Numbered] = {}

    def of_kind(self, concept: Code, known_by: Code | None) -> Numbered:
        """Return the containers of a concept, numbered from 1."""
        kind = concept, known_by
        if kind not in self._kinds:
            self._kinds[kind] = _numbered(self.documents, concept, known_by)
        return self._kinds[kind]

    def holds(self, within: Within | None, document: Document, path: str) -> bool:
        """Tell whether an item lies in the container that is meant: the nearest of its kind around it counts."""
        if within is None:
            return True
        numbers = self.of_kind(within.container, within.known_by).numbers
        return _around(numbers, document, path) == within.number

    def place(self, within: Within) -> tuple[Document, Container] | None:
        """Return the container that is meant, where it is first met; None where there are not so many."""
        return self.of_kind(within.container, within.known_by).first.get(within.number)

    def without_binding(self, bindings: Bindings) -> Iterator[Problem]:
        """Say for each kind how many of its containers have a number that no binding has."""
        bound: dict[_Kind, set[int]] = {}
        for _, within in bindings.within:
            bound.setdefault((within.container, within.known_by), set()).add(within.number)
        for (concept, known_by), numbers in bound.items():
            first = self.of_kind(concept, known_by).first
            if left := sorted(first.keys() - numbers):
                yield _left_out(concept, len(first), left, first[left[0]][1].path)


def _left_out(concept: Code, count: int, left: Sequence[int], path: str) -> Problem:
    name, verb = concept.meaning or concept.value, "has" if len(left) == 1 else "have"
    listed = ", ".join(map(str, left[:10])) + (", ..." if len(left) > 10 else "")
    said = f"{len(left)} of {count} containers {name} {verb} no place in the template (number {listed}); not filled in."
    return problem("SM13", said, path=path)


def _numbered(documents: Iterable[Document], concept: Code, known_by: Code | None) -> Numbered:
    numbers: dict[_Place, int] = {}
    first: dict[int, tuple[Document, Container]] = {}
    known: dict[object, int] = {}
    identified: set[_Place] = set()
    for document in documents:
        identities = _identities(document, known_by)
        for container in document.containers:
            if container.concept == concept:
                place = id(document), container.path
                number = known.setdefault(identities.get(container.path, place), len(known) + 1)
                numbers[place] = number
                if container.path in identities:
                    identified.add(place)
                first.setdefault(number, (document, container))
    return Numbered(numbers, first, frozenset(identified))


def _identities(document: Document, known_by: Code | None) -> Mapping[str, str]:
    """Map the path of an item to what its first child of the concept says."""
    found: dict[str, str] = {}
    for finding in document.findings if known_by is not None else ():
        said = str(finding.code) if finding.code else finding.text
        if finding.concept == known_by and said:
            found.setdefault(finding.parent, said)
    return found


def _around(numbers: Mapping[_Place, int], document: Document, path: str) -> int | None:
    while path := path.rpartition(".")[0]:
        if (number := numbers.get((id(document), path))) is not None:
            return number
    return None
