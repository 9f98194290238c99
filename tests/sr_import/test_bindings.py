"""A bindings file is taken whole or refused whole, with every problem, its line and how to mend it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mrrt.code import Code
from mrrt.errors import Refused
from mrrt.template import Field, FieldKind, Template
from sr_import import load_bindings
from sr_import.bindings import Choose, Counted, Repeat, Within
from sr_import.rules import RULES

HEAD = """\
template: 1.2.3
version: "1"
codes:
  psv: {scheme: LN, value: 11726-7, meaning: Peak systolic velocity}
  ica: {scheme: SRT, value: T-45300}
  bulb: {scheme: SCT, value: 21479005}
  prox: {scheme: SCT, value: 40415009}
bindings:
"""
FIELDS = ("a", "b", "right_psv", "left_psv")
TEMPLATE = Template(
    identifier="1.2.3",
    title="",
    fields=(
        *(Field(key=key, kind=FieldKind.NUMBER, unit="cm/s") for key in FIELDS),
        Field(key="note", kind=FieldKind.TEXT),
    ),
)


def load(entries: str, head: str = HEAD, template: Template | None = TEMPLATE):
    return load_bindings(head + entries, "bindings.yaml", template)


def test_a_full_binding() -> None:
    (binding,) = load(
        "  a: {code: psv, site: [ica, bulb], laterality: right, segment: [prox, none], unit: m/s, choose: highest,\n"
        "      repeats: [mean, first], plausible: [0.05, 7], magnitude: true, flags: {bulb: bulb_value_used}}\n"
    ).bindings
    assert binding.sites == (Code.of("SCT", "86117002"), Code.of("SCT", "21479005"))
    assert binding.segments == (Code.of("SCT", "40415009"), None)
    assert (binding.choose, binding.repeats) == (Choose.HIGHEST, (Repeat.MEAN, Repeat.FIRST))
    assert binding.plausible == (Decimal("0.05"), Decimal(7))
    assert binding.flags == {Code.of("SCT", "21479005"): "bulb_value_used"}


def test_the_defaults() -> None:
    (binding,) = load("  a: {code: psv, unit: cm/s}\n").bindings
    assert (binding.sites, binding.segments, binding.laterality) == ((), None, None)
    assert (binding.choose, binding.magnitude, binding.plausible) == (Choose.ONLY, False, None)
    assert binding.repeats == (Repeat.SELECTED, Repeat.MEAN, Repeat.ONLY)


def test_a_container_by_its_number_and_a_count() -> None:
    loaded = load(
        "  a: {code: psv, unit: cm/s, within: {container: ica, number: '3', known by: prox}}\n"
        "  note: {finding: psv, within: {container: ica, number: 12}}\n"
        "  b: {count: ica}\n"
    )
    ica = Code.of("SCT", "86117002")
    assert loaded.bindings[0].within == Within(container=ica, number=3, known_by=Code.of("SCT", "40415009"))
    assert loaded.findings[0].within == Within(container=ica, number=12)
    assert (loaded.counts[0].container, loaded.fields) == (ica, ("a", "note", "b"))


def test_a_total_of_containers() -> None:
    (binding,) = load("  a: {code: psv, unit: cm/s, total of: {container: ica, known by: prox}}\n").bindings
    assert binding.total_of == Counted(container=Code.of("SCT", "86117002"), known_by=Code.of("SCT", "40415009"))


def test_laterality_is_written_once() -> None:
    text = '  "{side}_psv": {code: psv, laterality: "{side}", unit: cm/s}\nfor each:\n  side: [right, left]\n'
    assert [(one.field, one.laterality) for one in load(text).bindings] == [
        ("right_psv", "right"),
        ("left_psv", "left"),
    ]


NO_NUMBERS = ("0", "-1", "1.5", "true", "third", "10000", "[1]", '"{n}"', "\u0663")
BROKEN = {
    "SB01": [
        "  a: {code: psv, unit: cm/s, sight: ica}\n",
        "  a: {code: psv, unit: cm/s, within: {container: ica, number: 1, nummer: 2}}\n",
        "  a: {count: ica, unit: cm/s}\n",
    ],
    "SB02": [
        "  a: {code: psv}\n",
        "  a: {unit: cm/s}\n",
        "  a: {code: psv, unit: cm/s, within: {container: ica}}\n",
        "  a: {code: psv, unit: cm/s, total of: {container: ica}}\n",
        "  a: {code: psv, unit: cm/s, within: {number: 1}}\n",
    ],
    "SB03": [
        "  a: psv\n",
        "  a: {code: [psv], unit: cm/s}\n",
        "  a: {code: psv, unit: cm/s, plausible: [7, 5]}\n",
        "  a: {code: psv, unit: cm/s, plausible: 5}\n",
        "  a: {code: psv, unit: cm/s, plausible: [nan, 5]}\n",
        "  a: {code: psv, unit: cm/s, segment: []}\n",
        "  a: {code: psv, unit: cm/s, site: []}\n",
        "  a: {code: psv, unit: cm/s, repeats: []}\n",
        "  a: {code: psv, unit: cm/s, magnitude: maybe}\n",
        "  a: {code: psv, unit: cm/s, flags: bulb}\n",
        "  a: {code: psv, unit: cm/s, same sample as: [b]}\n  b: {code: psv, unit: cm/s}\n",
        "  a: {code: psv, unit: cm/s, within: ica}\n",
        "  a: {code: psv, unit: cm/s, total of: ica}\n",
        *(f"  a: {{code: psv, unit: cm/s, within: {{container: ica, number: {number}}}}}\n" for number in NO_NUMBERS),
        "  a: {count: [ica]}\n",
    ],
    "SB04": [
        "  a: {code: psw, unit: cm/s}\n",
        "  a: {code: psv, site: [ica, eca], unit: cm/s}\n",
        "  a: {code: psv, unit: cm/s, within: {container: eca, number: 1}}\n",
        "  a: {code: psv, unit: cm/s, within: {container: ica, number: 1, known by: uid}}\n",
        "  a: {count: eca}\n",
    ],
    "SB05": ["  c: {code: psv, unit: cm/s}\n"],
    "SB06": ["  a: {code: psv, unit: furlong per week}\n"],
    "SB07": ["  a: {code: psv, unit: cm}\n"],
    "SB08": [
        "  a: {code: psv, unit: cm/s, choose: best}\n",
        "  a: {code: psv, unit: cm/s, repeats: [newest]}\n",
        "  a: {code: psv, unit: cm/s, laterality: rigth}\n",
    ],
    "SB11": ["  a: {finding: psv}\n", "  note: {count: ica}\n"],
    "SB09": [
        "  a: {code: psv, unit: cm/s, same sample as: d}\n",
        "  a: {code: psv, unit: cm/s, same sample as: a}\n",
    ],
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in BROKEN.items() for text in texts])
def test_each_rule_is_refused_at_its_line(rule: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        load(text)
    found = [problem for problem in refused.value.problems if problem.rule == rule]
    assert len(found) == 1
    for problem in found:
        assert (problem.file, problem.line) == ("bindings.yaml", 9)
        assert problem.mend and problem.message.endswith(".")


@pytest.mark.parametrize(("old", "new", "line"), [("scheme: LN,", "sheme: LN,", 4), ("version: ", "revision: ", 2)])
def test_unknown_keys_are_refused_everywhere(old: str, new: str, line: int) -> None:
    with pytest.raises(Refused) as refused:
        load("  a: {code: psv, unit: cm/s}\n", HEAD.replace(old, new))
    assert ("SB01", line) in [(problem.rule, problem.line) for problem in refused.value.problems]


def test_bindings_for_another_template_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        load("  a: {code: psv, unit: cm/s}\n", HEAD.replace("1.2.3", "1.2.4"))
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [("SB10", 1)]


def test_every_rule_of_the_table_has_a_broken_file() -> None:
    assert {*BROKEN, "SB10"} == {rule.id for rule in RULES if rule.id.startswith("SB")}


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        load("  a: {code: psw, unit: cm}\n  c: {code: psv}\n")
    assert sorted(problem.rule for problem in refused.value.problems) == ["SB02", "SB04", "SB05", "SB07"]


def test_a_misspelt_word_gets_a_suggestion() -> None:
    with pytest.raises(Refused, match="close to it: ica"):
        load("  a: {code: psv, unit: cm/s, site: icaa}\n")


@pytest.mark.parametrize(
    "text", ["codes: {}\n", "template: 1.2.3\nversion: 1\ncodes: []\nbindings: {}\n", "- a\n", "a: [\n"]
)
def test_files_of_another_shape_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        load_bindings(text, "bindings.yaml", None)


def test_without_a_template_fields_are_not_checked() -> None:
    assert load("  z: {code: psv, unit: mm}\n", template=None).bindings[0].field == "z"
