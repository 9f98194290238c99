"""Measurements without a place: the field that readers gave them by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column."""
    op.add_column("unmapped_measurement", sa.Column("assigned_to", sa.String(), nullable=False, server_default=""))
