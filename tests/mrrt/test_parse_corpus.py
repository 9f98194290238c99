"""Real templates: every field is found, and the carotid template reads as its author meant it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrrt.parse import parse
from mrrt.parse.content import unit_texts
from tests.mrrt.corpus import CORPUS, SHARED, independent_count, name_of


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_every_field_is_found(path: Path) -> None:
    template = parse(path.read_bytes(), path.name)
    assert len(template.fields) == independent_count(path.read_bytes())
    assert len(template.field_by_key) == len(template.fields)
    assert template.dialect == "drg"
    assert all(field.label for field in template.fields)
    assert {field.section for field in template.fields} <= {section.key for section in template.sections} | {None}


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_every_field_has_its_place_in_the_content(path: Path) -> None:
    template = parse(path.read_bytes(), path.name)
    placed = str(template.content)
    assert [
        field.key for field in template.fields if f"FieldPlace(type='field', key={field.key!r})" not in placed
    ] == []
    assert [key for key, _ in unit_texts(template.content) if key not in template.field_by_key] == []


needs_corpus = pytest.mark.skipif(not SHARED.exists(), reason="the shared corpus is not on this machine")


@needs_corpus
def test_carotid() -> None:
    template = parse((SHARED / "041807.4.1706140001-us_carotis.html").read_bytes(), "us_carotis.html")
    fields = template.field_by_key
    assert (template.identifier, template.title, template.language) == (
        "041807.4.1706140001",
        "Ultraschall Carotis",
        "de",
    )
    assert (template.status, template.top_level) == ("ACTIVE", True)
    assert fields["us_ac_raci_psv"].label == "Rechts, A. carotis interna, PSV"
    assert fields["us_ac_laci_edv"].label == "Links, A. carotis interna, EDV"
    assert fields["us_ac_lvert_psv"].label == "Links, A. vertebralis, PSV"
    assert fields["us_ac_rvert_flow"].label == "Rechts, A. vertebralis, Ergänzung"
    assert fields["us_ac_vergleich"].label == "Voruntersuchung"
    assert fields["us_ac_laci_stenosis"].label == "A. carotis interna links"
    assert fields["us_ac_Angaben"].label_in("en") == "Clinical information"
    assert {field.unit for field in template.fields if field.key.endswith(("psv", "edv"))} == {"cm/s"}
    assert fields["us_ac_raci_psv"].line == 95
    assert len(template.fields) == 31
    assert [section.title_in("en") for section in template.sections] == [
        "Clinical information",
        "Clinical question",
        "Findings",
        "Impression",
    ]


@needs_corpus
def test_carotid_plaque_of_the_left_common_carotid_is_shown_by_label() -> None:
    template = parse((SHARED / "041807.4.1706140001-us_carotis.html").read_bytes(), "us_carotis.html")
    choices = template.field_by_key["us_ac_lacc_plaque"].choices
    assert [(choice.value, choice.text, choice.blank) for choice in choices] == [
        ("-1", "-", True),
        ("0", "keine Auffälligkeiten", False),
        ("1", "atheromatöse Plaques", False),
    ]
    assert template.field_by_key["us_ac_lacc_plaque"].default is None


@needs_corpus
def test_lesion_template_with_its_broken_xml() -> None:
    template = parse((SHARED / "041807.5.1706140000-gen_ltx_hcc.html").read_bytes(), "ltx.html")
    assert len(template.coded_content) == 40
    assert template.coding_schemes == {"RadLex": "2.16.840.1.113883.6.256"}
    dimension = template.field_by_key["gen_hccltx_l2_dimension"]
    assert dimension.label == "Läsion 2, Größe der Läsion"
    assert dimension.condition == "#gen_hccltx_nnodules ge 2"
    assert dimension.codes[0].value == "RID13432"
    assert template.field_by_key["gen_hccltx_ini_hcc_yes"].label == "initiales HCC, ja"
