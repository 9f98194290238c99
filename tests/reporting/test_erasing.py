"""What has been kept for long enough goes, with all that belongs to it; nothing else does, and the log says so.

1. Reports go by their age, their patient or their number; documents that belong to one that stays, stay.
2. Nothing of them is left in the database, and `verify` finds it in order.
3. Nothing goes that the audit log does not tell of; what was erased and is there again is named.
4. A document that was erased may come in once more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mrrt.errors import NotFound
from reporting import store_tables as tables
from reporting.audit_check import Kind
from reporting.draft import Draft, Edit
from reporting.erasing import Erasing
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Arrival
from reporting.records import AuditFilter
from reporting.signing import Signing
from reporting.store_erase import Wanted
from reporting.verifying import verify
from reporting.workflow import Workflow

from ..sr_writer import Carotid, to_bytes, uid
from ..sr_writer import document as sr_dataset
from .backends import BACKEND
from .site import SEEN, by, sr

YEAR = 365 * 24 * 3600
LATE, STUDY = "2026-06-01", "2.25.77"
SR = "1.2.840.10008.5.1.4.1.1.88.33"


@pytest.fixture
def old(workflow: Workflow) -> Workflow:
    """Two reports of one January, one of them signed, and one of the next; two of them share a document."""
    shared, own, later = (receive(workflow, name, seconds) for name, seconds in (("a", 0), ("b", 0), ("c", YEAR)))
    workflow.create("r1", "tiny-carotid", [own, shared], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    workflow.create("r2", "tiny-carotid", [], by())
    workflow.create("r3", "tiny-carotid", [shared, later], by(seconds=YEAR))
    receive(workflow, "unused", 0)
    return workflow


def receive(workflow: Workflow, name: str, seconds: int = 0) -> str:
    """Take in a document of the one study that all of them are of."""
    velocities = {("right", "ica", "prox"): (336.0, 112.0)}
    one = sr_dataset(Carotid(velocities=velocities, ratios={}, instance=name))
    one.StudyInstanceUID = STUDY
    return workflow.receive(to_bytes(one), by(seconds=seconds)).document.sop_instance_uid or ""


def draft(workflow: Workflow, report: str) -> Draft:
    with workflow.store.reading() as transaction:
        return transaction.report(report).draft


def there(workflow: Workflow) -> tuple[list[str], int]:
    with workflow.store.reading() as transaction:
        connection = transaction._connection
        reports = list(connection.scalars(sa.select(tables.report.c.id).order_by(tables.report.c.id)))
        return reports, connection.scalar(sa.select(sa.func.count()).select_from(tables.sr_document)) or 0


def test_what_is_old_goes_and_nothing_else(old: Workflow) -> None:  # 1
    erasing = Erasing(old.store)
    found = erasing.found(Wanted(before=LATE))
    assert [one.id for one in found.reports] == ["r1", "r2"] and len(found.documents) == 2
    assert there(old) == (["r1", "r2", "r3"], 4)
    seen: list[tuple[int, int]] = []
    gone = erasing.erase(Wanted(before=LATE), "ten years", by(), lambda *step: seen.append(step))
    assert gone.reports == found.reports and set(gone.documents) == set(found.documents)
    assert seen == [(1, 2), (2, 2)]
    assert there(old) == (["r3"], 2)
    assert verify(old.store).findings == ()
    assert erasing.erase(Wanted(before=LATE), "ten years", by()).reports == ()


def test_one_report_goes_with_what_belongs_to_it_alone(old: Workflow) -> None:  # 1
    gone = Erasing(old.store).erase(Wanted(reports=("r1",)), "was a test", by())
    assert [one.id for one in gone.reports] == ["r1"] and len(gone.documents) == 1
    assert there(old) == (["r2", "r3"], 3)
    with pytest.raises(NotFound, match="no report"):
        old.get("r1")


def test_all_of_a_patient_goes(old: Workflow) -> None:  # 1
    patient = draft(old, "r1").report.patient.identifier
    assert Erasing(old.store).found(Wanted(patient="nobody")) == Erasing(old.store).found(Wanted(patient=patient + " "))
    Erasing(old.store).erase(Wanted(patient=patient), "asked for by the patient", by())
    assert there(old) == (["r2"], 0)  # which was made without a document, and is nobody's
    assert verify(old.store).findings == ()


def test_a_report_that_is_not_there_or_too_young_is_named(old: Workflow) -> None:  # 1
    for wanted in (Wanted(reports=("r1", "r9")), Wanted(before=LATE, reports=("r1", "r3"))):
        with pytest.raises(NotFound, match=max(wanted.reports or ())):
            Erasing(old.store).erase(wanted, "mistaken", by())
    assert there(old)[0] == ["r1", "r2", "r3"]


def test_a_report_that_changes_meanwhile_stays(old: Workflow) -> None:  # 1
    def meanwhile(done: int, _: int) -> None:
        if done == 1:
            old.edit("r2", [Edit(field="conclusion", value="normal")], by(seconds=YEAR))

    gone = Erasing(old.store).erase(Wanted(before=LATE), "ten years", by(), meanwhile)
    assert [one.id for one in gone.reports] == ["r1"] and there(old)[0] == ["r2", "r3"]


def test_no_row_tells_of_it_any_more(old: Workflow, tmp_path: Path) -> None:  # 2
    visit = {one.name: "r1" if one.name == "report_id" else one.type.python_type() for one in tables.trial_visit.c}
    with old.store.writing() as transaction:
        transaction._connection.execute(sa.insert(tables.trial_visit).values(visit))
    name, document = draft(old, "r1").report.patient.name, draft(old, "r1").dealt_with[0]
    assert name and name.encode() in bytes_of(tmp_path)
    Erasing(old.store).erase(Wanted(before="2027-12-31"), "ten years", by())
    with old.store.reading() as transaction:
        for table in tables.metadata.sorted_tables:
            for row in transaction._connection.execute(sa.select(table)).mappings():
                left = {key: value for key, value in row.items() if name in str(value)}
                assert not left and (table is tables.audit_event or document not in map(str, row.values())), table.name
    old.store.close()
    assert "sqlite" not in BACKEND.url(tmp_path) or name.encode() not in bytes_of(tmp_path)


def bytes_of(folder: Path) -> bytes:
    """Return the files of a SQLite database; of PostgreSQL, which has them elsewhere, the name that is looked for."""
    url = BACKEND.url(folder)
    files = Path(url.removeprefix("sqlite:///")).parent.glob("*.sqlite*") if "sqlite" in url else ()
    return b"".join(file.read_bytes() for file in files) or b"EXAMPLE^ADELE"


def test_the_log_tells_who_erased_what_and_why(old: Workflow) -> None:  # 3
    Erasing(old.store).erase(Wanted(reports=("r1",)), "was a test", by("admin"))
    with old.store.reading() as transaction:
        (entry,) = transaction.audit_page(AuditFilter(action="erase"), 10)
        (other,) = transaction.audit_page(AuditFilter(action="erase-document"), 10)
    assert (entry.event.report_id, entry.event.actor) == ("r1", "admin")
    assert '"reason":"was a test","versions":3' in entry.event.detail and entry.patient_id == ""
    assert other.event.document and "was a test" in other.event.detail


def test_the_database_keeps_what_the_log_does_not_tell_of(old: Workflow) -> None:  # 3
    for table in (tables.rendition, tables.report_version):
        with pytest.raises(sa.exc.IntegrityError, match="only added"), old.store.writing() as transaction:
            transaction._connection.execute(sa.delete(table).where(table.c.report_id == "r1"))
    with pytest.raises(sa.exc.IntegrityError, match="only added"), old.store.writing() as transaction:
        transaction.audit("erase", by(), report_id="r2")
        transaction._connection.execute(sa.delete(tables.report_version))


def test_what_was_erased_and_is_there_again_is_named(old: Workflow) -> None:  # 3
    document = draft(old, "r1").dealt_with[0]
    wanted = ((tables.report, "id", "r2"), (tables.report_version, "report_id", "r2"))
    wanted += ((tables.sr_document, "sop_instance_uid", document),)
    with old.store.reading() as transaction:
        query = (sa.select(table).where(table.c[column] == key) for table, column, key in wanted)
        rows = [transaction._connection.execute(one).mappings().one() for one in query]
    Erasing(old.store).erase(Wanted(before=LATE), "ten years", by())
    with old.store.writing() as transaction:
        for (table, _, _), row in zip(wanted, rows, strict=True):
            transaction._connection.execute(sa.insert(table).values(dict(row)))
    found = [one for one in verify(old.store).findings if "was erased" in one.message]
    assert [(one.kind, one.report, one.document) for one in found] == [
        (Kind.INSERTED, "r2", None),
        (Kind.INSERTED, None, document),
    ]


def test_with_a_document_goes_what_the_inbox_knows_of_it(workflow: Workflow) -> None:  # 2
    inbox = Inbox(workflow.store, lambda: by().at, quiet=True)
    for psv in (336.0, 200.0):  # the second is in conflict with the first
        kept = inbox.keep(Arrival(sr(psv), uid("one/instance"), SR, "c-store", "US1", "192.0.2.7"))
        inbox.settle(kept.entry.id)
    Erasing(workflow.store).erase(Wanted(before=LATE), "ten years", by())
    with workflow.store.reading() as transaction:
        assert transaction.counts() == {} and there(workflow)[1] == 0
    assert verify(workflow.store).findings == ()


def test_a_document_may_come_in_again(old: Workflow) -> None:  # 4
    document = draft(old, "r1").dealt_with[0]
    Erasing(old.store).erase(Wanted(before="2027-12-31"), "ten years", by())
    assert receive(old, "b", 2 * YEAR) == document or receive(old, "a", 2 * YEAR) == document
    assert verify(old.store).findings == ()
    Erasing(old.store).erase(Wanted(before="2029-01-01"), "ten years", by())
    assert there(old)[1] == 0 and verify(old.store).findings == ()
