"""The model of an MRRT template: sections, fields, choices and the text between them.

One model for every dialect. The content of a section keeps the order of the page, so that a renderer can set
a finished report as its author laid it out: paragraphs, tables and nested sections, with fields in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Attribute

from mrrt.code import Code

Translations = Mapping[str, str]
"""Texts by two-letter language, beside the one of the template's own language."""

Attributes = Mapping[str, str]
"""Attributes of an element as they stand in the page, where the model has no word of its own for them."""


class Model(BaseModel):
    """The frozen base of the template model."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldKind(StrEnum):
    """What a reader can put into a field (MRRT 8.1.5: data-field-type, completed from real templates)."""

    TEXT = "text"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CHECKBOX = "checkbox"
    CHECKBOX_GROUP = "checkbox-group"
    RADIO = "radio"
    SELECT = "select"
    SELECT_MULTIPLE = "select-multiple"


class CompletionAction(StrEnum):
    """What happens when a report is signed while the field is empty (data-field-completion-action)."""

    NONE = "NONE"
    ALERT = "ALERT"
    PROHIBIT = "PROHIBIT"


class Choice(Model):
    """One option of a selection: `value` is stored, `text` is what reports say."""

    value: str
    text: str
    translations: Translations = Attribute(default_factory=dict)
    blank: bool = False
    """Choosing it means "not answered": an empty option, or a dash that only stands for one."""
    group: str = ""
    """Label of the optgroup that holds it."""
    replaced_by: str | None = None
    """data-template-UID: choosing this option replaces `replaces` by that template (MRRT 8.1.3.5.1)."""
    replaces: str | None = None
    codes: tuple[Code, ...] = ()
    """Codes of the XML block for this option, or for this member of a group."""
    element_id: str | None = None
    attributes: Attributes = Attribute(default_factory=dict)
    line: int | None = None
    column: int | None = None

    def text_in(self, language: str) -> str:
        """Return the text in that language, or the template's own where there is no translation."""
        return self.translations.get(language, self.text)


class Field(Model):
    """One thing that a reader fills. `key` is its id, else its name, else its path in the page."""

    key: str
    kind: FieldKind
    label: str = ""
    translations: Translations = Attribute(default_factory=dict)
    hint: str = ""
    unit: str | None = None
    """UCUM code of a number, as the template declares it."""
    choices: tuple[Choice, ...] = ()
    default: str | tuple[str, ...] | None = None
    required: bool = False
    completion_action: CompletionAction = CompletionAction.NONE
    merge: bool = False
    """data-field-merge-flag: the host system fills the field."""
    merge_identifier: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    step: str | None = None
    free_text: bool = False
    """A value outside the choices is allowed (datalist, or a _FreeText twin)."""
    free_text_key: str | None = None
    """Key of the text field, its _FreeText twin, that takes the value outside the choices."""
    free_text_of: str | None = None
    """The other way round: key of the selection whose _FreeText twin this text field is."""
    verbal_trigger: str | None = None
    """data-field-verbal-trigger: what is spoken to reach the field."""
    hidden: bool = False
    """The page does not show it: type hidden, or the attribute hidden on it or on an element around it."""
    read_only: bool = False
    section: str | None = None
    """Key of the section that holds the field."""
    condition: str | None = None
    """data-mrrt-condition and data-show-if as written, of the field and of the elements around it, the outermost first.

    Here and in the content several conditions stand one a line, and all of them must hold."""
    codes: tuple[Code, ...] = ()
    element_id: str | None = None
    """The id of its element, or of the element round a group, as written."""
    name: str | None = None
    """The name attribute, as written."""
    attributes: Attributes = Attribute(default_factory=dict)
    """All other attributes of its element verbatim: data-ris-source, data-ai, rows, class and what nobody knows yet."""
    line: int | None = None
    column: int | None = None

    def label_in(self, language: str) -> str:
        """Return the label in that language, or the template's own where there is no translation."""
        return self.translations.get(language, self.label)

    def choice(self, value: str) -> Choice | None:
        """Return the choice that stores this value."""
        return next((choice for choice in self.choices if choice.value == value), None)


class Text(Model):
    """A run of text on the page that is no field. `label_for` is the key of the field it labels.

    White space is collapsed; a blank at either end is kept where it parts the text from its neighbour in the line,
    so that the items of a line are set one behind the other as they are. The texts of the members of a radio or
    checkbox group are its choices and do not stand in the content again.
    """

    type: Literal["text"] = "text"
    text: str
    translations: Translations = Attribute(default_factory=dict)
    label_for: str | None = None
    unit_of: str | None = None
    """Key of the field whose unit this text repeats ("cm/s" behind an input)."""
    emphasis: bool = False
    filling_only: bool = False
    """Help for the reader while filling (`<mark>`); never exported."""
    hidden: bool = False
    """The page does not show it (the attribute hidden on an element around it)."""
    condition: str | None = None
    """Condition of the elements in the line round it (`<span data-show-if>`)."""
    codes: tuple[Code, ...] = ()
    """Codes of the XML block for the span or label that begins here."""
    element_id: str | None = None
    """The id of the span or label that begins here."""

    def text_in(self, language: str) -> str:
        """Return the text in that language, or the template's own where there is no translation."""
        return self.translations.get(language, self.text)


class FieldPlace(Model):
    """Where a field stands in the page."""

    type: Literal["field"] = "field"
    key: str


class LineBreak(Model):
    """A line break inside a paragraph or cell."""

    type: Literal["break"] = "break"


Inline = Annotated[Text | FieldPlace | LineBreak, Attribute(discriminator="type")]


class Paragraph(Model):
    """A block of text and fields; list items and divisions are paragraphs too."""

    type: Literal["paragraph"] = "paragraph"
    items: tuple[Inline, ...]
    bullet: bool = False
    condition: str | None = None
    element_id: str | None = None
    """The id of the element that begins here; an option may replace it by another template."""


class Cell(Model):
    """A table cell."""

    items: tuple[Inline, ...] = ()
    header: bool = False
    span: int = 1
    condition: str | None = None
    element_id: str | None = None


class Row(Model):
    """A table row."""

    cells: tuple[Cell, ...]
    condition: str | None = None
    element_id: str | None = None


class Table(Model):
    """A table of the page; nested tables are flattened into the cell's items."""

    type: Literal["table"] = "table"
    rows: tuple[Row, ...]
    caption: str = ""
    translations: Translations = Attribute(default_factory=dict)
    condition: str | None = None
    element_id: str | None = None


class Embed(Model):
    """Another template that belongs here (MRRT 8.1.4). `identifier` is the one of that template."""

    type: Literal["embed"] = "embed"
    identifier: str
    src: str
    """The address as written: the identifier followed by ".html"."""
    element_id: str | None = None
    condition: str | None = None
    line: int | None = None
    column: int | None = None


class Section(Model):
    """A section of the report (MRRT 8.1.4). `name` is language-neutral, `title` is what a reader sees."""

    type: Literal["section"] = "section"
    key: str
    name: str
    title: str = ""
    translations: Translations = Attribute(default_factory=dict)
    level: int = 1
    required: bool = False
    content: tuple[Block, ...] = ()
    condition: str | None = None
    codes: tuple[Code, ...] = ()
    element_id: str | None = None
    line: int | None = None
    column: int | None = None

    def title_in(self, language: str) -> str:
        """Return the title in that language; without one the template's own, at last the name."""
        return self.translations.get(language, self.title or self.name)


Block = Annotated[Section | Table | Paragraph | Embed, Attribute(discriminator="type")]
Section.model_rebuild()


class CodedContent(Model):
    """An entry of the XML block: codes for the element whose id is `origtxt`."""

    origtxt: str
    codes: tuple[Code, ...]
    line: int | None = None
    column: int | None = None


class Script(Model):
    """JavaScript found in a template. It is listed, never run."""

    kind: Literal["script", "handler"]
    line: int | None = None
    column: int | None = None
    where: str = ""
    """The event attribute and the element that carries it, for a handler."""


class Template(Model):
    """A parsed MRRT template."""

    identifier: str
    title: str
    translations: Translations = Attribute(default_factory=dict)
    """The title in other languages."""
    language: str = ""
    dialect: str = ""
    metadata: Mapping[str, tuple[str, ...]] = Attribute(default_factory=dict)
    """Dublin Core terms without their prefix, and any other meta elements verbatim."""
    status: str | None = None
    """ACTIVE, DRAFT or RETIRED (XML block)."""
    top_level: bool | None = None
    content: tuple[Block, ...] = ()
    """The page in its order: sections, and what stands outside of any."""
    fields: tuple[Field, ...] = ()
    """All fields, in the order of the page."""
    coded_content: tuple[CodedContent, ...] = ()
    terms: tuple[tuple[str, Code], ...] = ()
    """Template-level terms: ("modality", code)."""
    coding_schemes: Mapping[str, str] = Attribute(default_factory=dict)
    """Designator (an OID) by name."""
    users: tuple[str, ...] = ()
    """user-list of the XML block: who may use the template; empty for everybody."""
    provider_groups: tuple[str, ...] = ()
    """provider-group-list of the XML block."""
    procedure_codes: tuple[Code, ...] = ()
    """procedure-code-list of the draft: the procedures the template is for."""
    scripts: tuple[Script, ...] = ()
    digest: str = ""
    """SHA-256 of the bytes it was parsed from: the version a report is pinned to."""

    def title_in(self, language: str) -> str:
        """Return the title in that language, or the template's own where there is no translation."""
        return self.translations.get(language, self.title)

    @cached_property
    def field_by_key(self) -> Mapping[str, Field]:
        """All fields by key."""
        return {field.key: field for field in self.fields}

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections, nested ones included, in the order of the page."""
        return tuple(_sections(self.content))


def _sections(blocks: tuple[Block, ...]) -> Iterator[Section]:
    for block in blocks:
        if isinstance(block, Section):
            yield block
            yield from _sections(block.content)
