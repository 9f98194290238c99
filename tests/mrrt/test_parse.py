"""Parsing: fields, labels, units, choices, content, XML block, metadata."""

from __future__ import annotations

import hashlib

import pytest

from mrrt.parse import parse
from mrrt.template import CompletionAction, Embed, Field, FieldKind, Paragraph, Section, Table, Template, Text
from tests.mrrt.corpus import RICH as VALID
from tests.mrrt.corpus import page


def only(body: str) -> Field:
    (field,) = parse(page(body)).fields
    return field


@pytest.fixture(scope="module")
def valid() -> Template:
    return parse(VALID, "valid.html")


def test_frame(valid: Template) -> None:
    assert (valid.identifier, valid.title, valid.language) == ("2.25.310452875106123", "Thyroid ultrasound", "en")
    assert (valid.status, valid.top_level, valid.dialect) == ("ACTIVE", True, "ihe-ti")
    assert valid.metadata["creator"] == ("A. Author",)
    assert valid.digest == hashlib.sha256(VALID).hexdigest()
    assert [(kind, code.value) for kind, code in valid.terms] == [("modality", "RID10326")]
    assert valid.scripts == ()


def test_translation_of_the_title() -> None:
    template = parse("<title data-german='Schilddrüse'>Thyroid</title><section><input id=a></section>")
    assert (template.title, template.title_in("de")) == ("Thyroid", "Schilddrüse")


def test_kinds(valid: Template) -> None:
    assert {field.key: field.kind.value for field in valid.fields} == {
        "history_text": "textarea",
        "quality": "select",
        "right_ap": "number",
        "right_volume": "number",
        "left_ap": "number",
        "left_volume": "number",
        "nodule": "radio",
        "seen_on": "date",
        "feature": "checkbox-group",
        "biopsy": "checkbox",
        "site": "text",
        "nodes": "select-multiple",
        "impression_text": "textarea",
    }


def test_labels(valid: Template) -> None:
    labels = {field.key: field.label for field in valid.fields}
    assert labels["quality"] == "Image quality"
    assert labels["right_ap"] == "Right lobe, Lobe, AP"
    assert labels["left_volume"] == "Left lobe, Lobe, Volume"
    assert labels["nodule"] == "Nodule"
    assert labels["feature"] == "Features"
    assert labels["seen_on"] == "Seen on"
    assert labels["site"] == "Site"
    assert labels["impression_text"] == "Impression"


def test_units(valid: Template) -> None:
    fields = valid.field_by_key
    assert [fields[key].unit for key in ("right_ap", "right_volume", "left_volume", "site")] == [
        "mm",
        "cm3",
        "mL",
        None,
    ]


def test_limits(valid: Template) -> None:
    fields = valid.field_by_key
    assert (fields["right_ap"].minimum, fields["right_ap"].maximum, fields["right_ap"].step) == ("1", "80", "0.1")
    assert (fields["right_volume"].minimum, fields["right_volume"].maximum) == ("0", None)


def test_defaults(valid: Template) -> None:
    defaults = {field.key: field.default for field in valid.fields if field.default is not None}
    assert defaults == {
        "quality": "good",
        "nodule": "no",
        "feature": ("halo",),
        "nodes": ("right level II",),
        "impression_text": "No nodule.",
    }


def test_choices(valid: Template) -> None:
    fields = valid.field_by_key
    assert [(choice.value, choice.text, choice.blank) for choice in fields["quality"].choices] == [
        ("", "-", True),
        ("good", "good", False),
        ("limited", "limited", False),
    ]
    assert fields["quality"].choices[2].text_in("de") == "eingeschränkt"
    assert [choice.text_in("de") for choice in fields["nodule"].choices] == ["nein", "ja"]
    assert [choice.group for choice in fields["nodes"].choices] == ["Right", "Right", "Left"]
    assert [choice.text for choice in fields["site"].choices] == ["upper pole", "lower pole"]
    assert fields["site"].free_text


def test_attributes(valid: Template) -> None:
    fields = valid.field_by_key
    assert fields["history_text"].completion_action is CompletionAction.ALERT
    assert (fields["impression_text"].completion_action, fields["impression_text"].required) == ("PROHIBIT", True)
    assert fields["site"].hint == "Pole or isthmus"
    assert (fields["feature"].condition, fields["feature"].section) == ("nodule=yes", "nodules")
    assert [code.value for code in fields["nodule"].codes] == ["RID3875", "RID35867"]


def test_lines_and_columns(valid: Template) -> None:
    lines = VALID.decode().splitlines()
    for field in valid.fields:
        assert field.line and field.column
        assert lines[field.line - 1][field.column - 1] == "<"
    quality = valid.field_by_key["quality"]
    assert lines[(quality.line or 0) - 1].strip().startswith('<select id="quality"')


def test_sections(valid: Template) -> None:
    assert [(section.key, section.title, section.title_in("de"), section.level) for section in valid.sections] == [
        ("history", "Clinical information", "Klinische Angaben", 1),
        ("findings", "Findings", "Befund", 1),
        ("nodules", "Nodules", "Knoten", 2),
        ("impression", "Impression", "Beurteilung", 1),
    ]
    findings = valid.sections[1]
    assert findings.required
    assert findings.codes[0].value == "59776-5"
    assert valid.sections[2].condition == "nodule=yes"


def test_content_keeps_the_order_of_the_page(valid: Template) -> None:
    findings = valid.sections[1]
    assert [block.type for block in findings.content] == [
        "paragraph",
        "paragraph",
        "table",
        "paragraph",
        "table",
        "paragraph",
        "section",
    ]


def said(block: object) -> list[str]:
    assert isinstance(block, Paragraph)
    return [item.text if isinstance(item, Text) else f"[{getattr(item, 'key', '/')}]" for item in block.items]


def test_paragraphs(valid: Template) -> None:
    findings, nodules = valid.sections[1], valid.sections[2]
    assert said(findings.content[0]) == ["Image quality: ", "[quality]"]
    assert said(findings.content[5]) == [
        "Nodule: ",
        "[nodule]",
        " ",
        "Seen today ",
        "Ask for the previous examination.",
    ]
    assert said(nodules.content[1]) == ["Features: ", "[feature]"]
    assert said(nodules.content[4]) == ["Lymph nodes", "[/]", "[nodes]"]
    bullets = [block.bullet for block in nodules.content if isinstance(block, Paragraph)]
    assert bullets == [True, True, True, False, False]


def test_marks_on_texts(valid: Template) -> None:
    paragraph = valid.sections[1].content[5]
    assert isinstance(paragraph, Paragraph)
    texts = [item for item in paragraph.items if isinstance(item, Text)]
    assert [text.text for text in texts if text.emphasis] == ["Seen today "]
    assert [text.text for text in texts if text.filling_only] == ["Ask for the previous examination."]


def test_tables(valid: Template) -> None:
    table = valid.sections[1].content[2]
    assert isinstance(table, Table)
    assert [cell.header for cell in table.rows[0].cells] == [True, True, True]
    volume = table.rows[1].cells[2].items
    assert [item.text for item in volume if isinstance(item, Text)] == [" cm³", " (normal below 9)"]
    assert [item.unit_of for item in volume if isinstance(item, Text)] == ["right_volume", None]


def test_translations_of_labels_made_from_tables() -> None:
    template = parse(
        page("""<section data-section-name="F"><p data-german="Rechts:">Right:</p><table>
        <tr><th></th><th>PSV</th><th data-german="Seite">Side</th></tr>
        <tr><td data-german="innen">inner</td><td><input type=number id=a></td><td><input id=b></td></tr></table>""")
    )
    assert [(field.label, field.label_in("de")) for field in template.fields] == [
        ("Right, inner, PSV", "Rechts, innen, PSV"),
        ("Right, inner, Side", "Rechts, innen, Seite"),
    ]


def test_translation_from_the_field_itself() -> None:
    field = only('<label for=a>Beurteilung</label><textarea id=a data-english-name="Impression"></textarea>')
    assert field.label_in("en") == "Impression"


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ("<p><label for=a>Size:</label><input id=a>", "Size"),
        ("<p><label>Size <input id=a></label>", "Size"),
        ("<p>Text <input id=a aria-label=Size>", "Size"),
        ("<p>Size: <input id=a> mm", "Size"),
        ("<p><label>Size</label> <input id=a>", "Size"),
        ("<p><input id=a title=Size>", "Size"),
        ("<p><input id=a placeholder=Size>", "Size"),
        ("<p><input id=a> <label for=a>mm</label>", ""),
        ("<table><tr><td>Size</td><td><input id=a></table>", "Size"),
        ("<table><caption>Left</caption><tr><td>Size</td><td><input id=a></table>", "Left, Size"),
        ("<table><tr><th colspan=2>Left<tr><td>Size</td><td><input id=a></table>", "Left, Size"),
        ("<table><tr><td rowspan=2>Size<td>x<tr><td><input id=a></table>", "Size"),
        ("<fieldset><legend>Size</legend><input id=a></fieldset>", "Size"),
        ("<section data-section-name=x><header>Size</header><input id=a></section>", "Size"),
    ],
)
def test_where_a_label_comes_from(body: str, label: str) -> None:
    assert only(body).label == label


def test_labels_grow_until_they_differ() -> None:
    rows = "".join(f"<tr><td>{row}<td><input type=checkbox id={row}1><label for={row}1>yes</label>" for row in "AB")
    assert [field.label for field in parse(page(f"<table>{rows}</table>")).fields] == ["A, yes", "B, yes"]


@pytest.mark.parametrize(
    ("behind", "unit"),
    [
        ("&nbsp;cm/s", "cm/s"),
        (" mm, also", "mm"),
        (" ml/m<sup>2</sup> (normal)", "mL/m2"),
        (" l/(min·m<sup>2</sup>)", "L/min/m2"),
        (" mmHg", "mm[Hg]"),
        ("°", "deg"),
        (" deg", "deg"),
        (" %", "%"),
        (" HU", "[hnsf'U]"),
        (" am Hals", None),
        (" h", None),
        (" (mm)", None),
        ("", None),
    ],
)
def test_unit_behind_a_number(behind: str, unit: str | None) -> None:
    assert only(f"<p><input type=number id=a>{behind}</p>").unit == unit


@pytest.mark.parametrize(
    ("markup", "unit"),
    [
        ("<table><tr><td>{} mm</td></tr></table>", "mm"),
        ("<table><tr><td>{}</td><td>mm</td></tr></table>", None),
        ("<table><tr><td><table><tr><td>{}</td><td>mm</td></tr></table></td></tr></table>", "mm"),
        ("<table><td>{} mm</td></table>", "mm"),
        ("<table><caption>{} mm</caption><tr><td>x</td></tr></table>", "mm"),
        ("<table><tr><td><section>{} mm</section></td></tr></table>", "mm"),
        ("<table><form><tr><td>{} mm</td></tr></form></table>", "mm"),
        ("<section><header>A<table><tr><td>{} mm</td></tr></table></header></section>", None),
    ],
)
def test_unit_in_and_beside_cells(markup: str, unit: str | None) -> None:
    assert only(markup.format("<input type=number id=a>")).unit == unit


def test_declared_unit_stands_above_the_text_behind() -> None:
    assert only('<input type=number id=a data-field-units=" L/min "> mm').unit == "L/min"
    assert only('<input type=number id=a date-field-units="mmHg">').unit == "mm[Hg]"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("<option>plain</option>", ("plain", "plain", False)),
        ('<option value="1">one</option>', ("1", "one", False)),
        ('<option value="1" label="shown">one</option>', ("1", "shown", False)),
        ('<option value="">choose</option>', ("", "choose", True)),
        ("<option>---</option>", ("---", "---", True)),
        ("<option>—</option>", ("—", "—", True)),
        ("<option>...</option>", ("...", "...", True)),
        ('<option value="-">none chosen</option>', ("-", "none chosen", True)),
        ('<option valeu="x">y</option>', ("y", "y", False)),
    ],
)
def test_options(option: str, expected: tuple[str, str, bool]) -> None:
    (choice,) = only(f"<select id=a>{option}</select>").choices
    assert (choice.value, choice.text, choice.blank) == expected


def test_the_first_option_is_no_answer() -> None:
    assert only("<select id=a><option>yes<option>no</select>").default is None
    assert only("<select id=a><option>yes<option selected>no</select>").default == "no"
    assert only("<select id=a><option selected>-<option>no</select>").default is None
    assert only("<select id=a><option>a<option selected>b<option selected>c</select>").default == "b"


def test_option_that_replaces() -> None:
    (choice,) = only('<select id=a><option data-template-UID="1.2" data-replacement-element-id="x">y</select>').choices
    assert (choice.replaced_by, choice.replaces) == ("1.2", "x")


def test_keys() -> None:
    body = '<input id=x><input id=x name=y><input name=y><section data-section-name="My part"><input><input></section>'
    assert [field.key for field in parse(page(body)).fields] == ["x", "x~2", "y", "my-part.input.1", "my-part.input.2"]


def test_groups() -> None:
    body = """<input type=radio name=r value=1 id=r1> one <input type=radio name=r value=2 checked> two
    <span id=s data-field-type=CHECKBOX>
    <input type=checkbox name=c value=a>A <input type=checkbox name=c value=b>B</span>
    <input type=checkbox name=d value=x>"""
    radio, checks, single = parse(page(body)).fields
    assert (radio.key, radio.kind, radio.default) == ("r", FieldKind.RADIO, "2")
    assert [choice.text for choice in radio.choices] == ["one", "two"]
    assert (checks.key, checks.kind) == ("s", FieldKind.CHECKBOX_GROUP)
    assert [choice.text for choice in checks.choices] == ["A", "B"]
    assert (single.key, single.kind) == ("d", FieldKind.CHECKBOX)


def test_texts_of_group_members_do_not_stand_in_the_content_again() -> None:
    (block,) = parse(page("<p>Side: <input type=radio name=r> left <input type=radio name=r> right</p>")).content
    assert said(block) == ["Side: ", "[r]"]


def test_buttons_are_no_fields() -> None:
    body = "<input type=submit><input type=button><input type=reset><button>x</button><input type=text id=a>"
    assert only(body).key == "a"


def test_kinds_by_data_field_type() -> None:
    body = '<input id=a data-field-type="DATE"><input id=b type=text data-field-type=number><input id=c type=textarea>'
    assert [field.kind.value for field in parse(page(body)).fields] == ["date", "number", "textarea"]


def test_draft_attributes() -> None:
    field = only('<input id=a data-field-signature-lattitude="UNRESTRICTED" data-field-merge-flag="Y">')
    assert (field.completion_action, field.merge) == (CompletionAction.NONE, True)
    field = only('<input id=a data-field-signature-latitude="PROHIBIT" data-merge-identifier="RIS Reason">')
    assert (field.completion_action, field.merge_identifier) == (CompletionAction.PROHIBIT, "RIS Reason")


def test_read_only() -> None:
    assert only("<input id=a readonly>").read_only
    assert only("<input id=a disabled>").read_only


def test_scripts_are_listed_and_not_content() -> None:
    template = parse(page("<script>let a = '<input id=b>'</script><input id=a onchange='f()'><style>p {}</style>"))
    assert [(script.kind, script.where) for script in template.scripts] == [
        ("script", ""),
        ("handler", "onchange of input a"),
    ]
    assert [said(block) for block in template.content] == [["[a]"]]


def test_unknown_elements_keep_their_text() -> None:
    (block,) = parse(page("<ups>two <blink>words</blink></ups><input id=a>")).content
    assert said(block) == ["two words", "[a]"]


def test_nested_tables_are_flattened_into_the_cell() -> None:
    body = "<table><tr><td>A<td><table><tr><td>b<td><input id=x><tr><td>c<td><input id=y></table></table>"
    (table,) = parse(page(body)).content
    assert isinstance(table, Table)
    kinds = [item.type for item in table.rows[0].cells[1].items]
    assert kinds == ["text", "field", "break", "text", "field"]


def test_an_embed_swallows_nothing() -> None:
    template = parse(page("<section><embed src='1.2.html'>text <input id=a> mm<embed src='1.3.html'>end</section>"))
    (section,) = template.content
    assert isinstance(section, Section)
    assert [block.identifier if isinstance(block, Embed) else said(block) for block in section.content] == [
        "1.2",
        ["text ", "[a]", " mm"],
        "1.3",
        ["end"],
    ]


def test_sections_nest_in_unclosed_paragraphs() -> None:
    template = parse(
        page("<section data-section-name=a><p>x<section data-section-name=b><input id=i></section></section>")
    )
    (outer,) = template.content
    assert isinstance(outer, Section)
    assert [section.key for section in template.sections] == ["a", "b"]
    assert template.fields[0].section == "b"


XML = '<script type="text/xml">{}</script>'


def coded(xml: str, body: str = "<input id=a>") -> Template:
    return parse(page(body, head=XML.format(xml)))


@pytest.mark.parametrize(
    "xml",
    [
        '<template_attributes><coded_content><entry ORIGTXT="a"><term><code value="1" scheme="S"/></term></entry>',
        '<!-- <template_attributes/><entry origtxt="a"><term><code value="1" scheme="S"></term></entry> -->',
        '<coding_schemes><entry OrigTxt="a"><term><code value="1" scheme="S"></code></term></entry></coding_schemes>',
        '<script type="text/xml"><entry ORIGTXT="a"><term><code value="1" scheme="S"></term></entry>',
        '<entry ORIGTXT="a"><term><code><code_value>1</code_value><coding_scheme_designator>S'
        "</coding_scheme_designator><code_meaning>M</code_meaning></code></term></entry>",
        '<entry ORIGTXT="a"><term><code meaning="&uuml; & more" value="1" scheme="S"/></term></entry>',
        '<x:entry xmlns:x="urn:x" ORIGTXT="a"><x:term><x:code value="1" scheme="S"/></x:term></x:entry>',
    ],
)
def test_codes_in_every_state_of_the_xml_block(xml: str) -> None:
    (entry,) = coded(xml).coded_content
    assert (entry.origtxt, [code.value for code in entry.codes]) == ("a", ["1"])
    assert [code.value for code in coded(xml).fields[0].codes] == ["1"]


@pytest.mark.parametrize(
    ("flag", "value"), [("true", True), ("TRUE", True), ("1", True), ("0", False), ("maybe", None)]
)
def test_top_level_flag(flag: str, value: bool | None) -> None:
    assert coded(f"<top-level-flag> {flag} </top-level-flag>").top_level is value
    assert coded(f"<top_level_flag>{flag}</top_level_flag>").top_level is value


def test_entities_of_an_xml_block_are_not_expanded() -> None:
    assert coded('<!DOCTYPE a [<!ENTITY b "boom">]><status>&b;</status>').status != "BOOM"


def test_codes_in_attributes() -> None:
    codes = only('<input id=a data-radlex="RID1 RID2" data-loinc="11726-7">').codes
    assert [(code.scheme, code.value) for code in codes] == [("RADLEX", "RID1"), ("RADLEX", "RID2"), ("LN", "11726-7")]


@pytest.mark.parametrize("name", ["dcterms.title", "DCTERMS:Title", "dc:title", "dc.TITLE"])
def test_metadata_names(name: str) -> None:
    template = parse(page("<input id=a>", head=f'<meta name="{name}" content=" The  title ">'))
    assert template.title == "The title"


def test_title_falls_back_to_the_title_element() -> None:
    template = parse(page("<input id=a>"))
    assert (template.title, template.identifier) == ("T", "")


HEADS = {
    "drg": '<meta name="dcterms.identifier" content="041807.4.1">',
    "rsna-2014": '<meta name="dcterms.identifier" content="http://www.radreport.org/template/0000049">',
    "t-rex": '<meta name="dcterms.identifier" content="9b1d3b7a-0000-4000-8000-000000000001">'
    + XML.format('<template_attributes><entry origtxt="a"/></template_attributes>'),
    "ihe-draft": '<meta name="dc.title" content="x">' + XML.format("<code_value>1</code_value>"),
    "ihe-ti": '<meta name="dcterms.identifier" content="1.2.3">' + XML.format("<template_attributes/>"),
    "unknown": "",
}


@pytest.mark.parametrize("dialect", HEADS)
def test_dialects(dialect: str) -> None:
    assert parse(page("<input id=a>", head=HEADS[dialect])).dialect == dialect


def test_dialects_told_by_the_body() -> None:
    nuance = page('<section><header class="Level1">x</header><input name=Age value=Age></section>', doctype="")
    template = parse(nuance)
    assert (template.dialect, template.fields[0].merge_identifier, template.fields[0].default) == (
        "nuance",
        "Age",
        None,
    )
    assert parse(page("<input id=a data-radlex=RID1>")).dialect == "attribute-2026"


@pytest.mark.parametrize("around", ["ups", "div", "code"])
def test_a_row_in_what_no_table_holds_names_nothing(around: str) -> None:
    (field,) = parse(page(f"<table><{around}><tr><td>Size<td><input id=a> mm</tr></{around}></table>")).fields
    assert (field.key, field.unit) == ("a", "mm")
