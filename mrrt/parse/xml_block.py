"""The coded part of a template: the XML inside `<script type="text/xml">`, in whatever state it is found."""

from __future__ import annotations

import html
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import lxml.etree

from mrrt.code import Code
from mrrt.parse.page import Page
from mrrt.parse.tree import Element
from mrrt.template import CodedContent

BLOCK_ELEMENTS = frozenset(
    {"template_attributes", "coded_content", "coding_schemes", "term_set", "procedure-code-list"}
)
_XML_TYPES = frozenset({"text/xml", "application/xml"})
_WRAPPING = re.compile(r"<!--|-->|<\?xml[^<>]*>|<!DOCTYPE[^<>]*>|</?script[^<>]*>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_SUBSET = re.compile(r"<!DOCTYPE[^\[<>]*\[[^\]]*\]\s*>", re.IGNORECASE)
_OPEN_CODE = re.compile(r"<code\b([^<>]*)>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")
_STRAY_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_XML_TAG = re.compile(r"<(?:[\w.-]+:)?([a-zA-Z][\w.-]*)")
_FLAGS = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}
_DRAFT_CODE = {"code-value": "value", "code-meaning": "meaning", "coding-scheme-designator": "scheme"}
_PROCEDURES = ("procedure-code-list", "procedure-codes")


Place = tuple[int | None, int | None]
"""Line and column."""


@dataclass(frozen=True, eq=False)
class Node:
    """An element of an XML block: its name in lower case with hyphens, as spelled, and where it stands."""

    name: str
    spelled: str
    element: lxml.etree._Element
    line: int | None
    column: int | None

    @cached_property
    def text(self) -> str:
        """All text within."""
        return "".join(str(text) for text in self.element.itertext()).strip()

    @property
    def parent(self) -> str:
        """The name of the element around it."""
        around = self.element.getparent()
        return _local(around) if around is not None else ""


@dataclass(frozen=True)
class Entry:
    """One coded entry or template-level term as it stands: attributes in lower case, and its place."""

    attributes: Mapping[str, str]
    codes: tuple[Mapping[str, str], ...]
    line: int | None
    column: int | None = None


@dataclass(frozen=True)
class XmlBlock:
    """What all XML blocks of a page say together."""

    blocks: int = 0
    """How many `text/xml` scripts the page has."""
    nodes: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    """All their elements by name, in the order of the page."""
    terms: tuple[Entry, ...] = ()
    entries: tuple[Entry, ...] = ()

    def named(self, *names: str) -> tuple[Node, ...]:
        """Return the elements of one of these names."""
        return tuple(node for name in names for node in self.nodes.get(name, ()))

    @property
    def attributes_elements(self) -> int:
        """How many template_attributes elements there are."""
        return len(self.named("template-attributes"))

    @property
    def status(self) -> str | None:
        """The status as written, None where there is none."""
        return next((node.text for node in self.named("status")), None)

    @property
    def status_line(self) -> int | None:
        """Where the status stands."""
        return next((node.line for node in self.named("status")), None)

    @property
    def draft(self) -> bool:
        """Tell whether codes are written in the children of the draft (code_value, code_meaning)."""
        return bool(self.named("code-value", "code-meaning"))

    @cached_property
    def schemes(self) -> Mapping[str, str]:
        """Designator by name of the coding schemes."""
        found = [_attributes(node.element) for node in self.named("coding-scheme")]
        return {one.get("name", ""): one.get("designator", "") for one in found if one.get("name")}

    @property
    def is_top_level(self) -> bool | None:
        """The top-level-flag as a truth value; None if absent or unintelligible."""
        flag = next((node.text for node in self.named("top-level-flag")), "")
        return _FLAGS.get(flag.lower())

    def listed(self, *names: str) -> tuple[str, ...]:
        """Return the items of a list of names, which commas part."""
        return tuple(item for node in self.named(*names) for part in node.text.split(",") if (item := part.strip()))


def is_xml_script(element: Element) -> bool:
    """Tell whether a script element is the XML block of a template."""
    return element.tag == "script" and (element.get("type") or "").split(";")[0].strip().lower() in _XML_TYPES


def xml_block_of(page: Page) -> XmlBlock:
    """Return what the XML blocks of a page say; nothing in them is too broken to be looked for."""
    scripts = [element for element in page.named("script") if is_xml_script(element)]
    found = [node for script in scripts for node in _nodes(page, script)]
    for loose in page.named(*BLOCK_ELEMENTS):
        if loose.parent is None or loose.parent.tag not in BLOCK_ELEMENTS:
            found += [_loose(page, element) for element in (loose, *loose.descendants)]
    return _gathered(found, len(scripts))


def _nodes(page: Page, script: Element) -> Iterator[Node]:
    tree = _tree(script.text)
    places = _places(page, script)
    start = script.line or 1
    for element in tree.iter():
        if isinstance(element.tag, str) and element is not tree:
            name = _local(element)
            waiting = places.get(name)
            line, column = waiting.popleft() if waiting else (start + int(element.sourceline or 1) - 1, None)
            yield Node(name, _spelled(element), element, line, column)


def _places(page: Page, script: Element) -> dict[str, deque[tuple[int, int]]]:
    """Return the places of the tags in a script, in order and by name; lxml knows no columns."""
    found: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
    if (tag := page.tag(script)) is not None:
        ending = page.source.text.find("</script", tag.end)
        for match in _XML_TAG.finditer(page.source.text, tag.end, ending if ending >= 0 else len(page.source.text)):
            found[match.group(1).lower().replace("_", "-")].append(page.position(match.start()))
    return found


def _loose(page: Page, element: Element) -> Node:
    origin = element.origin
    return Node(_local(origin), _spelled(origin), origin, *page.place(element))


def unwrapped(text: str) -> str:
    """Return the text of a block without the comment, declaration or script tags it is wrapped in; lines are kept."""
    begin = text.upper().find("<!DOCTYPE")
    if begin >= 0 and (subset := _SUBSET.match(text, begin)):
        # what it declares, entities above all, is not wanted
        text = text[:begin] + "\n" * subset.group().count("\n") + text[subset.end() :]
    return _WRAPPING.sub(lambda match: "\n" * match.group().count("\n"), text)


def _tree(text: str) -> lxml.etree._Element:
    text = unwrapped(text)
    if not re.search(r"<code\s*>", text, re.IGNORECASE):
        # attributes only: <code ...> is complete in itself, whether or not anybody closed it
        text = re.sub(r"</code\s*>", "", _OPEN_CODE.sub(_closed, text), flags=re.IGNORECASE)
    text = _STRAY_AMPERSAND.sub("&amp;", _ENTITY.sub(lambda match: html.unescape(match.group()), text))
    parser = lxml.etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    tree = lxml.etree.fromstring(f"<block>{text}</block>".encode("utf-8", "replace"), parser=parser)
    return lxml.etree.Element("block") if tree is None else tree


def _closed(code: re.Match[str]) -> str:
    return f"<code{code.group(1).rstrip().removesuffix('/')}/>"


def _spelled(element: lxml.etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _local(element: lxml.etree._Element) -> str:
    return _spelled(element).lower().replace("_", "-")


def _attributes(element: lxml.etree._Element) -> dict[str, str]:
    return {str(name).rpartition("}")[2].lower(): str(value).strip() for name, value in element.attrib.items()}


def _gathered(found: list[Node], blocks: int) -> XmlBlock:
    named: dict[str, list[Node]] = defaultdict(list)
    for node in found:
        named[node.name].append(node)
    inside = {inner for entry in named["entry"] for inner in entry.element.iter()}
    return XmlBlock(
        blocks=blocks,
        nodes={name: tuple(nodes) for name, nodes in named.items()},
        terms=tuple(_entry(term) for term in named["term"] if term.element not in inside),
        entries=tuple(_entry(entry) for entry in named["entry"]),
    )


def _entry(node: Node) -> Entry:
    return Entry(_attributes(node.element), tuple(codes_in(node.element)), node.line, node.column)


def codes_in(element: lxml.etree._Element) -> Iterator[dict[str, str]]:
    """Yield what each code within an element states (value, meaning, scheme), written as of now or as in the draft."""
    drafts: dict[str, str] = {}
    for inner in element.iter():
        name = _local(inner) if isinstance(inner.tag, str) else ""
        attributes = _attributes(inner) if name == "code" else {}
        if attributes.keys() & {"value", "meaning", "scheme"}:
            yield attributes
        elif name in _DRAFT_CODE:
            drafts[_DRAFT_CODE[name]] = "".join(str(text) for text in inner.itertext()).strip()
            if len(drafts) == 3:
                yield drafts
                drafts = {}
    if "value" in drafts:
        yield drafts


def procedure_codes_of(block: XmlBlock) -> tuple[Code, ...]:
    """Return the codes of the procedure-code-list, which the draft knew."""
    stated = [attributes for node in block.named(*_PROCEDURES) for attributes in codes_in(node.element)]
    return tuple(dict.fromkeys(code for attributes in stated if (code := code_of(attributes))))


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
        line, column = (before.line, before.column) if before else (entry.line, entry.column)
        codes = tuple(dict.fromkeys((*known, *codes)))
        merged[target] = CodedContent(origtxt=target, codes=codes, line=line, column=column)
    return tuple(merged.values())
