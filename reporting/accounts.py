"""The use cases of accounts: people who may sign in, added, changed and disabled by administrators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from mrrt.errors import Conflict, UsageError
from reporting.access import Role
from reporting.identities import Account, mark
from reporting.passwords import Passwords, refuse_weak
from reporting.records import By
from reporting.store import Store
from reporting.store_transaction import Reading, Writing

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_NO_NAME = re.compile(r"[^a-z0-9._@+-]+")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody as their identity provider calls them; `roles` is None where roles are given here."""

    issuer: str
    subject: str
    name: str
    display_name: str
    roles: tuple[Role, ...] | None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The use cases on one store; `provided` says that roles of people of the identity provider come from there."""

    store: Store
    passwords: Passwords
    provided: bool = False

    def list(self) -> tuple[Account, ...]:
        """Return all accounts by name."""
        with self.store.reading() as transaction:
            return transaction.accounts()

    def get(self, name: str) -> Account:
        """Return an account; raises NotFound."""
        with self.store.reading() as transaction:
            return transaction.account(normal(name))

    def add(self, name: str, display_name: str, roles: Iterable[Role], by: By, password: str | None = None) -> Account:
        """Add an account; without a password nobody can sign in with it yet. Raises Conflict for a name in use."""
        name = normal(name)
        kept = self._hashed(password, name)
        shown = display_name.strip() or name
        stamp = {"created_at": by.at_text, "changed_at": by.at_text}
        account = Account(
            name=name, display_name=shown, roles=_sorted(roles), has_password=kept is not None, **stamp
        )  # fmt: skip
        with self.store.writing() as transaction:
            if transaction.account_or_none(name) is not None:
                raise Conflict(f'There is an account "{name}" already.')
            transaction.add_account(account, kept)
            transaction.audit("add-account", by, detail=_said_of(account, kept))
        return account

    def change(
        self,
        name: str,
        by: By,
        *,
        display_name: str | None = None,
        roles: Sequence[Role] | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> Account:
        """Change what is given. A new password, or being disabled, ends all sessions of the account.

        Raises Conflict where nobody would be left who administers accounts, or where roles come from elsewhere.
        """
        name = normal(name)
        given = {"display_name": display_name or None, "roles": roles, "disabled": disabled}
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        kept = self._hashed(password, name)
        with self.store.writing() as transaction:
            before = transaction.account(name)
            self._refuse(transaction, before, changes)
            secret = {} if kept is None else {"password_hash": kept}
            marked = {} if kept is None else {"password_hash": mark(kept)}
            transaction.change_account(name, by.at_text, **changes, **secret)
            if disabled or kept is not None:
                transaction.remove_sessions(name)
            said = {**changes, "roles": list(_sorted(roles))} if roles is not None else changes
            transaction.audit("change-account", by, detail={"account": name, **said, **marked})
            return transaction.account(name)

    def from_provider(self, subject: Subject, by: By) -> Account:
        """Return the account of somebody whom the identity provider vouches for, made or brought up to date."""
        with self.store.writing() as transaction:
            known = transaction.account_of(subject.issuer, subject.subject)
            if known is None:
                return _added(transaction, subject, by)
            changes: dict[str, Any] = {}
            if subject.display_name and subject.display_name != known.display_name:
                changes["display_name"] = subject.display_name
            if subject.roles is not None and _sorted(subject.roles) != known.roles:
                changes["roles"] = _sorted(subject.roles)
            if changes:
                transaction.change_account(known.name, by.at_text, **changes)
                transaction.audit("change-account", by, detail={"account": known.name, **changes})
            return transaction.account(known.name)

    def _hashed(self, password: str | None, name: str) -> str | None:
        if password is None:
            return None
        refuse_weak(password, name)
        return self.passwords.hashed(password)

    def _refuse(self, transaction: Reading, before: Account, changes: dict[str, Any]) -> None:
        if "roles" in changes and before.issuer and self.provided:
            raise Conflict("The roles of this account come from the identity provider; change them there.")
        after = before.model_copy(update=changes)
        if _administers(before) and not _administers(after):
            others = (one for one in transaction.accounts() if one.name != before.name)
            if not any(_administers(one) for one in others):
                raise Conflict("This is the last account that administers accounts; make another one first.")


def normal(name: str) -> str:
    """Return a name as accounts have it; raises UsageError for one that none can have."""
    made = name.strip().casefold()
    if not _NAME.fullmatch(made):
        raise UsageError("a name has up to 100 letters a-z, digits and . _ @ + -, and begins with a letter or digit")
    return made


def _said_of(account: Account, kept: str | None) -> dict[str, Any]:
    """Return what the log says of a new account: all that lets somebody in, or that stands under what they sign."""
    said = {"account": account.name, "display_name": account.display_name, "roles": list(account.roles)}
    return {**said, "issuer": account.issuer, "subject": account.subject, "password_hash": mark(kept)}


def _administers(account: Account) -> bool:
    return Role.ADMINISTRATOR in account.roles and not account.disabled


def _sorted(roles: Iterable[Role]) -> tuple[Role, ...]:
    return tuple(sorted(set(roles)))


def _added(transaction: Writing, subject: Subject, by: By) -> Account:
    """Add an account under the name that the provider has for somebody, or one like it: names are never shared."""
    wanted = _NO_NAME.sub("-", subject.name.casefold()).strip("-._@+")[:90] or "person"
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    name = next(one for one in names if transaction.account_or_none(one) is None)
    account = Account(
        name=name,
        display_name=subject.display_name or name,
        roles=_sorted(subject.roles or ()),
        issuer=subject.issuer,
        subject=subject.subject,
        created_at=by.at_text,
        changed_at=by.at_text,
    )
    transaction.add_account(account, None)
    transaction.audit("add-account", by, detail={**_said_of(account, None), "from": "provider"})
    return account
