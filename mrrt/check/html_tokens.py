"""Errors of HTML inside a tag or a text: attributes, references, signs that begin no tag (HTML, section 13.2.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5

from mrrt.parse.page import Page, Tag

Fault = tuple[int, str]
"""Offset into the text of the page, and what is wrong there."""

VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        *("wbr", "keygen", "basefont", "bgsound", "frame"),
    }
)
_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?P<value>\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?(?P<next>.?)"
)
_PLAIN = re.compile(r"((?<!\s)\s++([^\s\"'<>/=,]++)(?:=\"[^\"&]*+\")?+)")
"""An attribute as most are written; where a tag holds nothing else, and no name twice, there is nothing wrong with it.

Looking behind the first blank keeps the search linear in a long run of blanks."""
_ODD = re.compile(r"[\"'<,]")
_REFERENCE = re.compile(r"&(#?)([0-9a-zA-Z]*+)(;?)(=?)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!doctype[^>]*>|<[?!/][^>]*>", re.DOTALL | re.IGNORECASE)
_LONGEST = max(map(len, html5))


def token_faults(page: Page) -> Iterator[Fault]:
    """Yield the errors of all tags of a page, and of the texts between them."""
    text, behind, inside = page.source.text, 0, ""
    for tag in page.tags:
        name, closing, start, end = tag
        if behind < start and inside not in _RAW:
            piece = text[behind:start]
            if "<" in piece or "&" in piece:
                yield from _text_faults(piece, behind, bare=inside not in ("textarea", "title"))
        bare = end - start == len(name) + len("<>") + closing
        if not name.isalnum() or not (bare or (not closing and _is_plain(name, text[start + len(name) + 1 : end - 1]))):
            yield from _tag_faults(text, tag)
        behind, inside = end, "" if closing else name


def _is_plain(name: str, written: str) -> bool:
    """Tell whether a start tag is written as most are; `written` is what follows its name."""
    found = _PLAIN.findall(written)
    length = sum([len(whole) for whole, _ in found])
    if length != len((written.removesuffix("/") if name in VOID else written).rstrip()):
        return False
    return len(found) < 2 or len({attribute.lower() for _, attribute in found}) == len(found)


def _tag_faults(text: str, tag: Tag) -> Iterator[Fault]:
    if "<" in tag.name or '"' in tag.name:
        yield tag.start, f"<{tag.name}> is no tag"
    start, end = tag.start + 1 + tag.closing + len(tag.name), tag.end - 1
    written = text[start:end]
    if not written.strip():
        return
    if tag.closing:
        yield tag.start, f"the end tag </{tag.name}> carries attributes"
        return
    if written.endswith("/") and tag.name not in VOID:
        yield tag.start, f"<{tag.name}/> does not close itself; it stays open until </{tag.name}>"
    yield from _attribute_faults(written, start)


def _attribute_faults(written: str, start: int) -> Iterator[Fault]:
    seen: set[str] = set()
    for match in _ATTRIBUTE.finditer(written):
        name, value = match.group("name"), match.group("value") or ""
        if name.lower() in seen:
            yield start + match.start(), f'the attribute "{name}" is written twice in one tag; the first counts'
        seen.add(name.lower())
        if _ODD.search(name):
            yield start + match.start(), f"{name} is no name of an attribute"
        if value[:1] not in "\"'" and re.search(r"[\"'<=`]", value):
            yield start + match.start("value"), f"the value {value} needs quotation marks"
        if value[:1] in ('"', "'") and value and match.group("next") not in ("", "/") and not match["next"].isspace():
            yield start + match.end("value"), "a blank is missing between two attributes"
        if "&" in value:
            yield from _reference_faults(value, start + match.start("value"), in_attribute=True)


def _text_faults(piece: str, start: int, *, bare: bool) -> Iterator[Fault]:
    piece = _COMMENT.sub(lambda match: " " * len(match.group()), piece)
    if bare:
        yield from ((start + at.start(), 'a bare "<" begins no tag') for at in re.finditer("<", piece))
    yield from _reference_faults(piece, start, in_attribute=False)


def _reference_faults(text: str, start: int, *, in_attribute: bool) -> Iterator[Fault]:
    for match in _REFERENCE.finditer(text):
        number, name, semicolon, equals = match.groups()
        if number:
            known = bool(name)
        elif semicolon:
            known = f"{name};" in html5 or not name
        else:
            begins = any(name[:length] in html5 for length in range(2, min(len(name), _LONGEST) + 1))
            # in an attribute "&copy=1" is part of an address
            known = not begins or (in_attribute and (bool(equals) or name not in html5))
        if not known or (number and not semicolon):
            yield (
                start + match.start(),
                f"{match.group().rstrip('=')} is no character reference, or lacks its semicolon",
            )
