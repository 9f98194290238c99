"""What a transaction of the store can read of work that waits. Every question is answered from indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.records import Summary
from reporting.store_search import summary

_HEAD, _SR = tables.report, tables.sr_document
_OVER = ("cancelled", "entered-in-error")
_SUMMARY = [_HEAD.c[name] for name in Summary.model_fields]
_OF_STUDY = ("patient_id", "patient_name", "accession_number", "study_date", "description", "device")
_LATEST = sa.func.max(_SR.c.received_at)
Place = tuple[str, str] | None


class WorklistReading:
    """The questions what waits for whom."""

    _connection: Connection

    def unreported(self, since: str, text: str, before: Place, limit: int) -> tuple[RowMapping, ...]:
        """Return studies that documents came for, and that no report is on; those with the latest document first."""
        reported = sa.exists().where(
            _HEAD.c.study_instance_uid == _SR.c.study_instance_uid, _HEAD.c.status.not_in(_OVER)
        )
        query = (
            sa.select(_SR.c.study_instance_uid, *(sa.func.max(_SR.c[name]).label(name) for name in _OF_STUDY))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("received_at"))
            .where(_SR.c.received_at >= since, _SR.c.study_instance_uid != "", sa.not_(reported), *_about(_SR, text))
            .group_by(_SR.c.study_instance_uid)
            .order_by(_LATEST.desc(), _SR.c.study_instance_uid.desc())
        )
        return self._rows(_having(query, _SR.c.study_instance_uid, before), limit)

    def documents_of_studies(self, studies: Sequence[str]) -> dict[str, list[str]]:
        """Return the SOP Instance UIDs of the documents of each study, the oldest first."""
        query = sa.select(_SR.c.study_instance_uid, _SR.c.sop_instance_uid).where(_SR.c.study_instance_uid.in_(studies))
        found: dict[str, list[str]] = {}
        for study, uid in self._connection.execute(query.order_by(_SR.c.received_at, _SR.c.sop_instance_uid)):
            found.setdefault(study, []).append(uid)
        return found

    def drafts(self, author: str | None, text: str, before: Place, limit: int) -> tuple[Summary, ...]:
        """Return open drafts, of one author if named, the newest first."""
        tests = [_HEAD.c.status == "partial", *([] if author is None else [_HEAD.c.author == author])]
        return self._listed(tests, _HEAD.c.created_at, text, before, limit)

    def preliminary(self, other_than: str | None, text: str, before: Place, limit: int) -> tuple[Summary, ...]:
        """Return reports with a preliminary signature, of somebody else than one person if named, the newest first."""
        others = [] if other_than is None else [_HEAD.c.preliminary_actor.is_distinct_from(other_than)]
        return self._listed([_HEAD.c.status == "preliminary", *others], _HEAD.c.created_at, text, before, limit)

    def signed_by_actor(self, actor: str, text: str, before: Place, limit: int) -> tuple[Summary, ...]:
        """Return reports that somebody signed last, the latest signature first."""
        return self._listed([_HEAD.c.signed_actor == actor], _HEAD.c.signed_at, text, before, limit)

    def overtaken(self, since: str, text: str, before: Place, limit: int) -> tuple[tuple[Summary, int, str], ...]:
        """Return reports whose study got documents that they do not know, how many, and when the latest came."""
        known = tables.report_document
        dealt_with = sa.exists().where(known.c.report_id == _HEAD.c.id, known.c.document == _SR.c.sop_instance_uid)
        # By an expression: by the key itself, SQLite would go through all reports in its order, to have them grouped.
        key = _HEAD.c.id.concat("")
        query = (
            sa.select(key.label("id"))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("latest"))
            .select_from(_SR.join(_HEAD, _HEAD.c.study_instance_uid == _SR.c.study_instance_uid))
            .where(_SR.c.received_at >= since, _SR.c.study_instance_uid != "", _SR.c.received_at > _HEAD.c.created_at)
            .where(_HEAD.c.status.not_in(_OVER), sa.not_(dealt_with), *_about(_HEAD, text))
            .group_by(key)
            .order_by(_LATEST.desc(), key.desc())
        )
        late = _having(query, key, before).limit(limit).subquery()
        whole = sa.select(*_SUMMARY, late.c.documents, late.c.latest).join(late, late.c.id == _HEAD.c.id)
        rows = self._rows(whole.order_by(late.c.latest.desc(), _HEAD.c.id.desc()), limit)
        return tuple((summary(row), row["documents"], row["latest"]) for row in rows)

    def _listed(
        self, tests: Sequence[sa.ColumnElement[bool]], at: sa.Column[Any], text: str, before: Place, limit: int
    ) -> tuple[Summary, ...]:
        query = sa.select(*_SUMMARY).where(*tests, *_about(_HEAD, text)).order_by(at.desc(), _HEAD.c.id.desc())
        if before is not None:
            query = query.where(sa.tuple_(at, _HEAD.c.id) < sa.tuple_(*map(sa.literal, before)))
        return tuple(summary(row) for row in self._rows(query, limit))

    def _rows(self, query: sa.Select[Any], limit: int) -> tuple[RowMapping, ...]:
        return tuple(self._connection.execute(query.limit(limit)).mappings())


def _having(query: sa.Select[Any], key: sa.ColumnElement[Any], before: Place) -> sa.Select[Any]:
    if before is None:
        return query
    return query.having(sa.tuple_(_LATEST, key) < sa.tuple_(*map(sa.literal, before)))


def _about(table: sa.Table, text: str) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a text is in the name, or begins the identifier or the accession number."""
    if not text:
        return []
    name = sa.func.lower(sa.func.replace(table.c.patient_name, "^", " "))
    begins = (table.c[column].startswith(text, autoescape=True) for column in ("patient_id", "accession_number"))
    return [sa.or_(name.contains(" ".join(text.lower().split()), autoescape=True), *begins)]
