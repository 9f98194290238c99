"""The sections of a page: their keys, names, titles and levels (MRRT 8.1.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mrrt.parse.controls import Keys, slug
from mrrt.parse.page import Page
from mrrt.parse.phrases import Phrase, collapse, phrase_of, translations_of
from mrrt.parse.tree import Element

_LEVEL = re.compile(r"(?:^|\s)level(\d)(?:\s|$)", re.IGNORECASE)
_TRUE = frozenset({"true", "1", "y", "yes"})


@dataclass(frozen=True)
class Heading:
    """What a section is called, and the element that says so, where one does."""

    key: str
    name: str
    title: Phrase
    level: int
    required: bool
    header: Element | None


def headings_of(page: Page) -> Mapping[Element, Heading]:
    """Return the heading of each section element. Keys are the id, else a slug of the name, made distinct."""
    keys = Keys()
    return {section: _heading(section, keys) for section in page.named("section")}


def is_true(text: str | None) -> bool:
    """Tell whether an attribute of a template says yes: true, 1, y, yes in any case."""
    return (text or "").strip().lower() in _TRUE


def header_of(section: Element) -> Element | None:
    """Return the element that holds the visible title of a section: its header, else a heading it begins with."""
    for element in section.within("header"):
        if element.section is section:
            return element
    first = next((child for child in section.children if child.tag), None)
    titles = first is not None and first.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "legend")
    return first if titles and not section.text.strip() else None


def _heading(section: Element, keys: Keys) -> Heading:
    header = header_of(section)
    title = phrase_of(header) if header is not None else Phrase()
    title = Phrase(title.text, {**translations_of(section), **title.translations})
    stated = collapse(section.get("data-section-name") or "").strip()
    key = keys.distinct(section.identity or slug(stated or title.text))
    required = is_true(section.get("data-section-required"))
    return Heading(key, stated or title.text, title, _level(section, header), required, header)


def _level(section: Element, header: Element | None) -> int:
    for element in (section, header):
        if element is not None and (match := _LEVEL.search(element.get("class") or "")):
            return max(int(match.group(1)), 1)
    return 1 + sum(one.tag == "section" for one in section.around())
