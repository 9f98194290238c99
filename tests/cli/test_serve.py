"""`mrrt serve` as a process of its own: it answers, stores, and logs nothing about patients."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ..conftest import ROOT
from ..reporting.site import TEMPLATES, sr


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A running server with a new database; its log is read at its end."""
    database = f"sqlite:///{tmp_path / 'new' / 'folder' / 'mrrt.sqlite'}"
    command = [sys.executable, "-m", "reporting.cli", "serve", "--port", str(port), "--database-url", database]
    around = {**os.environ, "MRRT_TEMPLATES": str(TEMPLATES)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=around)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_serve(server: subprocess.Popen[str], port: int) -> None:
    v1 = f"http://127.0.0.1:{port}/api/v1"
    wait_for(f"{v1}/health")
    with httpx.Client() as client:
        uid = client.post(f"{v1}/documents", content=sr(patient_name="GARCIA^SECRET")).json()["sop_instance_uid"]
        body = {"template": "tiny-carotid", "documents": [uid]}
        report = client.post(f"{v1}/reports", json=body).json()
        assert report["patient"]["name"] == "GARCIA^SECRET"
        edits = {"edits": [{"field": "conclusion", "value": "a private finding"}]}
        assert client.patch(f"{v1}/reports/{report['id']}", json=edits).status_code == 200
        assert client.get(f"{v1}/reports", params={"patient": "EX-0001"}).json()["reports"]
        assert client.get(f"{v1}/reports", params={"cursor": "GARCIA"}).status_code == 400
    server.send_signal(signal.SIGTERM)
    _, log = server.communicate(timeout=30)
    for secret in ("GARCIA", "EX-0001", "private finding", "1950"):
        assert secret not in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    operations = [(line["operation"], line["status"]) for line in requests]
    assert operations[-5:] == [
        ("receive_document", 201),
        ("create_report", 201),
        ("edit_report", 200),
        ("list_reports", 200),
        ("list_reports", 400),
    ]
    assert requests[-3]["report"] == report["id"]


STOPPED = (0, -signal.SIGTERM)
"""Codes of a process that ended in order: its own, or the signal, handed on once everything was done."""


def start(tmp_path: Path, port: int, *options: str, database: str = "", **environment: str) -> subprocess.Popen[str]:
    url = database or f"sqlite:///{tmp_path / 'mrrt.sqlite'}"
    command = [sys.executable, "-m", "reporting.cli", "serve", "--port", str(port), "--database-url", url, *options]
    around = {**os.environ, "MRRT_TEMPLATES": str(TEMPLATES), **environment}
    with (tmp_path / "server.log").open("w") as log:
        return subprocess.Popen(command, stderr=log, text=True, cwd=ROOT, env=around)


def end(process: subprocess.Popen[str], within: float = 60) -> float:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(within)
    finally:
        process.kill()
        process.wait()
    return time.monotonic() - began


def test_workers_end_with_the_process_that_started_them(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port, "--workers", "2")
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
    finally:
        process.kill()
        process.wait()
    until = time.monotonic() + 20
    while is_listening(port):
        assert time.monotonic() < until, "the workers hold the port"
        time.sleep(0.1)


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_several_workers_tell_the_sum_of_their_figures(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port, "--workers", "2")
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        for _ in range(20):  # each a connection of its own, so that both workers get some
            assert httpx.get(f"http://127.0.0.1:{port}/api/v1/reports", timeout=60).status_code == 200
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
        assert 'mrrt_requests_total{operation="list_reports",status="200"} 20.0' in text
    finally:
        took = end(process)
    assert took < 30 and process.returncode in STOPPED
    log = (tmp_path / "server.log").read_text()
    assert log.count("Application startup complete") == 2 and "Traceback" not in log


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "2", "--dicom-port", "11112"], "mrrt receive --dicom-port 11112"),
        (["--workers", "0"], "MRRT_WORKERS"),
        (["--host", "0.0.0.0"], "without sign-in"),
    ],
)
def test_what_a_server_cannot_do(tmp_path: Path, port: int, options: list[str], said: str) -> None:
    process = start(tmp_path, port, *options)
    assert process.wait(60) == 2
    assert said in " ".join((tmp_path / "server.log").read_text().split())


def test_a_request_that_is_being_answered_is_finished(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/healthz")
        with socket.create_connection(("127.0.0.1", port)) as slow:
            body = json.dumps({"template": "tiny-carotid"}).encode()
            head = f"POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            slow.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            slow.sendall(body[5:])
            slow.settimeout(30)
            assert slow.recv(65536).startswith(b"HTTP/1.1 201")
    finally:
        end(process)
    assert process.returncode in STOPPED


def test_a_request_that_never_ends_is_cut_off(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port, MRRT_SHUTDOWN_SECONDS="2")
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        with socket.create_connection(("127.0.0.1", port)) as slow:
            head = f"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 100\r\n\r\nabc"
            slow.sendall(head.encode())
            time.sleep(1)
            took = end(process, 60)
    finally:
        process.kill()
    assert 1.5 < took < 30 and process.returncode in STOPPED
