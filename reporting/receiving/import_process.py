"""The import in a process of its own, so that it takes no time from answering devices.

Both processes know each other by one pipe alone: a line says that something came, and its end that there is nothing
more to do. So the import ends with the receiver, however that ends, and whatever it had in hand is imported at the next
start. What has to be kept from happening twice is kept so by the database (inbox.py).
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from reporting.logs import configure_logs
from reporting.receiving.importer import Importer
from reporting.receiving.inbox import Inbox
from reporting.store import open_store

_log = structlog.get_logger("mrrt.receiving")
_LOOK, _PAUSE, _PATIENCE = 5.0, 0.02, 30.0
_AGAIN = 5.0
"""Seconds before a process that ended by itself is started again."""


class ImportProcess:
    """Has an inbox worked through by a process of its own, until it is stopped."""

    def __init__(self, inbox: Inbox, database_url: str) -> None:
        self._inbox = inbox
        self._first = json.dumps({"database_url": database_url, "quiet": inbox.quiet}).encode() + b"\n"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._process = self._started()
        self._thread.start()

    def stop(self) -> None:
        """End after the objects in hand; what is left is imported at the next start."""
        self._stopped.set()
        self._inbox.arrived.set()
        self._thread.join(_PATIENCE)
        if self._process is not None:
            _ended(self._process)

    @property
    def alive(self) -> bool:
        """Whether it is at work."""
        return self._process is not None and self._process.poll() is None

    @property
    def last_error(self) -> str:
        """What keeps it from its work, empty while all is well."""
        return "" if self.alive or self._stopped.is_set() else "ImportEnded"

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "reporting.receiving.import_process"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        _tell(process, self._first)  # not among the arguments, which everybody on the machine can read
        return process

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._inbox.arrived.wait(_LOOK)
            self._inbox.arrived.clear()
            if not self.alive and not self._stopped.wait(_AGAIN):
                _log.error("import ended, and is started again")
                self._process = self._started()
            if self._process is not None:
                _tell(self._process, b"\n")
            self._stopped.wait(_PAUSE)


def _tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    with suppress(OSError):  # it has ended; whoever looks at it next sees that
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()


def _ended(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        assert process.stdin is not None
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    """Import until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; the receiver says when to end
    configure_logs()
    given = json.loads(sys.stdin.buffer.readline() or b"null")
    if given is None:
        return
    store = open_store(given["database_url"])
    inbox = Inbox(store, lambda: datetime.now(UTC), quiet=given["quiet"])
    importer = Importer(inbox)
    importer.start()
    while sys.stdin.buffer.readline():
        inbox.arrived.set()
    importer.stop()
    store.close()


if __name__ == "__main__":
    main()
