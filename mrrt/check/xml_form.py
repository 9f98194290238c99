"""Rules about the form of the XML block: what it holds, in which order, how it is written (X)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import lxml.etree

from mrrt.check.rules import Finding, Subject, at, rule
from mrrt.parse.xml_block import BLOCK_ELEMENTS, Node, is_xml_script
from mrrt.problems import Severity

_ORDER = ("top-level-flag", "status", "user-list", "provider-group-list", "coding-schemes", "term", "coded-content")
_ALLOWED_IN = {
    "entry": {"coded-content"},
    "coding-schemes": {"template-attributes"},
    "coded-content": {"template-attributes"},
    "status": {"template-attributes"},
    "top-level-flag": {"template-attributes"},
}
_OID = re.compile(r"(?:urn:oid:)?[0-2](?:\.(?:0|[1-9]\d*))+")
_DRAFT = ("code-value", "code-meaning", "coding-scheme-designator", "term-set", "procedure-code-list")


def _about(node: Node, message: str, *, noted: bool = False) -> Finding:
    return Finding(message, node.line, node.column, noted=noted)


@rule(
    "X1",
    "The XML block holds exactly one template_attributes element.",
    source="X",
    example='<script type="text/xml"><coded_content></coded_content></script>',
    mend="Write one <template_attributes> round everything else in the block.",
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def one_template_attributes(subject: Subject) -> Iterator[Finding]:
    found = subject.block.named("template-attributes")
    scripts = [element for element in subject.page.named("script") if is_xml_script(element)]
    if scripts and not found:
        yield at(subject, scripts[0], "the XML block has no template_attributes element")
    for node in found[1:]:
        yield _about(node, "the page has a second template_attributes element")


@rule(
    "X2",
    "template_attributes holds, in this order: flag, status, lists, coding_schemes, terms, and one coded_content.",
    source="X",
    example="<template_attributes><status>ACTIVE</status><top-level-flag>true</top-level-flag></template_attributes>",
    mend="Put the elements into that order, and add a coded_content element if there is none.",
    tolerant=Severity.WARNING,
)
def ordered_attributes(subject: Subject) -> Iterator[Finding]:
    for node in subject.block.named("template-attributes"):
        inner = [one for name in _ORDER for one in subject.block.named(name) if one.element.getparent() is node.element]
        found = sorted(inner, key=lambda one: node.element.index(one.element))
        for before, after in pairwise(found):
            if _ORDER.index(before.name) > _ORDER.index(after.name):
                yield _about(after, f"{after.spelled} stands behind {before.spelled}", noted=True)
    if subject.block.attributes_elements and not subject.block.named("coded-content"):
        yield _about(subject.block.named("template-attributes")[0], "template_attributes holds no coded_content")


@rule(
    "X3",
    "The top-level-flag is true or false.",
    source="D",
    example="<top-level-flag>0</top-level-flag>",
    mend="Write true for a template that is never part of another, false for one that may be.",
    tolerant=Severity.WARNING,
)
def plain_flag(subject: Subject) -> Iterator[Finding]:
    for node in subject.block.named("top-level-flag"):
        if node.text not in ("true", "false"):
            yield _about(node, f'the top-level-flag is "{node.text}"', noted=subject.block.is_top_level is not None)
        if node.spelled != "top-level-flag":
            yield _about(node, f"the element is spelled {node.spelled}", noted=True)


@rule(
    "X5",
    "user-list and provider-group-list hold names with commas between them.",
    source="D, X, E",
    example="<user-list>Meyer; Schulz</user-list>",
    mend="Part the names by commas, and spell the elements user-list and provider-group-list.",
    tolerant=Severity.WARNING,
)
def lists_of_names(subject: Subject) -> Iterator[Finding]:
    for node in subject.block.named("user-list", "userlist", "provider-group-list", "provider-grouplist"):
        if re.search(r"[;|\n]\s*\w", node.text):
            yield _about(node, f"the names in {node.spelled} are not parted by commas")
        if node.spelled not in ("user-list", "provider-group-list"):
            yield _about(node, f"the element is spelled {node.spelled}", noted=True)


@rule(
    "X6",
    "coding_schemes declares at least one coding_scheme, each with a name and an OID as its designator.",
    source="X",
    example='<coding_scheme name="LOINC" designator="loinc.org"/>',
    mend='Write <coding_scheme name="LOINC" designator="2.16.840.1.113883.6.1"/>.',
    tolerant=Severity.WARNING,
)
def whole_schemes(subject: Subject) -> Iterator[Finding]:
    for node in subject.block.named("coding-schemes"):
        if not any(isinstance(one.tag, str) for one in node.element):
            yield _about(node, "coding_schemes declares no coding scheme")
    for node in subject.block.named("coding-scheme"):
        stated = {str(name).lower(): str(value).strip() for name, value in node.element.attrib.items()}
        if not stated.get("name"):
            yield _about(node, "a coding_scheme has no name")
        elif not _OID.fullmatch(stated.get("designator", "")):
            yield _about(
                node, f'the designator of {stated["name"]} is "{stated.get("designator", "")}", which is no OID'
            )


@rule(
    "X7",
    "A term of the whole template states its type and holds exactly one code.",
    source="X, S",
    example='<term><code meaning="knee" value="RID2743" scheme="RADLEX"/></term>',
    mend='Write <term type="modality"> or <term type="body part">, with one code in each.',
    tolerant=Severity.WARNING,
)
def whole_terms(subject: Subject) -> Iterator[Finding]:
    for term in subject.block.terms:
        if not term.attributes.get("type"):
            yield Finding("a term of the template states no type", term.line, term.column)
        if len(term.codes) != 1:
            yield Finding(f"a term of the template holds {len(term.codes)} codes", term.line, term.column)


@rule(
    "X13",
    "The attribute is spelled ORIGTXT.",
    source="R",
    example='<entry origtxt="findings">',
    mend="Write it in capitals; programs that read XML tell the two apart.",
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def capital_origtxt(subject: Subject) -> Iterator[Finding]:
    for node in subject.block.named("entry"):
        for name in map(str, node.element.attrib):
            if name.lower() == "origtxt" and name != "ORIGTXT" and not _in_page(node):
                yield _about(node, f"the attribute is spelled {name}")


@rule(
    "X14",
    "The block is written as in the trial implementation, not as in the drafts.",
    source="S",
    example="<code><code_value>RID2743</code_value></code>",
    mend='Write <code meaning="..." value="..." scheme="..."/>, and put the block into a script in the head.',
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def no_draft(subject: Subject) -> Iterator[Finding]:
    for name in _DRAFT:
        for node in subject.block.named(name)[:1]:
            yield _about(node, f"{node.spelled} belongs to a draft of the profile")
    for element in subject.page.named(*BLOCK_ELEMENTS):
        if element.nearest(*BLOCK_ELEMENTS) is None:
            yield at(subject, element, f"the {element.tag} element stands in the page itself, not in a script")


@rule(
    "X15",
    "Each part of the block stands where it belongs: entries in coded_content, the rest in template_attributes.",
    source="R",
    example='<coding_schemes><entry ORIGTXT="findings">',
    mend="Move it there; what is misplaced is read all the same.",
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def parts_in_place(subject: Subject) -> Iterator[Finding]:
    for name, places in _ALLOWED_IN.items():
        for node in subject.block.named(name):
            if node.parent not in places:
                where = f"in {node.parent}" if node.parent not in ("block", "") else "outside of everything"
                yield _about(node, f"{node.spelled} stands {where}")


@rule(
    "X16",
    "The block is well-formed XML: no comment round it, every code closed, no reference that XML does not know.",
    source="R",
    example='<!-- <template_attributes> <code value="1"> -->',
    mend='Take the comment signs out, close each code with "/>", and write characters instead of references.',
    tolerant=Severity.WARNING,
)
def well_formed(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.named("script"):
        tag, text = subject.page.tag(element), element.text
        if not is_xml_script(element) or tag is None or not text.strip():
            continue
        if text.lstrip().startswith("<!--"):
            yield at(subject, element, "the XML block stands in a comment, so that programs which read XML see nothing")
            continue
        parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            lxml.etree.fromstring(f"<block>{text}</block>".encode("utf-8", "replace"), parser)
        except lxml.etree.XMLSyntaxError as error:
            first_line, first_column = subject.page.position(tag.end)
            line = int(error.lineno or 1)
            column = (error.offset or 1) + (first_column - len("<block>") if line == 1 else 0)
            what = str(error.msg).partition(", line")[0]
            yield Finding(f"the XML block is not well-formed: {what}", first_line + line - 1, max(column, 1))


@rule(
    "X17",
    "The value of a code is the code itself, not its address.",
    source="R",
    example='<code value="http://radlex.org/RID/RID58" meaning="liver" scheme="RADLEX"/>',
    mend='Write the code, for example value="RID58".',
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def bare_codes(subject: Subject) -> Iterator[Finding]:
    for entry in (*subject.block.terms, *subject.block.entries):
        for code in entry.codes:
            if re.match(r"https?://", code.get("value", "")):
                yield Finding(f'the code is written as the address "{code["value"]}"', entry.line, entry.column)


def _in_page(node: Node) -> bool:
    """Tell whether HTML has read the element, which knows no capitals in names of attributes."""
    return any(str(around.tag) == "html" for around in node.element.iterancestors())
