"""Menders of what the XML block says: flag, status, lists, schemes, codes, and what entries point at (X)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.code import normalise
from mrrt.mend.edits import Edit, Fix, insert_behind, remove_whole
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
_LIST = re.compile(
    r"<(?P<open>(?:user|provider[-_]?group)[-_]?list)\s*>(?P<names>[^<]*)</(?P<close>[\w-]+)\s*>", re.IGNORECASE
)
_SCHEME = re.compile(r"<coding_scheme\b[^<>]*>", re.IGNORECASE)
_STATED = re.compile(r"\b(?P<name>name|designator)\s*=\s*(?P<quoted>\"[^\"<>]*\"|'[^'<>]*')", re.IGNORECASE)
_OID = re.compile(r"(?:urn:oid:)?[0-2](?:\.(?:0|[1-9]\d*))+")
_CODE_VALUE = re.compile(
    r"<code\b[^<>]*?\svalue\s*=\s*(?P<quoted>\"(?P<double>[^\"<>]*)\"|'(?P<single>[^'<>]*)')", re.IGNORECASE
)
_WHOLE_ENTRY = re.compile(
    r"<entry\s+ORIGTXT\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')\s*>(?P<inner>(?:(?!</?entry\b|<!--).)*)(?P<end></entry\s*>)",
    re.IGNORECASE | re.DOTALL,
)
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


@mender("X5")
def lists_of_names(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, _LIST):
        spelled = "user-list" if match.group("open").lower().startswith("user") else "provider-group-list"
        said, names = match.group("open"), match.group("names")
        if said != spelled:
            edits = [Edit(*match.span(part), spelled) for part in ("open", "close")]
            yield _fix(subject, match, f"{said} became {spelled}", *edits)
        # with commas there already, a semicolon may part what "Meyer, A." does not
        if re.search(r"[;|\n]\s*\w", names.strip()) and "," not in names:
            new = ", ".join(name.strip() for name in re.split(r"[;|\n]", names) if name.strip())
            yield _fix(subject, match, f"the names in {spelled} are parted by commas", Edit(*match.span("names"), new))


@mender("X6")
def designators(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, _SCHEME):
        stated = {one.group("name").lower(): one for one in _STATED.finditer(match.group())}
        if not {"name", "designator"} <= stated.keys():
            continue
        name, said = (stated[part].group("quoted")[1:-1].strip() for part in ("name", "designator"))
        new = SCHEMES.get(name.upper(), "")
        if new and not _OID.fullmatch(said):
            start, end = (match.start() + place for place in stated["designator"].span("quoted"))
            yield _fix(
                subject, match, f'the designator of {name}, "{said}", became "{new}"', Edit(start, end, f'"{new}"')
            )


@mender("X17")
def addresses_of_codes(subject: Subject) -> Iterator[Fix]:
    for match in matches(subject, _CODE_VALUE):
        said = html.unescape(match.group("double") or match.group("single") or "").strip()
        _, new = normalise("RADLEX", said)
        if re.match("https?://", said) and not re.match("https?://", new):
            yield _fix(subject, match, f'the code "{said}" became "{new}"', Edit(*match.span("quoted"), f'"{new}"'))


@mender("X12")
def one_entry_each(subject: Subject) -> Iterator[Fix]:
    seen: dict[str, re.Match[str]] = {}
    for match in matches(subject, _WHOLE_ENTRY):
        target = html.unescape(match.group("double") or match.group("single") or "").strip()
        if (one := seen.setdefault(target, match)) is not match and target:
            end = one.start("inner") + len(one.group("inner").rstrip())
            edits = (Edit(end, end, match.group("inner").rstrip()), remove_whole(subject.page, *match.span()))
            yield _fix(subject, match, f'the terms of the second entry for "{target}" were put into the first', *edits)
