"""What waits for whom.

1. A study waits until a report is on it; a cancelled report is none. The template that fills best is named.
2. Drafts, all or one's own; preliminary reports, and whose turn it is; what one signed.
3. Documents that a report does not know are late; those that it dealt with are not.
4. Every list is searched and paged.
"""

from __future__ import annotations

from typing import Any

import pytest

from reporting.draft import Edit
from reporting.records import By
from reporting.signing import Signing
from reporting.statuses import SignOff
from reporting.workflow import Workflow
from reporting.worklist import Asked, Worklist

from .site import SEEN, by, sr


@pytest.fixture
def worklist(workflow: Workflow) -> Worklist:
    return Worklist(workflow, SignOff.SINGLE)


def asked(actor: str = "Dr. Example", **more: Any) -> Asked:
    return Asked(by(actor, seconds=3600), **more)


def receive(workflow: Workflow, instance: str, seconds: int = 0, **more: Any) -> str:
    return workflow.receive(sr(instance=instance, **more), by(seconds=seconds)).document.sop_instance_uid or ""


def ids(found: Any) -> list[str]:
    return [one.id for one in found]


def test_studies_without_a_report(workflow: Workflow, signing: Signing, worklist: Worklist) -> None:  # 1
    uid = receive(workflow, "one", 5)
    [waiting] = worklist.unreported(asked())
    assert waiting.documents == 1 and waiting.patient_name == "EXAMPLE^ADELE" and waiting.received_at.startswith("2026")
    assert waiting.template and waiting.template.fields > 0
    workflow.create("r1", "tiny-carotid", [uid], by(seconds=10))
    assert worklist.unreported(asked()) == ()
    signing.cancel("r1", "twice", by(seconds=20))
    assert len(worklist.unreported(asked())) == 1
    assert worklist.unreported(Asked(By("x", by().at.replace(year=2027)))) == (), "long ago"


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
    assert worklist.late(asked()) == ()
    late = same_study(workflow, first, seconds=20)
    [found] = worklist.late(asked())
    assert (found.report.id, found.documents) == ("r1", 1)
    workflow.add_documents("r1", [late], by(seconds=30))
    assert worklist.late(asked()) == ()


def same_study(workflow: Workflow, uid: str, seconds: int) -> str:
    """Receive another document of the study of one that is there."""
    with workflow.store.reading() as transaction:
        content = transaction.document(uid) or b""
    other = uid[:-1] + ("1" if uid[-1] != "1" else "2")
    workflow.receive(content.replace(uid.encode(), other.encode()), by(seconds=seconds))
    return other


def test_searching_and_pages(workflow: Workflow, worklist: Worklist) -> None:  # 4
    uids = [receive(workflow, f"i{number}", number) for number in range(4)]
    assert len(uids) == 4
    whole = worklist.unreported(asked())
    studies = [one.study_instance_uid for one in whole]
    assert len(studies) == 4
    first = worklist.unreported(asked(limit=2))
    assert len(first) == 3, "one more than the page says that there is another"
    before = (first[1].received_at, first[1].study_instance_uid)
    assert [one.study_instance_uid for one in worklist.unreported(asked(limit=2, before=before))] == studies[2:]
    for text, count in (("adele", 4), ("EXAMPLE a", 4), ("EX-0", 4), ("EX0001", 4), ("%", 0), ("0001", 0)):
        assert len(worklist.unreported(asked(text=text))) == count, text
    for number in range(3):
        workflow.create(f"r{number}", "tiny-carotid", [uids[number]], by(seconds=10 + number))
        same_study(workflow, uids[number], seconds=20 + number)
    assert ids(worklist.drafts(asked(text="ADELE", limit=1))) == ["r2", "r1"]
    assert worklist.drafts(asked(text="nobody")) == ()
    late = worklist.late(asked(limit=1))
    assert [one.report.id for one in late] == ["r2", "r1"]
    place = (late[0].received_at, late[0].report.id)
    assert [one.report.id for one in worklist.late(asked(limit=5, before=place, text="adele"))] == ["r1", "r0"]
