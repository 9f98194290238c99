"""The content tree of an SR document (PS3.3 C.17.3): what reading gives and everything else works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mrrt.code import Code


@dataclass(slots=True)
class Reference:
    """An image, waveform or other object that an item points to."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: str = ""
    """Numbers of the frames, "1\\2", where only some are meant."""


@dataclass(slots=True)
class Item:
    """A content item. Text is decoded and stripped of padding, otherwise as it was sent.

    Items that say the same are one object, so an item does not know its place: `walk` tells the path of each.
    Only the reader fills items; afterwards nobody changes them.
    """

    relationship: str = ""
    value_type: str = ""
    concept: Code | None = None
    children: tuple[Item, ...] = field(default=(), repr=False)
    code: Code | None = None
    """Value of a CODE item."""
    text: str = ""
    """Value of a TEXT, PNAME, DATE, TIME, DATETIME or UIDREF item."""
    number: str | None = None
    """Numeric value of a NUM item: None without a measured value, "" if empty, "1\\2" for several."""
    unit: Code | None = None
    qualifier: Code | None = None
    """Numeric value qualifier (0040,A301): why there is no number, or why to doubt it."""
    observed: str = ""
    """Observation date and time as sent, where the item states one of its own."""
    references: tuple[Reference, ...] = ()
    """What an IMAGE, COMPOSITE or WAVEFORM item points to."""
    graphic: str = ""
    """Graphic type of an SCOORD or SCOORD3D item, or range type of a TCOORD item."""
    coordinates: tuple[float, ...] = ()
    refers_to: str = ""
    """Path of the item that this one refers to instead of holding a value (0040,DB73); it is not followed."""
    complete: bool = True
    """False where the file ends or is damaged within the item: some of what it states may be missing."""


@dataclass(frozen=True, slots=True)
class Tree:
    """An SR document: its root item and the attributes of its header, by keyword as in PS3.6."""

    root: Item
    header: dict[str, str]
    template: str
    text_trouble: str = ""
    """Why some text may be misspelt: an unknown or wrong character set."""
    damage: str = ""
    """What is wrong with the bytes, where only a part of the document could be read."""
    oddity: str = ""
    """In what the file differs from what its header says, where all of it could be read."""


def walk(root: Item) -> Iterator[tuple[str, Item]]:
    """Yield an item and all items below it with their paths, in the order of the document.

    The path of the root is "1", that of its n-th content item "1.n" (PS3.3 C.17.3.2.5).
    """
    stack = [("1", root)]
    while stack:
        path, item = stack.pop()
        yield path, item
        places = range(len(item.children), 0, -1)
        stack.extend((f"{path}.{place}", child) for place, child in zip(places, reversed(item.children), strict=True))
