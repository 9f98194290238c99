"""The life of a report, on a real database.

1. Every action in every status: allowed exactly where the table below says so, and refused with a reason elsewhere.
2. Alerts ask: a signature needs each acknowledged, with a reason; one whose words change asks again.
3. Two signatures where the site wants two, of two people.
4. A revision leaves the signed version standing until it is signed; discarded, the report is what it was, byte by byte.
5. An addendum changes nothing but what it adds.
6. Cancelled and withdrawn reports say why, and stay.
7. What a status or a version said once, it says for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mrrt.errors import Conflict, UsageError
from mrrt.report import Report, ReportStatus, Revision
from reporting.draft import Edit
from reporting.errors import Moved, NotReady
from reporting.lifecycle import Acknowledging
from reporting.records import By, Filter
from reporting.signing import SIGNED_RENDITIONS, Signing
from reporting.statuses import TRANSITIONS, Action, SignOff, allowed, refuse
from reporting.verifying import verify
from reporting.workflow import Workflow
from tests.conftest import ROOT

from .site import SEEN, by, sr

S, A = ReportStatus, Action
OPEN_ACTIONS = {A.EDIT, A.FILL, A.DECLINE, A.MIGRATE, A.ACKNOWLEDGE, A.SIGN}
EXPECTED: dict[tuple[ReportStatus, bool], set[Action]] = {
    (S.REGISTERED, False): set(),
    (S.PARTIAL, False): OPEN_ACTIONS | {A.SIGN_PRELIMINARY, A.CANCEL},
    (S.PARTIAL, True): OPEN_ACTIONS | {A.SIGN_PRELIMINARY, A.DISCARD},
    (S.PRELIMINARY, False): OPEN_ACTIONS | {A.CANCEL},
    (S.PRELIMINARY, True): OPEN_ACTIONS | {A.DISCARD},
    (S.FINAL, False): {A.REVISE, A.APPEND, A.WITHDRAW},
    (S.AMENDED, False): {A.REVISE, A.APPEND, A.WITHDRAW},
    (S.CORRECTED, False): {A.REVISE, A.APPEND, A.WITHDRAW},
    (S.APPENDED, False): {A.REVISE, A.APPEND, A.WITHDRAW},
    (S.CANCELLED, False): set(),
    (S.ENTERED_IN_ERROR, False): set(),
}
"""What FHIR DiagnosticReport.status allows, written down apart from the code."""


def in_status(status: ReportStatus, revising: bool) -> Report:
    opened = {"kind": S.AMENDED, "reason": "x", "version": 1, "status": S.FINAL, "by": "a", "at": "t"}
    return Report(template="1", status=status, revision=Revision(**opened) if revising else None)


def test_the_page_about_it_says_what_the_table_says() -> None:
    text = (ROOT / "docs" / "explanation" / "life-of-a-report.md").read_text("utf-8")
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line]
    said = {row[0]: (set(row[1].split(", ")), set(row[2].split(", ")), row[3]) for row in rows[2:]}
    words = {True: "yes", False: "no", None: "either"}
    meant = {a: ({*map(str, one.of)}, {*map(str, one.to)}, words[one.revision]) for a, one in TRANSITIONS.items()}
    assert said == meant


@pytest.mark.parametrize(("status", "revising"), EXPECTED, ids=str)
@pytest.mark.parametrize("action", Action)
def test_every_action_in_every_status(status: ReportStatus, revising: bool, action: Action) -> None:  # 1
    report = in_status(status, revising)
    expected = action in EXPECTED[status, revising]
    assert (action in allowed(report)) is expected
    if expected:
        refuse(report, action)
    else:
        with pytest.raises(Conflict, match=r"The report is .+; .+\. [A-Z].+\."):
            refuse(report, action)


def test_the_table_is_whole() -> None:  # 1
    assert set(TRANSITIONS) == set(Action) and {status for status, _ in EXPECTED} == set(ReportStatus)
    assert any(EXPECTED[S.PARTIAL, False] != EXPECTED[other] for other in EXPECTED), "the expectation can fail"


@pytest.fixture
def draft(workflow: Workflow) -> str:
    """A draft that lacks nothing but an answer to its alert."""
    uid = workflow.receive(sr(), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    workflow.edit("r1", [Edit(field="conclusion", value="stenosis")], by())
    return "r1"


@pytest.fixture
def final(signing: Signing, draft: str) -> str:
    """A report that is signed (version 3)."""
    signing.sign(draft, by("old"), acknowledging=SEEN)
    return draft


def renditions(workflow: Workflow, report: str, version: int | None = None) -> dict[str, bytes]:
    return {name: workflow.rendering(report, name, version).content for name in SIGNED_RENDITIONS}


def test_an_alert_asks_before_the_signature(workflow: Workflow, signing: Signing, draft: str) -> None:  # 2
    assert [(one.rule, one.field) for one in workflow.get(draft).alerts] == [("C2", "comparison")]
    with pytest.raises(NotReady) as refused:
        signing.sign(draft, by())
    assert [(one.rule, one.severity, one.field) for one in refused.value.problems] == [("C2", "warning", "comparison")]
    assert "Acknowledge" in refused.value.problems[0].mend
    changes = signing.acknowledge(draft, [Acknowledging(rule="C2", field="comparison", reason="none known")], by("a"))
    assert changes.alerts == () and changes.version == 3
    view = signing.sign(draft, by("b"))
    assert [(one.reason, one.by) for one in view.acknowledged] == [("none known", "a")]


def test_acknowledging_again_changes_nothing(signing: Signing, draft: str) -> None:  # 2
    first = signing.acknowledge(draft, SEEN, by())
    assert signing.acknowledge(draft, SEEN, by()).version == first.version


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Acknowledging(rule="C9", field="comparison"), "no alert"),
        (Acknowledging(rule="C2", field="plaque"), 'no alert "C2" of field "plaque"'),
        (
            Acknowledging(rule="C2"),
            'no alert "C2" without a field to acknowledge; open are: "C2" of field "comparison"',
        ),
    ],
)
def test_what_is_no_alert_is_not_acknowledged(signing: Signing, draft: str, given: Acknowledging, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        signing.acknowledge(draft, [given], by())


@pytest.fixture
def carotid(workflow: Workflow) -> str:
    """A carotid draft in which the logic asks whether somebody was told: a stenosis of 70 per cent or more."""
    workflow.create("c1", "us-carotid-duplex", [], by(), language="en")
    values = {"right_ica_prox_psv": "336", "right_ica_prox_edv": "126", "right_cca_dist_psv": "72"}
    values |= {"right_plaque": "present"}
    edits = [Edit(field=key, value=value) for key, value in values.items()]
    workflow.edit("c1", edits, by())
    return "c1"


def test_an_alert_of_the_logic_takes_a_reason(workflow: Workflow, signing: Signing, carotid: str) -> None:  # 2
    asked = [one for one in workflow.get(carotid).alerts if one.rule != "C2"]
    assert asked, "this draft should have an alert of the logic"
    bare = [Acknowledging(rule=one.rule, field=one.field) for one in asked]
    with pytest.raises(UsageError, match="say why"):
        signing.acknowledge(carotid, bare[:1], by())
    with pytest.raises(UsageError, match="say why"):
        signing.acknowledge(carotid, [bare[0].model_copy(update={"reason": "  "})], by())
    answered = [one.model_copy(update={"reason": "seen"}) for one in bare]
    assert [one.rule for one in signing.acknowledge(carotid, answered, by()).alerts if one.rule != "C2"] == []


def test_an_acknowledgement_holds_for_its_words(workflow: Workflow, signing: Signing, draft: str) -> None:  # 2
    signing.acknowledge(draft, SEEN, by())
    workflow.edit(draft, [Edit(field="comparison", value="2025")], by())
    cleared = workflow.edit(draft, [Edit(field="comparison", revert=True)], by())
    assert cleared.alerts == (), "the same words were acknowledged"


def test_two_signatures_of_two_people(workflow: Workflow, draft: str) -> None:  # 3
    signing = Signing(workflow.store, SignOff.DOUBLE)
    with pytest.raises(Conflict, match="two signatures"):
        signing.sign(draft, by("old"), acknowledging=SEEN)
    view = signing.sign(draft, by("young"), preliminary=True, acknowledging=SEEN)
    assert (view.status, view.stands) == (S.PRELIMINARY, None)
    assert b"preliminary" in workflow.rendering(draft, "text").content
    with pytest.raises(Conflict, match="yours"):
        signing.sign(draft, by("young"))
    view = signing.sign(draft, by("old"))
    assert [(one.status, one.by) for one in view.signatures] == [(S.PRELIMINARY, "young"), (S.FINAL, "old")]


def test_an_edit_takes_the_preliminary_signature_back(workflow: Workflow, signing: Signing, draft: str) -> None:  # 3
    signing.sign(draft, by("young"), preliminary=True, acknowledging=SEEN)
    before = renditions(workflow, draft)
    same = workflow.edit(draft, [Edit(field="conclusion", value="stenosis")], by())
    assert (same.version, same.status) == (3, S.PRELIMINARY), "an edit that changes nothing takes nothing back"
    changed = workflow.edit(draft, [Edit(field="conclusion", value="occlusion")], by())
    view = workflow.get(draft)
    assert (changed.status, view.signed_by) == (S.PARTIAL, None)
    assert view.stands is not None and (view.stands.version, view.stands.status) == (3, S.PRELIMINARY)
    assert renditions(workflow, draft) == before, "readers outside still see what was signed"
    assert b"occlusion" in workflow.rendering(draft, "text", changed.version).content
    with pytest.raises(Conflict, match="Make it final"):
        for _ in range(2):
            signing.sign(draft, by("old"), preliminary=True, acknowledging=SEEN)
    final = signing.sign(draft, by("chief"), acknowledging=SEEN)
    assert [one.by for one in final.signatures] == ["old", "chief"], "nobody's name stands under words of others"
    assert b"young" not in workflow.rendering(draft, "text").content
    revised = signing.revise(draft, S.CORRECTED, "wrong side", by("old"))
    workflow.edit(draft, [Edit(field="conclusion", value="stenosis")], by())
    assert workflow.get(draft).signatures == revised.signatures == final.signatures


def test_a_revision_leaves_the_signed_version_standing(workflow: Workflow, signing: Signing, final: str) -> None:  # 4
    before = renditions(workflow, final)
    view = signing.revise(final, S.CORRECTED, "wrong side", by("old"))
    assert (view.version, view.status, view.signed_by) == (4, S.PARTIAL, None)
    assert view.stands is not None and (view.stands.version, view.stands.status) == (3, S.FINAL)
    workflow.edit(final, [Edit(field="conclusion", value="occlusion")], by())
    assert renditions(workflow, final) == before
    signed = signing.sign(final, by("old"))
    assert (signed.status, signed.reason, signed.revision, signed.stands) == (S.CORRECTED, "wrong side", None, None)
    after = workflow.rendering(final, "text").content
    assert b"corrected: wrong side" in after and b"occlusion" in after
    assert renditions(workflow, final, 3) == before


def test_a_discarded_revision_leaves_no_trace_in_the_report(workflow: Workflow, signing: Signing, final: str) -> None:
    before, view = renditions(workflow, final), workflow.get(final)  # 4
    signing.revise(final, S.AMENDED, "second look", by())
    workflow.edit(final, [Edit(field="conclusion", value="occlusion")], by())
    after = signing.discard(final, by())
    assert after.version == 6 and renditions(workflow, final) == before
    moves = {"version", "updated_at"}
    assert after.model_dump(exclude=moves) == view.model_dump(exclude=moves)
    with workflow.store.reading() as transaction:
        assert [one.action for one in transaction.version_lines(final)] == [
            *("discard", "edit", "revise", "sign", "edit", "create")
        ]


@pytest.mark.parametrize("kind", [S.FINAL, S.APPENDED, S.PARTIAL])
def test_a_revision_amends_or_corrects(signing: Signing, final: str, kind: ReportStatus) -> None:  # 4
    with pytest.raises(UsageError, match="amended"):
        signing.revise(final, kind, "because", by())


def test_an_addendum_adds_and_changes_nothing(workflow: Workflow, signing: Signing, final: str) -> None:  # 5
    before = workflow.get(final)
    text = workflow.rendering(final, "text").content.decode()
    view = signing.append(final, " Told by telephone. ", by("old", 60))
    assert view.status is S.APPENDED and [one.text for one in view.addenda] == ["Told by telephone."]
    assert view.values == before.values and view.explanations == before.explanations
    after = workflow.rendering(final, "text").content.decode()
    body = text[text.index("Findings") : text.index("Signed by")].rstrip()
    assert body[: body.index("Graded by")].rstrip() in after and "Told by telephone." in after
    assert signing.append(final, "And again.", by("old")).version == 5


def test_times_are_those_of_the_site_for_people_and_sort_as_times_do(workflow: Workflow, signing: Signing) -> None:  # 7
    """The later signature has the earlier hour on its clock: the clocks were put back in between."""
    berlin = ZoneInfo("Europe/Berlin")
    times = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(berlin) for hour in (0, 1)]
    for number, at in enumerate(times, 1):
        workflow.create(f"r{number}", "tiny-carotid", [], By("sam", at))
        workflow.edit(f"r{number}", [Edit(field="conclusion", value="normal")], By("sam", at))
        signing.sign(f"r{number}", By("sam", at), acknowledging=SEEN)
    assert workflow.get("r1").signed_at == "2026-10-25T02:30:00+02:00"
    for report, zone in (("r1", "UTC+02:00"), ("r2", "UTC+01:00")):
        text = workflow.rendering(report, "text").content.decode()
        assert f"Signed by sam, 2026-10-25 02:30 {zone}\n" in text
    signed = [one.signed_at for one in workflow.search(Filter(), 5)]
    assert sorted(filter(None, signed)) == ["2026-10-25T00:30:00.000000+00:00", "2026-10-25T01:30:00.000000+00:00"]
    assert verify(workflow.store).findings == ()


STEPS: dict[str, Callable[[Signing], Any]] = {
    "revise": lambda signing: signing.revise("r1", S.AMENDED, " ", by()),
    "append": lambda signing: signing.append("r1", " ", by()),
    "withdraw": lambda signing: signing.withdraw("r1", "", by()),
}


@pytest.mark.parametrize("step", STEPS)
def test_nothing_without_a_reason(workflow: Workflow, signing: Signing, final: str, step: str) -> None:  # 6
    with pytest.raises(UsageError):
        STEPS[step](signing)
    assert workflow.get(final).version == 3


def test_a_cancelled_draft_says_why(workflow: Workflow, signing: Signing, draft: str) -> None:  # 6
    view = signing.cancel(draft, "made for another patient", by())
    assert (view.status, view.actions) == (S.CANCELLED, ())
    assert b"cancelled: made for another patient" in workflow.rendering(draft, "text").content
    with pytest.raises(Conflict, match="Make a new report"):
        workflow.edit(draft, [Edit(field="conclusion", value="x")], by())


def test_a_withdrawn_report_says_why_and_its_versions_stay(workflow: Workflow, signing: Signing, final: str) -> None:
    before = renditions(workflow, final)  # 6, 7
    view = signing.withdraw(final, "made for another patient", by("old"))
    assert view.status is S.ENTERED_IN_ERROR
    assert b"entered in error: made for another patient" in workflow.rendering(final, "text").content
    assert renditions(workflow, final, 3) == before


def test_the_version_in_hand_is_guarded_in_every_step(workflow: Workflow, signing: Signing, final: str) -> None:  # 7
    steps: list[Callable[[], Any]] = [
        lambda: signing.revise(final, S.AMENDED, "x", by(), version=2),
        lambda: signing.append(final, "x", by(), version=2),
        lambda: signing.withdraw(final, "x", by(), version=2),
        lambda: signing.sign(final, by(), version=2),
        lambda: signing.cancel(final, "x", by(), version=2),
        lambda: signing.discard(final, by(), version=2),
        lambda: signing.acknowledge(final, SEEN, by(), version=2),
    ]
    for step in steps:
        with pytest.raises(Moved):
            step()
    assert workflow.get(final).version == 3


def test_the_head_row_follows(workflow: Workflow, signing: Signing, final: str) -> None:  # 7
    def head() -> tuple[Any, ...]:
        with workflow.store.reading() as transaction:
            one = transaction.report(final)
        return (one.version, one.signed_version, one.signed_status, one.author)

    assert head() == (3, 3, S.FINAL, "Dr. Example")
    signing.revise(final, S.AMENDED, "x", by())
    assert head() == (4, 3, S.FINAL, "Dr. Example")
    signing.discard(final, by())
    assert head() == (5, 5, S.FINAL, "Dr. Example")
    signing.append(final, "x", by())
    assert head() == (6, 6, S.APPENDED, "Dr. Example")
