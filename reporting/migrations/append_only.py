"""Triggers that let the database itself refuse to change or remove rows of an append-only table."""

from __future__ import annotations

from alembic import op

_REFUSE = """CREATE OR REPLACE FUNCTION mrrt_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""


def append_only(*tables: str) -> None:
    """Make tables append-only, on SQLite and on PostgreSQL."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(_REFUSE)
    for table in tables:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION mrrt_only_added()"
            )
        else:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
                )


_REFUSE_UNLESS_ERASED = """CREATE OR REPLACE FUNCTION mrrt_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF NOT EXISTS (SELECT 1 FROM audit_event WHERE report_id = OLD.report_id AND action = 'erase') THEN
RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN OLD;
END $$"""


def erasable(*tables: str) -> None:
    """Let rows of append-only tables be removed whose report was erased, as the audit log says, and no others."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(_REFUSE_UNLESS_ERASED)
    for table in tables:
        if postgresql:
            op.execute(f"DROP TRIGGER {table}_only_added ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION mrrt_only_added()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_only_erased BEFORE DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION mrrt_only_erased()"
            )
        else:
            op.execute(f"DROP TRIGGER {table}_no_delete")
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS "
                "(SELECT 1 FROM audit_event WHERE report_id = OLD.report_id AND action = 'erase') "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END"
            )


_HELD = """EXISTS (SELECT 1 FROM legal_hold WHERE report_id = OLD.report_id
OR patient_id = (SELECT patient_id FROM report WHERE id = OLD.report_id))"""
_REFUSE_HELD = f"""CREATE OR REPLACE FUNCTION mrrt_not_held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF {_HELD} THEN
RAISE EXCEPTION 'the report of these rows of % is held', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN OLD;
END $$"""


def unless_held(*tables: str) -> None:
    """Let no row be removed whose report is held, whatever the audit log says."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(_REFUSE_HELD)
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_not_held BEFORE DELETE ON {table} "
            + (
                "FOR EACH ROW EXECUTE FUNCTION mrrt_not_held()"
                if postgresql
                else f"WHEN {_HELD} BEGIN SELECT RAISE(ABORT, 'the report of these rows of {table} is held'); END"
            )
        )


def open_again(*tables: str) -> None:
    """Take the triggers of append-only tables away, for the rest of a migration that fills new columns of them."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in tables:
        names = ["only_added"] if postgresql else ["no_update", "no_delete"]
        for name in names:
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgresql else ""))
