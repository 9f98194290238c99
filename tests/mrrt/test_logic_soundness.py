"""What a logic file says must be able to be meant: one broken expression for each way in which it cannot.

1. Overlaps, rules that never apply, gaps: with the rules, their line and inputs as an example.
2. Types, choices and units that clash: in expressions, cells, calls, conditions and results.
3. Functions that call each other.
4. What is right is never refused: the shipped templates, the conditions of real pages, and twins of what is broken.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from mrrt.dmn import proof
from mrrt.errors import Refused
from mrrt.logic import load_logic, own_logic
from mrrt.logic.soundness import page_findings
from mrrt.parse import parse
from mrrt.problems import Problem
from mrrt.template import Field, FieldKind, Template
from templates_lib.loader import installed, read

from .corpus import CORPUS, RICH, name_of, page
from .tiny import TEMPLATE as TINY
from .tiny import choice, number

TEMPLATE = Template(
    identifier="1.2.3",
    title="Tiny",
    language="en",
    fields=(
        *TINY.fields,
        number("ratio", "1"),
        number("percent", "%"),
        number("diameter", "m"),
        number("speed", "m/s"),
        number("area", "mm2"),
        number("volume", "mL"),
        number("cubic", "cm3"),
        number("bare", None),
        choice("side", "left", "right"),
        Field(key="at", kind=FieldKind.TIME),
        Field(key="signs", kind=FieldKind.CHECKBOX_GROUP, choices=choice("signs", "kinking", "calcified").choices),
    ),
    content=TINY.content,
)
FUNCTIONS = """
  graded:
    parameters: [psv, plaque]
    table: |
      | psv    | plaque    || grade    |
      | < 125  | -         || "none"   |
      | >= 125 | "present" || "severe" |
  double: {parameters: [x], expression: 2 * x}
  longer: {parameters: [x], expression: 'string length(x) > 3'}
  higher: {parameters: [x, y], expression: x > y}
"""


def file(part: str, functions: str = FUNCTIONS) -> str:
    return f"template: 1.2.3\nfunctions: {functions}\n{part}\n"


@lru_cache
def problems(text: str) -> tuple[Problem, ...]:
    try:
        load_logic(text, "logic.yaml", TEMPLATE)
    except Refused as refused:
        return refused.problems
    return ()


def said(text: str) -> list[tuple[str, str]]:
    return [(problem.rule, problem.message) for problem in problems(text)]


def condition(expression: str) -> str:
    return file(f"relevant:\n  character: '{expression}'")


# -- 1


def drawn(policy: str, *rows: str) -> str:
    head = "| a | b || out |"
    body = "".join(f"      {line}\n" for line in (head, *rows))
    return file("", f"\n  t:\n    parameters: [a, b]\n    hit policy: {policy}\n    table: |\n{body}")


OVERLAPS = {
    "other outputs": (['| < 5 | "x" || 1 |', "| > 3 | - || 2 |"], "which say different things", 'a = 4, b = "x"'),
    "equal outputs": (['| < 5 | "x" || 1 |', "| > 3 | - || 1 |"], "which say the same", 'a = 4, b = "x"'),
    "null": (["| null | - || 1 |", "| null, < 3 | - || 2 |"], "which say different things", "a = null"),
    "anything": (["| - | - || 1 |", "| - | - || 2 |"], "which say different things", "any input"),
}


@pytest.mark.parametrize("name", OVERLAPS)
def test_overlap_of_a_unique_table_is_refused_with_both_rules(name: str) -> None:
    rows, how, example = OVERLAPS[name]
    (found,) = problems(drawn("UNIQUE", *rows))
    assert found.rule == "L17"
    assert found.message == f'"t" is UNIQUE, but rules 1 and 2, {how}, overlap: {example}'
    assert drawn("UNIQUE", *rows).splitlines()[(found.line or 0) - 1].strip() == rows[1]
    assert "L17" not in dict(said(drawn("FIRST", *rows)))


@pytest.mark.parametrize(
    ("policy", "rows", "rule"),
    [
        ("UNIQUE", ["| [5..3] | - || 1 |", "| - | - || 2 |"], 1),
        ("FIRST", ["| < 5 | - || 1 |", '| [1..4] | "x" || 2 |'], 2),
        ("FIRST", ["| < 5 | - || 1 |", "| >= 5 | - || 2 |", "| - | - || 3 |"], 3),
        ("FIRST", ["| null | - || 1 |", "| null | - || 2 |", "| < 3 | - || 3 |"], 2),
        ("COLLECT", ["| [5..3] | - || 1 |"], 1),
    ],
)
def test_rule_that_can_never_apply_is_refused(policy: str, rows: list[str], rule: int) -> None:
    found = [problem for problem in problems(drawn(policy, *rows)) if problem.rule == "L18"]
    assert [problem.message.split(":")[0:2] for problem in found] == [['"t"', f" rule {rule} can never apply"]]
    assert drawn(policy, *rows).splitlines()[(found[0].line or 0) - 1].strip() == rows[rule - 1]


def test_sound_tables_are_accepted() -> None:
    assert said(drawn("UNIQUE", "| null | - || 1 |", "| < 3 | - || 2 |", "| >= 3 | - || 3 |")) == []
    assert said(drawn("FIRST", "| < 3 | - || 1 |", "| < 5 | - || 2 |", "| - | - || 3 |")) == []
    assert said(drawn("FIRST", '| - | "x", null || 1 |', "| not(null) | - || 2 |", "| - | - || 3 |")) == []


BANDS = ["<= 104", "[105..109]", "[110..179]", "[180..240]", ">= 241"]


def test_bands_of_whole_numbers_do_not_complete_a_table() -> None:
    rows = "".join(f"      | {band} || {place} |\n" for place, band in enumerate(BANDS))
    text = f"\n  bands:\n    parameters: [psv]\n    complete: true\n    table: |\n      | psv || band |\n{rows}"
    gaps = [f'"bands" is not complete: psv = {gap}: no rule' for gap in ("104.5", "109.5", "179.5", "240.5")]
    assert said(file("", text)) == [("L15", gap) for gap in gaps]


def test_null_belongs_to_the_inputs_of_a_column_that_thinks_of_it() -> None:
    text = drawn("UNIQUE", '| null | "x" || 1 |', "| < 3 | - || 2 |", "| >= 3 | - || 3 |")
    claimed = text.replace("    table:", "    complete: true\n    table:")
    assert said(claimed) == [("L15", '"t" is not complete: a = null, b = "(any other)": no rule')]
    assert said(claimed.replace('"x"', "-")) == []


def test_past_its_limit_a_claim_is_refused_and_overlaps_are_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MAX_STEPS", 0)
    sound = drawn("UNIQUE", "| < 3 | - || 1 |", "| >= 3 | - || 2 |")
    claimed = sound.replace("    table:", "    complete: true # far too much\n    table:")
    ((rule, message),) = said(claimed)
    assert rule == "L15"
    assert "cannot be proven: the table is too large" in message
    found = dict(said(claimed.replace(">= 3", ">= 2")))
    assert found.keys() == {"L15", "L17"}


# -- 2

CLASHES = {
    "number and text": (
        'right_psv = "high"',
        "L19",
        'a number, "high" is a text: 1 = "high" is neither true nor false',
    ),
    "order of number and text": ('right_psv > "125"', "L19", '1 > "125"'),
    "text and number": ("character > 5", "L19", '"character" is a text, 5 is a number'),
    "choice and number": ("plaque = 1", "L19", '"plaque" is a text'),
    "checkbox and text": ('repeat = "true"', "L19", '"repeat" is true or false'),
    "list and text": ('signs = "kinking"', "L19", '"signs" is a list'),
    "date and text": ('when = "2026-01-31"', "L19", '"when" is a date'),
    "date and number": ("when > 5", "L19", '"when" is a date'),
    "time and number": ("at > 5", "L19", '"at" is a time'),
    "number in texts": ('right_psv in ("a", "b")', "L19", '"right_psv" is a number'),
    "number between texts": ('right_psv in ["a".."b"]', "L19", '"right_psv" is a number'),
    "ends of a range": ('right_psv in [1.."b"]', "L19", '1 is a number, "b" is a text'),
    "text added to number": ('right_psv + "1" > 2', "L19", '1 + "1" has no value'),
    "product of a text": ("character * 2 > 1", "L19", "has no value"),
    "sum with a checkbox": ("repeat + 1 > 1", "L19", '"repeat" is true or false'),
    "negative text": ('-plaque = "none"', "L19", '-"plaque" has no value'),
    "number as operand of and": ("right_psv and repeat", "L19", "neither true nor false"),
    "text after if": ("if plaque then true else false", "L19", "neither true nor false"),
    "text in a loop": ('some x in [right_psv, left_psv] satisfies x = "a"', "L19", '"x" is a number'),
    "text in a filter": ('count([right_psv, left_psv][item = "a"]) > 0', "L19", '"item" is a number'),
    "entry of a context": ('{a: right_psv}.a = "x"', "L19", "is a number"),
    "argument of a built-in": ("abs(plaque) > 1", "L19", "has no value"),
    "list given to a built-in": ("max([right_psv, left_psv]) = true", "L19", "max(...) is a number"),
    "text length of a number": ("string length(right_psv) > 1", "L19", "has no value"),
    "argument of a table": (
        'graded(psv: character, plaque: plaque) = "none"',
        "L19",
        '"graded" as called here, line 2',
    ),
    "argument of an expression": ("longer(x: right_psv)", "L19", '"longer" as called here: "x" is a number'),
    "result of an expression": ('double(x: right_psv) = "a"', "L19", "double(...) is a number"),
    "result of a table": ("graded(psv: right_psv, plaque: plaque) > 1", "L19", "graded(...) is a text"),
    "unknown choice": ('plaque = "presnt"', "L20", '"plaque" is never "presnt"'),
    "unequal unknown choice": ('plaque != "presnt"', "L20", '"plaque" is never "presnt"'),
    "unknown choice in a list": ('plaque in ("none", "some")', "L20", '"plaque" is never "some"'),
    "unknown sign": ('list contains(signs, "kinkng")', "L20", 'is never "kinkng"'),
    "unknown output": ('graded(psv: right_psv, plaque: plaque) = "mild"', "L20", 'is never "mild"'),
    "choices of two fields": ("plaque = side", "L20", '"plaque" is never "left", "right"'),
    "choice that a table asks for": (
        'graded(psv: right_psv, plaque: side) = "none"',
        "L20",
        '"plaque" is never "present"',
    ),
    "velocity and length": ("right_psv > diameter", "L21", 'in cm/s and "diameter" in m: they cannot be compared'),
    "velocity and percentage": ("right_psv > percent", "L21", 'in cm/s and "percent" in %'),
    "sum of velocity and length": ("right_psv + diameter > 1", "L21", "cannot be added"),
    "difference": ("right_psv - ratio > 1", "L21", "cannot be subtracted"),
    "two scales": ("right_psv > speed", "L21", 'in cm/s and "speed" in m/s: they cannot be compared'),
    "ratio and velocity": ("right_psv / left_psv > speed", "L21", 'in 1 and "speed" in m/s'),
    "maximum": ("max(right_psv, speed) > 1", "L21", "max(...) is given numbers in cm/s and m/s"),
    "median of a list": ("median([right_psv, left_psv, diameter]) > 1", "L21", "numbers in cm/s and m"),
    "magnitude": ("abs(right_psv) > round half up(diameter, 1)", "L21", "cannot be compared"),
    "square": ("diameter * diameter < right_psv", "L21", "in m2"),
    "root": ("sqrt(area) = right_psv", "L21", "in mm and"),
    "between bounds": ("right_psv in [speed..left_psv]", "L21", '"speed" is in m/s'),
    "units within a function": ("higher(x: right_psv, y: diameter)", "L21", '"higher" as called here: "x" is in cm/s'),
    "scaled and of another dimension": ("100 * diameter > right_psv", "L21", "cannot be compared"),
    "number as condition": ("right_psv", "L22", '"right_psv" is a number, neither true nor false'),
    "text as condition": ("plaque", "L22", '"plaque" is a text'),
    "sum as condition": ("right_psv + 1", "L22", "neither true nor false"),
}


@pytest.mark.parametrize("name", CLASHES)
def test_clash_is_refused_with_its_place(name: str) -> None:
    expression, rule, words = CLASHES[name]
    text = condition(expression.replace("'", "''"))
    found = [problem for problem in problems(text) if problem.rule == rule]
    assert found, said(text)
    assert words in found[0].message
    assert text.splitlines()[(found[0].line or 0) - 1].lstrip().startswith("character:")
    assert {problem.rule for problem in problems(text)} == {rule}


RIGHT = [
    'plaque = "present"',
    "plaque = null",
    'plaque in ("none", null)',
    "right_psv = null or left_psv > 5",
    "right_psv / left_psv > ratio",
    "right_psv * 2 > left_psv + 10",
    "speed * 100 > right_psv",
    "ratio * 100 > percent",
    "percent / 100 > ratio",
    "volume > cubic",
    "sqrt(area) > 1",
    "bare > right_psv",
    "bare > diameter",
    "max([right_psv, left_psv]) in [5..700]",
    "count([right_psv, plaque, diameter][item != null]) > 2",
    'list contains(signs, "kinking")',
    "count(signs) > 0",
    "some s in signs satisfies starts with(s, plaque)",
    'number(plaque) > 1 or string(right_psv) = "5"',
    'when = date("2026-01-01") or string(when) = "2026-01-01"',
    'date(when) < date("2026-01-01")',
    'when + duration("P1D") < date("2026-01-01")',
    'at < time("14:30:00")',
    "repeat and not(repeat)",
    "repeat = true",
    "double(x: right_psv) > left_psv",
    'report language = "de"',
    'data absent reason.right_psv = "unknown"',
    'graded(psv: right_psv, plaque: plaque) in ("none", "severe")',
    "(if repeat then right_psv else 0) > 1",
    'if repeat then null else plaque = "none"',
    "[1, 2, 3][2] > 1",
    '[{a: 1, b: "x"}, {a: 2, b: "y"}][item.a > 1].b = ["y"]',
    "higher(x: right_psv, y: left_psv) or higher(x: diameter, y: 1)",
    'character = "anything"',
    'string join(signs, ", ") = "a"',
    "(for v in [right_psv, left_psv] return v)[1] > 2",
    'contains(character, "x")',
    "right_psv between 5 and 7",
    "right_psv instance of number",
    "every x in 1..3 satisfies x > right_psv",
]


@pytest.mark.parametrize("place", range(len(RIGHT)))
def test_what_can_be_meant_is_accepted(place: int) -> None:
    assert said(condition(RIGHT[place])) == []


def test_choices_of_one_of_several_callers_are_accepted() -> None:
    calls = "calculated: {a: 'graded(psv: 1, plaque: plaque)', b: 'graded(psv: 1, plaque: side)'}"
    assert said(file(calls)) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["| < 5 | - || 1 |", '| "x" | - || 2 |'], 'column "a" holds a number in the rows above, and here a text'),
        (
            ["| - | true || 1 |", "| - | 5 || 2 |"],
            'column "b" holds true or false in the rows above, and here a number',
        ),
        (['| < 5 | - || "x" |', "| >= 5 | - || 2 |"], 'column "out" holds a text in the rows above, and here a number'),
    ],
)
def test_cell_of_another_type_than_its_column_is_refused_at_its_line(rows: list[str], words: str) -> None:
    text = drawn("FIRST", *rows)
    (found,) = [problem for problem in problems(text) if problem.rule == "L19"]
    assert found.message == words
    assert text.splitlines()[(found.line or 0) - 1].strip() == rows[1]


RESULTS = {
    "text into a number": ('left_psv: "plaque"', "L19", '"plaque" is a text, but the field takes a number'),
    "number into a choice": ("right_grade: right_psv", "L19", "but the field takes a text"),
    "number into a checkbox": ("repeat: right_psv", "L19", "but the field takes true or false"),
    "context into a text": ("character: '{a: 1}'", "L19", "is a context"),
    "ratio into a velocity": ("left_psv: right_psv / speed", "L21", "is in cm/m, but the value is declared in cm/s"),
    "scale": ("left_psv: speed", "L21", '"speed" is in m/s, but the value is declared in cm/s'),
    "ratio of velocities into a velocity": ("left_psv: right_psv / right_psv", "L21", "is in 1, but"),
    "unit of its own": ("x: {expression: right_psv, unit: m}", "L21", "but the value is declared in m"),
    "literal": ("right_grade: '\"grave\"'", "L11", 'the value can be "grave"'),
    "branch": ("right_grade: 'if repeat then graded(psv: 1, plaque: plaque) else \"grave\"'", "L11", '"grave"'),
    "branch within brackets": ("right_grade: '(if repeat then \"grave\" else null)'", "L11", '"grave"'),
    "list": ('signs: \'["kinking", "kinkng"]\'', "L11", '"kinkng"'),
    "criteria": ("right_grade: {by: side, criteria: {left: '\"none\"', right: '\"grave\"'}}", "L11", '"grave"'),
    "intermediate": ("x: '\"grave\"'\n  right_grade: x", "L11", '"grave"'),
}


@pytest.mark.parametrize("name", RESULTS)
def test_result_that_its_field_cannot_take_is_refused(name: str) -> None:
    entry, rule, words = RESULTS[name]
    text = file(f"calculated:\n  {entry}")
    assert [rule] == [found for found, message in said(text) if words in message], said(text)


def test_intermediate_results_carry_type_and_unit() -> None:
    text = file("calculated:\n  x: right_psv / left_psv\n  y: 'x > diameter'\nrelevant:\n  character: 'x = \"a\"'")
    assert {rule for rule, _ in said(text)} == {"L19", "L21"}


def test_unit_of_an_input_counts_for_more_than_that_of_the_page() -> None:
    relevant = "relevant:\n  character: right_psv > speed"
    assert [rule for rule, _ in said(file(relevant))] == ["L21"]
    assert said(file("inputs: {speed: {unit: cm/s}}\n" + relevant)) == []
    mended = problems(file(relevant))[0].mend
    assert "declare both inputs in one unit" in mended


@pytest.mark.parametrize("part", ["required: {left_psv: right_psv}", "alerts: {a: {when: plaque}}"])
def test_every_kind_of_condition_must_be_one(part: str) -> None:
    assert [rule for rule, _ in said(file(part))] == ["L22"]
    assert [rule for rule, _ in said(file("constraint: {left_psv: {test: right_psv}}"))] == ["L22"]


# -- 3


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        ("{a: {expression: b()}, b: {expression: '1'}}", '"a" calls "b", which stands below it'),
        ("{a: {expression: b()}, b: {expression: a()}}", "functions call each other: a -> b -> a"),
        ("{a: {expression: c()}, b: {expression: a()}, c: {expression: b()}}", "each other: a -> c -> b -> a"),
        ("{a b: {expression: a b()}}", "functions call each other: a b -> a b"),
    ],
)
def test_calls_upwards_only(functions: str, message: str) -> None:
    found = problems(file("calculated: {x: a() + 1}" if "a:" in functions else "", functions))
    assert {problem.rule for problem in found} == {"L10"}
    assert message in found[0].message
    assert found[0].mend


# -- 4


@pytest.mark.parametrize("name", sorted(installed()))
def test_shipped_templates_are_sound(name: str, request: pytest.FixtureRequest) -> None:
    page = installed()[name] / "template.html"
    if not page.is_file():
        page = request.getfixturevalue("shared") / "corpus/mrrt/041807.4.1706140001-us_carotis.html"
    source = read(installed()[name], page)
    assert load_logic(source.logic or "", "logic.yaml", parse(source.html, source.page)).calculations


@pytest.mark.parametrize("file", CORPUS, ids=name_of)
def test_conditions_of_real_pages_raise_no_false_alarm(file: Path) -> None:
    template = parse(file.read_bytes(), file.name)
    assert [(text, finding.message) for text, finding in page_findings(template, own_logic(template))] == []


def test_conditions_of_our_own_page_raise_none_either() -> None:
    template = parse(RICH, "rich.html")
    logic = own_logic(template)
    assert logic.conditions
    assert page_findings(template, logic) == ()


def test_a_condition_of_a_page_that_cannot_be_meant_is_found() -> None:
    select = '<select id="plaque"><option value="none">none</option><option value="soft">soft</option></select>'
    template = parse(page(f'{select}<p data-show-if="plaque=sotf">x</p>').encode(), "page.html")
    (found,) = page_findings(template, own_logic(template))
    assert (found[0], found[1].rule, found[1].message) == ("plaque=sotf", "L20", '"plaque" is never "sotf"')
