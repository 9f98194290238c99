"""The template library: every version of every stored template with its files, and pages that reports are pinned to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_APPEND_ONLY = ("library_version", "library_file", "template_page")


def upgrade() -> None:
    """Make the tables, and let SQLite itself refuse to change what is append-only."""
    _library_version()
    _library_file()
    _template_page()
    op.add_column("audit_event", sa.Column("template", sa.String(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for table in _APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
                )


def _library_version() -> None:
    op.create_table(
        "library_version",
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("logic", sa.Text(), nullable=True),
        sa.Column("bindings", sa.Text(), nullable=True),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("identifier", "version", name=op.f("pk_library_version")),
    )
    op.create_index(op.f("ix_library_version_name"), "library_version", ["name"], unique=False)


def _library_file() -> None:
    op.create_table(
        "library_file",
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier", "version"],
            ["library_version.identifier", "library_version.version"],
            name=op.f("fk_library_file_identifier_version"),
        ),
        sa.PrimaryKeyConstraint("identifier", "version", "path", name=op.f("pk_library_file")),
    )


def _template_page() -> None:
    op.create_table(
        "template_page",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["template_version.digest"], name=op.f("fk_template_page_digest")),
        sa.PrimaryKeyConstraint("digest", "identifier", name=op.f("pk_template_page")),
    )
