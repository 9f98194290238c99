"""The bytes of a DICOM file before they are parsed: what it is, and how its data set is encoded (PS3.10, PS3.5)."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from mrrt.errors import Unreadable

MAX_INFLATED = 256 * 1024 * 1024
_MOST_OF_COMMAND = 40
"""Elements of a command set; PS3.7 annex E knows fewer."""
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
    oddity: str = ""
    """In what the file differs from what its header says, or from PS3.10; the data set itself is whole."""


def body(data: bytes) -> Body:
    """Return the data set of a file; raises Unreadable where the bytes are no DICOM file."""
    if not data:
        raise Unreadable("The file is empty; a DICOM SR document was expected.")
    if data[128:132] == b"DICM":
        return _after_header(data, 132)
    if data[:4] == b"DICM":
        return _after_header(data, 4)
    if data[:2] == b"\x02\x00" and is_vr(data[4:6]):  # the file header of PS3.10 without its preamble
        return _after_header(data, 0)
    bare = data[_after_command(data) :] if data[:4] == b"\0\0\0\0" else data
    if len(bare) > 8 and (bare[:2] == b"\x08\x00" or _is_big(bare)):  # a data set stored without the file header
        return Body(bare, not is_vr(bare[4:6]), bare[:2] == b"\x08\x00")
    raise Unreadable(f"The file is {_kind(data)}; a DICOM SR document was expected.")


def _is_big(data: bytes) -> bool:
    """Tell whether a data set begins in big endian: its first group is one of the low ones, its VR is explicit."""
    return data[:1] == b"\0" < data[1:2] and is_vr(data[4:6])


def _after_command(data: bytes) -> int:
    """Return where the command set of a message ends that was stored with its data set (PS3.7 section 6.3)."""
    place = 0
    for _ in range(_MOST_OF_COMMAND):
        if data[place : place + 2] != b"\0\0" or place + 8 > len(data):
            break
        place += 8 + int.from_bytes(data[place + 4 : place + 8], "little")
    return place


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
    rest, damage, oddity = _expanded(data[position:]) if syntax == _DEFLATED else (data[position:], "", "")
    if not rest:
        raise Unreadable("The file ends after its DICOM file header; the document itself is missing.")
    big = _is_big(rest) or (syntax == _BIG_ENDIAN and rest[:2] != b"\x08\x00")
    if big != (syntax == _BIG_ENDIAN):
        oddity = f"it is {'big' if big else 'little'} endian, and its file header says otherwise"
    return Body(rest, not is_vr(rest[4:6]), not big, damage, oddity)


def _expanded(data: bytes) -> tuple[bytes, str, str]:
    """Return a deflated data set expanded, what is damaged, and what is odd (PS3.5 section A.5)."""
    if data[:2] == b"\x08\x00" and is_vr(data[4:6]):
        return data, "", "it is not deflated, and its file header says so"
    if data[:1] == b"\x78" and int.from_bytes(data[:2], "big") % 31 == 0:  # the header that DICOM leaves out
        plain, damage = _inflated(data[2:])
        if plain and not damage:
            return plain, damage, "its deflated part has the header of zlib, which DICOM leaves out"
    return *_inflated(data), ""


def _header_element(data: bytes, position: int) -> tuple[int, int, int]:
    """Return number, start and end of one element of the file header, which should be explicit little endian."""
    try:
        number, vr, length = struct.unpack_from("<H2sH", data, position + 2)
        start = position + 8
        if vr in LONG:
            (length,), start = struct.unpack_from("<L", data, position + 8), position + 12
        elif not is_vr(vr):  # written without VR, against PS3.10
            (length,) = struct.unpack_from("<L", data, position + 4)
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
