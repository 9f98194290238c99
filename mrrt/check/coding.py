"""Rules about the XML block: status, codes and what they point at (X)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mrrt.check.rules import Finding, Subject, rule
from mrrt.parse.xml_block import Entry
from mrrt.problems import Severity

_STATUSES = frozenset({"DRAFT", "ACTIVE", "RETIRED"})


@rule(
    "X4",
    "The status is DRAFT, ACTIVE or RETIRED.",
    source="D, X",
    example="<status>PUBLISHED</status>",
    mend="Write one of the three in capitals.",
    tolerant=Severity.ERROR,
)
def known_status(subject: Subject) -> Iterator[Finding]:
    status = subject.block.status
    if status is not None and status not in _STATUSES:
        yield Finding(f'the status is "{status}"', *_status_place(subject), lesser=status.upper() in _STATUSES)


@rule(
    "X8",
    "A code states meaning, value and scheme.",
    source="X",
    example='<code value="RID2662" scheme="RADLEX"/>',
    mend='Write <code meaning="..." value="..." scheme="..."/>.',
    tolerant=Severity.WARNING,
)
def whole_codes(subject: Subject) -> Iterator[Finding]:
    for entry, code in _codes(subject):
        if missing := [name for name in ("meaning", "value", "scheme") if not code.get(name)]:
            yield Finding(f"a code for {_about(entry)} lacks {', '.join(missing)}", entry.line, entry.column)


@rule(
    "X9",
    "The scheme of a code is one of the coding schemes declared.",
    source="R",
    example='<code meaning="knee" value="72696002" scheme="SNOMEDCT"/>',
    mend="Declare it: <coding_scheme name=... designator=.../> in coding_schemes.",
    tolerant=Severity.WARNING,
)
def declared_schemes(subject: Subject) -> Iterator[Finding]:
    declared = {name.lower() for name in subject.block.schemes}
    for entry, code in _codes(subject):
        scheme = code.get("scheme", "")
        if scheme and scheme.lower() not in declared:
            yield Finding(
                f'the code for {_about(entry)} is of scheme "{scheme}", which is not declared', entry.line, entry.column
            )


@rule(
    "X10",
    "An entry has a term with a code, and its ORIGTXT is the id of an element of the page.",
    source="X, S",
    example='<entry ORIGTXT="no_such_id">',
    mend="Correct ORIGTXT to the id of the section, field or text that the code is about, or take the entry out.",
    tolerant=Severity.WARNING,
)
def resolved_entries(subject: Subject) -> Iterator[Finding]:
    for entry in subject.block.entries:
        target = entry.attributes.get("origtxt", "")
        if not target:
            yield Finding("an entry has no ORIGTXT", entry.line, entry.column)
        elif target not in subject.page.by_id:
            yield Finding(
                f'no element of the page has the id "{target}", which an entry codes', entry.line, entry.column
            )
        if not entry.codes:
            yield Finding(f"the entry for {_about(entry)} has no code", entry.line, entry.column)


@rule(
    "X11",
    "An entry codes a section or a field; codes of options, labels and texts are read, but few programs look there.",
    source="S",
    example='<entry ORIGTXT="label_of_size">',
    mend="Let ORIGTXT name the section or the field, if that is what the code means.",
    tolerant=Severity.INFORMATION,
)
def usual_targets(subject: Subject) -> Iterator[Finding]:
    for entry in subject.block.entries:
        for element in subject.page.by_id.get(entry.attributes.get("origtxt", ""), [])[:1]:
            wrapper = any(element is control.wrapper for control in subject.around.controls.all)
            if element.tag != "section" and element not in subject.around.controls.of and not wrapper:
                what = f"the entry for {_about(entry)} codes a {element.tag} element"
                yield Finding(what, entry.line, entry.column)


@rule(
    "X12",
    "One entry codes an element; several entries for one element are read as one with all their terms.",
    source="R",
    example='<entry ORIGTXT="size"> ... </entry> <entry ORIGTXT="size">',
    mend="Put the terms of both entries into one.",
    tolerant=Severity.INFORMATION,
)
def one_entry_each(subject: Subject) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in subject.block.entries:
        target = entry.attributes.get("origtxt", "")
        if target and target in seen:
            yield Finding(f"there is an entry for {_about(entry)} already", entry.line, entry.column)
        seen.add(target)


def _status_place(subject: Subject) -> tuple[int | None, int | None]:
    return next(((node.line, node.column) for node in subject.block.named("status")), (None, None))


def _codes(subject: Subject) -> Iterator[tuple[Entry, Mapping[str, str]]]:
    for entry in (*subject.block.terms, *subject.block.entries):
        yield from ((entry, code) for code in entry.codes)


def _about(entry: Entry) -> str:
    if target := entry.attributes.get("origtxt"):
        return f'"{target}"'
    return f'the term "{entry.attributes.get("type", "")}"'
