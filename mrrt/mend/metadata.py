"""Menders of the metadata (M)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date

from mrrt.check.rules import Subject
from mrrt.mend.edits import Fix, in_head, insert_behind, set_attribute
from mrrt.mend.table import fix, mender
from mrrt.parse.metadata import TYPE, said_by, term_of
from mrrt.parse.phrases import collapse

_DATES = (
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?"),
)
"""Ways of writing a date in which day and month cannot be mistaken for each other."""

_LANGUAGES = {
    **dict.fromkeys(("english", "englisch", "eng"), "en"),
    **dict.fromkeys(("german", "deutsch", "ger", "deu"), "de"),
    **dict.fromkeys(("french", "français", "fra", "fre"), "fr"),
    **dict.fromkeys(("spanish", "español", "spa"), "es"),
    **dict.fromkeys(("italian", "italiano", "ita"), "it"),
    **dict.fromkeys(("portuguese", "português", "por"), "pt"),
    **dict.fromkeys(("dutch", "nederlands", "nld", "dut"), "nl"),
}


@mender("M2")
def missing_terms(subject: Subject) -> Iterator[Fix]:
    page, metadata = subject.page, subject.metadata
    title = next((collapse(one.whole_text).strip() for one in page.named("title")), "")
    known = {"title": title, "type": TYPE, "language": (page.elements[0].get("lang") or "").strip().lower()[:2]}
    last = [tag for element in page.named("meta") if (tag := page.tag(element)) is not None]
    place = max((tag.end for tag in last), default=in_head(page))
    missing = [(term, value) for term, value in known.items() if value and term not in metadata]
    if missing:
        edits = [insert_behind(page, place, _meta(term, value)) for term, value in missing]
        joined = edits[0]._replace(new="".join(edit.new for edit in edits))
        what = ", ".join(f"dcterms.{term}" for term, _ in missing)
        yield Fix(f"{what} was added", page.position(place)[0], (joined,))


def _meta(term: str, value: str) -> str:
    return f'<meta name="dcterms.{term}" content="{html.escape(value)}"/>'


def _changed(subject: Subject, term: str, value_of: dict[str, str]) -> Iterator[Fix]:
    for element in subject.page.named("meta"):
        if term_of(element) == term and (new := value_of.get(old := said_by(element))):
            edits = set_attribute(subject.page, element, "content", new)
            yield from fix(subject, element, f'dcterms.{term} "{old}" became "{new}"', edits)


def _said(subject: Subject, term: str) -> list[str]:
    return [said_by(element) for element in subject.page.named("meta") if term_of(element) == term]


@mender("M5")
def empty_type(subject: Subject) -> Iterator[Fix]:
    alike = {said for said in _said(subject, "type") if re.sub(r"[\W_]+", "_", said).upper() in ("", TYPE)}
    yield from _changed(subject, "type", dict.fromkeys(alike - {TYPE}, TYPE))


@mender("M6")
def language_code(subject: Subject) -> Iterator[Fix]:
    codes = {said: _language(said) for said in _said(subject, "language")}
    yield from _changed(subject, "language", {said: code for said, code in codes.items() if code and code != said})


def _language(said: str) -> str:
    if match := re.fullmatch(r"([A-Za-z]{2})(?:[-_][A-Za-z]{2})?", said):
        return match.group(1).lower()
    return _LANGUAGES.get(said.lower(), "")


@mender("M7")
def iso_dates(subject: Subject) -> Iterator[Fix]:
    dates = {said: _date(said) for said in _said(subject, "date")}
    yield from _changed(subject, "date", {said: iso for said, iso in dates.items() if iso and iso != said})


def _date(said: str) -> str:
    for form in _DATES:
        if match := form.fullmatch(said):
            try:
                return date(*(int(match.group(part)) for part in ("year", "month", "day"))).isoformat()
            except ValueError:
                return ""
    return ""


@mender("M1")
def usual_names(subject: Subject) -> Iterator[Fix]:
    for element in subject.page.named("meta"):
        said, term = element.get("name"), term_of(element)
        if said and term and not re.fullmatch(r"dcterms\.[a-z][A-Za-z]+", said.strip()):
            edits = set_attribute(subject.page, element, "name", f"dcterms.{term}")
            yield from fix(subject, element, f'the term "{said}" became dcterms.{term}', edits)
        elif said == "dcterms.licence":
            edits = set_attribute(subject.page, element, "name", "dcterms.license")
            yield from fix(subject, element, 'the term "dcterms.licence" became dcterms.license', edits)
