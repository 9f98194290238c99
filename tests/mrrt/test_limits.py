"""The limits of a number's control (HTML min and max), which a template states without any logic of its own.

1. A value beyond a limit stays what it is, is told of, and counts for nothing that is calculated.
2. Limits are in the unit of the field, whatever unit the value or the logic has.
3. What the logic calls plausible is asked in their place; reversed limits limit nothing; a default is no exception.
4. It is told in the language of the report.
"""

from __future__ import annotations

import pytest

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.logic import load_logic, own_logic
from mrrt.parse import parse
from mrrt.report import Provenance, Report, Value
from mrrt.template import Template
from reporting.value_words import values_said

LOGIC = """
template: 1.2.3
version: "1"
inputs:
  height: {unit: m}
calculated:
  squared: height * height
"""


def template(**attributes: str) -> Template:
    stated = " ".join(f'{name}="{text}"' for name, text in attributes.items())
    page = f"""<html><head><title>T</title><meta name="dcterms.identifier" content="1.2.3"></head><body>
<label for="height">Height</label><input type="number" id="height" data-field-units="m" {stated}>
<label for="squared">Squared</label><input type="number" id="squared" data-field-units="m2"></body></html>"""
    return parse(page.encode(), "t.html")


def filled(shape: Template, value: Value, logic: str = LOGIC) -> Report:
    return derive(start(shape).fill({"height": value}), shape, load_logic(logic, "logic.yaml", shape))


def measured(text: str, unit: str = "m") -> Value:
    return Value(value=text, unit=unit, provenance=Provenance.IMPORTED)


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("175", "m", "175 m is above what the template allows (3 m)"),
        ("3.01", "m", "3.01 m is above what the template allows (3 m)"),
        ("301", "cm", "3.01 m is above what the template allows (3 m)"),
        ("0.2", "m", "0.2 m is below what the template allows (0.3 m)"),
        ("-1", "m", "-1 m is below what the template allows (0.3 m)"),
        ("3", "m", None),
        ("0.30", "m", None),
        ("175", "cm", None),
    ],
)
def test_beyond_a_limit(text: str, unit: str, said: str | None) -> None:  # 1, 2
    done = filled(template(min="0.3", max="3"), measured(text, unit))
    assert done.imported["height"].value == text
    assert ("squared" in done.calculated) is (said is None)
    messages = [(one.rule, one.field, one.message) for one in done.problems]
    assert messages == ([("V3", "height", f"{said} and is not used in calculations")] if said else [])


def test_in_the_unit_of_the_field_whatever_the_logic_has() -> None:  # 2
    logic = LOGIC.replace("unit: m}", "unit: cm}").replace("height * height", "height * height / 10000")
    shape = template(max="3")
    assert filled(shape, measured("2.5"), logic).problems == ()
    assert [one.rule for one in filled(shape, measured("3.5"), logic).problems] == ["V3"]


def test_one_limit_alone() -> None:  # 1
    for limits, beyond in (({"min": "1"}, "0"), ({"max": "1"}, "2")):
        assert [one.rule for one in filled(template(**limits), measured(beyond)).problems] == ["V3"]
        assert filled(template(**limits), measured("1")).problems == ()


def test_plausible_goes_first() -> None:  # 3
    logic = LOGIC.replace("unit: m}", 'unit: m, plausible: "[0..200]"}')
    assert filled(template(max="3"), measured("175"), logic).problems == ()
    (problem,) = filled(template(max="3"), measured("201"), logic).problems
    assert "is outside what is plausible" in problem.message


def test_reversed_limits_and_none() -> None:  # 3
    for attributes in ({"min": "3", "max": "0.3"}, {"min": "", "max": ""}, {"min": "few", "max": "any"}, {}):
        assert filled(template(**attributes), measured("175")).problems == ()


def test_what_is_typed_and_what_stands_by_default() -> None:  # 3
    shape = template(min="1", max="3", value="0")
    logic = load_logic(LOGIC, "logic.yaml", shape)
    begun = derive(start(shape), shape, logic)
    assert [one.rule for one in begun.problems] == ["V3"]
    typed = derive(begun.edit({"height": entered(shape.field_by_key["height"], "1,75")}), shape, logic, {"height"})
    assert typed.problems == () and typed.calculated["squared"].value == "3.0625"
    again = derive(typed.edit({"height": entered(shape.field_by_key["height"], "175")}), shape, logic, {"height"})
    assert [one.rule for one in again.problems] == ["V3"] and "squared" not in again.calculated


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3.5", "Height: 3,5 m liegt über dem, was die Vorlage zulässt (3 m), und geht in keine Berechnung ein."),
        ("0.1", "Height: 0,1 m liegt unter dem, was die Vorlage zulässt (0,3 m), und geht in keine Berechnung ein."),
    ],
)
def test_in_german(text: str, said: str) -> None:  # 4
    shape = template(min="0.3", max="3")
    (problem,) = values_said(filled(shape, measured(text)).problems, shape, "de")
    assert (problem.message, problem.mend) == (said, "Wert und Einheit prüfen.")


def test_without_logic_of_its_own() -> None:  # 1
    shape = template(max="3")
    done = derive(start(shape).fill({"height": measured("175")}), shape, own_logic(shape))
    assert [(one.rule, one.message) for one in done.problems] == [
        ("V3", "175 m is above what the template allows (3 m) and is not used in calculations")
    ]
