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
