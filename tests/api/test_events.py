"""The stream of events.

1. Every change is an event, in order, with ids and no data of a patient; `Last-Event-ID` goes on exactly there.
2. A change of another process shows; many clients listen at the same time; a filter leaves the others out.
3. The server ends although somebody listens.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ..conftest import ROOT
from ..reporting.site import TEMPLATES, sr
from ..test_docs import free_port
from .conftest import SEEN, V1, TestClient
from .test_reports import draft, patch, receive


def events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        parts = dict(line.partition(": ")[::2] for line in block.splitlines() if ": " in line)
        if "data" in parts:
            found.append((int(parts["id"]), parts["event"], json.loads(parts["data"])))
    return found


def since(client: TestClient, number: int, query: str = "") -> list[tuple[int, str, dict[str, Any]]]:
    answer = client.get(f"{V1}/events{query}", headers={"Last-Event-ID": str(number)})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    return events(answer.text)


def test_what_is_told(strict: TestClient) -> None:  # 1
    draft(strict, receive(strict, sr()))
    patch(strict, "r1", {"field": "conclusion", "value": "normal"})
    strict.post(f"{V1}/reports/r1/sign", json=SEEN)
    draft(strict)
    found = since(strict, 0)
    assert [kind for _, kind, _ in found] == [
        *("document.received", "report.created", "report.edited", "report.signed", "report.created"),
    ]
    assert [number for number, _, _ in found] == [1, 2, 3, 4, 5]
    assert found[3][2] == {
        **{"id": 4, "type": "report.signed", "at": found[3][2]["at"], "actor": "local user"},
        **{"report": "r1", "version": 3, "status": "final"},
    }
    assert "ADELE" not in json.dumps(found) and "EX-0001" not in json.dumps(found)
    assert since(strict, 3) == found[3:] and since(strict, 5) == since(strict, 99) == []
    assert [one[0] for one in since(strict, 0, "?report=r2")] == [5]
    assert strict.get(f"{V1}/events", headers={"Last-Event-ID": "x"}).status_code == 400
    assert events(strict.get(f"{V1}/events").text) == [], "without an id it begins now"


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    environment = {
        **os.environ,
        **{"MRRT_DATABASE_URL": f"sqlite:///{folder / 'shared.sqlite'}", "MRRT_TEMPLATES": str(TEMPLATES)},
        **{"MRRT_PORT": str(port), "MRRT_EVENTS_SECONDS": "600"},
    }
    command = [sys.executable, "-m", "reporting.cli", "serve"]
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}{V1}"
    try:
        until = time.monotonic() + 180
        while True:
            try:
                httpx.get(f"{address}/health", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None and time.monotonic() < until, "the server did not start"
                time.sleep(0.1)
        yield address, process
    finally:
        process.kill()
        process.wait(20)


class Listener(threading.Thread):
    """A client that notes the events it gets."""

    def __init__(self, address: str, query: str = "") -> None:
        super().__init__(daemon=True)
        self.address, self.heard, self.ended = f"{address}/events{query}", "", False
        self.listens = threading.Event()

    def run(self) -> None:
        with httpx.stream("GET", self.address, timeout=120) as answer:
            for text in answer.iter_text():
                self.heard += text
                self.listens.set()
        self.ended = True


def test_two_processes(tmp_path: Path) -> None:  # 2, 3
    with server(tmp_path) as (one, process), server(tmp_path) as (other, _):
        listeners = [Listener(one) for _ in range(12)] + [Listener(one, "?report=nothing")]
        for listener in listeners:
            listener.start()
        assert all(listener.listens.wait(30) for listener in listeners)
        made = [httpx.post(f"{other}/reports", json={"template": "tiny-carotid"}, timeout=60).json() for _ in range(3)]
        made.append(httpx.post(f"{one}/reports", json={"template": "tiny-carotid"}, timeout=60).json())
        wanted = [view["id"] for view in made]
        until = time.monotonic() + 30
        while time.monotonic() < until and any(len(events(each.heard)) < 4 for each in listeners[:-1]):
            time.sleep(0.05)
        for listener in listeners[:-1]:
            assert [data["report"] for _, _, data in events(listener.heard)] == wanted
        assert events(listeners[-1].heard) == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) is not None
        for listener in listeners:
            listener.join(10)
        assert all(listener.ended for listener in listeners), "each stream was ended, not broken off"
