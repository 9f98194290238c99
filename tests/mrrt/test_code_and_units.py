"""Codes compare by scheme and value, normalised; units convert exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sr import _snomed_dict

from mrrt.code import Code, normalise
from mrrt.errors import UnitError
from mrrt.units import COMMON, canonical, convert, is_ucum, plain, same_dimension


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("SRT", "T-45300"), ("SCT", "86117002")),
        (("SNM3", "T-45300"), ("SCT", "86117002")),
        (("99SDM", "T-45300"), ("SCT", "86117002")),
        (("SRT", "G-A188"), ("NCIt", "C25569")),
        (("SCT", "255561001"), ("NCIt", "C25569")),
        (("DCM", "121070"), ("LN", "59776-5")),
        (("SRT", "G-0372"), ("SCT", "408715008")),
        (("LOINC", "11726-7"), ("LN", "11726-7")),
        (("RADLEX", "http://radlex.org/RID/RID58"), ("RADLEX", "RID58")),
    ],
)
def test_codes_of_both_generations_are_one(old: tuple[str, str], new: tuple[str, str]) -> None:
    first, second = Code.of(*old, "one wording"), Code.of(*new, "another")
    assert first == second
    assert {first: "found"}[second] == "found"


def test_meaning_never_makes_codes_equal() -> None:
    assert Code.of("99PRIVATE", "1", "Peak Systolic Velocity") != Code.of("LN", "11726-7", "Peak Systolic Velocity")
    assert Code.of("SCT", "86117002") != Code.of("LN", "86117002")


def test_unknown_codes_are_kept_as_they_came() -> None:
    code = Code.of("SRT", "T-UNKNOWN", "?")
    assert (code.scheme, code.value) == ("SRT", "T-UNKNOWN")


def test_code_table_is_the_one_that_pydicom_carries() -> None:
    for value, concept in _snomed_dict.mapping["SRT"].items():
        assert normalise("SRT", value) == normalise("SCT", concept)


@given(st.text(max_size=8), st.text(max_size=8))
def test_normalising_twice_changes_nothing(scheme: str, value: str) -> None:
    once = normalise(scheme, value)
    assert normalise(*once) == once


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("2.67", "m/s", "cm/s", "267"),
        ("80.30", "cm/s", "cm/s", "80.30"),
        ("1.5", "cm", "mm", "15"),
        ("37", "Cel", "K", "310.15"),
        ("72", "{H.B.}/min", "/min", "72"),
        ("2.5", "{ratio}", "1", "2.5"),
        ("2.5", "{ratio}/1", "{ratio}", "2.5"),
        ("0.5", "1", "%", "50"),
    ],
)
def test_conversion(value: str, source: str, target: str, expected: str) -> None:
    assert str(convert(Decimal(value), source, target)) == expected


def test_different_dimensions_do_not_convert() -> None:
    assert not same_dimension("cm/s", "m")
    with pytest.raises(UnitError, match="different"):
        convert(Decimal(1), "cm/s", "kHz")
    with pytest.raises(UnitError, match="not a UCUM"):
        convert(Decimal(1), "furlong per fortnight", "cm/s")


@pytest.mark.parametrize("unit", sorted(COMMON))
def test_common_units_are_ucum(unit: str) -> None:
    assert same_dimension(unit, f"{{a note}}{unit}")
    assert convert(convert(Decimal(2), unit, f"10*3.{canonical(unit)}"), f"10*3.{canonical(unit)}", unit) == 2


def test_ucum() -> None:
    assert all(is_ucum(unit) for unit in ("cm/s", "mm[Hg]", "%", "1", "{ratio}", "deg"))
    assert not any(is_ucum(unit) for unit in ("cm per s", "sec", "?"))
    assert canonical("{ratio}/1") == "1"


@given(st.decimals(min_value=-1000, max_value=1000, places=3))
def test_conversion_there_and_back_is_exact(value: Decimal) -> None:
    assert convert(convert(value, "cm/s", "m/s"), "m/s", "cm/s") == value
    assert plain(value) == value
