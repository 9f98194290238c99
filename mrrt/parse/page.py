"""The page as a tree, with the place of every element in its source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from mrrt.parse.source import Source, decode, refusal

MAX_TAGS = 30_000
"""Signs that can begin a tag; the largest template known has less than 10,000."""
MAX_ATTRIBUTES = 500
"""Attributes of one element."""
MAX_DEPTH = 200
"""Elements inside elements; libxml2 itself drops what lies deeper than 256 without a word."""

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
_MRRT_LIKE = "//input|//select|//textarea|//section|//template_attributes|//meta[starts-with(@name, 'dc')]"


class Tag(NamedTuple):
    """A start or end tag as it stands in the source; line and column count from 1."""

    name: str
    closing: bool
    line: int
    column: int
    end_line: int
    start: int
    end: int


@dataclass(frozen=True)
class Page:
    """A parsed page: what the parser, the checker and the clean-up for the browser share."""

    file: str
    source: Source
    root: HtmlElement
    elements: tuple[HtmlElement, ...] = field(repr=False)
    """All elements in the order of the page; holding them keeps them usable as keys of a mapping."""

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """All tags of the source in order, those inside comments and scripts left out."""
        return tuple(_tags(self.source.text, self._starts))

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(match.end() for match in re.finditer("\n", self.source.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset into the text."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def by_id(self) -> Mapping[str, list[HtmlElement]]:
        """The elements of each id, in the order of the page."""
        found: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in self.elements:
            if identity := (element.get("id") or "").strip():
                found[identity].append(element)
        return dict(found)

    @cached_property
    def order(self) -> Mapping[HtmlElement, int]:
        """The position of each element in the page."""
        return {element: position for position, element in enumerate(self.elements)}

    @cached_property
    def _places(self) -> Mapping[HtmlElement, Tag]:
        waiting: dict[tuple[str, int], deque[Tag]] = defaultdict(deque)
        for tag in self.tags:
            if not tag.closing:
                waiting[(tag.name, tag.end_line)].append(tag)
        places = {}
        for element in self.elements:
            # libxml2 notes the line on which a start tag ends
            if queue := waiting.get((str(element.tag), int(element.sourceline or 0))):
                places[element] = queue.popleft()
        return places

    def tag(self, element: HtmlElement) -> Tag | None:
        """Return the start tag of an element; None where the page implies it."""
        return self._places.get(element)

    def place(self, element: HtmlElement) -> tuple[int | None, int | None]:
        """Return line and column of an element's start tag; the column is unknown for implied elements."""
        tag = self._places.get(element)
        return (tag.line, tag.column) if tag else (element.sourceline, None)

    @cached_property
    def _by_name(self) -> Mapping[str, list[HtmlElement]]:
        found: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in self.elements:
            found[name_of(element)].append(element)
        return dict(found)

    @property
    def names(self) -> Iterable[str]:
        """The names of all elements, each once."""
        return self._by_name.keys()

    def named(self, *names: str) -> Iterator[HtmlElement]:
        """Yield the elements with one of these tag names, in the order of the page."""
        if len(names) == 1:
            return iter(self._by_name.get(names[0], ()))
        found = [element for name in names for element in self._by_name.get(name, ())]
        return iter(sorted(found, key=self.order.__getitem__))


def name_of(element: HtmlElement | None) -> str:
    """Return the tag name of an element, empty for a comment or for none."""
    return element.tag if element is not None and isinstance(element.tag, str) else ""


def read(source: bytes | str, file: str) -> Page:
    """Return the page of a template.

    Raises Unreadable where the input is no HTML page, too large, too deeply nested, has too many tags, or holds
    neither field, section nor metadata of a template.
    """
    decoded = decode(source, file)
    _refuse_bulk(decoded.text, file)
    root = _root(decoded.text, file)
    _refuse_depth(root, file)
    if not root.xpath(_MRRT_LIKE):
        raise refusal(file, "this page holds no section, no field and no template metadata")
    elements = tuple(element for element in root.iter() if isinstance(element.tag, str))
    return Page(file, decoded, root, elements)


def _refuse_bulk(text: str, file: str) -> None:
    """Refuse what the parsers below would take too long over; libxml2 is quadratic in the attributes of a tag."""
    if (count := text.count("<")) > MAX_TAGS:
        what = f"the page has {count} tags, more than the {MAX_TAGS} a template may have"
        raise refusal(file, what, "Part it into templates that embed each other, or shorten its lists of options.")
    for piece in text.split("<"):
        if len(piece) > 2 * MAX_ATTRIBUTES and piece[0].isalpha():
            count = len(_BETWEEN.split(_QUOTED.sub(" ", piece).partition(">")[0])) - 1
            if count > MAX_ATTRIBUTES:
                what = f"an element has {count} attributes, more than the {MAX_ATTRIBUTES} it may have"
                raise refusal(file, what, "Take attributes out that nobody reads.")


def _root(text: str, file: str) -> HtmlElement:
    # huge_tree lifts the silent limit on depth, so that it can be measured and refused aloud
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise refusal(file, "this holds no HTML") from error
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


def _refuse_depth(root: HtmlElement, file: str) -> None:
    depth = 0
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            what = f"elements are nested more than {MAX_DEPTH} deep at line {element.sourceline}"
            raise refusal(file, what, "Close the elements that are left open, or lay the page out with fewer tables.")


def _tags(text: str, starts: list[int]) -> Iterator[Tag]:
    # nothing behind the last ">" is a tag; not looking there keeps the scan linear on hostile pages
    position, limit = 0, text.rfind(">") + 1
    while match := _TOKEN.search(text, position, limit):
        position = match.end()
        if match.group() == "<!--":
            position = text.find("-->", position) + 3
            if position < 3:
                return
        elif match.group("name") is not None:
            tag = _tag(match, starts)
            yield tag
            if tag.name in _RAW_END and not tag.closing:
                ending = _RAW_END[tag.name].search(text, position)
                position = ending.start() if ending else limit


def _tag(match: re.Match[str], starts: list[int]) -> Tag:
    start, end = match.span()
    line = bisect_right(starts, start)
    end_line = line if line == len(starts) or end <= starts[line] else bisect_right(starts, end - 1)
    close, name = match.group("close", "name")
    return Tag(name.lower(), bool(close), line, start - starts[line - 1] + 1, end_line, start, end)
