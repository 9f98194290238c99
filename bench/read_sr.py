"""How long reading SR documents takes, beside what a user would pick instead.

    PYTHONPATH=. .venv/bin/python bench/read_sr.py [FILE...]

In one run, for each file: our content tree, our whole reading (tree, then measurements with their context), a walk by
pydicom that touches every attribute of every content item, highdicom's srread, and dcmtk's dsrdump: the time that one
more file takes in one process. Without FILE a small, a usual and a large carotid document are written first. The ratios
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
from statistics import median

import highdicom
import pydicom

import sr_import
from sr_import.content import read_tree
from tests.sr_writer import LEFT_MODERATE, Carotid, document, to_bytes

SAMPLE = Path(__file__).parent.parent / "sr_import" / "samples" / "carotid-example.dcm"
WRITTEN = {
    "small": Carotid(velocities=dict(list(LEFT_MODERATE.items())[:4]), samples=3),
    "usual": Carotid(samples=5),
    "large": Carotid(samples=240),
}
"""What is written; every number is another one, as in a file of a device, where nothing could be looked up twice."""
_MANY = 12
"""Files of one dsrdump process, whose start is then subtracted."""


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


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call in milliseconds."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return median(took)


def dumped(program: str, file: Path, rounds: int) -> float:
    """Return the milliseconds that dsrdump takes for one more file in a process that runs already."""
    base = [program, "-Er", "-Ev", "-Ee", "-Ec"]

    def run(count: int) -> float:
        return timed(lambda: subprocess.run([*base, *[str(file)] * count], capture_output=True, check=True), rounds)

    return (run(_MANY + 1) - run(1)) / _MANY


def compare(file: Path) -> None:
    """Print the times of all readers for one file."""
    data = file.read_bytes()
    numbers = len(sr_import.read(data).measurements)
    rounds = max(3, min(15, 1_500_000 // len(data)))
    times = {
        "our content tree": timed(lambda: read_tree(data), rounds),
        "our measurements with context": timed(lambda: sr_import.read(data), rounds),
        "pydicom dcmread and walk": timed(lambda: walk(pydicom.dcmread(BytesIO(data))), rounds),
    }
    try:
        times["highdicom srread"] = timed(lambda: highdicom.sr.srread(BytesIO(data)), rounds)
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        print(f"highdicom refuses the file: {type(error).__name__}: {str(error)[:60]}")
    if program := shutil.which("dsrdump"):
        times["dsrdump, one more file"] = dumped(program, file, min(rounds, 5))
    base = times["our content tree"]
    print(f"{file.name}: {len(data)} bytes, {numbers} numbers     ms   us/number   ratio")
    for name, took in times.items():
        print(f"  {name:<32} {took:10.2f}  {took * 1000 / max(numbers, 1):9.1f} {took / base:8.2f}")


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
