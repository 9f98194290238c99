"""What version 0005 left empty of earlier rows: of versions, of the heads and documents of reports, of received SR."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from mrrt.errors import Unreadable
from reporting.migrations.append_only import append_only, open_again
from sr_import import read

revision = "0008"
down_revision = "0007"

_VERSIONS = sa.table("report_version", *map(sa.column, ("report_id", "version", "document", "status", "action")))
_HEADS = sa.table(
    "report", *map(sa.column, ("id", "version", "signed_version", "study_date", "signed_by", "signed_at"))
)
_DOCUMENTS = sa.table("report_document", sa.column("report_id"), sa.column("document"))
_RECEIVED = sa.table(
    "sr_document",
    *map(sa.column, ("sop_instance_uid", "content", "patient_name", "accession_number", "study_date")),
    *map(sa.column, ("description", "device")),
)
_EVENTS = sa.table("audit_event", *map(sa.column, ("report_id", "version", "action", "outcome")))


def upgrade() -> None:
    """Fill the columns, and add the rows that there should have been."""
    open_again("report_version")
    _fill_versions()
    append_only("report_version")
    _add_documents()
    _fill_heads()
    _fill_received()


def _fill_versions() -> None:
    bind, table = op.get_bind(), _VERSIONS
    empty = bind.execute(sa.select(table.c.report_id, table.c.version).where(table.c.status == "")).all()
    for report, version in empty:
        here = (table.c.report_id == report, table.c.version == version)
        status = json.loads(bind.execute(sa.select(table.c.document).where(*here)).scalar_one())["report"]["status"]
        done = sa.select(_EVENTS.c.action).where(_EVENTS.c.report_id == report, _EVENTS.c.version == version)
        action = bind.scalar(done.where(_EVENTS.c.outcome == "success").limit(1)) or ""
        bind.execute(sa.update(table).where(*here).values(status=status, action=action))


def _add_documents() -> None:
    """Say which documents a report knows: it was filled from them, declined them, or has an addendum on them."""
    bind = op.get_bind()
    for report, draft in _drafts("version", _HEADS.c.id.not_in(sa.select(_DOCUMENTS.c.report_id))):
        for uid in dict.fromkeys(uid for uid in _known_to(draft) if uid):
            bind.execute(sa.insert(_DOCUMENTS).values(report_id=report, document=uid))


def _drafts(number: str, which: sa.ColumnElement[bool]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield reports with one of their versions: that whose number is in this column of the head."""
    bind, table = op.get_bind(), _VERSIONS
    for report, version in bind.execute(sa.select(_HEADS.c.id, _HEADS.c[number]).where(which)).all():
        here = (table.c.report_id == report, table.c.version == version)
        text = bind.scalar(
            sa.select(table.c.document).where(*here)
        )  # one at a time: all may be more than fits in memory
        if text is not None:
            yield report, json.loads(text)


def _fill_heads() -> None:
    bind, table = op.get_bind(), _HEADS
    for report, draft in _drafts("version", table.c.study_date == ""):
        date = draft["report"]["study"].get("date", "")
        bind.execute(sa.update(table).where(table.c.id == report).values(study_date=date))
    for report, draft in _drafts("signed_version", table.c.signed_by.is_(None)):
        said = draft["report"]
        signed = {"signed_by": said.get("signed_by"), "signed_at": _in_utc(said.get("signed_at"))}
        bind.execute(sa.update(table).where(table.c.id == report).values(**signed))


def _in_utc(at: str | None) -> str | None:
    """Return a time as the columns have it: texts that sort as times do."""
    return None if at is None else datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="microseconds")


def _known_to(draft: dict[str, Any]) -> list[str]:
    report = draft["report"]
    added = [uid for one in report.get("addenda", ()) for uid in one.get("documents", ())]
    return [*report.get("documents", ()), *draft.get("declined", ()), *added]


def _fill_received() -> None:
    bind, table = op.get_bind(), _RECEIVED
    said = ("patient_name", "accession_number", "study_date", "description", "device")
    for uid in bind.scalars(sa.select(table.c.sop_instance_uid).where(*(table.c[name] == "" for name in said))).all():
        here = table.c.sop_instance_uid == uid
        content = bind.execute(sa.select(table.c.content).where(here)).scalar_one()
        bind.execute(sa.update(table).where(here).values(dict(zip(said, _said_by(content), strict=True))))


def _said_by(content: bytes) -> tuple[str, ...]:
    """Return what a document says, in the order of the columns; the import could read it, odd as it may be."""
    try:
        found = read(content)
    except Unreadable:
        return ("",) * 5
    study = found.study
    return found.patient.name, study.accession_number, study.date, study.description, study.device
