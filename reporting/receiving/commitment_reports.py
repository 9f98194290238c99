"""Delivers the reports of storage commitment that are owed, until the devices have them (PS3.4 section J.3.3).

A device with a port is called, again and again with growing pauses. One without is told on the association on which it
asked, or on a later one on which it asks again: only then is it known to listen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role

from reporting.logs import kind_and_places
from reporting.receiving.inbox import Inbox
from reporting.receiving.peers import Peer
from reporting.receiving.records import CommitmentRequest
from reporting.records import By

_log = structlog.get_logger("mrrt.receiving")
PUSH_MODEL = "1.2.840.10008.1.20.1"
_INSTANCE = "1.2.840.10008.1.20.1.1"
_SUCCESS, _NO_SUCH_OBJECT, _OTHER_CLASS = 0x0000, 0x0112, 0x0119
_ALL_SAFE, _SOME_NOT = 1, 2
_WAITS = (5, 20, 60, 300, 1800, 3600)
"""Seconds after each attempt to reach a device; after the last one, again and again."""
_GIVEN_UP = timedelta(days=3)
_CONNECTION = 4.0
"""Seconds for a connection, so that devices that are switched off do not hold up the others."""
_LONGEST_PAUSE, _SHORTEST_PAUSE = 60.0, 0.05
_PATIENCE = 15.0


class Reports:
    """Works through the reports that are owed, in a thread of its own, until it is stopped."""

    def __init__(self, inbox: Inbox, title: str, peers: Sequence[Peer]) -> None:
        self._inbox = inbox
        self._title = title
        self._peers = peers
        self._confirmed: set[int] = set()
        self._wanted, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="commitment", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the report in hand."""
        self._stopped.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def confirmed(self, association: Any, numbers: Sequence[int]) -> None:
        """Report now: these requests are confirmed, and whoever asked on the association waits for an answer."""
        self._confirmed.update(numbers)
        self._wanted.set()
        title, address = str(association.requestor.ae_title).strip(), str(association.requestor.address)
        if self._peer(title, address) is None:
            with self._logged():
                for request in self._owed():
                    if (request.title, request.address) == (title, address):
                        self._deliver(association, request)

    def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while not self._stopped.is_set():
            self._wanted.wait(pause)
            self._wanted.clear()
            pause = _LONGEST_PAUSE
            with self._logged():
                self._call_devices()
                pause = self._pause()

    @contextmanager
    def _logged(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # a peer or the database may go at any moment
            _log.warning("commitment not delivered", **kind_and_places(error))

    def _owed(self) -> tuple[CommitmentRequest, ...]:
        with self._inbox.store.reading() as transaction:
            return transaction.commitments()

    def _pause(self) -> float:
        due = [one.due_at for one in self._owed() if self._peer(one.title, one.address)]
        seconds = (datetime.fromisoformat(min(due)) - self._inbox.clock()).total_seconds() if due else _LONGEST_PAUSE
        return min(max(seconds, _SHORTEST_PAUSE), _LONGEST_PAUSE)

    def _peer(self, title: str, address: str) -> Peer | None:
        return next((one for one in self._peers if one.port and one.has_title(title) and one.is_at(address)), None)

    def _call_devices(self) -> None:
        now = self._inbox.clock()
        owed = self._without_stale(self._owed(), now)
        due = [one for one in owed if one.id in self._confirmed or one.due_at <= _text(now)]
        for (title, address), requests in groupby(sorted(due, key=_device), key=_device):
            peer = self._peer(title, address)
            if peer is not None and not self._stopped.is_set():
                with self._logged():
                    self._call(peer, title, tuple(requests))

    def _without_stale(self, owed: Sequence[CommitmentRequest], now: datetime) -> list[CommitmentRequest]:
        oldest = _text(now - _GIVEN_UP)
        for request in owed:
            if request.asked_at < oldest:
                with self._inbox.store.writing() as transaction:
                    transaction.drop_commitment(request.id)
                _log.warning("commitment given up", title=request.title, attempts=request.attempts)
        return [request for request in owed if request.asked_at >= oldest]

    def _call(self, peer: Peer, title: str, requests: Sequence[CommitmentRequest]) -> None:
        """Deliver reports on an association of our own, with the roles exchanged (PS3.7 annex D.3.3.4)."""
        mine = [request for request in requests if self._claimed(request)]
        if not mine:
            return
        entity = AE(self._title)
        entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = _CONNECTION
        entity.add_requested_context(PUSH_MODEL)
        role = build_role(PUSH_MODEL, scu_role=False, scp_role=True)
        association = entity.associate(peer.address, peer.port or 0, ae_title=title, ext_neg=[role])
        if not association.is_established:
            _log.info("device not reached", title=title, reports=len(mine))
            return
        try:
            for request in mine:
                self._send(association, request)
        finally:
            association.release()

    def _deliver(self, association: Any, request: CommitmentRequest) -> None:
        if self._claimed(request):
            self._send(association, request)

    def _claimed(self, request: CommitmentRequest) -> bool:
        """Begin an attempt, unless another process or association has begun one."""
        self._confirmed.discard(request.id)
        wait = timedelta(seconds=_WAITS[min(request.attempts, len(_WAITS) - 1)])
        with self._inbox.store.writing() as transaction:
            return transaction.claim_commitment(request, _text(self._inbox.clock() + wait))

    def _send(self, association: Any, request: CommitmentRequest) -> None:
        report = self._answer(request)
        kind = _SOME_NOT if "FailedSOPSequence" in report else _ALL_SAFE
        number = int(time.time()) % 65535 + 1
        status, _ = association.send_n_event_report(report, kind, PUSH_MODEL, _INSTANCE, msg_id=number)
        delivered = bool(status) and status.Status == _SUCCESS
        if delivered:
            with self._inbox.store.writing() as transaction:
                transaction.drop_commitment(request.id)
        said = {"objects": len(request.objects), "all_safe": kind == _ALL_SAFE, "delivered": delivered}
        _log.info("commitment", title=request.title, **said)

    def _answer(self, request: CommitmentRequest) -> Dataset:
        """Return what of the objects that were asked for is safe (PS3.4 table J.3-2)."""
        safe: list[Dataset] = []
        failed: list[Dataset] = []
        for sop_class, uid in request.objects:
            one, reason = Dataset(), self._lacking(sop_class, uid)
            one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, uid
            if reason:
                one.FailureReason = reason
            (failed if reason else safe).append(one)
        report = Dataset()
        report.TransactionUID = request.transaction_uid
        report.RetrieveAETitle = self._title
        if safe:
            report.ReferencedSOPSequence = safe
        if failed:
            report.FailedSOPSequence = failed
        return report

    def _lacking(self, sop_class: str, uid: str) -> int:
        entry = self._inbox.held(uid)
        if entry is None:
            return 0 if self._inbox.has_document(uid) else _NO_SUCH_OBJECT
        return 0 if entry.sop_class_uid == sop_class else _OTHER_CLASS


def _device(request: CommitmentRequest) -> tuple[str, str]:
    return request.title, request.address


def _text(moment: datetime) -> str:
    return By("", moment).at_text
