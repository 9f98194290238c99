"""Removes what is over and was promised to go: results of jobs, idempotency keys, sessions, access tokens, attempts.

Each of them goes when the next of its kind comes, too; but results of exports hold patient data, and must not stay
because nobody asks for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reporting.records import as_text
from reporting.sessions import WINDOW
from reporting.store import Store


@dataclass(frozen=True, slots=True)
class Tidying:
    """How long what is over is kept, in one store."""

    store: Store
    jobs: timedelta
    keys: timedelta
    idle: timedelta

    def __call__(self, at: datetime) -> None:
        """Remove what is over at a time. Nothing of it is in the audit log: it holds no record of anything."""
        now = as_text(at)
        with self.store.writing() as transaction:
            transaction.remove_jobs(as_text(at - self.jobs))
            transaction.remove_keys(as_text(at - self.keys))
            transaction.remove_old_sessions(now, as_text(at - self.idle))
            transaction.remove_old_access(now)
            transaction.remove_old_failures(as_text(at - WINDOW))
