"""Does long work in a thread of its own, one job at a time; several processes share what waits.

A job is claimed by one UPDATE, so that one worker has it. While it runs its worker says so every few seconds; a job
whose worker fell silent is taken up again, and after a few attempts it has failed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from mrrt.errors import MrrtError
from reporting.job_kinds import KINDS, Made, Run
from reporting.logs import kind_and_places
from reporting.records import By
from reporting.workflow import Workflow

_log = structlog.get_logger("mrrt.jobs")
_PATIENCE = 30.0
_TIDIED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between looks for work, between signs of life, and of silence after which a worker counts as dead."""

    look: float = 1.0
    beat: float = 2.0
    silence: float = 30.0
    attempts: int = 3


class Stopped(Exception):
    """The process ends; the job goes back to the queue."""


class Lost(Exception):
    """The job was cancelled, or another worker has it."""


def _now() -> datetime:
    return datetime.now(UTC)


class JobRunner:
    """Works through what waits until it is stopped."""

    def __init__(
        self,
        workflow: Workflow,
        clock: Callable[[], datetime] = _now,
        pace: Pace | None = None,
        tidy: Callable[[datetime], None] | None = None,
    ) -> None:
        self._workflow = workflow
        self._store = workflow.store
        self._clock = clock
        self._pace = pace or Pace()
        self._worker = str(uuid4())
        self._tidy, self._tidied_at = tidy, datetime.min.replace(tzinfo=UTC)
        self._stopped = threading.Event()
        self.asked = threading.Event()
        """Set it where a job was asked for in this process, so that it begins at once."""
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; the job in hand goes back to the queue at its next sign of progress."""
        self._stopped.set()
        self.asked.set()
        self._thread.join(_PATIENCE)

    def run_one(self) -> bool:
        """Do the job that waits longest; False if none does."""
        at = self._clock()
        silent_since = _text(at - timedelta(seconds=self._pace.silence))
        with self._store.reading() as transaction:
            job_id = transaction.waiting_job(silent_since)
        if job_id is None:
            return False
        with self._store.writing() as transaction:
            claimed = transaction.claim_job(job_id, self._worker, _text(at), silent_since)
            row = transaction.job(job_id)
            if claimed and row["attempts"] > self._pace.attempts:
                said = f"The process ended {self._pace.attempts} times while it did this job; it is not tried again."
                transaction.finish_job(job_id, "failed", said, _text(at))
                claimed = False
        if claimed:
            self._work(job_id, row)
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.asked.clear()
            try:
                self._tidy_up()
                found = self.run_one()
            except Exception as error:  # noqa: BLE001  # a database that is away for a while must not end the runner
                _log.error("jobs interrupted", **kind_and_places(error))
                found = False
            if not found and not self._stopped.is_set():
                self.asked.wait(self._pace.look)

    def _tidy_up(self) -> None:
        """Remove what is over, if that was not done within the hour; `mrrt serve` does so as it starts, too."""
        at = self._clock()
        if self._tidy is not None and at - self._tidied_at >= _TIDIED:
            self._tidied_at = at
            self._tidy(at)

    def _work(self, job_id: str, row: dict[str, object]) -> None:
        kind = KINDS[str(row["kind"])]
        beats = _Beats(self, job_id)
        by = By(str(row["created_by"]), self._clock(), source="job", request_id=job_id)
        try:
            with beats:
                parameters = kind.parameters.model_validate_json(str(row["parameters"]))
                made = kind.work(Run(self._workflow, by, beats.progress), parameters)
            self._settle(job_id, made, beats)
        except Stopped:
            with self._store.writing() as transaction:
                transaction.release_job(job_id, self._worker)
        except Lost:
            _log.info("job given up", job=job_id)
        except MrrtError as error:
            self._fail(job_id, str(error))
        except Exception as error:  # noqa: BLE001  # a job must end as failed, whatever went wrong in it
            _log.error("job failed", job=job_id, **kind_and_places(error))
            self._fail(job_id, "The server made a mistake. It is in the log under the id of the job.")

    def _settle(self, job_id: str, made: Made, beats: _Beats) -> None:
        done, total, _ = beats.latest
        ended = {"state": "succeeded", "message": made.message, "finished_at": _text(self._clock())}
        file = {"result": made.content, "result_type": made.media_type, "result_name": made.name}
        count = max(done, total or 0)
        with self._store.writing() as transaction:
            transaction.settle_job(job_id, self._worker, **ended, **file, done=count, total=count)

    def _fail(self, job_id: str, message: str) -> None:
        with self._store.writing() as transaction:
            ended = {"state": "failed", "message": message, "finished_at": _text(self._clock())}
            transaction.settle_job(job_id, self._worker, **ended)

    def beat(self, job_id: str, progress: tuple[int, int | None, str]) -> bool:
        """Say in the database that a job goes on; False if it was cancelled or taken away."""
        with self._store.writing() as transaction:
            return transaction.beat_job(job_id, self._worker, _text(self._clock()), progress)

    @property
    def stopping(self) -> bool:
        """Whether the process ends."""
        return self._stopped.is_set()

    @property
    def pace(self) -> Pace:
        """How often it looks and beats."""
        return self._pace


class _Beats:
    """Signs of life of one job, from a thread of their own: work may be busy for long between two of its steps."""

    def __init__(self, runner: JobRunner, job_id: str) -> None:
        self._runner, self._job_id = runner, job_id
        self.latest: tuple[int, int | None, str] = (0, None, "")
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-beat", daemon=True)

    def __enter__(self) -> _Beats:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_PATIENCE)

    def progress(self, done: int, total: int | None, message: str) -> None:
        """Note how far the work is; raises Stopped or Lost where it is to end."""
        self.latest = (done, total, message)
        if self._lost.is_set():
            raise Lost
        if self._runner.stopping:
            raise Stopped

    def _beat(self) -> None:
        while not self._over.wait(self._runner.pace.beat):
            try:
                if not self._runner.beat(self._job_id, self.latest):
                    self._lost.set()
            except Exception as error:  # noqa: BLE001  # a database that is away for a while: the next beat may arrive
                _log.error("sign of life lost", job=self._job_id, **kind_and_places(error))


def _text(at: datetime) -> str:
    return By("", at).at_text
