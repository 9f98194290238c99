"""Conditions found in real templates, as FEEL, and what they hide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mrrt.conditions import conditions_of, to_feel
from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.logic import load_logic, own_logic
from mrrt.parse import parse
from mrrt.render import render
from mrrt.report import Report
from mrrt.serialise import serialise

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>t</title>
<meta name="dcterms.title" content="t"><meta name="dcterms.identifier" content="1.2.3"></head><body>
<section data-section-name="Findings"><header>Findings</header>
<p><label for="count">Count</label><select id="count" name="count"><option value="-">-</option>
 <option value="1">1</option><option value="2">2</option><option value="diffuse">diffuse</option></select></p>
<p><label for="size">Size</label><input type="number" id="size" name="size"></p>
<p><label for="earlier">Earlier</label><input type="checkbox" id="earlier" name="earlier" value="yes"></p>
<p><label for="many">Many</label><select multiple id="many" name="many"><option value="a">a</option></select></p>
<table data-mrrt-condition="#count ge 2"><tr><td>Second lesion</td>
 <td><input type="text" id="second" name="second"></td></tr></table>
<table><tr data-mrrt-condition="#earlier eq true"><td>When</td><td><input type="date" id="when" name="when"></td></tr>
 <tr><td>Always</td><td><input type="text" id="always" name="always"></td></tr></table>
<p data-show-if="size"><label for="note">Note</label><input type="text" id="note" name="note"></p>
<p data-show-if="count=diffuse">Diffuse disease was stated.</p>
<table data-mrrt-condition="#size gt 1"><tr data-mrrt-condition="#earlier eq true"><td>Both</td>
 <td><input type="text" id="both" name="both"></td></tr></table>
<p><input type="radio" id="kind_new" name="kind" value="new"><label for="kind_new">new</label>
 <input type="radio" id="kind_old" name="kind" value="old"><label for="kind_old">old</label></p>
<p data-mrrt-condition="#kind_old eq true"><label for="since">Since</label>
 <input type="text" id="since" name="since"></p>
<p data-show-if="nobody=1"><label for="lost">Lost</label><input type="text" id="lost" name="lost"></p>
</section></body></html>"""
TEMPLATE = parse(PAGE, "page.html")
LOGIC = own_logic(TEMPLATE)


def report(**values: Any) -> Report:
    typed = {key: entered(TEMPLATE.field_by_key[key], value) for key, value in values.items()}
    return derive(start(TEMPLATE).edit(typed), TEMPLATE, LOGIC)


@pytest.mark.parametrize(
    ("condition", "feel"),
    [
        ("#count ge 2", "(number(count) >= 2) = true"),
        ("#size lt 3.5", "(size < 3.5) = true"),
        ("#size eq 3", "(size = 3) = true"),
        ("#count eq diffuse", '(count = "diffuse") = true'),
        ("#count ne diffuse", 'not((count = "diffuse") = true)'),
        ("#earlier eq true", "earlier = true"),
        ("#earlier eq false", "not(earlier = true)"),
        ("earlier", "earlier = true"),
        ("earlier=yes", "earlier = true"),
        ("size", "size != null"),
        ("count=diffuse", '(count = "diffuse") = true'),
        ("#kind_old eq true", '(kind = "old") = true'),
        ("#kind_old ne true", 'not((kind = "old") = true)'),
        ("kind_old", '(kind = "old") = true'),
        ("#when ge 2026-01-31", '(when >= date("2026-01-31")) = true'),
        ("when=2026-01-31", '(when = date("2026-01-31")) = true'),
        ("many=a", '(list contains(many, "a")) = true'),
    ],
)
def test_translation(condition: str, feel: str) -> None:
    assert to_feel(condition, TEMPLATE.field_by_key) == feel


@pytest.mark.parametrize(
    "condition",
    [
        "#nobody ge 1",
        "#count around 3",
        "#size ge many",
        "#earlier ge 2",
        "a && b",
        "",
        "earlier=perhaps",
        "#when ge soon",
    ],
)
def test_what_cannot_be_translated_says_why(condition: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        to_feel(condition, TEMPLATE.field_by_key)


def test_nothing_answered_hides_what_depends_on_answers() -> None:
    assert report().irrelevant == {"second", "when", "note", "both", "since"}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"count": "1"}, set()),
        ({"count": "2"}, {"second"}),
        ({"count": "diffuse"}, set()),
        ({"earlier": True}, {"when"}),
        ({"earlier": False}, set()),
        ({"size": "4"}, {"note"}),
        ({"size": "4", "earlier": True}, {"note", "when", "both"}),
        ({"size": "1", "earlier": True}, {"note", "when"}),
        ({"kind": "old"}, {"since"}),
        ({"kind": "new"}, set()),
    ],
)
def test_answers_show_what_depends_on_them(values: dict[str, Any], shown: set[str]) -> None:
    assert report(**values).irrelevant == {"second", "when", "note", "both", "since"} - shown


def test_hidden_parts_are_not_rendered() -> None:
    text = render(report(second="liver", always="here", count="1"), TEMPLATE, "text").decode()
    assert "Always" in text
    assert "Second lesion" not in text
    assert "Diffuse" not in text
    assert "Diffuse disease was stated." in render(report(count="diffuse"), TEMPLATE, "text").decode()


def test_an_unusable_condition_hides_nothing_and_is_reported() -> None:
    _, problems = conditions_of(TEMPLATE)
    assert [problem.rule for problem in problems] == ["L14"]
    assert "lost" not in report().irrelevant
    assert "L14" in [problem.rule for problem in report().problems]


NESTED = """<html><head><meta name="dcterms.identifier" content="n"></head><body><section><input type="checkbox" id="a">
<input type="checkbox" id="b"><div data-show-if="a"><div data-show-if="b"><p>Seen. <input id="size"></p></div>
<p>Also <span data-mrrt-condition="#b eq true">both</span></p></div></section></body></html>"""


@pytest.mark.parametrize(("a", "b"), [(True, False), (False, True), (True, True), (False, False)])
def test_conditions_nest(a: bool, b: bool) -> None:
    template = parse(NESTED, "n")
    typed = {key: entered(template.field_by_key[key], value) for key, value in {"a": a, "b": b, "size": "7"}.items()}
    made = derive(start(template).edit(typed), template, own_logic(template))
    assert ("size" in made.irrelevant) is not (a and b)
    text = render(made, template, "text").decode()
    assert ("Seen. 7" in text, "Also" in text, "both" in text) == (a and b, a, a and b)
    again = parse(serialise(template), "n")
    assert again.field_by_key["size"].condition == "a\nb" == template.field_by_key["size"].condition


CHAIN = """<html><head><meta name="dcterms.identifier" content="n"></head><body><section>
<input type="checkbox" id="prior"><p data-show-if="prior">Compared <input type="checkbox" id="compared"></p>
<p data-show-if="compared">Growth <input id="growth"></p><p data-show-if="growth">Rate <input id="rate"></p>
<p data-show-if="compared!=true">Not compared.</p></section></body></html>"""


def test_what_is_hidden_shows_nothing_else() -> None:
    template = parse(CHAIN, "n")
    logic = own_logic(template)
    fields = template.field_by_key
    said = {"prior": True, "compared": True, "growth": "4", "rate": "2"}
    full = derive(start(template).edit({key: entered(fields[key], one) for key, one in said.items()}), template, logic)
    assert full.irrelevant == frozenset() and "Not compared" not in render(full, template, "text").decode()
    less = derive(full.edit({"prior": entered(fields["prior"], False)}), template, logic, ["prior"])
    assert less.irrelevant == {"compared", "growth", "rate"}
    text = render(less, template, "text").decode()
    assert "Not compared." in text and "Growth" not in text and "Rate" not in text
    again = derive(less.edit({"prior": entered(fields["prior"], True)}), template, logic, ["prior"])
    assert again.irrelevant == frozenset() == again.failing_conditions - {"compared!=true"}


def test_conditions_in_a_circle_come_to_an_end() -> None:
    page = CHAIN.replace('id="prior"', 'id="prior" data-show-if="rate"')
    template = parse(page, "n")
    made = derive(start(template), template, own_logic(template))
    assert {"prior", "compared", "growth", "rate"} == made.irrelevant


def test_a_hidden_value_is_no_problem() -> None:
    template = parse(CHAIN.replace('id="growth"', 'id="growth" type="number" data-field-units="mm"'), "n")
    text = 'template: n\nversion: "1"\nconstraint: {growth: {test: growth < 50, message: too fast}}\n'
    logic = load_logic(text, "logic.yaml", template)
    said = {"prior": True, "compared": True, "growth": "99"}
    made = derive(
        start(template).edit({key: entered(template.field_by_key[key], one) for key, one in said.items()}),
        template,
        logic,
    )
    assert [one.field for one in made.shown_problems] == ["growth"]
    hidden = derive(made.edit({"prior": entered(template.field_by_key["prior"], False)}), template, logic, ["prior"])
    assert "growth" in hidden.irrelevant and hidden.shown_problems == ()
    assert json.loads(render(hidden, template, "json"))["problems"] == []
    shown = derive(hidden.edit({"prior": made.typed["prior"]}), template, logic, ["prior"])
    assert [one.field for one in shown.shown_problems] == ["growth"]


STATIC = """<html><head><meta name="dcterms.identifier" content="n"></head><body><section><input type="checkbox" id="a">
<input id="note">{}</section></body></html>"""


@pytest.mark.parametrize(
    "body",
    [
        '<table><tbody data-show-if="a"><tr><td>Contrast</td></tr></tbody><tr><td>Plain</td></tr></table>',
        '<table><tr><td><div data-show-if="a"><p>Contrast</p></div><p>Plain</p></td></tr></table>',
        '<table><tr><td><table data-show-if="a"><tr><td>Contrast</td></tr></table>Plain</td></tr></table>',
        '<table><tr><td><table><tr data-show-if="a"><td>Contrast</td></tr></table>Plain</td></tr></table>',
        '<table><tr><td><table><tr><td data-show-if="a">Contrast</td></tr></table>Plain</td></tr></table>',
    ],
)
def test_text_in_tables_is_hidden(body: str) -> None:
    template = parse(STATIC.format(body), "n")
    for page in (template, parse(serialise(template), "n")):
        for a in (False, True):
            typed = {key: entered(page.field_by_key[key], one) for key, one in {"a": a, "note": "v"}.items()}
            text = render(derive(start(page).edit(typed), page, own_logic(page)), page, "text").decode()
            assert "Plain" in text and ("Contrast" in text) is a
