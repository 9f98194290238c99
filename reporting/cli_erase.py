"""`mrrt erase`: the end of retention."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from mrrt.errors import UsageError
from reporting.audit_log import moment
from reporting.cli_output import FINE, PROBLEMS, err, say, show_table
from reporting.cli_store import existing_store
from reporting.config import settings
from reporting.erasing import Erasing, Found
from reporting.records import By
from reporting.store_erase import ErasableReport, Wanted


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
    """Erase reports and SR documents for ever, with all versions. The audit log keeps what was done, and by whom.

    What is on hold stays (`mrrt hold`); where --report or --patient named it, without --before, the exit code is 1.
    """
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
    say(f"{_counted(gone)} erased{_and_held(gone)}")
    raise typer.Exit(PROBLEMS if gone.held and before is None else FINE)


def _wanted(before: str | None, patient: str | None, reports: list[str] | None) -> Wanted:
    if before is None and not patient and not reports:
        raise UsageError("say what is to go: --before DAY, --patient IDENTIFIER or --report ID")
    until = None if before is None else moment(before, settings().zone, "--before")
    if until is not None and until > datetime.now(UTC).isoformat():
        raise UsageError(f"--before {before} has not come yet: everything would go")
    return Wanted(until, patient or None, tuple(dict.fromkeys(reports)) if reports else None)


def _show(found: Found) -> None:
    rows = [_row(one, "") for one in found.reports] + [_row(one, "on hold") for one in found.held]
    if rows:
        show_table(("report", "status", "template", "versions", "last changed", ""), rows, right=frozenset({3}))
    say(f"{_counted(found)} would go{_and_held(found)}; nothing was erased. Give a --reason to erase.")


def _row(one: ErasableReport, hold: str) -> tuple[str, ...]:
    return (one.id, one.status, one.template, str(one.versions), one.updated_at[:10], hold)


def _and_held(found: Found) -> str:
    """Say how many reports stay because they are held, if any."""
    return f", {len(found.held)} reports on hold stay (mrrt hold list)" if found.held else ""


def _counted(found: Found) -> str:
    return f"{len(found.reports)} reports and {len(found.documents)} documents"


def _progress(done: int, total: int) -> None:
    if err().is_terminal and (done % 100 == 0 or done == total):
        err().print(f"{done} of {total} reports", markup=False)
