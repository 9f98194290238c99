"""All rows of all tables, out of a database and into an empty one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting.store_tables import metadata

_BATCH, _BATCH_OF_BYTES = 200, 4
"""Rows that are in memory together; fewer where a row may be a whole document."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table: its columns, and which of them hold bytes."""

    name: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]


def table_shapes() -> tuple[TableShape, ...]:
    """Return the tables, each after those that its rows refer to."""
    return tuple(_shape(table) for table in metadata.sorted_tables)


def _shape(table: sa.Table) -> TableShape:
    binary = tuple(column.name for column in table.c if isinstance(column.type, sa.LargeBinary))
    return TableShape(table.name, tuple(column.name for column in table.c), binary)


def _batch(table: sa.Table) -> int:
    return _BATCH_OF_BYTES if _shape(table).binary else _BATCH


class BackupReading:
    """The rows as they are."""

    _connection: Connection

    def all_rows(self, table: str) -> Iterator[Sequence[Any]]:
        """Yield the rows of a table in the order of its key."""
        wanted = metadata.tables[table]
        query = sa.select(wanted).order_by(*wanted.primary_key.columns)
        for row in self._connection.execute(query, execution_options={"yield_per": _batch(wanted)}):
            yield tuple(row)

    def tables_in_use(self) -> tuple[str, ...]:
        """Return the tables that hold anything."""
        scalar, every = self._connection.scalar, metadata.sorted_tables
        return tuple(table.name for table in every if scalar(sa.select(sa.literal(1)).select_from(table).limit(1)))


class BackupWriting(BackupReading):
    """Rows put in as they were."""

    def put_rows(self, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add rows to a table, a batch at a time, and return how many they were."""
        wanted, count, source = metadata.tables[table], 0, iter(rows)
        while batch := [dict(row) for row in islice(source, _batch(wanted))]:
            self._connection.execute(sa.insert(wanted), batch)
            count += len(batch)
        self._go_on_counting(wanted)
        return count

    def _go_on_counting(self, table: sa.Table) -> None:
        """Let PostgreSQL number further rows after those that were put in; SQLite does by itself."""
        column = table.autoincrement_column
        if column is None or column.autoincrement is not True or self._connection.dialect.name != "postgresql":
            return
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        last = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
        self._connection.execute(sa.select(sa.func.setval(sequence, last, False)))
