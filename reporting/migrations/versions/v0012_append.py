"""PostgreSQL appends to the audit log in one step, so that others wait for the end of the chain as short as can be."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

# The number of the lock is that of earlier versions; the text that is hashed is that of reporting/audit_chain.py.
# Each statement of the function sees what was committed before it, so the end of the chain is read behind the lock.
_APPEND = """CREATE FUNCTION mrrt_append_audit_event(event jsonb, covered text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
    before text;
BEGIN
    PERFORM pg_advisory_xact_lock(1836216948);
    SELECT id + 1, hash INTO number, before FROM audit_event ORDER BY id DESC LIMIT 1;
    IF NOT FOUND THEN
        number := 1;
        before := repeat('0', 64);
    END IF;
    INSERT INTO audit_event SELECT * FROM jsonb_populate_record(NULL::audit_event, event || jsonb_build_object(
        'id', number,
        'previous', before,
        'hash', encode(sha256(convert_to('["' || before || '",' || number || covered, 'UTF8')), 'hex')
    ));
END $$"""


def upgrade() -> None:
    """Make the function on PostgreSQL; SQLite has one writer, and nobody to wait for."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_APPEND)
