"""Whatever is done to reports, in whatever order: what must hold for all of them, on real databases.

hypothesis tries lives of reports: documents that come, edits, signatures, revisions, addenda, templates that move on.
What is refused changes nothing; what is done leads where the table of transitions says; and

1. every version says at the end of a life what it said when it was stored; a signed one has the bytes made at its
   signature, and as many people behind it as the site wants;
2. what is typed stands until somebody types over it, takes it back or moves the draft to another template;
3. a draft says what a derivation from nothing would say;
4. the report can be read, shown, searched, and asked for what is late and for what a move would do.

At the end of each life the audit log and everything stored against it is whole, and no row is to be rebuilt.
MRRT_LIVES says how many lives are tried; only then the shortest life that shows a fault is looked for, for minutes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mrrt.errors import MrrtError
from mrrt.report import Provenance, ReportStatus
from reporting import store_transaction, workflow
from reporting.draft import Draft, Edit, canonical, derived, edited
from reporting.job_kinds import RebuildParameters, Run, rebuild_values
from reporting.lateness import Lateness
from reporting.lifecycle import Acknowledging
from reporting.moving import Moving
from reporting.records import By, Filter
from reporting.signing import SIGNED_RENDITIONS, Signing
from reporting.statuses import SIGNED, TRANSITIONS, Action, SignOff
from reporting.store import open_store
from reporting.templates import compiled
from reporting.verifying import verified
from reporting.workflow import Workflow

from ..conftest import WHOLE
from ..sr_writer import Carotid, Velocities, to_bytes
from ..sr_writer import document as sr_dataset
from .backends import BACKEND
from .pages import page
from .site import ticking

ASKED = os.environ.get("MRRT_LIVES", "")
LIVES = int(ASKED or (3 if WHOLE else 1))
MAIN, FLOW, SHAPE = "1.2.3.4.10", "1.2.3.4.11", "1.2.3.4.12"

BODY = """
<p><label for="right_psv">Right ICA PSV</label> <input type="number" id="right_psv" data-field-units="cm/s"></p>
<p><label for="left_psv">Left ICA PSV</label> <input type="number" id="left_psv" data-field-units="{unit}"></p>
<p><label for="plaque">Plaque</label><select id="plaque"><option value=""></option><option value="none">none</option>
<option value="present" data-template-UID="1.2.3.4.12" data-replacement-element-id="slot">present</option></select></p>
<p id="slot">No plaque was described.</p>
{first}
<p><label for="right_grade">Right grade</label><select id="right_grade"><option value=""></option>
<option value="below">below 50 %</option><option value="above">50 % or more</option></select></p>
<p data-mrrt-condition="right_grade=above"><label for="level">Level</label> <input type="text" id="level"></p>
{second}
<p><label for="{conclusion}">Conclusion</label>
<textarea id="{conclusion}" data-field-completion-action="PROHIBIT"></textarea></p>
<p><label for="comparison">Comparison</label>
<input type="text" id="comparison" data-field-completion-action="ALERT"></p>
"""
EMBED = '<embed src="1.2.3.4.11.html" type="text/html" id="{0}">'
METHODS = """<p><label for="methods">Methods</label>
<select id="methods" multiple><option>B mode</option><option>colour</option></select></p>"""
PAGES = (
    {"unit": "cm/s", "first": EMBED.format("near"), "second": METHODS, "conclusion": "conclusion"},
    {"unit": "m/s", "first": METHODS, "second": EMBED.format("near"), "conclusion": "summary"},
    {"unit": "cm/s", "first": EMBED.format("far"), "second": EMBED.format("near"), "conclusion": "summary"},
)
PARTS = {
    FLOW: """<p><label for="flow">Flow</label>
<select id="flow"><option value=""></option><option>slow</option></select></p>""",
    SHAPE: '<p><label for="character">Character</label> <input type="text" id="character"></p>',
}
LOGIC = """
template: 1.2.3.4.10
version: "1"
inputs:
  right_psv: {unit: cm/s, plausible: "[5..700]"}
functions:
  tiny grade:
    criteria: Tiny 2026
    source: invented for tests
    parameters: [psv]
    table: |
      | psv    || grade   |
      | null   || null    |
      | < 125  || "below" |
      | >= 125 || "above" |
calculated:
  right_grade: "tiny grade(psv: right_psv)"
required:
  comparison: plaque = "present"
alerts:
  fast: {when: right_psv > 300, message: "That fast?", severity: warning, field: right_psv}
"""
BINDINGS = """
template: 1.2.3.4.10
version: "1"
codes:
  psv: {scheme: LN, value: 11726-7, meaning: Peak systolic velocity}
  ica: {scheme: SCT, value: "86117002", meaning: Internal carotid artery}
  prox: {scheme: SCT, value: "40415009", meaning: Proximal}
for each:
  side: [right, left]
bindings:
  "{side}_psv": {code: psv, site: ica, laterality: "{side}", segment: prox, unit: cm/s}
"""
EDITS: Mapping[str, tuple[Any, ...]] = {
    "right_psv": ("", "120", "430", "1,8 m/s", "fast"),
    "left_psv": ("", "0.9", "90 cm/s", "2000"),
    "plaque": ("", "none", "present", "present", "unknown"),
    "right_grade": ("", "below", "above"),
    "level": ("low", ""),
    "methods": (("B mode",), ("B mode", "colour"), ()),
    "near.flow": ("slow", ""),
    "far.flow": ("slow", ""),
    "slot.1.character": ("soft", ""),
    "conclusion": ("as before", ""),
    "summary": ("as before", ""),
    "comparison": ("none", ""),
}
TYPINGS = [(field, value) for field, values in EDITS.items() for value in values]
KINDS = st.sampled_from((ReportStatus.AMENDED, ReportStatus.CORRECTED, ReportStatus.AMENDED, ReportStatus.FINAL))
REASONS = st.sampled_from(("wrong side", "not done", "another patient", ""))
PEOPLE = st.sampled_from(("Dr. Old", "Dr. Young"))
PSV = st.sampled_from((60.0, 180.0, 410.0, 3.0))
REPORTS = st.sampled_from(("r1", "r2"))


def page_of(identifier: str, content: str) -> str:
    """Return a page as the template of a site."""
    return page(identifier, title=f"Template {identifier}", body=content).decode()


def written(folder: Path, version: int) -> None:
    """Write the templates of the site, the main one in one of its versions."""
    for identifier, content in {MAIN: BODY.format(**PAGES[version]), **PARTS}.items():
        own = folder / identifier
        own.mkdir(parents=True, exist_ok=True)
        (own / "template.html").write_text(page_of(identifier, content), "utf-8")
    (folder / MAIN / "logic.yaml").write_text(LOGIC, "utf-8")
    (folder / MAIN / "bindings.yaml").write_text(BINDINGS, "utf-8")


def measured(number: int, sides: tuple[str, ...], psv: float) -> bytes:
    """Return an SR of the one study; the number makes its SOP Instance UID."""
    velocities: Velocities = {(side, "ica", "prox"): (psv + place, 20.0) for place, side in enumerate(sides)}
    made = sr_dataset(Carotid(velocities=velocities, ratios={}, instance="life"))
    made.SOPInstanceUID = f"1.2.3.{number}"
    return to_bytes(made)


class Lives(RuleBasedStateMachine):
    """Two reports of one study, and everything that people do to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mrrt-life-"))
        self.templates = self.folder / "templates"
        written(self.templates, 0)
        BACKEND.migrated(self.folder)
        self.store = open_store(BACKEND.url(self.folder))
        self.workflow = Workflow(self.store, (self.templates,))
        self.signing, self.lateness = Signing(self.store), Lateness(self.store)
        self.moving = Moving(self.store, (self.templates,))
        self.clock = ticking()
        self.came: list[str] = []
        self.said: dict[tuple[str, int], str] = {}
        self.signed: dict[tuple[str, int], dict[str, bytes]] = {}
        self.typed: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        """Check all versions again, what was stored as `mrrt verify` does, and the rows against the documents."""
        try:
            for report, number in list(self.said):
                self.look(report, number)
            with self.store.reading() as transaction:
                assert verified(transaction).findings == ()
            made = rebuild_values(Run(self.workflow, self.by("admin"), lambda *_: None), RebuildParameters())
            assert ", 0 differed" in made.message, made.message
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    def by(self, actor: str) -> By:
        """Return somebody who acts now."""
        return By(actor, self.clock())

    def draft(self, report: str) -> Any:
        """Return what is stored of a report."""
        with self.store.reading() as transaction:
            return transaction.report(report).draft

    def tried(self, report: str, action: Action, step: Callable[[], Any]) -> bool:
        """Take a step; one that is refused must have changed nothing, one that is taken leads where the table says."""
        before = self.workflow.get(report)
        try:
            step()
        except MrrtError as error:
            assert str(error) and self.workflow.get(report) == before
            return False
        after, change = self.workflow.get(report), TRANSITIONS[action]
        led = before.status in change.of and after.status in change.to
        assert after == before or led, (action, before.status, after.status)
        return True

    @rule(
        number=st.integers(1, 9),
        sides=st.sampled_from((("right",), ("left",), ("right", "left"))),
        psv=PSV,
    )
    def receive(self, number: int, sides: tuple[str, ...], psv: float) -> None:
        """A document of the study comes."""
        try:
            uid = self.workflow.receive(measured(number, sides, psv), self.by("device")).document.sop_instance_uid
        except MrrtError:
            return  # other measurements under a UID that is known
        self.came = list(dict.fromkeys([*self.came, uid or ""]))

    @initialize(count=st.integers(1, 2), language=st.sampled_from(("en", "de")), sign_off=st.sampled_from(SignOff))
    def create(self, count: int, language: str, sign_off: SignOff) -> None:
        """Two reports are begun, one from all that was measured, one from the first of it."""
        self.signing = Signing(self.store, sign_off)
        for number in range(count):
            self.receive(number + 1, ("right", "left")[: number + 1], 180.0)
        for report, uids in (("r1", self.came), ("r2", self.came[:1])):
            self.workflow.create(report, MAIN, uids, self.by("Dr. Old"), language)
            self.typed[report] = {}

    @rule(report=REPORTS, typing=st.sampled_from(TYPINGS), revert=st.integers(0, 4), actor=PEOPLE)
    def edit(self, report: str, typing: tuple[str, Any], revert: int, actor: str) -> None:
        """Somebody types into a field, or takes back what was typed."""
        field, value = typing
        edit = Edit(field=field, value=value) if revert else Edit(field=field, revert=True)
        if self.tried(report, Action.EDIT, lambda: self.workflow.edit(report, [edit], self.by(actor))):
            others = {key: value for key, value in self.typed[report].items() if key != field}
            self.note(report)
            assert self.typed[report].items() >= others.items(), "an edit changes what it names alone"
            assert (field in self.typed[report]) is bool(revert)

    @rule(report=REPORTS, number=st.integers(3, 9), psv=PSV, fill=st.booleans(), actor=PEOPLE)
    def deal_with_late_ones(self, report: str, number: int, psv: float, fill: bool, actor: str) -> None:
        """Documents come, and with others that came before are taken, declined, or told of in an addendum."""
        self.receive(number, ("right", "left"), psv)
        offered = self.lateness.offer(report)
        late, text = [one.sop_instance_uid for one in offered.documents], offered.addendum
        if text:
            self.tried(report, Action.APPEND, lambda: self.signing.append(report, text, self.by(actor), documents=late))
        elif late and fill:
            self.tried(report, Action.FILL, lambda: self.workflow.add_documents(report, late, self.by(actor)))
        elif late:
            self.tried(report, Action.DECLINE, lambda: self.lateness.decline(report, late, self.by(actor)))
        again = self.lateness.offer(report)
        assert not again.documents or again.documents == offered.documents

    @rule(report=REPORTS, preliminary=st.booleans(), actor=PEOPLE)
    def sign(self, report: str, preliminary: bool, actor: str) -> None:
        """Somebody answers all alerts, and signs."""
        alerts = self.workflow.get(report).alerts
        given = [Acknowledging(rule=one.rule, field=one.field, reason="seen") for one in alerts]
        action = Action.SIGN_PRELIMINARY if preliminary else Action.SIGN
        more = {"preliminary": preliminary, "acknowledging": given}
        self.tried(report, action, lambda: self.signing.sign(report, self.by(actor), **more))  # type: ignore[arg-type]

    @rule(report=REPORTS, psv=st.sampled_from(("100", "430")), actor=PEOPLE)
    def finish(self, report: str, psv: str, actor: str) -> None:
        """Somebody writes what is asked for, and all sign who have to: most lives get to a signature by this alone."""
        wanted = {"conclusion": "as before", "summary": "as before", "comparison": "none", "right_psv": psv}
        there = {one.key for one in self.workflow.report_form(report).fields}
        for field in sorted(wanted.keys() & there):
            self.edit(report, (field, wanted[field]), 1, actor)
        if self.signing.sign_off is SignOff.DOUBLE:
            self.sign(report, True, "Dr. Middle")
        self.sign(report, False, actor)

    @rule(report=REPORTS, typing=st.sampled_from(TYPINGS), behind=st.integers(1, 3), actor=PEOPLE)
    def edit_what_others_changed(self, report: str, typing: tuple[str, Any], behind: int, actor: str) -> None:
        """Somebody edits a version that is not the latest any more: nothing is changed, whatever is answered."""
        before = self.workflow.get(report)
        field, value = typing
        if before.version > behind:
            with suppress(MrrtError):
                edits = [Edit(field=field, value=value)]
                self.workflow.edit(report, edits, self.by(actor), before.version - behind)
        assert self.workflow.get(report) == before

    @precondition(lambda self: self.signed)
    @rule(report=REPORTS, kind=KINDS, reason=REASONS, then=st.sampled_from(("", "discard", "sign")), actor=PEOPLE)
    def revise(self, report: str, kind: ReportStatus, reason: str, then: str, actor: str) -> None:
        """A signed report is opened again, and changed; then it is signed, given up, or left open."""
        self.tried(report, Action.REVISE, lambda: self.signing.revise(report, kind, reason, self.by(actor)))
        if then:
            self.edit(report, ("methods", ("B mode",)), 1, actor)
            self.discard(report, actor) if then == "discard" else self.finish(report, "430", actor)

    @precondition(lambda self: self.signed)
    @rule(report=REPORTS, actor=PEOPLE)
    def discard(self, report: str, actor: str) -> None:
        """A revision is given up: what was signed stands again, byte by byte."""
        standing = self.renderings(report)
        if self.tried(report, Action.DISCARD, lambda: self.signing.discard(report, self.by(actor))):
            assert self.renderings(report) == standing
            self.note(report)

    @precondition(lambda self: self.signed)
    @rule(report=REPORTS, text=st.sampled_from(("Seen with Dr. Example.", "")), actor=PEOPLE)
    def append(self, report: str, text: str, actor: str) -> None:
        """Somebody adds to a signed report."""
        self.tried(report, Action.APPEND, lambda: self.signing.append(report, text, self.by(actor)))

    @precondition(lambda self: self.signed)
    @rule(report=REPORTS, luck=st.integers(0, 4), reason=REASONS, actor=PEOPLE)
    def withdraw(self, report: str, luck: int, reason: str, actor: str) -> None:
        """A report is withdrawn; seldom, since nothing follows."""
        if luck == 1:
            self.tried(report, Action.WITHDRAW, lambda: self.signing.withdraw(report, reason, self.by(actor)))

    @rule(report=REPORTS, luck=st.integers(0, 9), reason=REASONS, actor=PEOPLE)
    def cancel(self, report: str, luck: int, reason: str, actor: str) -> None:
        """A draft is cancelled; seldom, since nothing follows."""
        if luck == 1:
            self.tried(report, Action.CANCEL, lambda: self.signing.cancel(report, reason, self.by(actor)))

    @rule(version=st.integers(0, len(PAGES) - 1))
    def rewrite(self, version: int) -> None:
        """The template of the site changes."""
        written(self.templates, version)

    @rule(report=REPORTS, actor=PEOPLE)
    def move(self, report: str, actor: str) -> None:
        """A draft moves on to the template as it is now; what is typed goes along, or is set aside."""
        before, target = self.draft(report).report, self.moving.preview(report).target
        if self.tried(report, Action.MIGRATE, lambda: self.moving.migrate(report, target, self.by(actor))):
            after = self.draft(report).report
            assert len(after.typed) + len(after.set_aside) >= len(before.typed), "nothing typed is dropped"
            self.note(report)

    def note(self, report: str) -> None:
        """Note what is typed by now."""
        self.typed[report] = dict(self.draft(report).report.typed)

    def renderings(self, report: str, version: int | None = None) -> dict[str, bytes]:
        """Return a report in the formats that are kept, by format."""
        return {name: self.workflow.rendering(report, name, version).content for name in SIGNED_RENDITIONS}

    @invariant()
    def what_was_said_stays(self) -> None:  # 1
        for report in self.typed:
            with self.store.reading() as transaction:
                latest = transaction.report(report).version
            for number in range(1, latest + 1):
                if (report, number) not in self.said:
                    self.look(report, number)

    def look(self, report: str, number: int) -> None:
        """Note what a version says; what was noted of it before is the same."""
        with self.store.reading() as transaction:
            draft = transaction.report_version(report, number).draft
        text, made = canonical(draft), self.renderings(report, number)
        assert self.said.setdefault((report, number), text) == text
        if draft.report.status in SIGNED:
            signers = [one.actor for one in draft.report.signatures if one.status is not ReportStatus.APPENDED]
            assert self.signing.sign_off is SignOff.SINGLE or signers[-1] != signers[-2]
            assert self.signed.setdefault((report, number), made) == made

    @invariant()
    def what_is_typed_stands(self) -> None:  # 2
        for report, typed in self.typed.items():
            found = self.draft(report).report
            assert found.typed == typed
            assert all(value.provenance is Provenance.TYPED or value.source for value in found.typed.values())

    @invariant()
    def a_draft_is_what_a_derivation_from_nothing_gives(self) -> None:  # 3
        for report in self.typed:
            draft = self.draft(report)
            with self.store.reading() as transaction:
                template = compiled(transaction.template(draft.template_version))
            assert canonical(derived(draft, template)) == canonical(draft)

    @invariant()
    def it_can_be_read_and_found(self) -> None:  # 4
        found = {one.id: one for one in self.workflow.search(Filter(), 10)}
        assert found.keys() == self.typed.keys()
        for report in self.typed:
            view = self.workflow.get(report)
            assert (found[report].version, found[report].status) == (view.version, view.status)
            assert self.lateness.offer(report).version == self.moving.preview(report).version == view.version
            assert {
                field.key for field in self.workflow.report_form(report).fields
            } >= view.values.keys() - view.irrelevant


def live(lives: int, *more: Phase) -> None:
    quiet = list(HealthCheck)
    given = settings(
        max_examples=lives,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=quiet,
        database=None,
        phases=(Phase.generate, *more),
    )
    run_state_machine_as_test(Lives, settings=given)


def test_any_life(backend: str) -> None:
    live(LIVES, *([Phase.shrink] if ASKED else []))


def test_what_is_typed_and_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(draft: Draft, *more: Any) -> Draft:
        typed = dict(list(draft.report.typed.items())[1:])
        return edited(draft.model_copy(update={"report": draft.report.model_copy(update={"typed": typed})}), *more)

    monkeypatch.setattr(workflow, "edited", forgetful)
    with pytest.raises(AssertionError, match="an edit changes what it names alone"):
        live(20)


@pytest.mark.whole
def test_rows_that_do_not_follow_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_transaction, "changed_rows", lambda *_: ((), ()))
    with pytest.raises(AssertionError, match="that are searched and exported are not"):
        live(20)
