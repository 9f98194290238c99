"""What the logic says of values, in German: why a unit is of no use, and how a contradiction is mended."""

from __future__ import annotations

import pytest

from mrrt.derive import derive
from mrrt.entry import start
from mrrt.problems import Problem, Severity
from mrrt.report import Provenance, Value
from reporting.value_words import values_said
from tests.mrrt.tiny import TEMPLATE, logic


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("kg", "„kg“ und „cm/s“ messen Verschiedenes und lassen sich nicht umrechnen"),
        ("furlong", "„furlong“ ist keine UCUM-Einheit"),
    ],
)
def test_why_a_unit_is_of_no_use_in_german(unit: str, said: str) -> None:
    value = Value(value="200", unit=unit, provenance=Provenance.IMPORTED)
    report = derive(start(TEMPLATE).fill({"right_psv": value}), TEMPLATE, logic())
    (problem,) = values_said(report.problems, TEMPLATE, "de")
    assert problem.message == f"right psv: der Wert geht in keine Berechnung ein: {said}"
    (english,) = values_said(report.problems, TEMPLATE, "en")
    assert english.message.startswith("right psv: the value is not used in calculations: ")


def test_the_mend_of_a_contradiction_in_german() -> None:
    found = Problem(
        rule="V5", severity=Severity.ERROR, message="Größer als das Ganze.", mend="Correct one of the values."
    )
    (said,) = values_said((found,), TEMPLATE, "de")
    assert (said.message, said.mend) == ("Größer als das Ganze.", "Einen der Werte berichtigen.")
