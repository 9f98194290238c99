"""How the store finds reports: by whatever is asked for, in any order there is, fast among a hundred thousand of them.

SQLite does not know how frequent values are, so that the way is chosen here: what few reports meet is looked up in its
index and sorted; where many do, the list is walked until a page is full. PostgreSQL plans by itself what is asked of
the heads of reports; but of values beside other conditions it would gather all reports that have them before it sorts,
so that there, too, one that few reports meet is looked up, and the others are tried report by report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.records import Condition, Filter, Summary
from reporting.sorting import Sort
from reporting.value_rows import TOKEN, ValueRow

_HEAD, _VALUE = tables.report, tables.report_value
_FEW, _SOME = 1000, 20_000
"""Up to so many reports are sorted; of more, enough are soon met on the way through the list.

In another order than that of creation they may all lie at its far end, as those of one template do in the order of
templates: there, more are sorted, which takes 9 ms and not 91.
"""
_LAST = "\U0010ffff"
_CREATED = "created_at"
_EXACT = ("patient_id", "accession_number", "study_instance_uid")
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_BY_WHAT_IS_ASKED = sa.text("SET LOCAL plan_cache_mode = force_custom_plan")
"""Else PostgreSQL plans a search, from its tenth time on, without a look at how frequent what is asked for is.

One status of six is then a sixth of all reports, and the beginning of a name a two hundredth: 150 ms in place of 1.
"""
Test = sa.ColumnElement[bool]
Column = sa.Column[Any]
Keys = Sequence[sa.ColumnElement[Any]]
Placed = tuple[Summary, str]
"""A report, and what the list that it stands in is sorted by."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing that is asked for: as a condition that an index answers, and as one that is tried on a row in hand.

    `rank` says how good a start the index is: 0 leads to a handful, 1 has to be counted, 2 gives the order of creation
    or its own, and is counted in lists of another. `probed` is the condition as PostgreSQL tries it report by report,
    for those on values; `column` the one of the heads whose index answers.
    """

    lookup: Test
    test: Test
    rank: int | None = None
    counted: sa.Select[Any] | None = None
    probed: Test | None = None
    column: str = ""


class SearchReading:
    """The questions about many reports that the store answers."""

    _connection: Connection

    def summaries(self, wanted: Filter, limit: int) -> tuple[Summary, ...]:
        """Return up to `limit` reports that pass the filter, in its order."""
        return tuple(one for one, _ in self.listed(wanted, limit))

    def listed(self, wanted: Filter, limit: int) -> tuple[Placed, ...]:
        """Return up to `limit` reports that pass the filter, in its order, each with what that goes by."""
        sort, columns = wanted.sort, (_HEAD.c[wanted.sort.column], _HEAD.c.id)
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_BY_WHAT_IS_ASKED)
            parts = self._parts(wanted)
            keys: Keys = tuple(column + "" for column in columns) if self._apart(parts, sort) else columns
            tests = [*self._planned(parts), *_within(_HEAD.c.created_at, wanted.created_at)]
        else:
            tests, is_few = self._chosen(wanted)
            keys = tuple(map(_in_hand, columns)) if is_few else columns
        query = sa.select(*_COLUMNS, keys[0].label("place")).where(
            *tests, *beyond(keys, wanted.before, sort.descending)
        )
        rows = self._connection.execute(query.order_by(*ordered(keys, sort.descending)).limit(limit)).mappings()
        return tuple((summary(row), row["place"]) for row in rows)

    def values_of(self, report_ids: Sequence[str]) -> Iterator[tuple[str, ValueRow]]:
        """Yield the value rows of reports, each with the id of its report, in the order of ids and fields."""
        query = sa.select(_VALUE).where(_VALUE.c.report_id.in_(report_ids))
        query = query.order_by(_VALUE.c.report_id, _VALUE.c.field, _VALUE.c.position)
        for row in self._connection.execute(query).mappings():
            yield row["report_id"], ValueRow(**{name: row[name] for name in ValueRow.model_fields})

    def has_values(self, field: str) -> bool:
        """Tell whether a value of a field is stored, if only the reason why there is none."""
        query = sa.select(sa.literal(1)).where(_VALUE.c.field == field).limit(1)
        return self._connection.scalar(query) is not None

    def kinds_of_values(self, field: str) -> tuple[bool, bool]:
        """Tell whether numbers are stored of a field, and whether texts are."""
        return self._has(field, _VALUE.c.number_real), self._has(field, _VALUE.c.token)

    def _has(self, field: str, column: Column) -> bool:
        query = sa.select(sa.literal(1)).where(_VALUE.c.field == field, column.is_not(None)).limit(1)
        return self._connection.scalar(query) is not None

    def report_ids(self, after: str, limit: int) -> tuple[str, ...]:
        """Return up to `limit` ids of reports that come after one in the order of ids."""
        query = sa.select(_HEAD.c.id).where(_HEAD.c.id > after).order_by(_HEAD.c.id).limit(limit)
        return tuple(self._connection.scalars(query))

    def report_count(self) -> int:
        """Return how many reports there are."""
        return self._connection.scalar(sa.select(sa.func.count()).select_from(_HEAD)) or 0

    def _parts(self, wanted: Filter) -> list[_Part]:
        named = ((name, getattr(wanted, name)) for name in _EXACT)
        parts = [_part(name, partial(eq, one), 0) for name, one in named if one is not None]
        if wanted.status:
            statuses = [one.value for one in wanted.status]
            parts.append(_part("status", lambda column: column.in_(statuses), 2 if len(statuses) == 1 else 1))
        if wanted.signed_status:
            standing = [one.value for one in wanted.signed_status]
            parts.append(_part("signed_status", lambda column: column.in_(standing), None))
        if wanted.template is not None:
            parts.append(_part(self._template_column(wanted.template), partial(eq, wanted.template), 2))
        if wanted.author is not None:
            parts.append(_part("author", partial(eq, wanted.author), 2))
        if wanted.signed_by is not None:
            parts.append(_signed_by(wanted.signed_by))
        if wanted.patient_name is not None:
            parts.append(_part("patient_key", lambda column: _begins(column, wanted.patient_name or ""), 1))
        for name in ("study_date", "updated_at", "signed_at"):
            if (ends := getattr(wanted, name)) != (None, None):
                parts.append(_part(name, partial(_inside, ends), 1))
        if wanted.revision is not None:
            parts.append(_revision(wanted.revision))
        return parts + [_of_value(one) for one in wanted.values]

    def _template_column(self, name: str) -> str:
        """Return the column that a template is found in: an identifier if some report has it, else a name."""
        known = sa.select(_HEAD.c.id).where(_HEAD.c.template == name).limit(1)
        return "template_name" if self._connection.scalar(known) is None else "template"

    def _planned(self, parts: Sequence[_Part]) -> list[Test]:
        """Return the parts as PostgreSQL plans best with them."""
        start = parts[0] if len(parts) == 1 else self._rarest([part for part in parts if part.probed is not None], {1})
        return [part.lookup if part is start or part.probed is None else part.probed for part in parts]

    def _chosen(self, wanted: Filter) -> tuple[list[Test], bool]:
        """Return the conditions as SQLite has to be given them, and whether they lead to few reports, to be sorted.

        In the order of creation its period narrows whichever index that order is read from; in others it is one part.
        """
        parts, period = self._parts(wanted), _within(_HEAD.c.created_at, wanted.created_at)
        if period and wanted.sort.column != _CREATED:
            parts, period = [*parts, _part(_CREATED, partial(_inside, wanted.created_at), 1)], []
        start, is_few = self._start(parts, wanted.sort)
        return [*(part.lookup if part is start else part.test for part in parts), *period], is_few

    def _start(self, parts: Sequence[_Part], sort: Sort) -> tuple[_Part | None, bool]:
        """Return the part whose index leads to the fewest reports, and True, or in order to the first ones of them.

        None walks the list as it is sorted.
        """
        exact = next((part for part in parts if part.rank == 0), None)
        few = exact or self._rarest(parts, {1} if sort.column == _CREATED else {1, 2})
        if few is not None:
            return few, True
        if (some := self._apart(parts, sort)) is not None:
            return some, True
        in_order = (part for part in parts if sort.column in (part.column, _CREATED if part.rank == 2 else None))
        return next(in_order, None), False

    def _apart(self, parts: Sequence[_Part], sort: Sort) -> _Part | None:
        """Return the part whose reports are better sorted than met on the way through a list in another order."""
        if sort.column == _CREATED or any(part.column == sort.column for part in parts):
            return None
        return self._rarest(parts, {2}, _SOME)

    def _rarest(self, parts: Sequence[_Part], ranks: set[int], most: int = _FEW) -> _Part | None:
        """Return the part of these ranks that the fewest reports meet, if these are at most so many."""
        counts = [(self._count(part, most), number) for number, part in enumerate(parts) if part.rank in ranks]
        return parts[min(counts)[1]] if counts and min(counts)[0] <= most else None

    def _count(self, part: _Part, most: int) -> int:
        found = sa.select(sa.literal(1)).select_from(_HEAD).where(part.lookup) if part.counted is None else part.counted
        return self._connection.scalar(sa.select(sa.func.count()).select_from(found.limit(most + 1).subquery())) or 0


def summary(row: RowMapping) -> Summary:
    """Return a line of the list from a row of its head."""
    return Summary(**{name: row[name] for name in Summary.model_fields})


_COLUMNS = [_HEAD.c[name] for name in Summary.model_fields]


def _part(name: str, test: Callable[[Any], Test], rank: int | None) -> _Part:
    column = _HEAD.c[name]
    return _Part(test(column), test(_in_hand(column)), rank, column=name)


def ordered(keys: Keys, descending: bool) -> list[sa.UnaryExpression[Any]]:
    """Return what a query is sorted by: all keys in one direction, so that an index can be read from either end."""
    return [key.desc() if descending else key.asc() for key in keys]


def beyond(keys: Keys, before: tuple[str, str] | None, descending: bool) -> list[Test]:
    """Return the condition that a row comes after a place in the list that is sorted so."""
    if before is None:
        return []
    here, there = sa.tuple_(*keys), sa.tuple_(*map(sa.literal, before))
    return [here < there if descending else here > there]


def last_place(found: Sequence[Placed], limit: int) -> tuple[str, str] | None:
    """Return the place after which the next page begins, of a page and one more; None where there is none."""
    if len(found) <= limit:
        return None
    last, at = found[limit - 1]
    return at, last.id


def _in_hand(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column in a way that keeps SQLite from using its index (https://sqlite.org/optoverview.html#uplus)."""
    return sa.literal_column(f"+{column.table.name}.{column.name}", column.type)


def _begins(column: Any, text: str) -> Test:
    return sa.and_(column >= text, column < text + _LAST)


def _within(column: Any, ends: tuple[str | None, str | None]) -> list[Test]:
    start, after = ends
    tests = [] if start is None else [column >= start]
    return tests if after is None else [*tests, column < after, column > ""]


def _inside(ends: tuple[str | None, str | None], column: Any) -> Test:
    return sa.and_(*_within(column, ends))


def _signed_by(wanted: str) -> _Part:
    names = ("signed_by", "signed_actor")
    lookup = sa.or_(*(_HEAD.c[name] == wanted for name in names))
    return _Part(lookup, sa.or_(*(_in_hand(_HEAD.c[name]) == wanted for name in names)), 1)


def _revision(wanted: bool) -> _Part:
    if wanted:
        return _part("revision", lambda column: column > "", 1)
    return _part("revision", lambda column: column.is_(None), None)


def _of_value(condition: Condition) -> _Part:
    """Return a condition on the values of a field; of a multiple choice one has to meet it, or none equal it for !=."""
    if condition.operator == "!=":
        return _Part(_other(condition, _as_it_is), _other(condition, _in_hand), probed=_other_probed(condition))
    met = _met(condition, _as_it_is)
    found = sa.select(_VALUE.c.report_id).where(*met)
    held = sa.exists().where(_VALUE.c.report_id == _HEAD.c.id, *_met(condition, _in_hand))
    return _Part(_HEAD.c.id.in_(found), held, 1, sa.select(sa.literal(1)).where(*met), _probed(*met))


def _probed(*tests: Test) -> Test:
    """Return whether a report has a row of values that passes, as a question that PostgreSQL asks for each report.

    EXISTS and IN it would turn into a join; a value of a single row it cannot.
    """
    row = sa.select(sa.literal(1)).select_from(_VALUE).where(_VALUE.c.report_id == _HEAD.c.id, *tests).limit(1)
    return row.correlate(_HEAD).scalar_subquery().is_not(None)


def _as_it_is(column: Column) -> sa.ColumnElement[Any]:
    return column


def _other(condition: Condition, column: Callable[[Column], sa.ColumnElement[Any]]) -> Test:
    """Return whether a field has a value, and none that equals."""
    of_report = _VALUE.c.report_id == _HEAD.c.id
    has = sa.exists().where(of_report, *_stated(condition, column))
    return sa.and_(has, sa.not_(sa.exists().where(of_report, *_met(condition, column))))


def _other_probed(condition: Condition) -> Test:
    return sa.and_(_probed(*_stated(condition, _as_it_is)), sa.not_(_probed(*_met(condition, _as_it_is))))


def _stated(condition: Condition, column: Callable[[Column], sa.ColumnElement[Any]]) -> list[Test]:
    said = sa.or_(column(_VALUE.c.number_real).is_not(None), column(_VALUE.c.token).is_not(None))
    return [_VALUE.c.field == condition.field, said]


def _met(condition: Condition, column: Callable[[Column], sa.ColumnElement[Any]]) -> list[Test]:
    """Return what a row of values must be; `column` says whether its columns may be looked up in an index."""
    field, text = _VALUE.c.field == condition.field, condition.text
    number, token = column(_VALUE.c.number_real), column(_VALUE.c.token)
    if condition.operator in _COMPARE:
        return [field, _COMPARE[condition.operator](number, condition.number)]
    if condition.operator == "prefix":
        beyond = [_VALUE.c.text.startswith(text, autoescape=True)] if len(text) > TOKEN else []
        return [field, _begins(token, text[:TOKEN]), *beyond]
    same = sa.and_(token == text[:TOKEN], *([_VALUE.c.text == text] if len(text) > TOKEN else []))
    return [field, same if condition.number is None else sa.or_(same, number == condition.number)]
