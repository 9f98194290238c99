"""The use cases, on a real database.

1. A draft is filled from SRs, derived, and says where each value came from.
2. Edits are made together or not at all; the answer says what changed, and nothing else.
3. What a reader typed stays when a later SR arrives; taking it back shows the imported value.
4. SRs of two patients or studies do not get into one report.
5. Signing needs no problem of severity error; what is signed does not change, nor do its renditions.
6. A report stays pinned to the template it was made from.
7. An edit of an outdated version is refused; an edit that changes nothing makes no version, whatever version it names.
8. A reader gives a field one of the measurements that no binding could place; where it came from stays with it.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mrrt.errors import Conflict, NotFound, Unreadable, UsageError
from mrrt.report import Provenance, ReportStatus
from reporting.catalogue import Wanted
from reporting.draft import Edit
from reporting.errors import Moved, NotReady
from reporting.records import Filter
from reporting.signing import SIGNED_RENDITIONS, Signing
from reporting.workflow import Workflow

from ..sr_writer import Carotid, to_bytes
from ..sr_writer import document as sr_dataset
from .site import SEEN, TINY, by, sr


def receive(workflow: Workflow, content: bytes) -> str:
    uid = workflow.receive(content, by()).document.sop_instance_uid
    assert uid is not None
    return uid


def draft(workflow: Workflow, *contents: bytes, report: str = "r1") -> str:
    uids = [receive(workflow, content) for content in contents]
    workflow.create(report, "tiny-carotid", uids, by())
    return report


def enter(workflow: Workflow, report: str, **values: object) -> object:
    return workflow.edit(report, [Edit(field=key, value=value) for key, value in values.items()], by())  # type: ignore[arg-type]


def test_a_draft_is_filled_and_graded(workflow: Workflow) -> None:  # 1
    view = workflow.get(draft(workflow, sr(right=336.0, left=80.0)))
    psv, grade = view.values["right_psv"], view.values["right_grade"]
    assert (psv.value, psv.unit, psv.text, psv.provenance) == ("336.0", "cm/s", "336.0 cm/s", Provenance.IMPORTED)
    assert psv.source is not None and psv.source.document == view.documents[0] and psv.source.path is not None
    assert (grade.value, grade.text, grade.provenance) == ("above", "50 % or more", Provenance.CALCULATED)
    assert view.criteria == ("Tiny 2026",) and view.explanations["right_grade"].rule == 3
    assert view.irrelevant == ("character",) and view.required == ()
    assert (view.version, view.status) == (1, ReportStatus.PARTIAL)
    assert view.patient.identifier == "EX-0001" and view.study.accession_number == "EX0001"
    assert {problem.field for problem in view.problems} == {"conclusion", "comparison"}


def test_an_edit_answers_with_what_changed(workflow: Workflow) -> None:  # 2
    report = draft(workflow, sr(right=336.0))
    changes = enter(workflow, report, right_psv="1,1 m/s", plaque="none")
    assert set(changes.changed) == {"right_psv", "right_grade", "plaque"}
    typed = changes.changed["right_psv"]
    assert (typed.value, typed.provenance, typed.covered.value) == ("110", Provenance.TYPED, "336.0")
    assert changes.changed["right_grade"].value == "below"
    assert set(changes.explanations) == {"right_grade"}
    assert changes.irrelevant == ("character",) and changes.version == 2


def test_clearing_a_value_clears_what_followed(workflow: Workflow) -> None:  # 2
    report = draft(workflow, sr())
    changes = workflow.edit(report, [Edit(field="right_psv", value=None, absent="not-performed")], by())
    assert changes.changed["right_grade"] is None
    assert changes.changed["right_psv"].absent == "not-performed" and changes.changed["right_psv"].value is None
    back = workflow.edit(report, [Edit(field="right_psv", revert=True)], by())
    assert back.changed["right_psv"].value == "336.0" and back.changed["right_grade"].value == "above"


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([("plaque", "none"), ("right_psw", "3")], "right_psv"),
        ([("plaque", "none"), ("right_psv", "fast")], "takes a number"),
        ([("plaque", "none"), ("plaque", "present")], "edited twice"),
        ([("plaque", "none"), ("right_psv", "3 kg")], "cm/s"),
    ],
)
def test_edits_are_all_made_or_none(workflow: Workflow, edits: list[tuple[str, str]], message: str) -> None:  # 2
    report = draft(workflow, sr())
    before = workflow.get(report)
    with pytest.raises(UsageError, match=message):
        workflow.edit(report, [Edit(field=field, value=value) for field, value in edits], by())
    assert workflow.get(report) == before


def test_a_later_sr_does_not_touch_what_was_typed(workflow: Workflow) -> None:  # 3
    report = draft(workflow, sr(right=336.0, instance="one"))
    enter(workflow, report, right_psv="100")
    second = sr(right=200.0, left=90.0, instance="two")
    with pytest.raises(Conflict, match="studies"):
        workflow.add_documents(report, [receive(workflow, second)], by())
    extra = sr_dataset(Carotid(velocities={("left", "ica", "prox"): (90.0, 30.0)}, ratios={}, instance="one"))
    extra.SOPInstanceUID = "1.2.3.99"
    changes = workflow.add_documents(report, [receive(workflow, to_bytes(extra))], by())
    view = workflow.get(report)
    assert view.values["right_psv"].value == "100" and len(view.documents) == 2
    assert "left_psv" in changes.changed and changes.unmatched is not None and changes.ambiguous is not None
    # Two documents now differ about the left side: nothing is picked silently.
    assert changes.changed["left_psv"].value is None and [one.field for one in changes.ambiguous] == ["left_psv"]


def test_two_patients_do_not_share_a_report(workflow: Workflow) -> None:  # 4
    other = sr_dataset(Carotid(instance="one"))
    other.PatientID, other.SOPInstanceUID = "OTHER", "1.2.3.98"
    uids = [receive(workflow, sr()), receive(workflow, to_bytes(other))]
    with pytest.raises(Conflict, match="patient identifiers"):
        workflow.create("r1", "tiny-carotid", uids, by())
    assert workflow.search(Filter(), 10) == ()


def test_signing_needs_what_is_missing(workflow: Workflow) -> None:  # 5
    report = draft(workflow, sr())
    with pytest.raises(NotReady) as refused:
        Signing(workflow.store).sign(report, by(), acknowledging=SEEN)
    assert [problem.field for problem in refused.value.problems] == ["conclusion"]
    enter(workflow, report, conclusion="stenosis", right_psv="650", plaque="present")
    with pytest.raises(NotReady) as refused:
        Signing(workflow.store).sign(report, by(), acknowledging=SEEN)
    assert {problem.field for problem in refused.value.problems} == {"right_psv", "character"}


def test_what_is_signed_stays(workflow: Workflow) -> None:  # 5
    report = draft(workflow, sr())
    enter(workflow, report, conclusion="stenosis")
    unsigned = workflow.rendering(report, "text").content
    view = Signing(workflow.store).sign(report, by("Dr. Signer", 60), acknowledging=SEEN)
    assert (view.status, view.signed_by, view.version) == (ReportStatus.FINAL, "Dr. Signer", 3)
    assert view.signed_at == "2026-01-30T09:01:00+00:00"
    kept = {name: workflow.rendering(report, name).content for name in SIGNED_RENDITIONS}
    assert b"Dr. Signer" in kept["text"] and kept["text"] != unsigned
    for attempt in (
        lambda: enter(workflow, report, conclusion="other"),
        lambda: Signing(workflow.store).sign(report, by(), acknowledging=SEEN),
        lambda: workflow.add_documents(report, [view.documents[0]], by()),
    ):
        with pytest.raises(Conflict, match="final"):
            attempt()
    with workflow.store.reading() as transaction:
        stored = {name: transaction.rendition(report, 3, name) for name in SIGNED_RENDITIONS}
    assert kept == {name: one.content for name, one in stored.items() if one is not None}
    assert workflow.get(report) == view


def test_a_report_is_pinned_to_its_template(workflow: Workflow, tmp_path: Path) -> None:  # 6
    folder = tmp_path / "own" / "tiny-carotid"
    shutil.copytree(TINY, folder)
    workflow = replace(workflow, templates=(tmp_path / "own",))
    report = draft(workflow, sr())
    logic = folder / "logic.yaml"
    logic.write_text(logic.read_text().replace("125", "400"))
    enter(workflow, report, right_psv="300")
    assert workflow.get(report).values["right_grade"].value == "above"
    draft(workflow, sr(right=300.0, instance="two"), report="r2")
    assert workflow.get("r2").values["right_grade"].value == "below"
    assert "alert(" not in workflow.report_form(report)


def test_an_outdated_edit_is_refused(workflow: Workflow) -> None:  # 7
    report = draft(workflow, sr())
    edit = [Edit(field="right_psv", value="100")]
    assert workflow.edit(report, edit, by(), version=1).version == 2
    assert workflow.edit(report, edit, by()).version == 2
    with pytest.raises(Moved) as moved:
        workflow.edit(report, [Edit(field="plaque", value="none")], by(), version=1)
    assert moved.value.version == 2


def test_documents_are_kept_as_they_came(workflow: Workflow) -> None:
    content = sr()
    assert workflow.receive(content, by()).new and not workflow.receive(content, by()).new
    with pytest.raises(Conflict, match="SOP Instance UID"):
        workflow.receive(sr(right=100.0), by())
    uid = workflow.receive(content, by()).document.sop_instance_uid
    with workflow.store.reading() as transaction:
        assert transaction.document(uid or "") == content
    nameless = content.replace((uid or "").encode(), b" " * len(uid or ""))
    with pytest.raises(Unreadable, match="no SOP Instance UID"):
        workflow.receive(nameless, by())


def test_what_is_not_there(workflow: Workflow) -> None:
    for attempt in (
        lambda: workflow.get("nothing"),
        lambda: workflow.document("1.2"),
        lambda: workflow.create("r1", "tiny-carotid", ["1.2"], by()),
        lambda: workflow.create("r1", "no-template", [], by()),
        lambda: workflow.create("r1", str(TINY), [], by()),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_template_that_cannot_be_loaded_is_listed_with_its_problems(workflow: Workflow, tmp_path: Path) -> None:
    folder = tmp_path / "own" / "broken"
    shutil.copytree(TINY, folder)
    (folder / "logic.yaml").write_text("template: 1.2.3.4.5\ncalculated: {right_grade: 'nothing + 1'}\n")
    library = replace(workflow, templates=(tmp_path / "own",)).library
    listed = {card.summary.name: card.summary for card in library.search(Wanted())}
    assert listed["broken"].problems and listed["broken"].identifier == ""
    assert listed["us-carotid-duplex"].problems == ()


def test_an_edit_that_arrives_twice_is_in_the_report_once(workflow: Workflow) -> None:  # 7
    report = draft(workflow, sr())
    once = [Edit(field="right_psv", value="1,8 m/s"), Edit(field="conclusion", value=" stenosis\r\n")]
    first = workflow.edit(report, once, by(), 1)
    again = workflow.edit(report, once, by(), 1)
    assert first.version == 2 and again == first
    with pytest.raises(Moved):
        workflow.edit(report, [Edit(field="right_psv", value="1,9 m/s")], by(), 1)
    with pytest.raises(Moved):  # and not that it is wrong: the form is another one by now, perhaps
        workflow.edit(report, [Edit(field="right_psv", value="fast")], by(), 1)


def two_differing(workflow: Workflow) -> str:
    report = draft(workflow, sr(right=336.0, left=80.0))
    more = sr_dataset(Carotid(velocities={("left", "ica", "prox"): (90.0, 30.0)}, ratios={}, instance="one"))
    more.SOPInstanceUID = "1.2.3.99"
    workflow.add_documents(report, [receive(workflow, to_bytes(more))], by())
    return report


def test_a_measurement_is_chosen_with_its_source(workflow: Workflow) -> None:  # 8
    report = two_differing(workflow)
    (open_one,) = workflow.get(report).ambiguous
    mine = next(one for one in open_one.candidates if one.document == "1.2.3.99" and one.value is not None)
    edit = Edit(field="left_psv", document=mine.document, path=mine.path)
    version = workflow.get(report).version
    value = workflow.edit(report, [edit], by()).changed["left_psv"]
    assert (value.value, value.unit, value.provenance) == (mine.value, "cm/s", Provenance.TYPED)
    assert (value.source.document, value.source.path, value.source.received) == ("1.2.3.99", mine.path, mine.value)
    assert value.source.rule == "chosen by the reader"
    assert workflow.edit(report, [edit], by(), version).changed == {"left_psv": value}
    assert workflow.get(report).version == version + 1


def test_a_text_takes_a_measurement_with_its_unit(workflow: Workflow) -> None:  # 8
    report = two_differing(workflow)
    one = workflow.get(report).ambiguous[0].candidates[0]
    chosen = Edit(field="conclusion", document=one.document, path=one.path)
    assert workflow.edit(report, [chosen], by()).changed["conclusion"].value == f"{one.value} cm/s"


def test_no_other_measurement_is_chosen(workflow: Workflow) -> None:  # 8
    report = two_differing(workflow)
    placed = workflow.get(report).values["right_psv"].source
    with pytest.raises(UsageError, match="no open measurement"):
        workflow.edit(report, [Edit(field="left_psv", document=placed.document, path=placed.path)], by())
    for half in ({"path": "1.2"}, {"document": "1.2"}, {"document": "1.2", "path": "1.2", "value": "3"}):
        with pytest.raises(ValueError, match="document and path alone"):
            Edit(field="left_psv", **half)
