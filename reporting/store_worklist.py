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
from reporting.sorting import WaitingSort
from reporting.store_search import Placed, beyond, ordered, summary

_HEAD, _SR = tables.report, tables.sr_document
_OVER = ("cancelled", "entered-in-error")
_SUMMARY = [_HEAD.c[name] for name in Summary.model_fields]
_OF_STUDY = ("patient_id", "patient_name", "accession_number", "study_date", "description", "device")
_LATEST = sa.func.max(_SR.c.received_at)
Place = tuple[str, str] | None
Column = sa.ColumnElement[Any]
Counted = tuple[tuple[Placed, ...], int]
MOST = 1000
"""Nobody reads on from here, so that nothing is counted beyond."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of a list: those about a text, made from a template, after a place.

    `sort` is None for the order that a list has by itself.
    """

    limit: int
    text: str = ""
    template: str | None = None
    before: Place = None
    sort: WaitingSort | None = None

    @property
    def descending(self) -> bool:
        """Whether the largest comes first, as in all lists by themselves."""
        return self.sort is None or self.sort.of_reports.descending

    def key(self, latest: Column, **others: Column) -> Column:
        """Return what a list is sorted by: the latest time, or the column of another order."""
        return latest if self.sort is None else others.get(self.sort.of_reports.column, latest)


class WorklistReading:
    """The questions what waits for whom. Lists of reports come with how many there are, at most MOST.

    Every entry comes with what its list is sorted by.
    """

    _connection: Connection

    def unreported(self, since: str, look: Look) -> tuple[RowMapping, ...]:
        """Return studies that documents came for, and that no report is on; `place` is what they are sorted by.

        By themselves those with the latest document come first.
        """
        day, name = sa.func.max(_SR.c.study_date), sa.func.max(_name_of(_SR))
        keys = (look.key(_LATEST, study_date=day, patient_key=name), _SR.c.study_instance_uid)
        query = (
            _waiting(since, look.text)
            .add_columns(*(sa.func.max(_SR.c[name]).label(name) for name in _OF_STUDY))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("received_at"), keys[0].label("place"))
            .having(*beyond(keys, look.before, look.descending))
            .order_by(*ordered(keys, look.descending))
        )
        return self._rows(query, look.limit)

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

    def overtaken(self, since: str, look: Look) -> tuple[tuple[Summary, RowMapping], ...]:
        """Return reports whose study got documents that they do not know; the latest come first by themselves.

        With each come the number of `documents`, when the `latest` came, the `digest` of the report as it is, and
        `place`, what the list is sorted by.
        """
        known = tables.report_document
        dealt_with = sa.exists().where(known.c.report_id == _HEAD.c.id, known.c.document == _SR.c.sop_instance_uid)
        # By an expression: by the key itself, SQLite would go through all reports in its order, to have them grouped.
        key = _HEAD.c.id.concat("")
        columns = {name: sa.func.max(_HEAD.c[name]) for name in ("study_date", "patient_key")}
        keys = (look.key(_LATEST, **columns), key)
        query = (
            sa.select(key.label("id"), keys[0].label("place"))
            .add_columns(sa.func.count().label("documents"), _LATEST.label("latest"))
            .select_from(_SR.join(_HEAD, _HEAD.c.study_instance_uid == _SR.c.study_instance_uid))
            .where(_SR.c.received_at >= since, _SR.c.study_instance_uid != "", _SR.c.received_at > _HEAD.c.created_at)
            .where(_HEAD.c.status.not_in(_OVER), sa.not_(dealt_with))
            .where(*_about(_HEAD, look.text), *_made_from(look.template))
            .group_by(key)
            .having(*beyond(keys, look.before, look.descending))
            .order_by(*ordered(keys, look.descending))
        )
        late, of = query.limit(look.limit).subquery(), tables.report_version
        whole = sa.select(*_SUMMARY, late.c.documents, late.c.latest, late.c.place, of.c.digest)
        whole = whole.join(late, late.c.id == _HEAD.c.id)
        whole = whole.outerjoin(of, sa.and_(of.c.report_id == _HEAD.c.id, of.c.version == _HEAD.c.version))
        rows = self._rows(whole.order_by(*ordered((late.c.place, _HEAD.c.id), look.descending)), look.limit)
        return tuple((summary(row), row) for row in rows)

    def _listed(self, tests: Sequence[sa.ColumnElement[bool]], at: sa.Column[Any], look: Look) -> Counted:
        every = sa.select(_HEAD.c.id).where(*tests, *_about(_HEAD, look.text), *_made_from(look.template))
        keys = (at if look.sort is None else _HEAD.c[look.sort.of_reports.column], _HEAD.c.id)
        query = every.with_only_columns(*_SUMMARY, keys[0].label("place")).where(
            *beyond(keys, look.before, look.descending)
        )
        rows = self._rows(query.order_by(*ordered(keys, look.descending)), look.limit)
        return tuple((summary(row), row["place"]) for row in rows), self._how_many(every)

    def _how_many(self, query: sa.Select[Any]) -> int:
        some = query.limit(MOST).subquery()
        return self._connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0

    def _rows(self, query: sa.Select[Any], limit: int) -> tuple[RowMapping, ...]:
        return tuple(self._connection.execute(query.limit(limit)).mappings())


def _waiting(since: str, text: str) -> sa.Select[Any]:
    reported = sa.exists().where(_HEAD.c.study_instance_uid == _SR.c.study_instance_uid, _HEAD.c.status.not_in(_OVER))
    here = (_SR.c.received_at >= since, _SR.c.study_instance_uid != "", sa.not_(reported), *_about(_SR, text))
    return sa.select(_SR.c.study_instance_uid).where(*here).group_by(_SR.c.study_instance_uid)


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
    return _name_of(table).contains(word, autoescape=True)


def _name_of(table: sa.Table) -> sa.ColumnElement[str]:
    # Names of ASCII alone may have no key (see the migration 0014), and every database makes those small by itself.
    return sa.func.coalesce(sa.func.nullif(table.c.patient_key, ""), sa.func.lower(table.c.patient_name))
