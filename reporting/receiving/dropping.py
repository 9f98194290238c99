"""What failed in the inbox, or is in conflict there, goes when somebody says so: with an audit event for each object.

Nothing else can be dropped: what was imported is the document's, what waits is still to be imported, and the site wants
what is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from mrrt.errors import NotFound, UsageError
from reporting.receiving.inbox import Inbox, note_retry
from reporting.receiving.records import Entry, State
from reporting.records import By, as_text
from reporting.store_transaction import Reading, Writing

DROPPABLE = (State.FAILED, State.CONFLICT)
_BATCH = 200
"""Objects that are dropped in one transaction: devices that deliver wait for it."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped, and what became of that which was in conflict with it."""

    entries: tuple[Entry, ...]
    instead: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Dropping:
    """The use cases on one inbox."""

    inbox: Inbox

    def named(self, numbers: Iterable[int]) -> tuple[Entry, ...]:
        """Return the objects with these numbers; raises NotFound, and UsageError where one cannot be dropped."""
        with self.inbox.store.reading() as transaction:
            return tuple(_droppable(transaction, number) for number in dict.fromkeys(numbers))

    def older_than(self, days: int) -> tuple[Entry, ...]:
        """Return the objects that can be dropped and came in more than so many days ago, the oldest first."""
        before = as_text(self.inbox.clock() - timedelta(days=days))
        with self.inbox.store.reading() as transaction:
            return transaction.entries_before(DROPPABLE, before)

    def drop(self, entries: Sequence[Entry], by: By) -> Dropped:
        """Drop objects for good, but for those that somebody else settled or dropped meanwhile.

        What was in conflict with one of them has its turn: whoever sent it would send it again in vain.
        """
        dropped: list[Entry] = []
        next_ones: list[int] = []
        for batch in _batches(entries):
            with self.inbox.store.writing() as transaction:
                gone = [one for one in batch if _dropped(transaction, one, by)]
                uids = dict.fromkeys(one.sop_instance_uid for one in gone)
                next_ones += (number for uid in uids if (number := _next(transaction, uid, by)) is not None)
            dropped += gone
        instead = tuple(self.inbox.settle(number) for number in next_ones)
        return Dropped(tuple(dropped), instead)


def _droppable(transaction: Reading, number: int) -> Entry:
    if not transaction.has_entry(number):
        raise NotFound(f"there is no received object {number}; mrrt receive list --failed shows what can be dropped")
    entry = transaction.entry(number)
    if entry.state not in DROPPABLE:
        raise UsageError(
            f"received object {number} is {entry.state.value}: only what failed or is in conflict can be dropped, as "
            "mrrt receive list --failed shows it"
        )
    return entry


def _dropped(transaction: Writing, entry: Entry, by: By) -> bool:
    digest = transaction.remove_entry(entry.id, entry.state)
    if digest is not None:
        said = {"number": entry.id, "status": entry.state.value}
        transaction.audit("drop", by, document=entry.sop_instance_uid or None, digest=digest, detail=said)
    return digest is not None


def _next(transaction: Writing, uid: str, by: By) -> int | None:
    """Let the oldest conflict of a UID have its turn, if there is one, and return its number."""
    number = transaction.let_next_count(uid)
    if number is not None:
        note_retry(transaction, number, uid, State.CONFLICT, by)
    return number


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    source = iter(entries)
    while batch := list(islice(source, _BATCH)):
        yield batch
