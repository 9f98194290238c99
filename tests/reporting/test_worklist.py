"""What waits for whom.

1. A study waits until a report is on it; a cancelled report is none. The template that fills best is named.
2. Drafts, all or one's own; preliminary reports, and whose turn it is; what one signed.
3. Documents that a report does not know are late; those that it dealt with are not.
4. Every list is searched and paged, and says how much it holds.
5. Of a signed report, documents that change nothing are not late.
6. Lists are narrowed to a template; what it does not fit is passed over, and the next page begins after that.
7. A database that cannot be used for a while is said, and not remembered as documents that fit nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

import reporting.worklist as module
from reporting.draft import Edit
from reporting.errors import Unavailable
from reporting.records import By, DocumentFilter, Summary
from reporting.signing import Signing
from reporting.statuses import SignOff
from reporting.workflow import Workflow
from reporting.worklist import Asked, Part, WaitingStudy, Worklist

from ..sr_writer import to_bytes
from .backends import BACKEND
from .site import SEEN, by, sr


@pytest.fixture
def worklist(workflow: Workflow) -> Worklist:
    return Worklist(workflow, SignOff.SINGLE)


def asked(actor: str = "Dr. Example", **more: Any) -> Asked:
    return Asked(by(actor, seconds=3600), **more)


def receive(workflow: Workflow, instance: str, seconds: int = 0, **more: Any) -> str:
    return workflow.receive(sr(instance=instance, **more), by(seconds=seconds)).document.sop_instance_uid or ""


def ids(found: Part[Summary]) -> list[str]:
    return [one.id for one in found.items]


def studies(found: Part[WaitingStudy]) -> list[str]:
    return [one.study_instance_uid for one in found.items]


def test_studies_without_a_report(workflow: Workflow, signing: Signing, worklist: Worklist) -> None:  # 1
    uid = receive(workflow, "one", 5)
    [waiting] = worklist.unreported(asked()).items
    assert waiting.documents == 1 and waiting.patient_name == "EXAMPLE^ADELE" and waiting.received_at.startswith("2026")
    assert waiting.template and waiting.template.fields > 0
    workflow.create("r1", "tiny-carotid", [uid], by(seconds=10))
    assert worklist.unreported(asked()) == Part((), None, 0)
    signing.cancel("r1", "twice", by(seconds=20))
    assert worklist.unreported(asked()).total == 1
    assert worklist.unreported(Asked(By("x", by().at.replace(year=2027)))).items == (), "long ago"
    assert worklist.unreported(Asked(By("x", by().at.replace(year=2027)), days=400)).total == 1


def test_drafts_and_signatures(workflow: Workflow, signing: Signing, worklist: Worklist) -> None:  # 2
    for number, actor in enumerate(("anna", "bernd", "anna")):
        workflow.create(f"r{number}", "tiny-carotid", [], by(actor, seconds=number))
        workflow.edit(f"r{number}", [Edit(field="conclusion", value="normal")], by(actor, seconds=number))
    assert ids(worklist.drafts(asked("anna"))) == ["r2", "r1", "r0"]
    assert ids(worklist.drafts(asked("anna", mine=True))) == ["r2", "r0"]
    signing.sign("r0", by("anna", seconds=10), preliminary=True, acknowledging=SEEN)
    assert ids(worklist.drafts(asked("anna", mine=True))) == ["r2"]
    assert ids(worklist.to_sign(asked("anna"))) == ["r0"], "one signature is enough, also that of the same person"
    two = Worklist(workflow, SignOff.DOUBLE)
    assert ids(two.to_sign(asked("anna"))) == [] and ids(two.to_sign(asked("bernd"))) == ["r0"]
    signing.sign("r0", by("bernd", seconds=20))
    signing.sign("r1", by("bernd", seconds=30), acknowledging=SEEN)
    assert ids(worklist.to_sign(asked("bernd"))) == []
    assert ids(worklist.signed(asked("bernd"))) == ["r1", "r0"] and ids(worklist.signed(asked("anna"))) == []


def test_late_documents(workflow: Workflow, worklist: Worklist) -> None:  # 3
    first = receive(workflow, "one")
    workflow.create("r1", "tiny-carotid", [first], by(seconds=10))
    assert worklist.late(asked()).items == ()
    late = same_study(workflow, first, seconds=20)
    [found] = worklist.late(asked()).items
    assert (found.report.id, found.documents) == ("r1", 1)
    workflow.add_documents("r1", [late], by(seconds=30))
    assert worklist.late(asked()).items == ()


def same_study(workflow: Workflow, uid: str, seconds: int, *changes: tuple[bytes, bytes]) -> str:
    """Receive another document of the study of one that is there."""
    with workflow.store.reading() as transaction:
        content = transaction.document(uid) or b""
    other = uid[:-1] + ("1" if uid[-1] != "1" else "2")
    for before, after in ((uid.encode(), other.encode()), *changes):
        assert before in content and len(before) == len(after)
        content = content.replace(before, after)
    workflow.receive(content, by(seconds=seconds))
    return other


def test_searching_and_pages(workflow: Workflow, worklist: Worklist) -> None:  # 4
    uids = [receive(workflow, f"i{number}", number) for number in range(4)]
    whole = studies(worklist.unreported(asked()))
    assert len(whole) == 4
    first = worklist.unreported(asked(limit=2))
    assert studies(first) == whole[:2] and first.total == 4
    rest = worklist.unreported(asked(limit=2, before=first.last))
    assert studies(rest) == whole[2:] and rest.last is None
    words = (("adele", 4), ("EXAMPLE a", 4), ("EXAMPLE, ADELE", 4), ("adele example", 4), ("EX-0", 4), ("ex-0", 4))
    for text, count in (*words, ("EX0001", 4), ("ex0001", 4), ("%", 0), ("0001", 0), ("^", 0), ("adele berta", 0)):
        assert len(worklist.unreported(asked(text=text)).items) == count, text
        assert worklist.unreported(asked(text=text)).total == count, text
    for number in range(3):
        workflow.create(f"r{number}", "tiny-carotid", [uids[number]], by(seconds=10 + number))
        same_study(workflow, uids[number], seconds=20 + number)
    for text in ("ADELE", "example, adele", "ex0001"):
        drafts = worklist.drafts(asked(text=text, limit=1))
        assert ids(drafts) == ["r2"] and drafts.total == 3, text
    assert ids(worklist.drafts(asked(limit=5, before=drafts.last))) == ["r1", "r0"]
    assert worklist.drafts(asked(text="nobody")) == Part((), None, 0)
    late = worklist.late(asked(limit=1))
    assert [one.report.id for one in late.items] == ["r2"]
    more = worklist.late(asked(limit=5, before=late.last, text="Example, Adele"))
    assert [one.report.id for one in more.items] == ["r1", "r0"] and more.last is None


@pytest.mark.parametrize("stored", ["MÜLLER^ÖZGE", "Müller^Özge", "Müller^özge"])
def test_letters_beyond_ascii(workflow: Workflow, worklist: Worklist, stored: str) -> None:  # 4
    dataset = dcmread(DicomBytesIO(sr(instance="umlaut")))
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = stored
    workflow.receive(to_bytes(dataset), by())
    for text in ("müller, ö", "MÜLLER", "Özge", "özge"):
        assert worklist.unreported(asked(text=text)).total == 1, text
    workflow.create("r1", "tiny-carotid", [worklist_uid(workflow)], by(seconds=1))
    assert ids(worklist.drafts(asked(text="müller, özge"))) == ["r1"]


@pytest.mark.parametrize("stored", ["Groß^Jörg", "GROSS^JÖRG", "GROẞ^JÖRG", "Groß^Jo\u0308rg"])
@pytest.mark.parametrize("text", ["groß", "GROSS", "Groß, Jörg", "gross jo\u0308rg"])
def test_one_name_written_in_several_ways(workflow: Workflow, worklist: Worklist, stored: str, text: str) -> None:  # 4
    dataset = dcmread(DicomBytesIO(sr(instance="sharp")))
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = stored
    workflow.receive(to_bytes(dataset), by())
    assert worklist.unreported(asked(text=text)).total == 1
    assert worklist.unreported(asked(text="groz")).total == 0
    workflow.create("r1", "tiny-carotid", [worklist_uid(workflow)], by(seconds=1))
    assert ids(worklist.drafts(asked(text=text))) == ["r1"]


def worklist_uid(workflow: Workflow) -> str:
    return workflow.documents(DocumentFilter(), 1)[0].sop_instance_uid


def test_what_changes_nothing_is_not_late(workflow: Workflow, signing: Signing, worklist: Worklist) -> None:  # 5
    uids = [receive(workflow, name) for name in ("same", "other")]
    for number, uid in enumerate(uids):
        workflow.create(f"r{number}", "tiny-carotid", [uid], by(seconds=10))
        workflow.edit(f"r{number}", [Edit(field="conclusion", value="normal")], by(seconds=11))
    same_study(workflow, uids[0], 20)
    assert [one.report.id for one in worklist.late(asked()).items] == ["r0"], "a draft takes it or leaves it"
    for number in range(2):
        signing.sign(f"r{number}", by(seconds=30), acknowledging=SEEN)
    assert worklist.late(asked()).items == ()
    same_study(workflow, uids[1], 40, (b"336", b"536"))
    assert [one.report.id for one in worklist.late(asked()).items] == ["r1"]


def test_one_template(workflow: Workflow, worklist: Worklist, monkeypatch: pytest.MonkeyPatch) -> None:  # 6
    for number in range(3):
        receive(workflow, f"i{number}", number)
    best = worklist.unreported(asked()).items[0].template
    assert best
    fitting = worklist.unreported(asked(template=best.template))
    assert len(fitting.items) == 3 and (fitting.last, fitting.total) == (None, None)
    assert len(worklist.unreported(asked(template=best.identifier, limit=2)).items) == 2
    assert worklist.unreported(asked(template="other")).items == ()
    monkeypatch.setattr(module, "_LOOKED_AT", 2)
    part = worklist.unreported(asked(template="other", limit=1))
    assert part.items == () and part.last, "there are more to look at"
    assert worklist.unreported(asked(template="other", limit=1, before=part.last)).last is None
    uids = [one.sop_instance_uid for one in workflow.documents(DocumentFilter(), 9)]
    workflow.create("r1", "tiny-carotid", [uids[0]], by(seconds=10))
    same_study(workflow, uids[0], seconds=20)
    identifier = worklist.drafts(asked()).items[0].template
    for wanted, count in (("tiny-carotid", 1), (identifier, 1), ("other", 0)):
        assert worklist.drafts(asked(template=wanted)).total == count
        assert len(worklist.late(asked(template=wanted)).items) == count


@contextmanager
def without(folder: Path, table: str, column: str) -> Iterator[None]:
    """Let a column be away for a while, as all of a database may be between two transactions."""
    engine = sa.create_engine(BACKEND.url(folder), poolclass=sa.NullPool)

    def rename(before: str, after: str) -> None:
        with engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}"))

    rename(column, "away")
    try:
        yield
    finally:
        rename("away", column)


def test_what_could_not_be_asked_is_not_remembered(workflow: Workflow, worklist: Worklist, tmp_path: Path) -> None:  # 7
    uid = receive(workflow, f"asked {BACKEND.name}")
    away = (Unavailable, sa.exc.ProgrammingError)  # which it is to PostgreSQL
    with without(tmp_path, "sr_document", "content"), pytest.raises(away):
        worklist.unreported(asked())
    assert worklist.unreported(asked()).items[0].template
    workflow.create("r1", "tiny-carotid", [uid], by(seconds=10))
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by(seconds=11))
    Signing(workflow.store).sign("r1", by(seconds=12), acknowledging=SEEN)
    same_study(workflow, uid, seconds=20)
    with without(tmp_path, "sr_document", "content"), pytest.raises(away):
        worklist.late(asked())
    assert worklist.late(asked()).items == (), "it says nothing new"
