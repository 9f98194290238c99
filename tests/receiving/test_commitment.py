"""Storage commitment (PS3.4 annex J): what is safe is committed, what is not there is named with its reason."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset

from reporting.receiving.objects import data_set

from ..reporting.site import sr
from ..sr_writer import uid
from .conftest import Place
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


def ask(port: int, asked: Dataset, action: int = 1, first: bytes | None = None) -> tuple[int, Any]:
    """Store an object, ask for commitment on the same association, and return status and report."""
    reports: queue.Queue[Any] = queue.Queue()

    def on_report(event: Any) -> int:
        reports.put((event.event_type, event.event_information))
        return 0

    handlers = [(evt.EVT_N_EVENT_REPORT, on_report)]
    with association(port, classes=(COMPREHENSIVE, COMMITMENT), syntax=EXPLICIT, handlers=handlers) as made:
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
