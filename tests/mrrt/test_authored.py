"""YAML that people write: places, repetition, numbers as written, and clear errors."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mrrt.authored import read_yaml
from mrrt.errors import Refused

TEXT = """for each:
  side: {right: {en: Right}, left: {en: Left}}
  segment: [prox, mid]
bindings:
  "{side}_cca_{segment}_psv":
    laterality: "{side}"
    words: ["{side.en} {segment}", "{unknown}"]
  plain: {a: 124.90, b: 50_69, c: no, d: 7, e: -0.5, f: 1e3, g: true, h: null}
"""


def test_entries_are_repeated_for_every_combination() -> None:
    bindings = read_yaml(TEXT, "f.yaml").data["bindings"]
    assert list(bindings)[:4] == ["right_cca_prox_psv", "right_cca_mid_psv", "left_cca_prox_psv", "left_cca_mid_psv"]
    assert bindings["left_cca_mid_psv"] == {"laterality": "left", "words": ["Left mid", "{unknown}"]}


def test_scalars_are_what_is_written() -> None:
    plain = read_yaml(TEXT, "f.yaml").data["bindings"]["plain"]
    assert plain == {
        "a": Decimal("124.90"),
        "b": "50_69",
        "c": "no",
        "d": 7,
        "e": Decimal("-0.5"),
        "f": Decimal("1e3"),
        "g": True,
        "h": None,
    }
    assert str(plain["a"]) == "124.90"
    assert isinstance(plain["d"], int)


def test_places_point_at_the_entry_that_was_repeated() -> None:
    source = read_yaml(TEXT, "f.yaml")
    assert source.place("bindings", "left_cca_mid_psv", "words") == (7, 5)
    assert source.place("bindings", "plain", "b") == (8, 22)
    assert source.place("bindings", "no such") == (4, 1)
    problem = source.problem("X1", "wrong", "bindings", "plain", mend="mend it")
    assert str(problem) == "f.yaml:8:3 error [X1]: wrong. mend it"


@pytest.mark.parametrize(
    ("text", "line"), [("a: [1", 1), ("a: 1\na: 2", 2), ("a: 1\n b: 2", 2), ("- a list", 1), ("just text", 1), ("", 1)]
)
def test_bad_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Refused) as refused:
        read_yaml(text, "f.yaml")
    problem = refused.value.problems[0]
    assert (problem.rule, problem.file) == ("Y1", "f.yaml")
    assert problem.line is not None
    assert problem.line >= line


@pytest.mark.parametrize("wrong", ["[a, b]", "{side: right}", "text"])
def test_bad_for_each_is_refused(wrong: str) -> None:
    with pytest.raises(Refused, match="Y2"):
        read_yaml(f"a: 1\nfor each: {wrong}\n", "f.yaml")


@pytest.mark.parametrize("lists", ["[a]", "{side: a}", "{side: [[a]]}", "{side: [null]}", "{side: {a: b}}"])
def test_lists_of_anything_but_names_are_refused(lists: str) -> None:
    with pytest.raises(Refused) as refused:
        read_yaml(f"for each: {lists}\nx: {{}}", "f.yaml")
    assert [problem.rule for problem in refused.value.problems] == ["Y2"]


def test_an_attribute_that_an_item_has_not_stays_as_it_is_written() -> None:
    text = 'for each: {side: {left: }}\nx: {"{side}": "{side} {side.de}"}'
    assert read_yaml(text, "f.yaml").data == {"x": {"left": "left {side.de}"}}
