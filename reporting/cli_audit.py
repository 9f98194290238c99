"""`mrrt verify` and `mrrt audit`: whether the audit log is intact, and what it says."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mrrt.errors import UsageError
from reporting.activity import activity
from reporting.audit_codes import known_action
from reporting.audit_export import exported
from reporting.audit_log import AuditLog, moment
from reporting.audit_sending import Sending
from reporting.cli_output import FINE, PROBLEMS, err, json_lines, say, show_table, write_parts
from reporting.cli_store import existing_store
from reporting.config import Settings, settings
from reporting.records import AuditEvent, AuditFilter, By
from reporting.searching import in_order
from reporting.syslog import Repository
from reporting.verifying import MOST, Verification, current_head
from reporting.verifying import verify as verified

_MOST_LISTED = 1_000_000
audit = typer.Typer(no_args_is_help=True, help="Read and export the audit log.")


class Format(StrEnum):
    """The formats of an export."""

    JSON = "json"
    DICOM = "dicom"
    FHIR = "fhir"


Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
Since = Annotated[
    str | None,
    typer.Option(help="From this moment on: 2026-01-30T09:00+01:00; without an offset by the site's clock, or UTC."),
]
Until = Annotated[str | None, typer.Option(help="Before this moment: a day ends where the next one begins.")]
Actor = Annotated[str | None, typer.Option(help="Of this account alone.")]
Action = Annotated[str | None, typer.Option(help="Of this action alone: sign, read, search, ...")]
Report = Annotated[str | None, typer.Option(help="About this report alone.")]
Document = Annotated[str | None, typer.Option(help="About the SR document of this SOP Instance UID alone.")]
Patient = Annotated[str | None, typer.Option(help="About the patient of this identifier alone.")]


def verify(
    head: Annotated[
        list[str] | None, typer.Option(help="A hash that was the end of the chain once. Repeat it for more.")
    ] = None,
    print_head: Annotated[bool, typer.Option("--print-head", help="Print the end of the chain, to keep it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    database_url: Database = None,
) -> None:
    """Check the chain of the audit log and what is stored against it; exit code 1 if anything is wrong."""
    with existing_store(database_url) as store:
        if print_head:
            end = current_head(store)
            say(f"{end.hash} {end.event}")
            raise typer.Exit(FINE)
        result = verified(store, head or ())
    if as_json:
        json_lines([result.model_dump(mode="json")])
    else:
        _show(result)
    raise typer.Exit(FINE if result.intact else PROBLEMS)


def _show(result: Verification) -> None:
    for finding in result.findings:
        err().print(f"{finding.kind}: {finding.message}", markup=False)
    if result.count > MOST:
        err().print(f"... and {result.count - MOST} more", markup=False)
    counts = f"{result.events} events, {result.reports} reports in {result.versions} versions"
    ending = "intact" if result.intact else f"{result.count} findings"
    say(f"{counts}, {result.stored} documents and templates: {ending}")
    say(f"the chain ends in event {result.head.event}, {result.head.hash}")


@audit.command("list")
def audit_list(
    since: Since = None,
    until: Until = None,
    actor: Actor = None,
    action: Action = None,
    report: Report = None,
    document: Document = None,
    patient: Patient = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST_LISTED, help="So many at most, the oldest first.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    database_url: Database = None,
) -> None:
    """List who did what, when and from where."""
    with existing_store(database_url) as store:
        log = AuditLog(store)
        found = log.page(
            _filter(since, until, report=report, document=document, actor=actor, action=action, patient=patient),
            limit + 1,
        )
        found, more = found[:limit], len(found) > limit
        log.note("read-audit", _reader(), detail={"hits": len(found)})
    events = [entry.event for entry in found]
    if as_json:
        json_lines(event.model_dump(mode="json") for event in events)
    else:
        heads = ("event", "at (UTC)", "actor", "action", "outcome", "from", "about")
        show_table(heads, map(_row, events), right=frozenset({0}))
    if more:
        err().print(f"these are the first {limit}; there are more: --limit and --since go on", markup=False)


@audit.command("export")
def audit_export(
    format: Annotated[Format, typer.Option(help="Format of the file.")] = Format.JSON,  # noqa: A002
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; without it, print.")] = None,
    since: Since = None,
    until: Until = None,
    actor: Actor = None,
    action: Action = None,
    report: Report = None,
    document: Document = None,
    patient: Patient = None,
    database_url: Database = None,
) -> None:
    """Export the log as JSON lines, DICOM audit messages (PS3.15 A.5) or FHIR AuditEvents."""
    with existing_store(database_url) as store:
        log = AuditLog(store)
        wanted = _filter(since, until, report=report, document=document, actor=actor, action=action, patient=patient)
        log.note("read-audit", _reader(), detail={"as": str(format)})
        parts = exported(log.entries(wanted), str(format))
        if output is not None:
            write_parts(output, parts)
            return
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()


@audit.command("send")
def audit_send(
    repository: Annotated[str | None, typer.Argument(help="Audit record repository: tls://HOST[:6514].")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until told to stop (Ctrl-C or SIGTERM).")] = False,
    authority: Annotated[Path | None, typer.Option(help="Authorities that may vouch for it (PEM).")] = None,
    certificate: Annotated[Path | None, typer.Option(help="Certificate to show it (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="Key of the certificate (PEM).")] = None,
    database_url: Database = None,
) -> None:
    """Send the events that a repository has not got, as DICOM audit messages in syslog over TLS (PS3.15 A.6)."""
    files = {"audit_authority": authority, "audit_certificate": certificate, "audit_key": key}
    site = settings(audit_repository=repository, database_url=database_url, **files)
    if not site.audit_repository:
        raise UsageError("name the audit record repository, or set MRRT_AUDIT_REPOSITORY: tls://HOST:6514")
    where = Repository(site.audit_repository, site.audit_authority, site.audit_certificate, site.audit_key)
    with existing_store(database_url) as store:
        sending = Sending(store, where, lambda: datetime.now(UTC))
        if follow:
            _follow(site, sending)
            return
        if sending.waiting():
            AuditLog(store).note("read-audit", _reader(), detail={"as": "syslog", "to": where.address})
        say(f"{sending.send_all()} events sent to {where.address}")


def _follow(site: Settings, sending: Sending) -> None:
    ended = threading.Event()
    with activity(site, "audit send", to=sending.repository.address):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        err().print(f"the audit log goes to {sending.repository.address} (Ctrl-C ends it)", markup=False)
        sending.follow(ended, lambda said: err().print(said, markup=False))


def _filter(since: str | None, until: str | None, **wanted: str | None) -> AuditFilter:
    if (action := wanted.get("action")) is not None:
        known_action(action, "--action")
    zone = settings().zone
    since_at = None if since is None else moment(since, zone, "--since")
    until_at = None if until is None else moment(until, zone, "--until")
    in_order(since_at, until_at, "--until")
    return AuditFilter(since=since_at, until=until_at, **wanted)


def _reader() -> By:
    return By(settings().actor, datetime.now(UTC), source="command line")


def _row(event: AuditEvent) -> tuple[str, ...]:
    version = "" if event.version is None else f" version {event.version}"
    about = event.report_id or event.document or event.template or ""
    at = event.at[:19].replace("T", " ")
    return (str(event.id), at, event.actor, event.action, event.outcome, event.source, f"{about}{version}")
