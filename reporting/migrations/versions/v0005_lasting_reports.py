"""Lasting reports: what stands for readers outside, a hash chain in the audit log, who signs in, and long work."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from reporting.audit_chain import chained
from reporting.migrations.append_only import append_only
from reporting.searching import name_key

revision = "0005"
down_revision = "0004"

_EARLIER = ("report_version", "rendition", "library_version", "library_file", "template_page")
_EVENT = ("at", "actor", "action", "report_id", "version", "document", "template")


def upgrade() -> None:
    """Add the columns and tables, and chain the audit events that are there."""
    _columns()
    _indexes()
    _report_document()
    _audit_event()
    _account()
    _session()
    _credential()
    _sign_in_failure()
    _idempotency_key()
    _job()
    _fill()
    append_only("audit_event")
    if op.get_bind().dialect.name == "postgresql":  # SQLite has had its triggers from the beginning
        append_only(*_EARLIER)


def _columns() -> None:
    for name, length in (
        *(("patient_name", None), ("accession_number", None), ("study_date", 40)),
        *(("description", None), ("device", None)),
    ):
        op.add_column("sr_document", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.add_column("report", sa.Column("study_date", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("report", sa.Column("author", sa.String(), nullable=False, server_default=""))
    op.add_column("report", sa.Column("signed_version", sa.Integer(), nullable=True))
    for name, length in (("signed_status", 20), ("signed_by", None), ("signed_at", 40), ("revision", 20)):
        op.add_column("report", sa.Column(name, sa.String(length=length), nullable=True))
    key = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.add_column("report", sa.Column("patient_key", key, nullable=False, server_default=""))
    for name in ("signed_actor", "preliminary_actor"):
        op.add_column("report", sa.Column(name, sa.String(), nullable=True))
    token = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
    op.add_column("report_value", sa.Column("token", token, nullable=True))
    for name, length in (("status", 20), ("action", 20), ("digest", 64)):
        op.add_column("report_version", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))


def _indexes() -> None:
    for name in ("status", "study_instance_uid"):
        op.drop_index(f"ix_report_{name}", "report")
    for table, columns in (
        ("sr_document", ["study_instance_uid"]),
        ("sr_document", ["received_at", "study_instance_uid", "sop_instance_uid"]),
        ("report", ["study_instance_uid", "status"]),
        ("report", ["updated_at", "id"]),
        ("report", ["study_date"]),
        *(("report", [name, "created_at", "id"]) for name in ("template", "template_name", "author", "status")),
        ("report", ["patient_key"]),
        ("report", ["signed_by"]),
        ("report", ["signed_actor", "signed_at", "id"]),
        ("report", ["revision"]),
        ("report_value", ["field", "token"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)


def _report_document() -> None:
    op.create_table(
        "report_document",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_document_report_id")),
        sa.PrimaryKeyConstraint("report_id", "document", name=op.f("pk_report_document")),
    )
    op.create_index(op.f("ix_report_document_document"), "report_document", ["document"], unique=False)


def _audit_event() -> None:
    """Make the table anew, with the rows of the old one in a chain."""
    bind = op.get_bind()
    earlier = bind.execute(sa.text(f"SELECT {', '.join(_EVENT)} FROM audit_event ORDER BY id")).mappings().all()
    op.drop_table("audit_event")
    table = op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("report_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    for columns in (["report_id"], ["action", "id"], ["at"]):
        op.create_index(op.f(f"ix_audit_event_{'_'.join(columns)}"), "audit_event", columns, unique=False)
    last = None
    for row in earlier:
        filled = {**row, "outcome": "success", "source": "", "request_id": "", "detail": "{}"}
        filled["digest"] = _digest_of(bind, dict(row))
        last = chained(filled, last)
        bind.execute(sa.insert(table).values(last))


def _digest_of(bind: sa.Connection, event: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of what an event of an earlier version stored: a document, a template, or a report version."""
    if event["action"] == "receive" and event["document"] is not None:
        content = "SELECT content FROM sr_document WHERE sop_instance_uid = :document"
    elif event["template"] is not None and event["version"] is not None:
        query = "SELECT digest FROM library_version WHERE identifier = :template AND version = :version"
        digest: str | None = bind.scalar(sa.text(query), dict(event))
        return digest
    else:
        content = "SELECT document FROM report_version WHERE report_id = :report_id AND version = :version"
    stored = bind.scalar(sa.text(content), dict(event))
    data = stored.encode() if isinstance(stored, str) else stored
    return None if data is None else sha256(data).hexdigest()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_issuer_subject")),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_session_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"], unique=False)


def _credential() -> None:
    op.create_table(
        "credential",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("client", sa.String(length=40), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        *(
            sa.Column(name, sa.String(length=40), nullable=True)
            for name in ("expires_at", "revoked_at", "last_used_at")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("digest", name=op.f("uq_credential_digest")),
    )


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    for columns in (["account", "at"], ["source", "at"]):
        op.create_index(op.f(f"ix_sign_in_failure_{'_'.join(columns)}"), "sign_in_failure", columns, unique=False)


def _idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_at"), "idempotency_key", ["at"], unique=False)


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("result_type", sa.String(), nullable=True),
        sa.Column("result_name", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.String(length=40), nullable=True),
        sa.Column("finished_at", sa.String(length=40), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("beat_at", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_state_created_at"), "job", ["state", "created_at"], unique=False)


def _fill() -> None:
    """Say in the new columns what earlier rows meant; the rows that are only added get a digest of what they hold."""
    bind = op.get_bind()
    first = "SELECT actor FROM report_version v WHERE v.report_id = report.id AND v.version = 1"
    bind.execute(sa.text(f"UPDATE report SET author = ({first})"))
    last = "SELECT actor FROM report_version v WHERE v.report_id = report.id AND v.version = report.version"
    signed = "signed_version = version, signed_status = status, signed_at = updated_at"
    bind.execute(sa.text(f"UPDATE report SET {signed}, signed_actor = ({last}) WHERE status = 'final'"))
    for (name,) in bind.execute(sa.text("SELECT DISTINCT patient_name FROM report")).all():
        found = {"name": name, "key": name_key(name)}
        bind.execute(sa.text("UPDATE report SET patient_key = :key WHERE patient_name = :name"), found)
    bind.execute(sa.text("UPDATE report_value SET token = substr(text, 1, 64)"))
    if bind.dialect.name == "sqlite":
        op.execute("DROP TRIGGER report_version_no_update")
    rows = bind.execute(sa.text("SELECT report_id, version, document FROM report_version")).all()
    for report, version, document in rows:
        digest = sha256(document.encode()).hexdigest()
        bind.execute(
            sa.text("UPDATE report_version SET digest = :digest WHERE report_id = :report AND version = :version"),
            {"digest": digest, "report": report, "version": version},
        )
    if bind.dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER report_version_no_update BEFORE UPDATE ON report_version "
            "BEGIN SELECT RAISE(ABORT, 'rows of report_version are only added'); END"
        )
