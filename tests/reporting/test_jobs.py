"""Long work.

1. A job is done once, by one of several workers; its result is a file.
2. Cancelled jobs stop and keep no result; a worker that ends gives its job back.
3. A job of a worker that died is taken up again, and has failed after a few attempts.
4. What goes wrong in a job is said, without a stack trace.
5. The kinds of work do what they say.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from mrrt.errors import Conflict, UsageError
from reporting import job_kinds
from reporting.access import Permission
from reporting.draft import Edit
from reporting.job_kinds import ExportParameters, ImportParameters, Kind, Made, RebuildParameters, Run, VerifyParameters
from reporting.job_runner import JobRunner, Pace
from reporting.jobs import Job, Jobs
from reporting.once import Once
from reporting.searching import Search
from reporting.workflow import Workflow

from .backends import BACKEND
from .site import TINY, by, sr

QUICK = Pace(look=0.02, beat=0.05, silence=30.0)


@pytest.fixture
def jobs(workflow: Workflow) -> Jobs:
    return Jobs(workflow.store)


def ask(jobs: Jobs, job_id: str, kind: str = "rebuild-values", wanted: BaseModel | None = None) -> Job:
    return jobs.add(job_id, wanted or RebuildParameters(), kind, by())


def done(jobs: Jobs, workflow: Workflow, job_id: str) -> Job:
    assert JobRunner(workflow).run_one()
    return jobs.get(job_id)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A kind of work that goes on until it is let go, and counts who began it."""
    state: dict[str, Any] = {"begun": threading.Event(), "go": threading.Event(), "count": 0}

    def work(run: Run, _: RebuildParameters) -> Made:
        state["count"] += 1
        state["begun"].set()
        while not state["go"].wait(0.01):
            run.progress(3, 7, "holds")
        return Made("Held.", b"{}")

    monkeypatch.setattr(
        job_kinds, "KINDS", {**job_kinds.KINDS, "held": Kind(RebuildParameters, work, Permission.MANAGE_JOBS)}
    )
    for module in ("reporting.jobs", "reporting.job_runner"):
        monkeypatch.setattr(f"{module}.KINDS", job_kinds.KINDS)
    yield state
    state["go"].set()


def test_many_jobs_and_workers(workflow: Workflow, jobs: Jobs, held: dict[str, Any]) -> None:  # 1
    held["go"].set()
    for number in range(6):
        ask(jobs, f"j{number}", "held")
    runners = [JobRunner(workflow, pace=QUICK) for _ in range(4)]
    for runner in runners:
        runner.start()
    assert until(lambda: all(one.state == "succeeded" for one in jobs.list(None, 10)))
    for runner in runners:
        runner.stop()
    assert held["count"] == 6 and jobs.result("j3").content == b"{}"
    assert len(jobs.list(None, 10)) == 6


def test_cancelling(workflow: Workflow, jobs: Jobs, held: dict[str, Any]) -> None:  # 2
    ask(jobs, "j1", "held")
    ask(jobs, "j2", "held")
    runner = JobRunner(workflow, pace=QUICK)
    runner.start()
    assert held["begun"].wait(10)
    assert jobs.cancel("j2", by()).state == "cancelled"
    assert until(lambda: jobs.get("j1").message == "holds") and jobs.get("j1").total == 7
    assert jobs.cancel("j1", by()).state == jobs.cancel("j1", by()).state == "cancelled"
    ask(jobs, "j3", "rebuild-values")
    assert until(lambda: jobs.get("j3").state == "succeeded"), "the worker is free again"
    runner.stop()
    assert jobs.get("j1").state == "cancelled" and held["count"] == 1
    with pytest.raises(Conflict, match="no result"):
        jobs.result("j1")
    with pytest.raises(Conflict, match="cannot be cancelled"):
        jobs.cancel("j3", by())


def test_a_worker_that_ends(workflow: Workflow, jobs: Jobs, held: dict[str, Any]) -> None:  # 2
    ask(jobs, "j1", "held")
    first = JobRunner(workflow, pace=QUICK)
    first.start()
    assert held["begun"].wait(10)
    first.stop()
    assert jobs.get("j1").state == "queued"
    held["go"].set()
    assert done(jobs, workflow, "j1").state == "succeeded" and held["count"] == 2


def test_a_worker_that_died(workflow: Workflow, jobs: Jobs) -> None:  # 3
    ask(jobs, "j1")
    now = datetime.now(UTC)
    for attempt in range(3):
        at = by().at_text[:0] + (now + timedelta(minutes=attempt)).isoformat(timespec="microseconds")
        with workflow.store.writing() as transaction:
            assert transaction.claim_job("j1", f"dead {attempt}", at, at)
            assert not transaction.claim_job("j1", "another", at, at), "it is not silent yet"
    assert not JobRunner(workflow, clock=lambda: now + timedelta(minutes=2, seconds=20)).run_one()
    assert JobRunner(workflow, clock=lambda: now + timedelta(minutes=4)).run_one()
    assert jobs.get("j1").state == "failed" and "3 times" in jobs.get("j1").message


def test_a_job_of_a_dead_worker_is_taken_up_again(workflow: Workflow, jobs: Jobs) -> None:  # 3
    ask(jobs, "j1")
    with workflow.store.writing() as transaction:
        assert transaction.claim_job("j1", "dead", by().at_text, by().at_text)
    assert done(jobs, workflow, "j1").state == "succeeded"


def test_what_goes_wrong(workflow: Workflow, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:  # 4
    def usage(*_: object) -> Made:
        raise UsageError("The table is too large.")

    def mistake(*_: object) -> Made:
        raise RuntimeError("patient GARCIA")

    kinds = {
        **job_kinds.KINDS,
        "usage": Kind(RebuildParameters, usage, Permission.MANAGE_JOBS),
        "mistake": Kind(RebuildParameters, mistake, Permission.MANAGE_JOBS),
    }
    for module in ("reporting.jobs", "reporting.job_runner"):
        monkeypatch.setattr(f"{module}.KINDS", kinds)
    ask(jobs, "j1", "usage")
    assert done(jobs, workflow, "j1").message == "The table is too large."
    ask(jobs, "j2", "mistake")
    failed = done(jobs, workflow, "j2")
    assert failed.state == "failed" and "GARCIA" not in failed.message and "log" in failed.message


def filled(workflow: Workflow) -> None:
    uid = workflow.receive(sr(), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    workflow.create("r2", "tiny-carotid", [], by(seconds=1))
    workflow.edit("r2", [Edit(field="conclusion", value="=1+1"), Edit(field="left_psv", value="-3")], by(seconds=2))


def test_rebuilding_values(workflow: Workflow, jobs: Jobs) -> None:  # 5
    filled(workflow)
    ask(jobs, "j1")
    assert json.loads(done(jobs, workflow, "j1").message and jobs.result("j1").content)["differed"] == 0
    with workflow.store.writing() as transaction:
        before = transaction.values("r2")
        transaction._connection.execute(sa.text("UPDATE report_value SET number_real = 9 WHERE field = 'left_psv'"))
        transaction._connection.execute(sa.text("DELETE FROM report_document"))
    ask(jobs, "j2")
    assert done(jobs, workflow, "j2").done == 2
    said = json.loads(jobs.result("j2").content)
    assert said == {"reports": 2, "differed": 2, "ids": ["r1", "r2"]}
    with workflow.store.reading() as transaction:
        assert transaction.values("r2") == before and transaction.documents_known_by("r1")


def test_exporting_values(workflow: Workflow, jobs: Jobs) -> None:  # 5
    filled(workflow)
    ask(jobs, "j1", "export-values", ExportParameters())
    assert done(jobs, workflow, "j1").result == "values.parquet"
    rows = pq.read_table(io.BytesIO(jobs.result("j1").content)).to_pylist()
    with workflow.store.reading() as transaction:
        stored = {
            (one, row.field, row.position, row.number, row.text)
            for one in ("r1", "r2")
            for row in transaction.values(one)
        }
    assert {(r["report_id"], r["field"], r["position"], r["number"], r["text"]) for r in rows} == stored
    assert {r["report_patient_id"] for r in rows if r["report_id"] == "r1"} == {"EX-0001"}
    ask(jobs, "j2", "export-values", ExportParameters(format="csv", search=Search(value=("left_psv:<:0",))))
    assert done(jobs, workflow, "j2").message.endswith("of 1 reports.")
    table = list(csv.DictReader(io.StringIO(jobs.result("j2").content.decode())))
    cells = {row["field"]: row for row in table}
    assert {row["report_id"] for row in table} == {"r2"} and cells["left_psv"]["number"] == "-3"
    assert cells["conclusion"]["text"] == "'=1+1", "a spreadsheet does not run it"


def test_importing_templates(workflow: Workflow, jobs: Jobs) -> None:  # 5
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        page = (TINY / "template.html").read_bytes().replace(b"1.2.3.4.5", b"2.25.901")
        made.writestr("a/template.html", page)
        made.writestr("notes.txt", "no template")
    wanted = ImportParameters(archive=base64.b64encode(archive.getvalue()).decode())
    assert ask(jobs, "j1", "import-templates", wanted).parameters == {}
    assert "1 created" in done(jobs, workflow, "j1").message
    assert workflow.template("2.25.901").title == "Tiny carotid"
    assert {one["outcome"] for one in json.loads(jobs.result("j1").content)} == {"created", "ignored"}


def test_a_database_that_is_away_refuses_no_template(workflow: Workflow, jobs: Jobs, tmp_path: Path) -> None:  # 5
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("template.html", (TINY / "template.html").read_bytes().replace(b"1.2.3.4.5", b"2.25.902"))
    ask(jobs, "j1", "import-templates", ImportParameters(archive=base64.b64encode(archive.getvalue()).decode()))
    engine = sa.create_engine(BACKEND.url(tmp_path), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE library_version RENAME TO away"))
    assert JobRunner(workflow).run_one()
    assert jobs.get("j1").state == "failed", "it may be asked for again"


def test_jobs_are_made_once_and_forgotten(workflow: Workflow, jobs: Jobs) -> None:  # 1
    for number in (1, 2):
        job = jobs.add(f"j{number}", RebuildParameters(), "rebuild-values", by(), Once("key", "create_job", ""))
        assert job.id == "j1"
    done(jobs, workflow, "j1")
    later = by(seconds=0)
    jobs.add("j3", RebuildParameters(), "rebuild-values", type(later)("x", datetime.now(UTC) + timedelta(days=8)))
    assert [one.id for one in jobs.list(None, 10)] == ["j3"]


def until(so: Any, seconds: float = 20.0) -> bool:
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if so():
            return True
        waiting.wait(0.02)
    return False


def test_the_audit_log_is_checked(workflow: Workflow, jobs: Jobs) -> None:
    workflow.create("r1", "tiny-carotid", [], by())
    ask(jobs, "j1", "verify-audit", VerifyParameters())
    job = done(jobs, workflow, "j1")
    assert job.state == "succeeded" and job.message == "The audit log was checked: intact."
    found = json.loads(jobs.result("j1").content)
    assert found["intact"] is True and found["versions"] == 1 and found["events"] >= 1
