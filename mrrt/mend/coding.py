"""Menders of what the XML block says: flag, status, schemes, and the ids that entries point at (X)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.mend.edits import Edit, Fix, insert_behind
from mrrt.mend.table import mender
from mrrt.mend.xml import scripts

SCHEMES = {
    "LOINC": "2.16.840.1.113883.6.1",
    "LN": "2.16.840.1.113883.6.1",
    "RADLEX": "2.16.840.1.113883.6.256",
    "SNOMEDCT": "2.16.840.1.113883.6.96",
    "SNOMED-CT": "2.16.840.1.113883.6.96",
    "SNOMED": "2.16.840.1.113883.6.96",
    "SCT": "2.16.840.1.113883.6.96",
    "SRT": "2.16.840.1.113883.6.96",
    "DCM": "1.2.840.10008.2.16.4",
    "UCUM": "2.16.840.1.113883.6.8",
    "FMA": "2.16.840.1.113883.6.119",
    "NCIT": "2.16.840.1.113883.3.26.1.1",
    "UMLS": "2.16.840.1.113883.6.86",
    "CPT": "2.16.840.1.113883.6.12",
    "ICD10": "2.16.840.1.113883.6.3",
    "ICD-10": "2.16.840.1.113883.6.3",
}
"""OID by name in capitals: DICOM PS3.16 table 8-1, and the OID registry of HL7."""

ENTRY = re.compile(
    r"<entry\b[^<>]*?\s(?P<name>origtxt)\s*=\s*(?P<quoted>\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')", re.IGNORECASE
)
_STATUS = re.compile(r"<status\s*>([^<]*)</status\s*>", re.IGNORECASE)
_FLAG = re.compile(r"<(top[-_]level[-_]flag)\s*>([^<]*)</(top[-_]level[-_]flag)\s*>", re.IGNORECASE)
_OPENING = re.compile(r"<coding_schemes\s*>", re.IGNORECASE)
_BEFORE_CODES = re.compile(r"\s*(?:<term\b|<coded_content\b)", re.IGNORECASE)
_STATUSES = frozenset({"DRAFT", "ACTIVE", "RETIRED"})


def matches(subject: Subject, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield what a pattern finds in the XML blocks of a page."""
    for _, start, end in scripts(subject):
        yield from pattern.finditer(subject.page.source.text, start, end)


def target_of(entry: re.Match[str]) -> str:
    """Return the id that an entry points at, as written."""
    return html.unescape(entry.group("double") or entry.group("single") or "")


def _fix(subject: Subject, match: re.Match[str], what: str, *edits: Edit) -> Fix:
    return Fix(what, subject.page.position(match.start())[0], edits)


@mender("X13")
def letters_of_origtxt(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, ENTRY):
        if (name := match.group("name")) != "ORIGTXT":
            yield _fix(subject, match, f"the attribute {name} became ORIGTXT", Edit(*match.span("name"), "ORIGTXT"))


@mender("X10")
def entry_targets(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, ENTRY):
        said = target_of(match)
        new = _target(subject, said)
        if new and new != said:
            edit = Edit(*match.span("quoted"), f'"{html.escape(new)}"')
            yield _fix(subject, match, f'ORIGTXT "{said}" became "{new}"', edit)


def _target(subject: Subject, said: str) -> str:
    if said.strip() in subject.page.by_id:
        return said.strip()
    alike = [one for one in subject.page.by_id if re.sub(r"\s+", "", one).lower() == re.sub(r"\s+", "", said).lower()]
    return alike[0] if len(alike) == 1 else ""


@mender("X4")
def status_letters(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, _STATUS):
        said, status = match.group(1), match.group(1).strip().upper()
        if said != status and status in _STATUSES:
            yield _fix(subject, match, f'the status "{said.strip()}" became {status}', Edit(*match.span(1), status))


@mender("X3")
def top_level_flag(subject: Subject) -> Iterator[Fix]:
    flag = subject.block.is_top_level
    for match in matches(subject, _FLAG):
        value = match.group(2) if flag is None else str(flag).lower()
        new = f"<top-level-flag>{value}</top-level-flag>"
        if match.group() != new:
            yield _fix(subject, match, f'top-level-flag: "{match.group()}" became "{new}"', Edit(*match.span(), new))


@mender("X9")
def known_schemes(subject: Subject) -> Iterator[Fix]:
    block = subject.block
    declared = {name.lower() for name in block.schemes}
    used = {code.get("scheme", "") for one in (*block.terms, *block.entries) for code in one.codes}
    missing = {name.upper(): name for name in sorted(used) if name.upper() in SCHEMES and name.lower() not in declared}
    lines = [f'<coding_scheme name="{name}" designator="{SCHEMES[upper]}"/>' for upper, name in missing.items()]
    if lines and (match := next(matches(subject, _OPENING), None)):
        edits = [insert_behind(subject.page, match.end(), line) for line in lines]
        joined = edits[0]._replace(new="".join(edit.new for edit in edits))
        yield _fix(subject, match, f"declared: {', '.join(missing.values())}", joined)
    elif lines and (match := next(matches(subject, _BEFORE_CODES), None)):
        whole = f"<coding_schemes>{''.join(lines)}</coding_schemes>"
        yield _fix(
            subject,
            match,
            f"declared: {', '.join(missing.values())}",
            insert_behind(subject.page, match.start(), whole),
        )
