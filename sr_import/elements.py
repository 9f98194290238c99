"""Data elements of a DICOM data set: where each begins and ends, and what the simple ones say (PS3.5 section 7).

Every length is checked against what surrounds it, so half a file never passes for a whole one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Self

from mrrt.code import Code
from sr_import.encoding import LONG, Body, is_vr
from sr_import.text import CharacterSet
from sr_import.tree import Item, Reference

MAX_DEPTH = 64
"""Content items within content items; the deepest SR template known needs about ten."""
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CODE_VALUES, _SCHEME, _MEANING = (0x00080100, 0x00080119, 0x00080120), 0x00080102, 0x00080104


class Damage(Exception):
    """The bytes end, or contradict themselves, at a position."""

    def __init__(self, position: int, what: str = "") -> None:
        self.what = what or f"it is cut off or damaged at byte {position}"
        super().__init__(self.what)


Record = dict[int, tuple[int, int]]
"""Where the values of one data set lie, by tag."""


SHORT = frozenset(
    {
        *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT"),
        *(b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US", b""),
    }
)
"""Value representations whose length takes two bytes; empty stands for implicit VR, which has none."""


class Measured(NamedTuple):
    """What surrounds the digits of a measured value: found again, it need not be read again."""

    unit: Code | None
    length: int
    """Of the digits, in bytes."""
    rest: bytes
    """What follows them."""


class Begun(NamedTuple):
    """A numeric item from its beginning to the end of its measured value, the digits apart."""

    relationship: str
    value_type: str
    concept: Code | None
    measured: Measured


@dataclass(slots=True)
class Known:
    """What was read before in one character set, by its bytes."""

    characters: CharacterSet
    texts: dict[bytes, str] = field(default_factory=dict)
    codes: dict[bytes, Code | None] = field(default_factory=dict)
    items: dict[bytes, Item] = field(default_factory=dict)
    references: dict[bytes, tuple[Reference, ...]] = field(default_factory=dict)
    measured: dict[bytes, Measured] = field(default_factory=dict)
    """By the bytes in front of the digits, their length included."""
    begun: dict[bytes, Begun] = field(default_factory=dict)
    """By the bytes from the beginning of the item to the digits."""


class Elements:
    """The data elements of one encoding, in the character set that holds at the moment."""

    def __init__(self, source: Body) -> None:
        self.data, self.order = source.data, "<" if source.little else ">"
        self.unpack_element = struct.Struct(self.order + ("L0sL" if source.implicit else "L2sH")).unpack_from
        self.unpack_length = struct.Struct(self.order + "L").unpack_from
        self.unpack_item = struct.Struct(self.order + "LL").unpack_from
        self.as_read = halves_swapped if source.little else int
        """A tag as the first four bytes of an element give it in this byte order, and back again."""
        self.known_by_set: dict[str, Known] = {}
        self.declare("")

    def declare(self, characters: str) -> None:
        """Read what follows in a character set; what is known in another one does not count in it."""
        if characters not in self.known_by_set:
            self.known_by_set[characters] = Known(CharacterSet(characters))
        self.known = self.known_by_set[characters]

    @property
    def text_trouble(self) -> str:
        """Why some text may be misspelt, or nothing."""
        return next((known.characters.trouble for known in self.known_by_set.values() if known.characters.trouble), "")

    @cached_property
    def of_unknown(self) -> Self:
        """The reader of values of VR UN, which hold implicit little endian (PS3.5 section 6.2.2)."""
        reader = type(self)(Body(self.data, True, True))
        reader.known = Known(self.known.characters)
        return reader

    def stop(self, position: int, start: int, stop: int, end: int, vr: bytes) -> int:
        """Return where a value ends that starts here; raises Damage where it does not fit into what is around it."""
        if stop < 0:
            return (self if vr != b"UN" else self.of_unknown).skipped(start, end)
        if stop > end:
            raise Damage(position)
        return stop

    def text(self, start: int, stop: int) -> str:
        """Return the text that lies there."""
        raw, texts = self.data[start:stop], self.known.texts
        found = texts.get(raw)
        if found is None:
            found = texts[raw] = self.known.characters.text(raw)
        return found

    def code(self, start: int, stop: int) -> Code | None:
        """Return the first code of a code sequence (PS3.3 section 8.8), None where there is none."""
        raw, codes = self.data[start:stop], self.known.codes
        if raw not in codes:
            codes[raw] = next((self._code(record) for record in self.records(start, stop)), None)
        return codes[raw]

    def _code(self, record: Record) -> Code | None:
        value = next((text for tag in _CODE_VALUES if (text := self.value(record, tag))), "")
        return Code.of(self.value(record, _SCHEME), value, self.value(record, _MEANING)) if value else None

    def value(self, record: Record, tag: int) -> str:
        """Return the text of one element, "" where there is none."""
        return self.text(*record[tag]) if tag in record else ""

    def records(self, position: int, stop: int) -> Iterator[Record]:
        """Yield each item of a small sequence, with the places of its values."""
        while position < stop:
            mark, start, reached = self._element(position, stop, sequence=True)
            if mark == SEQUENCE_END:
                return
            yield self._record(start, reached)
            position = reached

    def _record(self, position: int, stop: int) -> Record:
        found: Record = {}
        while position < stop:
            tag, start, reached = self._element(position, stop)
            if tag == ITEM_END:
                break
            found[tag] = (start, reached)
            position = reached
        return found

    def _element(self, position: int, end: int, sequence: bool = False) -> tuple[int, int, int]:
        """Return tag, start and end of one element, or of an item of a sequence."""
        tag, vr, start, length = self._header(position, end)
        if sequence != (tag in (ITEM, SEQUENCE_END)):
            raise Damage(position)
        if length != UNDEFINED:
            return tag, start, self.stop(position, start, start + length, end, vr)
        return tag, start, (self if vr != b"UN" else self.of_unknown).skipped(start, end, of_sequence=tag != ITEM)

    def _header(self, position: int, end: int) -> tuple[int, bytes, int, int]:
        """Return tag, VR, start of the value and its length."""
        try:
            tag, vr, length = self.unpack_element(self.data, position)
            start = position + 8
            if vr in LONG:
                length, start = self.unpack_length(self.data, start)[0], position + 12
            elif vr not in SHORT and not is_vr(vr):
                length = self.unpack_length(self.data, position + 4)[0]
        except struct.error:
            raise Damage(position) from None
        if start > end:
            raise Damage(position)
        return self.as_read(tag), vr, start, length

    def skipped(self, position: int, end: int, of_sequence: bool = True) -> int:
        """Return where a value of undefined length ends: behind its delimiter. What lies within is not read."""
        within = [of_sequence]
        while within:
            tag, _, start, length = self._header(position, end)
            position = start
            if tag in (ITEM_END, SEQUENCE_END):
                if within.pop() != (tag == SEQUENCE_END):
                    raise Damage(position)
            elif (tag == ITEM) != within[-1]:
                raise Damage(position)
            elif length == UNDEFINED:
                within.append(tag != ITEM)
            else:
                position = self.stop(position, start, start + length, end, b"")
            if len(within) > 2 * MAX_DEPTH:
                raise Damage(position, f"its sequences are nested more than {MAX_DEPTH} levels deep")
        return position


def halves_swapped(tag: int) -> int:
    """Return a tag with its halves swapped, as four little endian bytes read as one number have them."""
    return (tag & 0xFFFF) << 16 | tag >> 16
