"""Start and stop of programs that serve, in the audit log (DICOM PS3.15 section A.5.3.1, Application Activity).

They belong to the process that was started and stopped, however many workers it has. A process that is killed leaves
no stop; nor does one whose database is away at its end.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from types import FrameType
from typing import Any
from uuid import uuid4

import structlog

from mrrt.errors import MrrtError
from reporting.audit_codes import Outcome
from reporting.audit_log import AuditLog
from reporting.config import Settings
from reporting.logs import configure_logs, kind_and_places
from reporting.records import By
from reporting.store import open_store

_log = structlog.get_logger("mrrt.activity")


class _Terminated(SystemExit):
    """SIGTERM came; the program ends in order, and then as if nobody had waited for the signal."""


@contextmanager
def activity(site: Settings, program: str, **about: Any) -> Iterator[None]:
    """Note in the audit log that a program starts, and how it ended; both rows carry the same request id.

    Raises UsageError or Unavailable where the database cannot be used: what cannot be noted does not start.
    """
    said = {"program": program, "version": metadata.version("mrrt"), "process": os.getpid(), **about}
    run = uuid4().hex
    earlier, told = signal.signal(signal.SIGTERM, _terminate), False
    try:
        _note(site, "start", run, said)
        outcome = Outcome.FAILED
        try:
            yield
            outcome = Outcome.SUCCESS
        except KeyboardInterrupt:
            outcome = Outcome.SUCCESS
            raise
        except _Terminated:
            outcome, told = Outcome.SUCCESS, True
        finally:
            _note_stop(site, run, said, outcome)
    finally:
        signal.signal(signal.SIGTERM, earlier)
    if told:
        signal.raise_signal(signal.SIGTERM)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: None)  # it is ending already
    raise _Terminated(128 + signal.SIGTERM)


def _note(site: Settings, action: str, run: str, said: dict[str, Any], outcome: Outcome = Outcome.SUCCESS) -> None:
    store = open_store(site.database_url, as_it_is=action == "stop")  # what ends has no business with newer tables
    try:
        by = By(site.actor, datetime.now(UTC), source="command line", request_id=run)
        AuditLog(store).note(action, by, outcome=outcome, detail=said)
    finally:
        store.close()


def _note_stop(site: Settings, run: str, said: dict[str, Any], outcome: Outcome) -> None:
    try:
        _note(site, "stop", run, said, outcome)
    except MrrtError as error:
        configure_logs()  # the parent of several workers has no log of its own
        _log.error("stop not in the audit log", **kind_and_places(error))
