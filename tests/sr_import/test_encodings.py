"""Files that are encoded otherwise than PS3.10 says, or than their own header says.

1. All of the document is read, and what is odd about the file is said.
2. Nothing that pydicom can read as a whole is refused by us, so that there is no need to fall back on it.
3. Measured values that look alike are not taken for each other.
"""

from __future__ import annotations

import random
import struct
import warnings
import zlib
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomIO
from pydicom.filewriter import write_dataset

from mrrt.errors import Unreadable
from sr_import import read, read_whole
from sr_import.content import _Reader, read_tree
from sr_import.tree import Item
from tests.sr_import.mutations import mutations
from tests.sr_import.oracle import rows_by_pydicom, rows_by_us
from tests.sr_writer import Carotid, to_bytes, write
from tests.sr_writer import document as carotid

FILE = write(Carotid(samples=1))
LITTLE = "1.2.840.10008.1.2.1"
BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
CLASS = "1.2.840.10008.5.1.4.1.1.88.33"


def _data_set(implicit: bool, little: bool) -> bytes:
    """Return the data set of the file in an encoding, without any header."""
    source = pydicom.dcmread(BytesIO(FILE))
    target = DicomIO(BytesIO())
    target.is_implicit_VR, target.is_little_endian = implicit, little
    write_dataset(target, Dataset({one.tag: one for one in source}))
    return bytes(target.parent.getvalue())


EXPLICIT, IMPLICIT, BIG_ENDIAN = _data_set(False, True), _data_set(True, True), _data_set(False, False)


def _header(syntax: str, data: bytes, *, implicit: bool = False, group_length: int | None = None) -> bytes:
    """Return a data set behind a file header that names this transfer syntax."""
    value = syntax.encode() + b"\0" * (len(syntax) % 2)
    uid = struct.pack("<HHL", 2, 0x10, len(value)) if implicit else struct.pack("<HH2sH", 2, 0x10, b"UI", len(value))
    said = b"" if group_length is None else struct.pack("<HH2sHL", 2, 0, b"UL", 4, group_length)
    return bytes(128) + b"DICM" + said + uid + value + data


def _deflated(window: int) -> bytes:
    engine = zlib.compressobj(wbits=window)
    return engine.compress(EXPLICIT) + engine.flush()


ODD = {
    "no header, explicit": EXPLICIT,
    "no header, implicit": IMPLICIT,
    "no header, big endian": BIG_ENDIAN,
    "no preamble": _header(LITTLE, EXPLICIT)[128:],
    "neither preamble nor mark": _header(LITTLE, EXPLICIT)[132:],
    "header without VR": _header(LITTLE, EXPLICIT, implicit=True),
    "header without elements": bytes(128) + b"DICM" + EXPLICIT,
    "wrong group length": _header(LITTLE, EXPLICIT, group_length=9999),
    "syntax of an image": _header("1.2.840.10008.1.2.4.50", EXPLICIT),
    "syntax of a maker": _header("1.2.840.113619.5.2", IMPLICIT),
    "explicit, said to be implicit": _header("1.2.840.10008.1.2", EXPLICIT),
    "implicit, said to be explicit": _header(LITTLE, IMPLICIT),
    "little endian, said to be big": _header(BIG, EXPLICIT),
    "big endian, said to be little": _header(LITTLE, BIG_ENDIAN),
    "plain, said to be deflated": _header(DEFLATED, EXPLICIT),
    "deflated with the header of zlib": _header(DEFLATED, _deflated(zlib.MAX_WBITS)),
    "deflated": _header(DEFLATED, _deflated(-zlib.MAX_WBITS)),
    "with its command set": struct.pack("<HHLL", 0, 0, 4, 10) + struct.pack("<HHLH", 0, 0x100, 2, 1) + IMPLICIT,
    "zeros at the end": FILE + bytes(512),
    "padding at the end": FILE + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 16) + bytes(16),
}
SAID = ("little endian, said to be big", "big endian, said to be little", "plain, said to be deflated")


@pytest.mark.parametrize("name", sorted(ODD))
def test_all_of_it_is_read(name: str) -> None:  # 1
    assert rows_by_us(read_tree(ODD[name])) == rows_by_pydicom(FILE)
    said = [one.message for one in read(ODD[name]).problems if one.rule == "SR20"]
    assert bool(said) == (name in (*SAID, "deflated with the header of zlib"))


@pytest.mark.parametrize("name", sorted(ODD))
def test_half_of_it_never_passes_for_a_whole(name: str) -> None:  # 1
    half = ODD[name][: len(ODD[name]) // 2]
    with pytest.raises(Unreadable):
        read_whole(half)


def _whole_to_pydicom(content: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(BytesIO(content), force=True)
            return found.SOPClassUID == CLASS and _numbers(found) == NUMBERS
    except Exception:  # noqa: BLE001  # whatever it stumbles on, it does not read it
        return False


def _numbers(item: Dataset) -> int:
    below = sum(map(_numbers, item.get("ContentSequence", [])))
    return int(item.get("ValueType") == "NUM") + below


NUMBERS = _numbers(pydicom.dcmread(BytesIO(FILE)))


def test_what_pydicom_reads_is_not_refused() -> None:  # 2
    refused = []
    for seed in range(200):
        dice = random.Random(seed)
        content = bytearray(ODD[dice.choice(sorted(ODD.keys() - {"with its command set"}))])
        start = 128 if content[128:132] == b"DICM" else 4  # without a mark, the first tag is all that says DICOM
        for _ in range(dice.randint(1, 3)):  # in the header and the first elements: what says how to read the rest
            content[start + dice.randrange(60)] = dice.randrange(256)
        try:
            read_tree(bytes(content))
        except Unreadable as error:
            if _whole_to_pydicom(bytes(content)):
                refused.append(f"{seed}: {error}")
    assert refused == []


def test_pydicom_would_be_asked() -> None:  # 2
    assert _whole_to_pydicom(ODD["no header, big endian"])
    assert not _whole_to_pydicom(FILE[: len(FILE) // 2])


def _look_alikes() -> bytes:
    """Return a document whose numeric items differ in one thing only, before the digits, in them or after them."""
    root, sent = carotid(Carotid(samples=3)), 0
    stack = [root]
    while stack:
        item = stack.pop(0)
        for measured in item.get("MeasuredValueSequence", []):
            measured.NumericValue = ("1.25", "1.26", "12.5", "1.3", "-0.7")[sent % 5]
            sent += 1
            if sent % 3 == 0:  # follows the digits, and differs from value to value
                measured.FloatingPointValue = float(measured.NumericValue)
            if sent % 7 == 0:
                item.ObservationDateTime = f"2026010112{sent % 60:02}00"
            if sent % 11 == 0:
                item.NumericValueQualifierCodeSequence = [measured.MeasurementUnitsCodeSequence[0]]
        if sent % 13 == 0 and "MeasuredValueSequence" in item:
            item.MeasuredValueSequence.append(item.MeasuredValueSequence[0])
        stack += item.get("ContentSequence", [])
    return to_bytes(root)


def test_values_that_look_alike() -> None:  # 3
    content = _look_alikes()
    assert rows_by_us(read_tree(content)) == rows_by_pydicom(content)
    broken = content.replace(b"\x40\x00\x0a\xa3DS\x04\x001.25", b"\x40\x00\x0a\xa3DS\x04\x001.2x")
    assert [row for row in rows_by_us(read_tree(broken)) if "1.2x" in map(str, row)]


def _said(content: bytes) -> object:
    try:
        tree = read_tree(content)
    except Unreadable as error:
        return str(error)
    return rows_by_us(tree), tree.header, tree.damage


def test_what_is_looked_up_is_what_would_be_read(monkeypatch: pytest.MonkeyPatch) -> None:  # 3
    plain, looked_up = _look_alikes(), 0

    def not_at_all(self: _Reader, item: Item, raw: bytes) -> int:
        nonlocal looked_up
        looked_up += begun(self, Item(), raw) > 0
        return 0

    begun = _Reader._begun
    for content in (plain, *(content for _, content in mutations(plain, 1, 150))):
        monkeypatch.setattr(_Reader, "_begun", begun)
        quick = _said(content)
        monkeypatch.setattr(_Reader, "_begun", not_at_all)
        assert _said(content) == quick
    assert looked_up > 1000
