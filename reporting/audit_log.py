"""The use cases on the audit log: what it says, page by page, and reads of patient data that are added to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from mrrt.errors import NotFound
from reporting.audit_codes import Outcome
from reporting.errors import WrongQuery
from reporting.records import AuditEntry, AuditFilter, By, as_text
from reporting.store import Store

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The use cases on one store."""

    store: Store

    def note(
        self, action: str, by: By, *, outcome: Outcome = Outcome.SUCCESS, detail: Any = None, **about: Any
    ) -> None:
        """Append an event that belongs to no change: a read, a search, a refusal. `about` is what it is about.

        When this returns, the event is safe.
        """
        with self.store.noting() as transaction:
            transaction.audit(action, by, outcome=outcome, detail=detail, **about)

    def entry(self, number: int) -> AuditEntry:
        """Return one event with what it is about; raises NotFound."""
        with self.store.reading() as transaction:
            found = transaction.audit_page(AuditFilter(), 1, number - 1)
        if not found or found[0].event.id != number:
            raise NotFound(f"there is no audit event {number}")
        return found[0]

    def page(
        self, wanted: AuditFilter, limit: int, place: int | None = None, *, newest: bool = False
    ) -> tuple[AuditEntry, ...]:
        """Return up to `limit` events that pass the filter, beyond the one with the number `place`."""
        with self.store.reading() as transaction:
            return transaction.audit_page(wanted, limit, place, newest=newest)

    def entries(self, wanted: AuditFilter) -> Iterator[AuditEntry]:
        """Yield all events that pass the filter, the oldest first, a batch at a time."""
        place: int | None = None
        while batch := self.page(wanted, _BATCH, place):
            yield from batch
            place = batch[-1].event.id


def moment(text: str, zone: tzinfo = UTC, place: str = "time") -> str:
    """Return a day or a time as the log writes it, so that texts sort as times do.

    A day is its beginning; what has no offset from UTC is by the clocks of `zone`. Raises WrongQuery with `place`.
    """
    try:
        time = datetime.fromisoformat(text)
        return as_text(time if time.tzinfo is not None else time.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise WrongQuery(place, f'"{text}" is no time', "Write it as 2026-01-30 or 2026-01-30T09:00:00Z.") from error
