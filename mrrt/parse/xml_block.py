"""The coded part of a template: the XML inside `<script type="text/xml">`, in whatever state it is found."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import lxml.etree
from lxml.html import HtmlElement

from mrrt.code import Code
from mrrt.parse.page import Page, name_of
from mrrt.template import CodedContent

BLOCK_ELEMENTS = frozenset({"template_attributes", "coded_content", "coding_schemes", "term_set"})
_XML_TYPES = frozenset({"text/xml", "application/xml"})
_WRAPPING = re.compile(r"<!--|-->|<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|</?script[^>]*>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_OPEN_CODE = re.compile(r"<code\b(\s+[^<>]*?)\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")
_STRAY_AMPERSAND = re.compile(r"&(?!#?\w+;)")


@dataclass(frozen=True)
class Entry:
    """One coded entry or template-level term as it stands: attributes in lower case, and its line."""

    attributes: Mapping[str, str]
    codes: tuple[Mapping[str, str], ...]
    line: int | None


@dataclass(frozen=True)
class XmlBlock:
    """What all XML blocks of a page say together."""

    blocks: int = 0
    """How many `text/xml` scripts the page has."""
    attributes_elements: int = 0
    status: str | None = None
    status_line: int | None = None
    top_level: str | None = None
    schemes: Mapping[str, str] = field(default_factory=dict)
    """Designator by name."""
    terms: tuple[Entry, ...] = ()
    entries: tuple[Entry, ...] = ()
    draft: bool = False
    """Written in the children of the draft (code_value, code_meaning)."""

    @property
    def is_top_level(self) -> bool | None:
        """The top-level-flag as a truth value; None if absent or unintelligible."""
        return {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False}.get(
            (self.top_level or "").strip().lower()
        )


def is_xml_script(element: HtmlElement) -> bool:
    """Tell whether a script element is the XML block of a template."""
    return element.tag == "script" and (element.get("type") or "").split(";")[0].strip().lower() in _XML_TYPES


def xml_block_of(page: Page) -> XmlBlock:
    """Return what the XML blocks of a page say; nothing in them is too broken to be looked for."""
    scripts = [element for element in page.elements if is_xml_script(element)]
    trees = [(_tree(script.text or ""), int(script.sourceline or 1)) for script in scripts]
    loose = [element for element in page.elements if element.tag in BLOCK_ELEMENTS]
    trees += [(element, 1) for element in loose if name_of(element.getparent()) not in BLOCK_ELEMENTS]
    found = [(element, line) for tree, start in trees for element, line in _elements(tree, start)]
    return _gathered(found, len(scripts))


def _tree(text: str) -> lxml.etree._Element:
    text = _WRAPPING.sub(lambda match: "\n" * match.group().count("\n"), text)
    if not re.search(r"<code\s*>", text, re.IGNORECASE):
        # attributes only: <code ...> is complete in itself, whether or not anybody closed it
        text = re.sub(r"</code\s*>", "", _OPEN_CODE.sub(r"<code\1/>", text), flags=re.IGNORECASE)
    text = _STRAY_AMPERSAND.sub("&amp;", _ENTITY.sub(lambda match: html.unescape(match.group()), text))
    parser = lxml.etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    tree = lxml.etree.fromstring(f"<block>{text}</block>".encode("utf-8", "replace"), parser=parser)
    return lxml.etree.Element("block") if tree is None else tree


def _elements(tree: lxml.etree._Element, start: int) -> Iterator[tuple[lxml.etree._Element, int]]:
    for element in tree.iter():
        if isinstance(element.tag, str):
            yield element, start + int(element.sourceline or 1) - 1


def _local(element: lxml.etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower().replace("_", "-")


def _attributes(element: lxml.etree._Element) -> dict[str, str]:
    return {str(name).rpartition("}")[2].lower(): str(value).strip() for name, value in element.attrib.items()}


def _gathered(found: list[tuple[lxml.etree._Element, int]], blocks: int) -> XmlBlock:
    named: dict[str, list[tuple[lxml.etree._Element, int]]] = defaultdict(list)
    for element, line in found:
        named[_local(element)].append((element, line))
    status = next(iter(named["status"]), None)
    entries = named["entry"]
    inside = {inner for entry, _ in entries for inner in entry.iter()}
    return XmlBlock(
        blocks=blocks,
        attributes_elements=len(named["template-attributes"]),
        status=_text(status[0]) if status else None,
        status_line=status[1] if status else None,
        top_level=next((_text(element) for element, _ in named["top-level-flag"]), None),
        schemes=_schemes(named["coding-scheme"]),
        terms=tuple(_entry(term, line) for term, line in named["term"] if term not in inside),
        entries=tuple(_entry(entry, line) for entry, line in entries),
        draft=bool(named["code-value"] or named["code-meaning"]),
    )


def _text(element: lxml.etree._Element) -> str:
    return "".join(str(text) for text in element.itertext()).strip()


def _schemes(found: list[tuple[lxml.etree._Element, int]]) -> dict[str, str]:
    attributes = [_attributes(element) for element, _ in found]
    return {one.get("name", ""): one.get("designator", "") for one in attributes if one.get("name")}


def _entry(element: lxml.etree._Element, line: int) -> Entry:
    return Entry(_attributes(element), tuple(_codes(element)), line)


def _codes(element: lxml.etree._Element) -> Iterator[dict[str, str]]:
    drafts: dict[str, str] = {}
    for inner in element.iter():
        name = _local(inner) if isinstance(inner.tag, str) else ""
        attributes = _attributes(inner) if name == "code" else {}
        if attributes.keys() & {"value", "meaning", "scheme"}:
            yield attributes
        elif name in ("code-value", "code-meaning", "coding-scheme-designator"):
            drafts[{"code-value": "value", "code-meaning": "meaning"}.get(name, "scheme")] = _text(inner)
            if len(drafts) == 3:
                yield drafts
                drafts = {}
    if "value" in drafts:
        yield drafts


def code_of(attributes: Mapping[str, str]) -> Code | None:
    """Return the code that a `code` element writes, or None where it has no value."""
    value = attributes.get("value", "")
    return Code.of(attributes.get("scheme", ""), value, attributes.get("meaning", "")) if value else None


def coded_content_of(block: XmlBlock) -> tuple[CodedContent, ...]:
    """Return the entries of a block, those of one element merged, in the order of the block."""
    merged: dict[str, CodedContent] = {}
    for entry in block.entries:
        target = entry.attributes.get("origtxt", "")
        codes = tuple(code for attributes in entry.codes if (code := code_of(attributes)))
        before = merged.get(target)
        known = before.codes if before else ()
        line = before.line if before else entry.line
        merged[target] = CodedContent(origtxt=target, codes=tuple(dict.fromkeys((*known, *codes))), line=line)
    return tuple(merged.values())
