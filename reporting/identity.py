"""Who asks, and whether they may: the one decision, made of what a request shows.

Which operation needs what is in api/permissions.py, which role permits what in reporting/access.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reporting.access import Kind, Permission, Principal, Role, SignIn, everybody
from reporting.accounts import Accounts, Subject
from reporting.audit_codes import Outcome
from reporting.config import Settings
from reporting.credentials import PREFIX, Credentials
from reporting.errors import Forbidden, NotSignedIn, WrongToken
from reporting.identities import Session
from reporting.oidc import Provider
from reporting.passwords import Passwords
from reporting.records import By
from reporting.sessions import NewSession, Sessions, is_noted
from reporting.store import Store

NOBODY = "anonymous"
"""The actor of what happens before anybody is known."""


class Open(StrEnum):
    """What needs no permission."""

    ANYONE = "anyone"
    """Not even a sign-in."""
    SIGNED_IN = "signed in"
    """Only that: no role is asked for."""


Needed = Permission | Open


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of who sends it: the cookie of a session, with its CSRF token, or a bearer token.

    `unsafe` says that the request may change something (RFC 9110 section 9.2.1), `unattended` that a program made it
    by itself, so that the session does not last longer for it.
    """

    cookie: str = ""
    csrf: str = ""
    bearer: str = ""
    unsafe: bool = False
    unattended: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who sends a request; the session, if that is how they are known."""

    principal: Principal
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything about who may come in, on one store."""

    sign_in: SignIn
    actor: str
    store: Store
    accounts: Accounts
    sessions: Sessions
    credentials: Credentials
    provider: Provider | None

    def admit(self, operation: str, needed: Needed, shown: Shown, by: By) -> Recognised | None:
        """Return who asks, None where nobody has to be known; raises NotSignedIn, Forbidden or WrongToken."""
        found = self._recognised(shown, by.at)
        if needed is Open.ANYONE:
            return found
        if found is None:
            if shown.bearer:
                self.credentials.note_unknown(by)
            raise NotSignedIn("Sign in first, or send a token that holds.")
        if found.session is not None and shown.unsafe:
            _refuse_other_pages(found.session, shown)
        if isinstance(needed, Permission) and not found.principal.may(needed):
            self._note_refusal(operation, needed, found.principal, by)
            raise Forbidden(f'You have no role that permits this; it takes "{needed}".')
        return found

    def permit(self, operation: str, one_of: Sequence[Permission], principal: Principal, by: By) -> None:
        """Raise Forbidden unless somebody has one of these permissions."""
        if not any(principal.may(one) for one in one_of):
            self._note_refusal(operation, one_of[0], principal, by)
            raise Forbidden(f'You have no role that permits this; it takes "{one_of[0]}".')

    def from_provider(self, secret: str, state: str, code: str, redirect: str, by: By, old: str) -> NewSession:
        """Begin a session of somebody whom the identity provider vouches for; raises NotSignedIn."""
        assert self.provider is not None
        try:
            subject = self.provider.finish(secret, state, code, redirect, by.at)
        except NotSignedIn as error:
            self.note_failed(str(error), by)
            raise
        account = self.accounts.from_provider(subject, by)
        return self.sessions.begin(account, by, "oidc", old)

    def note_failed(self, reason: str, by: By) -> None:
        """Write into the audit log that the provider did not vouch for somebody, unless that happens all the time."""
        with self.store.writing("refusals") as transaction:
            if is_noted(transaction, "oidc", by):
                detail = {"method": "oidc", "reason": reason}
                transaction.audit("sign-in", by, outcome=Outcome.REFUSED, detail=detail)

    def _recognised(self, shown: Shown, at: datetime) -> Recognised | None:
        if self.sign_in is SignIn.NONE:
            return Recognised(everybody(self.actor))
        if shown.bearer:
            principal = self._bearer(shown.bearer, at)
            return None if principal is None else Recognised(principal)
        session = self.sessions.recognised(shown.cookie, at, not shown.unattended) if shown.cookie else None
        return None if session is None else Recognised(session.account.principal, session)

    def _bearer(self, token: str, at: datetime) -> Principal | None:
        if token.startswith(PREFIX):
            credential = self.credentials.recognised(token, at)
            return None if credential is None else credential.principal
        subject = None if self.provider is None else self.provider.access(token, at)
        return None if subject is None else self._of_provider(subject)

    def _of_provider(self, subject: Subject) -> Principal | None:
        """Return whom an access token of the provider speaks for: an account of ours, else software."""
        with self.store.reading() as transaction:
            account = transaction.account_of(subject.issuer, subject.subject)
        if account is None:
            roles: frozenset[Role] = frozenset(subject.roles or ())
            return Principal(f"oidc:{subject.subject}", subject.display_name or subject.name, roles, Kind.SOFTWARE)
        if account.disabled:
            return None
        given = account.roles if subject.roles is None else subject.roles
        return replace(account.principal, roles=frozenset(given))

    def _note_refusal(self, operation: str, needed: Permission, principal: Principal, by: By) -> None:
        them = replace(by, actor=principal.name, name=principal.display_name)
        with self.store.writing("refusals") as transaction:
            detail = {"operation": operation, "needed": needed}
            transaction.audit("refuse", them, outcome=Outcome.REFUSED, detail=detail)


def open_identity(site: Settings, store: Store, passwords: Passwords | None = None) -> Identity:
    """Return everything about who may come in, as the settings have it."""
    hashing = passwords or Passwords()
    provider = Provider(site) if site.sign_in is SignIn.OIDC else None
    idle, lifetime = timedelta(minutes=site.session_idle_minutes), timedelta(hours=site.session_hours)
    accounts = Accounts(store, hashing, provided=bool(site.oidc_roles))
    if site.sign_in is not SignIn.NONE:
        hashing.warm()
    sessions = Sessions(store, hashing, idle, lifetime)
    return Identity(site.sign_in, site.actor, store, accounts, sessions, Credentials(store), provider)


def _refuse_other_pages(session: Session, shown: Shown) -> None:
    if not secrets.compare_digest(session.csrf.encode(), shown.csrf.encode("utf-8", "surrogatepass")):
        raise WrongToken("The request has not the X-CSRF-Token of its session, which GET /api/v1/session gives.")
