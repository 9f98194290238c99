"""Signing in and out, tokens and clients, accounts: over HTTP, as browsers and programs do it.

1. A cookie that scripts cannot read, of a session of which only the SHA-256 is stored; a new one at each sign-in.
2. What changes something needs the token of the session, and pages of other sites cannot send it.
3. Nobody learns whether there is an account; too many attempts have to wait.
4. What an administrator changes acts at once.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.app import create_app
from mrrt.errors import UsageError
from reporting.access import Role
from reporting.config import Settings
from reporting.identity import Identity
from reporting.records import By

from ..reporting.site import START, counting, site
from .conftest import OWN, V1, TestClient
from .test_error_shape import assert_problem

PHRASE = "a phrase that nobody guesses"
OTHER = "another phrase, just as long"


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: int) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seconds() -> int:
    """How long a stream of events lasts."""
    return 0


@pytest.fixture
def browser(tmp_path: Path, clock: Clock, seconds: int) -> Iterator[TestClient]:
    """A browser, not signed in, of a site where "sam" is a signer and "ada" an administrator."""
    app = create_app(site(tmp_path, sign_in="local", events_seconds=seconds), clock=clock, new_id=counting())
    people = app.state.context.identity.accounts
    people.add("sam", "Dr. Sam Signer", [Role.SIGNER], By("test", START), PHRASE)
    people.add("ada", "Ada", [Role.ADMINISTRATOR], By("test", START))
    with TestClient(app, OWN, raise_server_exceptions=False) as made:
        yield made


def identity(browser: TestClient) -> Identity:
    made: Identity = browser.app.state.context.identity  # type: ignore[attr-defined]
    return made


def sign_in(browser: TestClient, name: str = "sam", password: str = PHRASE) -> Any:
    return browser.post(f"{V1}/session", json={"name": name, "password": password})


def carry(browser: TestClient, secret: str) -> None:
    """Let the browser have this cookie and no other."""
    browser.cookies.clear()
    browser.cookies.set("mrrt_session", secret, domain="127.0.0.1", path="/")


def enter(browser: TestClient, name: str) -> dict[str, str]:
    """Give the browser a session without a password, and return the headers that its page sends."""
    people = identity(browser)
    account, now = people.accounts.get(name), browser.app.state.context.clock()  # type: ignore[attr-defined]
    made = people.sessions.begin(account, By("test", now), "test")
    carry(browser, made.secret)
    return {"X-CSRF-Token": made.csrf}


def rows(browser: TestClient, query: str) -> list[Any]:
    url = browser.app.state.context.settings.database_url  # type: ignore[attr-defined]
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        found = list(connection.execute(sa.text(query)))
    engine.dispose()
    return found


def actions(browser: TestClient) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in rows(browser, "SELECT actor, action, outcome FROM audit_event ORDER BY id")]


def test_signing_in_and_out(browser: TestClient) -> None:
    nobody = browser.get(f"{V1}/session").json()
    assert nobody["name"] is None and nobody["csrf_token"] is None and nobody["methods"] == ["password"]
    answer = sign_in(browser, " SAM ")
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    secret = browser.cookies["mrrt_session"]
    [(kept, csrf)] = rows(browser, "SELECT digest, csrf FROM session")
    assert kept == sha256(secret.encode()).hexdigest() and len(secret) >= 43
    who = browser.get(f"{V1}/session").json()
    assert who == answer.json() and who["csrf_token"] == csrf
    assert (who["name"], who["display_name"], who["roles"]) == ("sam", "Dr. Sam Signer", ["signer"])
    assert "sign" in who["permissions"] and "manage-accounts" not in who["permissions"]
    assert browser.get(f"{V1}/reports").status_code == 200
    assert browser.delete(f"{V1}/session", headers={"X-CSRF-Token": csrf}).status_code == 204
    carry(browser, secret)
    assert browser.get(f"{V1}/reports").status_code == 401, "the server forgot the session, not only the browser"
    assert actions(browser)[-3:] == [("sam", one, "success") for one in ("sign-in", "search", "sign-out")]


def test_each_sign_in_begins_a_session_of_its_own(browser: TestClient) -> None:
    sign_in(browser)
    first = browser.cookies["mrrt_session"]
    sign_in(browser)
    assert browser.cookies["mrrt_session"] != first
    assert len(rows(browser, "SELECT digest FROM session")) == 1
    carry(browser, "planted by somebody")
    sign_in(browser)
    assert "planted" not in browser.cookies["mrrt_session"]


def test_who_acts_is_who_signed_in(browser: TestClient) -> None:
    headers = enter(browser, "sam")
    report = browser.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=headers).json()["id"]
    edits = {"edits": [{"field": "conclusion", "value": "normal"}]}
    assert browser.patch(f"{V1}/reports/{report}", json=edits, headers=headers).status_code == 200
    seen = {"acknowledge": [{"rule": "C2", "field": "comparison"}]}
    signed = browser.post(f"{V1}/reports/{report}/sign", json=seen, headers=headers).json()
    assert signed["signed_by"] == "Dr. Sam Signer" and signed["signatures"][0]["actor"] == "sam"
    assert actions(browser)[-1] == ("sam", "sign", "success")
    assert rows(browser, "SELECT DISTINCT source FROM audit_event WHERE action = 'sign'") == [("testclient",)]


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "guess"}, {"X-CSRF-Token": "\xe9"}])
def test_what_changes_something_needs_the_token_of_the_session(browser: TestClient, headers: dict[str, str]) -> None:
    right = enter(browser, "sam")
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in (
        ("POST", "reports"),
        ("PATCH", "reports/r1"),
        ("DELETE", "session"),
        ("PUT", "session/password"),
    ):
        answer = browser.request(method, f"{V1}/{path}", headers=raw)
        assert_problem(answer)
        assert answer.json()["type"] == "urn:mrrt:problem:wrong-token", path
    assert browser.get(f"{V1}/reports", headers=raw).status_code == 200, "what only reads needs none"
    foreign = {**right, "Origin": "https://evil.example"}
    assert browser.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=foreign).status_code == 403
    assert browser.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=right).status_code == 201


@pytest.mark.parametrize(
    ("name", "password"),
    [("sam", "wrong"), ("nobody", PHRASE), ("ada", PHRASE), ("sam", PHRASE + " "), ("' OR 1=1 --", "x"), ("sam", "\0")],
    ids=["password", "name", "no password", "blank", "injection", "nul"],
)
def test_a_refusal_does_not_tell_why(browser: TestClient, name: str, password: str) -> None:
    answer = sign_in(browser, name, password)
    assert_problem(answer)
    assert answer.status_code == 401 and "set-cookie" not in answer.headers
    assert answer.json()["detail"] == "Name or password is wrong, or the account is disabled."
    assert actions(browser)[-1] == ("anonymous", "sign-in", "refused")
    [(detail,)] = rows(browser, "SELECT detail FROM audit_event ORDER BY id DESC LIMIT 1")
    assert ("account" in detail) is (name in ("sam", "ada")), "a password in the wrong field would stay in the log"


@pytest.mark.parametrize("name", ["sam", "nobody"])
def test_too_many_attempts_have_to_wait(browser: TestClient, clock: Clock, name: str) -> None:
    for _ in range(10):
        assert sign_in(browser, name, "wrong").status_code == 401
        clock.pass_(seconds=1)
    for password in ("wrong", PHRASE):
        answer = sign_in(browser, name, password)
        assert_problem(answer)
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 891
    clock.pass_(seconds=891)
    assert sign_in(browser, name, PHRASE).status_code == (200 if name == "sam" else 401)


def test_a_success_forgets_the_mistakes_before(browser: TestClient) -> None:
    for _ in range(2):
        for _ in range(9):
            sign_in(browser, "sam", "wrong")
        assert sign_in(browser).status_code == 200


def test_an_address_that_tries_many_names_has_to_wait(browser: TestClient) -> None:
    with identity(browser).store.writing() as transaction:
        for number in range(50):
            transaction.add_failure(f"name {number}", "testclient", By("", START).at_text)
    assert sign_in(browser).status_code == 429


def test_a_session_ends_when_nobody_uses_it_and_after_a_day_of_work(browser: TestClient, clock: Clock) -> None:
    enter(browser, "sam")
    for _ in range(11):
        clock.pass_(minutes=59)
        assert browser.get(f"{V1}/reports").status_code == 200, "in use, it goes on"
    clock.pass_(minutes=61)
    assert browser.get(f"{V1}/reports").status_code == 401
    enter(browser, "sam")
    for _ in range(14):
        clock.pass_(minutes=50)
        browser.get(f"{V1}/reports")
    clock.pass_(minutes=21)
    assert browser.get(f"{V1}/reports").status_code == 401, "twelve hours are over"


@pytest.mark.parametrize(
    ("path", "headers", "latest"),
    [
        ("reports", {}, 200),
        ("reports", {"X-Unattended": "1"}, 401),
        ("events", {}, 401),
        ("reports/r1/history/right_psv", {}, 401),
    ],
    ids=["somebody", "a page by itself", "a stream", "a picture"],
)
def test_a_page_that_nobody_uses_keeps_no_session(
    browser: TestClient, clock: Clock, path: str, headers: dict[str, str], latest: int
) -> None:
    enter(browser, "sam")
    for _ in range(3):
        clock.pass_(minutes=25)
        answer = browser.get(f"{V1}/{path}", headers=headers)
    assert answer.status_code == latest


@pytest.mark.parametrize("seconds", [60])
def test_a_stream_ends_with_its_session(browser: TestClient) -> None:
    elsewhere = TestClient(browser.app, OWN)
    headers = enter(elsewhere, "sam")
    cookies, heard = dict(elsewhere.cookies), []

    def listen() -> None:
        heard.append(TestClient(browser.app, OWN, cookies=cookies).get(f"{V1}/events", headers={"Last-Event-ID": "0"}))

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert elsewhere.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=headers).status_code == 201
    assert elsewhere.delete(f"{V1}/session", headers=headers).status_code == 204
    listener.join(5.5)
    assert listener.is_alive(), "nothing happened that it could have told"
    writing = enter(elsewhere, "sam")
    assert elsewhere.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=writing).status_code == 201
    listener.join(5)
    assert not listener.is_alive(), "it ended"
    assert heard[0].text.count("event: report.created") == 1, "and did not tell what came after the session"


def test_what_an_administrator_changes_acts_at_once(browser: TestClient) -> None:
    elsewhere = TestClient(browser.app, OWN)
    admin = enter(elsewhere, "ada")
    enter(browser, "sam")

    def change(**change: Any) -> Any:
        return elsewhere.patch(f"{V1}/accounts/sam", json=change, headers=admin)

    assert browser.get(f"{V1}/reports").status_code == 200
    assert change(roles=["administrator"]).json()["roles"] == ["administrator"]
    assert browser.get(f"{V1}/reports").status_code == 403
    assert change(roles=["reader"]).status_code == 200
    assert browser.get(f"{V1}/reports").status_code == 200
    assert change(disabled=True).json()["disabled"] is True
    assert browser.get(f"{V1}/reports").status_code == 401
    assert sign_in(browser).status_code == 401
    assert change(disabled=False).status_code == 200
    assert browser.get(f"{V1}/reports").status_code == 401, "the session does not come back"
    assert sign_in(browser).status_code == 200
    assert change(password=OTHER).status_code == 200
    assert browser.get(f"{V1}/reports").status_code == 401
    assert "password_hash" not in str(actions(browser)) and "argon2" not in change(roles=["reader"]).text


def test_accounts(browser: TestClient) -> None:
    headers = enter(browser, "ada")
    made = browser.post(f"{V1}/accounts", json={"name": "New.One", "roles": ["reader"]}, headers=headers)
    assert made.status_code == 201 and made.json()["name"] == "new.one" and made.json()["has_password"] is False
    assert browser.get(made.headers["Location"]).json() == made.json()
    assert [one["name"] for one in browser.get(f"{V1}/accounts").json()] == ["ada", "new.one", "sam"]
    assert browser.post(f"{V1}/accounts", json={"name": "new.ONE"}, headers=headers).status_code == 409
    for body in (
        {"name": "a b"},
        {"name": "token:x"},
        {"name": "x", "password": "short"},
        {"name": "x", "password": "x" * 20},
        {"name": "longish.name", "password": "longish.name1"},
        {"name": "x", "roles": ["king"]},
    ):
        assert_problem(browser.post(f"{V1}/accounts", json=body, headers=headers), body)
    half = b'{"name": "x", "password": "' + b"\\ud800" * 20 + b'"}'
    as_json = {**headers, "Content-Type": "application/json"}
    assert_problem(browser.post(f"{V1}/accounts", content=half, headers=as_json))
    assert_problem(browser.patch(f"{V1}/accounts/none", json={}, headers=headers))
    for last in ({"roles": []}, {"disabled": True}):
        answer = browser.patch(f"{V1}/accounts/ada", json=last, headers=headers)
        assert answer.status_code == 409 and "last account" in answer.json()["detail"]


def test_changing_ones_own_password(browser: TestClient) -> None:
    headers = enter(browser, "sam")
    first = browser.cookies["mrrt_session"]
    wrong = {"present": "wrong", "new": OTHER}
    assert browser.put(f"{V1}/session/password", json=wrong, headers=headers).status_code == 401
    weak = {"present": PHRASE, "new": "short"}
    assert browser.put(f"{V1}/session/password", json=weak, headers=headers).status_code == 400
    right = {"present": PHRASE, "new": OTHER}
    answer = browser.put(f"{V1}/session/password", json=right, headers=headers)
    assert answer.status_code == 200 and browser.get(f"{V1}/reports").status_code == 200
    carry(browser, first)
    assert browser.get(f"{V1}/reports").status_code == 401
    assert sign_in(browser).status_code == 401 and sign_in(browser, password=OTHER).status_code == 200


def test_tokens(browser: TestClient, clock: Clock) -> None:
    headers = enter(browser, "ada")
    until = (START + timedelta(days=2)).isoformat()
    wanted = {"name": "room 2", "roles": ["reader", "device"], "expires_at": until}
    made = browser.post(f"{V1}/tokens", json=wanted, headers=headers)
    assert made.status_code == 201
    secret, number = made.json()["secret"], made.json()["id"]
    assert secret.startswith("mrrt_") and len(secret) >= 48
    assert secret not in browser.get(f"{V1}/tokens").text
    [(digest, name)] = rows(browser, "SELECT digest, name FROM credential")
    assert (digest, name) == (sha256(secret.encode()).hexdigest(), "room 2")
    assert browser.post(f"{V1}/tokens", json=wanted, headers=headers).status_code == 409, "names say who it was"
    for wrong in (
        {"roles": []},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "tomorrow"},
        {"kind": "access"},
    ):
        assert_problem(browser.post(f"{V1}/tokens", json={**wanted, "name": "other", **wrong}, headers=headers), wrong)
    bearer = {"Authorization": f"Bearer {secret}"}
    cookies = dict(browser.cookies)
    browser.cookies.clear()
    who = browser.get(f"{V1}/session", headers=bearer).json()
    assert (who["name"], who["kind"], who["roles"]) == ("token:room 2", "software", ["device", "reader"])
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 200
    assert browser.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=bearer).status_code == 403
    clock.pass_(days=2)
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 401
    assert actions(browser)[-1] == ("anonymous", "sign-in", "refused")
    clock.now = START
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 200
    browser.cookies.update(cookies)
    for _ in range(2):
        assert browser.delete(f"{V1}/tokens/{number}", headers=headers).json()["revoked_at"]
    assert browser.delete(f"{V1}/tokens/none", headers=headers).status_code == 404
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 401, (
        "a token that is shown counts, not the cookie"
    )


def test_use_of_a_token_is_noted_once_a_minute(browser: TestClient, clock: Clock) -> None:
    made = identity(browser).credentials.make("reader", [Role.READER], By("test", START))
    used = []
    for _ in range(4):
        browser.get(f"{V1}/session", headers={"Authorization": f"Bearer {made.secret}"})
        used.append(identity(browser).credentials.list()[0].last_used_at)
        clock.pass_(seconds=31)
    assert used[0] == used[1] and used[2] == used[3] and used[0] != used[2]


def test_a_flood_of_wrong_tokens_does_not_fill_the_audit_log(browser: TestClient) -> None:
    for number in range(30):
        browser.get(f"{V1}/reports", headers={"Authorization": f"Bearer mrrt_{number}"})
    failures = [one for one in actions(browser) if one[2] == "refused"]
    assert len(failures) == 20
    assert sign_in(browser).status_code == 200, "people at the same address are not kept out by it"


@pytest.fixture
def client_of(browser: TestClient) -> Callable[..., tuple[str, str]]:
    def made(*roles: Role) -> tuple[str, str]:
        client = identity(browser).credentials.make("ris", roles, By("test", START), client=True)
        return client.id, client.secret

    return made


ClientOf = Callable[..., tuple[str, str]]


def test_client_credentials(browser: TestClient, client_of: ClientOf, clock: Clock) -> None:
    pair = client_of(Role.READER, Role.DEVICE)
    form = {"grant_type": "client_credentials"}
    by_header = browser.post(f"{V1}/oauth/token", data=form, auth=pair)
    in_form = {**form, "client_id": pair[0], "client_secret": pair[1], "scope": "reader"}
    by_form = browser.post(f"{V1}/oauth/token", data=in_form)
    for answer, scope in ((by_header, "device reader"), (by_form, "reader")):
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        body = answer.json()
        assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, scope)
        bearer = {"Authorization": f"Bearer {body['access_token']}"}
        assert browser.get(f"{V1}/reports", headers=bearer).status_code == 200
        assert browser.get(f"{V1}/session", headers=bearer).json()["name"] == "client:ris"
    as_token = {"Authorization": f"Bearer {pair[1]}"}
    assert browser.get(f"{V1}/reports", headers=as_token).status_code == 401, "the secret of a client is no token"
    clock.pass_(hours=1)
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 401
    answer = browser.post(f"{V1}/oauth/token", data=form, auth=pair)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert len(rows(browser, "SELECT id FROM credential WHERE kind = 'access'")) == 1, "old ones are removed"
    identity(browser).credentials.revoke(pair[0], By("test", clock.now))
    assert browser.get(f"{V1}/reports", headers=bearer).status_code == 401
    assert browser.post(f"{V1}/oauth/token", data=form, auth=pair).status_code == 401


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("grant_type=password", "unsupported_grant_type"),
        ("", "invalid_request"),
        ("grant_type", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&scope=signer", "invalid_scope"),
        ("grant_type=client_credentials&client_secret=twice", "invalid_request"),
        ("\xff", "invalid_request"),
    ],
)
def test_what_rfc_6749_refuses(browser: TestClient, client_of: ClientOf, form: str, code: str) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    pair = client_of(Role.READER)
    answer = browser.post(f"{V1}/oauth/token", content=form.encode("latin-1"), auth=pair, headers=kind)
    assert_problem(answer)
    assert answer.status_code == 400 and answer.json()["error"] == code


def test_a_client_that_is_not_who_it_says(browser: TestClient, client_of: ClientOf) -> None:
    number, secret = client_of(Role.READER)
    form = {"grant_type": "client_credentials"}
    for pair in ((number, "wrong"), ("none", secret), (number, ""), ("", "")):
        answer = browser.post(f"{V1}/oauth/token", data=form, auth=pair)
        assert_problem(answer)
        assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    for _ in range(10):
        last = browser.post(f"{V1}/oauth/token", data=form, auth=(number, "wrong"))
    assert last.status_code == 429
    assert_problem(browser.post(f"{V1}/oauth/token", json=form))
    garbled = {"Authorization": "Basic ???", "Content-Type": "application/x-www-form-urlencoded"}
    assert_problem(browser.post(f"{V1}/oauth/token", content=b"grant_type=client_credentials", headers=garbled))


def test_an_independent_client_library_gets_a_token(browser: TestClient, client_of: ClientOf) -> None:
    with warnings.catch_warnings(record=True):  # it would rather have httpx2, too
        from authlib.integrations.httpx_client import OAuth2Client

    number, secret = client_of(Role.READER)
    with OAuth2Client(number, secret, transport=browser._transport) as theirs:
        token = theirs.fetch_token(f"{OWN}{V1}/oauth/token", grant_type="client_credentials", scope="reader")
        assert token["expires_in"] == 3600 and token["scope"] == "reader"
        assert theirs.get(f"{OWN}{V1}/reports").status_code == 200


PUBLIC = "https://reports.example"


@pytest.fixture
def public(tmp_path: Path, clock: Clock) -> Iterator[TestClient]:
    """A browser of a site behind a proxy that speaks TLS; the proxy asks over plain HTTP."""
    app = create_app(site(tmp_path, sign_in="local", public_url=PUBLIC), clock=clock)
    app.state.context.identity.accounts.add("sam", "Sam", [Role.SIGNER], By("test", START), PHRASE)
    with TestClient(app, "http://127.0.0.1:8000") as made:
        yield made


def test_behind_tls_the_cookie_is_for_tls_and_this_host_alone(public: TestClient) -> None:
    headers = {"Host": "reports.example", "Origin": PUBLIC}
    answer = public.post(f"{V1}/session", json={"name": "sam", "password": PHRASE}, headers=headers)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-mrrt=") and "Secure" in cookie and "Domain" not in cookie


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "reports.example"}, 200),
        ({"Host": "REPORTS.example:443"}, 200),
        ({"Host": "reports.example", "Origin": PUBLIC}, 200),
        ({"Host": "127.0.0.1:8000"}, 200),
        ({"Host": "reports.example", "Origin": "http://reports.example"}, 403),
        ({"Host": "reports.example", "Origin": "https://reports.example.evil.example"}, 403),
        ({"Host": "127.0.0.1:8000", "Origin": PUBLIC}, 403),
        ({"Host": "other.example"}, 421),
        ({"Host": "reports.example:8443"}, 421),
        ({"Host": "reports.example.evil.example"}, 421),
    ],
)
def test_only_the_own_address_is_answered(public: TestClient, headers: dict[str, str], status: int) -> None:
    assert public.get(f"{V1}/health", headers=headers).status_code == status


def test_without_sign_in_there_is_nothing_to_sign_in_to(client: TestClient) -> None:
    assert client.post(f"{V1}/session", json={"name": "sam", "password": PHRASE}).status_code == 409
    who = client.get(f"{V1}/session").json()
    assert (who["name"], who["kind"], who["methods"]) == ("local user", "site", [])
    assert len(who["roles"]) == len(Role) and client.delete(f"{V1}/session").status_code == 204
    assert client.get(f"{V1}/session/oidc").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "0.0.0.0"}, "without sign-in"),
        ({"host": "reports.example", "public_url": PUBLIC}, "without sign-in"),
        ({"public_url": PUBLIC}, "without sign-in"),  # behind a proxy on the same machine
        ({"host": "0.0.0.0", "sign_in": "local"}, "MRRT_PUBLIC_URL"),
    ],
)
def test_a_door_that_would_stand_open_is_not_opened(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        create_app(site(tmp_path, **given))


def test_settings_of_signing_in() -> None:
    assert Settings(public_url="https://Reports.Example:443/").public_url == PUBLIC
