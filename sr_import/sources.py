"""What a measurement was made on: images and coordinates below it, by value or by reference (PS3.3 C.17.3.2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from sr_import.measurement import SourceReference
from sr_import.tree import Item, Reference

_COORDINATES = frozenset({"SCOORD", "SCOORD3D", "TCOORD"})
_OBJECTS = frozenset({"IMAGE", "WAVEFORM", "COMPOSITE"})
_LONGEST_IS = 12
_MOST_REFERENCES = 20_000
"""References that are followed in one document; more of them only a document has that was made to take long."""
_NO_OBJECT = Reference("", "")
_FROM = frozenset({"INFERRED FROM", "SELECTED FROM", "R-INFERRED FROM", "R-SELECTED FROM"})


class Sources:
    """Finds the sources of items of one document; `lost` are references that lead nowhere or in a circle."""

    def __init__(self, root: Item) -> None:
        self.root = root
        self.lost: set[str] = set()
        self.to_follow = _MOST_REFERENCES
        self._known: dict[int, tuple[SourceReference, ...]] = {}
        """By identity: items that say the same are one object, and the tree keeps them all alive."""

    def of(self, item: Item) -> tuple[SourceReference, ...]:
        """Return the sources of a measurement in the order of the document."""
        return tuple(one for child in item.children if _is_source(child) for one in self._below(child))

    def _below(self, child: Item) -> tuple[SourceReference, ...]:
        known = self._known.get(id(child))
        if known is None:
            known = self._known[id(child)] = tuple(self._followed(child, frozenset()))
        return known

    def _followed(
        self, item: Item, passed: frozenset[int], where: tuple[str | None, tuple[float, ...]] = (None, ())
    ) -> Iterator[SourceReference]:
        """Yield what an item or the item that it refers to points to; nothing is followed twice on one way."""
        if item.refers_to:
            target = item_at(self.root, item.refers_to)
            self.to_follow -= 1
            if target is None or id(target) in passed or self.to_follow < 0:
                self.lost.add(item.refers_to)
                return
            item, passed = target, passed | {id(target)}
        if item.value_type in _OBJECTS:
            for one in item.references:
                yield _made(one, *where)
        elif item.value_type in _COORDINATES:
            yield from self._coordinates(item, passed)

    def _coordinates(self, item: Item, passed: frozenset[int]) -> Iterator[SourceReference]:
        where = (item.graphic or None, item.coordinates)
        images = [one for child in item.children for one in self._followed(child, passed, where)]
        yield from images or [_made(_NO_OBJECT, *where)]


def _is_source(item: Item) -> bool:
    if item.value_type not in _COORDINATES and item.value_type not in _OBJECTS and not item.refers_to:
        return False
    return item.relationship in _FROM or not item.relationship


def _made(one: Reference, graphic: str | None, coordinates: tuple[float, ...]) -> SourceReference:
    return SourceReference.trusted(
        {
            "sop_class_uid": one.sop_class_uid or None,
            "sop_instance_uid": one.sop_instance_uid or None,
            "frames": _frames(one.frames) if one.frames else (),
            "graphic_type": graphic,
            "coordinates": coordinates,
        }
    )


def _frames(text: str) -> tuple[int, ...]:
    return tuple(int(frame) for frame in text.split("\\") if frame.strip().isdecimal() and len(frame) <= _LONGEST_IS)


def item_at(root: Item, path: str) -> Item | None:
    """Return the item at a path, "1.5.3"; None where there is none."""
    first, *steps = path.split(".")
    item: Item | None = root if first == "1" else None
    for step in steps:
        place = int(step) if step.isdecimal() and len(step) < 10 else 0
        if item is None or not 1 <= place <= len(item.children):
            return None
        item = item.children[place - 1]
    return item
