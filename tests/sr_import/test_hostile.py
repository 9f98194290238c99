"""Files made to break the reader: each is answered within a second and ten times its size, or refused with a reason.

MRRT_MUTATIONS sets how many mutations of each file are tried, MRRT_MUTATION_SEED where they begin
(docs/how-to/test-the-importer.md).
"""

from __future__ import annotations

import os
import random
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from mrrt.errors import Unreadable
from sr_import import read
from tests.sr_import import mutations as tried
from tests.sr_import.broken import DOCUMENTS, ONE
from tests.sr_import.mutations import complaints, mutations
from tests.sr_writer import Carotid, document, to_bytes, write

COUNT = int(os.environ.get("MRRT_MUTATIONS", "12"))
SEED = int(os.environ.get("MRRT_MUTATION_SEED", "1"))
FILES: Mapping[str, Callable[[], bytes]] = {
    "carotid": write,
    "implicit": lambda: to_bytes(document(ONE), ImplicitVRLittleEndian),
    "big endian": lambda: to_bytes(document(ONE), ExplicitVRBigEndian),
    "deflated": lambda: to_bytes(document(ONE), DeflatedExplicitVRLittleEndian),
    **{f"broken {rule}": made for rule, made in DOCUMENTS.items()},
}


def _found(content: bytes, count: int) -> list[str]:
    """Complaints about mutations of a file; memory, which takes long to measure, is looked at on every tenth."""
    return [
        f"{name}: {complaint}"
        for number, (name, broken) in enumerate(mutations(content, SEED, count))
        for complaint in complaints(broken, memory=number % 10 == 0)
    ]


@pytest.mark.parametrize("name", FILES)
def test_mutations_of_our_files(name: str) -> None:
    assert _found(FILES[name](), COUNT) == []


def test_mutations_of_the_corpus(shared: Path) -> None:
    for file in sorted((shared / "corpus" / "sr").rglob("*.dcm")):
        assert _found(file.read_bytes(), max(2, COUNT // 4)) == [], file.name


def test_every_file_of_the_corpus_takes_less_than_ten_times_its_size(shared: Path) -> None:
    for file in sorted((shared / "corpus" / "sr").rglob("*.dcm")):
        assert list(complaints(file.read_bytes(), memory=True)) == [], file.name


def test_random_bytes() -> None:
    dice = random.Random(SEED)
    for _ in range(COUNT):
        noise = dice.randbytes(dice.randrange(20_000))
        for content in (noise, bytes(128) + b"DICM" + noise, b"\x08\0\x16\0UI" + noise):
            assert list(complaints(content, memory=True)) == []


# Files with a purpose ---------------------------------------------------------------------------------------------

HEAD = struct.pack("<HH2sH", 0x0008, 0x0016, b"UI", 30) + b"1.2.840.10008.5.1.4.1.1.88.33\0"
ITEM, SEQUENCE_OPEN = (0xFFFE, 0xE000), struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)


def _sequence(tag: tuple[int, int], *items: bytes) -> bytes:
    body = b"".join(struct.pack("<HHL", *ITEM, len(item)) + item for item in items)
    return struct.pack("<HH2sHL", *tag, b"SQ", 0, len(body)) + body


def _text(tag: tuple[int, int], vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", *tag, vr, len(value)) + value


NUM = _text((0x0040, 0xA040), b"CS", b"NUM ")
SCOORD = _text((0x0040, 0xA010), b"CS", b"INFERRED FROM ") + _text((0x0040, 0xA040), b"CS", b"SCOORD")


def _reference(*path: int) -> bytes:
    steps = struct.pack(f"<{len(path)}L", *path)
    return _text((0x0040, 0xA010), b"CS", b"SELECTED FROM ") + _text((0x0040, 0xDB73), b"UL", steps)


def _circles() -> bytes:
    """A thousand outlines that refer to each other, and a thousand measurements on them."""
    outlines = [SCOORD + _sequence((0x0040, 0xA730), _reference(1, place % 1000 + 1)) for place in range(1000)]
    numbers = [NUM + _sequence((0x0040, 0xA730), outlines[place]) for place in range(1000)]
    return HEAD + _sequence((0x0040, 0xA730), *outlines, *numbers)


MADE: Mapping[str, Callable[[], bytes]] = {
    "100,000 levels": lambda: HEAD + (SEQUENCE_OPEN + struct.pack("<HHL", *ITEM, 0xFFFFFFFF)) * 100_000,
    "100,000 levels in a skipped value": lambda: (
        HEAD
        + (struct.pack("<HH2sHL", 0x0009, 0x0010, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHL", *ITEM, 0xFFFFFFFF))
        * 100_000
    ),
    "4 GB in the last element": lambda: write(ONE) + struct.pack("<HH2sHL", 0x0042, 0x0011, b"OB", 0, 0xFFFFFFFE),
    "4 GB in a content item": lambda: HEAD + SEQUENCE_OPEN + struct.pack("<HHL", *ITEM, 0xFFFFFFFE) + NUM,
    "20,000 numbers of nothing": lambda: HEAD + _sequence((0x0040, 0xA730), *[NUM] * 20_000),
    "references in circles": _circles,
    "100,000 empty items": lambda: HEAD + _sequence((0x0040, 0xA730), *[b""] * 100_000),
    "one long text": lambda: HEAD + _sequence((0x0040, 0xA730), _text((0x0040, 0xA040), b"CS", b"NUM " * 8000)),
    "escape sequences": lambda: (
        write(Carotid(velocities={}, patient_name="A"))
        .replace(b"ISO_IR 192", b"\\ISO 2022")
        .replace(b"Carotid duplex", b"\x1b$B\x1b(B\x1b$B\x1b(")
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_files_made_to_break_the_reader(name: str) -> None:
    slack = {"20,000 numbers of nothing", "100,000 empty items"}  # more said about an item than the item holds
    content = MADE[name]()
    assert list(complaints(content, memory=name not in slack)) == []


def test_problems_of_one_kind_are_counted_and_not_all_listed() -> None:
    document = read(MADE["20,000 numbers of nothing"]())
    assert len(document.measurements) == 20_000
    told = [one.message for one in document.problems if one.rule == "SR02"]
    assert len(told) == 101
    assert told[-1] == "The same holds for 19900 further items, which are not listed."


def test_more_measurements_than_any_document_can_need_are_left_out_and_that_is_said() -> None:
    document = read(HEAD + _sequence((0x0040, 0xA730), *[NUM] * 100_003))
    assert (len(document.measurements), document.complete) == (100_000, False)
    (said,) = [one for one in document.problems if one.rule == "SR15"]
    assert "more than 100000" in said.message and "3 items were left out" in said.message


def test_an_hl7_message_and_an_image_are_named() -> None:
    image = document(ONE)
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    for content, words in ((b"MSH|^~\\&|A|B", "an HL7 v2 message"), (to_bytes(image), "an ultrasound image")):
        with pytest.raises(Unreadable, match=words):
            read(content)


# The harness ------------------------------------------------------------------------------------------------------


def test_mutations_are_reproducible_and_differ() -> None:
    first, second = (list(mutations(write(ONE), 7, 50)) for _ in range(2))
    assert first == second
    assert len({broken for _, broken in first}) > 40
    assert first != list(mutations(write(ONE), 8, 50))


def test_a_slow_or_greedy_reader_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried, "SECONDS", 0.0)
    assert any("took" in one and " s" in one for one in complaints(write(ONE)))
    monkeypatch.setattr(tried, "TIMES_THE_FILE", 0)
    monkeypatch.setattr(tried, "BESIDES", 0)
    assert any("bytes for a file" in one for one in complaints(write(ONE), memory=True))


def test_an_error_of_another_kind_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried, "read", lambda content: time.strptime("no time"))
    with pytest.raises(ValueError, match="no time"):
        list(complaints(b"x"))
