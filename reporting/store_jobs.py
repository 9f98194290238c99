"""What a transaction of the store can read and write of long work."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mrrt.errors import NotFound
from reporting import store_tables as tables
from reporting.records import By

_JOB = tables.job
_LINE = [column for column in _JOB.c if column.name != "result"]
_OVER = ("succeeded", "failed", "cancelled")
Row = dict[str, Any]


class JobReading:
    """The questions about jobs that the store answers."""

    _connection: Connection

    def job(self, job_id: str) -> Row:
        """Return a job without its result; raises NotFound."""
        row = self._connection.execute(sa.select(*_LINE).where(_JOB.c.id == job_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(f'there is no job "{job_id}"')
        return dict(row)

    def jobs(self, before: tuple[str, str] | None, limit: int) -> tuple[Row, ...]:
        """Return up to `limit` jobs, the newest first."""
        query = sa.select(*_LINE).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(sa.tuple_(_JOB.c.created_at, _JOB.c.id) < sa.tuple_(*map(sa.literal, before)))
        return tuple(dict(row) for row in self._connection.execute(query).mappings())

    def job_result(self, job_id: str) -> tuple[bytes, str, str] | None:
        """Return the content, media type and file name of a result."""
        query = sa.select(_JOB.c.result, _JOB.c.result_type, _JOB.c.result_name).where(_JOB.c.id == job_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None or row.result is None else (bytes(row.result), row.result_type, row.result_name)

    def waiting_job(self, silent_since: str) -> str | None:
        """Return the id of the job to be done next: queued, or running in a process that fell silent."""
        state = _JOB.c.state
        silent = sa.and_(state == "running", _JOB.c.beat_at < silent_since)
        query = sa.select(_JOB.c.id).where(sa.or_(state == "queued", silent))
        return self._connection.scalar(query.order_by(_JOB.c.created_at, _JOB.c.id).limit(1))


class JobWriting(JobReading):
    """The changes that can be made to jobs."""

    def add_job(self, job_id: str, kind: str, parameters: str, by: By) -> Row:
        """Keep what is to be done."""
        row = dict.fromkeys((column.name for column in _LINE), None) | {
            **{"id": job_id, "kind": kind, "parameters": parameters, "state": "queued", "done": 0, "message": ""},
            **{"created_by": by.actor, "created_at": by.at_text, "attempts": 0},
        }
        self._connection.execute(sa.insert(_JOB).values(row))
        return row

    def claim_job(self, job_id: str, worker: str, at: str, silent_since: str) -> bool:
        """Take a job that waits, or that fell silent; False if another worker was faster."""
        silent = sa.and_(_JOB.c.state == "running", _JOB.c.beat_at < silent_since)
        update = sa.update(_JOB).where(_JOB.c.id == job_id, sa.or_(_JOB.c.state == "queued", silent))
        taken = {"state": "running", "worker": worker, "started_at": at, "beat_at": at, "done": 0, "total": None}
        return self._connection.execute(update.values(**taken, attempts=_JOB.c.attempts + 1)).rowcount == 1

    def beat_job(self, job_id: str, worker: str, at: str, progress: tuple[int, int | None, str]) -> bool:
        """Say that a job goes on, and how far it is; False if it is not this worker's any more."""
        done, total, message = progress
        values = {"beat_at": at, "done": done, "total": total, "message": message}
        return self._connection.execute(_mine(job_id, worker).values(values)).rowcount == 1

    def release_job(self, job_id: str, worker: str) -> None:
        """Give a job back, to be done by another process."""
        self._connection.execute(
            _mine(job_id, worker).values(state="queued", worker=None, attempts=_JOB.c.attempts - 1)
        )

    def settle_job(self, job_id: str, worker: str, **values: Any) -> bool:
        """Say how a job ended; False if it is not this worker's any more."""
        return self._connection.execute(_mine(job_id, worker).values(**values)).rowcount == 1

    def finish_job(self, job_id: str, state: str, message: str, at: str) -> None:
        """End a job from outside."""
        update = sa.update(_JOB).where(_JOB.c.id == job_id)
        self._connection.execute(update.values(state=state, message=message, finished_at=at))

    def remove_jobs(self, before: str) -> None:
        """Remove jobs that were over before a time, with their results."""
        self._connection.execute(sa.delete(_JOB).where(_JOB.c.state.in_(_OVER), _JOB.c.finished_at < before))


def _mine(job_id: str, worker: str) -> sa.Update:
    return sa.update(_JOB).where(_JOB.c.id == job_id, _JOB.c.worker == worker, _JOB.c.state == "running")
