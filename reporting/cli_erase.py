"""`mrrt erase`: the end of retention."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from mrrt.errors import UsageError
from reporting.audit_log import moment
from reporting.cli_output import err, say, show_table
from reporting.cli_store import existing_store
from reporting.config import settings
from reporting.erasing import Erasing, Found
from reporting.records import By
from reporting.store_erase import Wanted


def erase(
    before: Annotated[
        str | None, typer.Option(help="What nobody has changed since this day: 2016-01-30, as it begins at the site.")
    ] = None,
    patient: Annotated[str | None, typer.Option(help="Of the patient of this identifier alone.")] = None,
    report: Annotated[list[str] | None, typer.Option(help="This report alone. Repeat it for more.")] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why, for the audit log. Without it nothing is erased, only listed.")
    ] = None,
    database_url: Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")] = None,
) -> None:
    """Erase reports and SR documents for ever, with all versions. The audit log keeps what was done, and by whom."""
    wanted = _wanted(before, patient, report)
    if reason is not None and not reason.strip():
        raise UsageError("--reason is empty; say why: the audit log keeps it")
    with existing_store(database_url) as store:
        erasing = Erasing(store)
        if reason is None:
            _show(erasing.found(wanted))
            return
        by = By(settings().actor, datetime.now(UTC), source="command line")
        gone = erasing.erase(wanted, reason.strip(), by, _progress)
    say(f"{_counted(gone)} erased")


def _wanted(before: str | None, patient: str | None, reports: list[str] | None) -> Wanted:
    if before is None and not patient and not reports:
        raise UsageError("say what is to go: --before DAY, --patient IDENTIFIER or --report ID")
    until = None if before is None else moment(before, settings().zone)
    if until is not None and until > datetime.now(UTC).isoformat():
        raise UsageError(f"--before {before} has not come yet: everything would go")
    return Wanted(until, patient or None, tuple(dict.fromkeys(reports)) if reports else None)


def _show(found: Found) -> None:
    rows = ((one.id, one.status, one.template, str(one.versions), one.updated_at[:10]) for one in found.reports)
    if found.reports:
        show_table(("report", "status", "template", "versions", "last changed"), rows, right=frozenset({3}))
    say(f"{_counted(found)} would go; nothing was erased. Give a --reason to erase.")


def _counted(found: Found) -> str:
    return f"{len(found.reports)} reports and {len(found.documents)} documents"


def _progress(done: int, total: int) -> None:
    if err().is_terminal and (done % 100 == 0 or done == total):
        err().print(f"{done} of {total} reports", markup=False)
