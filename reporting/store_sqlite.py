"""How the store uses SQLite: whose file it is, how transactions begin, and how processes take turns."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

WRITES = "mrrt_writes"
"""The execution option of connections that write."""
_BUSY_SECONDS = 30
_TURN_MILLISECONDS = 3
"""SQLite asks after 1 and 2 ms in this time."""
_PRAGMAS = {
    "busy_timeout": _BUSY_SECONDS * 1000,
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged edit survives a power cut
    "foreign_keys": "ON",
}


def make_file(url: sa.URL) -> None:
    """Make the file of a new SQLite database, which holds patient data, for its owner alone; others stay as they are.

    What SQLite puts beside it is for those who may use it. The folder is kept from others, too, if it is not there yet.
    """
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:" or "uri" in url.query:
        return
    file = Path(url.database)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def prepare(engine: Engine) -> None:
    """Let SQLite check foreign keys, and let readers and one writer work at the same time (write-ahead log)."""
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)


def _on_connect(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    # The driver would begin transactions by itself, and too late: a reader that turns writer can lose.
    connection.isolation_level = None
    # that of SQLite knows the letters of English alone
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for name, setting in _PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={setting}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, False):
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """Begin to write as soon as no other process does; raises OperationalError if one does for 30 s.

    Left to itself SQLite would ask ever more seldom, in the end every 0.1 s: beside a process that writes without a
    break another one hardly ever got its turn. So it is told to give up soon, and asked anew.
    """
    driver = connection.connection.dbapi_connection
    assert driver is not None  # as of every connection in use
    until, said = time.monotonic() + _BUSY_SECONDS, sqlite3.SQLITE_BUSY
    driver.cursor().execute(f"PRAGMA busy_timeout={_TURN_MILLISECONDS}")
    try:
        while said == sqlite3.SQLITE_BUSY and time.monotonic() < until:
            said = _begin(driver)
        if said != sqlite3.SQLITE_OK:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # what is wrong, as SQLAlchemy says it
    finally:
        driver.cursor().execute(f"PRAGMA busy_timeout={_PRAGMAS['busy_timeout']}")


def _begin(driver: sa.engine.interfaces.DBAPIConnection) -> int:
    """Try to begin to write, and return the code of SQLite's answer."""
    try:
        driver.cursor().execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF  # without what SQLite says beyond it
    return sqlite3.SQLITE_OK


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text
