"""Menders of sections: names, headers, levels (S)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix, ending, rename_element, set_attribute
from mrrt.mend.table import fix, mender
from mrrt.parse.page import Page
from mrrt.parse.phrases import tidy
from mrrt.parse.tree import Element

_ENGLISH = {
    **dict.fromkeys(("befund", "befunde"), "Findings"),
    **dict.fromkeys(("beurteilung", "zusammenfassende beurteilung"), "Impression"),
    "klinische angaben": "Clinical information",
    "klinische fragestellung": "Clinical question",
    **dict.fromkeys(("empfehlung", "empfehlungen"), "Recommendations"),
    "voruntersuchungen": "Comparison",
}
"""Names of sections that German templates share, and what their English versions are called."""
_LEVEL = re.compile(r"(?:^|(?<=\s))level(\d)(?=\s|$)", re.IGNORECASE)


@mender("S1")
def section_names(subject: Subject) -> Iterator[Fix]:
    for section, heading in subject.around.headings.items():
        if not (section.get("data-section-name") or "").strip() and heading.title.text:
            edits = set_attribute(subject.page, section, "data-section-name", heading.title.text)
            what = f'data-section-name="{heading.title.text}" was added from the header'
            yield from fix(subject, section, what, edits)


@mender("S5")
def names_in_english(subject: Subject) -> Iterator[Fix]:
    if subject.language != "de":
        return
    for section, heading in subject.around.headings.items():
        stated = (section.get("data-section-name") or "").strip()
        shown = stated.casefold() == heading.title.text.casefold() and "en" not in heading.title.translations
        if shown and (new := _ENGLISH.get(stated.casefold(), "")):
            edits = set_attribute(subject.page, section, "data-section-name", new)
            # without an id a section is known by its name
            edits += [] if section.get("id") else set_attribute(subject.page, section, "id", heading.key)
            yield from fix(subject, section, f'data-section-name "{stated}" became "{new}"; the header stays', edits)


@mender("S2")
def headings_as_headers(subject: Subject) -> Iterator[Fix]:
    for heading in subject.around.headings.values():
        if heading.header is not None and (old := heading.header.tag) != "header":
            edits = rename_element(subject.page, heading.header, "header")
            yield from fix(subject, heading.header, f"the {old} that the section begins with became its header", edits)


@mender("S2")
def headers_first(subject: Subject) -> Iterator[Fix]:
    for section, heading in subject.around.headings.items():
        header = heading.header
        if header is None or header.tag != "header" or header.parent is not section:
            continue
        before = [one for one in section.children[: header.rank] if one.tag]
        if before and not _says_something(section, header, before):
            edits = _moved(subject.page, header, section)
            yield from fix(subject, header, "the header became the first element of its section", edits)


def _says_something(section: Element, header: Element, before: list[Element]) -> bool:
    tails = (one.tail for one in section.children[: header.rank])
    texts = [section.text, *tails, *(one.visible for one in before)]
    return any(one.is_control or one.has_control for one in before) or any(text.strip() for text in texts)


def _moved(page: Page, header: Element, section: Element) -> list[Edit]:
    tag, around = page.tag(header), page.tag(section)
    end = ending(page, tag) if tag else None
    if tag is None or around is None or end is None:
        return []
    return [Edit(around.end, around.end, page.source.text[tag.start : end.end]), Edit(tag.start, end.end, "")]


@mender("S3")
def levels_too_deep(subject: Subject) -> Iterator[Fix]:
    tags = Counter((tag.closing) for tag in subject.page.tags if tag.name == "section")
    # where end tags are missing, it is the nesting that is wrong
    if tags[True] != tags[False]:
        return
    for section, heading in subject.around.headings.items():
        depth = 1 + sum(one.tag == "section" for one in section.around())
        for element in (section, heading.header):
            said = (element.get("class") or "") if element is not None else ""
            # a level that is too low may tell that the section was meant to stand beside the one around it
            if element is not None and (match := _LEVEL.search(said)) and int(match.group(1)) > depth:
                new = f"{said[: match.start(1)]}{depth}{said[match.end(1) :]}"
                edits = set_attribute(subject.page, element, "class", new)
                what = f'the class "{said}" became "{new}": "{tidy(heading.title.text)}" is {depth} deep'
                yield from fix(subject, element, what, edits)
