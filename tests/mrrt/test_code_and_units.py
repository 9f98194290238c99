"""Codes compare by scheme and value, normalised; units convert exactly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sr import _snomed_dict

from mrrt import units
from mrrt.code import Code, normalise, same_title
from mrrt.errors import UnitError
from mrrt.units import COMMON, canonical, convert, is_ucum, plain, same_dimension, ucum_of
from tests.conftest import ROOT


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
        (("SRT", "G-0371"), ("SCT", "408714007")),
        (("SRT", "R-404D5"), ("NCIt", "C25569")),
        (("SRT", "G-A109"), ("NCIt", "C25569")),
        (("SNM3", "G-A115"), ("SCT", "261089000")),
        (("SRT", "G-A116"), ("SRT", "R-42191")),
        (("DCM", "121111"), ("LN", "55112-7")),
        (("DCM", "121072"), ("LN", "19005-8")),
        (("2.16.840.1.113883.6.96", "86117002"), ("SCT", "86117002")),
        (("2.16.840.1.113883.6.1", "11726-7"), ("LN", "11726-7")),
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


@pytest.mark.parametrize(
    ("scheme", "value"), [("SRT", "T-UNKNOWN"), ("SRT", "T-40501"), ("99PMSBLUS", "C12000-05"), ("TSBus", "1")]
)
def test_unknown_and_private_codes_are_kept_as_they_came(scheme: str, value: str) -> None:
    code = Code.of(scheme, value, "?")
    assert (code.scheme, code.value) == (scheme, value)


def test_every_synonym_has_a_source_and_leads_to_an_end() -> None:
    text = (ROOT / "mrrt" / "data" / "synonyms.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert all(len(row) == 6 and all(row) for row in rows)
    assert all(normalise(*row[:2]) == normalise(*row[2:4]) == (row[2], row[3]) for row in rows)


def test_a_retired_title_stands_for_any_of_its_group() -> None:
    retired, carotid, renal = Code.of("DCM", "125100"), Code.of("LN", "24616-5"), Code.of("LN", "24534-0")
    assert same_title(retired, carotid)
    assert same_title(renal, retired)
    assert same_title(carotid, carotid)
    assert not same_title(carotid, renal)
    assert not same_title(retired, Code.of("DCM", "125000"))
    assert same_title(retired, Code.of("SRT", "P5-B0111"))


@pytest.mark.parametrize(
    ("unit", "scheme", "code"),
    [
        ("cm/s", "UCUM", "cm/s"),
        ("cm/sec", "UCUM", "cm/s"),
        ("cm/s", "99UNITS", "cm/s"),
        ("mmHg", "UCUM", "mm[Hg]"),
        ("bpm", "99UNITS", "/min"),
        ("ratio", "", "1"),
        ("mGycm", "UCUM", "mGy.cm"),
        ("CM/S", "UCUM", "cm/s"),
        ("CM/S", "99UNITS", None),
        ("m", "99UNITS", None),
        ("furlong", "99UNITS", None),
        ("furlong", "UCUM", "furlong"),
        ("{H.B.}/min", "UCUM", "{H.B.}/min"),
    ],
)
def test_spellings_of_units(unit: str, scheme: str, code: str | None) -> None:
    assert ucum_of(unit, scheme) == code


def test_every_spelling_leads_to_a_ucum_unit_and_says_its_source() -> None:
    text = (ROOT / "mrrt" / "data" / "units.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert all(len(row) == 4 and row[2] in ("any", "UCUM") and row[3] for row in rows)
    assert all(is_ucum(row[1]) for row in rows)
    assert len({row[0] for row in rows}) == len(rows)
    assert [row[:2] for row in rows if row[0] != row[1] and is_ucum(row[0])] == []


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


def test_units_are_read_by_several_threads_at_once() -> None:
    asked = ("cm", "mm", "cm/s", "mL", "m/s", "kg", "mGy.cm", "L/min") * 2
    for one in (units._registry, units._parsed, units._line, units.same_dimension):
        one.cache_clear()
    with ThreadPoolExecutor(len(asked)) as threads:
        found = list(threads.map(units._parsed, asked))
        assert None not in found
        assert set(threads.map(lambda _: convert(Decimal("1.2"), "cm", "mm"), asked)) == {Decimal(12)}
