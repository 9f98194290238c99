"""Checks the audit log and what it speaks of: rows and stored things in, findings out. Pure.

A row that was altered, removed, reordered or inserted no longer fits its hash or its neighbours (audit_chain.py). What
the log says of versions, documents and templates has to agree with what is stored of them, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from reporting.audit_chain import BEGINNING, row_hash

_NEAR = 1000
"""How far from its place a moved row is looked for."""
_SEARCHES = 200
"""So many rows are looked for at most; each takes milliseconds."""
_MARKS = 16


class Kind(StrEnum):
    """What can be wrong."""

    ALTERED = "altered"
    """A row of the log, or something that it carries the digest of, says something else than when it was written."""
    REMOVED = "removed"
    """Something that was there is gone."""
    REORDERED = "reordered"
    """A row of the log stands at another place."""
    INSERTED = "inserted"
    """Something is there that no row of the log accounts for, or a row that the chain does not lead to."""
    DISAGREES = "disagrees"
    """Two places in the database that always say the same do not."""


class Finding(BaseModel):
    """One thing that is wrong, and where: the number of the audit event, or the stored thing."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    message: str
    event: int | None = None
    report: str | None = None
    version: int | None = None
    document: str | None = None
    template: str | None = None


class Head(BaseModel):
    """The end of the chain; whoever keeps it elsewhere can prove later that it was not cut off."""

    model_config = ConfigDict(frozen=True)

    event: int
    hash: str


class ChainCheck:
    """Walks the chain once; `rows`, `head` and `marks_seen` say what it saw."""

    def __init__(self, marks: Iterable[str] = ()) -> None:
        self.rows = 0
        self.head = Head(event=0, hash=BEGINNING)
        self.marks_seen: dict[str, int] = {}
        self._marks = frozenset(marks)
        self._searches = _SEARCHES
        self._earlier = ""
        self._before_fits = True
        self._shift = 0

    def findings(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
        """Yield what is wrong with the rows, which come by their numbers."""
        for row in rows:
            self.rows += 1
            if row["id"] < 1:
                yield _finding(Kind.INSERTED, row["id"], "has a number that no event can have")
                continue
            yield from self._row(row)
            self._earlier, self.head = self.head.hash, Head(event=row["id"], hash=row["hash"])
            if row["hash"] in self._marks:
                self.marks_seen[row["hash"]] = row["id"]

    def _row(self, row: Mapping[str, Any]) -> Iterator[Finding]:
        number, follows = row["id"], self.head.event + 1
        if number > follows:
            yield _gap(follows, number - 1)
        fits, linked = _fits(row, number), row["previous"] == self.head.hash
        shift = 0 if fits else self._home(row) - number
        if not fits and not (linked and shift == self._shift != 0):
            if shift and self._before_fits and row["previous"] == self._earlier:
                yield _finding(Kind.INSERTED, number - 1, "was put in between")
            yield _misfit(number, shift)
        elif fits and not linked and number == follows and self._before_fits:
            yield _broken(number)
        self._before_fits, self._shift = fits, shift

    def _home(self, row: Mapping[str, Any]) -> int:
        """Return the number under which a row was written, if that is near; else the one that it has."""
        number = int(row["id"])
        if self._shift and _fits(row, number + self._shift):
            return number + self._shift
        if self._searches <= 0:
            return number
        self._searches -= 1
        near = (number + sign * far for far in range(1, _NEAR) for sign in (1, -1))
        return next((one for one in near if one > 0 and _fits(row, one)), number)


def _fits(row: Mapping[str, Any], number: int) -> bool:
    return row_hash(row["previous"], {**row, "id": number}) == str(row["hash"])


def _misfit(number: int, shift: int) -> Finding:
    if not shift:
        return _finding(Kind.ALTERED, number, "does not say what it said when it was written")
    return _finding(
        Kind.REORDERED, number, f"was written as number {number + shift}; so were those after it, if moved alike"
    )


def _broken(number: int) -> Finding:
    if number == 1:
        return _finding(Kind.INSERTED, 1, "is not the beginning of the chain")
    said = f"is not what number {number} was chained to: it was altered, and its hash made anew"
    return _finding(Kind.ALTERED, number - 1, said)


def missing_marks(check: ChainCheck, marks: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each hash, kept elsewhere, that is no longer in the chain."""
    for mark in marks:
        if mark not in check.marks_seen and mark != BEGINNING:
            said = f"No event has the hash {mark[:_MARKS]}...: the chain that ended in it was cut off or written anew."
            yield Finding(kind=Kind.REMOVED, message=said)


def _finding(kind: Kind, number: int, said: str) -> Finding:
    return Finding(kind=kind, event=number, message=f"Audit event {number} {said}.")


def _gap(first: int, last: int) -> Finding:
    which = f"Audit event {first} is" if first == last else f"Audit events {first} to {last} are"
    return Finding(kind=Kind.REMOVED, event=first, message=f"{which} gone.")


class ReportVersion(BaseModel):
    """What is stored of a version of a report and what its audit event says of it; None where there is no event."""

    model_config = ConfigDict(frozen=True)

    report: str
    version: int
    status: str
    """What the column says."""
    said_status: str
    """What the document says."""
    stands: bool
    digest: str
    actual: str
    """The SHA-256 of the document as it is stored."""
    event: int | None
    event_digest: str | None
    renditions: Mapping[str, str]
    """Digests of the renditions that are stored, by format."""
    event_renditions: Mapping[str, str]
    """And those that the event carries."""
    mistyped: tuple[str, ...] = ()
    """Formats of renditions that are stored under the media type of something else."""
    stamp: tuple[str, str, str]
    """Who stored it, when and by which action; versions of before the log had actions name none."""
    event_stamp: tuple[str, str, str]


class ReportHead(BaseModel):
    """What the row of a report says about its versions."""

    model_config = ConfigDict(frozen=True)

    report: str
    version: int
    status: str
    signed_version: int | None
    signed_status: str | None


def report_findings(head: ReportHead, versions: Iterable[ReportVersion]) -> Iterator[Finding]:
    """Yield what is wrong with a report: its versions by number, each against its event, and its row against them."""
    latest, standing = None, None
    for one in versions:
        expected = 1 if latest is None else latest.version + 1
        if one.version != expected:
            yield _of_version(Kind.REMOVED, head.report, expected, "is gone")
        yield from _version_findings(one)
        latest = one
        standing = one if one.stands else standing
    if latest is None:
        yield Finding(kind=Kind.REMOVED, report=head.report, message=f"Report {head.report} has lost all its versions.")
        return
    if head.version > latest.version:
        yield _of_version(Kind.REMOVED, head.report, head.version, "is gone")
    elif (head.version, head.status) != (latest.version, latest.said_status):
        yield _of_head(head, f"it is {latest.said_status} at version {latest.version}")
    signed = (None, None) if standing is None else (standing.version, standing.said_status)
    if (head.signed_version, head.signed_status) != signed and head.version <= latest.version:
        yield _of_head(head, f"version {signed[0]} stands" if standing else "no version of it was signed")


def _version_findings(one: ReportVersion) -> Iterator[Finding]:
    if one.actual != one.digest:
        yield _of_version(Kind.ALTERED, one.report, one.version, "holds another document than when it was stored")
    if one.event is None:
        yield _of_version(
            Kind.INSERTED, one.report, one.version, "has no audit event: it was put in, or its event removed"
        )
    elif one.event_digest != one.digest:
        yield _of_version(Kind.ALTERED, one.report, one.version, f"has another digest than audit event {one.event}")
    elif one.stamp != one.event_stamp and not _is_first(one):
        said = f"names another person, time or action than audit event {one.event}"
        yield _of_version(Kind.DISAGREES, one.report, one.version, said).model_copy(update={"event": one.event})
    if one.status != one.said_status and any((one.status, one.stamp[2])):  # the first versions said neither
        yield _of_version(Kind.DISAGREES, one.report, one.version, f"is {one.said_status}, its row says {one.status}")
    for name, digest in one.event_renditions.items():
        if name not in one.renditions:
            yield _of_version(Kind.REMOVED, one.report, one.version, f"has lost its rendering as {name}")
        elif one.renditions[name] != digest:
            yield _of_version(Kind.ALTERED, one.report, one.version, f"has another rendering as {name} than was signed")
    accounted = one.stands and not one.event_renditions  # the events of the first versions carry none
    for name in () if accounted else sorted(one.renditions.keys() - one.event_renditions.keys()):
        yield _of_version(Kind.INSERTED, one.report, one.version, f"has a rendering as {name} that was not signed")
    for name in one.mistyped:
        yield _of_version(
            Kind.DISAGREES, one.report, one.version, f"has its rendering as {name} under another media type"
        )
    if one.stands and not one.event_renditions and not one.renditions:
        yield _of_version(Kind.REMOVED, one.report, one.version, "was signed, and has no rendering")


def _is_first(one: ReportVersion) -> bool:
    """Tell whether a version is one of those that said neither status nor action, and the rest is that of its event."""
    return not one.status and (*one.event_stamp[:2], "") == one.stamp


def _of_version(kind: Kind, report: str, version: int, said: str) -> Finding:
    return Finding(kind=kind, report=report, version=version, message=f"Version {version} of report {report} {said}.")


def _of_head(head: ReportHead, truth: str) -> Finding:
    said = f"The row of report {head.report} does not agree with its versions: {truth}."
    return Finding(kind=Kind.DISAGREES, report=head.report, message=said)


class Stored(BaseModel):
    """A document or a template that is stored, and what its audit event says of it."""

    model_config = ConfigDict(frozen=True)

    document: str | None = None
    template: str | None = None
    version: int | None = None
    digest: str | None = None
    """What its own row says, where that says it."""
    actual: str
    event: int | None
    event_digest: str | None
    other: tuple[str, ...] = ()
    """What it is found by or has beside it, and which is not what it says itself or its event tells."""

    @property
    def name(self) -> str:
        """What to call it."""
        if self.document is not None:
            return f"Document {self.document}"
        return f"Template {self.template}" + (f" version {self.version}" if self.version else "")


def stored_findings(things: Iterable[Stored]) -> Iterator[Finding]:
    """Yield what is wrong with documents and templates."""
    for one in things:
        about = {"document": one.document, "template": one.template, "version": one.version, "event": one.event}
        if one.event is None:
            said = f"{one.name} has no audit event: it was put in, or its event removed."
            yield Finding(kind=Kind.INSERTED, message=said, **about)
        elif one.actual != (one.event_digest or one.actual) or one.digest not in (None, one.actual):
            yield Finding(kind=Kind.ALTERED, message=f"{one.name} is not what was stored.", **about)
        elif one.other:
            says = "it says" if one.template is None else f"audit event {one.event} tells"
            said = f"{one.name} is found by, or has beside it, something else than {says}: {', '.join(one.other)}."
            yield Finding(kind=Kind.DISAGREES, message=said, **about)
