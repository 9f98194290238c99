"""Measurements that arrive after a report was made, on a real database.

1. A draft is offered the difference; asking changes nothing, taking it fills what nobody typed.
2. What the reader typed stays, and the difference is shown.
3. A signed report is never touched: an addendum is proposed, and once it is there nothing is late any more.
4. What is declined is not offered again.
5. Documents of another study are not late; of another patient they are refused, with the reason.
"""

from __future__ import annotations

from typing import Any

import pytest

from mrrt.errors import Conflict
from mrrt.report import Provenance, ReportStatus
from reporting.draft import Edit
from reporting.lateness import Lateness
from reporting.signing import Signing
from reporting.workflow import Workflow

from ..sr_writer import Carotid, to_bytes
from ..sr_writer import document as sr_dataset
from .site import SEEN, by, sr

LATE = "1.2.3.99"


def late_sr(psv: float = 90.0, uid: str = LATE, **more: Any) -> bytes:
    """Return a later SR of the same study that measures the left side alone."""
    extra = sr_dataset(Carotid(velocities={("left", "ica", "prox"): (psv, 30.0)}, ratios={}, instance="one"))
    extra.SOPInstanceUID = uid
    for name, value in more.items():
        setattr(extra, name, value)
    return to_bytes(extra)


def first_sr() -> bytes:
    """Return an SR that measures the right side alone."""
    return to_bytes(
        sr_dataset(Carotid(velocities={("right", "ica", "prox"): (336.0, 112.0)}, ratios={}, instance="one"))
    )


@pytest.fixture
def lateness(workflow: Workflow) -> Lateness:
    return Lateness(workflow.store)


@pytest.fixture
def draft(workflow: Workflow) -> str:
    uid = workflow.receive(first_sr(), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    workflow.edit("r1", [Edit(field="conclusion", value="stenosis")], by())
    return "r1"


def test_nothing_is_late_at_first(lateness: Lateness, draft: str) -> None:  # 1
    view = lateness.offer(draft)
    assert (view.documents, view.changes, view.applicable, view.addendum) == ((), (), False, "")


def test_a_draft_is_offered_the_difference_and_takes_it(
    workflow: Workflow, lateness: Lateness, draft: str
) -> None:  # 1
    workflow.receive(late_sr(), by())
    before = workflow.get(draft)
    view = lateness.offer(draft)
    assert [one.sop_instance_uid for one in view.documents] == [LATE] and view.applicable
    [change] = view.changes
    assert (change.field, change.label, change.before, change.after) == ("left_psv", "Left ICA PSV", "", "90.0 cm/s")
    assert (change.provenance, change.stays) == (Provenance.IMPORTED, False)
    assert workflow.get(draft) == before, "asking changes nothing"
    workflow.add_documents(draft, [LATE], by())
    assert workflow.get(draft).values["left_psv"].value == "90.0"
    assert lateness.offer(draft).documents == ()


def test_what_was_typed_stays_and_the_difference_is_shown(
    workflow: Workflow, lateness: Lateness, draft: str
) -> None:  # 2
    workflow.edit(draft, [Edit(field="left_psv", value="70")], by())
    workflow.receive(late_sr(), by())
    [change] = lateness.offer(draft).changes
    assert (change.field, change.before, change.after, change.stays) == ("left_psv", "", "90.0 cm/s", True)
    workflow.add_documents(draft, [LATE], by())
    value = workflow.get(draft).values["left_psv"]
    assert value.value == "70" and value.covered is not None and value.covered.value == "90.0"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "- Left ICA PSV: 90.0 cm/s (report: no value)"),
        ("de", "- Left ICA PSV: 90,0 cm/s (Befund: kein Wert)"),
    ],
)
def test_a_signed_report_gets_a_proposed_addendum(
    workflow: Workflow, signing: Signing, language: str, said: str
) -> None:
    uid = workflow.receive(first_sr(), by()).document.sop_instance_uid  # 3
    workflow.create("r1", "tiny-carotid", [uid or ""], by(), language=language)
    workflow.edit("r1", [Edit(field="conclusion", value="stenosis")], by())
    before = signing.sign("r1", by(), acknowledging=SEEN)
    workflow.receive(late_sr(), by())
    view = Lateness(workflow.store).offer("r1")
    assert not view.applicable and said in view.addendum
    assert workflow.get("r1") == before
    with pytest.raises(Conflict, match="final"):
        workflow.add_documents("r1", [LATE], by())
    after = signing.append("r1", view.addendum, by(), documents=[LATE])
    assert after.status is ReportStatus.APPENDED and after.documents == before.documents
    assert Lateness(workflow.store).offer("r1").documents == ()


def test_what_is_declined_is_not_offered_again(workflow: Workflow, lateness: Lateness, draft: str) -> None:  # 4
    workflow.receive(late_sr(), by())
    with pytest.raises(Conflict, match="not offered"):
        lateness.decline(draft, ["1.2.3"], by())
    changes = lateness.decline(draft, [LATE], by())
    assert changes.changed == {} and lateness.offer(draft).documents == ()
    with workflow.store.reading() as transaction:
        assert transaction.audit_events(draft)[-1].action == "decline"
    workflow.receive(late_sr(91.0, "1.2.3.100"), by())
    assert [one.sop_instance_uid for one in lateness.offer(draft).documents] == ["1.2.3.100"]


def test_another_study_is_not_late(workflow: Workflow, lateness: Lateness, draft: str) -> None:  # 5
    workflow.receive(sr(instance="two"), by())
    assert lateness.offer(draft).documents == ()


def test_another_patient_is_refused_with_the_reason(workflow: Workflow, lateness: Lateness, draft: str) -> None:  # 5
    workflow.receive(late_sr(PatientID="OTHER"), by())
    view = lateness.offer(draft)
    assert view.documents and not view.applicable and "patient identifiers" in view.refused and view.changes == ()


def test_a_cancelled_report_is_offered_nothing(
    workflow: Workflow, signing: Signing, lateness: Lateness, draft: str
) -> None:
    workflow.receive(late_sr(), by())
    signing.cancel(draft, "made by mistake", by())
    assert lateness.offer(draft).documents == ()


def test_an_addendum_is_about_documents_of_its_own_study(workflow: Workflow, signing: Signing, draft: str) -> None:  # 5
    other = workflow.receive(late_sr(uid="1.2.3.98", StudyInstanceUID="1.2.3.4", PatientID="EX-9"), by())
    signing.sign(draft, by(), acknowledging=SEEN)
    before = workflow.get(draft)
    for uid in ("9.9.9", other.document.sop_instance_uid or ""):
        with pytest.raises(Conflict, match=r"no received document of the study .* those are: 2\.25"):
            signing.append(draft, "Seen.", by(), documents=[uid])
    assert workflow.get(draft) == before
    workflow.receive(late_sr(), by())
    assert signing.append(draft, "Seen.", by(), documents=[LATE]).status is ReportStatus.APPENDED


def test_a_report_without_a_study_has_no_documents_for_an_addendum(workflow: Workflow, signing: Signing) -> None:  # 5
    workflow.create("r2", "tiny-carotid", [], by())
    workflow.edit("r2", [Edit(field="conclusion", value="normal")], by())
    signing.sign("r2", by(), acknowledging=SEEN)
    workflow.receive(late_sr(StudyInstanceUID=""), by())
    with pytest.raises(Conflict, match="those are: none"):
        signing.append("r2", "Seen.", by(), documents=[LATE])
