"""How long it takes to parse and check a template, beside bare lxml.html and html5lib on the same bytes.

.venv/bin/python bench/parse_template.py [FILE...]

Without files: the shared corpus where it is on this machine, else the fixtures of the tests. What counts:

check       what `mrrt check` does: the page, what it is called, its fields with their labels, and the problems by all
            rules; units, codes, choices and the content are read as far as a rule asks for them
parse       the whole template: also content, choices, units, codes, limits of every field; no rules
whole       both: the whole template and the problems, as storing a template does
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

from mrrt.check import checked, outlined
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
    "check": outlined,
    "parse": parse,
    "whole": checked,
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
    print(
        f"{'milliseconds':<44}{'lxml':>6}{'html5lib':>9}{'check':>7}{'parse':>7}{'whole':>7}  check / lxml, / html5lib"
    )
    for name, took in rows.items():
        print(f"{name[:42]:<44}{_line(took)}")
    middle = {name: median(took[name] for took in rows.values()) for name in READERS}
    print(f"{'median':<44}{_line(middle)}")
    for name in ("check", "parse", "whole"):
        quotients = [took[name] / took["html5lib"] for took in rows.values()]
        print(f"{name} / html5lib: {min(quotients):.2f} to {max(quotients):.2f}, median {median(quotients):.2f}")


def _line(took: dict[str, float]) -> str:
    times = f"{took['lxml']:6.2f}{took['html5lib']:9.1f}{took['check']:7.1f}{took['parse']:7.1f}{took['whole']:7.1f}"
    return f"{times}{took['check'] / took['lxml']:14.0f}{took['check'] / took['html5lib']:12.2f}"


if __name__ == "__main__":
    main()
