"""What a reader may enter into a field, and what a report lacks before signing."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.entry import completion, entered, start
from mrrt.entry_texts import TEXTS, in_language
from mrrt.errors import NotHeld, UsageError
from mrrt.problems import Severity
from mrrt.report import DataAbsentReason, Provenance
from mrrt.template import Field, FieldKind

from .tiny import TEMPLATE, choice, edit, number, report, standing

FIELDS = {
    "number": number("n"),
    "bare": number("n", None),
    "ratio": number("r", "1"),
    "select": choice("s", "none", "present"),
    "several": Field(key="m", kind=FieldKind.SELECT_MULTIPLE, choices=choice("x", "a", "b").choices),
    "checkbox": Field(key="c", kind=FieldKind.CHECKBOX),
    "date": Field(key="d", kind=FieldKind.DATE),
    "time": Field(key="t", kind=FieldKind.TIME),
    "text": Field(key="x", kind=FieldKind.TEXT),
}


@pytest.mark.parametrize(
    ("field", "raw", "value", "unit"),
    [
        ("number", "120", "120", "cm/s"),
        ("number", "120.50", "120.50", "cm/s"),
        ("number", "120,5", "120.5", "cm/s"),
        ("number", 1e300, "1" + "0" * 300, "cm/s"),
        ("number", 10**400, "1" + "0" * 400, "cm/s"),
        ("bare", 0.00001, "0.00001", None),
        ("bare", 0.0, "0.0", None),
        ("bare", "3 eV", "3", "eV"),
        ("number", "1,8 m/s", "180", "cm/s"),
        ("number", "000180", "180", "cm/s"),
        ("number", "-00,50", "-0.50", "cm/s"),
        ("number", "+007", "7", "cm/s"),
        ("number", "1.005", "1.005", "cm/s"),
        ("number", "00", "0", "cm/s"),
        ("number", "0,125", "0.125", "cm/s"),
        ("number", "1,2340", "1.2340", "cm/s"),
        ("number", "1.234", "1.234", "cm/s"),
        ("number", "−50", "-50", "cm/s"),
        ("number", 120, "120", "cm/s"),
        ("number", "120cm/s", "120", "cm/s"),
        ("bare", "3", "3", None),
        ("bare", "5 10*3/uL", "5", "10*3/uL"),
        ("bare", "5 /100{WBC}", "5", "/100{WBC}"),
        ("bare", "120 mmHg", "120", "mm[Hg]"),
        ("number", "120 cm/sec", "120", "cm/s"),
        ("ratio", "3.5", "3.5", "1"),
        ("ratio", "50 %", "0.5", "1"),
        ("select", "present", "present", None),
        ("several", ["a", "b"], ("a", "b"), None),
        ("several", "a", ("a",), None),
        ("several", ["b", "a", "b"], ("b", "a"), None),
        ("checkbox", "yes", True, None),
        ("checkbox", False, False, None),
        ("date", "2026-01-31", "2026-01-31", None),
        ("time", "14:30", "14:30", None),
        ("time", "14:30:00", "14:30", None),
        ("time", "14:30:59", "14:30:59", None),
        ("time", "14:30:59.25", "14:30:59", None),
        ("time", "7:05", "07:05", None),
        ("time", "7:05:09", "07:05:09", None),
        ("text", "two\r\nlines", "two\nlines", None),
    ],
)
def test_accepted(field: str, raw: Any, value: Any, unit: str | None) -> None:
    got = entered(FIELDS[field], raw)
    assert (got.value, got.unit, got.provenance) == (value, unit, Provenance.TYPED)


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_is_a_typed_absence(field: str) -> None:
    assert entered(FIELDS[field], "").absent is DataAbsentReason.UNKNOWN
    assert entered(FIELDS[field], None, absent="not-performed").absent is DataAbsentReason.NOT_PERFORMED


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("number", "fast"),
        ("number", "1.234,5"),
        ("number", "1,234"),
        ("number", "-12,345 cm/s"),
        ("number", "120 kHz"),
        ("number", "120 nonsense"),
        ("number", "10/12"),
        ("bare", "1e-05"),
        ("bare", "1 E5"),
        ("bare", "5-6"),
        ("bare", "120/80"),
        ("bare", "3 lesions"),
        ("bare", "3?"),
        ("ratio", "4 6"),
        ("ratio", "120/80"),
        ("ratio", "3 4,5"),
        ("number", "1e5"),
        ("number", True),
        ("select", "maybe"),
        ("select", ["none"]),
        ("several", ["a", "z"]),
        ("checkbox", "perhaps"),
        ("date", "31.01.2026"),
        ("time", "half past two"),
        ("time", "14:30+02:00"),
        ("time", "14:30Z"),
        ("time", "14.30"),
        ("time", "14"),
        ("time", "1430"),
        ("time", "24:00"),
        ("time", "7:05:61"),
        ("text", 5),
    ],
)
def test_refused_with_what_would_be_accepted(field: str, raw: Any) -> None:
    with pytest.raises(NotHeld, match=FIELDS[field].key) as caught:
        entered(FIELDS[field], raw)
    assert not caught.value.wrong.endswith(".") and caught.value.mend.endswith(".")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1,234", "1.234"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("0.125", "0.125"),
        ("1.2345", "1.2345"),
        (1.234, "1.234"),
    ],
)
def test_a_number_written_in_german(raw: Any, value: str) -> None:
    assert entered(FIELDS["number"], raw, language="de").value == value


@pytest.mark.parametrize("raw", ["1.234", "-12.345 cm/s"])
def test_a_point_that_may_group_thousands_is_asked_about_in_german(raw: str) -> None:
    with pytest.raises(NotHeld, match=r"the point of .* may group thousands") as caught:
        entered(FIELDS["number"], raw, language="de")
    assert "der Punkt in" in in_language(caught.value, "de")[0]
    assert entered(FIELDS["number"], raw, language="en") == entered(FIELDS["number"], raw)


@pytest.mark.parametrize("raw", ["1 200", "1\u202f200", "1\xa0200", "1'200", "1’200"])
@pytest.mark.parametrize("field", ["number", "bare", "ratio"])
def test_groups_of_digits_are_asked_about(field: str, raw: str) -> None:
    for written, plain in ((raw, "1200"), (f"-{raw},5 cm/s", "-1200,5"), (f"{raw} 000", "1200000")):
        with pytest.raises(NotHeld, match="stand in groups") as caught:
            entered(FIELDS[field], written)
        assert caught.value.mend == f"Enter {plain}, without groups."


def test_value_and_reason_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="exclude"):
        entered(FIELDS["number"], "1", absent="unknown")
    with pytest.raises(UsageError, match="no data absent reason"):
        entered(FIELDS["number"], "", absent="lost")


def test_defaults_lie_beneath_everything() -> None:
    with_default = TEMPLATE.model_copy(
        update={"fields": (choice("s", "none", "present", default="present"), choice("t", "none", default="-"))}
    )
    draft = start(with_default)
    assert (standing(draft, "s"), draft.value("t")) == ("present", None)
    assert draft.value("s").provenance is Provenance.DEFAULT  # type: ignore[union-attr]


def test_completion_names_what_is_missing() -> None:
    draft = report(plaque="present")
    missing = {problem.field: problem.severity for problem in completion(draft, TEMPLATE)}
    assert missing == {"conclusion": Severity.ERROR, "character": Severity.ERROR}
    assert completion(edit(draft, conclusion="done", character="soft"), TEMPLATE) == ()
    assert [problem.field for problem in completion(edit(draft, plaque="none"), TEMPLATE)] == ["conclusion"]


def test_completion_speaks_the_language_of_the_report() -> None:
    german = report().model_copy(update={"language": "de"})
    assert [problem.message for problem in completion(german, TEMPLATE)] == ['"Fazit" muss ausgefüllt werden']


@given(st.text(max_size=30))
def test_a_number_field_takes_any_text_or_says_why_not(text: str) -> None:
    try:
        value = entered(FIELDS["number"], text)
    except UsageError as error:
        assert any(said in str(error) for said in ("takes a number", "measured in", "may group thousands", "in groups"))
    else:
        assert value.value is None or float(str(value.value)) is not None


@pytest.mark.parametrize(
    ("field", "raw", "german"),
    [
        ("number", "schnell", '"n" nimmt eine Zahl, nicht "schnell". Eine Zahl wie 120 oder 1,8 m/s eingeben.'),
        ("number", "3 kg", '"n" wird in cm/s gemessen, was hier nicht passt ("3 kg").'),
        ("number", "1,234", "1234 eingeben, oder 1,2340 für ein Dezimalkomma."),
        ("date", "gestern", "nimmt ein Datum"),
        ("select", "blau", 'bietet "blau" nicht an'),
    ],
)
def test_a_refusal_speaks_german(field: str, raw: str, german: str) -> None:
    with pytest.raises(NotHeld) as refused:
        entered(FIELDS[field], raw)
    assert german in ". ".join(in_language(refused.value, "de"))
    assert in_language(refused.value, "fr") == (refused.value.wrong, refused.value.mend)


def test_every_refusal_has_the_same_gaps_in_every_language() -> None:
    gaps = {
        kind: {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} - {"why"}
        for kind, texts in TEXTS["en"].items()
    }
    for language, kinds in TEXTS.items():
        assert kinds.keys() == gaps.keys(), language
        for kind, texts in kinds.items():
            found = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
            assert gaps[kind] <= found <= gaps[kind] | {"why", "given"}, (language, kind)
