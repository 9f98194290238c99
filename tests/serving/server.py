"""`mrrt serve` as a process of its own on a free loopback port, to be killed and started again on the same database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ..conftest import ROOT
from ..reporting.site import TEMPLATES


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(
    log: Path, database_url: str, port: int, *options: str, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server; yields it once it answers, and ends it the hard way."""
    command = [sys.executable, "-m", "reporting.cli", "serve", "--port", str(port), "--database-url", database_url]
    own = {key: value for key, value in os.environ.items() if not key.startswith("MRRT_")}
    around = {**own, "MRRT_TEMPLATES": str(TEMPLATES), **settings}
    with log.open("ab") as stream:
        process = subprocess.Popen([*command, *options], stderr=stream, stdout=stream, cwd=ROOT, env=around)
    try:
        _answers(process, port, log)
        yield process
    finally:
        process.kill()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=10).status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text("utf-8")[-3000:]
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def wait_until_ready(port: int) -> None:
    """Wait until the server has compiled its templates, after which it calls itself ready."""
    until = time.monotonic() + 90
    while httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code != 200:
        assert time.monotonic() < until, "the server did not become ready"
        time.sleep(0.05)


def wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a program of others takes connections on a loopback port; its log says why it ended, if it did."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"nothing listens: {log.read_text('utf-8')}")
