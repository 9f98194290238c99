"""The server is killed at random while clients edit and sign: what was acknowledged is there, whole and in order.

1. Every acknowledged edit and signature is in the version that the answer named; nothing is half written.
2. The audit chain holds, and has exactly one event for each version, with the digest of its document.
3. The check fails on a store in which an acknowledged edit is missing or a document was changed.

MRRT_KILLS sets how often the server is killed (2 without it; 100 is the long run).
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from reporting.audit_chain import BEGINNING, row_hash
from reporting.store import open_store
from reporting.templates import installed_template

from ..reporting.backends import BACKEND
from ..reporting.site import TEMPLATES
from .server import free_port, serving

KILLS = int(os.environ.get("MRRT_KILLS", "2"))
CLIENTS = 3
SEEN = {"acknowledge": [{"rule": "C2", "field": "comparison"}]}


@dataclass
class Client:
    """Makes reports, edits each a few times, signs it, and notes what was acknowledged."""

    name: str
    base: str
    stopped: threading.Event
    edits: dict[tuple[str, int], str] = field(default_factory=dict)
    """What the conclusion said in a version, by report and version."""
    signed: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    """Requests whose answer never came: done or not, both are right."""

    def run(self) -> None:
        with httpx.Client(base_url=self.base, timeout=10) as http:
            while not self.stopped.is_set():
                try:
                    self._one_report(http)
                except httpx.TransportError:
                    self.lost += 1
                    time.sleep(0.05)

    def _one_report(self, http: httpx.Client) -> None:
        answer = http.post("/reports", json={"template": "tiny-carotid"})
        assert answer.status_code == 201, answer.text
        report = answer.json()["id"]
        for number in range(2):
            said = f"{self.name} {len(self.edits)} {number}"
            edits = {"edits": [{"field": "conclusion", "value": said}]}
            answer = http.patch(f"/reports/{report}", json=edits)
            assert answer.status_code == 200, answer.text
            self.edits[report, answer.json()["version"]] = said
        answer = http.post(f"/reports/{report}/sign", json=SEEN)
        assert answer.status_code == 200, answer.text
        self.signed[report] = answer.json()["version"]


def faults(database_url: str, clients: list[Client]) -> list[str]:
    """Return what is wrong with a store after clients were told what they were told."""
    store = open_store(database_url)
    try:
        with store.reading() as transaction:
            return [*_lost(transaction._connection, clients), *_torn(transaction._connection)]
    finally:
        store.close()


def _text(document: str | bytes | None) -> str:
    """Return a document as it was written; SQLite keeps it compressed."""
    return zlib.decompress(document).decode() if isinstance(document, bytes) else document or ""


def _lost(connection: sa.Connection, clients: list[Client]) -> Iterator[str]:
    query = sa.text("SELECT document FROM report_version WHERE report_id = :report AND version = :version")
    for client in clients:
        for (report, version), said in client.edits.items():
            document = _text(connection.scalar(query, {"report": report, "version": version}))
            typed = json.loads(document)["report"]["typed"] if document else {}
            if typed.get("conclusion", {}).get("value") != said:
                yield f"lost: the edit that made version {version} of {report}"
        for report, version in client.signed.items():
            document = _text(connection.scalar(query, {"report": report, "version": version}))
            kept = "SELECT count(*) FROM rendition WHERE report_id = :report AND version = :version"
            count = connection.scalar(sa.text(kept), {"report": report, "version": version})
            if not document or json.loads(document)["report"]["status"] != "final" or count != 3:
                yield f"lost: the signature of {report}"


def _torn(connection: sa.Connection) -> Iterator[str]:
    events = list(connection.execute(sa.text("SELECT * FROM audit_event ORDER BY id")).mappings())
    last = BEGINNING
    for number, event in enumerate(events, 1):
        if event["id"] != number or event["previous"] != last or event["hash"] != row_hash(last, event):
            yield f"the chain is broken at {event['id']}"
        last = event["hash"]
    told = {(event["report_id"], event["version"]): event["digest"] for event in events if event["digest"]}
    rows = connection.execute(sa.text("SELECT report_id, version, document, digest FROM report_version")).all()
    for report, version, document, digest in rows:
        if not digest == sha256(_text(document).encode()).hexdigest() == told.pop((report, version), None):
            yield f"version {version} of {report} is not what the log says"
    yield from (f"the log tells of {report} {version}, which is not there" for report, version in told)
    heads = "SELECT id FROM report r WHERE version <> (SELECT max(version) FROM report_version WHERE report_id = r.id)"
    yield from (f"the head of {report} is not its latest version" for report in connection.scalars(sa.text(heads)))


def rebuilt_rows_differ(database_url: str) -> list[str]:
    """Return the reports whose value rows are not those that their document gives."""
    store, different = open_store(database_url), []
    template = installed_template("tiny-carotid", (TEMPLATES,)).template
    with store.writing() as transaction:
        for report in transaction._connection.scalars(sa.text("SELECT id FROM report")).all():
            before = transaction.values(report)
            transaction.rebuild_values(transaction.report(report), template)
            if transaction.values(report) != before:
                different.append(report)
    store.close()
    return different


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    BACKEND.name = request.param
    yield BACKEND.url(tmp_path)
    BACKEND.name = "sqlite"


def _work(clients: list[Client], count: int) -> None:
    """Wait until so many more requests were answered."""

    def told() -> int:
        return sum(len(client.edits) + len(client.signed) for client in clients)

    enough, until = told() + count, time.monotonic() + 60
    while told() < enough:
        assert time.monotonic() < until, "the clients came to a halt"
        time.sleep(0.002)


def test_nothing_acknowledged_is_lost(database: str, tmp_path: Path) -> None:  # 1, 2
    port, moments, stopped = free_port(), random.Random(11), threading.Event()
    clients = [Client(f"client{number}", f"http://127.0.0.1:{port}/api/v1", stopped) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run) for client in clients]
    for number in range(KILLS):
        with serving(tmp_path / "log", database, port) as process:
            for thread in threads if number == 0 else ():
                thread.start()
            _work(clients, moments.randint(9, 24))
            time.sleep(moments.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
    stopped.set()
    for thread in threads:
        thread.join(60)
    told = sum(len(client.edits) for client in clients), sum(len(client.signed) for client in clients)
    print(f"{KILLS} kills, {told[0]} edits and {told[1]} signatures acknowledged")  # noqa: T201
    assert told[0] > KILLS and told[1] > 0 and sum(client.lost for client in clients) > 0
    assert faults(database, clients) == []
    assert rebuilt_rows_differ(database) == []


def test_the_check_can_fail(tmp_path: Path) -> None:  # 3
    database, port, stopped = BACKEND.url(tmp_path), free_port(), threading.Event()
    client = Client("one", f"http://127.0.0.1:{port}/api/v1", stopped)
    with serving(tmp_path / "log", database, port), httpx.Client(base_url=client.base, timeout=30) as http:
        client._one_report(http)
    assert faults(database, [client]) == []
    [(report, version), *_] = client.edits
    client.edits[report, version] = "something else"
    client.edits["r9", 7] = "gone"
    client.signed[report] = 2
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER report_version_no_update"))
        for row, document in connection.execute(sa.text("SELECT rowid, document FROM report_version")).all():
            other = {"row": row, "other": _text(document).replace("partial", "final")}
            connection.execute(sa.text("UPDATE report_version SET document = :other WHERE rowid = :row"), other)
    said = faults(database, [client])
    assert f"lost: the edit that made version {version} of {report}" in said
    assert "lost: the edit that made version 7 of r9" in said and f"lost: the signature of {report}" in said
    assert f"version 2 of {report} is not what the log says" in said
