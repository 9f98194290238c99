"""The HTTP application: routes under /api/v1, the browser's files at /, one error shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from importlib import metadata
from uuid import uuid4

from fastapi import FastAPI

from api import (
    accounts,
    audit,
    devices,
    documents,
    evaluate,
    events,
    explanations,
    formats,
    health,
    history,
    jobs,
    late,
    migration,
    oauth,
    oidc,
    openapi,
    permissions,
    probes,
    problems,
    reports,
    session,
    signing,
    stow,
    template_desk,
    template_service,
    templates,
    tokens,
    trial,
    unmapped,
    versions,
    worklist,
)
from api.conditional import Conditional
from api.deps import Context
from api.limits import BodyLimit, OwnPagesOnly, SafeHeaders
from api.methods import Head
from api.metrics import Measured, Metrics
from api.pages import Pages
from api.read_log import ReadLog
from api.redirects import HereAlone
from api.request_log import RequestLog
from api.stopping import Stopping, end_with_parent
from reporting.audit_log import AuditLog
from reporting.config import Settings, refuse_open_door, settings, shared_metrics
from reporting.events import Feed
from reporting.identity import open_identity
from reporting.job_runner import JobRunner
from reporting.logs import configure_logs
from reporting.receiving.reception import Reception
from reporting.signing import Signing
from reporting.store import open_store
from reporting.tidying import Tidying
from reporting.warming import settle
from reporting.workflow import Workflow

_DESCRIPTION = """Structured radiology reports: IHE MRRT templates filled from DICOM SR, graded by decision tables.

Every change of a report makes a new version; its number is the `ETag`, and `If-Match` guards against lost updates.
Who asks again with `If-None-Match` is answered with 304 as long as nothing changed.
Errors are Problem Details (RFC 9457), media type `application/problem+json`."""

_V1 = (
    *(templates, documents, evaluate, reports, versions, signing, late, migration, explanations),
    *(worklist, events, jobs, audit, unmapped, health, session, oidc, oauth, accounts, tokens, history, formats),
    *(template_desk, trial, devices),
)
ROUTERS = (
    *(("/api/v1", part.router) for part in _V1),
    *(("", part.router) for part in (probes, template_service, stow)),
)
"""Every router with the beginning of its paths."""


def _uuid() -> str:
    return str(uuid4())


def from_environment() -> FastAPI:
    """Return the application as the environment sets it up; `mrrt serve` names this function to the server."""
    configure_logs()
    end_with_parent()
    return create_app(settings(), when_warm=settle)


def create_app(
    site: Settings,
    *,
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] = _uuid,
    when_warm: Callable[[], object] | None = None,
) -> FastAPI:
    """Return the application for these settings; opens, and where needed migrates, the database.

    `clock` is that of the site unless another one is given; `when_warm` is called when all templates are compiled.
    """
    refuse_open_door(site)
    store = open_store(site.database_url)
    workflow = Workflow(store, site.templates, site.language, site.profiles, site.zone)
    warming = workflow.library.warming()
    in_real_time, clock = clock is None, clock or site.now
    reception = Reception(site, store, clock)
    audit_log, stopping = AuditLog(store), Stopping()
    metrics = Metrics(store, reception.inbox, shared_metrics())
    kept = timedelta(days=site.job_days), timedelta(hours=site.idempotency_hours)
    idle = timedelta(minutes=site.session_idle_minutes)
    # What another clock dates is not old because this one says so.
    runner = JobRunner(workflow, tidy=Tidying(store, *kept, idle) if in_real_time else None)

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[None]:
        running.state.stopping = stopping.asked
        warming.start(when_warm)
        reception.start()
        runner.start()
        with stopping.watching():
            yield
        runner.stop()
        reception.stop()
        warming.stop()
        metrics.close()
        store.close()

    app = FastAPI(
        title="mrrt",
        version=metadata.version("mrrt"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # FastAPI's page loads script from elsewhere, which our Content-Security-Policy forbids
        redoc_url=None,
    )
    app.state.context = Context(
        site,
        workflow,
        Signing(store, site.sign_off),
        clock,
        new_id,
        warming,
        reception,
        audit_log,
        metrics,
        stopping,
        runner,
        Feed(store),
        open_identity(site, store),
    )
    problems.install(app)
    openapi.install(app)
    app.add_middleware(HereAlone)
    app.add_middleware(ReadLog, log=audit_log)
    app.add_middleware(Conditional)
    app.add_middleware(BodyLimit, largest=site.max_body_bytes)
    app.add_middleware(Pages)
    app.add_middleware(OwnPagesOnly, public_url=site.public_url)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(RequestLog)
    app.add_middleware(Head)
    for prefix, router in ROUTERS:
        app.include_router(router, prefix=prefix)
    permissions.refuse_gaps(app.router.routes)
    return app
