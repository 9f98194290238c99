"""The bytes of a DICOM file before they are parsed: what it is, and how its data set is encoded (PS3.10, PS3.5)."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from mrrt.errors import Unreadable

MAX_INFLATED = 256 * 1024 * 1024
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
    damage: str = ""
    """What is wrong with the compressed bytes, where only a part of them could be expanded."""


def body(data: bytes) -> Body:
    """Return the data set of a file; raises Unreadable where the bytes are no DICOM file."""
    if not data:
        raise Unreadable("The file is empty; a DICOM SR document was expected.")
    if data[128:132] == b"DICM":
        return _after_header(data, 132)
    if data[:2] == b"\x02\x00" and is_vr(data[4:6]):  # the file header of PS3.10 without its preamble
        return _after_header(data, 0)
    if data[:2] == b"\x08\x00" and len(data) > 8:  # a data set stored without the file header
        return Body(data, not is_vr(data[4:6]), True)
    raise Unreadable(f"The file is {_kind(data)}; a DICOM SR document was expected.")


def _kind(data: bytes) -> str:
    start = data[:1024].lstrip()
    known = next((name for sign, name in _SIGNATURES if start.startswith(sign)), None)
    if known:
        return known
    printable = all(byte >= 32 or byte in b"\t\n\r\f" for byte in data[:1024])
    return "a plain text" if printable else "not in DICOM format"


def _after_header(data: bytes, position: int) -> Body:
    syntax = ""
    while data[position : position + 2] == b"\x02\x00":
        tag, start, end = _header_element(data, position)
        if tag == 0x0010:
            syntax = data[start:end].decode("ascii", "replace").rstrip("\0 ")
        position = end
    rest, damage = _inflated(data[position:]) if syntax == _DEFLATED else (data[position:], "")
    if not rest:
        raise Unreadable("The file ends after its DICOM file header; the document itself is missing.")
    return Body(rest, not is_vr(rest[4:6]), syntax != _BIG_ENDIAN, damage)


def _header_element(data: bytes, position: int) -> tuple[int, int, int]:
    """Return number, start and end of one element of the file header, which is explicit little endian."""
    try:
        number, vr, length = struct.unpack_from("<H2sH", data, position + 2)
        start = position + 8
        if vr in LONG:
            (length,), start = struct.unpack_from("<L", data, position + 8), position + 12
    except struct.error:
        raise Unreadable("The file ends within its DICOM file header; the document itself is missing.") from None
    if start + length > len(data):
        raise Unreadable("The file ends within its DICOM file header; the document itself is missing.")
    return number, start, start + length


def _inflated(data: bytes) -> tuple[bytes, str]:
    engine, plain = zlib.decompressobj(-zlib.MAX_WBITS), b""
    try:
        plain = engine.decompress(data, MAX_INFLATED)
    except zlib.error:
        return _inflated_in_part(data), "its compressed part is damaged"
    return plain, "" if engine.eof else "its compressed part is cut off or too large"


def _inflated_in_part(data: bytes) -> bytes:
    """Expand damaged bytes piece by piece, as far as they go."""
    engine, plain = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    try:
        for place in range(0, len(data), 256):
            plain += engine.decompress(data[place : place + 256], MAX_INFLATED - len(plain))
    except (zlib.error, ValueError):
        pass
    return bytes(plain)


LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Value representations whose length takes four bytes (PS3.5 section 7.1.2)."""


def is_vr(letters: bytes) -> bool:
    """Tell whether two bytes can be a value representation."""
    return len(letters) == 2 and letters.isalpha() and letters.isupper()
