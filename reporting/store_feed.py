"""What a transaction of the store can read of changes as they happen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting import store_tables as tables

_EVENT, _VERSION = tables.audit_event, tables.report_version
_SAME = sa.and_(_VERSION.c.report_id == _EVENT.c.report_id, _VERSION.c.version == _EVENT.c.version)
_CHANGES = (
    sa.select(_EVENT.c.id, _EVENT.c.at, _EVENT.c.actor, _EVENT.c.action, _EVENT.c.outcome)
    .add_columns(_EVENT.c.report_id.label("report"), _EVENT.c.version, _EVENT.c.document, _EVENT.c.template)
    .add_columns(_VERSION.c.status)
    .select_from(_EVENT.outerjoin(_VERSION, _SAME))
    .where(_EVENT.c.id > sa.bindparam("number"))
    .order_by(_EVENT.c.id)
    .limit(sa.bindparam("most"))
)


class FeedReading:
    """The question what is new."""

    _connection: Connection

    def changes_after(self, number: int, limit: int) -> tuple[dict[str, Any], ...]:
        """Return up to `limit` rows of the audit log after a number, with the status of the version, oldest first."""
        rows = self._connection.execute(_CHANGES, {"number": number, "most": limit}).mappings()
        return tuple({**row, "status": row["status"] or None} for row in rows)
