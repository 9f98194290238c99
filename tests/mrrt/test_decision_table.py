"""Decision tables: hit policies, and what a missing input does.

1. UNIQUE: the one rule that applies; two are a conflict.
2. FIRST: the first that applies. COLLECT: all that apply.
3. A missing input leaves the outcome open, unless every rule that could apply says the same.
4. A column with a null cell has thought of missing; the others have not.
5. A table text that is wrong is refused with its line.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.dmn import HitPolicy, Outcome, TableError, compile_table, parse_table
from mrrt.feel import Compiler

BANDS = """
    | psv        | plaque    || grade    || note |
    | < 125      | "none"    || "normal" || slow, clean |
    | < 125      | "present" || "lt50"   || |
    | [125..230] | -         || "50_69"  || |
    | > 230      | -         || "ge70"   || |
"""


def decide(text: str, policy: str = "UNIQUE", **variables: Any) -> Outcome:
    table = parse_table(text, frozenset(variables), HitPolicy(policy))
    return compile_table(table, Compiler(unknown_if=True))(variables)


def test_unique_rule_decides() -> None:
    outcome = decide(BANDS, psv=Decimal(125), plaque=None)
    assert (outcome.value, outcome.rules) == ("50_69", (3,))


def test_two_rules_of_a_unique_table_are_a_conflict() -> None:
    outcome = decide("| a || b |\n| < 3 || 1 |\n| < 5 || 2 |", a=Decimal(1))
    assert outcome.value is None
    assert outcome.conflict
    assert outcome.rules == (1, 2)


def test_first_and_collect() -> None:
    text = "| a || b |\n| < 3 || 1 |\n| < 5 || 2 |"
    assert decide(text, "FIRST", a=Decimal(1)).value == 1
    assert decide(text, "FIRST", a=Decimal(4)).value == 2
    assert decide(text, "COLLECT", a=Decimal(1)).value == (1, 2)
    assert decide(text, "COLLECT", a=Decimal(9)).value == ()


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_missing_input_leaves_it_open_and_is_named(policy: str) -> None:
    outcome = decide(BANDS, policy, psv=Decimal(100), plaque=None)
    assert outcome.value is None
    assert outcome.unknown == ("plaque",)
    assert decide(BANDS, policy, psv=None, plaque="none").value is None


def test_missing_input_does_not_matter_where_all_agree() -> None:
    text = '| a | b || c |\n| < 3 | "x" || 1 |\n| - | - || 1 |'
    assert decide(text, "FIRST", a=None, b=None).value == 1


def test_first_stops_before_a_rule_that_might_apply() -> None:
    text = "| a || c |\n| < 3 || 1 |\n| - || 2 |"
    assert decide(text, "FIRST", a=None).value is None
    assert decide(text, "FIRST", a=Decimal(9)).value == 2


def test_collect_with_an_open_rule_is_open() -> None:
    assert decide("| a || b |\n| < 3 || 1 |\n| - || 2 |", "COLLECT", a=None).value is None


def test_null_cell_speaks_for_missing() -> None:
    text = "| a || b |\n| null || 0 |\n| < 3 || 1 |\n| >= 3 || 2 |"
    assert decide(text, a=None).value == 0
    assert decide(text, a=Decimal(3)).value == 2


def test_several_outputs_are_a_context() -> None:
    outcome = decide('| a || b | c |\n| - || 1 | "x|y" |', a=None)
    assert outcome.value == {"b": Decimal(1), "c": "x|y"}


def test_notes_and_rulers_are_read() -> None:
    table = parse_table("| a || b || note |\n|---||---|---|\n| 1 || 2 || why |", frozenset("a"), HitPolicy.UNIQUE)
    assert [rule.annotation for rule in table.rules] == ["why"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("| a || b |", 1, "at least one rule"),
        ("| a | b |\n| 1 | 2 |", 1, "separate"),
        ("| a || b |\n| 1 || 2 | 3 |", 2, "columns"),
        ("| a || b |\n| 1 || 2 |\n| < || 2 |", 3, "missing"),
        ("| a ( || b |\n| 1 || 2 |", 1, "missing"),
    ],
)
def test_bad_table_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        parse_table(text, frozenset("a"), HitPolicy.UNIQUE)
    assert error.value.line == line


VALUES = st.one_of(st.none(), st.sampled_from([Decimal(100), Decimal(125), Decimal("230.1")]))
PLAQUES = st.sampled_from([None, "none", "present"])


@given(VALUES, PLAQUES)
def test_learning_an_input_never_changes_a_known_outcome(psv: Decimal | None, plaque: str | None) -> None:
    before = decide(BANDS, psv=psv, plaque=plaque).value
    for known_psv in [psv] if psv is not None else [Decimal(1), Decimal(200), Decimal(300)]:
        for known_plaque in [plaque] if plaque is not None else ["none", "present"]:
            after = decide(BANDS, psv=known_psv, plaque=known_plaque).value
            assert before in (None, after)
