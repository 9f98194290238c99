"""What the check of the audit log reads of the database, row by row: however large it is, little of it is in memory."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.engine import Connection, RowMapping

from mrrt.render import FORMATS
from mrrt.report import ReportStatus
from reporting import store_tables as tables
from reporting.audit_check import Finding, ReportHead, ReportVersion, Stored
from reporting.catalogue import RETIRED
from reporting.draft import Draft
from reporting.report_columns import head_columns, standing_columns
from reporting.row_check import column_findings, document_findings, json_object, value_findings
from reporting.statuses import stands_with
from reporting.store_library import beside
from reporting.store_verify_inbox import BATCH_OF_BYTES, InboxVerifyReading, as_bytes
from reporting.value_rows import ValueRow, said_by_report, said_by_row
from sr_import.identifying import IDENTIFYING, differing
from templates_lib.loader import TemplateSource

_EVENT, _HEAD, _VERSION = tables.audit_event, tables.report, tables.report_version
_DOCUMENT, _LIBRARY, _TEXTS = tables.sr_document, tables.library_version, tables.template_version
_COMPARED_ELSEWHERE = frozenset({"status", "signed_version", "signed_status"})
_STORED_AS = {
    str: ("text",),
    int: ("integer",),
    bool: ("integer",),
    float: ("real", "integer"),
    bytes: ("blob", "text"),
}
_SIGNED = ("signed_by", "signed_at", "signed_actor")
_GUARDS_OF_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'"
_GUARDS_OF_POSTGRESQL = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
Findings = Iterator[Finding]


class _Kept(NamedTuple):
    """A version that could be read."""

    version: int
    at: str
    draft: Draft


class VerifyReading(InboxVerifyReading, ABC):
    """The rows that are checked against each other."""

    _connection: Connection

    @abstractmethod
    def values(self, report_id: str) -> tuple[ValueRow, ...]:
        """Return the value rows of a report as they are stored."""

    @abstractmethod
    def documents_known_by(self, report_id: str) -> tuple[str, ...]:
        """Return the documents that a report was filled from or dealt with, as the rows say."""

    @contextmanager
    def damaged_too(self) -> Iterator[None]:
        """Read what is no text all the same, with U+FFFD in it; SQLite keeps any bytes, and its driver stops there."""
        driver: Any = self._connection.connection.dbapi_connection
        if self._connection.dialect.name != "sqlite":
            yield
            return
        driver.text_factory = lambda said: said.decode(errors="replace")
        try:
            yield
        finally:
            driver.text_factory = str

    def of_another_type(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield table, key and columns of each row that holds what no column of its type can; SQLite alone lets it."""
        if self._connection.dialect.name != "sqlite":
            return
        for table in tables.metadata.sorted_tables:
            odd = {column.name: sa.func.typeof(column).not_in(_stored_as(column)) for column in table.c}
            quoted: list[sa.ColumnElement[str]] = [sa.func.quote(column) for column in table.primary_key.columns]
            key = reduce(lambda left, right: left.concat(" ").concat(right), quoted)
            flags = [odd[name].label(f"odd_{name}") for name in odd]
            query: sa.Select[Any] = sa.select(key.label("key")).add_columns(*flags)
            for row in self._stream(query.where(sa.or_(*odd.values()))):
                yield table.name, row["key"], tuple(name for name in odd if row[f"odd_{name}"])

    def chain(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of the audit log by their numbers."""
        for row in self._stream(sa.select(_EVENT).order_by(_EVENT.c.id)):
            yield dict(row)

    def reports_to_check(self) -> Iterator[tuple[ReportHead, list[ReportVersion]]]:
        """Yield each report with all its versions, each with what its event says of it."""
        for _, rows in groupby(self._stream(_versions()), lambda row: row["head_id"]):
            first, versions = None, []
            for row in rows:
                first = first or row
                if row["version"] is not None:
                    versions.append(self._version(row))
            assert first is not None  # a group has a row
            yield _head_of(first), versions

    def lost_versions(self) -> Iterator[tuple[str, int, int]]:
        """Yield report, version and event of each version that an event tells of and that is nowhere."""
        there = sa.and_(_VERSION.c.report_id == _EVENT.c.report_id, _VERSION.c.version == _EVENT.c.version)
        query = sa.select(_EVENT.c.report_id, _EVENT.c.version, _EVENT.c.id).outerjoin(_VERSION, there)
        query = query.where(_EVENT.c.report_id.is_not(None), _EVENT.c.digest.is_not(None))
        for row in self._stream(query.where(_VERSION.c.version.is_(None)).order_by(_EVENT.c.id)):
            yield row["report_id"], row["version"], row["id"]

    def lost_documents(self) -> Iterator[tuple[str, int]]:
        """Yield UID and event of each document that an event tells of and that is nowhere."""
        there = _DOCUMENT.c.sop_instance_uid == _EVENT.c.document
        query = sa.select(_EVENT.c.document, _EVENT.c.id).outerjoin(_DOCUMENT, there)
        query = query.where(_EVENT.c.action == "receive", _DOCUMENT.c.sop_instance_uid.is_(None))
        for row in self._stream(query.order_by(_EVENT.c.id)):
            yield row["document"], row["id"]

    def lost_templates(self) -> Iterator[tuple[str, int, int]]:
        """Yield identifier, version and event of each version of a template that is nowhere."""
        there = sa.and_(_LIBRARY.c.identifier == _EVENT.c.template, _LIBRARY.c.version == _EVENT.c.version)
        query = sa.select(_EVENT.c.template, _EVENT.c.version, _EVENT.c.id).outerjoin(_LIBRARY, there)
        query = query.where(_EVENT.c.action.in_(("store", "retire")), _LIBRARY.c.version.is_(None))
        for row in self._stream(query.order_by(_EVENT.c.id)):
            yield row["template"], row["version"], row["id"]

    def without_parent(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield what rows belong to and what is not there: the table of the rows, the other one, and its key.

        A database refuses that only as long as whoever changes it lets it.
        """
        for table in tables.metadata.sorted_tables:
            for one in () if table is _HEAD else table.foreign_key_constraints:  # see lost_texts
                other = one.referred_table
                pairs = [(key.parent, key.column) for key in one.elements]
                mine, there = [key for key, _ in pairs], sa.and_(*(left == right for left, right in pairs))
                query = sa.select(*mine).distinct().select_from(table.outerjoin(other, there))
                for row in self._stream(query.where(pairs[0][1].is_(None)).order_by(*mine)):
                    yield table.name, other.name, dict(row)

    def stored_to_check(self) -> Iterator[Stored]:
        """Yield each SR document, each template of the library, and the template texts that reports are pinned to."""
        yield from self._documents()
        yield from self._library()
        yield from self._texts()

    def _documents(self) -> Iterator[Stored]:
        came_in = _EVENT.c.action == "receive"
        last = sa.select(sa.func.max(_EVENT.c.id)).where(came_in).group_by(_EVENT.c.document)  # erased, and sent again
        received = sa.select(_EVENT).where(came_in, _EVENT.c.id.in_(last)).subquery()
        on = received.c.document == _DOCUMENT.c.sop_instance_uid
        found_by = (_DOCUMENT.c[name] for name in IDENTIFYING)
        stored = (_DOCUMENT.c.sop_instance_uid, as_bytes(_DOCUMENT.c.content), *found_by)
        times = (_DOCUMENT.c.received_at, received.c.at)
        query = sa.select(*stored, *times, received.c.id, received.c.digest)
        query = query.outerjoin(received, on).order_by(_DOCUMENT.c.sop_instance_uid)
        for row in self._stream(query, BATCH_OF_BYTES):
            actual = sha256(row["content"]).hexdigest()
            uid = row["sop_instance_uid"]
            other = differing(row["content"], {name: str(row[name]) for name in IDENTIFYING})
            other += ("received_at",) if row["at"] not in (None, row["received_at"]) else ()
            yield Stored(document=uid, actual=actual, event=row["id"], event_digest=row["digest"], other=other)

    def _library(self) -> Iterator[Stored]:
        on = sa.and_(
            *(_EVENT.c.template == _LIBRARY.c.identifier, _EVENT.c.version == _LIBRARY.c.version),
            *(_EVENT.c.report_id.is_(None), _EVENT.c.action == _LIBRARY.c.action),
        )
        event = (_EVENT.c.id.label("event"), _EVENT.c.digest.label("event_digest"), _EVENT.c.detail)
        stamp = tuple(_EVENT.c[name].label(f"event_{name}") for name in ("actor", "at"))
        query = (
            sa.select(_LIBRARY, *event, *stamp)
            .outerjoin(_EVENT, on)
            .order_by(_LIBRARY.c.identifier, _LIBRARY.c.version)
        )
        for row in self._stream(query):
            said = {"template": row["identifier"], "version": row["version"], "digest": row["digest"]}
            known = {"event": row["event"], "event_digest": row["event_digest"], "other": self._other(row)}
            yield Stored(actual=_digest(row), **known, **said)

    def _other(self, row: RowMapping) -> tuple[str, ...]:
        """Return what of a template of the library is not what its event tells; those of earlier versions tell less."""
        if row["event"] is None:
            return ()
        table = tables.library_file
        at = sa.and_(*(table.c[name] == row[name] for name in ("identifier", "version")))
        query = sa.select(table.c.path, as_bytes(table.c.content)).where(at)
        files = {one.path: one.content for one in self._connection.execute(query)}
        told: dict[str, Any] = {"actor": row["event_actor"], "at": row["event_at"]}
        told |= {"status": RETIRED} if row["action"] == "retire" else {}
        told |= json_object(row["detail"])
        there = {**row, **beside(dict(row), files)}
        return tuple(sorted(name for name in told if there.get(name) != told[name]))

    def _texts(self) -> Iterator[Stored]:
        """Yield the texts of reports: their digest is in every document, which the chain covers."""
        page = tables.template_page
        for row in self._stream(sa.select(_TEXTS).order_by(_TEXTS.c.digest)):
            query = sa.select(page.c.identifier, page.c.html).where(page.c.digest == row["digest"])
            pages = tuple((one.identifier, one.html) for one in self._connection.execute(query))
            said = {"template": row["name"], "digest": row["digest"], "event": 0, "event_digest": None}
            yield Stored(actual=_digest(row, pages), **said)

    def rows_to_check(self) -> Iterator[tuple[str, Findings]]:
        """Yield each report with what its row, its values and its documents repeat wrongly."""
        for row in self._stream(sa.select(_HEAD).order_by(_HEAD.c.id)):
            first, latest, standing = self._drafts(row)
            if latest is not None:
                yield row["id"], self._row_findings(row, first, latest, standing)

    def _drafts(self, row: RowMapping) -> tuple[RowMapping | None, _Kept | None, _Kept | None]:
        """Return who made a report and when, its latest version, and the one that stands; None if not to be read."""
        found = {}
        for number in {1, row["version"], row["signed_version"]} - {None}:
            at = sa.and_(_VERSION.c.report_id == row["id"], _VERSION.c.version == number)
            query = sa.select(_VERSION.c.actor, _VERSION.c.at, _VERSION.c.version, _VERSION.c.document).where(at)
            found[number] = self._connection.execute(query).mappings().one_or_none()
        return found[1], _kept(found[row["version"]]), _kept(found.get(row["signed_version"]))

    def _row_findings(
        self, row: RowMapping, first: RowMapping | None, latest: _Kept, standing: _Kept | None
    ) -> Findings:
        report, draft = row["id"], latest.draft
        expected = {**head_columns(draft, latest.at), "template": draft.report.template}
        expected |= {} if first is None else {"created_at": first["at"], "author": first["actor"]}
        expected |= dict.fromkeys(_SIGNED) if row["signed_version"] is None else {}
        expected |= {} if standing is None else standing_columns(standing.draft, standing.version)
        yield from column_findings(
            report, dict(row), {name: expected[name] for name in expected.keys() - _COMPARED_ELSEWHERE}
        )
        says = draft if draft.report.revision is None or standing is None else standing.draft  # see Reading.saying
        values = (said_by_row(one) for one in self.values(report))
        yield from value_findings(report, values, said_by_report(says.report))
        yield from document_findings(report, self.documents_known_by(report), draft.dealt_with)

    def lost_texts(self) -> Iterator[tuple[str, str]]:
        """Yield report and digest of template texts that a report is pinned to and that are nowhere."""
        there = _TEXTS.c.digest == _HEAD.c.template_version
        query = (
            sa.select(_HEAD.c.id, _HEAD.c.template_version).outerjoin(_TEXTS, there).where(_TEXTS.c.digest.is_(None))
        )
        for row in self._stream(query.order_by(_HEAD.c.id)):
            yield row["id"], row["template_version"]

    def missing_guards(self) -> tuple[str, ...]:
        """Return the tables that should only be added to, and whose rows nothing keeps from being changed."""
        postgresql = self._connection.dialect.name == "postgresql"
        guards = set(self._connection.scalars(sa.text(_GUARDS_OF_POSTGRESQL if postgresql else _GUARDS_OF_SQLITE)))
        endings = ("only_added",) if postgresql else ("no_update", "no_delete")
        wanted = {one: {f"{one}_{ending}" for ending in endings} for one in tables.ONLY_ADDED}
        for one in tables.ERASABLE:
            wanted[one] |= {f"{one}_not_held", *((f"{one}_only_erased",) if postgresql else ())}
        return tuple(one for one, names in wanted.items() if names - guards)

    def _version(self, row: RowMapping) -> ReportVersion:
        document = row["document"].encode()
        said = _said(document)
        carried = _carried(row["detail"])
        stored, mistyped = {}, ()
        if row["rendered"]:
            table = tables.rendition
            at = sa.and_(table.c.report_id == row["head_id"], table.c.version == row["version"])
            query = sa.select(table.c.format, table.c.media_type, as_bytes(table.c.content)).where(at)
            kept = self._connection.execute(query).all()
            stored = {one.format: sha256(one.content).hexdigest() for one in kept}
            mistyped = tuple(one.format for one in kept if _has_other_type(one.format, one.media_type))
        return ReportVersion(
            report=row["head_id"],
            version=row["version"],
            status=row["version_status"],
            said_status=said[0],
            stands=said[1],
            digest=row["digest"],
            actual=sha256(document).hexdigest(),
            event=row["event"],
            event_digest=row["event_digest"],
            renditions=stored,
            event_renditions=carried,
            mistyped=mistyped,
            stamp=(row["actor"], row["at"], row["version_action"]),
            event_stamp=(row["event_actor"] or "", row["event_at"] or "", row["event_action"] or ""),
        )


def _stored_as(column: sa.Column[Any]) -> tuple[str, ...]:
    """Return how SQLite keeps the values of a column; bytes that became text are told by their digest."""
    packed = isinstance(column.type, sa.TypeDecorator)
    return ("null", *(("blob", "text") if packed else _STORED_AS[column.type.python_type]))


def _kept(row: RowMapping | None) -> _Kept | None:
    """Return a version; None for a document that is not to be read, which its digest tells already."""
    try:
        return None if row is None else _Kept(row["version"], row["at"], Draft.model_validate_json(row["document"]))
    except ValueError:
        return None


def _has_other_type(name: str, media_type: str) -> bool:
    """Tell whether a rendering would be sent as something else than it was made as."""
    return name in FORMATS and media_type != FORMATS[name].media_type


def _versions() -> sa.Select[Any]:
    of_version = sa.and_(_EVENT.c.report_id == _VERSION.c.report_id, _EVENT.c.version == _VERSION.c.version)
    on = sa.and_(of_version, _EVENT.c.digest.is_not(None))
    head = (_HEAD.c.id.label("head_id"), _HEAD.c.version.label("head_version"), _HEAD.c.status.label("head_status"))
    signed = (_HEAD.c.signed_version, _HEAD.c.signed_status)
    version = (_VERSION.c.version, _VERSION.c.document, _VERSION.c.digest, _VERSION.c.status.label("version_status"))
    stamp = (_VERSION.c.actor, _VERSION.c.at, _VERSION.c.action.label("version_action"))
    event = (_EVENT.c.id.label("event"), _EVENT.c.digest.label("event_digest"), _EVENT.c.detail)
    said = tuple(_EVENT.c[name].label(f"event_{name}") for name in ("actor", "at", "action"))
    table = tables.rendition
    at = sa.and_(table.c.report_id == _VERSION.c.report_id, table.c.version == _VERSION.c.version)
    rendered = sa.select(table.c.format).where(at).exists().label("rendered")
    source = _HEAD.outerjoin(_VERSION, _VERSION.c.report_id == _HEAD.c.id).outerjoin(_EVENT, on)
    query = sa.select(*head, *signed, *version, *stamp, *event, *said, rendered).select_from(source)
    return query.order_by(_HEAD.c.id, _VERSION.c.version, _EVENT.c.id)


def _head_of(row: RowMapping) -> ReportHead:
    said = {"version": row["head_version"], "status": row["head_status"]}
    return ReportHead(
        report=row["head_id"], signed_version=row["signed_version"], signed_status=row["signed_status"], **said
    )


def _said(document: bytes) -> tuple[str, bool]:
    """Return the status that a document states, and whether it stands; a document that is no JSON says nothing."""
    try:
        report = from_json(document)["report"]
        status = ReportStatus(report["status"])
        return status.value, stands_with(status, report.get("revision") is not None)
    except (ValueError, KeyError, TypeError):
        return "", False


def _carried(detail: str | None) -> dict[str, str]:
    """Return the digests of renderings that an event carries; an event that was altered may hold anything."""
    try:
        carried = json.loads(detail or "{}")["renditions"]
        return {str(name): str(digest) for name, digest in carried.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(row: RowMapping, pages: tuple[tuple[str, bytes], ...] = ()) -> str:
    return TemplateSource("", "", "", row["html"], row["logic"], row["bindings"], pages).digest
