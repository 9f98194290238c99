"""Accounts, sessions and credentials on each kind of database; passwords by themselves.

1. A hash made with other parameters is made anew when its password is used.
2. Nobody learns from the time whether there is an account.
3. A thousand attempts at the same time count like a thousand one after the other.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from mrrt.errors import Conflict, NotFound, UsageError
from reporting.access import Kind, Permission, Principal, Role, everybody
from reporting.accounts import Accounts, Subject
from reporting.credentials import Credentials
from reporting.errors import NotSignedIn, OAuthRefusal, TooMany
from reporting.oidc import roles_of
from reporting.passwords import Passwords, refuse_weak
from reporting.sessions import PER_ACCOUNT, PER_ADDRESS, Sessions
from reporting.store import Store
from reporting.workflow import Workflow

from .site import START, by

PHRASE = "a phrase that nobody guesses"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@pytest.fixture
def store(workflow: Workflow) -> Store:
    return workflow.store


@pytest.fixture
def accounts(store: Store) -> Accounts:
    made = Accounts(store, Passwords(QUICK))
    made.add("sam", "Dr. Sam", [Role.SIGNER, Role.SIGNER], by("admin"), PHRASE)
    return made


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return Sessions(store, Passwords(QUICK), timedelta(hours=1), timedelta(hours=12))


def kept(store: Store) -> str:
    with store.reading() as transaction:
        return str(transaction.password_hash("sam"))


def test_a_session(accounts: Accounts, sessions: Sessions) -> None:
    made = sessions.sign_in("Sam", PHRASE, by(seconds=1))
    found = sessions.recognised(made.secret, START + timedelta(minutes=30))
    assert found is not None and found.account.principal == Principal(
        "sam", "Dr. Sam", frozenset({Role.SIGNER}), Kind.PERSON
    )
    assert sessions.recognised(made.digest, START) is None, "the digest is not the secret"
    assert sessions.recognised(made.secret, START + timedelta(minutes=91)) is None
    assert sessions.recognised(made.secret, START + timedelta(minutes=80), attended=False) is not None
    assert sessions.recognised(made.secret, START + timedelta(minutes=91)) is None, "it lasts no longer for a program"
    accounts.change("sam", by(), disabled=True)
    assert sessions.recognised(made.secret, START + timedelta(minutes=31)) is None
    with pytest.raises(NotSignedIn):
        sessions.sign_in("sam", PHRASE, by(seconds=2))


def test_a_password_that_is_changed_while_it_is_checked_lets_nobody_in(
    accounts: Accounts, sessions: Sessions, store: Store
) -> None:
    checked = kept(store)
    accounts.change("sam", by(), password="another phrase, just as long")
    with pytest.raises(NotSignedIn):
        sessions.begin(accounts.get("sam"), by(seconds=1), "password", kept=checked)
    assert sessions.begin(accounts.get("sam"), by(seconds=1), "password", kept=kept(store)).secret


def test_a_hash_of_other_parameters_is_made_anew(accounts: Accounts, store: Store) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=2048, parallelism=1))
    before = kept(store)
    sessions = Sessions(store, stronger, timedelta(hours=1), timedelta(hours=1))
    with pytest.raises(NotSignedIn):
        sessions.sign_in("sam", "wrong", by())
    assert kept(store) == before, "a wrong password changes nothing"
    sessions.sign_in("sam", PHRASE, by())
    after = kept(store)
    assert after != before and "m=2048,t=2" in after and stronger.matches(after, PHRASE)
    sessions.sign_in("sam", PHRASE, by())
    assert kept(store) == after


def test_attempts_at_the_same_time_are_counted(accounts: Accounts, sessions: Sessions) -> None:
    outcomes: list[type[Exception]] = []

    def attempt(number: int) -> None:
        try:
            sessions.sign_in("sam", f"guess {number}", by(seconds=number))
        except (NotSignedIn, TooMany) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(NotSignedIn) == PER_ACCOUNT and outcomes.count(TooMany) == 25 - PER_ACCOUNT


@pytest.mark.parametrize(
    ("addresses", "is_one"),
    [
        ([f"2001:db8:1:2::{number:x}" for number in range(60)], True),
        ([f"::ffff:192.0.2.{number}" for number in range(60)], False),
        ([f"192.0.2.{number}" for number in range(60)], False),
    ],
    ids=["of one network", "mapped", "IPv4"],
)
def test_a_network_of_addresses_is_one_place(sessions: Sessions, addresses: list[str], is_one: bool) -> None:
    def outcome(number: int, address: str) -> type[Exception]:
        with pytest.raises((NotSignedIn, TooMany)) as caught:
            sessions.sign_in(f"name{number}", "guess", replace(by(seconds=number), source=address))
        return caught.type

    outcomes = [outcome(number, address) for number, address in enumerate(addresses)]
    assert outcomes.count(TooMany) == (60 - PER_ADDRESS if is_one else 0)


def test_a_client_whose_name_nobody_can_have(store: Store) -> None:
    with pytest.raises(OAuthRefusal, match="not known"):
        Credentials(store).exchange("a\0b", "secret", "", by())


def test_accounts(accounts: Accounts, store: Store) -> None:
    assert accounts.get("SAM").roles == (Role.SIGNER,)
    with pytest.raises(Conflict):
        accounts.add("Sam", "", [], by())
    with pytest.raises(NotFound):
        accounts.change("nobody", by(), disabled=True)
    for name in ("", "a b", "token:x", "x" * 101, "\u00e4", "-x"):
        with pytest.raises(UsageError):
            accounts.add(name, "", [], by())
    with store.reading() as transaction:
        event = transaction.audit_after(0, 10)[-1]
    assert (event.action, event.actor) == ("add-account", "admin") and "argon2" not in event.detail


def test_somebody_of_the_provider(accounts: Accounts) -> None:
    def come(name: str, *roles: Role, subject: str = "1") -> Any:
        return accounts.from_provider(Subject("https://idp", subject, name, f"Dr. {name}", roles), by())

    first = come("Sam", Role.READER)
    assert first.name == "sam-2" and accounts.get("sam").issuer is None
    assert come("Other", Role.AUTHOR) == accounts.get("sam-2")
    assert accounts.get("sam-2").roles == (Role.AUTHOR,) and accounts.get("sam-2").display_name == "Dr. Other"
    assert come("J\u00fcrgen M\u00fcller", subject="2").name == "j-rgen-m-ller"
    assert come("\u674e", subject="3").name == "person"
    given_here = Subject("https://idp", "1", "sam", "", None)
    assert accounts.from_provider(given_here, by()).roles == (Role.AUTHOR,)


def test_credentials(store: Store) -> None:
    credentials = Credentials(store)
    token = credentials.make(" room ", [Role.DEVICE], by())
    found = credentials.recognised(token.secret, START)
    assert found is not None and found.principal.name == "token:room"
    client = credentials.make("ris", [Role.READER], by(), client=True, expires_at=START + timedelta(minutes=10))
    access = credentials.exchange(client.id, client.secret, "", by())
    assert access.seconds == 600, "no longer than the client itself"
    inside = credentials.recognised(access.secret, START)
    assert inside is not None and inside.principal.name == "client:ris"
    assert credentials.recognised(client.secret, START) is None
    for wrong in ((client.id, token.secret), (token.id, token.secret), ("", "")):
        with pytest.raises(OAuthRefusal):
            credentials.exchange(*wrong, "", by())
    credentials.revoke(client.id, by(seconds=5))
    assert credentials.recognised(access.secret, START + timedelta(seconds=6)) is None
    with pytest.raises(NotFound):
        credentials.revoke(inside.id, by())
    assert credentials.make("ris", [Role.READER], by(), client=True).id != client.id, "its name is free again"
    for name, roles in (("", [Role.READER]), ("x", [])):
        with pytest.raises(UsageError):
            credentials.make(name, roles, by())


class Counting(PasswordHasher):
    """Counts how often a hash is worked out."""

    worked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        self.worked += 1
        return super().verify(hash, password)  # type: ignore[return-value]


def test_a_name_that_is_not_there_costs_as_much_as_one_that_is(accounts: Accounts, store: Store) -> None:
    hasher = Counting(time_cost=1, memory_cost=1024, parallelism=1)
    sessions = Sessions(store, Passwords(hasher), timedelta(hours=1), timedelta(hours=1))
    accounts.add("empty", "", [], by())
    for count, name in enumerate(("sam", "nobody", "empty", "\u00e4\u00f6"), start=1):
        with pytest.raises(NotSignedIn):
            sessions.sign_in(name, "wrong", by())
        assert hasher.worked == count, name


@pytest.mark.parametrize("password", ["short", "x" * 12, "x" * 257, "sam", "samsamsamsam1", "abababababababab"])
def test_weak_passwords(password: str) -> None:
    with pytest.raises(UsageError):
        refuse_weak(password, "sam")


def test_passwords() -> None:
    refuse_weak("zw\u00f6lf Katzen im Schnee", "sam")
    passwords = Passwords(QUICK)
    hashed = passwords.hashed("zwo\u0308lf Katzen im Schnee")
    assert passwords.matches(hashed, "zw\u00f6lf Katzen im Schnee"), "the same letters, however they are typed"
    assert not passwords.matches(hashed, "zwolf Katzen im Schnee")
    assert not passwords.matches(None, "nobody has this password"), "the password that stands for nobody"
    assert not passwords.matches("no hash", "x")


def test_everybody() -> None:
    them = everybody("local user")
    assert all(them.may(permission) for permission in Permission) and them.kind is Kind.SITE


@pytest.mark.parametrize(
    ("claims", "claim", "roles"),
    [
        ({"roles": ["a", "b"]}, "roles", ("reader", "signer")),
        ({"roles": "b a"}, "roles", ("reader", "signer")),
        ({"x": {"y": ["b"]}}, "x.y", ("signer",)),
        ({"https://x.example/roles": ["a"]}, "https://x.example/roles", ("reader",)),
        ({"roles": None}, "roles", ()),
        ({"roles": [["a"]]}, "roles", ()),
        ({"x": ["y"]}, "x.y", ()),
        ({}, "roles", ()),
    ],
)
def test_roles_of_a_claim(claims: dict[str, Any], claim: str, roles: tuple[str, ...]) -> None:
    assert roles_of(claims, claim, (("a", Role.READER), ("b", Role.SIGNER))) == roles
