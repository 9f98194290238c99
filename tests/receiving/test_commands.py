"""`mrrt receive` on the command line: the list of what failed, export, retry, drop, and settings that make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mrrt.errors import MrrtError
from reporting.audit_log import AuditLog
from reporting.cli import app
from reporting.config import settings
from reporting.receiving.inbox import Inbox
from reporting.receiving.peers import Peer, allowed, peer
from reporting.receiving.records import Arrival, State
from reporting.records import AuditFilter
from reporting.store import open_store

from ..reporting.site import site, sr, ticking
from ..sr_writer import uid
from .sender import COMPREHENSIVE

UID = uid("one/instance")
Command = Callable[..., Result]


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    store = open_store(site(tmp_path).database_url)
    yield Inbox(store, ticking())
    store.close()


@pytest.fixture
def command(tmp_path: Path) -> Command:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["receive", *arguments, "--database-url", site(tmp_path).database_url])

    return call


def arrived(inbox: Inbox, content: bytes, name: str = UID) -> int:
    kept = inbox.keep(Arrival(content, name, COMPREHENSIVE, "c-store", "US1"))
    return inbox.settle(kept.entry.id).id


def test_what_failed_is_listed_with_its_reason(inbox: Inbox, command: Command) -> None:
    arrived(inbox, sr())
    assert command("list", "--failed").exit_code == 0
    arrived(inbox, sr(100.0))
    arrived(inbox, sr(instance="half")[:-500], uid("half/instance"))
    shown = command("list", "--failed")
    assert shown.exit_code == 1
    for said in ("conflict", "failed", UID, uid("half/instance"), "US1", "missing"):
        assert said in shown.output
    lines = [json.loads(line) for line in command("list", "--json").output.splitlines()]
    assert [line["state"] for line in lines] == ["failed", "conflict", "imported"]
    assert len(command("list", "--json", "--limit", "2").output.splitlines()) == 2


def test_a_received_object_is_written_as_it_came(inbox: Inbox, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "out.dcm"
    for content, name in ((sr(), UID), (sr()[:-500], "1.2.3")):
        number = arrived(inbox, content, name)
        assert command("export", str(number), "-o", str(target)).exit_code == 0
        assert target.read_bytes() == content
    assert isinstance(command("export", "99", "-o", str(target)).exception, MrrtError)
    noted = list(AuditLog(inbox.store).entries(AuditFilter(action="export")))
    assert len(noted) == 2 and "receive_export" in noted[0].event.detail, "who carried it away is in the log"


def test_retry(inbox: Inbox, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("reporting.receiving.inbox.read_whole", lambda _: 1 / 0)
        arrived(inbox, sr())
    (entry,) = inbox.entries((State.FAILED,), 5)
    assert "mistake in mrrt (ZeroDivisionError)" in entry.reason
    arrived(inbox, sr(instance="half")[:-500], uid("half/instance"))
    done = command("retry")
    assert (done.exit_code, done.output.strip()) == (1, "2 tried again, 1 failed")
    assert inbox.counts() == {State.IMPORTED: 1, State.FAILED: 1}


def test_what_failed_is_dropped(inbox: Inbox, command: Command) -> None:
    imported, failed = arrived(inbox, sr()), arrived(inbox, sr(instance="half")[:-500], uid("half/instance"))
    arrived(inbox, b"x", "1.2.3")
    tried = command("drop", str(failed), "--dry-run")
    assert tried.exit_code == 0 and uid("half/instance") in tried.output and "1 would be dropped" in tried.output
    assert inbox.counts()[State.FAILED] == 2
    done = command("drop", str(failed))
    assert (done.exit_code, done.output.strip()) == (0, "1 dropped")
    [line] = command("drop", "--older-than", "1", "--dry-run", "--json").output.splitlines()
    assert json.loads(line)["sop_instance_uid"] == "1.2.3"
    assert command("drop", "--older-than", "1").output.strip() == "1 dropped"
    assert command("drop", "--older-than", "0").output.strip() == "0 dropped"
    assert inbox.counts() == {State.IMPORTED: 1}
    assert len(list(AuditLog(inbox.store).entries(AuditFilter(action="drop")))) == 2
    refused = command("drop", str(imported))
    assert isinstance(refused.exception, MrrtError) and "imported" in str(refused.exception)


def test_what_was_in_conflict_is_imported_by_the_drop(inbox: Inbox, command: Command) -> None:
    broken = arrived(inbox, sr()[:-500])
    whole = arrived(inbox, sr())
    waits = inbox.keep(Arrival(sr(instance="two"), uid("two/instance"), COMPREHENSIVE, "c-store", "US1")).entry.id
    said = command("drop", str(broken)).output.splitlines()
    assert said == [f"{whole} was in conflict with what is dropped, and is imported now", "1 dropped"]
    entries = {entry.id: entry.state for entry in inbox.entries(tuple(State), 9)}
    assert entries == {whole: State.IMPORTED, waits: State.RECEIVED}, "the import of others is not its work"


@pytest.mark.parametrize(
    "arguments",
    [
        ["drop"],
        ["drop", "1", "--older-than", "3"],
        ["drop", "99"],
        ["--host", "0.0.0.0", "--port", "0"],
        ["--peer", "US1@nowhere"],
        ["--peer", "A" * 17],
        ["--peer", "US1@10.0.0.0/8:104"],
        ["--peer", "US1@10.0.0.1:99999"],
        ["--ae-title", "A" * 17],
        ["--watch", "/nowhere/at/all"],
        ["--key", "/nowhere.pem"],
        ["--host", "192.0.2.77", "--peer", "US1", "--port", "0"],
        ["pull", "--qido", "ftp://x", "--since", "2026-01-01"],
        ["pull", "--qido", "http://127.0.0.1:1", "--since", "yesterday"],
    ],
)
def test_settings_that_make_no_sense_are_refused(command: Command, arguments: list[str], tmp_path: Path) -> None:
    if arguments[0] in ("pull", "drop"):
        done = command(*arguments)
    else:
        address = ["--database-url", site(tmp_path).database_url]
        done = CliRunner().invoke(app, ["receive", *address, *arguments])
    assert isinstance(done.exception, MrrtError)
    assert str(done.exception)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US1", "US1"),
        (" US1@10.1.2.3:104 ", "US1@10.1.2.3/32:104"),
        ("US1@[::1]:104", "US1@::1/128:104"),
        ("US1@::1", "US1@::1/128"),
        ("*@10.0.0.0/8", "*@10.0.0.0/8"),
    ],
)
def test_peers_are_read(text: str, expected: str) -> None:
    assert str(peer(text)) == expected


def test_an_address_through_an_ipv6_socket_is_the_same() -> None:
    assert allowed((peer("US1@10.1.2.3"),), "US1", "::ffff:10.1.2.3")
    assert not allowed((peer("US1@10.1.2.3"),), "US1", "::1")
    assert allowed((), "X", "::1") and not allowed((), "X", "10.1.2.3")


def test_peers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRRT_DICOM_PEERS", "US1, US2@10.1.2.3:104,")
    assert [str(one) for one in settings().dicom_peers] == ["US1", "US2@10.1.2.3/32:104"]
    assert settings(dicom_peers="X").dicom_peers == (Peer("X"),)
