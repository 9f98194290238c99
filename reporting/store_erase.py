"""What a transaction of the store can find and remove of what has been kept for long enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting import store_tables as tables
from reporting.records import By
from reporting.store_audit import AuditWriting
from reporting.store_holds import document_is_held, report_is_held

_EVENT, _HEAD, _VERSION = tables.audit_event, tables.report, tables.report_version
_DOCUMENT, _USE, _OBJECT = tables.sr_document, tables.report_document, tables.received_object
_ADDED_UP = tables.unmapped_source
ERASE, ERASE_DOCUMENT = "erase", "erase-document"
_OF_REPORT = (tables.trial_visit, tables.report_value, _USE, tables.rendition, _VERSION)
"""Tables with rows of a report, in the order in which they can go; its own row goes last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go: all that is asked for has to be met. `before` is a time in UTC as the store writes it."""

    before: str | None = None
    patient: str | None = None
    reports: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ErasableReport:
    """A report that would go."""

    id: str
    status: str
    template: str
    versions: int
    updated_at: str


class EraseReading:
    """The questions what would go, and what went."""

    _connection: Connection

    def erasable_reports(self, wanted: Wanted) -> tuple[ErasableReport, ...]:
        """Return the reports that would go, by the time of their last change."""
        return self._reports(*_going(wanted))

    def held_reports(self, wanted: Wanted) -> tuple[ErasableReport, ...]:
        """Return the reports that would go, were they not held."""
        return self._reports(*_passing(wanted), report_is_held())

    def _reports(self, *conditions: sa.ColumnElement[bool]) -> tuple[ErasableReport, ...]:
        columns = (_HEAD.c.id, _HEAD.c.status, _HEAD.c.template_name, _HEAD.c.version, _HEAD.c.updated_at)
        query = sa.select(*columns).where(*conditions).order_by(_HEAD.c.updated_at, _HEAD.c.id)
        return tuple(ErasableReport(*row) for row in self._connection.execute(query))

    def erasable_documents(
        self, wanted: Wanted, *, with_reports: bool = True, limit: int | None = None
    ) -> tuple[str, ...]:
        """Return the documents that would go, the oldest first: none of a report which stays, or of a held patient.

        Of reports that were named, those that belong to them; else all that came from the patient, or in that time.
        Without `with_reports` no report is taken to go.
        """
        going = sa.select(_HEAD.c.id).where(*_going(wanted) if with_reports else (sa.false(),))
        uses = sa.select(_USE.c.report_id).where(_USE.c.document == _DOCUMENT.c.sop_instance_uid)
        conditions = [~uses.where(_USE.c.report_id.not_in(going)).exists(), ~document_is_held()]
        conditions += [] if wanted.before is None else [_DOCUMENT.c.received_at < wanted.before]
        conditions += [] if wanted.patient is None else [_DOCUMENT.c.patient_id == wanted.patient]
        if wanted.reports is not None:
            own = sa.select(_USE.c.document).where(_USE.c.report_id.in_(wanted.reports))
            conditions.append(_DOCUMENT.c.sop_instance_uid.in_(own))
        query = sa.select(_DOCUMENT.c.sop_instance_uid).where(*conditions)
        query = query.order_by(_DOCUMENT.c.received_at, _DOCUMENT.c.sop_instance_uid).limit(limit)
        return tuple(self._connection.scalars(query))

    def erased(self, action: str) -> dict[str, int]:
        """Return the reports, or the documents, of which the log says that they were erased, with its last event."""
        about = _EVENT.c.report_id if action == ERASE else _EVENT.c.document
        query = sa.select(about, sa.func.max(_EVENT.c.id)).where(_EVENT.c.action == action).group_by(about)
        return {key: number for key, number in self._connection.execute(query) if key is not None}

    def there_again(self, reports: dict[str, int], documents: dict[str, int]) -> Iterator[tuple[str, str, int]]:
        """Yield what was erased and is there: "report" or "document", which one, and the event that erased it.

        A document that came in once more is there by right.
        """
        for report in self._connection.scalars(sa.select(_HEAD.c.id).where(_HEAD.c.id.in_(_erased_reports()))):
            yield "report", report, reports[report]
        later = sa.select(sa.func.max(_EVENT.c.id)).where(
            _EVENT.c.action == "receive", _EVENT.c.document == _DOCUMENT.c.sop_instance_uid
        )
        query = sa.select(_DOCUMENT.c.sop_instance_uid, later.scalar_subquery())
        for uid, number in self._connection.execute(query.where(_DOCUMENT.c.sop_instance_uid.in_(_erased_documents()))):
            if (number or 0) < documents[uid]:
                yield "document", uid, documents[uid]


class EraseWriting(EraseReading, AuditWriting):
    """The removal of what has been kept for long enough."""

    def erase_report(self, report: ErasableReport, reason: str, by: By) -> None:
        """Remove a report with everything that is kept of it; the audit log keeps what happened to it.

        The event comes first: without it the database keeps the rows.
        """
        self.audit(ERASE, by, report_id=report.id, detail={"versions": report.versions, "reason": reason})
        for table in _OF_REPORT:
            self._connection.execute(sa.delete(table).where(table.c.report_id == report.id))
        self._connection.execute(sa.delete(_HEAD).where(_HEAD.c.id == report.id))

    def erase_document(self, uid: str, reason: str, by: By) -> None:
        """Remove a document, and the rows of the inbox that tell of it: it may come in again."""
        self.audit(ERASE_DOCUMENT, by, document=uid, detail={"reason": reason})
        self._connection.execute(sa.delete(_DOCUMENT).where(_DOCUMENT.c.sop_instance_uid == uid))
        self._connection.execute(sa.delete(_OBJECT).where(_OBJECT.c.sop_instance_uid == uid))
        self._connection.execute(sa.delete(_ADDED_UP).where(_ADDED_UP.c.document == uid))

    def overwrite_removed(self) -> None:
        """Have SQLite write zeros over what is removed from now on; PostgreSQL has VACUUM for it."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _passing(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = [] if wanted.before is None else [_HEAD.c.updated_at < wanted.before]
    conditions += [] if wanted.patient is None else [_HEAD.c.patient_id == wanted.patient]
    return conditions + ([] if wanted.reports is None else [_HEAD.c.id.in_(wanted.reports)])


def _going(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [*_passing(wanted), ~report_is_held()]


def _erased_reports() -> sa.Select[tuple[str]]:
    return sa.select(_EVENT.c.report_id).where(_EVENT.c.action == ERASE)


def _erased_documents() -> sa.Select[tuple[str]]:
    return sa.select(_EVENT.c.document).where(_EVENT.c.action == ERASE_DOCUMENT)
