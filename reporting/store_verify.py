"""What the check of the audit log reads of the database, row by row: however large it is, little of it is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.engine import Connection, RowMapping

from mrrt.report import ReportStatus
from reporting import store_tables as tables
from reporting.audit_check import ReportHead, ReportVersion, Stored
from reporting.statuses import stands_with
from templates_lib.loader import TemplateSource

_EVENT, _HEAD, _VERSION = tables.audit_event, tables.report, tables.report_version
_DOCUMENT, _LIBRARY, _TEXTS = tables.sr_document, tables.library_version, tables.template_version
_BATCH, _BATCH_OF_BYTES = 200, 4
"""Rows that are in memory together; fewer where a row holds a whole document."""


class VerifyReading:
    """The rows that are checked against each other."""

    _connection: Connection

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

    def stored_to_check(self) -> Iterator[Stored]:
        """Yield each SR document, each template of the library, and the template texts that reports are pinned to."""
        yield from self._documents()
        yield from self._library()
        yield from self._texts()

    def _documents(self) -> Iterator[Stored]:
        received = sa.select(_EVENT).where(_EVENT.c.action == "receive").subquery()
        on = received.c.document == _DOCUMENT.c.sop_instance_uid
        query = sa.select(_DOCUMENT.c.sop_instance_uid, _bytes(_DOCUMENT.c.content), received.c.id, received.c.digest)
        query = query.outerjoin(received, on).order_by(_DOCUMENT.c.sop_instance_uid)
        for row in self._stream(query, _BATCH_OF_BYTES):
            actual = sha256(row["content"]).hexdigest()
            uid = row["sop_instance_uid"]
            yield Stored(document=uid, actual=actual, event=row["id"], event_digest=row["digest"])

    def _library(self) -> Iterator[Stored]:
        on = sa.and_(
            *(_EVENT.c.template == _LIBRARY.c.identifier, _EVENT.c.version == _LIBRARY.c.version),
            *(_EVENT.c.report_id.is_(None), _EVENT.c.action == _LIBRARY.c.action),
        )
        event = (_EVENT.c.id.label("event"), _EVENT.c.digest.label("event_digest"))
        query = sa.select(_LIBRARY, *event).outerjoin(_EVENT, on).order_by(_LIBRARY.c.identifier, _LIBRARY.c.version)
        for row in self._stream(query):
            said = {"template": row["identifier"], "version": row["version"], "digest": row["digest"]}
            yield Stored(actual=_digest(row), event=row["event"], event_digest=row["event_digest"], **said)

    def _texts(self) -> Iterator[Stored]:
        """Yield the texts of reports: their digest is in every document, which the chain covers."""
        page = tables.template_page
        for row in self._stream(sa.select(_TEXTS).order_by(_TEXTS.c.digest)):
            query = sa.select(page.c.identifier, page.c.html).where(page.c.digest == row["digest"])
            pages = tuple((one.identifier, one.html) for one in self._connection.execute(query))
            said = {"template": row["name"], "digest": row["digest"], "event": 0, "event_digest": None}
            yield Stored(actual=_digest(row, pages), **said)

    def _version(self, row: RowMapping) -> ReportVersion:
        document = row["document"].encode()
        said = _said(document)
        carried = _carried(row["detail"])
        stored = {}
        if said[1] or carried:
            table = tables.rendition
            at = sa.and_(table.c.report_id == row["head_id"], table.c.version == row["version"])
            kept = self._connection.execute(sa.select(table.c.format, _bytes(table.c.content)).where(at))
            stored = {one.format: sha256(one.content).hexdigest() for one in kept}
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
        )

    def _stream(self, query: sa.Select[Any], batch: int = _BATCH) -> Iterator[RowMapping]:
        """Yield rows as the database hands them out; PostgreSQL keeps them on its side until they are asked for."""
        result = self._connection.execute(query, execution_options={"yield_per": batch})
        yield from result.mappings()


def _versions() -> sa.Select[Any]:
    at = sa.and_(_EVENT.c.report_id == _VERSION.c.report_id, _EVENT.c.version == _VERSION.c.version)
    on = sa.and_(at, _EVENT.c.digest.is_not(None))
    head = (_HEAD.c.id.label("head_id"), _HEAD.c.version.label("head_version"), _HEAD.c.status.label("head_status"))
    signed = (_HEAD.c.signed_version, _HEAD.c.signed_status)
    version = (_VERSION.c.version, _VERSION.c.document, _VERSION.c.digest, _VERSION.c.status.label("version_status"))
    event = (_EVENT.c.id.label("event"), _EVENT.c.digest.label("event_digest"), _EVENT.c.detail)
    source = _HEAD.outerjoin(_VERSION, _VERSION.c.report_id == _HEAD.c.id).outerjoin(_EVENT, on)
    query = sa.select(*head, *signed, *version, *event).select_from(source)
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


def _bytes(column: sa.Column[bytes]) -> sa.Label[bytes]:
    """Return a column as bytes; SQLite would hand out what was changed to text as text."""
    return sa.cast(column, sa.LargeBinary).label(column.name)


def _digest(row: RowMapping, pages: tuple[tuple[str, bytes], ...] = ()) -> str:
    return TemplateSource("", "", "", row["html"], row["logic"], row["bindings"], pages).digest
