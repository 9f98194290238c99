"""Rules about templates inside templates, and about conditions (N)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrrt.check.rules import Finding, Subject, at, rule, rule_of_composing
from mrrt.parse.ancestry import CONDITIONS
from mrrt.problems import Severity

_REPLACED, _BY = "data-replacement-element-id", "data-template-uid"
_KEY = re.compile(r"[#\s]*([^\s=!<>]+)")
_ADDRESS = re.compile(r"(?:\./)?([^/\\]+)\.x?html?", re.IGNORECASE)


def plain_address(address: str) -> str:
    """Return the address of an embed as the profile has it, identifier and .html; empty where it names no template."""
    match = _ADDRESS.fullmatch(address)
    return f"{match.group(1)}.html" if match else ""


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
        plain = plain_address(address)
        if not plain:
            yield at(subject, element, f'the embed names no template: its src is "{address}"')
        elif plain != address:
            yield at(subject, element, f'the embed names "{address}": other programs look for "{plain}"', lesser=True)
        elif kind.lower() != "text/html":
            yield at(subject, element, f'the embed is of type "{kind}"', lesser=True)


@rule(
    "N2",
    "An option that replaces names both: the template, by its identifier without .html, and the id of the element.",
    source="E, S",
    example='<option data-template-UID="2.25.42.html">',
    mend='Write <option data-template-UID="IDENTIFIER" data-replacement-element-id="ID">.',
    tolerant=Severity.WARNING,
    mrrt=Severity.ERROR,
)
def whole_replacements(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.named("option"):
        stated = {name: (element.get(name) or "").strip() for name in (_BY, _REPLACED) if element.get(name) is not None}
        if stated and not all(stated.get(name) for name in (_BY, _REPLACED)):
            yield at(subject, element, "the option names a template or an element to replace, but not both")
        elif stated.get(_BY, "").lower().endswith(".html"):
            yield at(subject, element, f'the option names "{stated[_BY]}" with .html', lesser=True)


@rule(
    "N3",
    "What an option replaces is an element of the page, and no template is a part of itself, directly or by others.",
    source="R",
    example='<option data-template-UID="2.25.42" data-replacement-element-id="no_such_id">',
    mend="Correct the id that the option replaces, or take the embed or option out that leads back.",
    tolerant=Severity.ERROR,
    composing=True,
)
def sound_nesting(subject: Subject) -> Iterator[Finding]:
    own = subject.identifier
    for element in subject.page.named("option"):
        replaced = (element.get(_REPLACED) or "").strip()
        if replaced and replaced not in subject.page.by_id:
            yield at(subject, element, f'the option replaces "{replaced}", but no element has that id')
        if own and (element.get(_BY) or "").strip().removesuffix(".html") == own:
            yield at(subject, element, "the option replaces an element by the template it stands in")
    for element in subject.page.named("embed"):
        if own and plain_address((element.get("src") or "").strip()) == f"{own}.html":
            yield at(subject, element, "the template embeds itself")


@rule(
    "N4",
    "MRRT has no conditions: data-mrrt-condition and data-show-if are read here and ignored elsewhere.",
    source="R",
    example='<p data-show-if="nodule=yes">',
    mend="Write the condition as `relevant` into logic.yaml beside the template; name a field that exists.",
    tolerant=Severity.INFORMATION,
)
def conditions_beside_the_profile(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.elements:
        for name in CONDITIONS:
            if (text := element.get(name)) and (match := _KEY.match(text)):
                known = match.group(1) in subject.fields or match.group(1) in subject.page.by_id
                lacking = "" if known else f'; there is no field "{match.group(1)}"'
                yield at(subject, element, f'the {element.tag} element has the condition "{text}"{lacking}')


rule_of_composing(
    "N5",
    "A template whose top-level-flag is true is no part of another one.",
    source="D",
    example='<embed src="2.25.42.html" type="text/html"> where 2.25.42 says <top-level-flag>true</top-level-flag>',
    mend="Ask the author of that template, or embed another one.",
    severity=Severity.WARNING,
)
rule_of_composing(
    "N6",
    "The template that an embed or an option names is there, and can be read.",
    source="E",
    example='<embed src="2.25.404.html" type="text/html"> where no template is 2.25.404',
    mend="Import that template, or correct src or data-template-UID to its identifier.",
    severity=Severity.ERROR,
)
rule_of_composing(
    "N7",
    "With all its parts a template stays of a size that can be shown: at most 200 parts, 16 levels and 4 MB.",
    source="R",
    example='<embed src="2.25.16.html" type="text/html"> where 2.25.16 has 16 parts of 16 parts each',
    mend="Take embeds out, or write what repeats as fields of the page itself.",
    severity=Severity.ERROR,
)
