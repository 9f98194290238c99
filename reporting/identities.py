"""What is stored about who may come in: accounts of people, their sessions, and the credentials of software."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from reporting.access import Kind, Principal, Role


def mark(kept: str | None) -> str | None:
    """Return what the audit log says of a hash that is kept, so that another one in its place shows.

    It is the SHA-256 of it. Nobody can try passwords against that, for the salt of the Argon2id hash is not in the log;
    the secrets of software are random.
    """
    return None if kept is None else sha256(kept.encode()).hexdigest()


class Account(BaseModel):
    """Somebody who may sign in; with an issuer and a subject it is one of the identity provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    display_name: str
    roles: tuple[Role, ...]
    disabled: bool = False
    has_password: bool = False
    issuer: str | None = None
    subject: str | None = None
    created_at: str
    changed_at: str

    @property
    def principal(self) -> Principal:
        """The account as somebody who acts."""
        return Principal(self.name, self.display_name, frozenset(self.roles), Kind.PERSON)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in."""

    account: Account
    digest: str
    csrf: str
    seen_at: str
    expires_at: str


class CredentialKind(StrEnum):
    """What software signs in with."""

    TOKEN = "token"
    """A secret that is sent with every request."""
    CLIENT = "client"
    """A secret that short-lived access tokens are got with (RFC 6749 section 4.4)."""
    ACCESS = "access"
    """Such an access token."""


class Credential(BaseModel):
    """A token or client, without its secret, which is stored nowhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: CredentialKind
    name: str
    roles: tuple[Role, ...]
    client: str | None = None
    created_by: str
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used_at: str | None = None

    @property
    def principal(self) -> Principal:
        """The software as somebody who acts; an access token acts as the client that got it."""
        kind = CredentialKind.CLIENT if self.kind is CredentialKind.ACCESS else self.kind
        return Principal(f"{kind}:{self.name}", self.name, frozenset(self.roles), Kind.SOFTWARE)

    def holds(self, now: str) -> bool:
        """Tell whether it was not revoked and has not expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
