"""`mrrt receive`: documents from devices, from a folder, and from a PACS."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mrrt.errors import UsageError
from reporting.activity import activity
from reporting.audit_log import AuditLog
from reporting.cli_output import FINE, PROBLEMS, err, json_lines, say, show_table, write_file
from reporting.config import Settings, secret, settings
from reporting.logs import configure_logs
from reporting.receiving.dropping import Dropped, Dropping
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Entry, State
from reporting.records import By
from reporting.store import open_store

receive = typer.Typer(invoke_without_command=True, help="Receive DICOM SR from devices, a folder or a PACS.")
DEFAULT_PORT = 11112
_COLUMNS = ("number", "received", "by", "from", "state", "SOP Instance UID", "reason")
_LARGEST, _DAYS = (1 << 31) - 1, 36500
_TOKEN = "MRRT_PACS_TOKEN"  # the name of a variable, not what is in it

Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


@receive.callback()
def receive_(
    context: typer.Context,
    dicom_port: Annotated[int | None, typer.Option("--dicom-port", "--port", help="Port for C-STORE; 11112.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; other than loopback takes peers.")] = None,
    ae_title: Annotated[str | None, typer.Option(help="Own application entity title; MRRT.")] = None,
    peer: Annotated[
        list[str] | None, typer.Option(help="A device that may deliver: TITLE[@ADDRESS[:PORT]]. Repeat it for more.")
    ] = None,
    watch: Annotated[Path | None, typer.Option(help="Folder to take files from; no DICOM unless with a port.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Certificate for DICOM over TLS (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="Key of the certificate (PEM).")] = None,
    authority: Annotated[
        Path | None, typer.Option(help="Authority whose certificates devices must show (PEM).")
    ] = None,
    database_url: Database = None,
) -> None:
    """Receive until told to stop (Ctrl-C or SIGTERM). Each object is safe before it is acknowledged."""
    if context.invoked_subcommand is not None:
        return
    given = {
        **{"dicom_port": dicom_port, "dicom_host": host, "ae_title": ae_title, "database_url": database_url},
        **{"dicom_certificate": certificate, "dicom_key": key, "dicom_authority": authority},
        "dicom_peers": ",".join(peer) if peer else None,
    }
    site = settings(**given)
    if site.dicom_port is None and watch is None:
        site = settings(**given | {"dicom_port": DEFAULT_PORT})
    with activity(site, "receive"):
        _receive(site, watch)


def _receive(site: Settings, watch: Path | None) -> None:
    from reporting.receiving.reception import Reception  # the DICOM network slows down every other command

    ended = threading.Event()
    store = open_store(site.database_url)
    try:
        reception = Reception(site, store, _now, watch, apart=True)
        configure_logs()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        reception.start()
        if reception.dicom is not None:
            said = f"{site.ae_title} listens for DICOM on {site.dicom_host}:{reception.dicom.port}"
            err().print(f"{said}{' over TLS' if site.dicom_certificate else ''}", markup=False)
        if watch is not None:
            err().print(f"watching {watch}", markup=False)
        ended.wait()
        reception.stop()
    finally:
        store.close()


@receive.command("list")
def receive_list(
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed or is in conflict.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many at most, the newest first.")] = 100,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """List what came in and what became of it; exit code 1 if anything listed failed."""
    wanted = (State.FAILED, State.CONFLICT) if failed else tuple(State)
    with _inbox(database_url) as (_, inbox):
        entries = inbox.entries(wanted, limit)
    if as_json:
        json_lines(entry.model_dump(mode="json") for entry in entries)
    else:
        show_table(_COLUMNS, map(_row, entries))
    raise typer.Exit(PROBLEMS if any(entry.state in (State.FAILED, State.CONFLICT) for entry in entries) else FINE)


@receive.command("export")
def receive_export(
    number: Annotated[int, typer.Argument(help="Number in the list.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
    database_url: Database = None,
) -> None:
    """Write a received object to a file, exactly as it came."""
    with _inbox(database_url) as (_, inbox):
        content = inbox.content(number)
        by = By(settings().actor, datetime.now(UTC), source="command line")
        AuditLog(inbox.store).note("export", by, detail={"operation": "receive_export", "number": number})
    write_file(output, content)
    say(f"{output}: {len(content)} bytes")


@receive.command("retry")
def receive_retry(database_url: Database = None) -> None:
    """Import once more what failed, for instance after an update of this program."""
    with _inbox(database_url) as (site, inbox):
        count = inbox.retry(By(site.actor, _now(), source="command line"))
        while inbox.import_waiting():
            pass
        left = inbox.counts().get(State.FAILED, 0)
    say(f"{count} tried again, {left} failed")
    raise typer.Exit(PROBLEMS if left else FINE)


@receive.command("drop")
def receive_drop(
    numbers: Annotated[
        list[int] | None, typer.Argument(min=1, max=_LARGEST, help="Numbers in the list.", show_default=False)
    ] = None,
    older_than: Annotated[
        int | None, typer.Option(min=0, max=_DAYS, help="All that came in more than so many days ago.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be dropped, and drop nothing.")] = False,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """Drop what failed or is in conflict, for good; the audit log names each object. Nothing else is dropped."""
    if (older_than is None) == (not numbers):
        raise UsageError(
            "name what is to be dropped: either numbers of mrrt receive list --failed, or --older-than DAYS"
        )
    with _inbox(database_url) as (site, inbox):
        dropping = Dropping(inbox)
        entries = dropping.named(numbers or ()) if older_than is None else dropping.older_than(older_than)
        done = Dropped(entries, ())
        if not dry_run:
            done = dropping.drop(entries, By(site.actor, _now(), source="command line"))
    if as_json:
        json_lines(entry.model_dump(mode="json") for entry in done.entries)
        return
    if dry_run:
        show_table(_COLUMNS, map(_row, entries))
    for one in done.instead:
        say(f"{one.id} was in conflict with what is dropped, and is {one.state.value} now")
    say(f"{len(done.entries)} {'would be dropped' if dry_run else 'dropped'}")


@receive.command("pull")
def receive_pull(
    qido: Annotated[str, typer.Option(help="Address of the DICOMweb service of the PACS.")],
    since: Annotated[str, typer.Option(help="Studies since this day: 2026-01-30.")],
    wado: Annotated[str, typer.Option(help="Address for WADO-RS, where it is another one.")] = "",
    modality: Annotated[str, typer.Option(help="Modality of the series.")] = "SR",
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """Fetch documents from a PACS that are not here yet. MRRT_PACS_TOKEN holds its bearer token, if it wants one."""
    from reporting.receiving.pull import Pacs, Pulled  # needs a library that no other command does

    def line(one: Pulled) -> dict[str, Any]:
        entry = None if one.entry is None else one.entry.model_dump(mode="json")
        return {"sop_instance_uid": one.sop_instance_uid, "known": one.known, "error": one.error, "entry": entry}

    day, failed, counts = _day(since), 0, {"fetched": 0, "known": 0}
    with _inbox(database_url) as (_, inbox):
        for one in Pacs(qido, wado, secret(_TOKEN)).pull(inbox, day, modality):
            bad = bool(one.error) or (one.entry is not None and one.entry.state in (State.FAILED, State.CONFLICT))
            failed += bad
            counts["known" if one.known else "fetched"] += not one.error
            if as_json:
                json_lines([line(one)])
            elif bad:
                err().print(f"{one.sop_instance_uid}: {one.error or (one.entry and one.entry.reason)}", markup=False)
    if not as_json:
        say(f"{counts['fetched']} fetched, {counts['known']} here already, {failed} failed")
    raise typer.Exit(PROBLEMS if failed else FINE)


def _row(entry: Entry) -> tuple[str, ...]:
    at = entry.received_at[:19].replace("T", " ")
    return (str(entry.id), at, entry.via, entry.source, entry.state.value, entry.sop_instance_uid, entry.reason)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is no day; write it as 2026-01-30') from error


@contextmanager
def _inbox(database_url: str | None) -> Iterator[tuple[Settings, Inbox]]:
    site = settings(database_url=database_url)
    store = open_store(site.database_url)
    try:
        yield site, Inbox(store, _now, quiet=True)
    finally:
        store.close()


def _now() -> datetime:
    return datetime.now(UTC)
