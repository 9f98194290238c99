"""Audit record repositories, and up to which event each has the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "audit_repository",
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_audit_repository")),
    )
