"""Checks the rows that repeat what versions and the audit log say: found, counted and let in by, they must agree. Pure.

Rows of reports and of values are made from versions; accounts, tokens and clients are changed with an audit event each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reporting.audit_check import Finding, Kind
from reporting.identities import Account, Credential, CredentialKind, mark
from reporting.value_rows import Said

_SHOWN = 5
_ACCOUNTS = frozenset({"add-account", "change-account"})
_CREDENTIALS = frozenset({"make-token", "revoke-token"})
_OF_ACCOUNT = frozenset({"roles", "disabled", "display_name", "issuer", "subject", "password_hash"})
"""What events say of an account; those of earlier versions say less, and what they leave out is not compared."""


def column_findings(report: str, stored: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding where the row of a report repeats its versions wrongly."""
    signed = expected.get("signed_by") is not None
    unknown = signed and expected.get("signed_actor") is None  # of the first signatures: known from the log alone
    left_out = {"signed_actor"} if unknown else set()
    wrong = sorted(name for name in expected.keys() - left_out if stored[name] != expected[name])
    if wrong:
        said = f"The row of report {report} says something else than its versions: {_listed(wrong)}."
        yield Finding(kind=Kind.DISAGREES, report=report, message=said)


def value_findings(report: str, stored: Iterable[Said], expected: frozenset[Said]) -> Iterator[Finding]:
    """Yield a finding where the values that are searched and exported are not those of the version that counts."""
    wrong = sorted({one[0] for one in expected.symmetric_difference(stored)})
    if wrong:
        said = f"The values of report {report} that are searched and exported are not those of the version that counts"
        yield Finding(kind=Kind.DISAGREES, report=report, message=f"{said}: {_listed(wrong)}.")


def document_findings(report: str, stored: Iterable[str], expected: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding where the documents that a report is found by are not those that it was filled from."""
    if set(stored) != set(expected):
        said = f"The documents that report {report} is found by are not those of its latest version."
        yield Finding(kind=Kind.DISAGREES, report=report, message=said)


class IdentityCheck:
    """Follows accounts, tokens and clients through the log, and compares what is stored of them in the end."""

    def __init__(self) -> None:
        self._accounts: dict[str, dict[str, Any]] = {}
        self._credentials: dict[str, dict[str, Any]] = {}

    def seen(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Hand the rows of the log on, and note what those say that are about identities."""
        for row in rows:
            if row["action"] in _ACCOUNTS:
                self._note_account(json_object(row["detail"]))
            elif row["action"] in _CREDENTIALS:
                self._note_credential(row["action"], json_object(row["detail"]))
            yield row

    def _note_account(self, said: Mapping[str, Any]) -> None:
        known = self._accounts.setdefault(str(said.get("account")), {"roles": [], "disabled": False})
        known.update({name: said[name] for name in _OF_ACCOUNT & said.keys()})
        if known.get("password_hash") is True:  # an earlier version: there is another one, and nothing says which
            del known["password_hash"]

    def _note_credential(self, action: str, said: Mapping[str, Any]) -> None:
        known = self._credentials.setdefault(str(said.get("id")), {"revoked": False})
        known.update(said if action == "make-token" else {"revoked": True})

    def findings(
        self,
        accounts: Iterable[Account],
        credentials: Iterable[Credential],
        passwords: Mapping[str, str | None],
        secrets: Mapping[str, str],
    ) -> Iterator[Finding]:
        """Yield what of them the log does not account for; passwords and secrets are hashes, by name and by id."""
        stored = {
            one.name: {**one.model_dump(mode="json"), "password_hash": mark(passwords.get(one.name))}
            for one in accounts
        }
        yield from _compared("Account", stored, self._accounts)
        listed = {
            one.id: self._shown(one, mark(secrets.get(one.id)))
            for one in credentials
            if one.kind is not CredentialKind.ACCESS
        }
        yield from _compared("Token or client", listed, self._credentials)

    def _shown(self, one: Credential, secret: str | None) -> dict[str, Any]:
        said = {"id": one.id, "kind": one.kind.value, "name": one.name, "roles": [*one.roles]}
        return {**said, "revoked": one.revoked_at is not None, "expires_at": one.expires_at, "secret": secret}


def access_findings(credentials: Iterable[Credential]) -> Iterator[Finding]:
    """Yield the access tokens that no client can have got: they hold for an hour, and no event tells of them."""
    every = list(credentials)
    clients = {one.id: frozenset(one.roles) for one in every if one.kind is CredentialKind.CLIENT}
    for one in every:
        if one.kind is CredentialKind.ACCESS and not set(one.roles) <= clients.get(one.client or "", frozenset()):
            said = f"Access token {one.id} has roles that no client could have got for it."
            yield Finding(kind=Kind.INSERTED, message=said)


def _compared(what: str, stored: Mapping[str, Any], logged: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for name in sorted(stored.keys() | logged.keys()):
        if name not in logged:
            yield Finding(kind=Kind.INSERTED, message=f"{what} {name} has no audit event: it was put in.")
        elif name not in stored:
            yield Finding(kind=Kind.REMOVED, message=f"{what} {name} is gone; the log tells of it.")
        elif wrong := sorted(key for key in logged[name] if stored[name].get(key) != logged[name][key]):
            said = f"{what} {name} is not what the log last says of it: {_listed(wrong)}."
            yield Finding(kind=Kind.DISAGREES, message=said)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def json_object(text: str) -> Mapping[str, Any]:
    """Return what an event says beyond its columns; one that was altered may say anything."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
