"""One FEEL condition, here and in two other engines, in one run: microseconds for an evaluation, and ratios.

The engines compared with are no part of the test environment. Install them beside it first:
    .venv/bin/uv export --quiet --frozen --only-group bench -o bench/.packages.txt
    .venv/bin/uv pip install --quiet --no-deps --target bench/.packages -r bench/.packages.txt
    npm ci --prefix bench
"""

from __future__ import annotations

import json
import subprocess
import sys
import timeit
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from mrrt.feel import Compiler, parse_expression

HERE = Path(__file__).parent
CONDITION = "psv >= 230 or (edv > 100 and ratio > 4)"
# Whole numbers: bkflow-feel does not compare 4.5 with 4.
VALUES = {"psv": 200, "edv": 110, "ratio": 5}


def ours() -> Iterator[tuple[str, Callable[[], Any], int]]:
    """Yield what we do: evaluate what was compiled once, and read it anew each time."""
    values = {name: Decimal(str(value)) for name, value in VALUES.items()}
    names = frozenset(values)
    compiled = Compiler().compile(parse_expression(CONDITION, names))
    yield "compiled", lambda: compiled(values), 200_000
    # Past the memory of texts that were read before.
    read = parse_expression.__wrapped__
    yield "read, compiled, evaluated", lambda: Compiler().compile(read(CONDITION, names))(values), 1_000


def bkflow() -> Iterator[tuple[str, Callable[[], Any], int]]:
    """Yield what bkflow-feel does, once with the tree made before."""
    sys.path.append(str(HERE / ".packages"))
    from bkflow_feel import parser, transformer
    from bkflow_feel.api import parse_expression as read_and_evaluate

    tree = transformer.transform(parser.parse(CONDITION))
    yield "bkflow-feel, tree evaluated", lambda: tree.evaluate(VALUES), 20_000
    yield "bkflow-feel, read, evaluated", lambda: read_and_evaluate(CONDITION, VALUES), 200


def feelin() -> float:
    """Return the seconds that feelin takes to read and evaluate; it offers no way to do the first only once."""
    task = json.dumps({"expression": CONDITION, "values": VALUES, "rounds": 5_000})
    command = ["node", str(HERE / "evaluate_condition.mjs"), task]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert answer["answer"] is True
    return float(answer["seconds"])


def main() -> None:
    """Print microseconds for each way, and how often our compiled form fits in."""
    taken: dict[str, float] = {}
    for name, run, rounds in (*ours(), *bkflow()):
        assert run() is True, name
        taken[name] = min(timeit.repeat(run, number=rounds, repeat=5)) / rounds
    taken["feelin, read, evaluated"] = feelin()
    print(CONDITION)
    for name, seconds in taken.items():
        print(f"{name:30} {seconds * 1e6:9.2f} µs {seconds / taken['compiled']:9.1f}")


if __name__ == "__main__":
    main()
