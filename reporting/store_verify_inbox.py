"""What the check of the audit log reads of the inbox: what came in, against what the log tells of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.receiving.records import State, received_digest, sender
from reporting.row_check import json_object

_EVENT, _OBJECT, _DOCUMENT = tables.audit_event, tables.received_object, tables.sr_document
_BATCH, BATCH_OF_BYTES = 200, 4
"""Rows that are in memory together; fewer where a row holds a whole document."""


class Misfit(NamedTuple):
    """An object that does not fit the log: it is gone; with `other`, that differs; without an event, none tells of it.

    `number` is None where an event that was altered no longer says it.
    """

    number: int | None
    uid: str
    event: int | None
    other: tuple[str, ...] = ()


class InboxVerifyReading(ABC):
    """The rows of the inbox, and the events that tell of them."""

    _connection: Connection

    @abstractmethod
    def erased(self, action: str) -> dict[str, int]:
        """Return what was erased by events of that action, with the last of them."""

    def damaged_objects(self) -> Iterator[tuple[int, str, bool]]:
        """Yield number and UID of each received object that is not what came in, and whether it is there at all.

        Of an imported one the document is checked.
        """
        there = sa.select(_DOCUMENT.c.sop_instance_uid).where(
            _DOCUMENT.c.sop_instance_uid == _OBJECT.c.sop_instance_uid
        )
        columns = (_OBJECT.c.id, _OBJECT.c.sop_instance_uid, _OBJECT.c.digest, _OBJECT.c.size)
        query = sa.select(*columns, as_bytes(_OBJECT.c.content), there.exists().label("imported"))
        for row in self._stream(query.order_by(_OBJECT.c.id), BATCH_OF_BYTES):
            content = row["content"]
            if content is None and not row["imported"]:
                yield row["id"], row["sop_instance_uid"], False
            elif content is not None and (received_digest(content), len(content)) != (row["digest"], row["size"]):
                yield row["id"], row["sop_instance_uid"], True

    def misfit_objects(self) -> Iterator[Misfit]:
        """Yield each object that is gone, is another than its event tells, or never arrived.

        Of those that were imported before arrivals were in the log, the event of their document tells. The log is
        read first and once: neither database finds the event of an object by itself in reasonable time.
        """
        waiting, dropped, erased = set[int](), self._dropped(), self.erased("erase-document")
        for row in self._stream(_arrivals()):
            number = _number(row["detail"])
            if max(dropped.get(number, 0), erased.get(row["uid"], 0)) > row["event"]:
                continue
            if row["number"] is None or row["number"] != number:
                yield Misfit(number, row["uid"], row["event"])
                continue
            if row["state"] != State.IMPORTED.value:
                waiting.add(row["number"])
            if other := _other(row):
                yield Misfit(number, row["uid"], row["event"], other)
        line = sa.select(_OBJECT.c.id, _OBJECT.c.sop_instance_uid).where(_OBJECT.c.state != State.IMPORTED.value)
        for row in self._stream(line.order_by(_OBJECT.c.id)):
            if row["id"] not in waiting:
                yield Misfit(row["id"], row["sop_instance_uid"], None)

    def _dropped(self) -> dict[int | None, int]:
        """Return the numbers of objects that were dropped, each with its last event.

        A number may be used again after a restore, so that a drop says nothing of what arrives under it later.
        """
        query = sa.select(_EVENT.c.id, _EVENT.c.detail).where(_EVENT.c.action == "drop").order_by(_EVENT.c.id)
        return {_number(row["detail"]): row["id"] for row in self._stream(query)}

    def _stream(self, query: sa.Select[Any], batch: int = _BATCH) -> Iterator[RowMapping]:
        """Yield rows as the database hands them out; PostgreSQL keeps them on its side until they are asked for."""
        result = self._connection.execute(query, execution_options={"yield_per": batch})
        yield from result.mappings()


def as_bytes(column: sa.Column[bytes]) -> sa.Label[bytes]:
    """Return a column as bytes; SQLite would hand out what was changed to text as text."""
    return sa.cast(column, sa.LargeBinary).label(column.name)


def _arrivals() -> sa.Select[Any]:
    """Return the events of arrivals, each with the object of that UID and digest; it may have come another time."""
    uid = sa.func.coalesce(_EVENT.c.document, "")
    there = sa.and_(_OBJECT.c.sop_instance_uid == uid, _OBJECT.c.digest == _EVENT.c.digest)
    told = (_EVENT.c.id.label("event"), uid.label("uid"), _EVENT.c.at, _EVENT.c.actor, _EVENT.c.detail)
    found = (_OBJECT.c.id.label("number"), *(_OBJECT.c[name] for name in ("state", "via", "source", "received_at")))
    query = sa.select(*told, *found).select_from(_EVENT.outerjoin(_OBJECT, there))
    return query.where(_EVENT.c.action == "arrive").order_by(_EVENT.c.id)


def _number(detail: str) -> int | None:
    """Return which object an event tells of; an event that was altered may say anything."""
    number = json_object(detail).get("number")
    return number if isinstance(number, int) else None


def _other(row: RowMapping) -> tuple[str, ...]:
    """Return what of an object is not what its event tells."""
    at = json_object(row["detail"]).get("received_at", row["at"])
    different = {"received_at": row["received_at"] != at, "sender": sender(row["via"], row["source"]) != row["actor"]}
    return tuple(name for name in different if different[name])
