"""The proxy that we hand a file out for (deploy/nginx.conf): a real nginx in front of a real server.

1. TLS as it says: old versions are refused, HTTP/2 is offered, HSTS is sent; the cookie is for this host alone.
2. The audit log knows the address that a request came from; the name of a request is the same on both sides.
3. Figures and probes are for the machine alone.
4. Events are heard at once; what one may not send is refused before it is sent; a large document comes through.
5. No log holds the address of a request, which may name a patient, not even where the server is away.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from reporting.access import Role, SignIn
from reporting.config import Settings
from reporting.identity import open_identity
from reporting.records import By
from reporting.store import open_store

from .proxy import NAME, proxied
from .server import free_port, serving, wait_until_ready

pytestmark = pytest.mark.peer
PHRASE = "a phrase that nobody guesses"


@dataclass(frozen=True)
class House:
    """A department: a server with sign-in behind the proxy."""

    port: int
    certificate: Path
    errors: Path
    server_log: Path
    token: str

    def client(self, source: str = "127.0.0.1", **more: Any) -> httpx.Client:
        """Return a client that speaks TLS to the proxy, from a loopback address."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        transport = httpx.HTTPTransport(verify=context, local_address=source)
        return httpx.Client(base_url=f"https://127.0.0.1:{self.port}", transport=transport, timeout=30, **more)

    def call(self, method: str, path: str, source: str = "127.0.0.1", **more: Any) -> httpx.Response:
        """Send a request to the name of the server, as a program with a token unless it has other headers."""
        headers = {"Host": f"{NAME}:{self.port}", **more.pop("headers", {"Authorization": f"Bearer {self.token}"})}
        with self.client(source) as http:
            return http.request(method, path, headers=headers, extensions={"sni_hostname": NAME}, **more)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A department that nobody has used yet."""
    folder, port, inner = tmp_path_factory.mktemp("house"), free_port(), free_port()
    url = f"sqlite:///{folder / 'reports.sqlite'}"
    identity = open_identity(Settings(database_url=url, sign_in=SignIn.LOCAL), open_store(url))
    by = By("test", datetime.now(UTC))
    identity.accounts.add("sam", "Dr. Sam", [Role.SIGNER], by, PHRASE)
    token = identity.credentials.make("ris", [Role.AUTHOR, Role.AUDITOR], by).secret
    public = {"MRRT_SIGN_IN": "local", "MRRT_PUBLIC_URL": f"https://{NAME}:{port}"}
    log = folder / "server.log"
    with serving(log, url, inner, **public), proxied(folder, port, inner) as errors:
        wait_until_ready(inner)
        yield House(port, folder / "fullchain.pem", errors, log, token)


@contextmanager
def secured(house: House, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Connect to the proxy, as something that is no client of HTTP."""
    plain = socket.create_connection(("127.0.0.1", house.port), 10)
    with plain, context.wrap_socket(plain, server_hostname=NAME) as secure:
        yield secure


def negotiated(house: House, version: ssl.TLSVersion) -> str | None:
    """Return the protocol that is spoken over this version of TLS."""
    context = ssl.create_default_context(cafile=str(house.certificate))
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secured(house, context) as secure:
        return secure.selected_alpn_protocol()


def test_tls(house: House) -> None:  # 1
    assert negotiated(house, ssl.TLSVersion.TLSv1_3) == negotiated(house, ssl.TLSVersion.TLSv1_2) == "h2"
    with pytest.warns(DeprecationWarning), pytest.raises((ssl.SSLError, ConnectionError)):
        negotiated(house, ssl.TLSVersion.TLSv1_1)
    answer = house.call("GET", "/")
    assert answer.status_code == 200 and "max-age=63072000" in answer.headers["Strict-Transport-Security"]


def test_signing_in(house: House) -> None:  # 1
    who = {"name": "sam", "password": PHRASE}
    own = {"Origin": f"https://{NAME}:{house.port}"}
    answer = house.call("POST", "/api/v1/session", json=who, headers=own)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mrrt=") and "Secure" in cookie and "HttpOnly" in cookie
    assert house.call("POST", "/api/v1/session", json=who, headers={"Origin": f"https://{NAME}"}).status_code == 403
    with house.client() as http:
        assert http.get("/api/v1/health", extensions={"sni_hostname": NAME}).status_code == 200, "loopback is ours"
        named = {"Host": "evil.example"}
        assert http.get("/api/v1/health", headers=named, extensions={"sni_hostname": NAME}).status_code == 421


def test_who_asked_from_where(house: House) -> None:  # 2
    made = house.call("POST", "/api/v1/reports", source="127.0.0.7", json={"template": "us-carotid-duplex"})
    assert made.status_code == 201
    event = house.call("GET", f"/api/v1/audit?report={made.json()['id']}").json()["events"][-1]
    assert event["source"] == "127.0.0.7" and event["request_id"] == made.headers["X-Request-ID"]
    forged = {"Authorization": f"Bearer {house.token}", "X-Forwarded-For": "10.0.0.1", "X-Request-ID": "chosen-by-me"}
    made = house.call("POST", "/api/v1/reports", json={"template": "us-carotid-duplex"}, headers=forged)
    event = house.call("GET", f"/api/v1/audit?report={made.json()['id']}").json()["events"][-1]
    assert event["source"] == "127.0.0.1" and event["request_id"] != "chosen-by-me"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_figures_are_for_the_machine_alone(house: House, path: str) -> None:  # 3
    assert house.call("GET", path).status_code == 200
    assert house.call("GET", path, source="127.0.0.9").status_code == 403


def test_events_are_heard_at_once(house: House) -> None:  # 4
    headers = {"Host": f"{NAME}:{house.port}", "Authorization": f"Bearer {house.token}"}
    heard: list[str] = []
    began = threading.Event()

    def listen() -> None:
        own = {"headers": headers, "extensions": {"sni_hostname": NAME}}
        with house.client() as http, http.stream("GET", "/api/v1/events", **own) as answer:
            for line in answer.iter_lines():
                began.set()
                heard.append(line)
                if "report.created" in line:
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert began.wait(10)
    house.call("POST", "/api/v1/reports", json={"template": "us-carotid-duplex"})
    listener.join(5)
    assert not listener.is_alive(), heard


def test_what_one_may_not_send_is_refused_before_it_is_sent(house: House) -> None:  # 4
    nobody = f"POST /api/v1/documents HTTP/1.1\r\nHost: {NAME}:{house.port}\r\nContent-Length: 30000000\r\n\r\n"
    context = ssl.create_default_context(cafile=str(house.certificate))
    with secured(house, context) as secure:
        secure.sendall(nobody.encode() + b"x" * 1000)
        assert secure.recv(100).startswith(b"HTTP/1.1 401"), "29 MB before they were sent"
    large = b"\0" * 128 + b"DICM" + b"\0" * 25_000_000
    assert house.call("POST", "/api/v1/documents", content=large).status_code == 422, "they came through"
    assert house.call("POST", "/api/v1/documents", content=b"x" * (33 * 1024 * 1024)).status_code == 413
    assert list((house.errors.parent / "body").rglob("*")) == [], "and lay in no file on the way"


def test_no_log_holds_an_address_that_names_a_patient(house: House, tmp_path: Path) -> None:  # 5
    url, port, away = f"sqlite:///{tmp_path / 'other.sqlite'}", free_port(), free_port()
    house.call("GET", "/api/v1/reports?patient_name=MUSTERFRAU")
    until = time.monotonic() + 10
    while '"operation": "list_reports"' not in house.server_log.read_text("utf-8"):  # written after the answer
        assert time.monotonic() < until, "no line of the log tells of the request"
        time.sleep(0.05)
    with proxied(tmp_path, port, away) as errors:
        other = House(port, tmp_path / "fullchain.pem", errors, tmp_path / "none", "none")
        assert other.call("GET", "/api/v1/reports?patient_name=MUSTERFRAU").status_code == 502, url
        time.sleep(0.2)
        for log in (errors, house.errors, house.server_log):
            assert "MUSTERFRAU" not in log.read_text("utf-8"), log.name
