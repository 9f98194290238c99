"""How pages refer to other templates: by `embed`, and by options with `data-template-UID` (MRRT 8.1.3.5.1, 8.1.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from lxml.html import HtmlElement

from mrrt.errors import Unreadable
from mrrt.parse.page import Page, read
from mrrt.report import Value
from mrrt.template import Template

Resolve = Callable[[str], bytes | None]
"""Returns the page of a template by its identifier, None for one that is not known."""
MAX_PAGES = 200
TEMPLATE, TARGET = "data-template-uid", "data-replacement-element-id"
_LINKS = re.compile(r"<embed\b|data-template-uid", re.IGNORECASE)
_SUFFIX = re.compile(r"\.x?html?$", re.IGNORECASE)


@dataclass(frozen=True, order=True, slots=True)
class Replacement:
    """The element with the id `target` is replaced by the template with the identifier `template`."""

    target: str
    template: str


def chosen(template: Template, value: Callable[[str], Value | None]) -> frozenset[Replacement]:
    """Return the replacements that the chosen options of a template ask for; `value` is what stands for a field."""
    found = set()
    for field in template.fields:
        options = [one for one in field.choices if one.replaced_by and one.replaces]
        standing = value(field.key) if options else None
        stored = standing.value if standing is not None else None
        values = stored if isinstance(stored, tuple) else (stored,)
        found |= {Replacement(one.replaces or "", _named_by(one.replaced_by)) for one in options if one.value in values}
    return frozenset(found)


def reachable(page: bytes, file: str, resolve: Resolve) -> Mapping[str, bytes]:
    """Return all pages that a page refers to, directly or through others, by identifier; unknown ones are left out.

    Raises Unreadable where the page itself is none.
    """
    found: dict[str, bytes] = {}
    waiting = [*_named_in(page, file)]
    while waiting and len(found) <= MAX_PAGES:
        identifier = waiting.pop()
        content = None if identifier in found else resolve(identifier)
        if content is not None:
            found[identifier] = content
            with suppress(Unreadable):
                waiting += _named_in(content, identifier)
    return found


def has_links(page: Page) -> bool:
    """Tell whether a page may refer to other templates."""
    return bool(_LINKS.search(page.source.text))


def embeds(root: HtmlElement) -> list[HtmlElement]:
    """Return the embed elements below an element that name a template."""
    return [element for element in root.iter("embed") if embedded(element)]


def embedded(element: HtmlElement) -> str:
    """Return the identifier that an embed names, empty where it names none."""
    source = (element.get("src") or "").strip()
    name = source.removeprefix("./")
    # an identifier with signs that an address may not hold is percent-encoded in it
    return unquote(_SUFFIX.sub("", name)) if _SUFFIX.search(name) else ""


def offers(root: HtmlElement) -> Iterator[tuple[Replacement, HtmlElement]]:
    """Yield the replacements that the options below an element offer, in the order of the page."""
    for option in root.iter("option"):
        target, template = ((option.get(name) or "").strip() for name in (TARGET, TEMPLATE))
        if target and template:
            yield Replacement(target, _named_by(template)), option


def _named_by(text: str | None) -> str:
    # some pages write the name of the file instead of the identifier
    return _SUFFIX.sub("", text or "")


@lru_cache(maxsize=256)  # every document that arrives is held against all templates, whose pages are the same as ever
def _named_in(content: bytes, file: str) -> tuple[str, ...]:
    page = read(content, file)
    if not has_links(page):
        return ()
    return (*map(embedded, embeds(page.root)), *(offer.template for offer, _ in offers(page.root)))
