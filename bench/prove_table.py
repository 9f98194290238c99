"""How long the proof of a large decision table takes, and one evaluation of a FEEL condition."""

from __future__ import annotations

import random
import timeit
from decimal import Decimal

from mrrt.dmn.partition import Domain
from mrrt.dmn.proof import prove
from mrrt.feel import Compiler, parse_expression, parse_unary_tests
from mrrt.feel.nodes import UnaryTests

CONDITION = "psv >= 230 or (edv > 100 and ratio > 4)"


def cuts(boxes: int, inputs: int) -> list[list[UnaryTests]]:
    """Return the rules of a complete table without overlap: all values, cut again and again."""
    rng, table = random.Random(1), [[(0, 1000)] * inputs]
    while len(table) < boxes:
        box, column = table.pop(rng.randrange(len(table))), rng.randrange(inputs)
        low, high = box[column]
        cut = rng.randrange(low, high) + 1
        parts = [(low, cut), (cut, high)] if cut < high else [(low, high)]
        table += [[*box[:column], part, *box[column + 1 :]] for part in parts]
    return [[parse_unary_tests(_cell(*part)) for part in box] for box in table]


def _cell(low: int, high: int) -> str:
    if (low, high) == (0, 1000):
        return "-"
    return f"< {high}" if low == 0 else f">= {low}" if high == 1000 else f"[{low}..{high})"


def main() -> None:
    """Print milliseconds for a proof, microseconds for an evaluation."""
    domains = [Domain(f"input {place}") for place in range(12)]
    for rules in (30, 100, 300):
        table = cuts(rules, 12)
        taken = min(timeit.repeat(lambda table=table: prove(domains, table), number=1, repeat=3))
        print(f"12 inputs, {rules:3} rules: proven in {taken * 1000:.0f} ms")
    evaluate = Compiler().compile(parse_expression(CONDITION))
    values = {"psv": Decimal(200), "edv": Decimal(110), "ratio": Decimal("4.5")}
    taken = min(timeit.repeat(lambda: evaluate(values), number=100_000, repeat=3))
    print(f"{CONDITION}: {taken * 10:.2f} µs")


if __name__ == "__main__":
    main()
