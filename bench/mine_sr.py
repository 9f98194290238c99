"""How many SRs a second an audit reads, beside the same with a walk by pydicom.

    PYTHONPATH=. .venv/bin/python bench/mine_sr.py [FILES] [PROCESSES]

FILES (10,000) carotid documents of 242 numbers are written to a temporary folder: fifty different ones, linked many
times, and every hundredth one broken. `mrrt mine extract` then writes one Parquet file of all. pydicom gets every
fortieth file, for it needs so much longer; both use the same number of processes.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pydicom

from bench.read_sr import walk, written
from reporting.mining import extract_folder
from tests.sr_writer import Carotid

_DISTINCT = 50
_BROKEN_EVERY = 100


def fill(folder: Path, files: int) -> None:
    """Write the files: a few distinct ones, of which the rest are links, and broken ones among them."""
    originals = []
    for number in range(min(_DISTINCT, files)):
        originals.append(folder / f"original-{number}.dcm")
        originals[-1].write_bytes(written(Carotid(samples=5, instance=f"mined-{number}")))
    broken = folder / "broken-0.dcm"
    broken.write_bytes(originals[0].read_bytes()[:5000])
    for number in range(len(originals) + 1, files):
        source = broken if number % _BROKEN_EVERY == 0 else originals[number % len(originals)]
        (folder / f"{number:06}.dcm").hardlink_to(source)


def by_pydicom(path: Path) -> int:
    """Count the numbers of one file with pydicom; a broken one counts for none."""
    warnings.simplefilter("ignore")
    try:
        return walk(pydicom.dcmread(path))
    except (OSError, ValueError, EOFError):
        return 0


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as out:
        fill(Path(place), files)
        start = time.perf_counter()
        summary = extract_folder(Path(place), Path(out) / "all.parquet", processes=processes)
        ours = summary.files / (time.perf_counter() - start)
        some = sorted(Path(place).iterdir())[::40]
        start = time.perf_counter()
        with ProcessPoolExecutor(processes) as pool:
            list(pool.map(by_pydicom, some, chunksize=8))
        theirs = len(some) / (time.perf_counter() - start)
    print(f"{summary.files} files, {summary.rows} rows, {len(summary.unreadable)} unreadable, {processes} processes")
    print(f"mrrt mine extract   {ours:8.1f} files/s  {ours / theirs:6.1f}")
    print(f"pydicom walk        {theirs:8.1f} files/s  {1:6.1f}")


if __name__ == "__main__":
    main()
