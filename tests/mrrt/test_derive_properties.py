"""What holds of every derivation, on the tiny templates and on those that are shipped.

1. The same values give the same report, in whatever order they came.
2. A unit never changes a class: 2.4 m/s and 2400 mm/s are 240 cm/s.
3. To lose an input whose column has no null cell leaves the outcome of a table as it is, or unknown, and never makes
   it another one. A column with a null cell says on purpose what a missing input means, and there it may.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrrt.derive import derive
from mrrt.dmn import DecisionTable, compile_table
from mrrt.dmn.partition import Domain, NotAnalysable, pieces
from mrrt.entry import start
from mrrt.feel import Compiler
from mrrt.feel.values import equal
from mrrt.report import Report, Value
from mrrt.template import FieldKind
from mrrt.units import convert

from .derivations import SUBJECTS, changed, changes, subject, text
from .tiny import report, standing


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_same_values_give_the_same_report_in_any_order(name: str) -> None:
    known = subject(name)

    @settings(max_examples=15)
    @given(changes(name, 2, 8), st.randoms(use_true_random=False))
    def check(several: list[Any], random: Any) -> None:
        last = list({(layer, key): (layer, key, value) for layer, key, value in several}.values())
        mixed = random.sample(last, len(last))
        drafts = []
        for order in (last, mixed):
            draft = known.derived(start(known.template))
            for change in order:
                draft = derive(changed(draft, change), known.template, known.logic, {change[1]})
            drafts.append(draft)
        assert text(drafts[0]) == text(drafts[1]) == text(known.derived(drafts[0]))

    check()


VELOCITIES = {
    "tiny": ("right_psv", "left_psv"),
    "us-carotid-duplex": ("right_ica_prox_psv", "right_ica_prox_edv", "right_cca_dist_psv", "left_ica_mid_psv"),
    "drg-us-carotis": ("us_ac_raci_psv", "us_ac_laci_psv"),
}


def classes(name: str, done: Report) -> dict[str, Any]:
    kinds = (FieldKind.SELECT, FieldKind.RADIO)
    fields = subject(name).template.fields
    return {one.key: standing(done, one.key) for one in fields if one.kind in kinds}


@pytest.mark.parametrize("unit", ["m/s", "mm/s"])
@pytest.mark.parametrize("name", VELOCITIES)
def test_a_unit_never_changes_a_class(name: str, unit: str) -> None:
    known = subject(name)
    plaque = {"right_plaque": Value(value="present")} if name == "us-carotid-duplex" else {}

    @settings(max_examples=25)
    @given(st.tuples(*[st.decimals(5, 700, places=1) for _ in VELOCITIES[name]]))
    def check(velocities: tuple[Decimal, ...]) -> None:
        found = []
        for wanted in ("cm/s", unit):
            typed = {
                key: Value(value=f"{convert(number, 'cm/s', wanted):f}", unit=wanted)
                for key, number in zip(VELOCITIES[name], velocities, strict=True)
            }
            found.append(classes(name, known.derived(start(known.template).edit({**plaque, **typed}))))
        assert found[0] == found[1]
        assert any(found[0].values()) or name == "tiny"  # whose table has gaps

    check()


def tables() -> list[tuple[str, str, DecisionTable]]:
    """Return every shipped table that calls nothing, and whose cells compare with constants."""
    found = []
    for name in ("tiny", "by-criteria", "us-carotid-duplex", "drg-us-carotis"):
        for function, known in subject(name).logic.functions.items():
            if known.table is not None and not known.calls:
                found.append((name, function, known.table))
    return found


def columns(table: DecisionTable) -> list[tuple[Any, ...]]:
    """Return the values of each input that the cells tell apart, and null."""
    cells = [[rule.cells[index] for rule in table.rules] for index in range(len(table.inputs))]
    return [(*pieces(Domain(head.text), column), None) for head, column in zip(table.inputs, cells, strict=True)]


@pytest.mark.parametrize(("name", "function", "table"), tables(), ids=lambda one: one if isinstance(one, str) else "")
def test_to_lose_an_input_makes_no_other_outcome(name: str, function: str, table: DecisionTable) -> None:
    try:
        values = columns(table)
    except NotAnalysable:
        pytest.skip("a cell computes")
    decide = compile_table(table, Compiler(unknown_if=True))
    heads = [column.text for column in table.inputs]

    @settings(max_examples=60)
    @given(st.tuples(*map(st.sampled_from, values)), st.integers(0, len(heads) - 1))
    def check(given_values: tuple[Any, ...], lost: int) -> None:
        known = dict(zip(heads, given_values, strict=True))
        if known[heads[lost]] is None or table.knows_null(lost):
            return
        with_it, without = decide(known), decide({**known, heads[lost]: None})
        if with_it.value is not None and without.value is not None:
            assert equal(with_it.value, without.value) is True

    check()


def test_a_null_cell_says_on_purpose_what_a_missing_input_means() -> None:
    known = subject("us-carotid-duplex")
    typed = {"right_ica_prox_psv": Value(value="80", unit="cm/s"), "right_plaque": Value(value="present")}
    with_plaque = known.derived(start(known.template).edit(dict(typed)))
    without = known.derived(with_plaque.edit({"right_plaque": None}))
    assert (standing(with_plaque, "right_ica_grade"), standing(without, "right_ica_grade")) == (
        "lt50",
        "normal_or_lt50",
    )


def test_without_a_null_cell_a_lost_input_leaves_the_grade_open() -> None:
    assert standing(report(right_psv="200", plaque="present"), "right_grade") == "moderate"
    assert standing(report(right_psv="200"), "right_grade") is None
