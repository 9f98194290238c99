"""The use case of an audit record repository: it gets every event of the audit log, in order, and each once or again.

What it has got is kept in the database, by its address. Where a connection breaks, what was sent over it is sent anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reporting.errors import Unavailable, Undelivered
from reporting.records import AuditFilter
from reporting.store import Store
from reporting.syslog import Repository

_BATCH = 500
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class Sending:
    """One repository, and the log that it gets."""

    store: Store
    repository: Repository
    clock: Callable[[], datetime]

    def waiting(self) -> bool:
        """Tell whether there are events that the repository has not got."""
        with self.store.reading() as transaction:
            return transaction.last_audit_number() > transaction.sent_to(self.repository.address)

    def send_some(self) -> int:
        """Send the next events, and return how many there were; raises Undelivered, and they are sent again later."""
        address = self.repository.address
        with self.store.reading() as transaction:
            events = transaction.audit_page(AuditFilter(), _BATCH, transaction.sent_to(address))
        if events:
            self.repository.send(events)
            with self.store.writing() as transaction:
                transaction.note_sent(address, events[-1].event.id, self.clock())
        return len(events)

    def send_all(self) -> int:
        """Send all events that the repository has not got, and return how many there were; raises Undelivered."""
        total = 0
        while count := self.send_some():
            total += count
        return total

    def follow(self, ended: threading.Event, tell: Callable[[str], None]) -> None:
        """Send what comes until the event is set; a repository or database that is away is told of, and waited for."""
        pause, failures = 0.0, 0
        while not ended.wait(pause):
            try:
                pause, failures = (0.0 if self.send_some() else _PAUSE_SECONDS), 0
            except (Undelivered, Unavailable) as error:
                failures += 1
                pause = min(2.0**failures, _LONGEST_PAUSE_SECONDS)
                tell(f"{error} Trying again in {pause:.0f} s.")
