"""One page of several: the pages that a template embeds set in their places, before anything is parsed or checked."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import lxml.html
from lxml.html import HtmlElement

from mrrt.check import RULES
from mrrt.compose.coding import Coding, write_coding
from mrrt.compose.links import MAX_PAGES, Replacement, Resolve, embedded, embeds, has_links, offers
from mrrt.compose.origins import Origin, origins_of
from mrrt.compose.place import put_behind, put_instead, unfold_embeds
from mrrt.compose.prefix import PREFIX, REPLACES, add_prefix, fix_keys, set_prefixes
from mrrt.errors import Refused, Unreadable
from mrrt.parse import parse
from mrrt.parse.ancestry import CONDITIONS, both
from mrrt.parse.build import build
from mrrt.parse.labels import CONTAINER
from mrrt.parse.metadata import first, metadata_of, term_of
from mrrt.parse.page import Page, read
from mrrt.parse.source import MAX_BYTES
from mrrt.parse.xml_block import BLOCK_ELEMENTS, is_xml_script, xml_block_of
from mrrt.problems import Problem
from mrrt.template import Template

MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Composed:
    """A page with all its parts, and the template that it holds.

    `problems` are elements and templates that are not there (N3, N6) and doubts (N5), `pages` what was put in.
    """

    html: bytes
    template: Template
    problems: tuple[Problem, ...] = ()
    pages: Mapping[str, bytes] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """What each prefix stands for in every version of the page."""


def compose(
    page: bytes, file: str, resolve: Resolve, active: Collection[Replacement] = (), *, every: bool = False
) -> Composed:
    """Return a page with the templates that it embeds, and with those that chosen options put into it.

    `active` are the replacements that are chosen; with `every` all alternatives stand behind the elements that they
    could replace, so that the template has each field that it can ever have. Ids and names of what is put in get a
    prefix, so that nothing collides; its coded content joins that of the page. A page without parts is returned as
    it is. Raises Unreadable where the page is no template, Refused where templates embed each other in a circle
    (the message names the path) or where there are too many parts. (MRRT 8.1.3.5.1, 8.1.4)
    """
    whole = read(page, file)
    if not has_links(whole):
        return Composed(page, build(whole))
    composer = _Composer(whole, resolve)
    changed = composer.run(frozenset(active), every)
    html = _written(whole) if changed else page
    if len(html) > MAX_BYTES:
        raise Refused([composer.problem("N7", f"with all its parts the page has more than {MAX_BYTES} bytes")])
    return Composed(html, parse(html, file), tuple(composer.problems), composer.pages, origins_of(whole.root))


class _Composer:
    def __init__(self, page: Page, resolve: Resolve) -> None:
        self.page = page
        self.resolve = resolve
        self.problems: list[Problem] = []
        self.pages: dict[str, bytes] = {}
        self.count = 0
        self.size = 0

    def run(self, active: frozenset[Replacement], every: bool) -> bool:
        """Put all parts in; tells whether there were any."""
        block = xml_block_of(self.page)
        self.identifier = first(metadata_of(self.page), "identifier")
        coding = self._prepared(self.page, (self.identifier,))
        self._replace(active, every, coding)
        write_coding(self.page, block.schemes, coding)
        for element in self.page.root.iter("embed", "option"):
            element.attrib.pop(PREFIX, None)
        return self.count > 0

    def problem(self, rule: str, message: str, element: HtmlElement | None = None) -> Problem:
        """Return a problem of the page that is composed."""
        line = None if element is None else element.sourceline
        known = RULES[rule]
        return Problem(
            rule=rule, severity=known.tolerant, message=message, mend=known.mend, file=self.page.file, line=line
        )

    # -- embeds

    def _prepared(self, page: Page, path: tuple[str, ...]) -> Coding:
        """Set the parts of a page in their places, and return the codes that they bring."""
        unfold_embeds(page.root)
        fix_keys(page)
        set_prefixes(page)
        coding = Coding()
        for element in embeds(page.root):
            identifier = embedded(element)
            made = self._part(identifier, path, element, coding)
            if made is not None:
                if identity := element.get("id"):
                    made.set("id", identity)
                if condition := both(*map(element.get, CONDITIONS)):
                    made.set("data-show-if", condition)
                put_instead(element, made)
        return coding

    def _part(self, identifier: str, path: tuple[str, ...], place: HtmlElement, coding: Coding) -> HtmlElement | None:
        """Return the content of another template in a container; None, with a problem noted, where there is none."""
        self._refuse_circle(identifier, path, place)
        content = self.resolve(identifier)
        if content is None:
            self.problems.append(self.problem("N6", f'there is no template "{identifier}"', place))
            return None
        try:
            page = read(content, f"{identifier}.html")
        except Unreadable as error:
            self.problems.append(self.problem("N6", f'the template "{identifier}" cannot be read: {error}', place))
            return None
        self._count(identifier, content)
        block = xml_block_of(page)
        if block.is_top_level:
            message = f'the template "{identifier}" says that it is not to be part of another (top-level-flag)'
            self.problems.append(self.problem("N5", message, place))
        inner = Coding()
        inner.add(block)
        inner.take(self._prepared(page, (*path, identifier)), "")
        prefix = place.get(PREFIX) or ""
        coding.take(inner, prefix)
        return _container(page, identifier, prefix)

    def _refuse_circle(self, identifier: str, path: tuple[str, ...], place: HtmlElement) -> None:
        if identifier in path:
            circle = " > ".join((*path, identifier))
            raise Refused([self.problem("N3", f"the template is a part of itself: {circle}", place)])
        if len(path) > MAX_DEPTH:
            raise Refused([self.problem("N7", f"templates are embedded more than {MAX_DEPTH} deep", place)])

    def _count(self, identifier: str, content: bytes) -> None:
        self.pages[identifier] = content
        self.count += 1
        self.size += len(content)
        if self.count > MAX_PAGES:
            raise Refused([self.problem("N7", f"the page has more than {MAX_PAGES} parts")])
        if self.size > MAX_BYTES:
            raise Refused([self.problem("N7", f"the parts of the page have more than {MAX_BYTES} bytes")])

    # -- replacements

    def _replace(self, active: frozenset[Replacement], every: bool, coding: Coding) -> None:
        """Put in what is chosen, until nothing that was put in offers more of it."""
        done: set[Replacement] = set()
        placed: dict[str, HtmlElement] = {}
        while (found := self._next(active, every, done)) is not None:
            offer, option = found
            done.add(offer)
            target = placed.get(offer.target)
            target = _by_id(self.page.root, offer.target) if target is None else target
            if target is None:
                message = f'an option replaces the element "{offer.target}", which is not there'
                self.problems.append(self.problem("N3", message, option))
                continue
            if (standing := _standing(self.page.root, offer)) is not None:
                placed[offer.target] = standing
                continue
            made = self._part(offer.template, (self.identifier, *_around(option)), option, coding)
            if made is None:
                continue
            made.set(REPLACES, offer.target)
            if every or offer.target in placed:
                placed[offer.target] = put_behind(target, made)
            else:
                made.set("id", offer.target)
                placed[offer.target] = put_instead(target, made)

    def _next(
        self, active: frozenset[Replacement], every: bool, done: set[Replacement]
    ) -> tuple[Replacement, HtmlElement] | None:
        wanted = ((offer, option) for offer, option in offers(self.page.root) if every or offer in active)
        return next((found for found in wanted if found[0] not in done), None)


def _container(page: Page, identifier: str, prefix: str) -> HtmlElement:
    """Return a division that holds the body of a page, without what is about that page as a document."""
    for element in page.elements:
        about = is_xml_script(element) or element.tag in BLOCK_ELEMENTS or term_of(element) is not None
        if (about or element.tag in ("meta", "title", "link", "base")) and element.origin.getparent() is not None:
            element.origin.drop_tree()
    body = page.root.find("body")
    made = lxml.html.fromstring("<div></div>")
    if body is not None:
        add_prefix(body, prefix)
        made.text = body.text
        made.extend(copy.deepcopy(list(body)))
    made.set(CONTAINER, identifier)
    made.set(PREFIX, prefix)
    return made


def _around(element: HtmlElement) -> Iterator[str]:
    """Yield the templates that an element stands in, the outermost first."""
    found = [holder.get(CONTAINER) for holder in element.iterancestors() if holder.get(CONTAINER)]
    return (identifier for identifier in reversed(found) if identifier)


def _standing(root: HtmlElement, offer: Replacement) -> HtmlElement | None:
    """Return the part that an option would put in where it stands already, in a page that was composed before."""
    parts = (one for one in root.iter("div") if one.get(REPLACES) == offer.target)
    return next((one for one in parts if one.get(CONTAINER) == offer.template), None)


def _by_id(root: HtmlElement, identity: str) -> HtmlElement | None:
    return next((one for one in root.iter() if isinstance(one.tag, str) and one.get("id") == identity), None)


def _written(page: Page) -> bytes:
    for element in page.root.iter("meta"):
        if element.get("charset") is not None:
            element.set("charset", "utf-8")
        elif (element.get("http-equiv") or "").strip().lower() == "content-type":
            element.set("content", "text/html; charset=utf-8")
    doctype = page.root.getroottree().docinfo.doctype
    text = lxml.html.tostring(page.root, encoding="unicode", doctype=doctype or None, include_meta_content_type=True)
    return str(text).encode("utf-8", "replace")
