"""FEEL: the part of DMN 1.5 chapter 10 that logic files use, and what is asked of unknown values.

1. Arithmetic is decimal, with 34 digits.
2. Logic is three-valued; null is not false.
3. Names may contain spaces; the longest known name wins.
4. Unary tests decide the cells of a table.
5. A bad text is an error with its position; a bad value is null.
6. With unknown_if, an if whose condition is unknown is unknown, unless both branches agree.
"""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.feel import Compiler, FeelSyntaxError, LimitExceeded, UnknownName, parse_expression, parse_unary_tests


def evaluate(text: str, /, *, unknown_if: bool = False, **variables: Any) -> Any:
    names = {name.replace("_", " "): value for name, value in variables.items()}
    return Compiler(unknown_if=unknown_if).compile(parse_expression(text, frozenset(names)))(names)


def passes(tests: str, value: Any, **variables: Any) -> bool | None:
    result: bool | None = Compiler().compile(parse_unary_tests(tests, frozenset(variables)))({**variables, "?": value})
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 1
        ("1 + 2 * 3", Decimal(7)),
        ("0.1 + 0.2 = 0.3", True),
        ("2 ** 3", Decimal(8)),
        ("-(3 - 5)", Decimal(2)),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("1 / 0", None),
        ("10 ** 7000", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        # 2
        ("null and false", False),
        ("null and true", None),
        ("null or true", True),
        ("null or false", None),
        ("not(null)", None),
        ("null = null", True),
        ("null != 1", True),
        ("null < 1", None),
        ('1 = "1"', None),
        ("if null then 1 else 2", Decimal(2)),
        # collections
        ("[1, 2, 3][2]", Decimal(2)),
        ("[1, 2, 3][-1]", Decimal(3)),
        ("[1, 2, 3][4]", None),
        ("[1, 2, 3][item > 1]", (Decimal(2), Decimal(3))),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][a > 1].b", (Decimal(4),)),
        ("{a: 1, b: a + 1}.b", Decimal(2)),
        ("for x in [1, 2], y in [10] return x + y", (Decimal(11), Decimal(12))),
        ("for x in [1..3] return x * x", (1, 4, 9)),
        ("some x in [1, null] satisfies x > 0", True),
        ("every x in [1, null] satisfies x > 0", None),
        ("5 in [1..5)", False),
        ("5 in (1..5]", True),
        ("3 in (1, 2, 3)", True),
        ("3 between 1 and 3", True),
        # functions
        ("max([1, 3, 2])", Decimal(3)),
        ("max(1, 3, 2)", Decimal(3)),
        ("max([1, null])", None),
        ("min([])", None),
        ("sum([1, 2.5])", Decimal("3.5")),
        ("mean(1, 2)", Decimal("1.5")),
        ("count([1, null])", Decimal(2)),
        ("abs(n: -3)", Decimal(3)),
        ("abs(m: -3)", None),
        ("round half up(2.345, 2)", Decimal("2.35")),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("floor(-1.5)", Decimal(-2)),
        ("string(1.50)", "1.5"),
        ("string(null)", None),
        ('string join(["a", null, "b"], ", ")', "a, b"),
        ('replace("1.5", "[.]", ",")', "1,5"),
        ('matches("ica", "^i.a$")', True),
        ('matches("ica", "(")', None),
        ('contains("right ica", "ica")', True),
        ("list contains([1, null], null)", True),
        ("distinct values([1, 1.0, 2])", (Decimal(1), Decimal(2))),
        ("sort([3, 1, 2])", (Decimal(1), Decimal(2), Decimal(3))),
        ("all([true, null])", None),
        ("any([true, null])", True),
        ('number("12.5")', Decimal("12.5")),
        ('number("twelve")', None),
        ('number("1e9999")', None),
        ("sqrt(16)", Decimal(4)),
        ("sqrt(-1)", None),
        ('"caf\\u00e9" // a comment', "café"),
    ],
)
def test_expressions(text: str, expected: Any) -> None:
    assert evaluate(text) == expected


def test_names_with_spaces() -> None:
    assert evaluate("ica psv + ica", ica_psv=Decimal(3), ica=Decimal(1)) == 4
    assert evaluate("(ica psv)-1", ica_psv=Decimal(3)) == 2
    assert evaluate("ica  psv > 2", ica_psv=Decimal(3)) is True


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", None, True),
        ("< 125", Decimal(124), True),
        ("< 125", None, None),
        ("[125..230]", Decimal(230), True),
        ("(125..230)", Decimal(125), False),
        ("[125..230]", None, None),
        ('"none", "x"', "x", True),
        ('not("a", "b")', "b", False),
        ('not("a")', None, None),
        ("null", None, True),
        ("null", "x", False),
        ("not(null)", "x", True),
        ('"a", null', None, True),
        ("-5", Decimal(-5), True),
        ("> 5, < 2", Decimal(1), True),
        ("? > 5 and ? < 7", Decimal(6), True),
        ("true", True, True),
    ],
)
def test_unary_tests(tests: str, value: Any, expected: bool | None) -> None:
    assert passes(tests, value) is expected


@pytest.mark.parametrize(
    "text", ["1 +", "(1", '"open', "if 1 then 2", "[1..2", "1 2", "", "for x return 1", "f(a: 1, 2)"]
)
def test_bad_text_is_an_error_with_its_position(text: str) -> None:
    with pytest.raises(FeelSyntaxError) as error:
        parse_expression(text)
    assert 0 <= error.value.position <= len(text)


def test_unknown_function() -> None:
    with pytest.raises(UnknownName, match="grade"):
        evaluate("grade(1)")


def test_depth_and_loops_are_limited() -> None:
    with pytest.raises(FeelSyntaxError, match="nested"):
        parse_expression("(" * 5000 + "1" + ")" * 5000)
    with pytest.raises(LimitExceeded):
        evaluate("for a in [1..999], b in [1..999] return a")
    with pytest.raises(FeelSyntaxError, match="longer"):
        parse_expression("1+" * 20_000 + "1")


def test_unknown_condition_is_unknown_unless_branches_agree() -> None:
    assert evaluate("if psv > 100 then 1 else 2", unknown_if=True, psv=None) is None
    assert evaluate("if psv > 100 then 1 else 1", unknown_if=True, psv=None) == 1
    assert evaluate("if psv > 100 then 1 else 2", unknown_if=False, psv=None) == 2


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_integers_compute_as_python_does(a: int, b: int) -> None:
    assert evaluate("a * b - a + b", a=Decimal(a), b=Decimal(b)) == a * b - a + b


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error_never_a_crash(text: str) -> None:
    with contextlib.suppress(FeelSyntaxError, UnknownName):
        evaluate(text)


@given(st.text(max_size=30))
def test_any_string_survives_its_literal(text: str) -> None:
    literal = text.replace("\\", "\\\\").replace('"', '\\"')
    assert evaluate(f'"{literal}"') == text
