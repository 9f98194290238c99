"""How processes share one SQLite database.

1. Who wants to write gets a turn soon, beside somebody who writes without a break.
2. Who gets none for too long is told that the database is busy, and can write later.
3. What will never go is said at once.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from reporting import store_sqlite
from reporting.errors import Unavailable
from reporting.store import Store, open_store

from .site import by

_HELD, _PAUSE = 0.003, 0.0003
"""Seconds: about those of a worker that stores one edit after the other."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shared.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{file}")
    yield opened
    opened.close()


class Busy:
    """Another program that writes one transaction after the other."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.turns = 0
        self.started = threading.Event()
        self.stopped = threading.Event()

    def run(self) -> None:
        connection = sqlite3.connect(self.file, isolation_level=None, timeout=0)
        while not self.stopped.is_set():
            with suppress(sqlite3.OperationalError):
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(_HELD)
                connection.execute("COMMIT")
                self.turns += 1
                self.started.set()
            time.sleep(_PAUSE)
        connection.close()


@contextmanager
def busy(file: Path) -> Iterator[Busy]:
    other = Busy(file)
    thread = threading.Thread(target=other.run)
    thread.start()
    assert other.started.wait(10)
    try:
        yield other
    finally:
        other.stopped.set()
        thread.join()


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold the right to write."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def write(store: Store) -> None:
    with store.writing() as transaction:
        transaction.audit("read", by())


def turns_of_the_other(store: Store, file: Path, writes: int) -> int:
    """Return how often another program wrote while the store did this many times."""
    with busy(file) as other:
        before = other.turns
        for _ in range(writes):
            write(store)
            time.sleep(_HELD)
        return other.turns - before


def test_a_writer_gets_its_turn_beside_a_busy_one(store: Store, file: Path) -> None:  # 1
    assert turns_of_the_other(store, file, 20) < 20 * 12


def test_the_harness_sees_a_writer_that_hardly_gets_a_turn(  # 1
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_sqlite, "_TURN_MILLISECONDS", 30_000)  # as SQLite waits if it is left to itself
    # on a machine that is busy with other things the other program pauses for longer, and is easier to beat
    assert any(turns_of_the_other(store, file, 10) > 10 * 12 for _ in range(8))


def test_a_database_that_is_busy_for_too_long(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # 2
    monkeypatch.setattr(store_sqlite, "_BUSY_SECONDS", 0.05)
    with held(file), pytest.raises(Unavailable) as raised:
        write(store)
    assert raised.value.reason == "database is locked"
    write(store)
    with store.writing() as transaction:
        assert transaction.last_audit_number() == 1
        patience = transaction._connection.scalar(sa.text("PRAGMA busy_timeout"))
    assert patience == 30_000, "what happens within a transaction waits as long as ever"


def test_a_database_that_cannot_be_written(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # 3
    monkeypatch.setattr(store_sqlite, "_BUSY_SECONDS", 1_000_000)
    reader = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(Unavailable) as raised:
        write(reader)
    assert "readonly" in raised.value.reason
    reader.close()
