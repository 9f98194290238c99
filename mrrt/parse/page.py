"""The page as a tree, with the place of every element in its source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import lxml.etree
from lxml.html import HtmlComment, HtmlElement

from mrrt.parse.source import Source, characters, decode, refusal
from mrrt.parse.tree import Element, elements_of

MAX_TAGS = 30_000
"""Signs that can begin a tag; the largest template known has less than 10,000."""
MAX_ATTRIBUTES = 500
"""Attributes of one element."""
MAX_REFERENCES = 30_000
"""Signs that can begin a character reference; each that is wrong is a problem, and is mended."""
_TOKEN = re.compile(
    r"<!--"
    r"|<!doctype[^>]*>"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^>]?))*+>",
    re.DOTALL | re.IGNORECASE,
)
_VOID_TO_US = ("embed", "wbr", "source", "track")
"""Elements that hold nothing in HTML; libxml2 lets them swallow the rest of what they stand in."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BETWEEN = re.compile(r"[\s/]+")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_RAW_END = {name: re.compile(rf"</{name}[\s/>]", re.IGNORECASE) for name in _RAW}
_MRRT_LIKE = lxml.etree.XPath(
    "//input|//select|//textarea|//section|//template_attributes|//meta[starts-with(@name, 'dc')]"
)
_CLASSES = lxml.etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment)


class Tag(NamedTuple):
    """A start or end tag as it stands in the source, from `start` up to `end`."""

    name: str
    closing: bool
    start: int
    end: int


_new = tuple.__new__


@dataclass(frozen=True)
class Page:
    """A parsed page: what the parser, the checker and the clean-up for the browser share."""

    file: str
    source: Source
    root: HtmlElement
    """The tree of lxml, for those who rewrite the page."""
    elements: tuple[Element, ...] = field(repr=False)
    """All elements in the order of the page, as they were read."""

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """All tags of the source in order, those inside comments and scripts left out."""
        return tuple(_tags(self.source.text))

    def closes_itself(self, tag: Tag) -> bool:
        """Tell whether a tag is written as XML has elements without content."""
        return self.source.text[tag.start : tag.end - 1].rstrip().endswith("/")

    @cached_property
    def ends_too_many(self) -> frozenset[str]:
        """The names that more tags end than begin, those that close themselves left out."""
        balance = Counter[str]()
        for tag in self.tags:
            if not self.closes_itself(tag):
                balance[tag.name] += 1 if tag.closing else -1
        return frozenset(name for name, more in balance.items() if more > 0)

    def starts(self, name: str) -> list[Tag]:
        """Return the start tags of this name, in order."""
        return [tag for tag in self.tags if tag.name == name and not tag.closing]

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(match.end() for match in re.finditer("\n", self.source.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset into the text, which count from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def by_id(self) -> Mapping[str, list[Element]]:
        """The elements of each id, in the order of the page."""
        found: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            if "id" in element.attributes and (identity := element.identity):
                found[identity].append(element)
        return dict(found)

    @cached_property
    def _places(self) -> Mapping[Element, Tag]:
        waiting: dict[tuple[str, int], deque[Tag]] = defaultdict(deque)
        line, ends = 1, [*self._starts[1:], len(self.source.text) + 1]
        for tag in self.tags:
            name, closing, _, end = tag
            if not closing:
                while ends[line - 1] < end:
                    line += 1
                waiting[name, line].append(tag)
        places = {}
        for element in self.elements:
            # libxml2 notes the line on which a start tag ends
            if tags := waiting.get((element.tag, element.line or 0)):
                places[element] = tags.popleft()
        return places

    def tag(self, element: Element) -> Tag | None:
        """Return the start tag of an element; None where the page implies it."""
        return self._places.get(element)

    def place(self, element: Element) -> tuple[int | None, int | None]:
        """Return line and column of an element's start tag; the column is unknown for implied elements."""
        tag = self._places.get(element)
        return self.position(tag.start) if tag else (element.line, None)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Element]]:
        found: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            found[element.tag].append(element)
        return dict(found)

    @property
    def names(self) -> Iterable[str]:
        """The names of all elements, each once."""
        return self._by_name.keys()

    def named(self, *names: str) -> list[Element]:
        """Return the elements with one of these tag names, in the order of the page."""
        if len(names) == 1:
            return self._by_name.get(names[0], [])
        found = [element for name in names for element in self._by_name.get(name, ())]
        return sorted(found, key=attrgetter("position"))


def read(source: bytes | str, file: str) -> Page:
    """Return the page of a template.

    Raises Unreadable where the input is no HTML page, too large, too deeply nested, has too many tags, or holds
    neither field, section nor metadata of a template.
    """
    decoded = decode(source, file)
    _refuse_bulk(decoded.text, file)
    root = _root(characters(decoded.text), file)
    elements = elements_of(root, file)
    if not _MRRT_LIKE(root):
        raise refusal(file, "this page holds no section, no field and no template metadata")
    return Page(file, decoded, root, elements)


def _refuse_bulk(text: str, file: str) -> None:
    """Refuse what the parsers below would take too long over; libxml2 is quadratic in the attributes of a tag."""
    if (count := text.count("<")) > MAX_TAGS:
        what = f"the page has {count} tags, more than the {MAX_TAGS} a template may have"
        raise refusal(file, what, "Part it into templates that embed each other, or shorten its lists of options.")
    if (count := text.count("&")) > MAX_REFERENCES:
        what = f"the page has {count} character references, more than the {MAX_REFERENCES} a template may have"
        raise refusal(file, what, "Write the characters themselves, in UTF-8.")
    for piece in [piece for piece in text.split("<") if len(piece) > 2 * MAX_ATTRIBUTES]:
        if piece[0].isalpha():
            count = len(_BETWEEN.split(_QUOTED.sub(" ", piece).partition(">")[0])) - 1
            if count > MAX_ATTRIBUTES:
                what = f"an element has {count} attributes, more than the {MAX_ATTRIBUTES} it may have"
                raise refusal(file, what, "Take attributes out that nobody reads.")


def _root(text: str, file: str) -> HtmlElement:
    # huge_tree lifts the silent limit on depth, so that it can be measured and refused aloud
    parser = lxml.etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        root = lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise refusal(file, "this holds no HTML") from error
    if not isinstance(root, HtmlElement):
        raise refusal(file, "this holds no HTML")
    for element in list(root.iter(*_VOID_TO_US)):
        _emptied(element)
    return root


def _emptied(element: HtmlElement) -> None:
    """Set behind an element what libxml2 took for its content; outer ones first, so that each child moves once."""
    children, text, tail = list(element), element.text or "", element.tail or ""
    if element.getparent() is None or not (children or text):
        return
    element.text = element.tail = None
    for child in reversed(children):
        element.addnext(child)
    if children:
        children[-1].tail = (children[-1].tail or "") + tail
    element.tail = text if children else text + tail


def _tags(text: str) -> list[Tag]:
    # nothing behind the last ">" is a tag; not looking there keeps the scan linear on hostile pages
    position, limit = 0, text.rfind(">") + 1
    tags: list[Tag] = []
    while position < limit:
        position = _scan(text, position, limit, tags)
    return tags


def _scan(text: str, position: int, limit: int, tags: list[Tag]) -> int:
    """Add the tags up to the next comment or raw text, and return where that ends."""
    for match in _TOKEN.finditer(text, position, limit):
        close, name = match.groups()
        start, end = match.span()
        if name is not None:
            name = name.lower()
            # as Tag(...) does it, without the function around it
            tags.append(_new(Tag, (name, close == "/", start, end)))
            if name in _RAW_END and not close:
                ending = _RAW_END[name].search(text, end)
                return ending.start() if ending else limit
        elif end - start == len("<!--"):
            behind = text.find("-->", end)
            return behind + len("-->") if behind >= 0 else limit
    return limit
