"""Objects that wait in the inbox are in the audit log, as those that arrive from now on are.

Of those that were imported, the event of their document tells already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from reporting.audit_chain import chained, covered

revision = "0015"
down_revision = "0014"

_BATCH = 500
_NAMES = ("at", "actor", "action", "outcome", "source", "request_id", "document", "digest", "detail")
_EVENT = sa.table("audit_event", *map(sa.column, ("id", *_NAMES, "previous", "hash")))
_OBJECT = sa.table(
    "received_object",
    *map(sa.column, ("id", "sop_instance_uid", "digest", "state", "via", "source", "received_at")),
)
_APPEND = sa.text("SELECT mrrt_append_audit_event(CAST(:event AS jsonb), :covered)")


def upgrade() -> None:
    """Add an event for each object that waits. It has the time of its writing, and says when the object came."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    for row in _objects():
        _append(_event(row, at))


def _objects() -> Iterator[sa.RowMapping]:
    last, bind = None, op.get_bind()
    query = sa.select(_OBJECT).where(_OBJECT.c.state != "imported").order_by(_OBJECT.c.id).limit(_BATCH)
    while rows := bind.execute(query if last is None else query.where(_OBJECT.c.id > last)).mappings().all():
        yield from rows
        last = rows[-1]["id"]


def _event(row: sa.RowMapping, at: str) -> dict[str, Any]:
    via = row["via"]
    return {
        **{"at": at, "action": "arrive", "outcome": "success", "source": "", "request_id": ""},
        "actor": via if via == "folder" else f"{via} {row['source']}".strip(),
        **{"document": row["sop_instance_uid"] or None, "digest": row["digest"]},
        "detail": json.dumps({"number": row["id"], "received_at": row["received_at"]}, separators=(",", ":")),
    }


def _append(event: dict[str, Any]) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        bind.execute(_APPEND, {"event": json.dumps(event), "covered": covered(event)})
        return
    query = sa.select(_EVENT.c.id, _EVENT.c.hash).order_by(_EVENT.c.id.desc()).limit(1)
    last = bind.execute(query).mappings().one_or_none()
    bind.execute(sa.insert(_EVENT), chained(event, None if last is None else dict(last)))
