"""What comes in: encodings, size, depth, and what is refused."""

from __future__ import annotations

import pytest

from mrrt.errors import Unreadable
from mrrt.parse import parse
from mrrt.parse.page import read
from mrrt.parse.source import MAX_BYTES
from mrrt.parse.tree import MAX_DEPTH
from tests.mrrt.corpus import page

LABELLED = '<p><label for="a">Größe</label><input id="a">'


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ('<meta charset="utf-8">', "utf-8-sig"),
        ('<meta charset="utf-16">', "utf-16"),
        ('<meta charset="ISO-8859-1">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ("", "utf-8"),
        ("", "cp1252"),
        ('<meta charset="utf-8">', "cp1252"),
        ('<meta charset="utf-7">', "utf-8"),
        ('<meta charset="no-such-thing">', "utf-8"),
    ],
)
def test_encodings(head: str, encoding: str) -> None:
    source = f"<!DOCTYPE html><html><head>{head}</head><body>{LABELLED}</body></html>"
    assert parse(source.encode(encoding)).fields[0].label == "Größe"


def test_text_with_an_xml_declaration() -> None:
    assert (
        parse(f'<?xml version="1.0" encoding="latin-1"?><html><body>{LABELLED}</body></html>').fields[0].label
        == "Größe"
    )


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\x00" * 128 + b"DICM", "DICOM"),
        (b"abc\x00def <input>", "binary"),
        (b"Findings: [normal | abnormal] {say more}", "bracket notation"),
        (b"[normal | abnormal]", "bracket notation"),
        (b"just words", "plain text"),
        (b'{"resourceType": "Questionnaire"}', "JSON"),
        (b'<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start/></grammar>', "RELAX NG"),
        (b'<?xml version="1.0"?><rng:grammar xmlns:rng="http://relaxng.org/ns/structure/1.0"/>', "RELAX NG"),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "CDA"),
        (b"<html><body><p>Hello</p></body></html>", "no section"),
        (b"<!-- only a comment -->", "no HTML"),
    ],
)
def test_refusals_say_what_the_input_is(source: bytes, what: str) -> None:
    with pytest.raises(Unreadable, match=what) as caught:
        parse(source, "thing.html")
    assert "thing.html" in str(caught.value)


def test_size_is_capped() -> None:
    with pytest.raises(Unreadable, match="bytes"):
        parse(b"<section>" + b" " * MAX_BYTES)


def test_depth_is_measured_and_refused_aloud() -> None:
    deep = "<div>" * (MAX_DEPTH - 5) + "<input id=a>"
    assert len(parse(page(deep)).fields) == 1
    with pytest.raises(Unreadable, match="nested more than"):
        parse(page("\n<div>" * (MAX_DEPTH + 1) + "<input id=a>"))


def test_places_in_a_page_with_line_breaks_in_tags() -> None:
    text = (
        "<!DOCTYPE html>\r\n<html><head><title>t</title></head><body>\r\n<p>\r\n  x <input\r\n id='a'\r\n> <input id=b>"
    )
    first, second = parse(text).fields
    assert (first.line, first.column) == (4, 5)
    assert (second.line, second.column) == (6, 3)


def test_tags_in_comments_and_scripts_are_no_tags() -> None:
    read_page = read("<body><!-- <input> --><script>'<input>'</script><textarea><input></textarea><input id=a>", "t")
    assert [tag.name for tag in read_page.tags if tag.name == "input"] == ["input"]
