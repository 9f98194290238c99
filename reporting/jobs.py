"""Long work: asked for, done in the background, with progress and in the end a result. The use cases on jobs.

What kinds of work there are is one table in reporting/job_kinds.py; reporting/job_runner.py does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from mrrt.errors import Conflict
from reporting.job_kinds import KINDS
from reporting.once import Once
from reporting.records import By
from reporting.store import Store


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(BaseModel):
    """Long work and how far it is. `total` is null while nobody knows how much there is to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    parameters: Mapping[str, Any]
    """What was asked for, without files that came along; empty for who may not read what the job finds."""
    state: JobState
    done: int
    total: int | None
    message: str
    result: str | None = None
    """File name of the result, null as long as there is none."""
    created_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job made: a file."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """The use cases on jobs; those that are over are kept for `keep_days`."""

    store: Store
    keep_days: int = 7

    def add(self, job_id: str, wanted: BaseModel, kind: str, by: By, once: Once | None = None) -> Job:
        """Ask for work; jobs that have been over for long are removed by the way."""
        parameters = wanted.model_dump_json(exclude_unset=True)
        with self.store.writing() as transaction:
            if once is not None and (made := transaction.recall(once, by)) is not None:
                return job_of(json.loads(made))
            transaction.remove_jobs(By(by.actor, by.at - timedelta(days=self.keep_days)).at_text)
            row = transaction.add_job(job_id, kind, parameters, by)
            if once is not None:
                transaction.remember(once, by, json.dumps(row))
            transaction.audit("queue-job", by, detail={"job": job_id, "kind": kind})
        return job_of(row)

    def list(self, before: tuple[str, str] | None, limit: int) -> tuple[Job, ...]:
        """Return up to `limit` jobs, the newest first, those before a place in the list."""
        with self.store.reading() as transaction:
            return tuple(job_of(row) for row in transaction.jobs(before, limit))

    def get(self, job_id: str) -> Job:
        """Return a job; raises NotFound."""
        with self.store.reading() as transaction:
            return job_of(transaction.job(job_id))

    def result(self, job_id: str) -> JobResult:
        """Return what a job made; raises NotFound, or Conflict where there is nothing, and says why."""
        with self.store.reading() as transaction:
            row = transaction.job(job_id)
            found = transaction.job_result(job_id)
        if found is None:
            raise Conflict(f"The job is {row['state']}; there is no result. {row['message']}".strip())
        return JobResult(*found)

    def cancel(self, job_id: str, by: By) -> Job:
        """Cancel a job that is not over; one that was cancelled before stays so. Raises NotFound, Conflict."""
        with self.store.writing() as transaction:
            row = transaction.job(job_id)
            if row["state"] in (JobState.SUCCEEDED, JobState.FAILED):
                raise Conflict(f"The job has {row['state']} and cannot be cancelled.")
            if row["state"] != JobState.CANCELLED:
                transaction.finish_job(job_id, JobState.CANCELLED, "Cancelled.", by.at_text)
                transaction.audit("cancel-job", by, detail={"job": job_id, "kind": row["kind"]})
            return job_of(transaction.job(job_id))


def job_of(row: Mapping[str, Any]) -> Job:
    """Return a job from its row; large files among the parameters are left out."""
    parameters = KINDS[row["kind"]].parameters.model_validate_json(row["parameters"])
    fields = {name: row[name] for name in Job.model_fields if name not in ("parameters", "result")}
    shown = parameters.model_dump(mode="json", exclude_unset=True, exclude=_FILES)
    return Job(**fields, parameters=shown, result=row["result_name"])


_FILES = {"archive"}
