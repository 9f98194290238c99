"""Numbers: read where they can mean only one thing, otherwise kept and reported (rules in sr_import.numbers)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from mrrt.report import DataAbsentReason
from sr_import import read
from sr_import.numbers import Comma, read_number
from tests.sr_import.broken import ICA, PLACE, changed, chosen, lost
from tests.sr_writer import CODES, Carotid, text, write


@pytest.mark.parametrize("sent", ["10.50", "+7", "1e2", "-3.", ".5", "007.10", "6.8e+02", "0"])
def test_plain_numbers_stay_as_they_are(sent: str) -> None:
    assert read_number(sent) == (sent, None, "", "", None)


@pytest.mark.parametrize(
    ("sent", "value"),
    [("336,0", "336.0"), ("-0,5", "-0.5"), ("1,2345", "1.2345"), ("3,89491200000000000", "3.89491200000000000")],
)
def test_rule_1_a_comma_that_can_only_be_a_decimal_comma(sent: str, value: str) -> None:
    assert read_number(sent)[:3] == (value, None, "SR16")


@pytest.mark.parametrize("sent", ["1,234", "0,125", "1.234,5", "1,234.5", "1,2,3", ",5", "5,", "1,5e2", "1 234", "<5"])
def test_rules_1_and_5_whatever_could_mean_two_things_is_no_number(sent: str) -> None:
    assert read_number(sent)[:3] == (None, DataAbsentReason.ERROR, "SR05")


@pytest.mark.parametrize(
    ("sent", "comma", "value"),
    [("1,234", "decimal", "1.234"), ("1,234", "thousands", "1234"), ("1,234.5", "thousands", "1234.5")],
)
def test_rule_1_a_profile_says_what_a_comma_means(sent: str, comma: Comma, value: str) -> None:
    assert read_number(sent, comma)[:3] == (value, None, "SR16")
    assert read_number("33,5", "thousands").value is None


def test_rule_2_more_characters_than_allowed() -> None:
    sent = "3.8949120000000000001"
    assert read_number(sent)[:3] == (sent, None, "SR16")
    assert read_number("9" * 65).value is None


@pytest.mark.parametrize(("sent", "count"), [("1\\2", 2), ("10.50/ 15.00", 2), ("50\\50\\50", 3), ("120/80", 2)])
def test_rule_3_of_several_values_none_is_taken(sent: str, count: int) -> None:
    found = read_number(sent)
    assert found[:3] == (None, DataAbsentReason.UNSUPPORTED, "SR04")
    assert f"{count} values" in found.words


@pytest.mark.parametrize(
    ("sent", "value", "unit"),
    [
        ("2.67 m/s", "2.67", "m/s"),
        ("267cm/s", "267", "cm/s"),
        ("2,67 m/sec", "2.67", "m/s"),
        ("45 %", "45", "%"),
        ("80 mmHg", "80", "mm[Hg]"),
    ],
)
def test_rule_4_a_number_with_its_unit(sent: str, value: str, unit: str) -> None:
    found = read_number(sent)
    assert (found.value, found.rule, found.unit) == (value, "SR16", unit)


@pytest.mark.parametrize("sent", ["3 m", "5 d", "2.67 knots", "2 left", "1,234 m/s", "m/s", "1.2.3 m/s"])
def test_rule_4_no_unit_that_is_not_certain(sent: str) -> None:
    assert read_number(sent)[:3] == (None, DataAbsentReason.ERROR, "SR05")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("NaN", DataAbsentReason.NOT_A_NUMBER),
        ("-Infinity", DataAbsentReason.NEGATIVE_INFINITY),
        ("INF", DataAbsentReason.POSITIVE_INFINITY),
    ],
)
def test_what_is_no_number_says_so(sent: str, reason: DataAbsentReason) -> None:
    assert read_number(sent).absent is reason


@given(st.text(alphabet="0123456789.,+-eE/\\ %cmsNa", max_size=20), st.sampled_from([None, "decimal", "thousands"]))
def test_what_is_read_is_always_a_number(sent: str, comma: Comma | None) -> None:
    found = read_number(sent, comma)
    assert (found.value is None) == (found.absent is not None)
    assert found.value is None or Decimal(found.value).is_finite()


@given(st.decimals(min_value=0, max_value=9999, places=2))
def test_a_decimal_comma_reads_as_its_point(value: Decimal) -> None:
    assert read_number(f"{value:f}".replace(".", ",")).value == f"{value:f}"


# In a document ----------------------------------------------------------------------------------------------------


def test_what_was_sent_is_kept_beside_the_value() -> None:
    found = next(one for one in read(write(lost("336,0"))).measurements if one.selection and one.received)
    assert (found.value, found.received, found.unit, found.ucum) == ("336.0", "336,0", "cm/s", "cm/s")


@pytest.mark.parametrize(
    ("sent", "value", "rule"), [("336 cm/s", "336", "SR16"), ("336 cm/sec", "336", "SR16"), ("3.36 m/s", None, "SR05")]
)
def test_a_unit_in_the_text_must_not_contradict_the_item(sent: str, value: str | None, rule: str) -> None:
    document = read(write(lost(sent)))
    found = next(one for one in document.measurements if one.received == sent)
    assert (found.value, [problem.rule for problem in document.problems]) == (value, [rule])


def test_a_unit_in_the_text_serves_where_the_item_has_none() -> None:
    place = {PLACE: "3.36 m/s"}
    document = read(write(Carotid(velocities=ICA, ratios={}, lost=place, without_unit=True)))
    found = next(one for one in document.measurements if one.received)
    assert (found.value, found.unit, found.ucum) == ("3.36", "m/s", "m/s")


@pytest.mark.parametrize(
    ("unit", "scheme", "ucum", "rule"),
    [
        ("cm/sec", "UCUM", "cm/s", "SR17"),
        ("cm/s", "99UNITS", "cm/s", "SR09"),
        ("knots", "99UNITS", None, "SR09"),
        ("knots", "UCUM", "knots", ""),
    ],
)
def test_units_are_kept_as_sent_with_what_they_mean(unit: str, scheme: str, ucum: str | None, rule: str) -> None:
    document = read(write(Carotid(velocities=ICA, ratios={}, unit=unit, unit_scheme=scheme)))
    assert {(one.unit, one.unit_scheme, one.ucum) for one in document.measurements} == {(unit, scheme, ucum)}
    assert {problem.rule for problem in document.problems} == ({rule} if rule else set())


def test_a_text_that_is_a_number_with_its_unit_is_a_measurement_of_its_own_kind() -> None:
    document = read(changed(lambda root: _add_texts(root, "2.67 m/s", "severe", "3")))
    assert [(one.value, one.ucum, one.received) for one in document.text_measurements] == [("2.67", "m/s", "2.67 m/s")]
    (found,) = document.text_measurements
    assert (found.laterality, found.site and found.site.value) == ("right", "119568004")
    assert found not in document.measurements
    assert [one.text for one in document.findings] == ["2.67 m/s", "severe", "3"]


def _add_texts(root: Dataset, *words: str) -> None:
    section = root.ContentSequence[4]
    for word in words:
        section.ContentSequence.append(text("CONTAINS", CODES["psv"], word))
    assert chosen(root) is not None
