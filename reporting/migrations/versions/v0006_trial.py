"""The trial mode: what the browser counts of each visit to a report; and an index for the list of devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COUNTS = (
    *("keystrokes", "clicks", "alerts_shown", "alerts_heeded", "alerts_acknowledged"),
    *("fields_imported", "fields_calculated", "fields_typed", "fields_corrected", "fields_overruled"),
)


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "trial_visit",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("seconds", "active_seconds")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint("report_id", "visit", name=op.f("pk_trial_visit")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_trial_visit_report_id")),
    )
    columns = ["device", "received_at", "measurements"]
    op.create_index(op.f("ix_sr_document_device_received_at_measurements"), "sr_document", columns, unique=False)
