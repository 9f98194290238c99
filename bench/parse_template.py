"""How long it takes to parse and check a template, beside bare lxml.html and html5lib on the same bytes.

.venv/bin/python bench/parse_template.py [FILE...]

Without files: the shared corpus where it is on this machine, else the fixtures of the tests.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import html5lib
import lxml.html

from mrrt.check import checked
from mrrt.parse import parse

ROOT = Path(__file__).parent.parent
CORPUS = sorted((ROOT.parent / "shared" / "corpus" / "mrrt").glob("*.html"))
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "mrrt").glob("*.html"))
ROUNDS = 10


def html5lib_tree(source: bytes) -> object:
    # html5lib warns of data loss in names that XML does not know; here only its time counts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return html5lib.parse(source)


READERS: dict[str, Callable[[bytes], object]] = {
    "lxml": lxml.html.document_fromstring,
    "html5lib": html5lib_tree,
    "parse": parse,
    "parse+check": checked,
}


def milliseconds(source: bytes) -> dict[str, float]:
    """Return the time of the processor in the best of some rounds for each reader.

    The rounds take turns, so that other work on the machine, which slows the processor down, falls on all alike.
    """
    took: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        for name, work in READERS.items():
            start = time.process_time()
            work(source)
            took[name].append((time.process_time() - start) * 1000)
    return {name: min(times) for name, times in took.items()}


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]] or CORPUS or FIXTURES
    rows = {file.name: milliseconds(file.read_bytes()) for file in files}
    print(f"{'milliseconds':<44}{'lxml':>8}{'html5lib':>10}{'parse':>8}{'p+check':>9}{'/ lxml':>8}{'/ html5lib':>12}")
    for name, took in rows.items():
        print(f"{name[:42]:<44}{_line(took)}")
    middle = {name: median(took[name] for took in rows.values()) for name in READERS}
    print(f"{'median':<44}{_line(middle)}")


def _line(took: dict[str, float]) -> str:
    whole = took["parse+check"]
    times = f"{took['lxml']:8.2f}{took['html5lib']:10.1f}{took['parse']:8.1f}{whole:9.1f}"
    return f"{times}{whole / took['lxml']:8.0f}{whole / took['html5lib']:12.2f}"


if __name__ == "__main__":
    main()
