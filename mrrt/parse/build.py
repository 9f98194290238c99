"""From a page to a Template: every part is read by its own module, here they are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mrrt.parse.content import Surroundings
from mrrt.parse.controls import controls_of
from mrrt.parse.dialect import dialect_of
from mrrt.parse.fields import FieldReading, fields_of
from mrrt.parse.labels import Labels
from mrrt.parse.metadata import first, metadata_of, title_of, title_translations
from mrrt.parse.page import Page, read
from mrrt.parse.scripts import scripts_of
from mrrt.parse.sections import headings_of
from mrrt.parse.xml_block import XmlBlock, code_of, coded_content_of, procedure_codes_of, xml_block_of
from mrrt.template import CodedContent, Script, Template


def parse(source: bytes | str, file: str = "template") -> Template:
    """Return the template that a page holds, whichever dialect of MRRT it is written in.

    `file` is the name used in messages. What is wrong with a template does not keep it from being read; use
    `mrrt.check.check` to hear of it. Raises Unreadable where the input is no HTML page of a template, larger
    than 4 MB, or nested too deeply.
    """
    return build(read(source, file))


def build(page: Page) -> Template:
    """Return the template of a page that was read already."""
    return Reading(page).template


@dataclass(frozen=True, eq=False)
class Reading:
    """A page and what it says as a template; each part is read when it is first asked for."""

    page: Page

    @cached_property
    def block(self) -> XmlBlock:
        """What its XML blocks say."""
        return xml_block_of(self.page)

    @cached_property
    def around(self) -> Surroundings:
        """What its content refers to: its controls, labels, section headings and codes."""
        controls = controls_of(self.page)
        codes = {entry.origtxt: entry.codes for entry in self.coded_content}
        return Surroundings(self.page, controls, Labels(self.page, controls), headings_of(self.page), codes)

    @cached_property
    def coded_content(self) -> tuple[CodedContent, ...]:
        """The entries of its XML blocks."""
        return coded_content_of(self.block)

    @cached_property
    def metadata(self) -> Mapping[str, tuple[str, ...]]:
        """Its Dublin Core terms, and what else its meta elements state."""
        return metadata_of(self.page)

    @property
    def identifier(self) -> str:
        """The identifier of the template, empty where none is stated."""
        return first(self.metadata, "identifier")

    @property
    def title(self) -> str:
        """The title of the template."""
        return title_of(self.page, self.metadata)

    @property
    def language(self) -> str:
        """The two letters of its language, as far as one is stated."""
        stated = first(self.metadata, "language") or self.page.elements[0].get("lang") or ""
        return stated.strip().lower()[:2]

    @cached_property
    def dialect(self) -> str:
        """The dialect it is written in."""
        return dialect_of(self.page, self.metadata, self.block)

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """The JavaScript in it."""
        return scripts_of(self.page)

    @cached_property
    def fields(self) -> Mapping[str, FieldReading]:
        """What it says of each field, by key, in the order of the page."""
        return {field.key: field for field in fields_of(self.around, self.dialect)}

    @cached_property
    def template(self) -> Template:
        """The whole template."""
        block = self.block
        return Template(
            identifier=self.identifier,
            title=self.title,
            translations=title_translations(self.page),
            language=self.language,
            dialect=self.dialect,
            metadata=self.metadata,
            status=(block.status or "").upper() or None,
            top_level=block.is_top_level,
            content=self.around.content,
            fields=tuple(field.whole() for field in self.fields.values()),
            coded_content=self.coded_content,
            terms=tuple(
                (term.attributes.get("type", ""), code)
                for term in block.terms
                for attributes in term.codes
                if (code := code_of(attributes))
            ),
            coding_schemes=block.schemes,
            users=block.listed("user-list", "userlist"),
            provider_groups=block.listed("provider-group-list", "provider-grouplist"),
            procedure_codes=procedure_codes_of(block),
            scripts=self.scripts,
            digest=self.page.source.digest,
        )
