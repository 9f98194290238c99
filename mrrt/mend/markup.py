"""Menders of the markup: errors of HTML, elements with a permitted twin, what keeps a page from being XML (H, D)."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from html.entities import html5

import lxml.etree

from mrrt.check.html_tokens import VOID, token_faults
from mrrt.check.html_tree import tree_faults
from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix, applied, attributes_of, remove_whole, rename_element
from mrrt.mend.table import fix, mender
from mrrt.parse.page import Page, Tag

_TWINS = {"b": "strong", "i": "em"}
"""Elements that look alike in every browser; the second one is permitted (8.1.5)."""
_INLINE = frozenset({"span", "a", "b", "i", "em", "strong", "u", "q", "sub", "sup"})
_BOOLEAN = frozenset({"checked", "disabled", "hidden", "multiple", "readonly", "required", "selected"})
_RAW = frozenset({"script", "style"})
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[0-9a-zA-Z]+)(;?)|&")
_NOT_XML = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)(?:([0-9a-zA-Z]+);)?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DOCTYPE = re.compile(r"<!(doctype)\s+(html)", re.IGNORECASE)


@mender("H1")
def faults(subject: Subject) -> Iterator[Fix]:
    page = subject.page
    for offset, message in sorted({*token_faults(page), *tree_faults(page)}):
        found = next((edit for pattern, edit in _FAULTS if pattern.search(message)), None)
        if found is not None and (made := found(page, offset)):
            what, edits = made
            yield Fix(what, page.position(offset)[0], tuple(edits))


Made = tuple[str, list[Edit]] | None
"""What was mended, and the edits; None where the fault can be read in several ways."""


def _bare_sign(page: Page, offset: int) -> Made:
    return 'a bare "<" became &lt;', [Edit(offset, offset + 1, "&lt;")]


def _reference(page: Page, offset: int) -> Made:
    match = _REFERENCE.match(page.source.text, offset)
    name = match.group()[1:].rstrip(";") if match else ""
    known = (
        name
        if name[:1] == "#"
        else max((name[:end] for end in range(len(name) + 1) if name[:end] in html5), key=len, default="")
    )
    if match and known and not (match.group(1) and known == name):
        end = offset + 1 + len(known)
        return f"&{known} got its semicolon", [Edit(end, end, ";")]
    return "a bare & became &amp;", [Edit(offset, offset + 1, "&amp;")]


def _stray_end(page: Page, offset: int) -> Made:
    tag = _tag_at(page, offset)
    # browsers take </br> for <br>
    if tag is None or tag.name == "br":
        return None
    edit = remove_whole(page, tag.start, tag.end)
    return f"</{tag.name}>, which ends nothing, was removed", [edit, *_closing_instead(page, tag)]


def _closing_instead(page: Page, end: Tag) -> Iterator[Edit]:
    """Yield the edit that closes an element which holds nothing in itself, where XML was content with its end tag."""
    if end.name not in VOID:
        return
    number = bisect_left(page.tags, end.start, key=lambda tag: tag.start)
    earlier = (page.tags[place] for place in range(number - 1, -1, -1))
    before = next((one for one in earlier if one.name == end.name and not one.closing), None)
    if before is not None and not page.closes_itself(before):
        yield Edit(before.end - 1, before.end - 1, "/")


def _closed_in_itself(page: Page, offset: int) -> Made:
    tag = _tag_at(page, offset)
    if tag is None or tag.name not in _INLINE:
        return None
    # an end tag too many may belong to this very element
    if tag.name in page.ends_too_many:
        return None
    slash = page.source.text.rindex("/", tag.start, tag.end)
    return f"<{tag.name}/> became <{tag.name}></{tag.name}>", [Edit(slash, tag.end, f"></{tag.name}>")]


def _second_attribute(page: Page, offset: int) -> Made:
    tag = _tag_at(page, offset)
    written = next((one for one in attributes_of(page, tag) if one.start == offset), None) if tag else None
    if written is None:
        return None
    begin = len(page.source.text[: written.start].rstrip())
    return f'the second attribute "{written.name}" was removed, the first counts', [Edit(begin, written.end, "")]


def _missing_blank(page: Page, offset: int) -> Made:
    return "a blank was set between two attributes", [Edit(offset, offset, " ")]


_FAULTS: tuple[tuple[re.Pattern[str], Callable[[Page, int], Made]], ...] = (
    (re.compile('^a bare "<"'), _bare_sign),
    (re.compile("no character reference"), _reference),
    (re.compile("^</.* ends nothing"), _stray_end),
    (re.compile("does not close itself"), _closed_in_itself),
    (re.compile("written twice in one tag"), _second_attribute),
    (re.compile("a blank is missing"), _missing_blank),
)
"""How each fault of HTML is mended that can be read in one way only, by the words in which H1 tells of it."""


def _tag_at(page: Page, offset: int) -> Tag | None:
    """Return the tag that holds an offset of the source."""
    number = bisect_right(page.tags, offset, key=lambda tag: tag.start) - 1
    return page.tags[number] if number >= 0 and offset < page.tags[number].end else None


@mender("D11")
def permitted_twins(subject: Subject) -> Iterator[Fix]:
    for element in subject.page.named(*_TWINS):
        # a class may have it look quite different
        if not element.attributes:
            old, new = element.tag, _TWINS[element.tag]
            yield from fix(subject, element, f"{old} became {new}", rename_element(subject.page, element, new))


@mender("D3")
def readable_as_xml(subject: Subject) -> Iterator[Fix]:
    text = subject.page.source.text
    if _is_xml(text):
        return
    edits = list(_as_xml(subject.page))
    made = Fix(
        "elements that hold nothing were closed, attributes quoted and named references replaced,"
        " so that the page can be read as XML",
        subject.page.position(edits[0].start)[0] if edits else 1,
        tuple(edits),
    )
    # half of it would serve nobody
    if edits and _is_xml(applied(text, [made])[0]):
        yield made


def _is_xml(text: str) -> bool:
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        lxml.etree.fromstring(text.encode("utf-8", "replace").lstrip(), parser)
    except lxml.etree.XMLSyntaxError:
        return False
    return True


def _as_xml(page: Page) -> Iterator[Edit]:
    """Yield all edits after which a page may be XML; end tags that HTML implies are not written."""
    text, behind, inside = page.source.text, 0, ""
    if match := _DOCTYPE.match(text.lstrip()[:200]):
        begin = len(text) - len(text.lstrip())
        yield from (
            Edit(begin + match.start(n), begin + match.end(n), word)
            for n, word in ((1, "DOCTYPE"), (2, "html"))
            if match.group(n) != word
        )
    for tag in page.tags:
        if inside not in _RAW:
            yield from _references(text, behind, tag.start)
        yield from _tag_as_xml(page, tag)
        behind, inside = tag.end, "" if tag.closing else tag.name


def _references(text: str, start: int, end: int) -> Iterator[Edit]:
    if "&" not in (piece := text[start:end]):
        return
    piece = _COMMENT.sub(lambda match: " " * len(match.group()), piece)
    for match in _NOT_XML.finditer(piece):
        signs = html5.get(f"{match.group(1)};", "") if match.group(1) else ""
        if signs:
            yield Edit(start + match.start(), start + match.end(), "".join(map(_sign, signs)))
        elif html.unescape(piece[match.start() : match.start() + 40])[0] == "&":
            # else it is a reference that lacks its semicolon, which H1 is about
            yield Edit(start + match.start(), start + match.start() + 1, "&amp;")


def _sign(sign: str) -> str:
    """Return a sign as it stands, or by its number where nobody would see it."""
    return f"&#{ord(sign)};" if unicodedata.category(sign)[0] in "ZC" else html.escape(sign)


def _tag_as_xml(page: Page, tag: Tag) -> Iterator[Edit]:
    text, name = page.source.text, tag.start + 1 + tag.closing
    if text[name : name + len(tag.name)] != tag.name:
        yield Edit(name, name + len(tag.name), tag.name)
    if tag.closing:
        return
    for one in attributes_of(page, tag):
        raw = text[one.value_start : one.end] if one.value is not None else ""
        if one.value is None:
            yield Edit(one.name_end, one.name_end, f'="{one.name if one.name in _BOOLEAN else ""}"')
        elif raw[:1] not in ('"', "'"):
            yield Edit(one.value_start, one.end, f'"{html.escape(one.value)}"')
        else:
            yield from _references(text, one.value_start, one.end)
            yield from (Edit(at, at + 1, "&lt;") for at in range(one.value_start, one.end) if text[at] == "<")
    if tag.name in VOID and not page.closes_itself(tag):
        yield Edit(tag.end - 1, tag.end - 1, "/")
