"""`mrrt backup` and `mrrt restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from reporting.backup import backup as backed_up
from reporting.backup import refuse_foreign
from reporting.backup import restore as restored
from reporting.cli_output import FINE, PROBLEMS, err, say
from reporting.cli_store import existing_store
from reporting.config import settings
from reporting.records import By
from reporting.store import open_store

Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write; must not be there yet.")],
    database_url: Database = None,
) -> None:
    """Write everything in the database into one archive, while the server runs. It holds patient data: keep it safe."""
    with existing_store(database_url) as store:
        by = _by()
        manifest = backed_up(store, file, by.at, _said, by)
    rows = sum(member.rows for member in manifest.members)
    say(f"{file}: {rows} rows, {file.stat().st_size} bytes, up to audit event {manifest.head.event}")
    say(f"the chain ends in {manifest.head.hash}")


def restore(
    file: Annotated[Path, typer.Argument(help="Archive that mrrt backup wrote.")],
    even_if_altered: Annotated[
        bool, typer.Option("--even-if-altered", help="Also restore what had been altered before the backup.")
    ] = False,
    database_url: Database = None,
) -> None:
    """Put an archive into an empty database of either kind, all of it or nothing, and check it."""
    refuse_foreign(file)
    store = open_store(settings(database_url=database_url).database_url)
    try:
        result = restored(store, file, _said, even_if_altered=even_if_altered, by=_by())
    finally:
        store.close()
    for finding in result.findings:
        err().print(f"{finding.kind}: {finding.message}", markup=False)
    say(f"{result.reports} reports in {result.versions} versions and {result.events} audit events restored and checked")
    raise typer.Exit(FINE if result.intact else PROBLEMS)


def _by() -> By:
    return By(settings().actor, datetime.now(UTC), source="command line")


def _said(table: str, rows: int) -> None:
    if err().is_terminal:
        err().print(f"{table}: {rows}", markup=False)
