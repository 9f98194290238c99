"""What a transaction of the store can read and write of accounts, sessions and credentials."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from mrrt.errors import NotFound
from reporting import store_tables as tables
from reporting.access import Role
from reporting.identities import Account, Credential, CredentialKind, Session

_ACCOUNT, _SESSION, _CREDENTIAL = tables.account, tables.session, tables.credential
_FAILURE = tables.sign_in_failure
_OPEN_SESSION = (
    sa.select(_ACCOUNT, *(_SESSION.c[name] for name in ("digest", "csrf", "seen_at", "expires_at")))
    .select_from(_SESSION.join(_ACCOUNT, _SESSION.c.account == _ACCOUNT.c.name))
    .where(_SESSION.c.digest == sa.bindparam("wanted"))
)


class IdentityReading:
    """The questions about identities that the store answers."""

    _connection: Connection

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts by name."""
        rows = self._connection.execute(sa.select(_ACCOUNT).order_by(_ACCOUNT.c.name)).mappings()
        return tuple(_account(row) for row in rows)

    def account(self, name: str) -> Account:
        """Return an account; raises NotFound."""
        found = self._one_account(_ACCOUNT.c.name == name)
        if found is None:
            raise NotFound(f'there is no account "{name}"')
        return found

    def account_or_none(self, name: str) -> Account | None:
        """Return an account if there is one of the name."""
        return self._one_account(_ACCOUNT.c.name == name)

    def account_of(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a subject of an identity provider."""
        return self._one_account(sa.and_(_ACCOUNT.c.issuer == issuer, _ACCOUNT.c.subject == subject))

    def _one_account(self, which: sa.ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(sa.select(_ACCOUNT).where(which)).mappings().one_or_none()
        return None if row is None else _account(row)

    def password_hash(self, name: str) -> str | None:
        """Return the hash of an account's password, None where it has none."""
        return self._connection.scalar(sa.select(_ACCOUNT.c.password_hash).where(_ACCOUNT.c.name == name))

    def password_hashes(self) -> dict[str, str | None]:
        """Return the hashes of all passwords by the names of their accounts."""
        query = sa.select(_ACCOUNT.c.name, _ACCOUNT.c.password_hash)
        return {row.name: row.password_hash for row in self._connection.execute(query)}

    def secret_digests(self) -> dict[str, str]:
        """Return the digests of all secrets of software by the ids of their credentials."""
        query = sa.select(_CREDENTIAL.c.id, _CREDENTIAL.c.digest)
        return {row.id: row.digest for row in self._connection.execute(query)}

    def session(self, digest: str) -> Session | None:
        """Return a session with its account as it is now."""
        row = self._connection.execute(_OPEN_SESSION, {"wanted": digest}).mappings().one_or_none()
        if row is None:
            return None
        return Session(_account(row), row["digest"], row["csrf"], row["seen_at"], row["expires_at"])

    def credentials(self, *, access: bool = False) -> tuple[Credential, ...]:
        """Return tokens and clients, the latest first; access tokens are too many and too short-lived to list."""
        kinds = [kind.value for kind in CredentialKind if access or kind is not CredentialKind.ACCESS]
        query = sa.select(_CREDENTIAL).where(_CREDENTIAL.c.kind.in_(kinds))
        rows = self._connection.execute(query.order_by(_CREDENTIAL.c.created_at.desc(), _CREDENTIAL.c.id)).mappings()
        return tuple(_credential(row) for row in rows)

    def credential(self, digest: str) -> Credential | None:
        """Return what has a secret with this digest."""
        return self._one_credential(_CREDENTIAL.c.digest == digest)

    def credential_of(self, number: str) -> Credential | None:
        """Return the credential with an id."""
        return self._one_credential(_CREDENTIAL.c.id == number)

    def _one_credential(self, which: sa.ColumnElement[bool]) -> Credential | None:
        row = self._connection.execute(sa.select(_CREDENTIAL).where(which)).mappings().one_or_none()
        return None if row is None else _credential(row)

    def failures(self, *, account: str | None = None, source: str | None = None, since: str) -> tuple[str, ...]:
        """Return when attempts to sign in failed, the latest first: of an account, or from an address."""
        named = {"account": account, "source": source}
        same = [_FAILURE.c[name] == value for name, value in named.items() if value is not None]
        query = sa.select(_FAILURE.c.at).where(_FAILURE.c.at > since, *same).order_by(_FAILURE.c.at.desc())
        return tuple(self._connection.scalars(query))


class IdentityWriting(IdentityReading):
    """The changes that can be made to them."""

    def add_account(self, account: Account, password_hash: str | None) -> None:
        """Add an account; there must be none of its name."""
        row = account.model_dump(mode="json", exclude={"has_password"})
        row |= {"roles": _roles_text(account.roles), "password_hash": password_hash}
        self._connection.execute(sa.insert(_ACCOUNT).values(row))

    def change_account(self, name: str, at: str, **changes: Any) -> None:
        """Change columns of an account."""
        if "roles" in changes:
            changes["roles"] = _roles_text(changes["roles"])
        query = sa.update(_ACCOUNT).where(_ACCOUNT.c.name == name).values(changed_at=at, **changes)
        self._connection.execute(query)

    def add_session(self, account: str, digest: str, csrf: str, at: str, expires_at: str) -> None:
        """Add a session."""
        row = {"account": account, "digest": digest, "csrf": csrf}
        row |= {"created_at": at, "seen_at": at, "expires_at": expires_at}
        self._connection.execute(sa.insert(_SESSION).values(row))

    def touch_session(self, digest: str, at: str) -> None:
        """Note that a session is in use."""
        self._connection.execute(sa.update(_SESSION).where(_SESSION.c.digest == digest).values(seen_at=at))

    def remove_session(self, digest: str) -> None:
        """End a session."""
        self._connection.execute(sa.delete(_SESSION).where(_SESSION.c.digest == digest))

    def remove_sessions(self, account: str, but: str = "") -> None:
        """End the sessions of an account, but for one."""
        query = sa.delete(_SESSION).where(_SESSION.c.account == account, _SESSION.c.digest != but)
        self._connection.execute(query)

    def remove_old_sessions(self, now: str, idle_since: str) -> None:
        """Remove the sessions that are over."""
        over = sa.or_(_SESSION.c.expires_at <= now, _SESSION.c.seen_at <= idle_since)
        self._connection.execute(sa.delete(_SESSION).where(over))

    def add_credential(self, credential: Credential, digest: str) -> None:
        """Add a token, a client or an access token."""
        row = credential.model_dump(mode="json") | {"roles": _roles_text(credential.roles), "digest": digest}
        self._connection.execute(sa.insert(_CREDENTIAL).values(row))

    def revoke_credential(self, number: str, at: str) -> None:
        """Revoke a credential and the access tokens that were got with it."""
        same = sa.or_(_CREDENTIAL.c.id == number, _CREDENTIAL.c.client == number)
        self._connection.execute(sa.update(_CREDENTIAL).where(same).values(revoked_at=at))

    def touch_credential(self, number: str, at: str) -> None:
        """Note that a credential is in use."""
        self._connection.execute(sa.update(_CREDENTIAL).where(_CREDENTIAL.c.id == number).values(last_used_at=at))

    def remove_old_access(self, now: str) -> None:
        """Remove the access tokens that have expired."""
        old = (_CREDENTIAL.c.kind == CredentialKind.ACCESS, _CREDENTIAL.c.expires_at <= now)
        self._connection.execute(sa.delete(_CREDENTIAL).where(*old))

    def add_failure(self, account: str, source: str, at: str) -> None:
        """Note an attempt to sign in that failed, or that is not known yet to have succeeded."""
        self._connection.execute(sa.insert(_FAILURE).values(account=account, source=source, at=at))

    def remove_failure(self, account: str, source: str, at: str) -> None:
        """Forget one attempt, which succeeded, and the earlier ones of the same account from the same address."""
        same = (_FAILURE.c.account == account, _FAILURE.c.source == source, _FAILURE.c.at <= at)
        self._connection.execute(sa.delete(_FAILURE).where(*same))

    def remove_old_failures(self, before: str) -> None:
        """Forget attempts of long ago."""
        self._connection.execute(sa.delete(_FAILURE).where(_FAILURE.c.at <= before))


def _account(row: RowMapping) -> Account:
    columns = ("name", "display_name", "disabled", "issuer", "subject", "created_at", "changed_at")
    given = {name: row[name] for name in columns}
    return Account(**given, roles=_roles(row["roles"]), has_password=row["password_hash"] is not None)


def _credential(row: RowMapping) -> Credential:
    given = {name: row[name] for name in Credential.model_fields if name != "roles"}
    return Credential(**given, roles=_roles(row["roles"]))


def _roles(text: str) -> tuple[Role, ...]:
    """Return the roles that a row says; none where somebody damaged it, which the check of the database names."""
    try:
        said = json.loads(text)
    except ValueError:
        return ()
    return tuple(Role(one) for one in said if one in [*Role]) if isinstance(said, list) else ()


def _roles_text(roles: Iterable[Role]) -> str:
    return json.dumps(sorted(set(roles)))
