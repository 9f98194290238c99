"""DICOM objects as bytes: the file around a data set that came over the network, and whether two are the same."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO

from mrrt.errors import Unreadable
from sr_import import read

_PREAMBLE = bytes(128) + b"DICM"
_LONG = (b"OB", b"OW", b"UN", b"UT", b"SQ", b"OF", b"UC", b"UR")
_CLASS, _INSTANCE, _SYNTAX = 0x0002, 0x0003, 0x0010
_SR = "1.2.840.10008.5.1.4.1.1.88."
IMPLEMENTATION_UID = "2.25.260861129387155087311420932915720418273"
IMPLEMENTATION_NAME = "MRRT_RECEIVE"


def is_sr(sop_class_uid: str) -> bool:
    """Tell whether a storage class is one of structured reports, trial classes and key objects included (PS3.4 B.5)."""
    return sop_class_uid.startswith(_SR)


def as_file(data: bytes, sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Return a data set, exactly as it came over the network, as a DICOM file (PS3.10 section 7.1)."""
    elements = b"".join(
        (
            b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01",
            _text(_CLASS, b"UI", sop_class_uid),
            _text(_INSTANCE, b"UI", sop_instance_uid),
            _text(_SYNTAX, b"UI", transfer_syntax),
            _text(0x0012, b"UI", IMPLEMENTATION_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_NAME),
        )
    )
    return b"".join((_PREAMBLE, struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(elements)), elements, data))


def _text(number: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii", "replace")
    value += b"" if len(value) % 2 == 0 else (b"\0" if vr == b"UI" else b" ")
    return struct.pack("<HH2sH", 2, number, vr, len(value)) + value


def data_set(content: bytes) -> bytes:
    """Return what follows the file header of a DICOM file; all of it, where there is no header."""
    return content[_header(content)[1] :]


def identity(content: bytes) -> tuple[str, str]:
    """Return SOP Class and SOP Instance UID of a file, each empty where it cannot be read."""
    names = _header(content)[0]
    try:
        document = read(content)
        found = (document.sop_class_uid or "", document.sop_instance_uid or "")
    except Unreadable:
        found = ("", "")
    return found[0] or names.get(_CLASS, ""), found[1] or names.get(_INSTANCE, "")


def _header(content: bytes) -> tuple[Mapping[int, str], int]:
    """Return the texts of the file header by element number, and where the data set begins."""
    start = 132 if content[128:132] == b"DICM" else 0
    names, end = {}, start
    for number, value, after in _header_elements(content, start):
        names[number] = value.decode("ascii", "replace").strip("\0 ")
        end = after
    return names, end


def _header_elements(content: bytes, place: int) -> Iterator[tuple[int, bytes, int]]:
    while content[place : place + 2] == b"\x02\x00" and len(content) >= place + 12:
        number, vr, length = struct.unpack_from("<H2sH", content, place + 2)
        start = place + 8
        if vr in _LONG:
            (length,), start = struct.unpack_from("<L", content, place + 8), place + 12
        if start + length > len(content):
            return
        place = start + length
        yield number, content[start:place], place


def same_object(one: bytes, other: bytes) -> bool:
    """Tell whether two files hold the same object: the same bytes, or the same data set in two transfer syntaxes."""
    if data_set(one) == data_set(other):
        return True
    syntaxes = {_header(content)[0].get(_SYNTAX) for content in (one, other)}
    if len(syntaxes) < 2:
        return False
    import pydicom  # only for the rare object that came twice in different shapes

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(pydicom.dcmread(BytesIO(one)) == pydicom.dcmread(BytesIO(other)))
    except Exception:  # noqa: BLE001  # what cannot be compared is not the same; both are kept
        return False
