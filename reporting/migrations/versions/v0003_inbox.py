"""The inbox: every object that came in, safe before it was acknowledged; and what no binding wanted of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_FIRST = sa.text("state <> 'conflict' AND sop_instance_uid <> ''")


def upgrade() -> None:
    """Make the tables."""
    _received_object()
    _unmapped_measurement()
    _unmapped_source()


def _received_object() -> None:
    op.create_table(
        "received_object",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sop_instance_uid", sa.String(), nullable=False),
        sa.Column("sop_class_uid", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("settled_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_object")),
        sa.UniqueConstraint("sop_instance_uid", "digest", name=op.f("uq_received_object_sop_instance_uid_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_received_object_state_id"), "received_object", ["state", "id"], unique=False)
    op.create_index(
        "ix_received_object_first",
        "received_object",
        ["sop_instance_uid"],
        unique=True,
        sqlite_where=_FIRST,
        postgresql_where=_FIRST,
    )


_KEY = (
    *("template", "manufacturer", "model", "code_scheme", "code_value"),
    *("site_scheme", "site_value", "segment_scheme", "segment_value", "unit"),
)


def _unmapped_measurement() -> None:
    meanings = (sa.Column(f"{name}_meaning", sa.String(), nullable=False) for name in ("code", "site", "segment"))
    op.create_table(
        "unmapped_measurement",
        *(sa.Column(name, sa.String(), nullable=False) for name in _KEY),
        *meanings,
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("lowest", sa.String(), nullable=True),
        sa.Column("highest", sa.String(), nullable=True),
        sa.Column("first_seen", sa.String(length=40), nullable=False),
        sa.Column("last_seen", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_unmapped_measurement")),
    )


def _unmapped_source() -> None:
    op.create_table(
        "unmapped_source",
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("template", "document", name=op.f("pk_unmapped_source")),
    )
