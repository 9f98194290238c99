"""The coded content of an embedded page, carried over into the XML block of the page around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from mrrt.parse.page import Page
from mrrt.parse.xml_block import Entry, XmlBlock, is_xml_script

_END_OF_CONTENT = re.compile(r"</coded_content\s*>", re.IGNORECASE)
_END_OF_SCHEMES = re.compile(r"</coding_schemes\s*>", re.IGNORECASE)
_EMPTY_CONTENT = re.compile(r"<coded_content\s*/>", re.IGNORECASE)
_END_OF_ALL = re.compile(r"</template_attributes\s*>", re.IGNORECASE)


@dataclass
class Coding:
    """The entries of embedded pages, their ORIGTXT prefixed, and the coding schemes that they use by name."""

    entries: list[Entry] = field(default_factory=list)
    schemes: dict[str, str] = field(default_factory=dict)

    def add(self, block: XmlBlock) -> None:
        """Add what the XML block of a page says of its elements; its terms about itself stay behind."""
        self.entries += block.entries
        self.schemes = {**block.schemes, **self.schemes}

    def take(self, other: Coding, prefix: str) -> None:
        """Add all of another page, with a prefix before the ids that it speaks of."""
        for entry in other.entries:
            target = entry.attributes.get("origtxt", "")
            attributes = {**entry.attributes, "origtxt": f"{prefix}{target}"} if target else entry.attributes
            self.entries.append(Entry(attributes, entry.codes, entry.line))
        self.schemes = {**other.schemes, **self.schemes}


def write_coding(page: Page, known: Mapping[str, str], coding: Coding) -> None:
    """Write entries and schemes into the XML block of a page, before the end of what stands there."""
    if not coding.entries:
        return
    names = {name.casefold() for name in known}
    schemes = {name: value for name, value in coding.schemes.items() if name.casefold() not in names}
    script = _block(page)
    text = script.text or ""
    text = _EMPTY_CONTENT.sub("<coded_content></coded_content>", text)
    text = _inserted(text, _END_OF_CONTENT, "coded_content", map(_entry, coding.entries))
    if schemes:
        text = _inserted(text, _END_OF_SCHEMES, "coding_schemes", map(_scheme, schemes, schemes.values()))
    script.text = text


def _block(page: Page) -> HtmlElement:
    scripts = [element.origin for element in page.elements if is_xml_script(element)]
    holding = [one for one in scripts if _END_OF_CONTENT.search(one.text or "")]
    if found := holding or scripts:
        return found[0]
    made = lxml.html.fromstring('<script type="text/xml"></script>')
    made.text = "<template_attributes></template_attributes>"
    head = page.root.find("head")
    (page.root if head is None else head).insert(0 if head is None else len(head), made)
    return made


def _inserted(text: str, end: re.Pattern[str], name: str, elements: Iterable[str]) -> str:
    lines = "".join(f"{element}\n" for element in elements)
    if match := end.search(text):
        return f"{text[: match.start()]}{lines}{text[match.start() :]}"
    place = match.start() if (match := _END_OF_ALL.search(text)) else len(text)
    return f"{text[:place]}<{name}>\n{lines}</{name}>\n{text[place:]}"


def _entry(entry: Entry) -> str:
    element = lxml.etree.Element("entry")
    for name, value in entry.attributes.items():
        element.set("ORIGTXT" if name == "origtxt" else name, value)
    for code in entry.codes:
        term = lxml.etree.SubElement(element, "term")
        lxml.etree.SubElement(term, "code", {str(name): str(value) for name, value in code.items()})
    return lxml.etree.tostring(element, encoding="unicode")


def _scheme(name: str, designator: str) -> str:
    return lxml.etree.tostring(
        lxml.etree.Element("coding_scheme", name=name, designator=designator), encoding="unicode"
    )
