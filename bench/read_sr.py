"""How long reading SR documents takes, beside what a user would pick instead.

    PYTHONPATH=. .venv/bin/python bench/read_sr.py [FILE...]

In one run, for each file: our content tree, our whole reading (tree, then measurements with their context), a walk by
pydicom that touches every attribute of every content item, highdicom's srread, and dcmtk's dsrdump: the time that one
more file takes in one process. Without FILE carotid documents of 21 kB, 72 kB and 3 MB are written first. The ratios
matter; the milliseconds are those of this machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from io import BytesIO
from itertools import count
from pathlib import Path

import highdicom
import pydicom

import sr_import
from sr_import.content import read_tree
from tests.sr_writer import LEFT_MODERATE, Carotid, document, to_bytes

SAMPLE = Path(__file__).parent.parent / "sr_import" / "samples" / "carotid-example.dcm"
WRITTEN = {
    "small": Carotid(velocities=dict(list(LEFT_MODERATE.items())[:4]), samples=8),
    "usual": Carotid(samples=5),
    "large": Carotid(samples=365),
}
"""What is written; every number is another one, as in a file of a device, where nothing could be looked up twice."""
_MANY, MANY_FILES = 12, "dsrdump, many files"
"""Files of one dsrdump process more than of the other one, whose time is then subtracted."""


def written(carotid: Carotid) -> bytes:
    """Return a carotid document in which no two numbers are the same."""
    root, numbers = document(carotid), count(1)
    stack = [root]
    while stack:
        item = stack.pop()
        for measured in item.get("MeasuredValueSequence", []):
            measured.NumericValue = f"{next(numbers) / 7:.3f}"
        stack += item.get("ContentSequence", [])
    return to_bytes(root)


def walk(dataset: pydicom.Dataset) -> int:
    """Touch every attribute of a data set and those within, and count the numeric content items."""
    found = int(dataset.get("ValueType") == "NUM")
    for element in dataset:
        if element.VR == "SQ":
            found += sum(walk(item) for item in element.value)
    return found


def took(work: Callable[[], object]) -> float:
    """Return the time of one call in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def best(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the shortest time of each work in milliseconds; all take turns, so that a slow moment hits them alike."""
    shortest = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            shortest[name] = min(shortest[name], took(work))
    return shortest


def dumping(program: str, file: Path, count: int) -> Callable[[], object]:
    command = [program, "-Er", "-Ev", "-Ee", "-Ec", *[str(file)] * count]
    return lambda: subprocess.run(command, capture_output=True, check=True)


def is_read(work: Callable[[], object]) -> bool:
    try:
        work()
    except (AttributeError, TypeError, ValueError, LookupError, RuntimeError) as error:
        print(f"highdicom refuses the file: {type(error).__name__}: {str(error)[:60]}")
        return False
    return True


def compare(file: Path) -> None:
    """Print the times of all readers for one file."""
    data = file.read_bytes()
    numbers = len(sr_import.read(data).measurements)
    works: dict[str, Callable[[], object]] = {
        "our content tree": lambda: read_tree(data),
        "our measurements with context": lambda: sr_import.read(data),
        "pydicom dcmread and walk": lambda: walk(pydicom.dcmread(BytesIO(data))),
    }
    if is_read(srread := lambda: highdicom.sr.srread(BytesIO(data))):
        works["highdicom srread"] = srread
    if program := shutil.which("dsrdump"):
        works["dsrdump, one file"] = dumping(program, file, 1)
        works[MANY_FILES] = dumping(program, file, _MANY + 1)
    times = best(works, max(3, min(25, 2_500_000 // len(data))))
    if program:
        times["dsrdump, one more file"] = (times.pop(MANY_FILES) - times.pop("dsrdump, one file")) / _MANY
    base = times["our content tree"]
    print(f"{file.name}: {len(data)} bytes, {numbers} numbers     ms   us/number   ratio")
    for name, spent in times.items():
        print(f"  {name:<32} {spent:10.2f}  {spent * 1000 / max(numbers, 1):9.1f} {spent / base:8.2f}")


def main() -> None:
    warnings.simplefilter("ignore")
    given = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        for name, carotid in WRITTEN.items() if not given else ():
            given.append(Path(folder) / f"{name}.dcm")
            given[-1].write_bytes(written(carotid))
        for file in given:
            compare(file)


if __name__ == "__main__":
    main()
