"""The sections of a page: their keys, names, titles and levels (MRRT 8.1.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from mrrt.parse.controls import Keys, slug
from mrrt.parse.page import Page, name_of
from mrrt.parse.phrases import Phrase, collapse, phrase_of, translations_of

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
    header: HtmlElement | None


def headings_of(page: Page) -> Mapping[HtmlElement, Heading]:
    """Return the heading of each section element. Keys are the id, else a slug of the name, made distinct."""
    keys = Keys()
    return {section: _heading(section, keys) for section in page.named("section")}


def is_true(text: str | None) -> bool:
    """Tell whether an attribute of a template says yes: true, 1, y, yes in any case."""
    return (text or "").strip().lower() in _TRUE


def header_of(section: HtmlElement) -> HtmlElement | None:
    """Return the element that holds the visible title of a section: its header, else a heading it begins with."""
    for element in section.iterdescendants("header"):
        if next(element.iterancestors("section")) is section:
            return element
    first = next((child for child in section if isinstance(child.tag, str)), None)
    begins = not (section.text or "").strip()
    return first if begins and name_of(first) in ("h1", "h2", "h3", "h4", "h5", "h6", "legend") else None


def _heading(section: HtmlElement, keys: Keys) -> Heading:
    header = header_of(section)
    title = phrase_of(header) if header is not None else Phrase()
    title = Phrase(title.text, {**translations_of(section), **title.translations})
    stated = collapse(section.get("data-section-name") or "").strip()
    key = keys.distinct((section.get("id") or "").strip() or slug(stated or title.text))
    required = is_true(section.get("data-section-required"))
    return Heading(key, stated or title.text, title, _level(section, header), required, header)


def _level(section: HtmlElement, header: HtmlElement | None) -> int:
    for element in (section, header):
        if element is not None and (match := _LEVEL.search(element.get("class") or "")):
            return max(int(match.group(1)), 1)
    return 1 + sum(1 for _ in section.iterancestors("section"))
