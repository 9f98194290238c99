"""The audit log in an audit record repository of its own, a real rsyslog (DICOM PS3.15 section A.6).

1. It gets every event, in order, once.
2. What was not taken is sent again: the repository was away, did not trust the certificate, or ended in the middle.
3. `--follow` sends what happens as it happens, and waits for a repository that is away.
4. Only a repository that somebody vouches for gets anything.
5. What cannot be used is said before anything is sent.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporting.audit_codes import Outcome
from reporting.audit_log import AuditLog
from reporting.audit_sending import Sending
from reporting.draft import Edit
from reporting.errors import Undelivered
from reporting.records import AuditFilter
from reporting.store import open_store
from reporting.syslog import Repository, wait_until_acknowledged
from reporting.verifying import verify
from reporting.workflow import Workflow

from ..cli.test_commands import mrrt
from ..conftest import ROOT
from ..reporting.site import by, site
from .repository import make_certificates, repository
from .server import free_port

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, certificates: Path) -> Path:
    """A folder with the certificates and nothing else."""
    made = tmp_path / "repository"
    made.mkdir()
    for file in certificates.iterdir():
        (made / file.name).write_bytes(file.read_bytes())
    return made


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database where something happened: 3 events."""
    settings = site(tmp_path)
    store = open_store(settings.database_url)
    workflow = Workflow(store, settings.templates)
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by("Dr. Öther", 60))
    AuditLog(store).note("refuse", by(seconds=70), outcome=Outcome.REFUSED)
    store.close()
    return settings.database_url


def send(database: str, port: int, folder: Path, *options: object) -> subprocess.CompletedProcess[str]:
    trust = ("--authority", folder / "authority.pem", "--database-url", database)
    return mrrt("audit", "send", f"tls://localhost:{port}", *trust, *options)


def test_every_event_comes_once(database: str, folder: Path) -> None:  # 1
    port = free_port()
    with repository(folder, port) as received:
        done = send(database, port, folder)
        assert (done.returncode, done.stdout) == (0, f"4 events sent to tls://localhost:{port}\n")
        assert received.events(4) == ["create", "edit", "refuse", "read-audit"]
        assert [match["pri"] for match in received.messages(4)] == [b"85", b"85", b"84", b"85"]
        assert [match["number"] for match in received.messages(4)] == [b"1", b"2", b"3", b"4"]
        assert "Dr. Öther".encode() in received.messages(4)[1]["xml"]
        again = send(database, port, folder)
        assert again.stdout.startswith("0 events") and len(received.messages(4)) == 4
    store = open_store(database)
    times = [entry.event.at.encode() for entry in AuditLog(store).entries(AuditFilter())]
    assert verify(store).intact and [match["at"] for match in received.messages(4)] == times
    store.close()


def test_a_long_log_comes_whole(database: str, folder: Path) -> None:  # 1
    store, port = open_store(database), free_port()
    with store.noting() as transaction:
        for number in range(1200):
            transaction.audit("read", by(seconds=100 + number), report_id="r1")
    with repository(folder, port) as received:
        where = Repository(f"tls://localhost:{port}", folder / "authority.pem")
        assert Sending(store, where, lambda: datetime.now(UTC)).send_all() == 1203
        assert len(received.messages(1203)) == 1203
    store.close()


def test_a_repository_that_is_away(database: str, folder: Path) -> None:  # 2
    port = free_port()
    done = send(database, port, folder)
    assert done.returncode == 3 and f"tls://localhost:{port} did not take the audit events:" in done.stderr
    with repository(folder, port) as received:
        assert send(database, port, folder).returncode == 0
        assert received.events(5) == ["create", "edit", "refuse", "read-audit", "read-audit"]


def test_a_repository_that_wants_a_certificate(database: str, folder: Path) -> None:  # 2
    port = free_port()
    with repository(folder, port, wants="x509/certvalid") as received:
        assert send(database, port, folder).returncode == 3
        own = ("--certificate", folder / "client.pem", "--key", folder / "client.key")
        assert send(database, port, folder, *own).returncode == 0
        assert received.events(5)[:3] == ["create", "edit", "refuse"]


@contextmanager
def broken(folder: Path, end: Callable[[ssl.SSLSocket], object]) -> Iterator[int]:
    """Run what is no repository: a TLS server that does something with each connection, and closes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "repository.pem", folder / "repository.key")
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True) as secure:
            end(secure)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        thread.join()
        listening.close()


@pytest.mark.parametrize(
    "end", [lambda secure: None, lambda secure: secure.recv(100)], ids=["at once", "in the middle"]
)
def test_a_repository_that_gives_up(database: str, folder: Path, end: Callable[[ssl.SSLSocket], object]) -> None:  # 2
    store = open_store(database)
    with broken(folder, end) as port:
        sending = Sending(
            store, Repository(f"tls://localhost:{port}", folder / "authority.pem"), lambda: datetime.now(UTC)
        )
        with pytest.raises(Undelivered):
            sending.send_all()
        assert sending.waiting()
    store.close()


@pytest.mark.parametrize("taken", [True, False])
def test_what_is_on_the_way_when_the_other_system_closes(taken: bool) -> None:  # 2
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        far, _ = listening.accept()
        near.settimeout(0)
        with pytest.raises(BlockingIOError):
            while near.send(bytes(100_000)):
                pass  # until no more of it finds room
        read = (
            threading.Thread(target=lambda: far.makefile("rb").read()) if taken else threading.Thread(target=far.close)
        )
        read.start()
        with nullcontext() if taken else pytest.raises(ConnectionError):
            wait_until_acknowledged(near)
        near.close()
        read.join()
        far.close()


def test_following(database: str, folder: Path, tmp_path: Path) -> None:  # 3
    port, log = free_port(), tmp_path / "send.log"
    command = [sys.executable, "-m", "reporting.cli", "audit", "send", "--follow", "--database-url", database]
    site_of = {
        "MRRT_AUDIT_REPOSITORY": f"tls://localhost:{port}",
        "MRRT_AUDIT_AUTHORITY": str(folder / "authority.pem"),
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **site_of}, stderr=stream)
    try:
        wait_for(lambda: "Trying again in" in log.read_text())
        with repository(folder, port) as received:
            assert received.events(4) == ["create", "edit", "refuse", "start"]
            store = open_store(database)
            AuditLog(store).note("read", by(seconds=80), report_id="r1")
            store.close()
            assert received.events(5)[4:] == ["read"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


def wait_for(holds: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(600):
        if holds():
            return
        waited.wait(0.05)
    raise AssertionError("it did not come")


def test_who_nobody_vouches_for_gets_nothing(database: str, folder: Path) -> None:  # 4
    port = free_port()
    with repository(folder, port) as received:
        done = mrrt("audit", "send", f"tls://localhost:{port}", "--database-url", database)
        assert done.returncode == 3 and "CERTIFICATE_VERIFY_FAILED" in " ".join(done.stderr.split())
        other = mrrt(
            "audit",
            "send",
            f"tls://127.0.0.1:{port}",
            "--authority",
            folder / "authority.pem",
            "--database-url",
            database,
        )
        assert other.returncode == 3 and "IP address mismatch" in " ".join(other.stderr.split())
        assert received.messages(0) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name the audit record repository, or set MRRT_AUDIT_REPOSITORY"),
        (("repository.example",), '"repository.example" is no address of an audit record repository'),
        (("udp://repository.example",), "write it as tls://HOST:6514"),
        (("tls://repository.example:port",), "write it as tls://HOST:6514"),
        (("tls://localhost", "--authority", "nothing.pem"), "nothing.pem: cannot be used: No such file or directory"),
        (("tls://localhost", "--certificate", "README.md"), "README.md: cannot be used:"),
    ],
)
def test_what_cannot_be_used(database: str, arguments: tuple[str, ...], said: str) -> None:  # 5
    done = mrrt("audit", "send", *arguments, "--database-url", database)
    assert done.returncode == 2 and said in " ".join(done.stderr.split())
