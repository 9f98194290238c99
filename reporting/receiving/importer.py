"""Imports what the inbox holds, in a thread of its own; what an earlier process left behind comes first.

While objects come in one after the other, the importer waits for a short pause: the device is answered first.
"""

from __future__ import annotations

import threading
import time

import structlog

from reporting.logs import kind_and_places
from reporting.receiving.inbox import Inbox

_log = structlog.get_logger("mrrt.receiving")
_LOOK = 5.0
"""Seconds after which it looks for objects that another process left."""
_PAUSE, _LONGEST = 0.05, 2.0
"""Seconds of quiet that it waits for, and for how long at most."""
_PATIENCE = 30.0


class Importer:
    """Works through an inbox until it is stopped."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="importer", daemon=True)
        self.last_error = ""
        """Kind of the last error of the database, empty while all is well."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the object in hand; what is left is imported at the next start."""
        self._stopped.set()
        self._inbox.arrived.set()
        self._thread.join(_PATIENCE)

    @property
    def alive(self) -> bool:
        """Whether it is at work."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._inbox.arrived.clear()
            if self._imported() == 0:
                self._inbox.arrived.wait(_LOOK)
                self._wait_for_quiet()

    def _imported(self) -> int:
        try:
            count = self._inbox.import_waiting()
        except Exception as error:  # noqa: BLE001  # a database that is away for a while must not end the importer
            self.last_error = type(error).__name__
            _log.error("import interrupted", **kind_and_places(error))
            return 0
        self.last_error = ""
        return count

    def _wait_for_quiet(self) -> None:
        until = time.monotonic() + _LONGEST
        while self._inbox.arrived.is_set() and not self._stopped.is_set() and time.monotonic() < until:
            self._inbox.arrived.clear()
            self._stopped.wait(_PAUSE)
        self._inbox.arrived.set()
