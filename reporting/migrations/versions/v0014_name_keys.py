"""Names are found however they are written: "Groß" of a document that waits, letters with their marks beside them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from reporting.searching import name_key

revision = "0014"
down_revision = "0013"

_BATCH = 500


def upgrade() -> None:
    """Add the key of documents, and make the keys anew of names that have more than ASCII in them.

    Of the others the key is as it was, and documents need none: what a database makes small is the same. Rows of
    documents are large, so that no more of them are written than have to be.
    """
    op.add_column("sr_document", sa.Column("patient_key", sa.String(), nullable=False, server_default=""))
    for name, identifier in (("sr_document", "sop_instance_uid"), ("report", "id")):
        table = sa.table(name, *map(sa.column, (identifier, "patient_name", "patient_key")))
        _fill(table, table.c[identifier])


def _fill(table: sa.TableClause, identifier: sa.ColumnClause[str]) -> None:
    bind = op.get_bind()
    update = sa.update(table).where(identifier == sa.bindparam("row")).values(patient_key=sa.bindparam("key"))
    for rows in _batches(bind, table, identifier):
        changed = [{"row": row, "key": key} for row, key in rows if key is not None]
        if changed:
            bind.execute(update, changed)


def _batches(
    bind: sa.Connection, table: sa.TableClause, identifier: sa.ColumnClause[str]
) -> Iterator[list[tuple[str, str | None]]]:
    """Yield the rows in the order of their identifiers, each with its new key, None where it stays."""
    last = ""
    while True:
        query = sa.select(identifier, table.c.patient_name).where(identifier > last).order_by(identifier).limit(_BATCH)
        rows = bind.execute(query).all()
        if not rows:
            return
        yield [(row, None if name.isascii() else name_key(name)) for row, name in rows]
        last = rows[-1][0]
