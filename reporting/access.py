"""Who may do what: roles, permissions, and the one table that gives each role its permissions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SignIn(StrEnum):
    """How people show who they are."""

    NONE = "none"
    """Not at all: everybody who reaches the server is the actor of the site; on this machine only."""
    LOCAL = "local"
    """With a name and a password that are kept here."""
    OIDC = "oidc"
    """With an identity provider (OpenID Connect), and with local accounts where somebody gave one a password."""


class Role(StrEnum):
    """What somebody is for the site; one person or program may have several."""

    READER = "reader"
    AUTHOR = "author"
    SIGNER = "signer"
    TEMPLATE_MANAGER = "template-manager"
    AUDITOR = "auditor"
    DEVICE = "device"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that not everybody may do."""

    READ_TEMPLATES = "read-templates"
    MANAGE_TEMPLATES = "manage-templates"
    READ_UNMAPPED = "read-unmapped"
    SEND_DOCUMENTS = "send-documents"
    READ_REPORTS = "read-reports"
    """Reports and the documents that they are filled from: whatever is of a patient."""
    EVALUATE = "evaluate"
    """Derive values without keeping anything; from documents that were received only with READ_REPORTS, too."""
    WRITE_REPORTS = "write-reports"
    SIGN_PRELIMINARY = "sign-preliminary"
    SIGN = "sign"
    """Finish a report, and whatever changes what readers outside see: revise, append, withdraw."""
    READ_AUDIT = "read-audit"
    RUN_JOBS = "run-jobs"
    """Start mining and audits, and read what they find."""
    MANAGE_JOBS = "manage-jobs"
    """See that jobs run, and stop them, without what they find."""
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_TOKENS = "manage-tokens"
    READ_TRIAL = "read-trial"
    """What the trial mode counted: how long reports took, without patient and reader."""
    MANAGE_TRIAL = "manage-trial"


_P = Permission
_READER = frozenset({_P.READ_TEMPLATES, _P.READ_REPORTS, _P.EVALUATE})
_AUTHOR = _READER | {_P.SEND_DOCUMENTS, _P.WRITE_REPORTS, _P.SIGN_PRELIMINARY}
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.READER: _READER,
    Role.AUTHOR: _AUTHOR,
    Role.SIGNER: _AUTHOR | {_P.SIGN},
    Role.TEMPLATE_MANAGER: frozenset({_P.READ_TEMPLATES, _P.MANAGE_TEMPLATES, _P.READ_UNMAPPED, _P.EVALUATE}),
    Role.AUDITOR: frozenset(
        {_P.READ_TEMPLATES, _P.READ_REPORTS, _P.READ_AUDIT, _P.RUN_JOBS, _P.MANAGE_JOBS, _P.READ_TRIAL}
    ),
    Role.DEVICE: frozenset({_P.SEND_DOCUMENTS}),
    Role.ADMINISTRATOR: frozenset(
        {_P.MANAGE_ACCOUNTS, _P.MANAGE_TOKENS, _P.MANAGE_JOBS, _P.READ_UNMAPPED, _P.READ_TRIAL, _P.MANAGE_TRIAL}
    ),
}
"""The table of docs/explanation/who-may-do-what.md; a test holds both equal."""


class Kind(StrEnum):
    """What somebody is."""

    SITE = "site"
    """The actor of a site without sign-in."""
    PERSON = "person"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was recognised: `name` stands in the audit log, `display_name` under what they sign.

    Names of accounts hold no colon; those of software begin with `token:`, `client:` or `oidc:`, so that no program
    can pass for a person.
    """

    name: str
    display_name: str
    roles: frozenset[Role]
    kind: Kind

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that one of their roles permits."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Tell whether one of their roles permits it."""
        return any(permission in PERMISSIONS[role] for role in self.roles)


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Return what roles permit together."""
    return frozenset(permission for role in roles for permission in PERMISSIONS[role])


def everybody(actor: str) -> Principal:
    """Return who everybody is at a site without sign-in: its actor, with all roles."""
    return Principal(actor, actor, frozenset(Role), Kind.SITE)
