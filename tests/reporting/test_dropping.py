"""What failed in the inbox is dropped when somebody says so, and nothing else is.

1. What was named, or is old enough, is dropped; the audit log names each object, and the check stays content.
2. What was imported, waits, or is kept as the site wants it, is never dropped; nor what is named beside it.
3. What comes again after a drop is new; what was in conflict with what was dropped has its turn.
4. Each failure, each conflict and who had what tried again is in the log, with nothing that is in the object.
5. An object that is gone without a drop is still missed, also where its number was dropped once.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mrrt.errors import NotFound, UsageError
from reporting.audit_check import Kind
from reporting.audit_log import AuditLog
from reporting.receiving.dropping import Dropping
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Arrival, State, received_digest
from reporting.records import AuditFilter
from reporting.verifying import verify
from reporting.workflow import Workflow

from ..sr_writer import uid
from .backends import BACKEND
from .site import START, by, sr

SR, CT = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.2"
ONE = uid("one/instance")
HALF = sr()[:-500]


@pytest.fixture
def inbox(workflow: Workflow) -> Inbox:
    return Inbox(workflow.store, lambda: START, quiet=True)


def arrive(inbox: Inbox, content: bytes, name: str = ONE, sop_class: str = SR) -> int:
    kept = inbox.keep(Arrival(content, name, sop_class, "c-store", "US1", "192.0.2.7"))
    return inbox.settle(kept.entry.id).id


def gone(inbox: Inbox, number: int) -> bool:
    with inbox.store.reading() as transaction:
        return not transaction.has_entry(number)


def test_what_is_named_is_dropped_and_in_the_log(inbox: Inbox) -> None:  # 1
    first, other = arrive(inbox, HALF), arrive(inbox, b"noise", "")
    arrive(inbox, sr(instance="two"), uid("two/instance"))
    dropping = Dropping(inbox)
    assert [one.id for one in dropping.named([other, first, other])] == [other, first]
    done = dropping.drop(dropping.named([other, first]), by("operator"))
    assert [one.id for one in done.entries] == [other, first] and gone(inbox, first) and gone(inbox, other)
    assert inbox.counts() == {State.IMPORTED: 1}
    events = [one.event for one in AuditLog(inbox.store).entries(AuditFilter(action="drop"))]
    assert [(one.actor, one.document, one.digest) for one in events] == [
        ("operator", None, received_digest(b"noise")),
        ("operator", ONE, received_digest(HALF)),
    ]
    assert json.loads(events[1].detail) == {"number": first, "status": "failed"}
    assert verify(inbox.store).findings == ()


def test_what_is_old_enough_is_dropped(workflow: Workflow, inbox: Inbox) -> None:  # 1
    later = Inbox(workflow.store, lambda: START + timedelta(days=10), quiet=True)
    old, conflict = arrive(inbox, HALF), arrive(inbox, sr())
    imported, new = arrive(inbox, sr(instance="two"), uid("two/instance")), arrive(later, b"x", "1.2.3")
    dropping = Dropping(later)
    assert dropping.older_than(11) == ()
    assert [one.id for one in dropping.older_than(5)] == [old, conflict]
    assert [one.id for one in dropping.older_than(0)] == [old, conflict], "what came this moment is not older"
    dropping.drop(dropping.older_than(5), by())
    assert not gone(inbox, imported) and not gone(inbox, new) and inbox.counts()[State.FAILED] == 1
    assert verify(inbox.store).findings == ()


def test_nothing_else_is_dropped(inbox: Inbox) -> None:  # 2
    failed, imported = arrive(inbox, HALF), arrive(inbox, sr(instance="two"), uid("two/instance"))
    kept = arrive(inbox, b"x", "1.2.4", CT)
    waits = inbox.keep(Arrival(b"y", "1.2.5", SR, "c-store", "US1")).entry.id
    dropping = Dropping(inbox)
    for number, state in ((imported, "imported"), (kept, "kept"), (waits, "received")):
        with pytest.raises(UsageError, match=f"received object {number} is {state}"):
            dropping.named([failed, number])
    with pytest.raises(NotFound, match="no received object 99"):
        dropping.named([failed, 99])
    entries = dropping.named([failed])
    inbox.retry(by())
    assert dropping.drop(entries, by()).entries == (), "somebody lets it be imported once more meanwhile"
    assert not gone(inbox, failed) and verify(inbox.store).findings == ()


def test_what_comes_again_is_new(inbox: Inbox) -> None:  # 3
    first = arrive(inbox, HALF)
    dropping = Dropping(inbox)
    dropping.drop(dropping.named([first]), by())
    kept = inbox.keep(Arrival(HALF, ONE, SR, "c-store", "US1"))
    assert kept.new and kept.entry.id > first
    assert len(list(AuditLog(inbox.store).entries(AuditFilter(action="arrive")))) == 2
    assert verify(inbox.store).findings == ()


def test_what_was_in_conflict_has_its_turn(inbox: Inbox) -> None:  # 3
    """Its sender would never be told otherwise that it was not imported: the same again is no news."""
    broken, whole, third = arrive(inbox, HALF), arrive(inbox, sr()), arrive(inbox, sr(100.0))
    dropping = Dropping(inbox)
    assert [one.id for one in dropping.drop(dropping.named([broken]), by()).instead] == [whole]
    with inbox.store.reading() as transaction:
        assert [transaction.entry(number).state for number in (whole, third)] == [State.IMPORTED, State.CONFLICT]
        assert transaction.document(ONE) == sr()
    dropping.drop(dropping.named([third]), by())
    assert inbox.counts() == {State.IMPORTED: 1} and verify(inbox.store).findings == ()


def test_what_goes_without_a_drop_is_missed(inbox: Inbox, tmp_path: Path) -> None:  # 5
    first, second = arrive(inbox, HALF), arrive(inbox, b"x", "1.2.3")
    dropping = Dropping(inbox)
    dropping.drop(dropping.named([first]), by())
    engine = sa.create_engine(BACKEND.url(tmp_path), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DELETE FROM received_object WHERE id = {second}"))
    [finding] = verify(inbox.store).findings
    assert (finding.kind, finding.document) == (Kind.REMOVED, "1.2.3")
    third = arrive(inbox, HALF)
    with engine.begin() as connection:  # as a restore from a backup numbers it, which knows of no higher number
        connection.execute(sa.text(f"UPDATE received_object SET id = {first} WHERE id = {third}"))
    assert len(verify(inbox.store).findings) == 2 + 1, "it is not the one that was dropped"


def test_a_number_that_is_used_again_after_a_restore(inbox: Inbox, tmp_path: Path) -> None:  # 5
    first = arrive(inbox, HALF)
    dropping = Dropping(inbox)
    dropping.drop(dropping.named([first]), by())
    engine = sa.create_engine(BACKEND.url(tmp_path), poolclass=sa.NullPool)
    again = {"sqlite": "DELETE FROM sqlite_sequence", "postgresql": "SELECT setval('received_object_id_seq', 1, false)"}
    with engine.begin() as connection:
        connection.execute(sa.text(again[connection.dialect.name]))
    assert arrive(inbox, HALF) == first and verify(inbox.store).findings == ()
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM received_object"))
    [finding] = verify(inbox.store).findings
    assert (finding.kind, finding.document) == (Kind.REMOVED, ONE)


def told(inbox: Inbox, *actions: str) -> list[tuple[str, str, str, object]]:
    events = [one.event for one in AuditLog(inbox.store).entries(AuditFilter()) if one.event.action in actions]
    return [(one.action, one.outcome, one.actor, json.loads(one.detail)) for one in events]


def test_what_becomes_of_an_object_is_in_the_log(inbox: Inbox) -> None:  # 4
    failed = arrive(inbox, HALF)
    other = arrive(inbox, sr(right=200.0))
    assert inbox.retry(by("operator")) == 1 and inbox.import_waiting() == 1
    Dropping(inbox).drop(Dropping(inbox).named([failed]), by("operator"))
    known = ("fail", "failed", "c-store US1", {"number": failed, "status": "failed"})
    assert told(inbox, "fail", "retry", "drop", "receive") == [
        known,
        ("retry", "success", "operator", {"number": failed, "status": "failed"}),
        known,
        ("drop", "success", "operator", {"number": failed, "status": "failed"}),
        ("retry", "success", "operator", {"number": other, "status": "conflict"}),
        ("receive", "success", "c-store US1", {}),
    ]
    assert told(inbox, "arrive")[1][3] == {"number": other, "status": "conflict"}
    assert verify(inbox.store).findings == ()


def test_a_document_that_came_by_another_way_is_a_conflict_in_the_log(inbox: Inbox, workflow: Workflow) -> None:  # 4
    workflow.receive(sr(), by())
    number = arrive(inbox, sr(right=200.0))
    assert told(inbox, "fail") == [("fail", "failed", "c-store US1", {"number": number, "status": "conflict"})]
