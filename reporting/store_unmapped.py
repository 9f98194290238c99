"""What a transaction of the store can read and write of the measurements that no binding wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from mrrt.code import Code
from reporting import store_tables as tables
from reporting.unmapped import UnmappedLine, together

_TABLE = tables.unmapped_measurement
_CODES = ("code", "site", "segment")
_PLAIN = (
    "template",
    "manufacturer",
    "model",
    "unit",
    "reason",
    "count",
    "lowest",
    "highest",
    "first_seen",
    "last_seen",
    "assigned_to",
)


class UnmappedReading:
    """The questions about unmapped measurements that the store answers."""

    _connection: Connection

    def unmapped(self, template: str | None = None) -> tuple[UnmappedLine, ...]:
        """Return what no binding wanted, of one template if it is named; what came most often first."""
        query = sa.select(_TABLE).order_by(_TABLE.c["count"].desc(), *_TABLE.primary_key.columns)
        if template is not None:
            query = query.where(_TABLE.c.template == template)
        return tuple(_line(row) for row in self._connection.execute(query).mappings())


class UnmappedWriting(UnmappedReading):
    """The changes that can be made to them."""

    def count_document(self, template: str, uid: str) -> bool:
        """Note that a document was matched to a template; False if it was before, so that nothing counts twice."""
        table = tables.unmapped_source
        known = sa.select(table.c.document).where(table.c.template == template, table.c.document == uid)
        if self._connection.scalar(known) is not None:
            return False
        self._connection.execute(sa.insert(table).values(template=template, document=uid))
        return True

    def add_unmapped(self, lines: Iterable[UnmappedLine]) -> None:
        """Add to what was counted before."""
        for line in lines:
            row = _row(line)
            same = _same(row)
            before = self._connection.execute(sa.select(_TABLE).where(*same)).mappings().one_or_none()
            if before is None:
                self._connection.execute(sa.insert(_TABLE).values(row))
            else:
                total = _row(together(_line(before), line))
                self._connection.execute(sa.update(_TABLE).where(*same).values(total))

    def note_assigned(self, lines: Iterable[UnmappedLine], field: str) -> None:
        """Keep the field that a reader gave measurements of these kinds."""
        for line in lines:
            self._connection.execute(sa.update(_TABLE).where(*_same(_row(line))).values(assigned_to=field))


def _same(row: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    return [_TABLE.c[column.name] == row[column.name] for column in _TABLE.primary_key.columns]


def _row(line: UnmappedLine) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(line, name) for name in _PLAIN}
    for name in _CODES:
        code = getattr(line, name) or Code.model_construct(scheme="", value="", meaning="")
        row |= {f"{name}_scheme": code.scheme, f"{name}_value": code.value, f"{name}_meaning": code.meaning or ""}
    return row


def _line(row: RowMapping) -> UnmappedLine:
    codes = {name: _code(row, name) for name in _CODES}
    return UnmappedLine(**{name: row[name] for name in _PLAIN}, **codes)


def _code(row: RowMapping, name: str) -> Code | None:
    if not row[f"{name}_value"]:
        return None
    return Code(scheme=row[f"{name}_scheme"], value=row[f"{name}_value"], meaning=row[f"{name}_meaning"])
