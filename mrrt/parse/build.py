"""From a page to a Template: every part is read by its own module, here they are put together."""

from __future__ import annotations

from collections.abc import Mapping

from mrrt.parse.content import Surroundings, content_of, unit_texts
from mrrt.parse.controls import controls_of
from mrrt.parse.dialect import dialect_of
from mrrt.parse.fields import fields_of
from mrrt.parse.labels import Labels
from mrrt.parse.metadata import first, metadata_of, title_of, title_translations
from mrrt.parse.page import Page, read
from mrrt.parse.scripts import scripts_of
from mrrt.parse.sections import headings_of
from mrrt.parse.xml_block import XmlBlock, code_of, coded_content_of, procedure_codes_of, xml_block_of
from mrrt.template import Template


def parse(source: bytes | str, file: str = "template") -> Template:
    """Return the template that a page holds, whichever dialect of MRRT it is written in.

    `file` is the name used in messages. What is wrong with a template does not keep it from being read; use
    `mrrt.check.check` to hear of it. Raises Unreadable where the input is no HTML page of a template, larger
    than 4 MB, or nested too deeply.
    """
    return build(read(source, file))


def build(page: Page, block: XmlBlock | None = None, around: Surroundings | None = None) -> Template:
    """Return the template of a page that was read already."""
    block = block or xml_block_of(page)
    metadata = metadata_of(page)
    dialect = dialect_of(page, metadata, block)
    around = around or surroundings(page, block)
    content = content_of(around)
    return Template(
        identifier=first(metadata, "identifier"),
        title=title_of(page, metadata),
        translations=title_translations(page),
        language=_language(page, metadata),
        dialect=dialect,
        metadata=metadata,
        status=(block.status or "").upper() or None,
        top_level=block.is_top_level,
        content=content,
        fields=fields_of(around, dict(unit_texts(content)), dialect),
        coded_content=coded_content_of(block),
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
        scripts=scripts_of(page),
        digest=page.source.digest,
    )


def surroundings(page: Page, block: XmlBlock) -> Surroundings:
    """Return what the content of a page refers to: its controls, labels, section headings and codes."""
    controls = controls_of(page)
    codes = {entry.origtxt: entry.codes for entry in coded_content_of(block)}
    return Surroundings(page, controls, Labels(page, controls), headings_of(page), codes)


def _language(page: Page, metadata: Mapping[str, tuple[str, ...]]) -> str:
    stated = first(metadata, "language") or page.elements[0].get("lang") or ""
    return stated.strip().lower()[:2]
