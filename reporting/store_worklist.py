"""What a transaction of the store can read of work that waits. Every question is answered from indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.records import Summary
from reporting.searching import name_key
from reporting.store_search import summary

_HEAD, _SR = tables.report, tables.sr_document
_OVER = ("cancelled", "entered-in-error")
_SUMMARY = [_HEAD.c[name] for name in Summary.model_fields]
_OF_STUDY = ("patient_id", "patient_name", "accession_number", "study_date", "description", "device")
_LATEST = sa.func.max(_SR.c.received_at)
Place = tuple[str, str] | None
Counted = tuple[tuple[Summary, ...], int]
MOST = 1000
"""Nobody reads on from here, so that nothing is counted beyond."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of a list of reports: those about a text, made from a template, after a place."""

    limit: int
    text: str = ""
    template: str | None = None
    before: Place = None


class WorklistReading:
    """The questions what waits for whom. Lists of reports come with how many there are, at most MOST."""

    _connection: Connection

    def unreported(self, since: str, text: str, before: Place, limit: int) -> tuple[RowMapping, ...]:
        """Return studies that documents came for, and that no report is on; those with the latest document first."""
        query = (
            _waiting(since, text)
            .add_columns(*(sa.func.max(_SR.c[name]).label(name) for name in _OF_STUDY))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("received_at"))
            .order_by(_LATEST.desc(), _SR.c.study_instance_uid.desc())
        )
        return self._rows(_having(query, _SR.c.study_instance_uid, before), limit)

    def unreported_count(self, since: str, text: str) -> int:
        """Return how many such studies there are, at most MOST."""
        return self._how_many(_waiting(since, text))

    def documents_of_studies(self, studies: Sequence[str]) -> dict[str, list[str]]:
        """Return the SOP Instance UIDs of the documents of each study, the oldest first."""
        query = sa.select(_SR.c.study_instance_uid, _SR.c.sop_instance_uid).where(_SR.c.study_instance_uid.in_(studies))
        found: dict[str, list[str]] = {}
        for study, uid in self._connection.execute(query.order_by(_SR.c.received_at, _SR.c.sop_instance_uid)):
            found.setdefault(study, []).append(uid)
        return found

    def drafts(self, author: str | None, look: Look) -> Counted:
        """Return open drafts, of one author if named, the newest first."""
        tests = [_HEAD.c.status == "partial", *([] if author is None else [_HEAD.c.author == author])]
        return self._listed(tests, _HEAD.c.created_at, look)

    def preliminary(self, other_than: str | None, look: Look) -> Counted:
        """Return reports with a preliminary signature, of somebody else than one person if named, the newest first."""
        others = [] if other_than is None else [_HEAD.c.preliminary_actor.is_distinct_from(other_than)]
        return self._listed([_HEAD.c.status == "preliminary", *others], _HEAD.c.created_at, look)

    def signed_by_actor(self, actor: str, look: Look) -> Counted:
        """Return reports that somebody signed last, the latest signature first."""
        return self._listed([_HEAD.c.signed_actor == actor], _HEAD.c.signed_at, look)

    def overtaken(
        self, since: str, text: str, before: Place, limit: int, template: str | None = None
    ) -> tuple[tuple[Summary, int, str, str], ...]:
        """Return reports whose study got documents that they do not know, how many, and when the latest came.

        The last part is the digest of the report as it is.
        """
        known = tables.report_document
        dealt_with = sa.exists().where(known.c.report_id == _HEAD.c.id, known.c.document == _SR.c.sop_instance_uid)
        # By an expression: by the key itself, SQLite would go through all reports in its order, to have them grouped.
        key = _HEAD.c.id.concat("")
        query = (
            sa.select(key.label("id"))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("latest"))
            .select_from(_SR.join(_HEAD, _HEAD.c.study_instance_uid == _SR.c.study_instance_uid))
            .where(_SR.c.received_at >= since, _SR.c.study_instance_uid != "", _SR.c.received_at > _HEAD.c.created_at)
            .where(_HEAD.c.status.not_in(_OVER), sa.not_(dealt_with), *_about(_HEAD, text), *_made_from(template))
            .group_by(key)
            .order_by(_LATEST.desc(), key.desc())
        )
        late = _having(query, key, before).limit(limit).subquery()
        of = tables.report_version
        whole = sa.select(*_SUMMARY, late.c.documents, late.c.latest, of.c.digest).join(late, late.c.id == _HEAD.c.id)
        whole = whole.outerjoin(of, sa.and_(of.c.report_id == _HEAD.c.id, of.c.version == _HEAD.c.version))
        rows = self._rows(whole.order_by(late.c.latest.desc(), _HEAD.c.id.desc()), limit)
        return tuple((summary(row), row["documents"], row["latest"], row["digest"] or "") for row in rows)

    def _listed(self, tests: Sequence[sa.ColumnElement[bool]], at: sa.Column[Any], look: Look) -> Counted:
        every = sa.select(_HEAD.c.id).where(*tests, *_about(_HEAD, look.text), *_made_from(look.template))
        query = every.with_only_columns(*_SUMMARY).order_by(at.desc(), _HEAD.c.id.desc())
        if look.before is not None:
            query = query.where(sa.tuple_(at, _HEAD.c.id) < sa.tuple_(*map(sa.literal, look.before)))
        return tuple(summary(row) for row in self._rows(query, look.limit)), self._how_many(every)

    def _how_many(self, query: sa.Select[Any]) -> int:
        some = query.limit(MOST).subquery()
        return self._connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0

    def _rows(self, query: sa.Select[Any], limit: int) -> tuple[RowMapping, ...]:
        return tuple(self._connection.execute(query.limit(limit)).mappings())


def _waiting(since: str, text: str) -> sa.Select[Any]:
    reported = sa.exists().where(_HEAD.c.study_instance_uid == _SR.c.study_instance_uid, _HEAD.c.status.not_in(_OVER))
    here = (_SR.c.received_at >= since, _SR.c.study_instance_uid != "", sa.not_(reported), *_about(_SR, text))
    return sa.select(_SR.c.study_instance_uid).where(*here).group_by(_SR.c.study_instance_uid)


def _having(query: sa.Select[Any], key: sa.ColumnElement[Any], before: Place) -> sa.Select[Any]:
    if before is None:
        return query
    return query.having(sa.tuple_(_LATEST, key) < sa.tuple_(*map(sa.literal, before)))


def _made_from(template: str | None) -> list[sa.ColumnElement[bool]]:
    """Return the condition that a template is named so; as expressions: no index beats that of the list."""
    if template is None:
        return []
    return [sa.or_(*(_HEAD.c[name].concat("") == template for name in ("template", "template_name")))]


def _about(table: sa.Table, text: str) -> list[sa.ColumnElement[bool]]:
    """Return the condition that all words are in the name, or that the text begins the identifier or accession number.

    Small and capital letters are the same, and a comma after the family name is none of it: lists show it so.
    """
    if not text:
        return []
    words = [_in_name(table, word) for word in name_key(text).split()]
    begins = (table.c[column].istartswith(text, autoescape=True) for column in ("patient_id", "accession_number"))
    return [sa.or_(*([sa.and_(*words)] if words else []), *begins)]


def _in_name(table: sa.Table, word: str) -> sa.ColumnElement[bool]:
    # Names of ASCII alone may have no key (see the migration 0014), and every database makes those small by itself.
    key = sa.func.coalesce(sa.func.nullif(table.c.patient_key, ""), sa.func.lower(table.c.patient_name))
    return key.contains(word, autoescape=True)
