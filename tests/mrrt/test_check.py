"""Every rule has one fixture that breaks it and nothing else; the valid one breaks none.

Each fixture is checked as a page and put together with its parts, so that rules of composition are covered as well.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mrrt.check import RULES, check, checked, json_line, outlined
from mrrt.check.rules import rule_of_composing
from mrrt.compose import compose
from mrrt.errors import Refused
from mrrt.problems import Severity
from tests.mrrt.corpus import CORPUS, FIXTURES, VALID, independent_count, name_of, page

BROKEN = sorted((FIXTURES / "broken").glob("*.html"))
PARTS = {path.stem: path.read_bytes() for path in (FIXTURES.parent / "compose" / "parts").glob("*.html")}
"""By identifier, the templates that fixtures embed."""
COMPANIONS = {
    "D1-two-bodies": {"D3"},  # a second body leaves one open, which XML does not allow
    "H1-bare-sign": {"D3"},  # what is no HTML is no XML either
    "F6-unit-as-people-say": {"K1"},  # the other side keeps its unit
}
"""Rules that a fixture cannot help breaking as well."""
LINES = {
    "H1": 62,
    "D3": 97,
    "X3": 17,
    "X13": 28,
    "X15": 22,
    "X16": 15,
    "N3": 77,
    "K1": 71,
    "K2": 71,
    "F16": 91,
    "D1": 39,
    "D8": 38,
    "D9": 79,
    "M4": 7,
    "X4": 18,
    "X10": 28,
    "S1": 81,
    "F2": 49,
    "F8": 70,
    "F11": 52,
    "N1": 103,
}


def rules_broken(source: bytes) -> set[str]:
    """Return the rules that a template breaks in the strict profile, alone or put together with its parts."""
    found = {problem.rule for problem in check(source, "t.html", profile="mrrt")}
    try:
        problems = compose(source, "t.html", PARTS.get, every=True).problems
    except Refused as error:
        problems = error.problems
    return found | {problem.rule for problem in problems}


def wrong(path: Path, source: bytes) -> str:
    """Return what is wrong with the harness's expectation for a fixture, empty if it holds."""
    expected, found = {path.stem.split("-")[0]}, rules_broken(source)
    expected |= COMPANIONS.get(path.stem, set())
    return "" if found == expected else f"{path.name}: expected {expected}, found {found}"


def test_the_valid_template_has_no_problem() -> None:
    assert check(VALID, "valid.html") == ()
    assert check(VALID, "valid.html", profile="mrrt") == ()
    assert rules_broken(VALID) == set()


@pytest.mark.parametrize("path", BROKEN, ids=name_of)
def test_each_broken_template_breaks_its_rule(path: Path) -> None:
    assert wrong(path, path.read_bytes()) == ""


def test_the_harness_can_fail() -> None:
    assert "found set()" in wrong(BROKEN[0], VALID)


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert {path.stem.split("-")[0] for path in BROKEN} == set(RULES)


def test_every_rule_is_described() -> None:
    for rule in RULES.values():
        assert rule.description.endswith("."), rule.id
        assert rule.mend.endswith("."), rule.id
        assert re.fullmatch(r"[A-Z](, [A-Z])*", rule.source), rule.id
        assert rule.example, rule.id
        assert rule.composing or rule.find is not None, rule.id


def test_the_strict_profile_is_never_milder() -> None:
    order = [Severity.INFORMATION, Severity.WARNING, Severity.ERROR]
    assert [rule.id for rule in RULES.values() if order.index(rule.mrrt) < order.index(rule.tolerant)] == []


def test_a_rule_has_one_meaning_and_one_registration() -> None:
    with pytest.raises(ValueError, match="N5 is registered twice"):
        rule_of_composing("N5", "x.", source="R", example="x", mend="x.", severity=Severity.ERROR)
    assert {rule.id for rule in RULES.values() if rule.composing} == {"N3", "N5", "N6", "N7"}


@pytest.mark.parametrize("name", ["N5", "N6", "N7"])
def test_problems_of_composition_are_those_of_the_table(name: str) -> None:
    (path,) = (FIXTURES / "broken").glob(f"{name}-*.html")
    assert check(path.read_bytes(), profile="mrrt") == ()
    try:
        (problem,) = compose(path.read_bytes(), path.name, PARTS.get).problems
    except Refused as error:
        (problem,) = error.problems
    assert (problem.rule, problem.severity, problem.mend) == (name, RULES[name].tolerant, RULES[name].mend)


@pytest.mark.parametrize(("rule", "line"), LINES.items())
def test_lines(rule: str, line: int) -> None:
    (path,) = (FIXTURES / "broken").glob(f"{rule}-*.html")
    assert check(path.read_bytes(), path.name)[0].line == line


def test_columns() -> None:
    (path,) = (FIXTURES / "broken").glob("F8-*.html")
    (problem,) = check(path.read_bytes(), path.name)
    assert (problem.line, problem.column, problem.file) == (70, 13, path.name)


def test_all_problems_are_reported() -> None:
    body = (
        "<input><label for=gone>x</label><section><input id=a><input id=a style='color: red' onclick='f()'></section>"
    )
    found = [problem.rule for problem in check(page(body))]
    assert {"S4", "F8", "S1", "S2", "D9", "D8", "D7", "M2"} <= set(found)
    assert found.count("F8") == 3
    assert found.count("M2") == 7


def test_profiles_differ_in_severity_only() -> None:
    source = page("<section data-section-name=x><header>x</header><input id=a></section>")
    tolerant, strict = check(source), check(source, profile="mrrt")
    assert [(problem.rule, problem.line) for problem in tolerant] == [
        (problem.rule, problem.line) for problem in strict
    ]
    severity = {problem.rule: problem.severity for problem in tolerant}
    assert severity["D7"] is Severity.WARNING
    assert {problem.rule: problem.severity for problem in strict}["D7"] is Severity.ERROR


@pytest.mark.parametrize(
    ("body", "rule", "message"),
    [
        ("<input id=a><select id=b><option value=1>x</select>", "F10", 'shows "x" and stores "1"'),
        ("<input id=a type=number data-field-units=mmHg>", "F6", 'read as "mm[Hg]"'),
        ("<input id=a type=number date-field-units=mm>", "F6", "misspelt"),
        ("<input id=a type=number max=many>", "F7", 'max="many"'),
        ("<input id=a><label for=b>x</label>", "F8", 'for "b"'),
        ("<input name=a>", "F8", 'known as "a"'),
        ("<input id=a data-field-type=MAGIC>", "F2", '"MAGIC" is not known'),
        ("<input id=a><embed src='1.2.html'>", "N1", "of type"),
        ("<input id=a><embed src='./1.2.html' type=text/html>", "N1", 'other programs look for "1.2.html"'),
        ("<input id=a><embed src='1.2.XHTML' type=text/html>", "N1", 'other programs look for "1.2.html"'),
        ("<input id=a><embed src='../1.2.html' type=text/html>", "N1", "names no template"),
        ("<p>a</b><input id=a>", "H1", "</b> ends nothing"),
        ("<input id=a id=b>", "H1", '"id" is written twice'),
        ("<input id=a></input>", "H1", "</input> ends nothing"),
        ("<span/><input id=a>", "H1", "does not close itself"),
        ("<input id=a>&ouml;&uuml &foo;", "H1", "&uuml is no character reference"),
        ("<input id=a><div>", "H1", "while <div> of line 1 is open"),
        ("<table><div>x</div><tr><td><input id=a></table>", "H1", "<div> stands in a table"),
        ("<input id=a><select><option data-replacement-element-id=a data-template-uid=1.html>", "N2", "with .html"),
        ("<input id=a data-show-if='gone=1'>", "N4", 'there is no field "gone"'),
        ("<input id=a data-field-merge-flag=Y>", "F4", 'the merge flag is "Y"'),
        ("<input id=a data-field-signature-latitude=ALERT>", "F4", "name of the draft"),
        ("<input id=a_FreeText>", "F13", "no selection belongs"),
        ("<input id=a value=RDE196>", "F13", "is a code"),
        ("<input id=a><label>x</label>", "F9", "names no field"),
        ("<p id=p></p><input id=a><label for=p>x</label>", "F9", "which is no field"),
        ("<input id=a disabled>", "F16", "disabled"),
        ("<input id=a data-field-verbal-trigger=''>", "F5", "empty"),
        ("<input id=a><button>x</button><button>y</button>", "D11", "button is not permitted, and 1 more"),
        ("<input id=re_a type=number> mm <input id=li_a type=number> cm", "K1", "its unit: cm against mm"),
        (
            "<label for=a>Right size</label><input id=a> <label for=b>Left size</label><input type=date id=b>",
            "K1",
            "kind",
        ),
        ("<input id=a><a href='javascript:f()'>x</a>", "D8", "href of a"),
    ],
)
def test_messages(body: str, rule: str, message: str) -> None:
    assert any(message in problem.message for problem in check(page(body)) if problem.rule == rule)


CODED = '<script type="text/xml"><template_attributes>{}</template_attributes></script>'
CODE = (
    '<coded_content><entry ORIGTXT="a"><term><code meaning="{}" value="{}" scheme="{}"/></term></entry></coded_content>'
)


@pytest.mark.parametrize(
    ("field", "code", "message"),
    [
        ("<label for=a>Volume</label><input id=a type=number>", ("diameter", "1", "X"), 'coded as "diameter"'),
        ("<label for=a>Size left</label><input id=a>", ("size of right lobe", "1", "X"), "the other side"),
        ("<label for=a>x</label><input id=a type=number data-field-units=mm>", ("v", "cm/s", "UCUM"), "its unit is"),
        (
            "<label for=a>x</label><input id=a type=number data-field-units=mm>",
            ("volume", "1", "X"),
            'its unit is "mm"',
        ),
        ("<label for=a>Volume</label><input id=a type=number data-field-units=mL>", ("volume", "1", "X"), ""),
        ("<label for=a>Volume index</label><input id=a type=number data-field-units=mL/m2>", ("volume", "1", "X"), ""),
        ("<label for=a>x</label><input id=a type=number data-field-units=mm>", ("cm", "cm", "UCUM"), ""),
        ("<input id=a type=number data-field-units=mGy.cm>", ("CT Dose Length Product Total", "113813", "DCM"), ""),
    ],
)
def test_codes_against_labels_and_units(field: str, code: tuple[str, str, str], message: str) -> None:
    source = page(field, head=CODED.format(CODE.format(*code)))
    found = [problem.message for problem in check(source) if problem.rule == "K2"]
    assert bool(found) == bool(message)
    assert all(message in said for said in found)


@pytest.mark.parametrize(
    ("xml", "rule", "message"),
    [
        ("<top_level_flag>true</top_level_flag>", "X3", "spelled top_level_flag"),
        ("<top-level-flag>perhaps</top-level-flag>", "X3", '"perhaps"'),
        ("<provider-grouplist>A, B</provider-grouplist>", "X5", "spelled provider-grouplist"),
        ("<coding_schemes></coding_schemes>", "X6", "no coding scheme"),
        (
            "<term type='x'><code value='1' scheme='S' meaning='m'/><code value='2' scheme='S' meaning='m'/></term>",
            "X7",
            "2",
        ),
        ("<coded_content><entry ORIGTXT='a'/></coded_content>", "X10", "has no code"),
        ("<status>ACTIVE</status>", "X2", "no coded_content"),
        ("<term_set></term_set>", "X14", "term_set belongs to a draft"),
        ("<status>A &uuml; </status>", "X16", "not well-formed"),
    ],
)
def test_messages_about_the_xml_block(xml: str, rule: str, message: str) -> None:
    found = [problem for problem in check(page("<input id=a>", head=CODED.format(xml))) if problem.rule == rule]
    assert any(message in problem.message for problem in found)
    assert all(problem.line == 1 and problem.column for problem in found)


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_json_line_of_real_templates(path: Path) -> None:
    source = path.read_bytes()
    line = json.loads(json.dumps(json_line(path.name, *outlined(source, path.name))))
    assert len(line["fields"]) == independent_count(source)
    assert line["file"] == path.name
    assert all(problem["rule"] in RULES and problem["mend"] for problem in line["problems"])


def test_json_line() -> None:
    outline, problems = outlined(VALID, "valid.html")
    line = json_line("valid.html", outline, problems)
    assert list(line) == ["file", "identifier", "title", "dialect", "sections", "fields", "problems"]
    assert (line["identifier"], line["sections"], line["problems"]) == ("2.25.310452875106123", 4, [])
    assert line["fields"][1] == {"key": "quality", "kind": "select", "label": "Image quality", "line": 49}


def test_problems_in_a_json_line() -> None:
    path = next(path for path in BROKEN if path.name.startswith("X4"))
    outline, problems = outlined(path.read_bytes(), path.name)
    (problem,) = json_line(path.name, outline, problems)["problems"]
    assert list(problem) == ["rule", "severity", "line", "column", "field", "message", "mend"]
    assert (problem["rule"], problem["severity"], problem["line"]) == ("X4", "error", 18)


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_real_templates_are_fit_for_use(path: Path) -> None:
    template, problems = checked(path.read_bytes(), path.name)
    assert [str(problem) for problem in problems if problem.severity is Severity.ERROR] == []
    assert all(problem.field in template.field_by_key for problem in problems if problem.field)
    assert all(problem.line for problem in problems)


WITH_SECTIONS = {path.stem: path.read_bytes() for path in sorted(FIXTURES.rglob("*.html"))} | {
    "in-a-header": page("<section><header>A<section>B</section></header><input></section>").encode(),
    "in-a-noscript": page("<input><noscript><section>B</section></noscript>").encode(),
    "in-a-table": page("<table><tr><td><section>A<input></section></td></tr></table>").encode(),
    "in-a-caption": page("<table><caption><input><section>A</section></caption></table>").encode(),
    "in-a-row": page("<table><tr><section>A<input></section></tr></table>").encode(),
    "in-the-block": page("<input><coded_content><section>A</section></coded_content>").encode(),
    "in-a-list": page("<ul><li><section>A<section>B<input></section></section></li></ul>").encode(),
}
"""Templates, and sections in places where the content has them and in places where it does not."""


@pytest.mark.parametrize("name", WITH_SECTIONS)
def test_the_outline_is_that_of_the_template(name: str) -> None:
    source = WITH_SECTIONS[name]
    (outline, problems), (template, same) = outlined(source, name), checked(source, name)
    assert problems == same
    assert [*outline.fields] == [(field.key, field.kind, field.label, field.line) for field in template.fields]
    assert (outline.identifier, outline.title) == (template.identifier, template.title)
    assert (outline.dialect, outline.sections) == (template.dialect, len(template.sections))


def test_a_condition_that_cannot_hold_is_shown_at_its_place() -> None:
    select = '<select id="plaque"><option value="none">none</option><option value="soft">soft</option></select>'
    source = page(f'{select}\n<p data-show-if="plaque=sotf">x</p>')
    (found,) = [problem for problem in check(source) if problem.rule == "L20"]
    assert found.line is not None
    assert '"plaque" is never "sotf"' in found.message
    assert [one for one in check(source.replace("sotf", "soft")) if one.rule == "L20"] == []
