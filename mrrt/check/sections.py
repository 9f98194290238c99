"""Rules about sections (S) and about templates inside templates (N)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrrt.check.rules import Finding, Subject, at, on, rule
from mrrt.parse.phrases import tidy, visible
from mrrt.problems import Severity


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
        children = [child for child in section if isinstance(child.tag, str)]
        headers = [child for child in children if child.tag == "header"]
        if not headers:
            yield at(subject, section, "the section has no header")
        elif not tidy(visible(headers[0])):
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
        if next(control.first.iterancestors("section"), None) is None:
            yield on(subject, control, "the field stands outside of any section")


@rule(
    "N1",
    "An embed names another template: its identifier followed by .html, of type text/html.",
    source="E",
    example='<embed src="http://example.org/part">',
    mend='Write <embed src="IDENTIFIER.html" type="text/html">.',
    tolerant=Severity.ERROR,
)
def named_embeds(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.named("embed"):
        address, kind = ((element.get(name) or "").strip() for name in ("src", "type"))
        if not re.fullmatch(r"[^/\\]+\.html", address):
            yield at(subject, element, f'the embed names no template: its src is "{address}"')
        elif kind.lower() != "text/html":
            yield at(subject, element, f'the embed is of type "{kind}"', lesser=True)
