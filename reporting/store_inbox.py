"""What a transaction of the store can read and write of the inbox: the objects that came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.receiving.records import Arrival, Entry, State
from reporting.records import DeviceLine, DocumentFilter, DocumentLine

_OBJECT = tables.received_object
_LINE = [column for column in _OBJECT.c if column.name not in ("content", "digest")]
_ADD = sa.insert(_OBJECT).returning(_OBJECT.c.id)
_AGAIN = {"state": State.RECEIVED.value, "reason": ""}


class InboxReading:
    """The questions about received objects that the store answers."""

    _connection: Connection

    def entry(self, number: int) -> Entry:
        """Return one received object."""
        query = sa.select(*_LINE).where(_OBJECT.c.id == number)
        return _entry(self._connection.execute(query).mappings().one())

    def has_entry(self, number: int) -> bool:
        """Tell whether there is a received object with this number."""
        return self._connection.scalar(sa.select(_OBJECT.c.id).where(_OBJECT.c.id == number)) is not None

    def entries_of(self, uid: str) -> dict[str, Entry]:
        """Return the received objects with this SOP Instance UID, by the digest of their bytes."""
        query = sa.select(*_LINE, _OBJECT.c.digest).where(_OBJECT.c.sop_instance_uid == uid)
        rows = self._connection.execute(query).mappings()
        return {row["digest"]: _entry(row) for row in rows}

    def first_entry(self, uid: str) -> Entry | None:
        """Return the received object that counts for a SOP Instance UID: the first that came."""
        query = sa.select(*_LINE).where(_OBJECT.c.sop_instance_uid == uid, _OBJECT.c.state != State.CONFLICT.value)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _entry(row)

    def entry_content(self, number: int) -> bytes:
        """Return a received object as it came; of an imported one, the document that was made of it."""
        row = self._connection.execute(
            sa.select(_OBJECT.c.content, _OBJECT.c.sop_instance_uid).where(_OBJECT.c.id == number)
        ).one()
        if row.content is not None:
            return bytes(row.content)
        table = tables.sr_document
        query = sa.select(table.c.content).where(table.c.sop_instance_uid == row.sop_instance_uid)
        return bytes(self._connection.execute(query).scalar_one())

    def waiting(self, limit: int) -> tuple[int, ...]:
        """Return the numbers of up to `limit` objects that are not imported yet, the oldest first."""
        query = sa.select(_OBJECT.c.id).where(_OBJECT.c.state == State.RECEIVED.value).order_by(_OBJECT.c.id)
        return tuple(self._connection.scalars(query.limit(limit)))

    def entries(self, states: Sequence[State], limit: int, before: int | None = None) -> tuple[Entry, ...]:
        """Return up to `limit` received objects in one of these states, the newest first; older than one if given."""
        wanted = _OBJECT.c.state.in_([state.value for state in states])
        query = sa.select(*_LINE).where(wanted).order_by(_OBJECT.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_OBJECT.c.id < before)
        return tuple(_entry(row) for row in self._connection.execute(query).mappings())

    def entries_before(self, states: Sequence[State], at: str) -> tuple[Entry, ...]:
        """Return the received objects in one of these states that came in before a time, the oldest first."""
        wanted = (_OBJECT.c.state.in_([state.value for state in states]), _OBJECT.c.received_at < at)
        query = sa.select(*_LINE).where(*wanted).order_by(_OBJECT.c.id)
        return tuple(_entry(row) for row in self._connection.execute(query).mappings())

    def documents(
        self, wanted: DocumentFilter, limit: int, before: tuple[str, str] | None = None
    ) -> tuple[DocumentLine, ...]:
        """Return up to `limit` documents that pass the filter, the latest received first.

        `before` is the place in the list (time and UID) after which to go on.
        """
        table = tables.sr_document
        query = sa.select(*(table.c[name] for name in DocumentLine.model_fields))
        for name, value in asdict(wanted).items():
            if value is not None:
                query = query.where(table.c[name] == value)
        if before is not None:
            place = sa.tuple_(table.c.received_at, table.c.sop_instance_uid)
            query = query.where(place < sa.tuple_(*map(sa.literal, before)))
        query = query.order_by(table.c.received_at.desc(), table.c.sop_instance_uid.desc()).limit(limit)
        return tuple(DocumentLine(**row) for row in self._connection.execute(query).mappings())

    def devices(self) -> tuple[DeviceLine, ...]:
        """Return the devices that documents came from, the one that sent last first."""
        table = tables.sr_document
        last = sa.func.max(table.c.received_at).label("last_received")
        query = sa.select(
            table.c.device,
            sa.func.count().label("documents"),
            sa.func.sum(table.c.measurements).label("measurements"),
            sa.func.min(table.c.received_at).label("first_received"),
            last,
        )
        rows = self._connection.execute(query.group_by(table.c.device).order_by(last.desc())).mappings()
        return tuple(DeviceLine(**row) for row in rows)

    def documents_of(self, study: str) -> tuple[DocumentLine, ...]:
        """Return all documents of a study, the oldest first."""
        table = tables.sr_document
        query = sa.select(*(table.c[name] for name in DocumentLine.model_fields))
        query = query.where(table.c.study_instance_uid == study).order_by(table.c.received_at, table.c.sop_instance_uid)
        return tuple(DocumentLine(**row) for row in self._connection.execute(query).mappings())

    def documents_received(self) -> tuple[str, ...]:
        """Return the SOP Instance UIDs of all documents, as often as each was made a document of the store."""
        table = tables.audit_event
        query = sa.select(table.c.document).where(table.c.action == "receive")
        return tuple(uid for uid in self._connection.scalars(query) if uid is not None)

    def counts(self) -> dict[State, int]:
        """Return how many received objects are in each state."""
        query = sa.select(_OBJECT.c.state, sa.func.count()).group_by(_OBJECT.c.state)
        return {State(row[0]): row[1] for row in self._connection.execute(query)}


class InboxWriting(InboxReading):
    """The changes that can be made to the inbox."""

    def add_entry(self, arrival: Arrival, digest: str, state: State, reason: str, at: str) -> Entry:
        """Keep an object as it came."""
        line = {
            **{name: getattr(arrival, name) for name in ("sop_instance_uid", "sop_class_uid", "via", "source")},
            **{"size": len(arrival.content), "state": state.value, "reason": reason, "received_at": at},
        }
        row = line | {"content": arrival.content, "digest": digest}
        number = self._connection.execute(_ADD, row).scalar_one()
        return Entry(id=number, **line)

    def settle(self, number: int, state: State, reason: str, at: str) -> bool:
        """Say what became of an object; False if that was said already, perhaps by another process.

        The content of an imported one is dropped here: it is the document's from now on.
        """
        change: dict[str, Any] = {"state": state.value, "reason": reason, "settled_at": at}
        if state is State.IMPORTED:
            change["content"] = None
        update = sa.update(_OBJECT).where(_OBJECT.c.id == number, _OBJECT.c.state == State.RECEIVED.value)
        return self._connection.execute(update.values(change)).rowcount == 1

    def take_up_again(self, state: State) -> tuple[tuple[int, str], ...]:
        """Let all objects of a state be imported once more, and return number and UID of each, by the numbers."""
        update = sa.update(_OBJECT).where(_OBJECT.c.state == state.value).values(_AGAIN)
        found = self._connection.execute(update.returning(_OBJECT.c.id, _OBJECT.c.sop_instance_uid))
        return tuple(sorted((number, uid) for number, uid in found))

    def remove_entry(self, number: int, state: State) -> str | None:
        """Remove an object that is in a state, and return its digest; None if it is not in that state any more."""
        remove = sa.delete(_OBJECT).where(_OBJECT.c.id == number, _OBJECT.c.state == state.value)
        return self._connection.scalar(remove.returning(_OBJECT.c.digest))

    def let_next_count(self, uid: str) -> int | None:
        """Let the oldest conflict of a UID be imported, if no object counts for that any more; return its number."""
        conflicts = (_OBJECT.c.sop_instance_uid == uid, _OBJECT.c.state == State.CONFLICT.value)
        oldest = self._connection.scalar(sa.select(sa.func.min(_OBJECT.c.id)).where(*conflicts))
        if oldest is None or self.first_entry(uid) is not None:
            return None
        self._connection.execute(sa.update(_OBJECT).where(_OBJECT.c.id == oldest).values(_AGAIN))
        return int(oldest)


def _entry(row: RowMapping) -> Entry:
    return Entry(**{column.name: row[column.name] for column in _LINE})
