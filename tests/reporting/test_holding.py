"""What is on hold is not erased, whoever asks; the log tells of each hold and of its end.

1. A hold of a report keeps it with its documents; one of a patient keeps all of them, also what comes later.
2. Erasing says what it left, and takes it once the last hold is lifted.
3. The database itself keeps what is held.
4. Holds are in the audit log, without the patient, and `verify` misses those that are gone.
5. What cannot be held or lifted is refused, all of it.
"""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from mrrt.errors import NotFound
from reporting import store_tables as tables
from reporting.audit_check import Kind
from reporting.audit_log import AuditLog
from reporting.erasing import Erasing
from reporting.holding import Holding
from reporting.records import AuditFilter
from reporting.store_erase import Wanted
from reporting.verifying import verify
from reporting.workflow import Workflow

from .site import by, sr

LATE = "2026-06-01"
ALL = Wanted(before=LATE)


@pytest.fixture
def old(workflow: Workflow) -> Workflow:
    """Two reports of a patient, one of nobody, and a document that nobody reported."""
    for report in ("r1", "r2"):
        document = workflow.receive(sr(instance=report), by()).document.sop_instance_uid or ""
        workflow.create(report, "tiny-carotid", [document], by())
    workflow.create("r3", "tiny-carotid", [], by())
    workflow.receive(sr(instance="unreported"), by())
    return workflow


def patient(workflow: Workflow) -> str:
    with workflow.store.reading() as transaction:
        return transaction.report("r1").draft.report.patient.identifier


def there(workflow: Workflow) -> tuple[list[str], int]:
    with workflow.store.reading() as transaction:
        connection = transaction._connection
        reports = list(connection.scalars(sa.select(tables.report.c.id).order_by(tables.report.c.id)))
        return reports, connection.scalar(sa.select(sa.func.count()).select_from(tables.sr_document)) or 0


def told(workflow: Workflow, action: str) -> list[tuple[str | None, dict[str, object]]]:
    events = [one.event for one in AuditLog(workflow.store).entries(AuditFilter(action=action))]
    return [(one.report_id, json.loads(one.detail)) for one in events]


def test_a_report_on_hold_stays_with_its_document(old: Workflow) -> None:  # 1, 2
    (held,) = Holding(old.store).add(["r1"], None, "complaint 7", by("dpo"))
    assert (held.hold.number, held.reports) == (1, ("r1",)) and Holding(old.store).all() == (held,)
    erasing = Erasing(old.store)
    found = erasing.found(ALL)
    assert [one.id for one in found.reports] == ["r2", "r3"] and [one.id for one in found.held] == ["r1"]
    gone = erasing.erase(ALL, "ten years", by())
    assert [one.id for one in gone.held] == ["r1"] and set(gone.documents) == set(found.documents)
    assert there(old) == (["r1"], 1)
    assert verify(old.store).findings == ()


def test_a_named_report_on_hold_stays(old: Workflow) -> None:  # 2
    Holding(old.store).add(["r1"], None, "complaint 7", by())
    gone = Erasing(old.store).erase(Wanted(reports=("r1", "r2")), "asked for", by())
    assert ([one.id for one in gone.reports], [one.id for one in gone.held]) == (["r2"], ["r1"])
    assert there(old)[0] == ["r1", "r3"]


def test_all_of_a_patient_on_hold_stays_also_what_comes_later(old: Workflow) -> None:  # 1
    (held,) = Holding(old.store).add([], patient(old), "lawsuit", by())
    assert held.reports == ("r1", "r2")
    document = old.receive(sr(instance="later"), by()).document.sop_instance_uid or ""
    old.create("r4", "tiny-carotid", [document], by())
    gone = Erasing(old.store).erase(ALL, "ten years", by())
    assert [one.id for one in gone.reports] == ["r3"] and gone.documents == ()
    assert there(old) == (["r1", "r2", "r4"], 4)
    assert Erasing(old.store).erase(Wanted(patient=patient(old)), "asked for", by()).reports == ()


def test_documents_of_a_held_patient_stay_without_a_report(old: Workflow) -> None:  # 1
    identifier = patient(old)
    Erasing(old.store).erase(Wanted(reports=("r1", "r2")), "were tests", by())
    assert there(old) == (["r3"], 1)
    Holding(old.store).add([], identifier, "lawsuit", by())
    assert Erasing(old.store).found(ALL).documents == ()


def test_what_was_lifted_goes_once_no_other_hold_keeps_it(old: Workflow) -> None:  # 2
    holding, erasing = Holding(old.store), Erasing(old.store)
    holding.add(["r1"], None, "complaint 7", by())
    holding.add([], patient(old), "lawsuit", by())
    holding.lift([2], "settled", by())
    assert [one.id for one in erasing.found(ALL).held] == ["r1"]
    holding.lift([1], "answered", by())
    assert holding.all() == () and erasing.erase(ALL, "ten years", by()).held == ()
    assert there(old) == ([], 0)
    assert verify(old.store).findings == ()


def test_a_hold_that_comes_while_reports_go_keeps_those_that_are_left(old: Workflow) -> None:  # 2
    def meanwhile(done: int, _: int) -> None:
        if done == 1:
            Holding(old.store).add(["r2"], None, "just in time", by())

    gone = Erasing(old.store).erase(ALL, "ten years", by(), meanwhile)
    assert [one.id for one in gone.reports] == ["r1", "r3"] and there(old)[0] == ["r2"]
    assert [one.id for one in gone.held] == ["r2"]


@pytest.mark.parametrize("by_patient", [False, True])
def test_the_database_keeps_what_is_held(old: Workflow, by_patient: bool) -> None:  # 3
    named = ([], patient(old)) if by_patient else (["r1"], None)
    Holding(old.store).add(*named, "lawsuit", by())
    with pytest.raises(sa.exc.IntegrityError, match="is held"), old.store.writing() as transaction:
        transaction.audit("erase", by(), report_id="r1")
        transaction._connection.execute(
            sa.delete(tables.report_version).where(tables.report_version.c.report_id == "r1")
        )


def test_the_log_tells_of_holds_and_names_no_patient(old: Workflow) -> None:  # 4
    holding, identifier = Holding(old.store), patient(old)
    holding.add(["r3"], None, "complaint 7", by("dpo"))
    holding.add([], identifier, "lawsuit", by("dpo"))
    holding.lift([1], "answered", by("dpo"))
    of_patient = {"number": 2, "of": "patient", "reason": "lawsuit"}
    one = {"number": 1, "of": "report", "reason": "complaint 7"}
    assert told(old, "hold") == [("r3", one), ("r1", of_patient), ("r2", of_patient)]
    assert told(old, "lift-hold") == [("r3", {**one, "reason": "answered"})]
    entries = AuditLog(old.store).entries(AuditFilter(patient=identifier, action="hold"))
    assert [entry.event.actor for entry in entries] == ["dpo", "dpo"]


def test_the_check_misses_holds_that_are_gone_and_finds_those_put_in_or_changed(old: Workflow) -> None:  # 4
    holding, table = Holding(old.store), tables.legal_hold
    holding.add(["r1", "r2", "r3"], None, "lawsuit", by())
    holding.lift([3], "settled", by())
    assert verify(old.store).findings == ()
    more = {"id": 9, "report_id": "r3", "reason": "", "actor": "", "at": ""}
    with old.store.writing() as transaction:
        transaction._connection.execute(sa.delete(table).where(table.c.id == 1))
        transaction._connection.execute(sa.update(table).where(table.c.id == 2).values(report_id="r3", reason="none"))
        transaction._connection.execute(sa.insert(table).values(more))
    found = {one.kind: one.message for one in verify(old.store).findings}
    assert found[Kind.REMOVED].startswith("Hold 1 is gone") and found[Kind.INSERTED].startswith("Hold 9 has no")
    assert found[Kind.DISAGREES].startswith("Hold 2 is not what") and "report, reason" in found[Kind.DISAGREES]


def test_the_check_misses_the_guard(old: Workflow) -> None:  # 3
    with old.store.writing() as transaction:
        on = " ON rendition" if transaction._connection.dialect.name == "postgresql" else ""
        transaction._connection.execute(sa.text(f"DROP TRIGGER rendition_not_held{on}"))
    assert ['"rendition"' in one.message for one in verify(old.store).findings] == [True]


def test_what_is_not_there_is_refused_and_nothing_held_or_lifted(old: Workflow) -> None:  # 5
    holding = Holding(old.store)
    for reports, identifier, said in ((["r1", "r9"], None, "r9"), ([], "nobody", 'a patient "nobody"')):
        with pytest.raises(NotFound, match=said):
            holding.add(reports, identifier, "lawsuit", by())
    (held,) = holding.add(["r1"], None, "lawsuit", by())
    with pytest.raises(NotFound, match="no hold 99"):
        holding.lift([held.hold.number, 99], "settled", by())
    assert holding.all() == (held,) and len(told(old, "hold")) == 1
