"""Rules about sections (S)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrrt.check.rules import Finding, Subject, at, on, rule
from mrrt.parse.content import NOT_CONTENT
from mrrt.problems import Severity
from mrrt.template import FieldPlace, Paragraph, Text

_LEVEL = re.compile(r"(?:^|\s)level(\d)(?:\s|$)", re.IGNORECASE)


@rule(
    "S1",
    "A section states its name in data-section-name.",
    source="S, D, E",
    example='<section id="findings">',
    mend='Write data-section-name="..." with the language-neutral name, for example "Findings".',
    tolerant=Severity.WARNING,
)
def named_sections(subject: Subject) -> Iterator[Finding]:
    for section in subject.page.named("section"):
        if not (section.get("data-section-name") or "").strip():
            yield at(subject, section, "the section states no data-section-name")


@rule(
    "S2",
    "A section begins with a header element that holds its visible title.",
    source="S",
    example='<section data-section-name="Findings"><p>',
    mend='Write <header class="level1">Title</header> as the first element of the section.',
    tolerant=Severity.WARNING,
)
def headed_sections(subject: Subject) -> Iterator[Finding]:
    for section in subject.page.named("section"):
        children = [child for child in section.children if child.tag]
        headers = [child for child in children if child.tag == "header"]
        if not headers:
            yield at(subject, section, "the section has no header")
        elif not headers[0].said:
            yield at(subject, headers[0], "the header of the section is empty")
        elif children[0] is not headers[0]:
            yield at(subject, headers[0], "the header is not the first element of its section")


@rule(
    "S4",
    "Every field stands in a section.",
    source="R",
    example='<body><input id="size">',
    mend="Put the field into the section it belongs to.",
    tolerant=Severity.WARNING,
)
def fields_in_sections(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        if control.first.section is None:
            yield on(subject, control, "the field stands outside of any section")


@rule(
    "S3",
    "The class of a section tells how deep it is nested: level1, level2 and so on.",
    source="R",
    example='<section class="level1"><section class="level1">',
    mend="Count the sections around it, and write that level on the section and its header.",
    tolerant=Severity.INFORMATION,
)
def levels_as_deep(subject: Subject) -> Iterator[Finding]:
    for section in subject.page.named("section"):
        depth = 1 + sum(one.tag == "section" for one in section.around())
        header = subject.around.headings[section].header
        for element in (section, header):
            found = _LEVEL.search(element.get("class") or "") if element is not None else None
            if element is not None and found and int(found.group(1)) != depth:
                yield at(subject, element, f"the class says level {found.group(1)}, the section is {depth} deep")


@rule(
    "S5",
    "data-section-name keeps its English name in every language; the header is what is translated.",
    source="R",
    example='<meta name="dcterms.language" content="de"> <section data-section-name="Befund">',
    mend='Write the English name, for example data-section-name="Findings", and leave the header as it is.',
    tolerant=Severity.INFORMATION,
)
def names_in_english(subject: Subject) -> Iterator[Finding]:
    if subject.language in ("", "en"):
        return
    for section, heading in subject.around.headings.items():
        stated = (section.get("data-section-name") or "").strip()
        if stated and stated.casefold() == heading.title.text.casefold() and "en" not in heading.title.translations:
            yield at(subject, section, f'the name "{stated}" is the title as shown, in the language of the template')


@rule(
    "S6",
    "Sections of the top level carry a code, as a rule of LOINC, so that other formats can place them.",
    source="D, R",
    example='<section id="findings" data-section-name="Findings">',
    mend="Add an entry for the id of the section to coded_content, for example LOINC 59776-5 for findings.",
    tolerant=Severity.INFORMATION,
)
def coded_sections(subject: Subject) -> Iterator[Finding]:
    for section, heading in subject.around.headings.items():
        codes = subject.around.codes
        identities = [one.identity for one in (section, heading.header) if one is not None]
        if section.section is None and not any(one in codes for one in identities):
            yield at(subject, section, f'the section "{heading.name}" has no code')


@rule(
    "F14",
    "Text of the report stands in a section, as fields do.",
    source="S",
    example="<body>No acute findings. <section>",
    mend="Move the text into the section it belongs to.",
    tolerant=Severity.INFORMATION,
)
def text_in_sections(subject: Subject) -> Iterator[Finding]:
    if not subject.around.sections or not _has_loose_text(subject):
        return
    for block in subject.around.content:
        items = block.items if isinstance(block, Paragraph) else ()
        said = " ".join(item.text for item in items if isinstance(item, Text) and not item.filling_only).strip()
        if said and not any(isinstance(item, FieldPlace) for item in items):
            yield Finding(f'the text "{said[:60]}" stands outside of any section', *body_of(subject))


def _has_loose_text(subject: Subject) -> bool:
    """Tell whether any text stands outside of sections, be it of the report or not; the content knows which is."""
    outside = [one for one in subject.page.elements if one.section is None and one.tag != "section"]
    return any(
        (element.text.strip() and element.tag not in NOT_CONTENT)
        or any(child.tail.strip() for child in element.children)
        for element in outside
    )


def body_of(subject: Subject) -> tuple[int, int]:
    """Return where the body begins."""
    return next((subject.page.position(tag.start) for tag in subject.page.starts("body")), (1, 1))
