"""Each dialect of the profile becomes the one model, and is recorded; one fixture of our own for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mrrt.check import check
from mrrt.parse import parse
from mrrt.template import Block, CompletionAction, Embed, FieldKind, Paragraph, Section, Table, Template, Text
from tests.mrrt.corpus import FIXTURES, independent_count

FILES = sorted((FIXTURES / "dialects").glob("*.html"))


def read(name: str) -> Template:
    return parse((FIXTURES / "dialects" / f"{name}.html").read_bytes(), name)


def blocks(content: tuple[Block, ...]) -> Iterator[Block]:
    for block in content:
        yield block
        if isinstance(block, Section):
            yield from blocks(block.content)


def texts(template: Template) -> list[Text]:
    paragraphs = [block.items for block in blocks(template.content) if isinstance(block, Paragraph)]
    cells = [c.items for b in blocks(template.content) if isinstance(b, Table) for row in b.rows for c in row.cells]
    return [item for items in (*paragraphs, *cells) for item in items if isinstance(item, Text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialect_and_fields(path: object) -> None:
    file = next(one for one in FILES if one == path)
    template = read(file.stem)
    assert template.dialect == file.stem
    assert len(template.fields) == independent_count(file.read_bytes())
    assert all(field.line and field.column for field in template.fields)
    assert all(section.line and section.column for section in template.sections)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_has_its_place(path: object) -> None:
    file = next(one for one in FILES if one == path)
    problems = check(file.read_bytes(), file.name)
    assert [str(problem) for problem in problems if not (problem.line and problem.column)] == []


def test_ihe_draft() -> None:
    template = read("ihe-draft")
    assert (template.title, template.identifier) == ("Chest radiograph", "1.2.840.99.1")
    assert (template.status, template.top_level) == ("ACTIVE", False)
    assert (template.users, template.provider_groups) == (("Meyer", "Schulz"), ("Chest",))
    assert [(code.scheme, code.value) for code in template.procedure_codes] == [("LN", "36643-5")]
    reason, history, size = template.fields
    assert (reason.merge, reason.merge_identifier) == (True, "RIS Reason For Exam")
    assert reason.completion_action is CompletionAction.ALERT
    assert (history.kind, history.verbal_trigger) == (FieldKind.TEXTAREA, "history")
    assert (size.unit, size.step, [code.value for code in size.codes]) == ("mm", None, ["RID13432"])


def test_ihe_trial_implementation() -> None:
    template = read("ihe-ti")
    assert [kind for kind, _ in template.terms] == ["modality", "body part"]
    assert template.provider_groups == ("Abdomen", "Emergency")
    liver = template.field_by_key["liver"]
    assert [code.value for choice in liver.choices for code in choice.codes] == ["RID5183"]
    assert (liver.choices[2].replaced_by, liver.choices[2].replaces) == ("1.3.6.1.4.1.99.8", "detail")
    assert template.sections[0].codes[0].value == "59776-5"
    coded = {text.element_id: (text.text.strip(), text.codes[0].value) for text in texts(template) if text.codes}
    assert coded == {"liver_label": ("Liver:", "RID58"), "sp1": ("spleen", "RID86")}
    assert [text.condition for text in texts(template) if text.text.strip() == "also"] == ["liver=fatty"]
    assert [text.text.strip() for text in texts(template) if text.hidden] == ["Kept, not shown."]
    assert template.field_by_key["study"].hidden
    assert any(isinstance(block, Paragraph) and block.element_id == "detail" for block in blocks(template.content))
    assert [block.identifier for block in blocks(template.content) if isinstance(block, Embed)] == [
        "1.3.6.1.4.1.99.9",
        "1.3.6.1.4.1.99.10",
    ]


def test_rsna_2014() -> None:
    template = read("rsna-2014")
    assert (template.title, template.status) == ("MR heart", "ACTIVE")
    assert template.metadata["translator"] == ("A. Translator",)
    area, impression = template.fields
    assert (area.key, area.label, area.unit) == ("T99_1.1", "Valve area (severe < 1.0 cm2)", "cm2")
    assert [code.value for code in area.codes] == ["RID480"]
    assert [code.value for code in impression.codes] == ["RID1393", "RID1400"]
    assert impression.default == "lost to browsers"
    assert [section.level for section in template.sections] == [1, 2]
    assert template.sections[0].title_in("en") == "Valves"


def test_t_rex() -> None:
    template = read("t-rex")
    fields = template.field_by_key
    select, twin = fields["SELECT_1500000000001"], fields["SELECT_1500000000001_FreeText"]
    assert (select.free_text, select.free_text_key) == (True, twin.key)
    assert twin.free_text_of == select.key
    assert (select.codes[0].scheme, select.codes[0].value) == ("RADLEX", "RID58")
    assert select.completion_action is CompletionAction.ALERT
    site = fields["TEXT_1500000000002"]
    assert (site.kind, site.free_text, [one.text for one in site.choices]) == (
        FieldKind.SELECT,
        True,
        ["left", "right"],
    )
    group = fields["CHECKBOX_1500000000004"]
    assert (group.kind, [one.value for one in group.choices]) == (FieldKind.CHECKBOX_GROUP, ["halo", "calcification"])
    assert group.attributes == {}
    category = fields["TEXT_1500000000005"]
    assert (category.default, [str(code.value) for code in category.codes]) == (None, ["RDE196"])
    assert [entry.origtxt for entry in template.coded_content] == ["SELECT_1500000000001", "SELECT_1500000000999"]
    assert all(entry.line and entry.column for entry in template.coded_content)


def test_drg() -> None:
    template = read("drg")
    fields = template.field_by_key
    assert [(field.label, field.label_in("en"), field.unit) for field in template.fields[:2]] == [
        ("Milz, Länge", "Spleen, Length", "mm"),
        ("Milz, Breite", "Spleen, Width", "mm"),
    ]
    assert fields["milz_l"].condition == "#milz_da eq true"
    assert [(choice.value, choice.text, choice.group) for choice in fields["wahl"].choices] == [
        ("lang", "lang", "Form")
    ]
    assert fields["wahl"].choices[0].attributes == {"valeu": "x"}
    assert [(script.kind, script.line, script.column) for script in template.scripts] == [
        ("script", 10, 3),
        ("handler", 20, 13),
    ]
    assert [text.text for text in texts(template) if text.filling_only] == ["Nur beim Ausfüllen"]
    assert any("H²O" in text.text for text in texts(template))


def test_nuance() -> None:
    template = read("nuance")
    age, contrast = template.fields
    assert (age.key, age.label, age.merge_identifier, age.default) == (
        "Patient Age",
        "Patient age",
        "Patient Age",
        None,
    )
    assert (contrast.label, contrast.default) == ("Contrast", None)
    assert [choice.blank for choice in contrast.choices] == [True, True, False]


def test_attributes_of_2026() -> None:
    template = read("attribute-2026")
    fields = template.field_by_key
    assert (fields["acc"].merge_identifier, fields["acc"].read_only) == ("accession-number", True)
    assert fields["acc"].attributes == {"data-ris-source": "accession-number"}
    assert (fields["vol"].label, fields["vol"].unit) == ("Volumen", "mL")
    assert [code.value for code in fields["vol"].codes] == ["RID343", "15325-4"]
    assert fields["vol"].attributes == {
        "data-ai": "segmentation-1",
        "data-voice": "volumen",
        "class": "wide",
        "maxlength": "5",
    }
    assert [choice.element_id for choice in fields["vgl"].choices] == ["vgl_ja", None]
    assert [code.value for code in fields["vgl"].choices[0].codes] == ["RID28482"]
    assert fields["lok_lobär"].condition == "vgl=ja\nvol"
    assert template.sections[0].title == "Befund"
