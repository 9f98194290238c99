"""A place that receives, in this process or in one of its own, and devices that send to it."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reporting.receiving.reception import Reception
from reporting.receiving.records import Entry, State
from reporting.store import Store, open_store

from ..conftest import ROOT, require_program
from ..reporting.site import site, ticking

_LISTENS = re.compile(r"listens for DICOM on 127\.0\.0\.1:(\d+)")


@dataclass
class Place:
    """A store with its ways in."""

    store: Store
    reception: Reception

    @property
    def port(self) -> int:
        assert self.reception.dicom is not None
        return self.reception.dicom.port

    def entries(self) -> tuple[Entry, ...]:
        """What came in, the oldest first."""
        return tuple(reversed(self.reception.inbox.entries(tuple(State), 5000)))

    def settled(self, seconds: float = 20.0) -> tuple[Entry, ...]:
        """What came in, once all of it is imported or said to have failed."""
        until = time.monotonic() + seconds
        while any(entry.state is State.RECEIVED for entry in self.entries()):
            assert time.monotonic() < until, "not everything was imported in time"
            time.sleep(0.02)
        return self.entries()

    def states(self) -> list[str]:
        return [entry.state.value for entry in self.settled()]

    def document(self, uid: str) -> bytes | None:
        with self.store.reading() as transaction:
            return transaction.document(uid)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Makes places that receive with these settings, each with a database of its own."""
    made: list[Place] = []
    numbers = itertools.count()

    def make(watch: Path | None = None, **more: Any) -> Place:
        folder = tmp_path / f"place{next(numbers)}"
        folder.mkdir()
        settings = site(folder, **{"dicom_port": 0, **more})
        store = open_store(settings.database_url)
        made.append(Place(store, Reception(settings, store, ticking(), watch)))
        made[-1].reception.start()
        return made[-1]

    yield make
    for one in made:
        one.reception.stop()
        one.store.close()


def run(program: str, *arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a system program to its end, and return what it said; skips where it is not installed."""
    command = [require_program(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


def storescu(port: int, *arguments: object, title: str = "US1", called: str = "MRRT") -> bool:
    """Send files with dcmtk; tell whether all of them were taken."""
    done = run("storescu", "-aet", title, "-aec", called, "127.0.0.1", port, *arguments)
    return done.returncode == 0 and "Store Failed" not in done.stdout + done.stderr


@contextmanager
def receiving(log: Path, database: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `mrrt receive` as a process of its own; yields it and its port, and ends it the hard way."""
    address = f"sqlite:///{database}"
    command = [sys.executable, "-m", "reporting.cli", "receive", "--port", "0", "--database-url", address, *options]
    around = {key: value for key, value in os.environ.items() if not key.startswith("MRRT_")}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stderr=stream, stdout=subprocess.DEVNULL, cwd=ROOT, env=around)
    try:
        yield process, _port(process, log)
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if found := _LISTENS.search(log.read_text(encoding="utf-8")):
            return int(found[1])
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.05)
    raise AssertionError("the receiver did not start")
