"""Storage commitment (PS3.4 annex J).

1. What is safe is committed, what is not there is named with its reason.
2. A report that is owed survives: the receiver may be killed, the device may be away.
3. Nobody is told twice, and what nobody fetches is given up in the end.
"""

from __future__ import annotations

import queue
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.pdu import P_DATA_TF

from reporting.receiving.commitment_reports import Reports
from reporting.receiving.inbox import Inbox
from reporting.receiving.objects import data_set
from reporting.receiving.peers import peer
from reporting.receiving.records import CommitmentRequest
from reporting.store import Store, open_store

from ..reporting.site import START, sr, ticking
from ..sr_writer import uid
from .conftest import Place, receiving
from .sender import COMMITMENT, COMPREHENSIVE, EXPLICIT, association, evt, store

Places = Callable[..., Place]
UID = uid("one/instance")
BASIC = "1.2.840.10008.5.1.4.1.1.88.11"


def request(*wanted: tuple[str, str]) -> Dataset:
    asked = Dataset()
    asked.TransactionUID = uid("transaction")
    asked.ReferencedSOPSequence = []
    for sop_class, instance in wanted:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, instance
        asked.ReferencedSOPSequence.append(one)
    return asked


def into(reports: queue.Queue[Any]) -> list[Any]:
    """Return the handlers of a device that takes reports; each counts as taken when its answer has gone out."""
    answered: queue.Queue[Any] = queue.Queue()

    def on_report(event: Any) -> tuple[int, None]:
        answered.put((event.event_type, event.event_information))
        return 0, None

    def on_sent(event: Any) -> None:
        if isinstance(event.pdu, P_DATA_TF) and not answered.empty():
            reports.put(answered.get())

    return [(evt.EVT_N_EVENT_REPORT, on_report), (evt.EVT_PDU_SENT, on_sent)]


def ask(port: int, asked: Dataset, action: int = 1, first: bytes | None = None) -> tuple[int, Any]:
    """Store an object, ask for commitment on the same association, and return status and report."""
    reports: queue.Queue[Any] = queue.Queue()

    with association(port, classes=(COMPREHENSIVE, COMMITMENT), syntax=EXPLICIT, handlers=into(reports)) as made:
        if first is not None:
            assert store(made, UID, first) == 0
        status, _ = made.send_n_action(asked, action, COMMITMENT, "1.2.840.10008.1.20.1.1")
        return status.Status, reports.get(timeout=10) if status.Status == 0 else None


def test_what_is_safe_is_committed(place: Places) -> None:
    status, (event, report) = ask(place().port, request((COMPREHENSIVE, UID)), first=data_set(sr()))
    assert (status, event) == (0, 1)
    assert report.TransactionUID == uid("transaction")
    assert [one.ReferencedSOPInstanceUID for one in report.ReferencedSOPSequence] == [UID]
    assert "FailedSOPSequence" not in report


def test_what_is_not_safe_has_a_reason(place: Places) -> None:
    here = place()
    asked = request((COMPREHENSIVE, UID), (COMPREHENSIVE, "1.2.3"), (BASIC, UID))
    _, (event, report) = ask(here.port, asked, first=data_set(sr()))
    assert event == 2
    failed = [(one.ReferencedSOPInstanceUID, one.FailureReason) for one in report.FailedSOPSequence]
    assert failed == [("1.2.3", 0x0112), (UID, 0x0119)]
    assert len(report.ReferencedSOPSequence) == 1


def test_a_document_that_came_by_another_way_is_safe(place: Places) -> None:
    here = place()
    with here.store.writing() as transaction:
        from reporting.records import By
        from sr_import import read

        transaction.add_document(read(sr()), sr(), By("x", here.reception.inbox.clock()))
    _, (event, _) = ask(here.port, request((COMPREHENSIVE, UID)))
    assert event == 1


@pytest.mark.parametrize(("asked", "action", "status"), [(request(), 1, 0x0115), (request(("1", "2")), 2, 0x0123)])
def test_what_is_no_request_gets_a_status(place: Places, asked: Dataset, action: int, status: int) -> None:
    assert ask(place().port, asked, action)[0] == status


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def device(port: int) -> Iterator[queue.Queue[Any]]:
    """A device that listens for reports on a port; yields what it is told."""
    reports: queue.Queue[Any] = queue.Queue()
    entity = AE("US1")
    entity.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=into(reports))
    try:
        yield reports
    finally:
        server.shutdown()


def only_ask(port: int, transaction: str = "transaction") -> None:
    """Ask for commitment of one object, get the confirmation, and go without waiting for the report."""
    asked = request((COMPREHENSIVE, UID))
    asked.TransactionUID = uid(transaction)
    with association(port, classes=(COMPREHENSIVE, COMMITMENT), syntax=EXPLICIT) as made:
        assert store(made, UID, data_set(sr())) == 0
        status, _ = made.send_n_action(asked, 1, COMMITMENT, "1.2.840.10008.1.20.1.1")
        assert status.Status == 0
        made.abort()


def owed(store: Store, expected: int) -> tuple[CommitmentRequest, ...]:
    """Return the requests whose report is owed, once they are as many."""
    until = time.monotonic() + 20
    while True:
        with store.reading() as transaction:
            found = transaction.commitments()
        if len(found) == expected:
            return found
        assert time.monotonic() < until, f"{len(found)} reports are owed, not {expected}"
        time.sleep(0.05)


def test_a_report_is_owed_until_the_device_has_it(tmp_path: Path) -> None:  # 2
    port, database = free_port(), tmp_path / "mrrt.sqlite"
    listening = ("--peer", f"US1@127.0.0.1:{port}")
    with receiving(tmp_path / "first.log", database, *listening) as (_, receiver):
        only_ask(receiver)  # then the receiver is killed; nobody listened at the device
    kept = open_store(f"sqlite:///{database}")
    assert owed(kept, 1)[0].transaction_uid == uid("transaction")
    with device(port) as reports, receiving(tmp_path / "second.log", database, *listening):
        event, report = reports.get(timeout=30)
        assert (event, report.TransactionUID) == (1, uid("transaction"))
        assert [one.ReferencedSOPInstanceUID for one in report.ReferencedSOPSequence] == [UID]
        owed(kept, 0)
        assert reports.empty()
    kept.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a refused socket of pynetdicom
def test_a_device_that_comes_late_is_called_again(place: Places) -> None:  # 2
    port = free_port()
    here = place(dicom_peers=f"US1@127.0.0.1:{port}")
    only_ask(here.port)
    owed(here.store, 1)
    with device(port) as reports:
        assert reports.get(timeout=30)[0] == 1
    owed(here.store, 0)


def test_a_device_without_a_port_is_told_when_it_asks_again(place: Places) -> None:  # 2
    here = place()
    only_ask(here.port, "earlier")
    owed(here.store, 1)
    reports: queue.Queue[Any] = queue.Queue()
    with association(here.port, classes=(COMMITMENT,), handlers=into(reports)) as made:
        made.send_n_action(request((COMPREHENSIVE, UID)), 1, COMMITMENT, "1.2.840.10008.1.20.1.1")
        told = {reports.get(timeout=10)[1].TransactionUID for _ in range(2)}
    assert told == {uid("earlier"), uid("transaction")}
    owed(here.store, 0)


def _kept(store: Store, **more: Any) -> CommitmentRequest:
    at = "2026-01-30T09:00:00.000000+00:00"
    asked = {"transaction_uid": "1.2", "title": "US1", "address": "127.0.0.1", "objects": (("1", "2"),), **more}
    made = CommitmentRequest(**asked, asked_at=at, due_at=at)
    with store.writing() as transaction:
        transaction.add_commitment(made)
        return transaction.commitments()[-1]


def test_one_of_two_processes_makes_an_attempt(place: Places) -> None:  # 3
    here = place()
    here.reception.stop()
    kept = _kept(here.store)
    with here.store.writing() as transaction:
        assert [transaction.claim_commitment(kept, kept.due_at) for _ in range(2)] == [True, False]
    again, other = _kept(here.store), _kept(here.store, title="US2")
    with here.store.reading() as transaction:
        assert transaction.commitments() == (again, other)


def test_what_nobody_takes_is_given_up(place: Places) -> None:  # 3
    here = place()
    here.reception.stop()
    _kept(here.store)
    clock = ticking()
    late = Inbox(here.store, lambda: clock() + timedelta(days=3, seconds=1))
    assert late.clock() > START
    reports = Reports(late, "MRRT", (peer(f"US1@127.0.0.1:{free_port()}"),))
    reports.start()
    owed(here.store, 0)
    reports.stop()
