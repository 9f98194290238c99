"""What changes, as it changes: a feed of the audit log without any patient data.

Every process has one feed, which asks the database for news a few times a second while somebody listens; so changes of
other processes show, too. Ids of the log are gapless and in the order of the commits: who names the last one it saw
misses nothing and gets nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

import structlog

from mrrt.report import Model, ReportStatus
from reporting.logs import kind_and_places
from reporting.store import Store

TYPES: Mapping[str, str] = {
    "create": "report.created",
    "edit": "report.edited",
    "fill": "report.filled",
    "decline": "report.declined",
    "migrate": "report.migrated",
    "acknowledge": "report.acknowledged",
    "sign-preliminary": "report.signed-preliminary",
    "sign": "report.signed",
    "revise": "report.revised",
    "discard": "report.revision-discarded",
    "append": "report.appended",
    "cancel": "report.cancelled",
    "withdraw": "report.withdrawn",
    "receive": "document.received",
    "fail": "document.failed",
    "retry": "document.retried",
    "drop": "document.dropped",
    "store": "template.stored",
    "retire": "template.retired",
    "queue-job": "job.queued",
    "cancel-job": "job.cancelled",
}
"""Types of events by the action in the audit log; other actions change nothing that programs wait for."""
_BATCH = 500
_RECENT = 5000
_log = structlog.get_logger("mrrt.events")


class Event(Model):
    """A change: which report, document or template, and who did it. It holds ids, and nothing of a patient."""

    id: int
    type: str
    at: str
    actor: str
    report: str | None = None
    version: int | None = None
    status: ReportStatus | None = None
    document: str | None = None
    template: str | None = None


class Feed:
    """The news of one process, for all who listen in it; everything but `read` belongs to its event loop."""

    def __init__(self, store: Store, period: float = 0.3) -> None:
        self._store = store
        self._period = period
        self._recent: deque[Event] = deque()
        self._from = self._to = 0
        """The recent events are all those after the first and up to the second number."""
        self._listeners = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def enter(self) -> int:
        """Begin to listen, and return the number of the latest event; `leave` must follow."""
        if self._task is None:
            latest = await asyncio.to_thread(self._latest)
            if self._task is None:  # others may have come meanwhile
                self._from = self._to = latest
                self._recent.clear()
                self._task = asyncio.create_task(self._poll())
        self._listeners += 1
        return self._to

    def leave(self) -> None:
        """Listen no longer; the last one who leaves ends the questions to the database."""
        self._listeners -= 1
        if self._listeners == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def after(self, number: int) -> tuple[tuple[Event, ...], int]:
        """Return events that come after a number, and the number up to which there is nothing more to be told."""
        if number < self._from:
            return await asyncio.to_thread(self.read, number)
        return tuple(event for event in self._recent if event.id > number), max(number, self._to)

    @property
    def news(self) -> asyncio.Event:
        """Is set when there is something new; the next news have an event of their own."""
        return self._news

    def read(self, number: int) -> tuple[tuple[Event, ...], int]:
        """Return the next events after a number from the database, and the number of the last row that was read."""
        with self._store.reading() as transaction:
            rows = transaction.changes_after(number, _BATCH)
        events = tuple(
            Event(type=TYPES[row["action"]], **{name: row[name] for name in row if name not in ("action", "outcome")})
            for row in rows
            if row["action"] in TYPES and row["outcome"] == "success"
        )
        return events, rows[-1]["id"] if rows else number

    def _latest(self) -> int:
        with self._store.reading() as transaction:
            return transaction.last_audit_number()

    async def _poll(self) -> None:
        while True:
            try:
                events, last = await asyncio.to_thread(self.read, self._to)
            except Exception as error:  # noqa: BLE001  # a database that is away for a while must not end the feed
                _log.error("events interrupted", **kind_and_places(error))
                events, last = (), self._to
            if last > self._to:
                self._add(events, last)
            else:
                await asyncio.sleep(self._period)

    def _add(self, events: tuple[Event, ...], last: int) -> None:
        self._recent.extend(events)
        while len(self._recent) > _RECENT:
            self._from = self._recent.popleft().id
        self._to = last
        self._news.set()
        self._news = asyncio.Event()
