"""What routes need from the application: the workflow, who acts and when, ids, and the version in If-Match.

They are coroutines because they wait for nothing: FastAPI would send each plain function to a thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from api.metrics import Metrics
from api.stopping import Stopping
from mrrt.errors import UsageError
from reporting.audit_log import AuditLog
from reporting.config import Settings
from reporting.events import Feed
from reporting.identity import Identity, Recognised
from reporting.job_runner import JobRunner
from reporting.jobs import Jobs
from reporting.receiving.reception import Reception
from reporting.records import By
from reporting.signing import Signing
from reporting.versions import Versions
from reporting.warming import Warming
from reporting.workflow import Workflow

_VERSION = re.compile(r'(?:W/)?"(\d{1,9})(?:\.\w{1,64})?"')


@dataclass(frozen=True, slots=True)
class Context:
    """What an application is made with; it hangs at `app.state.context`."""

    settings: Settings
    workflow: Workflow
    signing: Signing
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    warming: Warming
    reception: Reception
    audit_log: AuditLog
    metrics: Metrics
    stopping: Stopping
    runner: JobRunner
    feed: Feed
    identity: Identity

    @property
    def versions(self) -> Versions:
        """The use cases of the history of reports."""
        return Versions(self.workflow.store)

    @property
    def jobs(self) -> Jobs:
        """The use cases on long work."""
        return Jobs(self.workflow.store, self.settings.job_days)


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _workflow(context: Annotated[Context, Depends(_context)]) -> Workflow:
    return context.workflow


async def _by(request: Request) -> By:
    """Return who acts, when and from where: the one that api/permissions.py let in."""
    by: By = request.state.by
    return by


async def _recognised(request: Request) -> Recognised | None:
    found: Recognised | None = request.state.recognised
    return found


async def _if_match(if_match: Annotated[str | None, Header(examples=['"3"'])] = None) -> int | None:
    """Return the version that the caller has in hand; None where any will do (RFC 9110 section 13.1.1)."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise UsageError("If-Match takes the ETag of a report or template, its version in quotes")
    return int(match[1])


ContextDep = Annotated[Context, Depends(_context)]
WorkflowDep = Annotated[Workflow, Depends(_workflow)]
RecognisedDep = Annotated[Recognised | None, Depends(_recognised)]
ByDep = Annotated[By, Depends(_by)]
VersionDep = Annotated[int | None, Depends(_if_match)]
