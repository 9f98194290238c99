"""`mrrt users`: people who may sign in; on the database that the server uses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getpass
from typing import Annotated

import typer

from mrrt.errors import UsageError
from reporting.access import Role
from reporting.accounts import Accounts
from reporting.cli_output import json_lines, say, show_table
from reporting.config import settings
from reporting.identities import Account
from reporting.passwords import Passwords
from reporting.records import By
from reporting.store import open_store

users = typer.Typer(no_args_is_help=True, help="Add, list, change and disable people who may sign in.")

Database = Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
Name = Annotated[str, typer.Argument(help="Name that somebody signs in with.", metavar="NAME")]
_SOURCE = "command line"


@users.command("add")
def users_add(
    name: Name,
    role: Annotated[list[Role] | None, typer.Option(help="What they are; repeat it for more.")] = None,
    display_name: Annotated[str, typer.Option(help="What stands under what they sign; else the name.")] = "",
    no_password: Annotated[bool, typer.Option("--no-password", help="They cannot sign in before one is set.")] = False,
    database_url: Database = None,
) -> None:
    """Add somebody. The password is asked for, or read from standard input (its first line)."""
    with _accounts(database_url) as (accounts, by):
        account = accounts.add(name, display_name, role or (), by, None if no_password else _password())
    say(f"{account.name} may sign in as {_roles(account)}.")


@users.command("list")
def users_list(as_json: AsJson = False, database_url: Database = None) -> None:
    """List everybody who may sign in."""
    with _accounts(database_url) as (accounts, _):
        found = accounts.list()
    if as_json:
        json_lines(account.model_dump(mode="json") for account in found)
        return
    show_table(("name", "display name", "roles", "signs in with", "state"), (_row(one) for one in found))


@users.command("roles")
def users_roles(
    name: Name,
    roles: Annotated[list[Role] | None, typer.Argument(help="All the roles that they have from now on.")] = None,
    database_url: Database = None,
) -> None:
    """Give somebody these roles and no others; it acts at once."""
    with _accounts(database_url) as (accounts, by):
        account = accounts.change(name, by, roles=tuple(roles or ()))
    say(f"{account.name}: {_roles(account)}")


@users.command("disable")
def users_disable(name: Name, database_url: Database = None) -> None:
    """Let somebody in no more; their sessions end at once. What they signed stays signed by them."""
    with _accounts(database_url) as (accounts, by):
        say(f"{accounts.change(name, by, disabled=True).name} is disabled.")


@users.command("enable")
def users_enable(name: Name, database_url: Database = None) -> None:
    """Let somebody in again."""
    with _accounts(database_url) as (accounts, by):
        say(f"{accounts.change(name, by, disabled=False).name} may sign in again.")


@users.command("password")
def users_password(name: Name, database_url: Database = None) -> None:
    """Give somebody another password, asked for or read from standard input; their sessions end."""
    with _accounts(database_url) as (accounts, by):
        say(f"{accounts.change(name, by, password=_password()).name} has another password.")


@contextmanager
def _accounts(database_url: str | None) -> Iterator[tuple[Accounts, By]]:
    site = settings(database_url=database_url)
    store = open_store(site.database_url)
    try:
        by = By(site.actor, datetime.now(UTC), source=_SOURCE)
        yield Accounts(store, Passwords(), provided=bool(site.oidc_roles)), by
    finally:
        store.close()


def _password() -> str:
    """Return a password that was typed, twice the same; or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass("Password: ")
    if getpass("Once more: ") != given:
        raise UsageError("the passwords are not the same")
    return given


def _row(account: Account) -> tuple[str, ...]:
    ways = [way for way, there in (("password", account.has_password), ("provider", account.issuer)) if there]
    state = "disabled" if account.disabled else ""
    return (account.name, account.display_name, _roles(account), ", ".join(ways) or "nothing yet", state)


def _roles(account: Account) -> str:
    return ", ".join(account.roles) or "no role"
