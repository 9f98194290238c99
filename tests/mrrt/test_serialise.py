"""A template is written as one canonical page, and reads as an equal template again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mrrt.parse import parse
from mrrt.serialise import serialise
from mrrt.template import Template
from tests.conftest import ROOT
from tests.mrrt.corpus import CORPUS, FIXTURES, VALID, name_of, page

OWN = [*sorted(FIXTURES.rglob("*.html")), *sorted((ROOT / "tests/fixtures/foreign").glob("*.html"))]
OWN += sorted((ROOT / "templates_lib").glob("*/template.html"))
FILES = [*OWN, *CORPUS]
RICH = (FIXTURES / "rich.html").read_text(encoding="utf-8")
NOT_WRITTEN = {"line", "column", "digest", "dialect", "scripts"}
"""What belongs to the source and not to the template."""
GIVEN = {"element_id", "name"}
"""A field or choice without an id, or with one that is taken, is given one: its key."""


def comparable(part: Any, within: str = "") -> Any:
    """Return what has to be equal; unlike == on codes, their meanings too."""
    if isinstance(part, dict):
        left_out = NOT_WRITTEN | (GIVEN if within in ("fields", "choices") else set())
        return {key: comparable(value, key) for key, value in part.items() if key not in left_out}
    return [comparable(one, within) for one in part] if isinstance(part, list) else part


def same(a: Template, b: Template) -> bool:
    """Tell whether two templates are equal, but for what belongs to their sources."""
    return bool(comparable(a.model_dump(mode="json")) == comparable(b.model_dump(mode="json")))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_is_written_reads_the_same(path: Path) -> None:
    template = parse(path.read_bytes(), path.name)
    again = parse(serialise(template), path.name)
    assert same(template, again)
    assert again.scripts == ()
    assert serialise(again) == serialise(parse(serialise(again)))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_ids_that_are_keys_stay_and_all_fields_have_one(path: Path) -> None:
    template = parse(path.read_bytes(), path.name)
    again = parse(serialise(template), path.name).field_by_key
    assert [field.key for field in again.values() if field.element_id != field.key and " " not in field.key] == []
    assert {field.key: field.name for field in template.fields if field.name} == {
        field.key: again[field.key].name for field in template.fields if field.name
    }


def test_same_sees_every_difference() -> None:
    a = parse(VALID)
    assert same(a, a.model_copy(update={"digest": "0", "dialect": "drg"}))
    assert not same(a, a.model_copy(update={"title": "other"}))
    field = a.fields[0].model_copy(update={"label": "other"})
    assert not same(a, a.model_copy(update={"fields": (field, *a.fields[1:])}))
    code = a.coded_content[0].codes[0].model_copy(update={"meaning": "other"})
    entry = a.coded_content[0].model_copy(update={"codes": (code,)})
    assert not same(a, a.model_copy(update={"coded_content": (entry, *a.coded_content[1:])}))


@pytest.mark.parametrize(
    "wanted",
    [
        '<html lang="en">',
        '<meta name="dcterms.identifier" content="2.25.310452875106123">',
        "<top-level-flag>true</top-level-flag>",
        "<status>ACTIVE</status>",
        '<coding_scheme name="LOINC" designator="2.16.840.1.113883.6.1"/>',
        '<term><code meaning="Procedure findings" value="59776-5" scheme="LOINC"/></term>',
        '<section id="findings" class="level1" data-section-name="Findings" data-section-required="true">',
        '<header class="level1" data-german="Befund">Findings</header>',
        '<label for="quality" data-german="Bildqualität">Image quality: </label>',
        '<option value="good" selected data-german="gut">good</option>',
        'data-field-units="cm3"',
        'role="radiogroup">Nodule:',
        '<optgroup label="Right">',
        'data-field-completion-action="PROHIBIT" required>No nodule.</textarea>',
        'data-show-if="nodule=yes"',
        '<embed src="2.25.99887766.html" type="text/html">',
        '<datalist id="site.list"><option value="upper pole">upper pole</option>',
    ],
)
def test_how_things_are_written(wanted: str) -> None:
    assert wanted in serialise(parse(RICH))


def test_scripts_and_handlers_are_not_written() -> None:
    source = page("<section><header>x</header><p><input id=a onchange='f()'></p></section><script>f()</script>")
    written = serialise(parse(source))
    assert "f()" not in written
    assert "onchange" not in written


def test_texts_cannot_become_markup() -> None:
    source = page("<p>&lt;script&gt;x&lt;/script&gt; <input id=a value='&quot;&gt;&lt;b&gt;'></p>")
    template = parse(source)
    assert same(template, parse(serialise(template)))
    assert "<script>x" not in serialise(template)
    assert "<b>" not in serialise(template)


def test_a_name_for_assistive_technology_is_the_whole_label() -> None:
    field_in_cell = "<label for=a>mm</label><input id=a aria-label='Size' data-german='Größe'>"
    source = page(f"<table><tr><td>Row</td><td>{field_in_cell}</td></tr></table>")
    (field,) = parse(source).fields
    assert (field.label, field.translations) == ("Size", {"de": "Größe"})


@pytest.mark.parametrize(
    "body",
    [
        "<p><input name='Patient Age' value='Patient Age'> <label>Age</label></p>",
        "<section id=s><header>S</header><p><input id=s></p></section>",
        "<p>one <input id=a> two<input id=a> <input name=b><input></p>",
        "<p><input type=radio name=r value=1>yes <input type=radio name=r value=2 checked>no</p>",
        "<p><input type=checkbox id=c> done</p>",
        "<p><select id=s><option value=1><option value=1 selected>x</select></p>",
        "<table><tr><td>A<td>mm<table><tr><td>b<td><input id=x><td>mm</table></table>",
        "<p><textarea id=t>\n\n two\n lines </textarea></p>",
    ],
)
def test_small_pages(body: str) -> None:
    template = parse(page(body))
    assert same(template, parse(serialise(template)))
