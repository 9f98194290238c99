"""Menders of the XML block as a document: unwrapped, well-formed, one, and in its order (D7, X1, X2, X15, X16)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

import lxml.etree

from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix, raw_content, remove_whole
from mrrt.mend.table import fix, mender
from mrrt.parse.tree import Element
from mrrt.parse.xml_block import Node, is_xml_script

_WRAPPED = re.compile(r"\s*(<!--)(?:(?!<!--|-->).)*(-->)\s*", re.DOTALL)
_OPEN_CODE = re.compile(r"<code\b[^<>]*?(\s*)(?<!/)>", re.IGNORECASE)
_CLOSED_CODE = re.compile(r"</code\s*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z]\w*;)|&(?!#?\w+;)")
_DRAFT_PARTS = {"code_meaning": "meaning", "code_value": "value", "coding_scheme_designator": "scheme"}
_DRAFT_PART = re.compile(r"<(code_value|code_meaning|coding_scheme_designator)\s*>([^<]*)</", re.IGNORECASE)
_DRAFT_CODE = re.compile(
    r"<code\s*>((?:\s*<(code_value|code_meaning|coding_scheme_designator)\s*>[^<]*</\2\s*>)+\s*)</code\s*>",
    re.IGNORECASE,
)
_FIRST = ("top-level-flag", "status", "user-list", "provider-group-list", "procedure-code-list")
_ORDER = (*_FIRST, "coding-schemes", "term", "coded-content")
_AROUND = {
    **dict.fromkeys((*_FIRST, "coding-schemes", "coded-content"), "template-attributes"),
    "entry": "coded-content",
}
"""What each part of the block stands in."""
_END_OF_ALL = re.compile(r"</template_attributes\s*>")
_FRAMES = frozenset({"template-attributes", "coded-content", "coding-schemes", "block"})


def scripts(subject: Subject) -> list[tuple[Element, int, int]]:
    """Return the XML blocks of a page, and where their text begins and ends."""
    found = ((element, raw_content(subject.page, element)) for element in subject.page.named("script"))
    return [(element, *span) for element, span in found if span is not None and is_xml_script(element)]


@mender("X16")
def wrapped_in_comment(subject: Subject) -> Iterator[Fix]:
    for script, start, end in scripts(subject):
        if match := _WRAPPED.fullmatch(subject.page.source.text, start, end):
            edits = [remove_whole(subject.page, *match.span(part)) for part in (1, 2)]
            yield from fix(subject, script, "the XML block was taken out of the comment round it", edits)


@mender("X16")
def unclosed_codes(subject: Subject) -> Iterator[Fix]:
    text = subject.page.source.text
    for script, start, end in scripts(subject):
        if re.search(r"<code\s*>", text[start:end], re.IGNORECASE):
            continue
        opened = list(_OPEN_CODE.finditer(text, start, end))
        closed = list(_CLOSED_CODE.finditer(text, start, end))
        edits = [Edit(match.start(1), match.end(), "/>") for match in opened]
        edits += [Edit(*match.span(), "") for match in closed]
        what = f"{len(opened) - len(closed)} code elements were closed"
        yield from fix(subject, script, what, edits if len(opened) > len(closed) else [])


@mender("X16")
def entities(subject: Subject) -> Iterator[Fix]:
    for script, start, end in scripts(subject):
        found = list(_ENTITY.finditer(subject.page.source.text, start, end))
        edits = [Edit(*match.span(), _as_xml(match)) for match in found]
        yield from fix(subject, script, f"{len(found)} entities that XML does not know were resolved", edits)


def _as_xml(match: re.Match[str]) -> str:
    return html.escape(html.unescape(match.group()))


@mender("X14")
def codes_of_the_draft(subject: Subject) -> Iterator[Fix]:
    for _, start, end in scripts(subject):
        for match in _DRAFT_CODE.finditer(subject.page.source.text, start, end):
            parts = {name.lower(): text.strip() for name, text in _DRAFT_PART.findall(match.group(1))}
            stated = ((name, parts.get(part, "").replace('"', "&quot;")) for part, name in _DRAFT_PARTS.items())
            new = "".join(f' {name}="{text}"' for name, text in stated if text)
            what = f'the code "{parts.get("code_value", "")}" was written in attributes'
            yield Fix(what, subject.page.position(match.start())[0], (Edit(*match.span(), f"<code{new}/>"),))


@mender("X16")
def not_well_formed(subject: Subject) -> Iterator[Fix]:
    yield from _put_together(subject) if _wrong(subject) == "X16" else ()


@mender("D7")
def several_blocks(subject: Subject) -> Iterator[Fix]:
    yield from _put_together(subject) if _wrong(subject) == "D7" else ()


@mender("X1")
def one_frame(subject: Subject) -> Iterator[Fix]:
    yield from _put_together(subject) if _wrong(subject) == "X1" else ()


@mender("X15")
def misplaced_parts(subject: Subject) -> Iterator[Fix]:
    yield from _put_together(subject) if _wrong(subject) == "X15" else ()


@mender("X2")
def order_of_parts(subject: Subject) -> Iterator[Fix]:
    yield from _put_together(subject) if _wrong(subject) == "X2" else ()


@mender("X2")
def missing_content(subject: Subject) -> Iterator[Fix]:
    if subject.block.attributes_elements != 1 or subject.block.named("coded-content"):
        return
    for script, start, end in scripts(subject):
        if match := _END_OF_ALL.search(subject.page.source.text, start, end):
            # behind the part before it, on a line of its own that is indented like that one
            place = len(subject.page.source.text[: match.start()].rstrip())
            edit = Edit(place, place, f"{_indent(subject, place)}<coded_content></coded_content>")
            yield from fix(subject, script, "an empty coded_content was added", [edit])


def _put_together(subject: Subject) -> Iterator[Fix]:
    """Yield the fix that writes all XML blocks of a page anew, as one."""
    page, found = subject.page, scripts(subject)
    if not _is_ours(subject):
        return
    first, start, end = found[0]
    edits = [Edit(start, end, _rebuilt(subject, _indent(subject, start)))]
    for script, _, ending in found[1:]:
        tag = page.tag(script)
        closing = page.source.text.find(">", ending) + 1
        edits += [remove_whole(page, tag.start, closing)] if tag else []
    yield from fix(
        subject, first, "the XML was made one well-formed template_attributes, in the order of the profile", edits
    )


def _wrong(subject: Subject) -> str:
    """Return the first rule that the XML block as a document breaks, empty where it breaks none."""
    found, block = scripts(subject), subject.block
    text = "".join(subject.page.source.text[start:end] for _, start, end in found).strip()
    if not text:
        return ""
    if len(found) > 1:
        return "D7"
    try:
        root = lxml.etree.fromstring(f"<block>{text}</block>".encode(), lxml.etree.XMLParser(resolve_entities=False))
    except (lxml.etree.XMLSyntaxError, ValueError):
        return "X16"
    if [one.tag for one in root] != ["template_attributes"] or block.attributes_elements != 1:
        return "X1"
    if any(node.parent != parent for name, parent in _AROUND.items() for node in block.named(name)):
        return "X15"
    places = [_ORDER.index(name) for one in root[0] if (name := str(one.tag).replace("_", "-")) in _ORDER]
    return "X2" if places != sorted(places) else ""


def _is_ours(subject: Subject) -> bool:
    """Tell whether all that is coded stands in scripts, in elements without a namespace; else it is left alone."""
    nodes = [node for nodes in subject.block.nodes.values() for node in nodes]
    plain = all(re.fullmatch(r"[\w-]+", str(node.element.tag)) for node in nodes)
    loose = any(
        element.tag in ("template_attributes", "coded_content", "coding_schemes") for element in subject.page.elements
    )
    return bool(nodes) and plain and not loose and "term-set" not in subject.block.nodes


def _indent(subject: Subject, start: int) -> str:
    line = subject.page.source.text[:start].rpartition("\n")[2]
    blanks = line[: len(line) - len(line.lstrip())]
    return ("\r\n" if "\r\n" in subject.page.source.text else "\n") + blanks


def _rebuilt(subject: Subject, line: str) -> str:
    block = subject.block
    inside = {inner for entry in block.named("entry") for inner in entry.element.iter()}
    schemes = _outermost(block.named("coding-scheme"))
    terms = [term for term in block.named("term") if term.element not in inside]
    parts = [_xml(node) for name in _FIRST for node in _outermost(block.named(name))]
    if schemes:
        parts += ["<coding_schemes>", *(f"  {_xml(node)}" for node in schemes), "</coding_schemes>"]
    parts += [_xml(node) for node in (*_outermost(terms), *_others(subject))]
    parts += ["<coded_content>", *(f"  {_xml(node)}" for node in _outermost(block.named("entry"))), "</coded_content>"]
    lines = ["<template_attributes>", *(f"  {part}" for part in parts), "</template_attributes>"]
    return "".join(f"{line}  {one}" for one in lines) + line


def _others(subject: Subject) -> list[Node]:
    """Return elements that the profile does not know; they are kept."""
    known = {*_FRAMES, *_FIRST, "coding-scheme", "term", "entry", "code"}
    nodes = [node for nodes in subject.block.nodes.values() for node in nodes]
    within = {inner for node in nodes if node.name in (*_FIRST, "term", "entry") for inner in node.element.iter()}
    return [
        node
        for node in nodes
        if node.name not in known and node.element not in within and node.parent in ("", *_FRAMES)
    ]


def _outermost(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes without those that stand in another one, and are written with it."""
    nodes = list(nodes)
    whole = {node.element for node in nodes}
    return [node for node in nodes if whole.isdisjoint(node.element.iterancestors())]


def _xml(node: Node) -> str:
    written = lxml.etree.tostring(node.element, encoding="unicode", with_tail=False)
    return re.sub(r">\s+<", "><", written).strip()
