"""The real application on a free loopback port, with a database of its own; it can go away and come back."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from api.app import create_app
from reporting.access import Role
from reporting.config import Settings
from reporting.identity import Identity, open_identity
from reporting.records import By
from reporting.store import open_store

PHRASE = "a phrase that nobody guesses"
"""With which everybody signs in."""


class Server:
    """`start` and `stop` may be called in turns: address and database stay."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self._site = Settings(database_url=f"sqlite:///{folder / 'reports.sqlite'}", actor="Dr. Example", **more)
        self.bearer = ""
        self._port = _free_port()
        self.address = f"http://127.0.0.1:{self._port}"

    @property
    def identity(self) -> Identity:
        """Who may come in, on the same database."""
        return open_identity(self._site, open_store(self._site.database_url))

    def enrol(self, programs: Role, **people: Role) -> None:
        """Let people sign in by their names, with one role each; the tests themselves come as a program of a role."""
        by = By("test", datetime.now(UTC))
        for name, role in people.items():
            self.identity.accounts.add(name, f"Dr. {name.title()}", [role], by, PHRASE)
        self.bearer = self.identity.credentials.make("tests", [programs], by).secret

    def start(self) -> None:
        """Start serving; returns when requests are answered."""
        listener = socket.socket()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every answer would wait 40 ms
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen()
        config = uvicorn.Config(create_app(self._site), log_level="warning", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._listener = listener
        self._thread.start()
        self.call("GET", "templates")

    def stop(self) -> None:
        """Stop serving; returns when the port is closed."""
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self._listener.close()
        assert not self._thread.is_alive()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request to the API as another program would, and return the JSON of the answer."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        kind = "application/dicom" if isinstance(body, bytes) else "application/json"
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}", content, {"Content-Type": kind, **self._who(), **headers}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def send(self, method: str, path: str, body: Any) -> None:
        """Send what is answered without content."""
        headers = {"Content-Type": "application/json", **self._who()}
        content = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", content, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 204, answer.status

    def text(self, path: str) -> str:
        """Return the text of an answer."""
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", headers=self._who())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}

    def store(self, *pages: Path) -> None:
        """Store templates, in the order given; one that is there already stays as it is."""
        for page in pages:
            kind = {"Content-Type": "text/html"}
            request = urllib.request.Request(f"{self.address}/api/v1/templates", page.read_bytes(), kind, method="POST")
            with urllib.request.urlopen(request, timeout=30) as answer:
                outcomes = [one["outcome"] for one in json.load(answer)]
            assert set(outcomes) <= {"created", "unchanged"}, (page.name, outcomes)

    def draft(self, sample: Path, language: str = "en") -> dict[str, Any]:
        """Make a carotid report from an SR file and return it."""
        receipt = self.call("POST", "documents", sample.read_bytes())
        wanted = {
            "template": "us-carotid-duplex",
            "documents": [receipt["sop_instance_uid"]],
            "language": language,
        }
        report: dict[str, Any] = self.call("POST", "reports", wanted)
        return report

    def sign(
        self, report_id: str, reason: str = "The referring physician was told.", step: str = "sign"
    ) -> dict[str, Any]:
        """Sign a report, as `step` says, with all its alerts acknowledged, and return it."""
        alerts = self.call("GET", f"reports/{report_id}")["alerts"]
        given = [{"rule": one["rule"], "field": one.get("field"), "reason": reason} for one in alerts]
        signed: dict[str, Any] = self.call("POST", f"reports/{report_id}/{step}", {"acknowledge": given})
        return signed


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
