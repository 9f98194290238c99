"""The inbox: an object is safe before it is acknowledged, and becomes a document afterwards, once.

Safe means committed to the database with synchronous FULL, so one place holds object, UID and state together: whoever
dies between two steps leaves either nothing or an object that the next start imports. The SOP Instance UID says which
objects are the same; what comes under a known one with other bytes is kept beside it and never in its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from mrrt.errors import NotFound, Unreadable
from reporting.audit_codes import Outcome
from reporting.logs import kind_and_places
from reporting.receiving.objects import is_sr, same_object
from reporting.receiving.records import Arrival, Entry, Kept, State, sender
from reporting.records import By, DeviceLine
from reporting.store import Store
from reporting.store_transaction import Reading, Writing
from sr_import import Document, read_whole

_log = structlog.get_logger("mrrt.receiving")
_BATCH, _BATCH_BYTES = 32, 8 << 20
_NO_DOCUMENT = (State.FAILED, State.CONFLICT)
_OTHER_BYTES = "another object with the same SOP Instance UID was here first; it stays as it is"


@dataclass(frozen=True, slots=True)
class _Found:
    """An object that waits, and what was read in it: a document, or why there is none."""

    entry: Entry
    content: bytes
    document: Document | None = None
    reason: str = ""


@dataclass(frozen=True)
class Inbox:
    """The use cases on received objects of one store; `clock` says when something happens."""

    store: Store
    clock: Callable[[], datetime]
    quiet: bool = False
    """Whether nothing is logged: a command says itself what became of each object."""
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set when there may be something to import."""

    def keep(self, arrival: Arrival) -> Kept:
        """Keep an object; when this returns, it is safe. What is here already is not kept a second time."""
        by, digest = self._by(sender(arrival.via, arrival.source), arrival.address), arrival.digest
        with self.store.writing() as transaction:
            known = transaction.entries_of(arrival.sop_instance_uid)
            first = _first(known.values()) if arrival.sop_instance_uid else None
            same = known.get(digest) or (_same(transaction, first, arrival) if first else None)
            if same is not None:
                return Kept(same, new=False)
            entry = transaction.add_entry(arrival, digest, *_beginning(arrival, first), by.at_text)
            said = {"number": entry.id} | ({"account": arrival.account} if arrival.account else {})
            said |= {"status": entry.state.value} if entry.state is not State.RECEIVED else {}
            transaction.audit("arrive", by, document=arrival.sop_instance_uid or None, digest=digest, detail=said)
        self.arrived.set()
        self._said("object kept", object=entry.id, via=entry.via, state=entry.state, bytes=entry.size)
        return Kept(entry, new=True)

    def import_waiting(self) -> int:
        """Import some of the objects that are not imported yet, the oldest first; return how many were settled.

        They are read one by one and settled together: one transaction costs as much as one object, and it is short.
        """
        found: list[_Found] = []
        with self.store.reading() as transaction:
            for number in transaction.waiting(_BATCH):
                found.append(_Found(transaction.entry(number), transaction.entry_content(number)))
                if sum(one.entry.size for one in found) > _BATCH_BYTES:
                    break
        if found:
            self._settle_all([_read(one) for one in found])
        return len(found)

    def settle(self, number: int) -> Entry:
        """Make a document of a received object, or say why that is not possible; what was settled before stays so."""
        with self.store.reading() as transaction:
            entry = transaction.entry(number)
            if entry.state is not State.RECEIVED:
                return entry
            found = _Found(entry, transaction.entry_content(number))
        return self._settle_all([_read(found)])[0]

    def _settle_all(self, found: Sequence[_Found]) -> list[Entry]:
        settled = []
        with self.store.writing() as transaction:
            for one in found:
                state, reason = State.FAILED, one.reason
                if one.document is not None:
                    state, reason = self._imported(transaction, one.entry, one.document, one.content)
                if transaction.settle(one.entry.id, state, reason, self._by("").at_text) and state in _NO_DOCUMENT:
                    self._note_failure(transaction, one.entry, state)
                settled.append(transaction.entry(one.entry.id))
        for entry in settled:
            self._said("object settled", object=entry.id, via=entry.via, state=entry.state)
        return settled

    def _note_failure(self, transaction: Writing, entry: Entry, state: State) -> None:
        """Add the event; why it is, is said in the inbox alone: that may quote what is in the object."""
        by, said = self._by(sender(entry.via, entry.source)), {"number": entry.id, "status": state.value}
        transaction.audit("fail", by, outcome=Outcome.FAILED, document=entry.sop_instance_uid or None, detail=said)

    def _imported(self, transaction: Writing, entry: Entry, document: Document, content: bytes) -> tuple[State, str]:
        """Make the document of the store, unless another process did so or it came in by another way."""
        if transaction.entry(entry.id).state is not State.RECEIVED:
            return State.RECEIVED, ""  # settled meanwhile: `Writing.settle` leaves it as it is
        known = transaction.document(entry.sop_instance_uid)
        if known is None:
            transaction.add_document(document, content, self._by(sender(entry.via, entry.source)))
        elif not same_object(known, content):
            return State.CONFLICT, _OTHER_BYTES
        return State.IMPORTED, ""

    def retry(self, by: By) -> int:
        """Let all failed objects be imported once more, for instance after an update; return how many they are."""
        with self.store.writing() as transaction:
            again = transaction.take_up_again(State.FAILED)
            for number, uid in again:
                note_retry(transaction, number, uid, State.FAILED, by)
        self.arrived.set()
        return len(again)

    def devices(self) -> tuple[DeviceLine, ...]:
        """Return the devices that documents came from, the one that sent last first."""
        with self.store.reading() as transaction:
            return transaction.devices()

    def entries(self, states: tuple[State, ...], limit: int, before: int | None = None) -> tuple[Entry, ...]:
        """Return up to `limit` received objects in one of these states, the newest first."""
        with self.store.reading() as transaction:
            return transaction.entries(states, limit, before)

    def counts(self) -> dict[State, int]:
        """Return how many received objects are in each state."""
        with self.store.reading() as transaction:
            return transaction.counts()

    def content(self, number: int) -> bytes:
        """Return a received object as it came; raises NotFound."""
        with self.store.reading() as transaction:
            if not transaction.has_entry(number):
                raise NotFound(f"there is no received object {number}")
            return transaction.entry_content(number)

    def held(self, uid: str) -> Entry | None:
        """Return the object that is held under a SOP Instance UID."""
        with self.store.reading() as transaction:
            return transaction.first_entry(uid)

    def has_document(self, uid: str) -> bool:
        """Tell whether a SOP Instance UID is known, in the inbox or among the documents."""
        with self.store.reading() as transaction:
            return transaction.first_entry(uid) is not None or transaction.document(uid) is not None

    def _said(self, event: str, **more: Any) -> None:
        if not self.quiet:
            _log.info(event, **more)

    def _by(self, actor: str, address: str = "") -> By:
        return By(actor, self.clock(), source=address)


def note_retry(transaction: Writing, number: int, uid: str, before: State, by: By) -> None:
    """Add the event that an object, which was in a state before, is to be imported once more."""
    transaction.audit("retry", by, document=uid or None, detail={"number": number, "status": before.value})


def _first(entries: Iterable[Entry]) -> Entry | None:
    """Return the object that counts for its SOP Instance UID."""
    return next((entry for entry in entries if entry.state is not State.CONFLICT), None)


def _same(transaction: Reading, first: Entry, arrival: Arrival) -> Entry | None:
    """Return the object that counts, if it is the one that arrives, in another transfer syntax."""
    return first if same_object(transaction.entry_content(first.id), arrival.content) else None


def _beginning(arrival: Arrival, first: Entry | None) -> tuple[State, str]:
    """Return the state in which a new object begins, and why."""
    if first is not None:
        return State.CONFLICT, _OTHER_BYTES
    if arrival.sop_class_uid and not is_sr(arrival.sop_class_uid):
        return State.KEPT, ""
    return State.RECEIVED, ""


def _read(found: _Found) -> _Found:
    document, reason = _document(found.entry, found.content)
    return _Found(found.entry, found.content, document, reason)


def _document(entry: Entry, content: bytes) -> tuple[Document | None, str]:
    """Return the document in a received object; without one, why there is none."""
    try:
        document = read_whole(content)
    except Unreadable as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001  # one object must never keep the others from being imported
        _log.error("object not imported", object=entry.id, **kind_and_places(error))
        return None, f"this is a mistake in mrrt ({type(error).__name__}); please report it, without patient data"
    if not document.sop_instance_uid:
        return None, "the document has no SOP Instance UID, so it cannot be told from others"
    if document.sop_instance_uid != entry.sop_instance_uid:
        return None, "the document states another SOP Instance UID than it was sent under"
    return document, ""
