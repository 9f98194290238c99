"""Proofs of decision tables: complete, free of overlap, every rule of use; else a counter-example.

1. Gaps between numbers, also where a table only thinks of whole ones.
2. Enumerations, booleans, dates, allowed values; what cannot be analysed is said to be so.
3. Overlaps and rules that can never apply.
4. Every counter-example holds: no rule applies to a gap, both rules apply to an overlap.
5. Twelve inputs and three hundred rules within two seconds.
"""

from __future__ import annotations

import json
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mrrt.dmn.drawn import drawn_model
from mrrt.dmn.partition import OTHER, Domain
from mrrt.dmn.proof import Proof, prove
from mrrt.dmn.xml_out import write_model
from mrrt.errors import Refused
from mrrt.feel import Compiler, parse_unary_tests
from reporting.cli import app

from ..conftest import ROOT
from .tiny import LOGIC, logic


def proof(heads: str, *rows: str, first: bool = False, **allowed: str) -> Proof:
    tests = {name: parse_unary_tests(text) for name, text in allowed.items()}
    domains = [
        Domain(name, kind or None, tests.get(name)) for name, _, kind in (h.partition(":") for h in heads.split())
    ]
    return prove(domains, [[parse_unary_tests(cell) for cell in row.split("|")] for row in rows], first=first)


def test_bands_of_whole_numbers_leave_gaps() -> None:
    found = proof("psv", "<= 104", "[105..109]", "[110..179]", "[180..240]", ">= 241")
    assert found.complete is False
    assert [gap["psv"] for gap in found.gaps] == [Decimal(text) for text in ("104.5", "109.5", "179.5", "240.5")]
    assert not found.overlaps


@pytest.mark.parametrize(
    ("heads", "rows", "allowed", "gaps"),
    [
        ("a", ["< 3", ">= 3"], {}, []),
        ("a", ["< 3", "> 3"], {}, [{"a": 3}]),
        ("a", ["(0..3]", "> 3"], {"a": "> 0"}, []),
        ("a", ["-"], {}, []),
        ("a:number", [], {}, [{"a": 0}]),
        ("p", ['"x"', '"y"'], {"p": '"x", "y"'}, []),
        ("p", ['"x"', '"y"'], {}, [{"p": OTHER}]),
        ("p", ['"x"', 'not("x")'], {}, []),
        ("b:boolean", ["true"], {}, [{"b": False}]),
        ("a p", ['< 3|"x"', ">= 3|-", '-|not("x")'], {}, []),
        ("a p", ['< 3|"x"', ">= 3|-"], {"p": '"x", "y"'}, [{"a": 2, "p": "y"}]),
        ("a", ["? > 5 and ? < 9", "<= 5, >= 9"], {}, []),
        ("d", ['< date("2026-01-02")', '> date("2026-01-02")'], {}, ["2026-01-02"]),
        ("a", ["null", "< 3"], {}, [{"a": 3}, {"a": 4}]),
    ],
)
def test_gaps(heads: str, rows: list[str], allowed: dict[str, str], gaps: list[Any]) -> None:
    found = proof(heads, *rows, **allowed)
    assert found.complete is (not gaps)
    if gaps != ["2026-01-02"]:
        assert list(found.gaps) == gaps


@pytest.mark.parametrize("cell", ["< b", "? + 1 > 3", "contains(?, 1)", '< "m"', '"x", 3'])
def test_what_cannot_be_analysed_is_neither(cell: str) -> None:
    found = proof("a", cell, "-")
    assert found.complete is None
    assert found.reason


def test_overlaps_and_unreachable_rules() -> None:
    found = proof("a p", '< 5|"x"', "> 3|-", "[4..3]|-")
    assert [one.rules for one in found.overlaps] == [(1, 2)]
    assert found.overlaps[0].example == {"a": Decimal("3.5"), "p": "x"}
    assert found.unreachable == (3,)
    assert proof("a", "< 5", "< 9", "[4..7]", first=True).unreachable == (3,)
    assert proof("a", "< 5", "< 9", "[4..7]").unreachable == ()


CELLS = st.sampled_from(["-", "< 3", ">= 3", "[1..3]", "(3..5)", "5", "not(3)", "1, 3, 5"])
TEXTS = st.sampled_from(["-", '"x"', '"y"', 'not("x")'])


@given(st.lists(st.tuples(CELLS, CELLS, TEXTS), min_size=1, max_size=8))
def test_examples_hold_and_none_is_overlooked(rows: list[tuple[str, str, str]]) -> None:
    found = proof("a:number b:number c:string", *("|".join(row) for row in rows))
    tests = [[Compiler().compile(parse_unary_tests(cell)) for cell in row] for row in rows]

    def applying(a: Any, b: Any, c: Any) -> list[int]:
        values = zip("abc", (a, b, c), strict=True)
        given_values = {name: {"?": value} for name, value in values}
        return [
            i
            for i, row in enumerate(tests, 1)
            if all(t(given_values[n]) is True for n, t in zip("abc", row, strict=True))
        ]

    blank = {"a": Decimal(0), "b": Decimal(0), "c": "z"}
    assert all(applying(**{**blank, **gap}) == [] for gap in found.gaps)
    assert all(set(one.rules) <= set(applying(**{**blank, **one.example})) for one in found.overlaps)
    numbers = [Decimal(n) / 2 for n in range(13)]
    uncovered = any(not applying(a, b, c) for a in numbers for b in numbers for c in "xyz")
    assert found.complete is not uncovered


def split(rng: random.Random, boxes: int, inputs: int) -> list[list[tuple[int, int]]]:
    """Return a complete table without overlap: a box of all, cut again and again."""
    table = [[(0, 1000)] * inputs]
    while len(table) < boxes:
        box = table.pop(rng.randrange(len(table)))
        column = rng.randrange(inputs)
        low, high = box[column]
        if high - low < 2:
            table.append(box)
            continue
        cut = rng.randrange(low + 1, high)
        table += [[*box[:column], part, *box[column + 1 :]] for part in ((low, cut), (cut, high))]
    return table


def written(low: int, high: int) -> str:
    if (low, high) == (0, 1000):
        return "-"
    return f"< {high}" if low == 0 else f">= {low}" if high == 1000 else f"[{low}..{high})"


@pytest.mark.parametrize("first", [False, True], ids=["unique", "first"])
@pytest.mark.parametrize("missing", [0, 1])
def test_large_tables_are_proven_or_refuted_in_time(missing: int, first: bool) -> None:
    rows = [[written(*part) for part in box] for box in split(random.Random(7), 300 + missing, 12)][missing:]
    names = " ".join(f"i{place}" for place in range(12))
    parsed = ["|".join(row) for row in rows]
    begin = time.process_time()
    found = proof(names, *parsed, first=first)
    assert time.process_time() - begin < 20  # A limit against hanging; bench/prove_table.py measures.
    assert found.complete is (not missing)
    assert not found.overlaps


def test_logic_that_claims_to_be_complete_is_proven_or_refused() -> None:
    claim = LOGIC.replace("    table: |", "    complete: true\n    table: |")
    with pytest.raises(Refused) as refused:
        logic(claim)
    assert {problem.rule for problem in refused.value.problems} == {"L15"}
    assert 'psv = 125, plaque = "(any other)": no rule' in str(refused.value)
    assert logic(claim.replace('[125..230] | "present"', "[125..230] | -        ")).functions["grade"].table


def test_a_cell_that_waits_for_null_is_of_use() -> None:
    assert proof("a", "null", "< 3", ">= 3").unreachable == ()


def test_the_command_finds_the_gaps_between_whole_numbers(tmp_path: Path) -> None:
    bands = ["<= 104", "[105..109]", "[110..179]", "[180..240]", ">= 241"]
    drawn = "\n".join(["| psv || band |", *(f"| {band} || {place} |" for place, band in enumerate(bands))])
    file = tmp_path / "bands.dmn"
    file.write_bytes(write_model(drawn_model("bands", ("psv",), drawn)))
    done = CliRunner().invoke(app, ["dmn", "check", str(file), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.output)["gaps"] == [{"psv": gap} for gap in (104.5, 109.5, 179.5, 240.5)]
    shown = CliRunner().invoke(app, ["dmn", "check", str(file)]).output
    assert "psv = 104.5: no rule" in shown


def test_the_command_shows_what_is_wrong() -> None:
    file = str(ROOT / "tests/fixtures/dmn/hit_policies.dmn")
    shown = CliRunner().invoke(app, ["dmn", "check", file])
    assert shown.exit_code == 1
    assert "v = 100: rules 1 and 2" in shown.output
    lines = [json.loads(line) for line in CliRunner().invoke(app, ["dmn", "check", file, "--json"]).output.splitlines()]
    assert lines[0]["table"] == "unique"
    assert lines[0]["overlaps"][0] == {"rules": [1, 2], "example": {"v": 100}}
