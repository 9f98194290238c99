"""`mrrt hold`: what is not to be erased, although its retention is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from mrrt.errors import UsageError
from reporting.cli_output import json_lines, say, show_table
from reporting.cli_store import existing_store
from reporting.config import settings
from reporting.holding import Held, Holding
from reporting.records import By

hold = typer.Typer(no_args_is_help=True, help="Keep reports from being erased (legal hold).")

_LARGEST = (1 << 31) - 1
Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


@hold.command("add")
def hold_add(
    reason: Annotated[str, typer.Option(help="Why, for the audit log, which keeps it for ever.")],
    report: Annotated[list[str] | None, typer.Option(help="This report. Repeat it for more.")] = None,
    patient: Annotated[str | None, typer.Option(help="All of the patient of this identifier, now and later.")] = None,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """Keep reports, or all of a patient, until the hold is lifted: `mrrt erase` leaves them where they are."""
    if bool(report) == bool(patient):
        raise UsageError("say what is to be held: either --report ID or --patient IDENTIFIER")
    said = _said(reason)
    with existing_store(database_url) as store:
        added = Holding(store).add(report or (), patient or None, said, _by())
    _show(added, as_json)


@hold.command("list")
def hold_list(as_json: AsJson = False, database_url: Database = None) -> None:
    """List the holds in force. Those that were lifted are in the audit log."""
    with existing_store(database_url) as store:
        _show(Holding(store).all(), as_json)


@hold.command("lift")
def hold_lift(
    numbers: Annotated[list[int], typer.Argument(min=1, max=_LARGEST, help="Numbers of holds, as they are listed.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log, which keeps it for ever.")],
    database_url: Database = None,
) -> None:
    """End holds: from now on `mrrt erase` takes what they kept, unless another hold keeps it."""
    said = _said(reason)
    with existing_store(database_url) as store:
        lifted = Holding(store).lift(numbers, said, _by())
    for one in lifted:
        say(f"hold {one.hold.number} is lifted; it kept {len(one.reports)} reports")


def _said(reason: str) -> str:
    if not reason.strip():
        raise UsageError("--reason is empty; say why: the audit log keeps it")
    return reason.strip()


def _by() -> By:
    return By(settings().actor, datetime.now(UTC), source="command line")


def _show(holds: Iterable[Held], as_json: bool) -> None:
    if as_json:
        json_lines(_line(one) for one in holds)
    else:
        heads = ("hold", "of", "reports", "since (UTC)", "by", "reason")
        show_table(heads, map(_row, holds), right=frozenset({0, 2}))


def _line(one: Held) -> dict[str, Any]:
    return {**one.hold.model_dump(mode="json"), "reports": list(one.reports)}


def _row(one: Held) -> tuple[str, ...]:
    of = f"patient {one.hold.patient}" if one.hold.report is None else f"report {one.hold.report}"
    at = one.hold.at[:19].replace("T", " ")
    return (str(one.hold.number), of, str(len(one.reports)), at, one.hold.actor, one.hold.reason)
