"""Rows that did not follow their versions: template texts of drafts that moved on, values while a revision is open."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_HEADS = sa.table("report", *map(sa.column, ("id", "version", "template_version", "revision")))
_VERSIONS = sa.table("report_version", *map(sa.column, ("report_id", "version", "document", "action")))
_JOBS = sa.table(
    "job",
    *map(sa.column, ("id", "kind", "parameters", "state", "done", "message", "created_by", "created_at", "attempts")),
)


def upgrade() -> None:
    """Name the template texts of the latest version, and let the values of open revisions be made anew."""
    _follow_templates()
    _queue_values()


def _follow_templates() -> None:
    bind = op.get_bind()
    moved = sa.select(_VERSIONS.c.report_id).where(_VERSIONS.c.action == "migrate").distinct()
    for report, version in bind.execute(sa.select(_HEADS.c.id, _HEADS.c.version).where(_HEADS.c.id.in_(moved))).all():
        latest = (_VERSIONS.c.report_id == report, _VERSIONS.c.version == version)
        texts = json.loads(bind.execute(sa.select(_VERSIONS.c.document).where(*latest)).scalar_one())
        update = sa.update(_HEADS).where(_HEADS.c.id == report)
        bind.execute(update.values(template_version=texts["template_version"]))


def _queue_values() -> None:
    """Queue a job where a revision is open, whose values were kept in place of those that are signed.

    It takes the templates to make them, which migrations do not read.
    """
    bind = op.get_bind()
    if bind.scalar(sa.select(_HEADS.c.id).where(_HEADS.c.revision.is_not(None)).limit(1)) is None:
        return
    asked = {"id": str(uuid4()), "kind": "rebuild-values", "parameters": "{}", "state": "queued", "done": 0}
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    row = {**asked, "message": "", "created_by": "mrrt", "created_at": at, "attempts": 0}
    bind.execute(sa.insert(_JOBS).values(row))
