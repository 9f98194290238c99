"""Legal holds: the database keeps the rows of reports that are held, also where the log says that they were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from reporting.migrations.append_only import unless_held

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the table, and let the triggers ask it."""
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("report_id", sa.String(length=64)),
        sa.Column("patient_id", sa.String()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_legal_hold_report_id"), "legal_hold", ["report_id"])
    op.create_index(op.f("ix_legal_hold_patient_id"), "legal_hold", ["patient_id"])
    unless_held("report_version", "rendition")
