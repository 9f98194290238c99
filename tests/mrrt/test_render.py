"""Reports as people and programs read them: nothing empty, nothing lost, the same bytes each time."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from mrrt.entry import start
from mrrt.errors import UsageError
from mrrt.parse import parse
from mrrt.render import FORMATS, display, render
from mrrt.render.ties import pieces
from mrrt.report import Patient, ReportStatus, Study, Value
from mrrt.serialise import serialise
from mrrt.template import Cell, Field, FieldKind, FieldPlace, Row, Table, Template

from .tiny import TEMPLATE, report

FILLED = report(right_psv="240.5", plaque="present", character="soft <b>&amp;", conclusion="one\ntwo").model_copy(
    update={
        "patient": Patient(name="DOE^JANE", identifier="7", birth_date="1950-01-01"),
        "study": Study(date="2026-03-01"),
    }
)


def text(language: str = "en") -> str:
    return render(FILLED.model_copy(update={"language": language}), TEMPLATE, "text").decode()


def test_text_follows_the_page_and_leaves_out_what_is_empty() -> None:
    assert text().splitlines()[7:18] == [
        "Findings",
        "--------",
        "       Right",
        "-----  ----------",
        "ICA    240.5 cm/s",
        "Grade  is severe",
        "",
        "Plaque: is present",
        "Character: soft <b>&amp;",
        "",
        "Impression",
    ]
    assert "Left" not in text()


def test_heading_and_signature() -> None:
    assert "Patient: DOE, JANE, born 1950-01-01, ID 7" in text()
    assert text().endswith("DRAFT - not signed\n")
    signed = FILLED.model_copy(
        update={"status": ReportStatus.FINAL, "signed_by": "Dr. Roe", "signed_at": "2026-03-01T10:00:00Z"}
    )
    assert render(signed, TEMPLATE, "text").decode().endswith("Signed by Dr. Roe, 2026-03-01 10:00 UTC\n")


@pytest.mark.parametrize(
    ("sex", "language", "said"),
    [("F", "en", "female"), ("M", "de", "männlich"), ("F", "de", "weiblich"), ("O", "de", "divers"), ("X", "de", "X")],
)
def test_sex_is_a_word(sex: str, language: str, said: str) -> None:
    patient = FILLED.patient.model_copy(update={"sex": sex})
    report = FILLED.model_copy(update={"patient": patient, "language": language})
    assert f"1950, {said}, ID 7" in render(report, TEMPLATE, "text").decode().replace("1950-01-01", "01.01.1950")


def test_german() -> None:
    german = text("de")
    assert "Befund\n------" in german
    assert "240,5 cm/s" in german
    assert "Fazit: one" in german
    assert "ENTWURF" in german
    assert "geb. 01.01.1950" in german
    assert "Untersuchung: 01.03.2026" in " ".join(german.split())


@pytest.mark.parametrize("kept", ["110 cm/s", "-3,5 %", "37.2 °C", "72 /min", "120 mm[Hg]", "< 50 %", "≥ 70 %", "5 µm"])
def test_a_number_and_its_unit_stay_on_one_line(kept: str) -> None:
    """Wherever the end of the line falls: "110" at the end of one line was read without "cm/s" on the next."""
    for length in range(60, 98):
        said = render(report(conclusion=f"{'x' * length} {kept} and more"), TEMPLATE, "text").decode()
        assert f"{kept} and more" in said or any(line.endswith((kept, f"{kept} and")) for line in said.splitlines())
        assert max(map(len, said.splitlines())) <= 100


def grid(*rows: tuple[str, ...]) -> list[str]:
    """Return the lines of a table with two columns of texts, as text."""
    fields = [Field(key=f"f{n}", kind=FieldKind.TEXTAREA) for n in range(2 * len(rows))]
    cells = [Cell(items=(FieldPlace(key=field.key),)) for field in fields]
    table = Table(rows=tuple(Row(cells=tuple(cells[n : n + 2])) for n in range(0, len(cells), 2)))
    template = Template(identifier="1", title="Tiny", digest="0", fields=tuple(fields), content=(table,))
    texts = [text for row in rows for text in row]
    typed = {field.key: Value(value=text) for field, text in zip(fields, texts, strict=True) if text}
    return render(start(template).edit(typed), template, "text").decode().splitlines()[4:-2]


def test_a_cell_of_several_lines_stays_in_its_column() -> None:
    """The second line of the right side stood under the left one, and what followed it beside the label."""
    assert grid(("right 1\nright 2\n3", "left 1\nleft 2"), ("a\tb", "")) == [
        "right 1  left 1",
        "right 2  left 2",
        "3",
        "a b",
    ]
    assert grid(("one\r\ntwo", "left")) == ["one  left", "two"]


SPANS = b"""<!DOCTYPE html><html><head><title>T</title><meta name="dcterms.title" content="T">
<meta name="dcterms.identifier" content="1.2.3"></head><body><section data-section-name="F"><table>
<tr><th>Artery</th><th>What</th><th>Right</th><th>Left</th></tr>
<tr><td rowspan="2">ICA</td>
<td>PSV</td><td><input type="number" name="a"></td><td><input type="number" name="b"></td></tr>
<tr><td>EDV</td><td><input type="number" name="c"></td><td><input type="number" name="d"></td></tr>
<tr><td>CCA</td><td>PSV</td><td><input type="number" name="e"></td><td><input type="number" name="f"></td></tr>
</table></section></body></html>"""


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("abcdef", ["ICA     PSV   1      2", "ICA     EDV   3      4", "CCA     PSV   5      6"]),
        ("ad", ["ICA     PSV   1", "ICA     EDV          4"]),
        ("cd", ["ICA     EDV   3      4"]),
    ],
)
def test_below_a_cell_of_several_rows_each_value_keeps_its_side(typed: str, rows: list[str]) -> None:
    """The EDV of the left side stood in the column of the right one, and the artery was lost with its first row."""
    template = parse(SPANS, "spans.html")
    numbers = dict(zip("abcdef", "123456", strict=True))
    report = start(template).edit({key: Value(value=numbers[key]) for key in typed})
    lines = render(report, template, "text").decode().splitlines()
    table = lines[lines.index("-") + 1 : -2]
    assert table[0].split() == ["Artery", "What", *(["Right"] if set(typed) & set("ace") else []), "Left"]
    assert table[2:] == rows
    again = parse(serialise(template), "again.html")
    typed_again = start(again).edit({key: Value(value=numbers[key]) for key in typed})
    assert render(typed_again, again, "text") == render(report, template, "text")


def test_columns_stand_straight_where_characters_are_wide_or_combined() -> None:
    assert grid(("狭窄", "a"), ("ab", "b"), ("e\u0301", "c")) == ["狭窄  a", "ab    b", "e\u0301     c"]


def test_hidden_fields_are_not_in_any_rendering() -> None:
    hidden = report(plaque="none", character="secret", conclusion="x")
    for name in FORMATS:
        assert b"secret" not in render(hidden, TEMPLATE, name)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Stenose 50-69 % (SRU 2003)", ["50-69 %"]),
        ("PSV 336 cm/s, EDV 126 cm/s", ["336 cm/s,", "126 cm/s"]),
        ("more than\n≥ 70 %\nof it", ["≥ 70 %"]),
        ("nothing of the kind", []),
    ],
)
def test_in_html_no_line_ends_between_a_number_and_its_unit(text: str, kept: list[str]) -> None:
    page = html.fromstring(render(report(conclusion=text), TEMPLATE, "html"))
    (said,) = [one for one in page.iter("p", "td") if text.split()[0] in one.text_content()]
    assert [span.text for span in said.iter("span") if span.get("class") == "tied"] == kept
    assert text in said.text_content()


@given(st.text(alphabet="0123 5-–%/°≥acm\n.,", max_size=40))
def test_ties_change_no_text(text: str) -> None:
    assert "".join(piece for piece, _ in pieces(text)) == text
    assert all(re.search(r"\s", piece.replace(" ", "")) is None for piece, is_tied in pieces(text) if is_tied)


def test_html_escapes_and_parses() -> None:
    page = html.document_fromstring(render(FILLED, TEMPLATE, "html"))
    assert page.xpath("//b") == []
    assert page.xpath("//script | //@onclick") == []
    assert "soft <b>&amp;" in page.text_content()
    assert page.xpath("string(//h2[1])") == "Findings"
    assert page.xpath("//th[@scope='col']/text()") == ["Right"]


def test_json_carries_everything() -> None:
    document = json.loads(render(FILLED, TEMPLATE, "json"))
    assert document["values"]["right_psv"] == {
        "label": "right psv",
        "provenance": "typed",
        "text": "240.5 cm/s",
        "unit": "cm/s",
        "value": "240.5",
    }
    assert document["values"]["right_grade"]["provenance"] == "calculated"
    assert document["explain"]["right_grade"]["rule"] == 3
    assert document["status"] == "partial"


@pytest.mark.parametrize("name", FORMATS)
def test_same_report_same_bytes(name: str) -> None:
    again = type(FILLED).model_validate_json(FILLED.model_dump_json())
    assert render(again, TEMPLATE, name) == render(FILLED, TEMPLATE, name)


def test_unknown_format() -> None:
    with pytest.raises(UsageError, match="text, html, json"):
        render(FILLED, TEMPLATE, "docx")


def test_display() -> None:
    assert display(FILLED, TEMPLATE, "right_grade", "en") == "is severe"
    assert display(FILLED, TEMPLATE, "when", "en") == ""
