"""Edits of a source text: where a tag and its attributes stand, and how they are changed without touching the rest."""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mrrt.parse.page import Page, Tag
from mrrt.parse.tree import Element

_ATTRIBUTE = re.compile(r"[\s/]*([^\s=>/\"'][^\s=>/]*)(?:(\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s>]*))?")
_NEXT_LINE = re.compile(r"[ \t]*(\r?\n[ \t]*)")


class Edit(NamedTuple):
    """Replace text[start:end] by `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Fix:
    """One thing mended: its edits, made together or not at all."""

    what: str
    line: int | None
    edits: tuple[Edit, ...]


class Written(NamedTuple):
    """An attribute as it stands in the source, by offsets; `value` is None where there is but the name."""

    name: str
    start: int
    name_end: int
    value_start: int
    end: int
    value: str | None


def attributes_of(page: Page, tag: Tag) -> Iterator[Written]:
    """Yield the attributes of a start tag."""
    text = page.source.text
    position, limit = tag.start + 1 + len(tag.name), tag.end - 1
    while (match := _ATTRIBUTE.match(text, position, limit)) and match.end() > position:
        raw = match.group(3)
        value = None if raw is None else html.unescape(raw[1:-1] if raw[:1] in "\"'" and raw else raw)
        yield Written(match.group(1).lower(), match.start(1), match.end(1), match.start(3), match.end(), value)
        position = match.end()


def _written(page: Page, element: Element) -> tuple[Tag, dict[str, Written]] | None:
    """Return tag and attributes of an element; None where the source is not surely the one of this element."""
    tag = page.tag(element)
    if tag is None:
        return None
    found: dict[str, Written] = {}
    for attribute in attributes_of(page, tag):
        found.setdefault(attribute.name, attribute)
    known = {name.lower(): value for name, value in element.attributes.items()}
    agree = all((found[name].value or "").split() == value.split() for name, value in known.items() if name in found)
    return (tag, found) if found.keys() == known.keys() and agree else None


def set_attribute(page: Page, element: Element, name: str, value: str) -> list[Edit]:
    """Return the edit that gives an element an attribute, or none where its tag cannot be edited."""
    if (place := _written(page, element)) is None:
        return []
    tag, attributes = place
    if (old := attributes.get(name)) is None:
        after = tag.start + 1 + len(tag.name)
        return [Edit(after, after, f' {name}="{html.escape(value)}"')]
    if old.value is None:
        return [Edit(old.name_end, old.name_end, f'="{html.escape(value)}"')]
    return [Edit(old.value_start, old.end, f'"{html.escape(value)}"')]


def rename_attribute(page: Page, element: Element, old: str, new: str) -> list[Edit]:
    """Return the edit that gives an attribute another name; none where the element has that one already."""
    place = _written(page, element)
    if place is None or old not in place[1] or new in place[1]:
        return []
    attribute = place[1][old]
    return [Edit(attribute.start, attribute.name_end, new)]


def remove_attribute(page: Page, element: Element, name: str) -> list[Edit]:
    """Return the edit that takes an attribute off an element, with the blanks before it."""
    place = _written(page, element)
    if place is None or name not in place[1]:
        return []
    attribute = place[1][name]
    before = page.source.text[: attribute.start]
    return [Edit(len(before.rstrip()), attribute.end, "")]


def ending(page: Page, tag: Tag) -> Tag | None:
    """Return the end tag of an element by its start tag; None where the page implies it."""
    behind = bisect_right(page.tags, tag.start, key=lambda one: one.start)
    depth = 1
    for place in range(behind, len(page.tags)):  # which copies nothing: the end is near, mostly
        one = page.tags[place]
        depth += 0 if one.name != tag.name else -1 if one.closing else 1
        if depth == 0:
            return one
    return None


def rename_element(page: Page, element: Element, name: str) -> list[Edit]:
    """Return the edits that give an element another name; none where it has no end tag."""
    tag = page.tag(element)
    end = ending(page, tag) if tag else None
    if tag is None or end is None:
        return []
    start, close = tag.start + 1, end.start + 2
    return [Edit(start, start + len(tag.name), name), Edit(close, close + len(end.name), name)]


def raw_content(page: Page, element: Element) -> tuple[int, int] | None:
    """Return where the text of a title or script element begins and ends in the source."""
    tag = page.tag(element)
    if tag is None:
        return None
    ending = re.compile(rf"</{tag.name}[\s/>]", re.IGNORECASE).search(page.source.text, tag.end)
    return (tag.end, ending.start()) if ending else None


def insert_behind(page: Page, offset: int, markup: str) -> Edit:
    """Return the edit that sets markup on a line of its own behind an offset, indented as the line that follows."""
    match = _NEXT_LINE.match(page.source.text, offset)
    return Edit(offset, offset, f"{match.group(1) if match else ''}{markup}")


def remove_whole(page: Page, start: int, end: int) -> Edit:
    """Return the edit that removes a stretch of source, with its line where nothing else stands on it."""
    text = page.source.text
    begin = len(text[:start].rstrip(" \t"))
    alone = text[begin - 1 : begin] in ("\n", "") and re.match(r"[ \t]*(\r?\n|$)", text[end:])
    return Edit(begin, end + alone.end(), "") if alone else Edit(start, end, "")


def in_head(page: Page) -> int:
    """Return the offset behind the start of the head, of html, or of the doctype, whichever there is first."""
    for name in ("head", "html"):
        found = next((tag for tag in page.tags if tag.name == name and not tag.closing), None)
        if found is not None:
            return found.end
    doctype = re.match(r"\s*<!doctype[^>]*>", page.source.text, re.IGNORECASE)
    return doctype.end() if doctype else 0


def applied(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """Return the text with the fixes made, and those that were: one that overlaps an earlier one has to wait."""
    made: list[Fix] = []
    taken: list[Edit] = []  # by their places; none overlaps another: of those before an edit the last reaches furthest
    for fix in fixes:
        if fix.edits and not any(_overlaps(edit, taken) for edit in fix.edits):
            made.append(fix)
            for edit in fix.edits:
                insort(taken, edit, key=_place)
    parts, position = [], 0
    for edit in taken:
        parts += [text[position : edit.start], edit.new]
        position = edit.end
    return "".join([*parts, text[position:]]), made


def _overlaps(edit: Edit, taken: list[Edit]) -> bool:
    same = bisect_left(taken, _place(edit), key=_place)
    if same < len(taken) and _place(taken[same]) == _place(edit):
        return True
    before = bisect_left(taken, edit.end, key=lambda one: one.start)
    return before > 0 and taken[before - 1].end > edit.start


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end
