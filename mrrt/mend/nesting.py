"""Menders of what refers to other templates (N)."""

from __future__ import annotations

from collections.abc import Iterator

from mrrt.check.nesting import plain_address
from mrrt.check.rules import Subject
from mrrt.mend.edits import Fix, set_attribute
from mrrt.mend.table import fix, mender

_BY = "data-template-uid"


@mender("N1")
def embeds(subject: Subject) -> Iterator[Fix]:
    for element in subject.page.named("embed"):
        address, kind = ((element.get(name) or "").strip() for name in ("src", "type"))
        plain = plain_address(address)
        if plain and kind.lower() != "text/html":
            edits = set_attribute(subject.page, element, "type", "text/html")
            yield from fix(subject, element, f'the type of the embed "{address}" became text/html', edits)
        if plain and plain != address:
            edits = set_attribute(subject.page, element, "src", plain)
            yield from fix(subject, element, f'the embed of "{address}" names "{plain}"', edits)


@mender("N2")
def names_of_templates(subject: Subject) -> Iterator[Fix]:
    for element in subject.page.named("option"):
        said = (element.get(_BY) or "").strip()
        if said.lower().endswith(".html"):
            new = said[: -len(".html")]
            edits = set_attribute(subject.page, element, _BY, new)
            yield from fix(subject, element, f'the option names "{new}", without .html', edits)
