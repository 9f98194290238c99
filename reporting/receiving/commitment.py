"""Storage commitment: a device asks which objects are safe, and is told (PS3.4 annex J).

A request is in the database before it is confirmed, and leaves it when its report has reached the device; so a report
that is owed is delivered after a restart, too.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from pydicom.dataset import Dataset
from pynetdicom.dimse_messages import N_ACTION_RSP
from pynetdicom.pdu import P_DATA_TF

from reporting.logs import kind_and_places
from reporting.receiving.commitment_reports import PUSH_MODEL, Reports
from reporting.receiving.inbox import Inbox
from reporting.receiving.peers import Peer
from reporting.receiving.records import CommitmentRequest
from reporting.records import By

__all__ = ["PUSH_MODEL", "Commitments"]
_log = structlog.get_logger("mrrt.receiving")
_SUCCESS, _NO_SUCH_ACTION, _WRONG_ARGUMENT = 0x0000, 0x0123, 0x0115
_CONFIRMATION = timedelta(seconds=5)
"""How long the confirmation of a request may take; a report that came first would be taken for it."""


class Commitments:
    """Answers requests for commitment: on a new association where the peer has a port, else on one of the device."""

    def __init__(self, inbox: Inbox, title: str, peers: Sequence[Peer]) -> None:
        self._inbox = inbox
        self._reports = Reports(inbox, title, peers)
        self._asked: dict[Any, list[int]] = defaultdict(list)
        self._confirmed: dict[Any, list[int]] = {}

    def start(self) -> None:
        """Deliver what is owed since before; returns at once."""
        self._reports.start()

    def stop(self) -> None:
        """Try no more to reach devices; the next start does."""
        self._reports.stop()

    def on_action(self, event: Any) -> tuple[int, None]:
        """Take a request; it is answered as soon as its receipt is confirmed."""
        if event.action_type != 1:
            return _NO_SUCH_ACTION, None
        try:
            request = self._request(event.assoc, event.action_information)
        except Exception as error:  # noqa: BLE001  # whatever a device sends, it gets a status
            _log.warning("no request for commitment", **kind_and_places(error))
            return _WRONG_ARGUMENT, None
        with self._inbox.store.writing() as transaction:
            number = transaction.add_commitment(request)
        self._asked[event.assoc].append(number)
        return _SUCCESS, None

    def _request(self, association: Any, asked: Dataset) -> CommitmentRequest:
        wanted = [
            (str(one.ReferencedSOPClassUID), str(one.ReferencedSOPInstanceUID)) for one in asked.ReferencedSOPSequence
        ]
        if not wanted:
            raise ValueError("a request for commitment names no object")
        now = self._inbox.clock()
        return CommitmentRequest(
            transaction_uid=str(asked.TransactionUID),
            title=str(association.requestor.ae_title).strip(),
            address=str(association.requestor.address),
            objects=tuple(wanted),
            asked_at=By("", now).at_text,
            due_at=By("", now + _CONFIRMATION).at_text,
        )

    def on_sent(self, event: Any) -> None:
        """Note that the confirmation of a request is about to be sent."""
        if isinstance(event.message, N_ACTION_RSP):
            self._confirmed[event.assoc] = self._asked.pop(event.assoc, [])

    def on_pdu(self, event: Any) -> None:
        """Report, once the confirmation of a request has gone out: a device takes what comes first as its answer."""
        if isinstance(event.pdu, P_DATA_TF) and (numbers := self._confirmed.pop(event.assoc, None)):
            threading.Thread(target=self._reports.confirmed, args=(event.assoc, numbers), daemon=True).start()
