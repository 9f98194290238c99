"""Signing in with an identity provider: a real one, on loopback, that can also be made to lie.

1. Authorization code with PKCE, state and nonce; an account is made at the first sign-in, and follows the provider.
2. Whatever is wrong with the answer or the token, nobody is signed in, and the audit log says why.
3. Access tokens of the provider let software in, if they are meant for this server.
"""

from __future__ import annotations

import base64
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from api.app import create_app
from mrrt.errors import UsageError
from reporting import oidc_discovery
from reporting.access import Role
from reporting.config import Settings, settings

from ..reporting.site import by, site
from .conftest import OWN, V1, TestClient
from .provider import CLIENT, SECRET, Provider

AUDIENCE = "mrrt api"
CALLBACK = f"{V1}/session/oidc/callback"


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    made = Provider()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def provider(served: Provider) -> Provider:
    for name in ("person", "spoil", "forge"):
        setattr(served, name, _FRESH[name]())
    served.shown = served.keys
    return served


_FRESH: dict[str, Callable[[], Any]] = {
    "person": lambda: {
        **{"sub": "0815", "preferred_username": "E.Muster", "name": "Dr. Erika Muster"},
        "realm_access": {"roles": ["radiologists", "something else"]},
    },
    "spoil": lambda: lambda _header, _claims: None,
    "forge": lambda: lambda token: token,
}


@pytest.fixture
def browser(provider: Provider, tmp_path: Path) -> Iterator[TestClient]:
    """A browser of a site with this provider."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", "utf-8")
    given = {
        "oidc_issuer": provider.address,
        "oidc_client_id": CLIENT,
        "oidc_client_secret_file": secret,
        "oidc_roles_claim": "realm_access.roles",
        "oidc_roles": "radiologists=signer, it=administrator",
        "oidc_audience": AUDIENCE,
    }
    app = create_app(site(tmp_path, sign_in="oidc", **given))
    with TestClient(app, OWN, follow_redirects=False, raise_server_exceptions=False) as made:
        yield made


def led(browser: TestClient) -> str:
    """Go to the provider, and return the address that it leads the browser back to."""
    there = browser.get(f"{V1}/session/oidc")
    assert there.status_code == 303 and "SameSite=lax" in there.headers["set-cookie"]
    back = httpx.get(there.headers["location"])
    assert back.status_code == 303, back.text
    return back.headers["location"].removeprefix(OWN)


def reason(browser: TestClient) -> str:
    with browser.app.state.context.workflow.store.reading() as transaction:  # type: ignore[attr-defined]
        last = transaction.audit_after(transaction.last_audit_number() - 1, 1)[0]
    assert (last.actor, last.action, last.outcome) == ("anonymous", "sign-in", "refused")
    said: str = json.loads(last.detail)["reason"]
    return said


def refused(browser: TestClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 303 and answer.headers["location"] == "/#/sign-in/refused"
    assert "mrrt_session" not in answer.headers["set-cookie"]
    assert browser.get(f"{V1}/session").json()["name"] is None
    return reason(browser)


def test_signing_in(browser: TestClient, provider: Provider) -> None:
    assert browser.get(f"{V1}/session").json()["methods"] == ["oidc", "password"]
    answer = browser.get(led(browser))
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    who = browser.get(f"{V1}/session").json()
    assert (who["name"], who["display_name"], who["roles"]) == ("e.muster", "Dr. Erika Muster", ["signer"])
    assert browser.get(f"{V1}/reports").status_code == 200
    provider.person |= {"name": "Dr. Erika Beispiel", "realm_access": {"roles": ["it"]}, "preferred_username": "other"}
    browser.get(led(browser))
    who = browser.get(f"{V1}/session").json()
    assert (who["name"], who["display_name"], who["roles"]) == ("e.muster", "Dr. Erika Beispiel", ["administrator"])
    [account] = browser.app.state.context.identity.accounts.list()  # type: ignore[attr-defined]
    assert (account.issuer, account.subject) == (provider.address, "0815")


def test_nobody_becomes_a_local_account_by_its_name(browser: TestClient) -> None:
    accounts = browser.app.state.context.identity.accounts  # type: ignore[attr-defined]
    accounts.add("e.muster", "The administrator", [Role.ADMINISTRATOR], by())
    browser.get(led(browser))
    who = browser.get(f"{V1}/session").json()
    assert who["name"] == "e.muster-2" and who["roles"] == ["signer"]


def test_roles_from_the_provider_are_not_changed_here(browser: TestClient) -> None:
    browser.get(led(browser))
    accounts = browser.app.state.context.identity.accounts  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="come from the identity provider"):
        accounts.change("e.muster", by(), roles=[Role.AUDITOR])
    accounts.change("e.muster", by(), disabled=True)
    assert browser.get(f"{V1}/reports").status_code == 401
    answer = browser.get(led(browser))
    assert answer.headers["location"] == "/#/sign-in/refused", "a disabled account is not let in by the provider"


def test_a_wrong_state(browser: TestClient) -> None:
    address = led(browser)
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert refused(browser, f"{CALLBACK}?code={code}&state=guess") == "state"
    assert refused(browser, f"{CALLBACK}?state=") == "state"


def test_nobody_fills_the_audit_log(browser: TestClient) -> None:
    for _ in range(30):
        assert browser.get(f"{CALLBACK}?code=a&state=guess").headers["location"] == "/#/sign-in/refused"
    with browser.app.state.context.workflow.store.reading() as transaction:  # type: ignore[attr-defined]
        assert transaction.last_audit_number() == 20


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("Dr. Sam\n\nAddendum\nNo stenosis.", "Dr. Sam Addendum No stenosis."),
        ("Dr. \u202emaS", "Dr.  maS"),
        ("Sam\0", "Sam"),
        ("\u200b ", "e.muster"),
        ("S" * 9000, "S" * 200),
        ("Jürgen O’Brien-Łukasz 山田", "Jürgen O’Brien-Łukasz 山田"),
    ],
)
def test_what_somebody_is_called_is_one_plain_line(
    browser: TestClient, provider: Provider, called: str, shown: str
) -> None:
    provider.person["name"] = called
    assert browser.get(led(browser)).headers["location"] == "/"
    assert browser.get(f"{V1}/session").json()["display_name"] == shown


def test_the_answer_for_another_browser(browser: TestClient) -> None:
    address = led(browser)
    browser.cookies.clear()
    assert refused(browser, address) == "state"
    led(browser)  # which begins anew: another state
    assert refused(browser, address) == "state"


def test_a_code_counts_once_and_for_who_asked(browser: TestClient) -> None:
    address = led(browser)
    kept = browser.cookies["mrrt_oidc"]
    browser.get(address)
    browser.cookies.clear()
    browser.cookies.set("mrrt_oidc", kept)
    assert refused(browser, address) == "provider: HTTPStatusError"
    address = led(browser)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert refused(browser, f"{CALLBACK}?code=other&state={state}") == "provider: HTTPStatusError"


def tampered(token: str) -> str:
    head, _, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    claims["sub"] = "somebody else"
    return f"{head}.{_text(claims)}.{signature}"


def unsigned(token: str) -> str:
    return f"{_text({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def with_public_key_as_secret(provider: Provider) -> Callable[[str], str]:
    """The key that everybody knows, used as a shared secret (RFC 8725 section 2.1)."""

    def forged(token: str) -> str:
        signed = f"{_text({'alg': 'HS256', 'kid': 'one'})}.{token.split('.')[1]}"
        secret = provider.keys.keys[0].as_pem(private=False)  # type: ignore[union-attr]
        signature = hmac.digest(secret, signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return forged


def by_other_key(token: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))


def _text(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


FORGED: list[tuple[Callable[[str], str], str]] = [
    (tampered, "token: BadSignatureError"),
    (by_other_key, "token: BadSignatureError"),
    (unsigned, "token: UnsupportedAlgorithmError"),
    (lambda token: token[:-10], "token: BadSignatureError"),
    (lambda _: "x", "token: DecodeError"),
    (lambda _: "", "token: DecodeError"),
]


@pytest.mark.parametrize(("forge", "said"), FORGED)
def test_a_token_that_the_provider_did_not_sign(
    browser: TestClient, provider: Provider, forge: Callable[[str], str], said: str
) -> None:
    address = led(browser)
    provider.forge = forge
    assert refused(browser, address) == said


def test_the_public_key_is_no_shared_secret(browser: TestClient, provider: Provider) -> None:
    address = led(browser)
    provider.forge = with_public_key_as_secret(provider)
    assert refused(browser, address) == "token: UnsupportedAlgorithmError"


SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"nonce": "another"}, "nonce"),
    ({"nonce": None}, "nonce"),
    ({"aud": "somebody else"}, "token: InvalidClaimError"),
    ({"aud": [CLIENT, "somebody else"]}, "azp"),
    ({"aud": []}, "token: InvalidClaimError"),
    ({"iss": "https://evil.example"}, "token: InvalidClaimError"),
    ({"exp": 1_700_000_000}, "token: ExpiredTokenError"),
    ({"exp": None}, "token: MissingClaimError"),
    ({"exp": "never"}, "token: InvalidClaimError"),
    ({"nbf": 4_000_000_000}, "token: InvalidClaimError"),
    ({"iat": 4_000_000_000}, "token: InvalidClaimError"),
    ({"sub": None}, "token: MissingClaimError"),
]


@pytest.mark.parametrize(("claims", "said"), SPOILT, ids=str)
def test_a_token_with_a_wrong_claim(browser: TestClient, provider: Provider, claims: dict[str, Any], said: str) -> None:
    address = led(browser)
    provider.spoil = lambda _, own: own.update(claims)
    assert refused(browser, address) == said


def test_keys_change_and_unknown_ones_do_not_make_us_ask_all_the_time(browser: TestClient, provider: Provider) -> None:
    browser.get(led(browser))
    browser.cookies.clear()
    before = provider.asked_for_keys
    provider.spoil = lambda header, _: header.update(kid="unknown")
    for _ in range(5):
        assert refused(browser, led(browser)) == "token: InvalidKeyIdError"
        browser.cookies.clear()
    assert provider.asked_for_keys - before <= 1
    discovery_of(browser).tried_at = None  # a while later
    new = RSAKey.generate_key(2048, {"kid": "two"}, auto_kid=False)
    provider.shown = KeySet([*provider.keys.keys, new])
    provider.spoil = lambda header, _: header.update(kid="two")
    address = led(browser)
    provider.forge = lambda token: jwt.encode({"alg": "RS256", "kid": "two"}, claims_of(token), new)
    assert browser.get(address).headers["location"] == "/"


def discovery_of(browser: TestClient) -> oidc_discovery.Discovery:
    app: Any = browser.app
    found: oidc_discovery.Discovery = app.state.context.identity.provider.discovery
    return found


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def test_a_provider_that_is_away(tmp_path: Path) -> None:
    given = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    with TestClient(create_app(site(tmp_path, sign_in="oidc", **given)), OWN, follow_redirects=False) as browser:
        assert browser.get(f"{V1}/session/oidc").headers["location"] == "/#/sign-in/refused"
        assert reason(browser) == "provider: ConnectError"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a provider that takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_provider_that_hangs_holds_few(tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_discovery, "_PATIENCE", 3.0)
    given = {"oidc_issuer": silent, "oidc_client_id": CLIENT, "oidc_audience": AUDIENCE}
    with TestClient(create_app(site(tmp_path, sign_in="oidc", **given)), OWN, follow_redirects=False) as browser:
        with ThreadPoolExecutor(40) as crowd:
            asked = [crowd.submit(browser.get, f"{V1}/session/oidc") for _ in range(40)]
            done, waiting = wait(asked, timeout=2.0)
            answers = [one.result() for one in done]
            assert len(waiting) <= 8 and {one.status_code for one in answers} == {503}
            assert all(int(one.headers["Retry-After"]) > 0 for one in answers)
            assert answers[0].json()["type"] == "urn:mrrt:problem:provider-busy"
            assert browser.get("/healthz").status_code == 200
            refused = [one.result().headers["location"] for one in waiting]
        assert set(refused) == {"/#/sign-in/refused"}
        began = time.monotonic()
        assert browser.get(f"{V1}/session/oidc").headers["location"] == "/#/sign-in/refused"
        assert time.monotonic() - began < 2, "that it did not answer is remembered for a moment"


def test_a_certificate_that_nobody_vouches_for_is_told_from_a_provider_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        try:
            raise ssl.SSLCertVerificationError("self-signed certificate")
        except ssl.SSLError as error:
            raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]") from error

    monkeypatch.setattr(httpx, "request", failing)
    given = {"oidc_issuer": "https://login.invalid", "oidc_client_id": CLIENT}
    with TestClient(create_app(site(tmp_path, sign_in="oidc", **given)), OWN, follow_redirects=False) as browser:
        browser.get(f"{V1}/session/oidc")
        assert reason(browser) == "provider: SSLCertVerificationError"


def test_what_a_provider_said_holds_while_it_is_away(browser: TestClient, provider: Provider) -> None:
    browser.get(led(browser))
    discovery = discovery_of(browser)
    assert discovery.found_at is not None
    discovery.found_at -= timedelta(hours=2)
    discovery.issuer = "http://127.0.0.1:9"
    answer = browser.get(f"{V1}/session/oidc")
    assert answer.headers["location"].startswith(f"{provider.address}/authorize")


def test_a_provider_that_calls_itself_by_another_name(provider: Provider, tmp_path: Path) -> None:
    given = {"oidc_issuer": provider.address + "/", "oidc_client_id": CLIENT}
    with TestClient(create_app(site(tmp_path, sign_in="oidc", **given)), OWN, follow_redirects=False) as browser:
        browser.get(f"{V1}/session/oidc")
        assert reason(browser).startswith("provider: it calls itself")


def test_access_tokens_let_software_in(browser: TestClient, provider: Provider) -> None:
    def ask(token: str) -> Any:
        return browser.get(f"{V1}/session", headers={"Authorization": f"Bearer {token}"}).json()

    who = ask(provider.token(AUDIENCE))
    assert (who["name"], who["kind"], who["roles"]) == ("oidc:0815", "software", ["signer"])
    assert ask(provider.token(CLIENT))["name"] is None, "an ID token is no access token"
    assert ask(provider.token("other"))["name"] is None
    assert ask(provider.token(AUDIENCE, exp=1_700_000_000))["name"] is None
    assert ask(tampered(provider.token(AUDIENCE)))["name"] is None
    assert ask(unsigned(provider.token(AUDIENCE)))["name"] is None
    browser.get(led(browser))
    browser.cookies.clear()
    who = ask(provider.token(AUDIENCE))
    assert (who["name"], who["kind"]) == ("e.muster", "person"), "it speaks for the person that it was given to"
    browser.app.state.context.identity.accounts.change("e.muster", by(), disabled=True)  # type: ignore[attr-defined]
    assert ask(provider.token(AUDIENCE))["name"] is None


def test_local_accounts_work_beside_the_provider(browser: TestClient) -> None:
    accounts = browser.app.state.context.identity.accounts  # type: ignore[attr-defined]
    accounts.add("ada", "Ada", [Role.ADMINISTRATOR], by(), "a phrase for the day that it is away")
    body = {"name": "ada", "password": "a phrase for the day that it is away"}
    assert browser.post(f"{V1}/session", json=body).status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sign_in": "oidc"}, "MRRT_OIDC_ISSUER"),
        ({"sign_in": "oidc", "oidc_issuer": "http://idp.example", "oidc_client_id": "x"}, "OIDC_ISSUER"),
        ({"oidc_client_id": "x", "oidc_audience": "x"}, "client id"),
        ({"oidc_roles": "a=king"}, "OIDC_ROLES"),
        ({"oidc_roles": "a"}, "OIDC_ROLES"),
        ({"public_url": "https://a.example/path"}, "PUBLIC_URL"),
        ({"public_url": "http://a.example"}, "PUBLIC_URL"),
        ({"sign_in": "maybe"}, "SIGN_IN"),
    ],
)
def test_wrong_settings(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        settings(**given)


def test_a_secret_is_not_printed(tmp_path: Path) -> None:
    made = Settings(oidc_client_secret="hush")  # type: ignore[arg-type]
    assert "hush" not in repr(made) and made.oidc_secret == "hush"
    with pytest.raises(UsageError, match="SECRET_FILE"):
        _ = Settings(oidc_client_secret_file=tmp_path / "none").oidc_secret
