"""Start and stop of what serves are in the audit log: once each, whatever the number of workers, and how it ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reporting.activity import activity
from reporting.audit_log import AuditLog
from reporting.config import Settings
from reporting.records import AuditEvent, AuditFilter
from reporting.store import open_store
from reporting.verifying import verify

from ..conftest import ROOT, some
from ..reporting.backends import BACKEND
from ..reporting.site import TEMPLATES
from .test_commands import mrrt
from .test_serve import STOPPED, end, port, start, wait_for

__all__ = ["port"]


def noted(url: str) -> list[tuple[AuditEvent, dict[str, Any]]]:
    store = open_store(url)
    try:
        assert verify(store).intact
        events = [one.event for one in AuditLog(store).entries(AuditFilter())]
    finally:
        store.close()
    return [(one, json.loads(one.detail)) for one in events if one.action in ("start", "stop")]


@pytest.mark.parametrize(
    ("workers", "sign"),
    some([("1", signal.SIGTERM), ("2", signal.SIGINT), ("1", signal.SIGINT), ("2", signal.SIGTERM)], 2),
)
def test_a_server_is_one_program(tmp_path: Path, port: int, workers: str, sign: signal.Signals) -> None:
    url = BACKEND.url(tmp_path)
    process = start(tmp_path, port, "--workers", workers, database=url, MRRT_ACTOR="operator")
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        [(started, said)] = noted(url)
        process.send_signal(sign)
        process.wait(60)
    finally:
        end(process)
    (first, _), (stopped, again) = noted(url)
    assert process.returncode in STOPPED and first == started and again == said
    assert (started.action, stopped.action) == ("start", "stop") and stopped.outcome == "success"
    assert started.actor == "operator" and started.request_id == stopped.request_id != ""
    version = mrrt("version").stdout.split()[1]
    assert said == {"program": "serve", "version": version, "process": process.pid, "workers": int(workers)}
    assert "Traceback" not in (tmp_path / "server.log").read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_cannot_listen_failed(tmp_path: Path, workers: str) -> None:
    url = BACKEND.url(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, taken.getsockname()[1], "--workers", workers, database=url)
        try:
            assert process.wait(60) == 2
        finally:
            end(process)
    said = (tmp_path / "server.log").read_text()
    assert "error: nothing can listen on 127.0.0.1:" in said and "Address already in use" in said
    assert "mrrt serves on" not in said
    assert [(one.action, one.outcome) for one, _ in noted(url)] == [("start", "success"), ("stop", "failed")]


def test_a_killed_server_leaves_no_stop(tmp_path: Path, port: int) -> None:
    url = BACKEND.url(tmp_path)
    process = start(tmp_path, port, database=url)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
    finally:
        process.kill()
        process.wait()
    assert [one.action for one, _ in noted(url)] == ["start"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_a_database_nothing_starts(tmp_path: Path, port: int, workers: str) -> None:
    nowhere = f"postgresql://mrrt@127.0.0.1:{port}/mrrt"
    process = start(tmp_path, port, "--workers", workers, database=nowhere)
    try:
        assert process.wait(60) == 3
    finally:
        end(process)
    assert "the database cannot be used" in " ".join((tmp_path / "server.log").read_text().split())


def test_what_ends_migrates_nothing(tmp_path: Path) -> None:
    """New code may lie under a program that ends: half of it is in memory, and is the old one."""
    site = Settings(database_url=BACKEND.url(tmp_path))
    engine = sa.create_engine(site.database_url, poolclass=sa.NullPool)
    number, older = (
        sa.text("SELECT version_num FROM alembic_version"),
        sa.text("UPDATE alembic_version SET version_num = :to"),
    )
    with activity(site, "serve"), engine.begin() as connection:
        newest = connection.scalar(number)
        connection.execute(older, {"to": "0013"})
    with engine.begin() as connection:
        assert connection.scalar(number) == "0013"
        connection.execute(older, {"to": newest})
    assert [one.action for one, _ in noted(site.database_url)] == ["start"]


def test_reception_is_a_program_of_its_own(tmp_path: Path, port: int) -> None:
    url, log = BACKEND.url(tmp_path), tmp_path / "receive.log"
    command = [sys.executable, "-m", "reporting.cli", "receive", "--port", str(port), "--database-url", url]
    with log.open("w") as stream:
        around = {**os.environ, "MRRT_TEMPLATES": str(TEMPLATES)}
        process = subprocess.Popen(command, stderr=stream, cwd=ROOT, env=around)
    try:
        until = time.monotonic() + 60
        while "listens" not in log.read_text() and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    (started, said), (stopped, _) = noted(url)
    assert (started.action, stopped.action, stopped.outcome) == ("start", "stop", "success")
    assert said["program"] == "receive" and said["process"] == process.pid
