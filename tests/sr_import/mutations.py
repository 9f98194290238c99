"""Mutations of SR files, and what reading them costs: the same seed gives the same mutations."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence

from mrrt.errors import Unreadable
from sr_import import read

SECONDS = 1.0
"""Processor time within which each file is answered, however it is broken."""
TIMES_THE_FILE, BESIDES = 10, 1024 * 1024
"""Memory that reading may take: so many times the file, and something for the program itself."""
MANY = 5 * 1024 * 1024
"""Above this size a file may take longer than a second, in proportion."""


def _flip(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def _length(data: bytearray, dice: random.Random) -> None:
    """Claim another length somewhere: 4 GB, nothing, a little more."""
    claim = dice.choice([0xFFFFFFFF, 0xFFFFFFFE, 0x7FFFFFFF, 0, 1, dice.getrandbits(32), dice.getrandbits(12)])
    place = dice.randrange(max(1, len(data) - 4))
    data[place : place + 4] = struct.pack("<L", claim)


def _chunk(data: bytearray, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data))
    return start, min(len(data), start + dice.choice([2, 8, 64, 512, 4096]))


def _double(data: bytearray, dice: random.Random) -> None:
    start, stop = _chunk(data, dice)
    data[start:start] = data[start:stop] * dice.randint(1, 4)


def _remove(data: bytearray, dice: random.Random) -> None:
    start, stop = _chunk(data, dice)
    del data[start:stop]


def _noise(data: bytearray, dice: random.Random) -> None:
    start, stop = _chunk(data, dice)
    data[start:stop] = dice.randbytes(stop - start)


KINDS: Sequence[Callable[[bytearray, random.Random], None]] = (_flip, _cut, _length, _double, _remove, _noise)


def mutations(content: bytes, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield broken forms of a file, each with the name of what was done to it."""
    dice = random.Random(seed)
    for number in range(count):
        broken, done = bytearray(content), []
        for _ in range(dice.randint(1, 3)):
            kind = dice.choice(KINDS)
            if broken:
                kind(broken, dice)
                done.append(kind.__name__)
        yield f"seed {seed}, number {number}: {', '.join(done)}", bytes(broken)


def complaints(content: bytes, *, memory: bool = False) -> Iterator[str]:
    """Yield what is wrong with how a file is answered; anything but a document or a refusal rises."""
    allowed = SECONDS * max(1.0, len(content) / MANY)
    took = _took(content)
    if took > allowed:  # unless it was the machine: the best of a few counts
        took = min(took, *(_took(content) for _ in range(4)))
    if took > allowed:
        yield f"took {took:.2f} s"
    if memory and (peak := _peak(content)) > TIMES_THE_FILE * len(content) + BESIDES:
        yield f"took {peak} bytes for a file of {len(content)}"


def _took(content: bytes) -> float:
    start = time.process_time()
    _answer(content)
    return time.process_time() - start


def _answer(content: bytes) -> None:
    try:
        read(content)
    except Unreadable as error:
        assert str(error), "a refusal without a reason"


def _peak(content: bytes) -> int:
    tracemalloc.start()
    try:
        _answer(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
