"""`mrrt templates`: what the library of this site holds; on the database that the server uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mrrt.errors import Unreadable, UsageError
from reporting.catalogue import Wanted, known_status
from reporting.cli_output import (
    FINE,
    PROBLEMS,
    UNREADABLE,
    complain,
    json_lines,
    out,
    read_file,
    say,
    show_problems,
    show_table,
    write_file,
)
from reporting.config import settings
from reporting.importing import ImportResult, import_files
from reporting.library import Library
from reporting.packages import MAX_MEMBERS, folder_name, packed, unpacked
from reporting.records import By
from reporting.store import open_store

templates = typer.Typer(no_args_is_help=True, help="Import, list, export and retire templates.")

Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
Named = Annotated[str, typer.Argument(help="Name or identifier of a template.", metavar="ID")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
_CODES = {"refused": PROBLEMS, "unreadable": UNREADABLE}


@templates.command("import")
def templates_import(
    sources: Annotated[
        list[Path], typer.Argument(help="Pages, template folders or ZIP archives.", metavar="FILE|FOLDER|ZIP...")
    ],
    new_version: Annotated[
        bool, typer.Option("--new-version", help="A changed body is meant, under the same identifier.")
    ] = False,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """Store templates. One that is refused does not stop the others (exit code 1, or 3 if it cannot be read)."""
    files, worst = _gathered(sources)
    with _library(database_url) as (library, by):
        results = import_files(library, files, by, new_version=new_version)
    if as_json:
        json_lines(result.model_dump(mode="json") for result in results)
    else:
        _show_results(results)
    raise typer.Exit(max([worst, *(_CODES.get(result.outcome, FINE) for result in results)]))


@templates.command("list")
def templates_list(
    title: Annotated[str | None, typer.Option(help="Text that the title holds.")] = None,
    status: Annotated[str | None, typer.Option(help="ACTIVE, DRAFT or RETIRED.")] = None,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """List the templates in folders and those that were stored."""
    if status is not None:
        known_status(status, "--status")
    with _library(database_url) as (library, _):
        found = [card.summary for card in library.search(Wanted(title=title, status=status))]
    if as_json:
        json_lines(one.model_dump(mode="json") for one in found)
        return
    rows = [(one.name, one.title, str(one.version or ""), one.status, one.language, one.identifier) for one in found]
    show_table(("name", "title", "version", "status", "language", "identifier"), rows)


@templates.command("show")
def templates_show(name: Named, as_json: AsJson = False, database_url: Database = None) -> None:
    """Show a template's metadata, versions, files and problems."""
    with _library(database_url) as (library, _):
        package, version = library.package(name), library.version(name)
        card = [one for one in library.search(Wanted()) if one.summary.name == package.name][-1]
        lines = library.versions(name) if version is not None else ()
        problems = library.problems(name)
    if as_json:
        versions = [line.model_dump(mode="json") for line in lines]
        json_lines([{**card.summary.model_dump(mode="json"), "versions": versions, "files": sorted(package.files)}])
        return
    for term, text in card.summary.model_dump(exclude={"problems"}).items():
        if text:
            say(f"{term:10} {', '.join(text) if isinstance(text, tuple) else text}")
    if lines:
        rows = [(str(one.version), one.status, one.action, one.actor, one.at, one.digest[:8]) for one in lines]
        show_table(("version", "status", "action", "actor", "at", "digest"), rows)
    if package.files:
        say(f"{'files':10} {', '.join(sorted(package.files))}")
    show_problems(problems, out())


@templates.command("export")
def templates_export(
    name: Named,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="ZIP", help="Write to this file.")] = None,
    database_url: Database = None,
) -> None:
    """Write a template with all that belongs to it into a ZIP archive."""
    with _library(database_url) as (library, _):
        package = library.package(name)
    target = output or Path(f"{folder_name(package.name)}.zip")
    write_file(target, packed(package, package.name))
    say(f"{target}: {package.name}, {1 + len(package.files)} files besides logic and bindings")


@templates.command("retire")
def templates_retire(name: Named, database_url: Database = None) -> None:
    """Retire a stored template: no new reports are made from it, open drafts go on."""
    with _library(database_url) as (library, by):
        summary = library.retire(name, by)
    say(f"{summary.title} ({summary.identifier}) is retired as version {summary.version}")


@contextmanager
def _library(database_url: str | None) -> Iterator[tuple[Library, By]]:
    site = settings(database_url=database_url)
    store = open_store(site.database_url)
    try:
        yield Library(store, site.templates), By(site.actor, datetime.now(UTC))
    finally:
        store.close()


def _gathered(sources: list[Path]) -> tuple[dict[str, bytes], int]:
    """Return the files of all sources by path; one that cannot be read is complained of and left out."""
    files: dict[str, bytes] = {}
    worst = FINE
    for source in sources:
        try:
            files |= _files(source)
        except Unreadable as error:
            complain(str(error))
            worst = UNREADABLE
    return files, worst


def _files(source: Path) -> Mapping[str, bytes]:
    if source.is_dir():
        found = [path for path in sorted(source.rglob("*")) if path.is_file() and not path.name.startswith(".")]
        if len(found) > MAX_MEMBERS:
            raise UsageError(f"{source}: the folder holds {len(found)} files, more than {MAX_MEMBERS}")
        if not found:
            raise Unreadable(f"{source}: there is no file in this folder")
        return {path.as_posix(): read_file(path) for path in found}
    content = read_file(source)
    if source.suffix.lower() == ".zip" or content.startswith(b"PK\x03\x04"):
        return {f"{source.as_posix()}/{path}": part for path, part in unpacked(content, str(source)).items()}
    if source.name == "template.html":
        return _files(source.parent)
    return {source.as_posix(): content}


def _show_results(results: tuple[ImportResult, ...]) -> None:
    for one in results:
        style = {"refused": "red", "unreadable": "red", "ignored": "dim"}.get(one.outcome, "green")
        said = f"{one.title} ({one.identifier}) as version {one.version}" if one.version else one.detail
        say(f"{one.file}: {one.outcome}: {said}", style)
        if one.outcome == "refused":
            show_problems(one.problems, out())
