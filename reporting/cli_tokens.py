"""`mrrt tokens`: what software signs in with; on the database that the server uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from reporting.access import Role
from reporting.cli_output import err, json_lines, say, show_table
from reporting.config import settings
from reporting.credentials import Credentials
from reporting.identities import Credential
from reporting.records import By, as_text
from reporting.store import open_store

tokens = typer.Typer(no_args_is_help=True, help="Make, list and revoke what software signs in with.")

Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
_SOURCE = "command line"


@tokens.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(help="What the software is called in the audit log.")],
    role: Annotated[list[Role], typer.Option(help="What it may be; repeat it for more.")],
    client: Annotated[
        bool, typer.Option("--client", help="A client, which gets short-lived tokens (client credentials).")
    ] = False,
    expires_days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires.")] = None,
    as_json: AsJson = False,
    database_url: Database = None,
) -> None:
    """Make a token, or a client. Its secret is printed now and never again."""
    with _credentials(database_url) as (credentials, by):
        until = None if expires_days is None else by.at + timedelta(days=expires_days)
        made = credentials.make(name, role, by, client=client, expires_at=until)
    if as_json:
        json_lines([made.model_dump(mode="json")])
        return
    err().print(f"{made.kind} {made.name}, id {made.id}. Keep the secret; it is not shown again.", markup=False)
    say(made.secret)


@tokens.command("list")
def tokens_list(as_json: AsJson = False, database_url: Database = None) -> None:
    """List tokens and clients, the latest first."""
    with _credentials(database_url) as (credentials, by):
        found = credentials.list()
    if as_json:
        json_lines(one.model_dump(mode="json") for one in found)
        return
    show_table(("id", "kind", "name", "roles", "made", "expires", "last used", "state"), (_row(x, by) for x in found))


@tokens.command("revoke")
def tokens_revoke(
    number: Annotated[str, typer.Argument(help="Its id, from `mrrt tokens list`.", metavar="ID")],
    database_url: Database = None,
) -> None:
    """Revoke a token or client, with all access tokens that the client got."""
    with _credentials(database_url) as (credentials, by):
        say(f"{credentials.revoke(number, by).name} is revoked.")


@contextmanager
def _credentials(database_url: str | None) -> Iterator[tuple[Credentials, By]]:
    site = settings(database_url=database_url)
    store = open_store(site.database_url)
    try:
        yield Credentials(store), By(site.actor, datetime.now(UTC), source=_SOURCE)
    finally:
        store.close()


def _row(one: Credential, by: By) -> tuple[str, ...]:
    state = "revoked" if one.revoked_at else "" if one.holds(as_text(by.at)) else "expired"
    times = (one.created_at[:10], (one.expires_at or "")[:10], (one.last_used_at or "")[:16])
    return (one.id, one.kind, one.name, ", ".join(one.roles), *times, state)
