"""What a transaction of the store can read and write of the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.audit_chain import BEGINNING, chained, covered
from reporting.audit_check import Head
from reporting.audit_codes import Outcome
from reporting.records import AuditEntry, AuditEvent, AuditFilter, By

_TABLE, _REPOSITORY = tables.audit_event, tables.audit_repository
_APPEND = sa.text("SELECT mrrt_append_audit_event(CAST(:event AS jsonb), :covered)")
"""PostgreSQL takes a lock, reads the end of the chain and adds to it (reporting/migrations/versions/v0012_append.py).

Were it done from here, others would wait for the lock while this process is busy with something else.
"""
_LAST = sa.select(_TABLE.c.id, _TABLE.c.hash).order_by(_TABLE.c.id.desc()).limit(1)
_BATCH = 1000


class AuditReading:
    """The questions about the audit log that the store answers."""

    _connection: Connection

    def audit_events(self, report_id: str) -> tuple[AuditEvent, ...]:
        """Return the audit events of a report, the oldest first."""
        query = sa.select(_TABLE).where(_TABLE.c.report_id == report_id).order_by(_TABLE.c.id)
        return tuple(AuditEvent(**row) for row in self._connection.execute(query).mappings())

    def audit_after(self, number: int, limit: int, actions: Sequence[str] = ()) -> tuple[AuditEvent, ...]:
        """Return up to `limit` events after the one with this number, the oldest first; of some actions if named."""
        query = sa.select(_TABLE).where(_TABLE.c.id > number).order_by(_TABLE.c.id).limit(limit)
        if actions:
            query = query.where(_TABLE.c.action.in_(actions))
        return tuple(AuditEvent(**row) for row in self._connection.execute(query).mappings())

    def audit_log(self) -> Iterator[AuditEvent]:
        """Yield the whole log, the oldest first, a batch at a time."""
        last = 0
        while batch := self.audit_after(last, _BATCH):
            yield from batch
            last = batch[-1].id

    def audit_page(
        self, wanted: AuditFilter, limit: int, place: int | None = None, *, newest: bool = False
    ) -> tuple[AuditEntry, ...]:
        """Return up to `limit` events that pass the filter, from beyond the one with the number `place` on.

        The oldest come first, or with `newest` the newest.
        """
        table, number = _TABLE, _TABLE.c.id
        conditions = _passing(wanted)
        if place is not None:
            conditions.append(number < place if newest else number > place)
        query = sa.select(table, *_ABOUT).select_from(_WITH_PATIENT).where(*conditions).limit(limit)
        query = query.order_by(number.desc() if newest else number)
        return tuple(_entry(row) for row in self._connection.execute(query).mappings())

    def head(self) -> Head:
        """Return the end of the chain."""
        row = self._connection.execute(_LAST).one_or_none()
        return Head(event=0, hash=BEGINNING) if row is None else Head(event=row.id, hash=row.hash)

    def sent_to(self, address: str) -> int:
        """Return the number of the last event that an audit record repository has got, 0 for none."""
        query = sa.select(_REPOSITORY.c.event).where(_REPOSITORY.c.address == address)
        return self._connection.scalar(query) or 0

    def last_audit_number(self) -> int:
        """Return the number of the latest event, 0 for none."""
        return self._connection.scalar(sa.select(sa.func.max(_TABLE.c.id))) or 0


class AuditWriting(AuditReading):
    """The additions to the audit log, and what is known of who has got it."""

    def note_sent(self, address: str, number: int, at: datetime) -> None:
        """Note the last event that an audit record repository has got."""
        self._connection.execute(sa.delete(_REPOSITORY).where(_REPOSITORY.c.address == address))
        row = {"address": address, "event": number, "at": at.isoformat(timespec="microseconds")}
        self._connection.execute(sa.insert(_REPOSITORY), row)

    def audit(
        self, action: str, by: By, *, outcome: Outcome = Outcome.SUCCESS, detail: Any = None, **about: Any
    ) -> None:
        """Append an event; `about` names report_id, version, document, template and digest, as far as there are any."""
        said = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        stamp = {"at": by.at_text, "actor": by.actor, "source": by.source, "request_id": by.request_id}
        row = {**_NOTHING, **stamp, "action": action, "outcome": outcome.value, "detail": said, **about}
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_APPEND, {"event": json.dumps(row), "covered": covered(row)})
        else:
            last = self._connection.execute(_LAST).mappings().one_or_none()
            self._connection.execute(_ADD, chained(row, None if last is None else dict(last)))


_REPORT, _DOCUMENT = tables.report, tables.sr_document
_WITH_PATIENT = _TABLE.outerjoin(_REPORT, _REPORT.c.id == _TABLE.c.report_id).outerjoin(
    _DOCUMENT, _DOCUMENT.c.sop_instance_uid == _TABLE.c.document
)
_ABOUT = tuple(
    sa.func.coalesce(_REPORT.c[name], _DOCUMENT.c[name], "").label(name)
    for name in ("patient_id", "study_instance_uid")
)


def _passing(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    exact = {"report_id": wanted.report, "document": wanted.document, "actor": wanted.actor, "action": wanted.action}
    conditions = [_TABLE.c[name] == value for name, value in exact.items() if value is not None]
    conditions += [_about_patient(wanted.patient)] if wanted.patient is not None else []
    conditions += [_TABLE.c.at >= wanted.since] if wanted.since is not None else []
    return conditions + ([_TABLE.c.at < wanted.until] if wanted.until is not None else [])


def _about_patient(identifier: str) -> sa.ColumnElement[bool]:
    """Tell which events are about a patient; an empty identifier is nobody's."""
    if not identifier:
        return sa.false()
    reports = sa.select(_REPORT.c.id).where(_REPORT.c.patient_id == identifier)
    documents = sa.select(_DOCUMENT.c.sop_instance_uid).where(_DOCUMENT.c.patient_id == identifier)
    return sa.or_(_TABLE.c.report_id.in_(reports), _TABLE.c.document.in_(documents))


def _entry(row: RowMapping) -> AuditEntry:
    event = AuditEvent(**{column.name: row[column.name] for column in _TABLE.c})
    return AuditEntry(event, row["patient_id"], row["study_instance_uid"])


_NOTHING: dict[str, Any] = dict.fromkeys(("report_id", "version", "document", "template", "digest"))
_ADD = sa.insert(_TABLE)
