"""The use cases of software: tokens and clients that administrators make and revoke, and access tokens of clients.

Secrets are random, shown once, and stored as their SHA-256 alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mrrt.errors import Conflict, NotFound, UsageError
from reporting.access import Role
from reporting.audit_codes import Outcome
from reporting.errors import OAuthRefusal
from reporting.identities import Credential, CredentialKind, mark
from reporting.records import By, as_text
from reporting.sessions import attempt, digest, is_noted, network
from reporting.store import Store

PREFIX = "mrrt_"
"""How secrets begin, so that scanners of source code can find one that was left there."""
ACCESS = timedelta(hours=1)
"""How long an access token holds (RFC 6749 section 4.2.2: `expires_in`)."""
_TOUCHED = timedelta(minutes=1)
_QUEUE = "credentials"


class Made(Credential):
    """A token or client that was just made, with its secret, which is never shown again."""

    secret: str


@dataclass(frozen=True, slots=True)
class Access:
    """An access token that a client got."""

    secret: str
    seconds: int
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The use cases on one store."""

    store: Store

    def list(self) -> tuple[Credential, ...]:
        """Return tokens and clients, the latest first."""
        with self.store.reading() as transaction:
            return transaction.credentials()

    def make(
        self, name: str, roles: Iterable[Role], by: By, *, client: bool = False, expires_at: datetime | None = None
    ) -> Made:
        """Make a token, or a client that gets short-lived ones; raises Conflict for a name in use."""
        kind = CredentialKind.CLIENT if client else CredentialKind.TOKEN
        name, chosen = name.strip(), tuple(sorted(set(roles)))
        if not name or not chosen:
            raise UsageError("a token has a name and at least one role")
        until = None if expires_at is None else as_text(expires_at)
        if until is not None and until <= by.at_text:
            raise UsageError("a token expires in the future")
        made = _made(kind, name, chosen, by, until)
        with self.store.writing() as transaction:
            for one in transaction.credentials():
                if one.kind is kind and one.name == name and one.holds(by.at_text):
                    raise Conflict(f'There is a {kind} "{name}" already; revoke it first, or take another name.')
            transaction.add_credential(_shown(made), digest(made.secret))
            said = {"id": made.id, "kind": kind, "name": name, "roles": list(chosen), "expires_at": until}
            said["secret"] = mark(digest(made.secret))
            transaction.audit("make-token", by, detail=said)
        return made

    def revoke(self, number: str, by: By) -> Credential:
        """Revoke a token or client, with the access tokens that it got; raises NotFound. Again changes nothing."""
        with self.store.writing() as transaction:
            known = transaction.credential_of(number)
            if known is None or known.kind is CredentialKind.ACCESS:
                raise NotFound(f'there is no token or client "{number}"')
            if known.revoked_at is None:
                transaction.revoke_credential(number, by.at_text)
                transaction.audit("revoke-token", by, detail={"id": number, "name": known.name})
            return known if known.revoked_at else known.model_copy(update={"revoked_at": by.at_text})

    def recognised(self, secret: str, at: datetime) -> Credential | None:
        """Return the token with this secret, if it holds; notes about once a minute that it is in use."""
        now = as_text(at)
        with self.store.reading() as transaction:
            found = transaction.credential(digest(secret))
        if found is None or found.kind is CredentialKind.CLIENT or not found.holds(now):
            return None
        if found.last_used_at is None or found.last_used_at <= as_text(at - _TOUCHED):
            with self.store.writing(_QUEUE) as transaction:
                transaction.touch_credential(found.id, now)
        return found

    def exchange(self, client: str, secret: str, scope: str, by: By) -> Access:
        """Give a client an access token (RFC 6749 section 4.4); `scope` names some of its roles, or nothing for all.

        Raises OAuthRefusal, and TooMany after too many attempts.
        """
        key = digest(f"client {client}")
        with self.store.writing(_QUEUE) as transaction:
            attempt(transaction, key, by)
            known = transaction.credential_of(client) if client.isprintable() else None  # not every text can be kept
            right = known is not None and known.kind is CredentialKind.CLIENT and known.holds(by.at_text)
            right = right and transaction.credential(digest(secret)) == known
            if not right:
                said = {"method": "client", **({"client": client} if known else {})}
                transaction.audit("sign-in", by, outcome=Outcome.REFUSED, detail=said)
            else:
                transaction.remove_failure(key, network(by.source), by.at_text)
        if not right or known is None:
            raise OAuthRefusal("invalid_client", "The client is not known, was revoked, or has another secret.")
        return self._access(known, _scoped(known, scope), by)

    def _access(self, client: Credential, roles: tuple[Role, ...], by: By) -> Access:
        until = as_text(by.at + ACCESS)
        until = until if client.expires_at is None else min(until, client.expires_at)
        made = _made(CredentialKind.ACCESS, client.name, roles, by, until, client.id)
        with self.store.writing(_QUEUE) as transaction:
            now = transaction.credential_of(client.id)
            if now is None or not now.holds(by.at_text):
                raise OAuthRefusal("invalid_client", "The client was revoked.")
            transaction.remove_old_access(by.at_text)
            transaction.touch_credential(client.id, by.at_text)
            transaction.add_credential(_shown(made), digest(made.secret))
        seconds = int((datetime.fromisoformat(until) - by.at).total_seconds())
        return Access(made.secret, seconds, roles)

    def note_unknown(self, by: By) -> None:
        """Write into the audit log that a token did not hold, unless that happens all the time from this address."""
        with self.store.writing(_QUEUE) as transaction:
            if is_noted(transaction, "tokens", by):
                transaction.audit("sign-in", by, outcome=Outcome.REFUSED, detail={"method": "token"})


def _made(
    kind: CredentialKind, name: str, roles: tuple[Role, ...], by: By, until: str | None, client: str | None = None
) -> Made:
    return Made(
        id=secrets.token_hex(8),
        kind=kind,
        name=name,
        roles=roles,
        client=client,
        created_by=by.actor,
        created_at=by.at_text,
        expires_at=until,
        secret=PREFIX + secrets.token_urlsafe(32),
    )


def _shown(made: Made) -> Credential:
    return Credential(**made.model_dump(exclude={"secret"}))


def _scoped(client: Credential, scope: str) -> tuple[Role, ...]:
    """Return the roles that a scope names (RFC 6749 section 3.3); raises OAuthRefusal for those of others."""
    wanted = scope.split()
    if not set(wanted) <= set(client.roles):
        raise OAuthRefusal("invalid_scope", "The scope names roles that the client does not have.")
    return tuple(role for role in client.roles if role in wanted) if wanted else client.roles
