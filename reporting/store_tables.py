"""The tables of the store. reporting/migrations makes them; a test proves that both say the same."""

from __future__ import annotations

import zlib

from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_SORTED = String().with_variant(String(collation="C"), "postgresql")
"""Text whose beginning is searched for: sorted by code points, whatever the language of the database is."""


class _PackedText(TypeDecorator[str]):
    """Text that SQLite keeps compressed (RFC 1950), for it has no compression of its own; PostgreSQL has.

    What earlier versions wrote is text, and is read as it is.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        """Return what is kept of a text: at the quickest level a sixth of it, in 0.13 ms for 58 kB."""
        if value is None or dialect.name != "sqlite":
            return value
        return zlib.compress(value.encode(), 1)

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Return the text. What was damaged comes as it is, for its digest tells."""
        if not isinstance(value, bytes):
            return value
        try:
            return zlib.decompress(value).decode()
        except (zlib.error, UnicodeDecodeError):
            return value.decode(errors="replace")


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

template_version = Table(
    "template_version",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("html", LargeBinary, nullable=False),
    Column("logic", Text),
    Column("bindings", Text),
    Column("first_used_at", String(40), nullable=False),
)
"""The texts of every template that a report was made from. Reports stay pinned to them."""

template_page = Table(
    "template_page",
    metadata,
    Column("digest", ForeignKey("template_version.digest"), primary_key=True),
    Column("identifier", String, primary_key=True),
    Column("html", LargeBinary, nullable=False),
)
"""The other pages that such a template embeds, or that its options put in place of an element. Rows are only added."""

library_version = Table(
    "library_version",
    metadata,
    Column("identifier", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("status", String(20), nullable=False),
    Column("action", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body_digest", String(64), nullable=False),
    Column("html", LargeBinary, nullable=False),
    Column("logic", Text),
    Column("bindings", Text),
    Column("card", Text, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", String(40), nullable=False),
    Index(None, "name"),
)
"""Every version of every template that was stored, and what was done: store or retire. Rows are only added.

The latest version of an identifier is what the library offers. `card` is the JSON of what it is found by.
"""

library_file = Table(
    "library_file",
    metadata,
    Column("identifier", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("path", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["identifier", "version"], ["library_version.identifier", "library_version.version"]),
)
"""What else belongs to a version: its cases, its sources, further pages. Rows are only added."""

sr_document = Table(
    "sr_document",
    metadata,
    Column("sop_instance_uid", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", String(40), nullable=False),
    *(Column(name, String, nullable=False) for name in ("title", "study_instance_uid", "patient_id")),
    Column("measurements", Integer, nullable=False),
    Column("patient_name", String, nullable=False, server_default=""),
    Column("accession_number", String, nullable=False, server_default=""),
    Column("study_date", String(40), nullable=False, server_default=""),
    Column("description", String, nullable=False, server_default=""),
    Column("device", String, nullable=False, server_default=""),
    Column("patient_key", String, nullable=False, server_default=""),
    Index(None, "study_instance_uid"),
    Index(None, "patient_id"),
    Index(None, "accession_number"),
    Index(None, "received_at", "study_instance_uid", "sop_instance_uid"),
    Index(None, "device", "received_at", "measurements"),
)
"""SR documents exactly as received; the other columns are a summary to find them by.

`patient_key` is that of reports; documents of earlier versions whose name is all ASCII have none."""

report = Table(
    "report",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    *(Column(name, String, nullable=False) for name in ("template", "template_name", "template_title")),
    Column("template_version", ForeignKey("template_version.digest"), nullable=False),
    Column("patient_id", String, nullable=False),
    Column("patient_name", String, nullable=False),
    Column("accession_number", String, nullable=False),
    Column("study_instance_uid", String, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("updated_at", String(40), nullable=False),
    Column("study_date", String(40), nullable=False, server_default=""),
    Column("author", String, nullable=False, server_default=""),
    Column("signed_version", Integer),
    Column("signed_status", String(20)),
    Column("signed_by", String),
    Column("signed_at", String(40)),
    Column("revision", String(20)),
    Column("patient_key", _SORTED, nullable=False, server_default=""),
    Column("signed_actor", String),
    Column("preliminary_actor", String),
    *(
        Index(None, name)
        for name in ("patient_id", "patient_key", "accession_number", "study_date", "signed_by", "revision")
    ),
    Index(None, "created_at", "id"),
    Index(None, "updated_at", "id"),
    Index(None, "study_instance_uid", "status"),
    Index(None, "template", "created_at", "id"),
    Index(None, "template_name", "created_at", "id"),
    Index(None, "author", "created_at", "id"),
    Index(None, "signed_actor", "signed_at", "id"),
    Index(None, "status", "created_at", "id"),
    *(Index(None, name, "id") for name in ("signed_at", "template_name")),
    Index(None, "status", "id", "created_at"),
)
"""One row per report, at its latest version.

`patient_key` is the name as it is searched for (reporting/searching.py). `signed_actor` is the account behind
`signed_by`, `preliminary_actor` that of the signature of a preliminary latest version, null for any other.

`signed_version` is the version that stands for readers outside, with its status; null before the first signature.
`revision` is the kind of revision that is open above it, null for none.
"""

report_version = Table(
    "report_version",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", _PackedText, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", String(40), nullable=False),
    Column("status", String(20), nullable=False, server_default=""),
    Column("action", String(20), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
)
"""Every version of every report as canonical JSON. Rows are added, never changed or removed.

`digest` is the SHA-256 of the document; the audit event of the version carries it, too.
"""

rendition = Table(
    "rendition",
    metadata,
    Column("report_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("format", String(20), primary_key=True),
    Column("media_type", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["report_id", "version"], ["report_version.report_id", "report_version.version"]),
)
"""The renderings made when a version was signed. Rows are added, never changed or removed."""

report_value = Table(
    "report_value",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("field", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code_scheme", String),
    Column("code_value", String),
    Column("number", String),
    Column("number_real", Float),
    Column("unit", String),
    Column("text", Text),
    Column("absent", String(20)),
    Column("provenance", String(20), nullable=False),
    Column("token", String(64).with_variant(String(64, collation="C"), "postgresql")),
    Index(None, "field", "number_real"),
    Index(None, "field", "token"),
)
"""The values of the latest version, one row each (several for a multiple choice); rebuilt from it at will.

`number` is the decimal as text, `number_real` the same for comparisons in queries; `token` is the beginning of the
text, short enough for an index.
"""

report_document = Table(
    "report_document",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("document", String, primary_key=True),
    Index(None, "document"),
)
"""The SR documents that the latest version of a report was filled from; rebuilt from it at will."""

_FIRST = text("state <> 'conflict' AND sop_instance_uid <> ''")

received_object = Table(
    "received_object",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sop_instance_uid", String, nullable=False),
    Column("sop_class_uid", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("via", String(20), nullable=False),
    Column("source", String, nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("settled_at", String(40)),
    UniqueConstraint("sop_instance_uid", "digest"),
    Index(None, "state", "id"),
    Index("ix_received_object_first", "sop_instance_uid", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
    sqlite_autoincrement=True,
)
"""Every object that came in. The content moves to `sr_document` when it is imported; what is not imported stays here.

`digest` is that of the data set without its file header. One object of a UID counts; others are conflicts.
"""

commitment_request = Table(
    "commitment_request",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("transaction_uid", String, nullable=False),
    Column("title", String, nullable=False),
    Column("address", String, nullable=False),
    Column("objects", Text, nullable=False),
    Column("asked_at", String(40), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", String(40), nullable=False),
    UniqueConstraint("title", "address", "transaction_uid"),
    sqlite_autoincrement=True,
)
"""Requests for storage commitment whose report has not reached the device; a row goes when its report has.

`objects` is a JSON list of pairs of SOP Class and SOP Instance UID.
"""

_WHAT = (
    *("template", "manufacturer", "model", "code_scheme", "code_value", "site_scheme", "site_value"),
    *("segment_scheme", "segment_value", "unit"),
)
unmapped_measurement = Table(
    "unmapped_measurement",
    metadata,
    *(Column(name, String, primary_key=True) for name in _WHAT),
    *(Column(name, String, nullable=False) for name in ("code_meaning", "site_meaning", "segment_meaning", "reason")),
    Column("count", Integer, nullable=False),
    Column("lowest", String),
    Column("highest", String),
    Column("first_seen", String(40), nullable=False),
    Column("last_seen", String(40), nullable=False),
    Column("assigned_to", String, nullable=False, server_default=""),
)
"""What no binding of a template wanted, added up over the documents of a device model; nothing in it is of a patient.

A text column is empty where the measurement says nothing. `lowest` and `highest` are decimals as text.
"""

unmapped_source = Table(
    "unmapped_source",
    metadata,
    Column("template", String, primary_key=True),
    Column("document", String, primary_key=True),
)
"""The documents that were added up for a template, so that none counts twice."""

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("source", String, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("report_id", String(64)),
    Column("version", Integer),
    Column("document", String),
    Column("template", String),
    Column("digest", String(64)),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "report_id"),
    Index(None, "action", "id"),
    Index(None, "at"),
)
"""Who did what to which report, document, template or account. Rows are added, never changed or removed.

Ids count from 1 without a gap, in the order of the commits. `hash` covers the row and the hash before it
(reporting/audit_chain.py); `source` is the address that the request came from; `detail` is a JSON object.
"""

account = Table(
    "account",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("display_name", String(200), nullable=False),
    Column("roles", Text, nullable=False),
    Column("password_hash", Text),
    Column("issuer", String),
    Column("subject", String),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("changed_at", String(40), nullable=False),
    UniqueConstraint("issuer", "subject"),
)
"""People who may sign in: with a password of ours, or as a subject of an identity provider. `roles` is a JSON list."""

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Index(None, "account"),
)
"""Browsers that are signed in; `digest` is the SHA-256 of the cookie, which itself is stored nowhere."""

credential = Table(
    "credential",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("roles", Text, nullable=False),
    Column("client", String(40)),
    Column("created_by", String, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("expires_at", String(40)),
    Column("revoked_at", String(40)),
    Column("last_used_at", String(40)),
    UniqueConstraint("digest"),
)
"""What software signs in with: API tokens, clients with a secret, and the short-lived access tokens that those get.

`kind` is token, client or access; `digest` is the SHA-256 of the random secret; `client` is that of an access token.
"""

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", String(100), nullable=False),
    Column("source", String, nullable=False),
    Column("at", String(40), nullable=False),
    Index(None, "account", "at"),
    Index(None, "source", "at"),
)
"""Attempts to sign in that failed, for the limit on their rate; old rows are removed."""

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("actor", String, primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("operation", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("result", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Index(None, "at"),
)
"""What a request that carried an idempotency key led to; `digest` is that of the request. Old rows are removed."""

audit_repository = Table(
    "audit_repository",
    metadata,
    Column("address", String(300), primary_key=True),
    Column("event", Integer, nullable=False),
    Column("at", String(40), nullable=False),
)
"""Where the audit log is sent to, and the last event that was sent there."""

job = Table(
    "job",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("message", Text, nullable=False),
    Column("result", LargeBinary),
    Column("result_type", String),
    Column("result_name", String),
    Column("created_by", String, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("started_at", String(40)),
    Column("finished_at", String(40)),
    Column("worker", String(64)),
    Column("beat_at", String(40)),
    Column("attempts", Integer, nullable=False),
    Index(None, "state", "created_at"),
)
"""Long work: queued, running, succeeded, failed or cancelled, with its progress and, in the end, its result."""

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("report_id", String(64)),
    Column("patient_id", String),
    Column("reason", Text, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", String(40), nullable=False),
    Index(None, "report_id"),
    Index(None, "patient_id"),
    sqlite_autoincrement=True,
)
"""Legal holds in force: of one report, or of a patient. A row goes when its hold is lifted."""

_COUNTS = (
    *("keystrokes", "clicks", "alerts_shown", "alerts_heeded", "alerts_acknowledged"),
    *("fields_imported", "fields_calculated", "fields_typed", "fields_corrected", "fields_overruled"),
)
trial_visit = Table(
    "trial_visit",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("visit", String(64), primary_key=True),
    Column("begun_at", String(40), nullable=False),
    Column("template", String, nullable=False),
    Column("status", String(20), nullable=False),
    *(Column(name, Float, nullable=False) for name in ("seconds", "active_seconds")),
    *(Column(name, Integer, nullable=False) for name in _COUNTS),
)
"""What the browser counted in a visit to a report, where the site takes part in a trial; no patient and no reader."""

ONLY_ADDED = ("audit_event", "report_version", "rendition", "library_version", "library_file", "template_page")
"""Tables whose rows triggers keep from being changed or removed (reporting/migrations/append_only.py)."""
ERASABLE = ("report_version", "rendition")
"""Those of them whose rows may go when the audit log says that their report was erased."""
