"""The trial mode, on a real database.

1. Visits to a report add up; a visit that is told again replaces what was told of it.
2. What the report says at the end: fields from the device, typed, corrected, overruled; alerts answered.
3. Nothing is kept where the site takes part in no trial, nor of a report that is not there.
4. No patient, no reader, no date leaves; what is forgotten is gone, and the audit log says so.
"""

from __future__ import annotations

import csv
import io

import pytest

from mrrt.errors import Conflict, NotFound
from reporting.draft import Edit
from reporting.records import AuditFilter
from reporting.signing import Signing
from reporting.trial import Trial
from reporting.trial_figures import COLUMNS, Counted, TrialLine, as_csv
from reporting.workflow import Workflow

from .site import SEEN, by, sr


@pytest.fixture
def trial(workflow: Workflow) -> Trial:
    return Trial(workflow.store, on=True)


@pytest.fixture
def draft(workflow: Workflow) -> str:
    uid = workflow.receive(sr(), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    return "r1"


def test_visits_add_up(workflow: Workflow, trial: Trial, draft: str) -> None:  # 1
    workflow.create("r2", "tiny-carotid", [], by())
    trial.keep("r2", "b" * 8, Counted(seconds=5, clicks=1), by(seconds=1))
    trial.keep(draft, "a" * 8, Counted(seconds=20, active_seconds=9.5, keystrokes=7), by(seconds=2))
    trial.keep(draft, "a" * 8, Counted(seconds=30, active_seconds=12.25, keystrokes=9, alerts_shown=2), by(seconds=3))
    trial.keep(draft, "c" * 8, Counted(seconds=4, active_seconds=4, keystrokes=1, alerts_heeded=1), by(seconds=4))
    second, first = trial.lines()
    assert (second.number, second.visits, second.seconds, second.clicks) == (1, 1, 5.0, 1)
    assert (first.number, first.visits, first.seconds, first.active_seconds) == (2, 2, 34.0, 16.2)
    assert (first.keystrokes, first.alerts_shown, first.alerts_heeded) == (10, 2, 1)


def test_what_the_report_says_at_its_end(workflow: Workflow, signing: Signing, trial: Trial, draft: str) -> None:  # 2
    before = workflow.get(draft)
    imported = [key for key, value in before.values.items() if value.provenance == "imported"]
    calculated = [key for key, value in before.values.items() if value.provenance == "calculated"]
    edits = [("conclusion", "stenosis"), ("right_psv", "330"), (calculated[0], before.values[calculated[0]].value)]
    workflow.edit(draft, [Edit(field=field, value=value) for field, value in edits], by())
    signing.sign(draft, by(), acknowledging=SEEN)
    trial.keep(draft, "a" * 8, Counted(), by())
    [line] = trial.lines()
    assert (line.status, line.template) == ("final", before.template.identifier)
    assert (line.fields_imported, line.fields_calculated) == (len(imported), len(calculated))
    assert (line.fields_typed, line.fields_corrected, line.fields_overruled) == (3, 1, 1)
    assert line.alerts_acknowledged == 0, "an empty field that is meant has no reason"


def test_nothing_is_kept_without_a_trial(workflow: Workflow, trial: Trial, draft: str) -> None:  # 3
    with pytest.raises(Conflict, match="MRRT_TRIAL"):
        Trial(workflow.store, on=False).keep(draft, "a" * 8, Counted(), by())
    with pytest.raises(NotFound):
        trial.keep("nobody", "a" * 8, Counted(), by())
    assert trial.lines() == ()


def test_what_leaves_and_what_is_forgotten(workflow: Workflow, trial: Trial, draft: str) -> None:  # 4
    trial.keep(draft, "a" * 8, Counted(keystrokes=3), by())
    [row] = csv.DictReader(io.StringIO(as_csv(trial.lines())))
    assert tuple(row) == COLUMNS and row["keystrokes"] == "3"
    report = workflow.get(draft)
    told = {
        draft,
        "a" * 8,
        report.patient.name,
        report.patient.identifier,
        report.study.study_instance_uid,
        "Dr. Example",
    }
    assert not told & set(row.values()) and "2026" not in "".join(row.values())
    assert (trial.forget(by()), trial.lines(), trial.forget(by())) == (1, (), 0)
    with workflow.store.reading() as transaction:
        events = transaction.audit_page(AuditFilter(action="forget-trial"), 10)
    assert [entry.event.detail for entry in events] == ['{"visits":1}', '{"visits":0}']


def test_a_spreadsheet_runs_no_name_of_a_template() -> None:
    counts = {name: 0 for name in TrialLine.model_fields if name not in ("template", "status")}
    line = TrialLine(template="=1+1", status="final", **counts)
    [row] = csv.DictReader(io.StringIO(as_csv([line])))
    assert row["template"] == "'=1+1"
