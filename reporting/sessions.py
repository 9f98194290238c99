"""The use cases of browsers: signing in, being recognised by a cookie, signing out, a new password of one's own.

Of a session only the SHA-256 of its random cookie is stored.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, ip_address, ip_network

from mrrt.errors import UsageError
from reporting.accounts import normal
from reporting.audit_codes import Outcome
from reporting.errors import NotSignedIn, TooMany
from reporting.identities import Account, Session, mark
from reporting.passwords import Passwords, refuse_weak
from reporting.records import By, as_text
from reporting.store import Store
from reporting.store_transaction import Writing

WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 10, 50
"""So many attempts may fail within the window, with one name and from one address."""
_NOTED = 20
"""So many refusals of one kind are written into the audit log for one address within the window."""
_TOUCHED = timedelta(minutes=1)
_QUEUE = "sign-in"
"""What attempts wait for each other under, so that a thousand at the same time are counted as one after the other."""
WRONG = "Name or password is wrong, or the account is disabled."


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just begun; `secret` goes into the cookie and is known to nobody else."""

    secret: str
    csrf: str
    account: Account
    digest: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """The use cases on one store; `idle` and `lifetime` say when a browser has to sign in again."""

    store: Store
    passwords: Passwords
    idle: timedelta
    lifetime: timedelta

    def sign_in(self, name: str, password: str, by: By, old: str | None = None) -> NewSession:
        """Begin a session with a password; `old` is the cookie of one that it replaces.

        Raises NotSignedIn without saying what is wrong, and TooMany after too many attempts, for names that there are
        and for those that there are not.
        """
        account, kept = self._checked(name, password, by)
        return self.begin(account, by, "password", old, kept)

    def begin(
        self, account: Account, by: By, method: str, old: str | None = None, kept: str | None = None
    ) -> NewSession:
        """Begin a session of somebody who is known now.

        Raises NotSignedIn if the account was disabled meanwhile, or has another password than the one that was
        checked, of which the hash is `kept`.
        """
        made = NewSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), account, "")
        made = replace(made, digest=digest(made.secret))
        them = replace(by, actor=account.name, name=account.display_name)
        with self.store.writing(_QUEUE) as transaction:
            changed = kept is not None and transaction.password_hash(account.name) != kept
            if changed or transaction.account(account.name).disabled:
                raise NotSignedIn(WRONG)
            transaction.remove_old_sessions(by.at_text, as_text(by.at - self.idle))
            if old:
                transaction.remove_session(digest(old))
            transaction.add_session(
                account.name, made.digest, made.csrf, by.at_text, as_text(by.at + self.lifetime)
            )  # fmt: skip
            transaction.audit("sign-in", them, detail={"method": method})
        return made

    def recognised(self, secret: str, at: datetime, attended: bool = True) -> Session | None:
        """Return the session of a cookie, if it has not ended; notes about once a minute that somebody is using it."""
        with self.store.reading() as transaction:
            found = transaction.session(digest(secret))
        now = as_text(at)
        if found is None or found.account.disabled or found.expires_at <= now:
            return None
        if found.seen_at <= as_text(at - self.idle):
            return None
        if attended and found.seen_at <= as_text(at - _TOUCHED):
            with self.store.writing(_QUEUE) as transaction:
                transaction.touch_session(found.digest, now)
        return found

    def sign_out(self, session: Session, by: By) -> None:
        """End a session."""
        with self.store.writing(_QUEUE) as transaction:
            transaction.remove_session(session.digest)
            transaction.audit("sign-out", by)

    def change_password(self, session: Session, present: str, new: str, by: By) -> NewSession:
        """Give the account of a session another password; all its sessions end, and one begins."""
        name = session.account.name
        refuse_weak(new, name)
        self._checked(name, present, by)
        kept = self.passwords.hashed(new)
        with self.store.writing() as transaction:
            transaction.change_account(name, by.at_text, password_hash=kept)
            transaction.remove_sessions(name)
            transaction.audit("change-account", by, detail={"account": name, "password_hash": mark(kept)})
        return self.begin(session.account, by, "password")

    def _checked(self, name: str, password: str, by: By) -> tuple[Account, str]:
        """Return the account that has this name and password, and the hash; raises NotSignedIn and TooMany."""
        key = digest(name.strip().casefold())
        with self.store.writing(_QUEUE) as transaction:
            attempt(transaction, key, by)  # counted before it is known how it ends
        found = self._matching(name, password, by)
        if found is None:
            raise NotSignedIn(WRONG)
        with self.store.writing(_QUEUE) as transaction:
            transaction.remove_failure(key, network(by.source), by.at_text)
        return found

    def _matching(self, name: str, password: str, by: By) -> tuple[Account, str] | None:
        with self.store.reading() as transaction:
            known = transaction.account_or_none(_normal_or_none(name) or "")
            kept = None if known is None else transaction.password_hash(known.name)
        if self.passwords.matches(kept, password) and known is not None and kept is not None and not known.disabled:
            return known, self._rehashed(known, password, kept, by) if self.passwords.outdated(kept) else kept
        detail = {"method": "password"}
        if known is not None:  # another text may be a password that was typed into the wrong field
            detail["account"] = known.name
        with self.store.writing(_QUEUE) as transaction:
            transaction.audit("sign-in", by, outcome=Outcome.REFUSED, detail=detail)
        return None

    def _rehashed(self, account: Account, password: str, kept: str, by: By) -> str:
        """Hash a password anew, unless it was changed since it was checked."""
        anew = self.passwords.hashed(password)
        with self.store.writing(_QUEUE) as transaction:
            if transaction.password_hash(account.name) != kept:
                return kept
            transaction.change_account(account.name, by.at_text, password_hash=anew)
            said = {"account": account.name, "password_hash": mark(anew), "rehashed": True}
            transaction.audit("change-account", replace(by, actor=account.name), detail=said)
        return anew


def attempt(transaction: Writing, key: str, by: By) -> None:
    """Count an attempt; raises TooMany where the name or the address has failed too often within the window."""
    since, place = as_text(by.at - WINDOW), network(by.source)
    transaction.remove_old_failures(since)
    for most, failed in (
        (PER_ACCOUNT, transaction.failures(account=key, since=since)),
        (PER_ADDRESS, transaction.failures(source=place, since=since) if place else ()),
    ):
        if len(failed) >= most:
            until = datetime.fromisoformat(failed[most - 1]) + WINDOW
            raise TooMany(int((until - by.at).total_seconds()) + 1)
    transaction.add_failure(key, place, by.at_text)


def is_noted(transaction: Writing, kind: str, by: By) -> bool:
    """Tell whether a refusal goes into the audit log, which anybody could fill: not if it happens all the time."""
    key, since = digest(f"{kind} from {network(by.source)}"), as_text(by.at - WINDOW)
    transaction.remove_old_failures(since)
    if len(transaction.failures(account=key, since=since)) >= _NOTED:
        return False
    transaction.add_failure(key, "", by.at_text)
    return True


def network(source: str) -> str:
    """Return what stands for an address where attempts are counted.

    Of IPv6 that is the network: whoever has one address there has all 2^64 (RFC 4291 section 2.5.1).
    """
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv4Address):
        return source
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((int(address), 64), strict=False))


def digest(secret: str) -> str:
    """Return what is stored of a random secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _normal_or_none(name: str) -> str | None:
    try:
        return normal(name)
    except UsageError:
        return None
