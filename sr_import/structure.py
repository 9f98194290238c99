"""The bytes of a DICOM file, looked at before anything is parsed: what it is, and whether all of it is there.

DICOM libraries read a file that was cut off as far as it goes, and defer nested sequences. A report must not be
filled from half a document, so every length is checked against what surrounds it, without recursion (PS3.5
sections 7.1 to 7.5; PS3.10 section 7.1).
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from mrrt.errors import Unreadable

MAX_DEPTH = 64
"""Sequences within sequences; the deepest SR template known needs about ten."""
MAX_INFLATED = 256 * 1024 * 1024
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_DEFLATED, _BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG", "a PNG image"),
    (b"<", "an XML or HTML text"),
    (b"{", "a JSON text"),
    (b"MSH|", "an HL7 v2 message"),
)


class Body(NamedTuple):
    """The data set of a DICOM file without its file header, and how it is encoded."""

    data: bytes
    implicit: bool
    little: bool


class Element(NamedTuple):
    """Where one data element lies: its tag, VR (empty if implicit) and value; `end` is None if undefined."""

    tag: int
    vr: bytes
    start: int
    end: int | None


class _Frame(NamedTuple):
    """An open sequence or data set: where it ends (None: at its delimiter) and what may not be passed."""

    items: bool
    end: int | None
    limit: int


def body(data: bytes) -> Body:
    """Return the data set of a file; raises Unreadable where the bytes are no DICOM file."""
    if not data:
        raise Unreadable("The file is empty; a DICOM SR document was expected.")
    if data[128:132] == b"DICM":
        return _after_header(data)
    if data[:2] == b"\x08\x00" and len(data) > 8:  # a data set stored without the file header of PS3.10
        return Body(data, not _is_vr(data[4:6]), True)
    raise Unreadable(f"The file is {_kind(data)}; a DICOM SR document was expected.")


def _kind(data: bytes) -> str:
    known = next((name for start, name in _SIGNATURES if data.lstrip().startswith(start)), None)
    if known:
        return known
    printable = all(byte >= 32 or byte in b"\t\n\r\f" for byte in data[:1024])
    return "a plain text" if printable else "not in DICOM format"


def _after_header(data: bytes) -> Body:
    position, syntax = 132, ""
    while data[position : position + 2] == b"\x02\x00":
        element = _element(data, position, len(data), False, True)
        if element.end is None:
            raise _cut(position)
        if element.tag == 0x00020010:
            syntax = data[element.start : element.end].decode("ascii", "replace").rstrip("\0 ")
        position = element.end
    rest = data[position:]
    if syntax == _DEFLATED:
        rest = _inflated(rest)
    if not rest:
        raise Unreadable("The file ends after its DICOM file header; the document itself is missing.")
    return Body(rest, not _is_vr(rest[4:6]), syntax != _BIG_ENDIAN)


def _inflated(data: bytes) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = engine.decompress(data, MAX_INFLATED)
    except zlib.error as error:
        raise Unreadable("The compressed part of the DICOM file is damaged.") from error
    if not engine.eof:
        raise Unreadable("The compressed part of the DICOM file is cut off or too large.")
    return plain


def _is_vr(letters: bytes) -> bool:
    return len(letters) == 2 and all(65 <= letter <= 90 for letter in letters)


def _cut(position: int) -> Unreadable:
    return Unreadable(f"The DICOM file is cut off or damaged at byte {position}; send it from the device once more.")


def _element(data: bytes, position: int, limit: int, implicit: bool, little: bool) -> Element:
    """Return the element at a position; raises Unreadable where it does not fit into what is around it."""
    order = "<" if little else ">"
    if position + 8 > limit:
        raise _cut(position)
    group, number = struct.unpack_from(order + "HH", data, position)
    tag, vr, start = group << 16 | number, b"", position + 8
    if group == 0xFFFE or implicit or not _is_vr(data[position + 4 : position + 6]):
        length = struct.unpack_from(order + "L", data, position + 4)[0]
    elif (vr := data[position + 4 : position + 6]) in _LONG:
        start = position + 12
        if start > limit:
            raise _cut(position)
        length = struct.unpack_from(order + "L", data, position + 8)[0]
    else:
        length = struct.unpack_from(order + "H", data, position + 6)[0]
    if length == _UNDEFINED:
        return Element(tag, vr, start, None)
    if start + length > limit:
        raise _cut(position)
    return Element(tag, vr, start, start + length)


def first_value(source: Body, tag: int) -> bytes | None:
    """Return the value of a top-level element that stands before any sequence, or None."""
    data, position = source.data, 0
    while position < len(data):
        element = _element(data, position, len(data), source.implicit, source.little)
        if element.tag >= tag or element.end is None:
            return data[element.start : element.end] if element.tag == tag else None
        position = element.end
    return None


def check(source: Body) -> None:
    """Raise Unreadable unless every length fits, every sequence is closed and none is nested too deeply."""
    data, position = source.data, 0
    frames = [_Frame(False, len(data), len(data))]
    while frames:
        frame = frames[-1]
        if position == frame.end or (len(frames) == 1 and _only_padding(data, position)):
            frames.pop()
            continue
        element = _element(data, position, frame.limit, source.implicit, source.little)
        if element.tag in (_ITEM_END, _SEQUENCE_END):
            _closes(element, frame, position)
            frames.pop()
            position = element.start
        elif frame.items != (element.tag == _ITEM):
            raise _cut(position)
        else:
            position = _enter(source, element, frame, frames)
        if len(frames) > 2 * MAX_DEPTH:
            raise Unreadable(f"The document is nested more than {MAX_DEPTH} levels deep; no SR template needs that.")


def _only_padding(data: bytes, position: int) -> bool:
    return data[position : position + 2] == b"\0\0" and not data[position:].strip(b"\0")


def _closes(element: Element, frame: _Frame, position: int) -> None:
    if frame.end is not None or frame.items != (element.tag == _SEQUENCE_END):
        raise _cut(position)


def _enter(source: Body, element: Element, frame: _Frame, frames: list[_Frame]) -> int:
    """Open what the element holds, if it holds elements, and return where to go on."""
    limit = frame.limit if element.end is None else element.end
    if element.tag == _ITEM:
        frames.append(_Frame(False, element.end, limit))
        return element.start
    if element.end is None or _is_sequence(source, element):
        frames.append(_Frame(True, element.end, limit))
        return element.start
    return element.end


def _is_sequence(source: Body, element: Element) -> bool:
    if element.vr:
        return element.vr == b"SQ"
    mark = struct.pack(("<" if source.little else ">") + "HH", 0xFFFE, 0xE000)
    return source.data[element.start : element.start + 4] == mark
