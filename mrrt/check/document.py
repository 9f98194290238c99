"""Rules about the document: its frame, its titles, its scripts (D)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.etree

from mrrt.check.rules import Finding, Subject, at, rule
from mrrt.parse.metadata import first
from mrrt.parse.phrases import collapse
from mrrt.parse.xml_block import BLOCK_ELEMENTS, is_xml_script
from mrrt.problems import Severity

_PERMITTED = frozenset(
    {
        *("html", "head", "body", "meta", "title", "link", "style", "script", "section", "header", "p", "a", "br"),
        *("div", "em", "img", "li", "ol", "q", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "tr"),
        *("u", "ul", "label", "input", "select", "option", "textarea", "embed"),
    }
)
"""MRRT 8.1.5, as the implementations of 2017 list it."""
_DOCTYPE = re.compile(r"<!doctype\s+([^>]*)>", re.IGNORECASE)


@rule(
    "D1",
    "A template has one html, one head and one body element.",
    source="X",
    example="<body> ... <body>",
    mend="Write each of <html>, <head> and <body> once.",
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def one_frame(subject: Subject) -> Iterator[Finding]:
    for name in ("html", "head", "body"):
        tags = subject.page.starts(name)
        if not tags:
            yield Finding(f"the page has no <{name}> element", 1, 1)
        for tag in tags[1:]:
            yield Finding(f"the page has a second <{name}> element", *subject.page.position(tag.start))


@rule(
    "D2",
    "The page begins with the HTML5 doctype.",
    source="R",
    example='<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">',
    mend="Write <!DOCTYPE html> in the first line.",
    tolerant=Severity.WARNING,
)
def html5_doctype(subject: Subject) -> Iterator[Finding]:
    # a doctype comes first; looking no further keeps hostile pages cheap
    text = subject.page.source.text[:8192]
    found = _DOCTYPE.search(text)
    if found is None:
        yield Finding("the page has no doctype", 1, 1)
    elif found.group(1).strip().lower() != "html":
        yield Finding("the doctype is not the one of HTML5", text.count("\n", 0, found.start()) + 1, 1)


@rule(
    "D4",
    "The encoding is declared in exactly one meta charset.",
    source="X",
    example="<head><title>MR knee</title></head>",
    mend='Write <meta charset="utf-8"> once, as the first element of the head.',
    tolerant=Severity.WARNING,
)
def one_charset(subject: Subject) -> Iterator[Finding]:
    found = [element for element in subject.page.named("meta") if element.get("charset") is not None]
    if not found:
        yield Finding("the page declares no encoding", *_head(subject))
    for element in found[1:]:
        yield at(subject, element, "the page declares its encoding a second time")


@rule(
    "D5",
    "The head holds one title element, with text.",
    source="X",
    example="<title>MR knee</title> <title>Knee</title>",
    mend="Write the title of the template in one <title> element.",
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def one_title(subject: Subject) -> Iterator[Finding]:
    titles = subject.page.named("title")
    if not titles:
        yield Finding("the page has no title element", *_head(subject))
    for element in titles[:1]:
        if not element.whole_text.strip():
            yield at(subject, element, "the title element is empty")
    for element in titles[1:]:
        yield at(subject, element, "the page has a second title element")


@rule(
    "D6",
    "The title element says the same as dcterms.title.",
    source="D, J",
    example='<title>Knee</title> <meta name="dcterms.title" content="MR knee">',
    mend="Give both the same text; readers are shown dcterms.title.",
    tolerant=Severity.WARNING,
)
def same_titles(subject: Subject) -> Iterator[Finding]:
    stated = first(subject.metadata, "title")
    for element in subject.page.named("title")[:1]:
        title = collapse(element.whole_text).strip()
        if title and stated and title != stated:
            yield at(subject, element, f'the title element says "{title}", dcterms.title says "{stated}"')


@rule(
    "D7",
    "The head holds exactly one script element, of type text/xml, and nothing but XML in it.",
    source="D, X, E",
    example='<script type="text/xml"></script> <script type="text/xml"></script>',
    mend='Keep one <script type="text/xml"> with one template_attributes element, in the head.',
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def one_xml_block(subject: Subject) -> Iterator[Finding]:
    blocks = [element for element in subject.page.named("script") if is_xml_script(element)]
    if not blocks:
        yield Finding("the page has no XML block", *_head(subject))
    for element in blocks[1:]:
        yield at(subject, element, "the page has more than one XML block; they are read together", lesser=True)
    for element in blocks:
        if re.search(r"<script\b", element.text, re.IGNORECASE):
            yield at(subject, element, "the XML block holds another script element", lesser=True)
        if element.nearest("head") is None:
            yield at(subject, element, "the XML block stands outside of the head", lesser=True)
    for element in subject.page.named("script"):
        if not is_xml_script(element) and element.nearest("head") is not None:
            yield at(subject, element, "the head holds a script that is not XML", lesser=True)


@rule(
    "D8",
    "A template is complete without JavaScript: scripts never run, their logic is not imported.",
    source="D",
    example='<input onchange="grade()">',
    mend="Write the logic into logic.yaml beside the template and take the script out.",
    tolerant=Severity.WARNING,
)
def no_javascript(subject: Subject) -> Iterator[Finding]:
    for script in subject.scripts:
        what = script.where if script.kind == "handler" else "a script block"
        yield Finding(f"logic not imported: {what}", script.line, script.column)


@rule(
    "D9",
    "Style stands in style sheets, not in style attributes.",
    source="D",
    example='<p style="color: red">',
    mend="Move the style into a <style> element or a linked style sheet.",
    tolerant=Severity.WARNING,
)
def no_inline_style(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.elements:
        if element.get("style") is not None:
            yield at(subject, element, f"the {element.tag} element carries a style attribute; it is ignored")


def _head(subject: Subject) -> tuple[int, int]:
    """Return where something missing from the head belongs."""
    return next((subject.page.position(tag.start) for tag in subject.page.starts("head")), (1, 1))


@rule(
    "D3",
    "Every element is closed and every attribute quoted, so that the page can also be read as XML.",
    source="D",
    example='<meta charset="utf-8"> <option selected>',
    mend='Write <br/> for <br>, selected="selected" for selected, and &#160; for &nbsp;.',
    tolerant=Severity.INFORMATION,
)
def readable_as_xml(subject: Subject) -> Iterator[Finding]:
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        lxml.etree.fromstring(subject.page.source.text.encode("utf-8", "replace").lstrip(), parser)
    except lxml.etree.XMLSyntaxError as error:
        yield Finding(f"the page is no XML: {str(error.msg).partition(', line')[0]}", error.lineno, error.offset)


@rule(
    "D10",
    "A template is complete without the style sheets that it links.",
    source="D",
    example='<link rel="stylesheet" href="clinic.css">',
    mend="Move what matters into a <style> element; a linked sheet is not fetched.",
    tolerant=Severity.INFORMATION,
)
def no_linked_style(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.named("link"):
        if "stylesheet" in (element.get("rel") or "").lower().split():
            yield at(subject, element, f'the page links the style sheet "{element.get("href") or ""}"')


@rule(
    "D11",
    "The page consists of the elements that the profile permits; others are ignored, and their text stays.",
    source="E, D",
    example="<fieldset> <button> <h2> <ups>2</ups>",
    mend="Replace the element by a permitted one: span, p, div, section, table, input, select, textarea and the like.",
    tolerant=Severity.WARNING,
)
def permitted_elements(subject: Subject) -> Iterator[Finding]:
    found = {
        name: [element for element in subject.page.named(name) if subject.page.tag(element) is not None]
        for name in subject.page.names
        if name not in _PERMITTED
    }
    for name, elements in found.items():
        if elements and not any(around.tag in BLOCK_ELEMENTS for around in (elements[0], *elements[0].around())):
            more = f", and {len(elements) - 1} more" if len(elements) > 1 else ""
            yield at(subject, elements[0], f"the element {name} is not permitted{more}")
