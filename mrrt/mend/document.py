"""Menders of the document: doctype, encoding, titles (D)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix, in_head, insert_behind, raw_content, remove_whole
from mrrt.mend.table import fix, mender
from mrrt.parse.metadata import first
from mrrt.parse.phrases import collapse

_DOCTYPE = re.compile(r"<!doctype\s+([^>]*)>", re.IGNORECASE)
_CHARSET = '<meta charset="utf-8"/>'


@mender("D2")
def doctype(subject: Subject) -> Iterator[Fix]:
    text = subject.page.source.text
    found = _DOCTYPE.search(text)
    if found is None:
        yield Fix(
            "the doctype was added", 1, (Edit(0, 0, "<!DOCTYPE html>\r\n" if "\r\n" in text else "<!DOCTYPE html>\n"),)
        )
    elif found.group(1).strip().lower() != "html":
        line = subject.page.position(found.start())[0]
        yield Fix("the doctype became the one of HTML5", line, (Edit(*found.span(), "<!DOCTYPE html>"),))


@mender("D4")
def charset(subject: Subject) -> Iterator[Fix]:
    page = subject.page
    stated = [element for element in page.named("meta") if element.get("charset") is not None]
    old = [element for element in page.named("meta") if (element.get("http-equiv") or "").lower() == "content-type"]
    if not stated and old and (tag := page.tag(old[0])):
        yield from fix(subject, old[0], f"http-equiv became {_CHARSET}", [Edit(tag.start, tag.end, _CHARSET)])
    elif not stated:
        place = in_head(page)
        yield Fix(f"{_CHARSET} was added", page.position(place)[0], (insert_behind(page, place, _CHARSET),))
    for element in stated[1:]:
        if tag := page.tag(element):
            yield from fix(subject, element, "the second charset was removed", [remove_whole(page, tag.start, tag.end)])


@mender("D5")
def some_title(subject: Subject) -> Iterator[Fix]:
    page, title = subject.page, first(subject.metadata, "title")
    found = page.named("title")
    if title and not found:
        place = in_head(page)
        markup = f"<title>{html.escape(title, quote=False)}</title>"
        yield Fix(
            "the title element was added from dcterms.title",
            page.position(place)[0],
            (insert_behind(page, place, markup),),
        )
    if title and found and not found[0].whole_text.strip() and (span := raw_content(page, found[0])):
        edit = Edit(*span, html.escape(title, quote=False))
        yield from fix(subject, found[0], "the title element was filled from dcterms.title", [edit])


@mender("D6")
def same_title(subject: Subject) -> Iterator[Fix]:
    stated = first(subject.metadata, "title")
    for element in list(subject.page.named("title"))[:1]:
        title = collapse(element.whole_text).strip()
        if title and stated and title != stated and (span := raw_content(subject.page, element)):
            edit = Edit(*span, html.escape(stated, quote=False))
            yield from fix(subject, element, f'the title "{title}" became "{stated}", as dcterms.title says', [edit])
