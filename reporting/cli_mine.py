"""`mrrt mine`: audits over many documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reporting.cli_output import FINE, PROBLEMS, UNREADABLE, complain, err, say
from reporting.config import settings

if TYPE_CHECKING:
    from reporting.mining import Summary

mine = typer.Typer(no_args_is_help=True, help="Audits over many documents.")


@mine.callback()
def _mine() -> None:
    """Audits over many documents."""


@mine.command("extract")
def mine_extract(
    folder: Annotated[Path, typer.Argument(help="A folder of DICOM SR files; folders in it are read too.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The Parquet file to write.")] = Path(
        "measurements.parquet"
    ),
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes to read with; all cores unless given.")
    ] = None,
) -> None:
    """Write all measurements of a folder of SRs to one Parquet file, a row for each.

    Files and folders that cannot be read are listed and do not stop the run (exit code 3); so are documents that say
    something else than an earlier one under the same SOP Instance UID (exit code 1).
    """
    from reporting.mining import extract_folder  # here, as pyarrow would slow down every other command

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        summary = extract_folder(
            folder,
            output,
            processes=processes,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
            profiles=settings().profiles,
        )
    raise typer.Exit(_report(summary, output))


def _report(summary: Summary, output: Path) -> int:
    for found in (*summary.unreadable, *summary.differing):
        complain(f"{_on_one_line(found.file)}: {found.error}")
    unreadable = f"{len(summary.unreadable)} files could not be read"
    say(f"{output}: {summary.rows} measurements of {summary.documents} documents; {unreadable}")
    if summary.duplicates:
        words = "documents came again; their rows name the first file in the column duplicate_of"
        say(f"{summary.duplicates} {words}")
    if summary.unreadable:
        return UNREADABLE
    return PROBLEMS if summary.differing else FINE


def _on_one_line(name: str) -> str:
    """Return the name of a file without letters that would move the cursor, or end the line."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)
