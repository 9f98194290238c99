"""How long reading a carotid SR takes, beside what a user would pick instead.

    .venv/bin/python bench/read_sr.py [FILE]

In one run, on one file: sr_import.read (bytes to measurements with their context), pydicom.dcmread with a walk over all
content items, and dsrdump of dcmtk as a process. The ratios matter; the milliseconds are those of this machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import pydicom

import sr_import

SAMPLE = Path(__file__).parent.parent / "sr_import" / "samples" / "carotid-example.dcm"


def walk(item: pydicom.Dataset) -> int:
    """Count the numeric content items, touching what a reader of measurements must touch."""
    count = 0
    if item.get("ValueType") == "NUM":
        for measured in item.get("MeasuredValueSequence", []):
            count += bool(measured.get("NumericValue")) + bool(measured.MeasurementUnitsCodeSequence[0].CodeValue)
        count = count > 0
    if item.get("ConceptNameCodeSequence"):
        _ = item.ConceptNameCodeSequence[0].CodeValue
    return count + sum(walk(child) for child in item.get("ContentSequence", []))


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call in milliseconds."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return median(took)


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    data = file.read_bytes()
    document = sr_import.read(data)
    readers: dict[str, Callable[[], object]] = {
        "sr_import.read": lambda: sr_import.read(data),
        "pydicom dcmread and walk": lambda: walk(pydicom.dcmread(BytesIO(data))),
    }
    if program := shutil.which("dsrdump"):
        command = [program, "-Er", "-Ev", "-Ee", "-Ec", str(file)]
        readers["dsrdump, a process for the file"] = lambda: subprocess.run(command, capture_output=True, check=True)
    times = {name: timed(work, 15) for name, work in readers.items()}
    base = times["sr_import.read"]
    print(f"{file.name}: {len(data)} bytes, {len(document.measurements)} measurements")
    for name, took in times.items():
        print(f"{name:<32} {took:8.1f} ms  {took / base:6.2f}")


if __name__ == "__main__":
    main()
