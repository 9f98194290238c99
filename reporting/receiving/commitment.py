"""Storage commitment: a device asks which objects are safe, and is told (PS3.4 annex J)."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import structlog
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role
from pynetdicom.dimse_messages import N_ACTION_RSP
from pynetdicom.pdu import P_DATA_TF

from reporting.logs import kind_and_places
from reporting.receiving.inbox import Inbox
from reporting.receiving.peers import Peer

_log = structlog.get_logger("mrrt.receiving")
PUSH_MODEL = "1.2.840.10008.1.20.1"
_INSTANCE = "1.2.840.10008.1.20.1.1"
_SUCCESS, _NO_SUCH_ACTION, _WRONG_ARGUMENT = 0x0000, 0x0123, 0x0115
_NO_SUCH_OBJECT, _OTHER_CLASS = 0x0112, 0x0119
_ALL_SAFE, _SOME_NOT = 1, 2
_WAITS = (0.0, 1.0, 5.0, 20.0)
"""Seconds before each attempt to reach a device."""


class Commitments:
    """Answers requests for commitment: on a new association where the peer has a port, else on the same one."""

    def __init__(self, inbox: Inbox, title: str, peers: Sequence[Peer]) -> None:
        self._inbox = inbox
        self._title = title
        self._peers = peers
        self._asked: dict[Any, list[Dataset]] = defaultdict(list)
        self._confirmed: dict[Any, list[Dataset]] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Try no more to reach devices."""
        self._stopped.set()

    def on_action(self, event: Any) -> tuple[int, None]:
        """Take a request; it is answered as soon as its receipt is confirmed."""
        if event.action_type != 1:
            return _NO_SUCH_ACTION, None
        try:
            asked = event.action_information
            _ = asked.TransactionUID, asked.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        except Exception as error:  # noqa: BLE001  # whatever a device sends, it gets a status
            _log.warning("no request for commitment", **kind_and_places(error))
            return _WRONG_ARGUMENT, None
        self._asked[event.assoc].append(asked)
        return _SUCCESS, None

    def on_sent(self, event: Any) -> None:
        """Note that the confirmation of a request is about to be sent."""
        if isinstance(event.message, N_ACTION_RSP):
            self._confirmed[event.assoc] = self._asked.pop(event.assoc, [])

    def on_pdu(self, event: Any) -> None:
        """Report, once the confirmation of a request has gone out: a device takes what comes first as its answer."""
        if isinstance(event.pdu, P_DATA_TF):
            for asked in self._confirmed.pop(event.assoc, ()):
                threading.Thread(target=self._report, args=(event.assoc, asked), daemon=True).start()

    def _report(self, association: Any, asked: Dataset) -> None:
        report = self._answer(asked)
        event = _SOME_NOT if "FailedSOPSequence" in report else _ALL_SAFE
        title, address = association.requestor.ae_title.strip(), association.requestor.address
        peer = next((one for one in self._peers if one.port and one.has_title(title) and one.is_at(address)), None)
        try:
            done = self._call(peer, title, report, event) if peer else _send(association, report, event)
        except Exception as error:  # noqa: BLE001  # the peer may go at any moment
            _log.warning("commitment not delivered", **kind_and_places(error))
            return
        objects = len(asked.ReferencedSOPSequence)
        _log.info("commitment", title=title, objects=objects, all_safe=event == _ALL_SAFE, delivered=done)

    def _answer(self, asked: Dataset) -> Dataset:
        """Return what of the objects that were asked for is safe (PS3.4 table J.3-2)."""
        safe: list[Dataset] = []
        failed: list[Dataset] = []
        for wanted in asked.ReferencedSOPSequence:
            reason = self._lacking(str(wanted.ReferencedSOPClassUID), str(wanted.ReferencedSOPInstanceUID))
            one = Dataset()
            one.ReferencedSOPClassUID = wanted.ReferencedSOPClassUID
            one.ReferencedSOPInstanceUID = wanted.ReferencedSOPInstanceUID
            if reason:
                one.FailureReason = reason
            (failed if reason else safe).append(one)
        report = Dataset()
        report.TransactionUID = asked.TransactionUID
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

    def _call(self, peer: Peer, title: str, report: Dataset, event: int) -> bool:
        """Deliver a report on an association of our own, with the roles exchanged (PS3.7 annex D.3.3.4)."""
        entity = AE(self._title)
        entity.add_requested_context(PUSH_MODEL)
        role = build_role(PUSH_MODEL, scu_role=False, scp_role=True)
        for wait in _WAITS:
            if self._stopped.wait(wait):
                return False
            association = entity.associate(peer.address, peer.port or 0, ae_title=title, ext_neg=[role])
            if association.is_established:
                try:
                    return _send(association, report, event)
                finally:
                    association.release()
        return False


def _send(association: Any, report: Dataset, event: int) -> bool:
    status, _ = association.send_n_event_report(
        report,
        event,
        PUSH_MODEL,
        _INSTANCE,
        msg_id=int(time.time()) % 65535 + 1,
    )
    return bool(status) and status.Status == _SUCCESS
