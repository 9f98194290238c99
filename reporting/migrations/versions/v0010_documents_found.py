"""Received documents are found by their patient and by the number of the order."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the indexes."""
    for column in ("patient_id", "accession_number"):
        op.create_index(op.f(f"ix_sr_document_{column}"), "sr_document", [column], unique=False)
