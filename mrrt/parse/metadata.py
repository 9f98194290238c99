"""The metadata of a template: Dublin Core terms in meta elements, and whatever else stands there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from mrrt.parse.page import Page
from mrrt.parse.phrases import collapse, translations_of
from mrrt.parse.tree import Element

_TERM = re.compile(r"^dc(?:terms)?[.:](.+)$", re.IGNORECASE)
TYPE = "IMAGE_REPORT_TEMPLATE"


def term_of(element: Element) -> str | None:
    """Return the Dublin Core term a meta element (or a draft's `dc:title` element) states, in lower case."""
    if element.tag == "meta":
        match = _TERM.match((element.get("name") or element.get("property") or "").strip())
    else:
        match = _TERM.match(element.tag) if ":" in element.tag else None
    term = match.group(1).strip().lower() if match else None
    # a spelling that real templates carry
    return "license" if term == "licence" else term


def said_by(element: Element) -> str:
    """Return what a metadata element states."""
    text = element.get("content") if element.tag == "meta" else element.whole_text
    return collapse(text or "").strip()


def holders_of(page: Page) -> list[Element]:
    """Return what can hold metadata: meta elements, and the `dc:title` elements of the draft."""
    return page.named("meta", *(name for name in page.names if ":" in name))


def metadata_of(page: Page) -> Mapping[str, tuple[str, ...]]:
    """Return the terms without their prefix, repeated ones in order, and other named meta elements verbatim."""
    found: dict[str, list[str]] = defaultdict(list)
    for element in holders_of(page):
        if term := term_of(element):
            found[term].append(said_by(element))
        elif element.tag == "meta" and (name := (element.get("name") or "").strip()):
            found[name].append(said_by(element))
    return {name: tuple(texts) for name, texts in found.items()}


def first(metadata: Mapping[str, tuple[str, ...]], term: str) -> str:
    """Return the first text that is not empty for a term, or an empty string."""
    return next((text for text in metadata.get(term, ()) if text), "")


def title_translations(page: Page) -> Mapping[str, str]:
    """Return the title in other languages, as data-german or data-english on the title or on dcterms.title says it."""
    holders = [
        element
        for element in (*page.named("title"), *holders_of(page))
        if element.tag == "title" or term_of(element) == "title"
    ]
    return {language: text for holder in holders for language, text in translations_of(holder).items()}


def title_of(page: Page, metadata: Mapping[str, tuple[str, ...]]) -> str:
    """Return dcterms.title, else the title element; dcterms.title wins where they differ (rule D6)."""
    if stated := first(metadata, "title"):
        return stated
    title = next(iter(page.named("title")), None)
    return collapse(title.whole_text).strip() if title is not None else ""
