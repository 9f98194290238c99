"""The first tables: templates, SR documents, reports with versions, renditions, values, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = ("report_version", "rendition", "audit_event")


def upgrade() -> None:
    """Make the tables, and let SQLite itself refuse to change what is append-only."""
    _template_version()
    _sr_document()
    _report()
    _report_version()
    _rendition()
    _report_value()
    _audit_event()
    if op.get_bind().dialect.name == "sqlite":
        for table in _APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
                )


def _template_version() -> None:
    op.create_table(
        "template_version",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("logic", sa.Text(), nullable=True),
        sa.Column("bindings", sa.Text(), nullable=True),
        sa.Column("first_used_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_template_version")),
    )


def _sr_document() -> None:
    op.create_table(
        "sr_document",
        sa.Column("sop_instance_uid", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("study_instance_uid", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("measurements", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sop_instance_uid", name=op.f("pk_sr_document")),
    )


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("template_name", sa.String(), nullable=False),
        sa.Column("template_title", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("patient_name", sa.String(), nullable=False),
        sa.Column("accession_number", sa.String(), nullable=False),
        sa.Column("study_instance_uid", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("updated_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_version"], ["template_version.digest"], name=op.f("fk_report_template_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_accession_number"), "report", ["accession_number"], unique=False)
    op.create_index(op.f("ix_report_created_at_id"), "report", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_report_patient_id"), "report", ["patient_id"], unique=False)
    op.create_index(op.f("ix_report_status"), "report", ["status"], unique=False)
    op.create_index(op.f("ix_report_study_instance_uid"), "report", ["study_instance_uid"], unique=False)


def _report_version() -> None:
    op.create_table(
        "report_version",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_version_report_id")),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_report_version")),
    )


def _rendition() -> None:
    op.create_table(
        "rendition",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id", "version"],
            ["report_version.report_id", "report_version.version"],
            name=op.f("fk_rendition_report_id_version"),
        ),
        sa.PrimaryKeyConstraint("report_id", "version", "format", name=op.f("pk_rendition")),
    )


def _report_value() -> None:
    op.create_table(
        "report_value",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code_scheme", sa.String(), nullable=True),
        sa.Column("code_value", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("number_real", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("absent", sa.String(length=20), nullable=True),
        sa.Column("provenance", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_value_report_id")),
        sa.PrimaryKeyConstraint("report_id", "field", "position", name=op.f("pk_report_value")),
    )
    op.create_index(op.f("ix_report_value_field_number_real"), "report_value", ["field", "number_real"], unique=False)


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_event_report_id"), "audit_event", ["report_id"], unique=False)
