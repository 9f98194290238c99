"""Shapes that are evaluated in fewer steps say what the general way says.

1. A filter of a list that is written out: the filter of the same list in a variable.
2. `[item != null]`: what `[not(item = null)]` keeps.
3. A column of constants is looked up: what its cells say one by one.
4. A list of texts is looked up: what its texts say one by one.
5. A call is given its arguments, whether they are constants, variables or computed.
6. What a context notes of decisions is noted though the context is not kept.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mrrt.dmn.column import compile_column
from mrrt.feel import Compiler, LimitExceeded, UserFunction, parse_expression, parse_unary_tests
from mrrt.feel.limits import EVALUATION, TRACE, Evaluation

NAMES = frozenset({"a", "b", "c", "samples"})
PLAIN = st.sampled_from([True, False, None, Decimal(1), Decimal("2.5"), "x", (), (None,), {"item": None}])
WRITTEN = "[{code: 1, when: a}, {when: b and true, code: c}, {code: null, when: a = b}]"
CONDITIONS = [
    "item.when = true",
    "item.when != null",
    "item.when and item.code != 1",
    "item.when = item.code",
    "item.code = 1 or item.when = true",
    "when = true",
    "item.other = null",
    "item.when = true and c = 1",
    "item != null",
]


def evaluate(text: str, variables: dict[str, Any]) -> Any:
    return Compiler().compile(parse_expression(text, NAMES))(variables)


@pytest.mark.parametrize("condition", CONDITIONS)
@given(a=PLAIN, b=PLAIN, c=PLAIN)
def test_a_written_list_is_filtered_like_any_other(condition: str, a: Any, b: Any, c: Any) -> None:
    variables = {"a": a, "b": b, "c": c}
    samples = evaluate(WRITTEN, variables)
    kept, wanted = (
        evaluate(f"{WRITTEN}[{condition}]", variables),
        evaluate(f"samples[{condition}]", {**variables, "samples": samples}),
    )
    assert repr(kept) == repr(wanted)


def test_an_entry_called_item_stands_for_the_item() -> None:
    written = "[{item: {when: a}, when: true}]"
    variables = {"a": False}
    samples = evaluate(written, variables)
    wanted = evaluate("samples[item.when = true]", {"samples": samples})
    assert evaluate(f"{written}[item.when = true]", variables) == wanted == ()


def test_a_written_list_pays_for_its_items() -> None:
    short = {"a": True, "b": True, "c": None, EVALUATION: Evaluation(steps=2)}
    with pytest.raises(LimitExceeded):
        evaluate(f"{WRITTEN}[item.when = true]", short)


@given(st.one_of(PLAIN, st.lists(PLAIN).map(tuple)))
def test_the_known_items_are_those_that_are_not_null(value: Any) -> None:
    variables = {"a": value}
    assert repr(evaluate("a[item != null]", variables)) == repr(evaluate("a[not(item = null)]", variables))


HUGE = "9999999999999999999999999999999998"
CELLS = ["-", "< 1", ">= 2.5", "[1..2.5)", "(1..2.5]", "1", "null", "not(1)", "not([1..9])", '"x"', '"x", "y"', "true"]
CELLS += ["1, 2.5", '"x", null', "not(null)", "> -1", "-1", '1, "x"', "0", f"> {HUGE}", f"< -{HUGE}"]
ENDS = [Decimal(text) for text in ("-1", "0", "1", "2.5", HUGE)]
NEAR = [end + step for end in ENDS for step in (Decimal(0), Decimal("1E-9"), Decimal("-1E-9"), Decimal(1))]
VALUES = st.one_of(PLAIN, st.sampled_from(["x", "y", "z", *NEAR]), st.decimals(-9, 9, places=3))


@given(st.lists(st.sampled_from(CELLS), min_size=1, max_size=5), VALUES)
@example([f"> {HUGE}"], Decimal(f"{HUGE[:-1]}9"))
@example([f"< -{HUGE}"], Decimal(f"-{HUGE}"))
@example([f"< -{HUGE}"], Decimal(f"-{HUGE[:-1]}9"))
def test_a_column_is_looked_up_as_its_cells_say(texts: list[str], value: Any) -> None:
    cells = [parse_unary_tests(text, frozenset()) for text in texts]
    sure, possible = compile_column(cells, Compiler(), False)(value, {})
    for place, text in enumerate(texts):
        held = True if text == "-" else one_by_one(text, value)
        assert (sure >> place & 1, possible >> place & 1) == (held is True, held is not False)


def one_by_one(text: str, value: Any) -> bool | None:
    """Return what a cell says where a test that computes keeps it from being looked up."""
    negated = text.startswith("not(")
    inside = text[4:-1] if negated else text
    # A test that is never true and never unknown decides nothing.
    tests = parse_unary_tests(f"{inside}, ? = null and ? != null", frozenset())
    held: bool | None = Compiler().compile(tests)({"?": value})
    return held if held is None or not negated else not held


@given(VALUES)
def test_texts_in_a_list_are_looked_up_as_one_by_one(value: Any) -> None:
    for text in ('"x", "y"', '"x", "y", null', 'not("x", "y")', 'not("x", null)'):
        held: Any = Compiler().compile(parse_unary_tests(text, frozenset()))({"?": value})
        assert held is one_by_one(text, value)


def test_arguments_are_given_by_name() -> None:
    function = UserFunction(("x", "y", "z", "w"), lambda arguments, _: arguments)
    compiler = Compiler({"f": function})
    text = "f(y: 2, x: a, z: a + 1, w: count)"
    given_ = compiler.compile(parse_expression(text, frozenset({"a", "f"})))({"a": Decimal(1)})
    assert {name: given_[name] for name in "xyz"} == {"x": 1, "y": 2, "z": 2}
    assert given_["w"] is not None
    again = compiler.compile(parse_expression("f(1, 2, 3, 4)", frozenset({"f"})))({})
    assert again == {"x": 1, "y": 2, "z": 3, "w": 4}


def test_what_is_not_kept_has_noted_its_decisions() -> None:
    noted: list[str] = []
    function = UserFunction(("x",), lambda _, around: around[TRACE].append("f"))
    text = "[{code: f(x: 1), when: false}, {code: 2, when: f(x: 1)}][item.when = true]"
    kept = Compiler({"f": function}).compile(parse_expression(text, frozenset({"f"})))({TRACE: noted})
    assert (kept, noted) == ((), ["f", "f"])
