"""Databases of earlier versions.

1. What an earlier version kept is whole after the migration: reports, what was signed, documents, and the audit log as
   a chain that verifies.
2. It can be worked with: searched, edited, found by what late documents are looked up with.
3. Objects that waited in its inbox are in the audit log from then on, and are missed where one goes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from mrrt.report import Patient, ReportStatus
from reporting.audit_chain import chained
from reporting.audit_check import Kind
from reporting.draft import About, Edit
from reporting.job_runner import JobRunner
from reporting.moving import Moving
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Arrival
from reporting.records import DocumentFilter, Filter, as_text
from reporting.searching import Search
from reporting.signing import Signing
from reporting.statuses import SignOff
from reporting.store import Store, open_store
from reporting.store_tables import metadata
from reporting.verifying import verified
from reporting.workflow import Workflow
from reporting.worklist import Asked, Worklist

from ..sr_writer import to_bytes, uid
from .backends import BACKEND
from .site import SEEN, START, TEMPLATES, TINY, by, sr

BEFORE_THE_CHAIN = "0004"
Row = dict[str, Any]
KEPT = (
    *("template_version", "template_page", "sr_document", "report", "report_version", "rendition", "report_value"),
    "audit_event",
)


INBOX = (*KEPT, "received_object")


def engine_of(folder: Path) -> sa.Engine:
    folder.mkdir(exist_ok=True)
    return sa.create_engine(BACKEND.url(folder), poolclass=sa.NullPool)


def make_older(folder: Path, version: str) -> sa.Engine:
    """Make the tables of an earlier version of the program in a database of its own."""
    engine = engine_of(folder)
    config = Config()
    config.set_main_option("script_location", "reporting:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    return engine


def copy_down(
    newer: sa.Engine,
    older: sa.Engine,
    written: Callable[[str, Row], Row] = lambda _, row: row,
    names: tuple[str, ...] = KEPT,
) -> None:
    """Fill the tables of an earlier version with what it would have kept: the columns that it had, as it wrote them."""
    then = sa.MetaData()
    then.reflect(older)
    with newer.begin() as source, older.begin() as target:
        for name in names:
            columns = [metadata.tables[name].c[column.name] for column in then.tables[name].c]
            order = metadata.tables[name].primary_key.columns
            for row in source.execute(sa.select(*columns).order_by(*order)).mappings():
                target.execute(sa.insert(then.tables[name]).values(written(name, dict(row))))


@pytest.fixture
def migrated(workflow: Workflow, tmp_path: Path) -> Iterator[Store]:
    """A store with what a database of an earlier version held: a signed report and a draft of one document each."""
    for report in ("r1", "r2"):
        uid = workflow.receive(sr(instance=report), by()).document.sop_instance_uid
        workflow.create(report, "tiny-carotid", [uid or ""], by())
        workflow.edit(report, [Edit(field="conclusion", value="normal")], by())
    Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    older = make_older(tmp_path / "older", BEFORE_THE_CHAIN)
    copy_down(engine_of(tmp_path), older)
    older.dispose()
    store = open_store(BACKEND.url(tmp_path / "older"))
    yield store
    store.close()


def test_what_was_kept_is_whole(workflow: Workflow, migrated: Store) -> None:  # 1
    with migrated.reading() as now, workflow.store.reading() as then:
        assert verified(now).findings == ()
        for report in ("r1", "r2"):
            assert now.report(report) == then.report(report)
            assert now.values(report) == then.values(report)
            assert now.version_lines(report) == then.version_lines(report)
        signed = now.report("r1").signed_version
        assert signed is not None and now.rendition("r1", signed, "html") == then.rendition("r1", signed, "html")
        assert now.summaries(Filter(), 9) == then.summaries(Filter(), 9)
        assert now.documents(DocumentFilter(), 9, None) == then.documents(DocumentFilter(), 9, None)


def test_it_can_be_worked_with(migrated: Store) -> None:  # 2
    workflow = Workflow(migrated, (TEMPLATES,))
    after = workflow.edit("r2", [Edit(field="conclusion", value="stenosis")], by())
    assert after.version == 3
    with migrated.reading() as transaction:
        assert transaction.documents_known_by("r2") == transaction.report("r2").draft.report.documents != ()
        assert verified(transaction).findings == ()


def odd_type() -> bytes:
    """Return an SR whose study description has a value representation that there is not."""
    text = b"\x08\x00\x30\x10L"
    assert text + b"O" in sr()
    return sr().replace(text + b"O", text + b"Q")


def odd_sign() -> bytes:
    """Return an SR with a NUL in the name of the patient, which text columns of PostgreSQL do not take."""
    assert b"EXAMPLE^ADELE" in sr()
    return sr().replace(b"EXAMPLE^ADELE", b"EXAMPLE\0ADELE")


@pytest.mark.parametrize("written", [odd_type, odd_sign])
def test_odd_received_sr_is_migrated(workflow: Workflow, tmp_path: Path, written: Callable[[], bytes]) -> None:  # 1
    uid = workflow.receive(written(), by()).document.sop_instance_uid
    older = make_older(tmp_path / "older", BEFORE_THE_CHAIN)
    copy_down(engine_of(tmp_path), older)
    older.dispose()
    store = open_store(BACKEND.url(tmp_path / "older"))
    with store.reading() as now, workflow.store.reading() as then:
        assert uid and now.documents(DocumentFilter(), 9) == then.documents(DocumentFilter(), 9)
    store.close()


def test_rows_that_did_not_follow(workflow: Workflow, tmp_path: Path) -> None:  # 2
    signing, texts = Signing(workflow.store), tmp_path / "own"
    shutil.copytree(TINY, texts / "tiny-carotid")
    page = texts / "tiny-carotid" / "template.html"
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="signed")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    signing.revise("r1", ReportStatus.CORRECTED, "the wrong side", by())
    workflow.edit("r1", [Edit(field="conclusion", value="not signed")], by())
    workflow.create("r2", "tiny-carotid", [], by())
    with workflow.store.reading() as transaction:
        first = transaction.report("r2").draft.template_version
    page.write_text(page.read_text("utf-8").replace("Conclusion", "Conclusions"), "utf-8")
    moving = Moving(workflow.store, (texts,))
    moving.migrate("r2", moving.preview("r2").target, by())
    older = make_older(tmp_path / "older", "0010")
    copy_down(engine_of(tmp_path), older)
    with older.begin() as connection:  # as they were kept
        connection.execute(sa.text("UPDATE report SET template_version = :first WHERE id = 'r2'"), {"first": first})
        connection.execute(
            sa.text("UPDATE report_value SET text = 'not signed', token = 'not signed' WHERE text = 'signed'")
        )
    older.dispose()
    store = open_store(BACKEND.url(tmp_path / "older"))
    assert JobRunner(Workflow(store, (texts,))).run_one()
    with store.reading() as now, workflow.store.reading() as then:
        assert verified(now).findings == ()
        assert now.values("r1") == then.values("r1") and "signed" in {row.text for row in now.values("r1")}
    store.close()


def without_signatures(name: str, row: Row) -> Row:
    """Return a row as it was before drafts listed the signatures."""
    if name != "report_version":
        return row
    draft = json.loads(row["document"])
    del draft["report"]["signatures"]
    return row | {"document": json.dumps(draft)}


def test_who_signed_before_reports_had_signatures(workflow: Workflow, tmp_path: Path) -> None:  # 2
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    older = make_older(tmp_path / "older", BEFORE_THE_CHAIN)
    copy_down(engine_of(tmp_path), older, without_signatures)
    older.dispose()
    store = open_store(BACKEND.url(tmp_path / "older"))
    signing = Signing(store)
    with store.reading() as transaction:
        assert verified(transaction).findings == ()
    signing.revise("r1", ReportStatus.CORRECTED, "the wrong side", by())
    signing.discard("r1", by())
    signing.append("r1", "seen again", by())
    with store.reading() as transaction:
        assert verified(transaction).findings == ()
    store.close()


def written_apart(name: str, row: Row) -> Row:
    """Return the row of a report as its name was searched for before: with the marks beside their letters."""
    return row | {"patient_key": "gro\u0308ß ida"} if name == "report" else row


def test_names_that_were_kept_are_found_however_they_are_written(workflow: Workflow, tmp_path: Path) -> None:  # 2
    dataset = dcmread(DicomBytesIO(sr()))
    dataset.SpecificCharacterSet, dataset.PatientName = "ISO_IR 192", "Gro\u0308ß^Ida"
    plain = workflow.receive(sr(instance="plain"), by()).document
    workflow.receive(to_bytes(dataset), by())
    workflow.create("r1", "tiny-carotid", [], by(), about=About(patient=Patient(name=str(dataset.PatientName))))
    older = make_older(tmp_path / "older", "0012")
    copy_down(engine_of(tmp_path), older, written_apart)
    older.dispose()
    store = open_store(BACKEND.url(tmp_path / "older"))
    worklist = Worklist(Workflow(store, (TEMPLATES,)), SignOff.SINGLE)
    for text, count in (("größ", 1), ("GRÖSS", 1), ("ida gro\u0308ss", 1), (plain.patient.name, 1), ("grob", 0)):
        assert worklist.unreported(Asked(by(), text)).total == count, text
    with store.reading() as transaction:
        assert [one.id for one in transaction.summaries(Search(patient_name="Größ").filter("query"), 9)] == ["r1"]
        assert verified(transaction).findings == ()
    store.close()


def let_in(store: Store, *uids: str) -> None:
    """Let objects arrive, one document among what no document can be made of, and import what can be."""
    inbox = Inbox(store, lambda: START, quiet=True)
    for name in uids:
        content = sr() if name == uid("one/instance") else name.encode()
        inbox.keep(Arrival(content, name, "1.2.840.10008.5.1.4.1.1.88.33", "c-store", "US1", "192.0.2.7"))
        while inbox.import_waiting():
            pass


def test_objects_that_waited_are_missed_where_one_goes(workflow: Workflow, tmp_path: Path) -> None:  # 3
    let_in(workflow.store, "1.2.3", uid("one/instance"), "")
    older = make_older(tmp_path / "older", "0014")
    copy_down(engine_of(tmp_path), older, names=tuple(name for name in INBOX if name != "audit_event"))
    with older.begin() as connection, workflow.store.reading() as then:  # its log told of the document alone
        [received] = [row for row in then.chain() if row["action"] == "receive"]
        table = sa.Table("audit_event", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table), chained(received, None))
        if connection.dialect.name == "postgresql":  # which numbered the objects then
            connection.execute(sa.text("SELECT setval('received_object_id_seq', 3)"))
    store = open_store(BACKEND.url(tmp_path / "older"))
    with store.reading() as transaction:
        assert verified(transaction).findings == ()
        events = transaction.audit_after(1, 9)
    assert [(one.action, one.actor, one.document) for one in events] == [
        ("arrive", "c-store US1", "1.2.3"),
        ("arrive", "c-store US1", None),
    ]
    details = [json.loads(one.detail) for one in events]
    assert details == [{"number": number, "received_at": as_text(START)} for number in (1, 3)]
    assert all(one.at > details[0]["received_at"] for one in events), "an event tells when it was written"
    let_in(store, "1.2.4")
    with store.reading() as transaction:
        assert verified(transaction).findings == ()
    with older.begin() as connection:
        connection.execute(sa.text("DELETE FROM received_object WHERE id IN (3, 4)"))
    with store.reading() as transaction:
        assert [(one.kind, one.event) for one in verified(transaction).findings] == [
            (Kind.REMOVED, 3),
            (Kind.REMOVED, 4),
        ]
    older.dispose()
    store.close()
