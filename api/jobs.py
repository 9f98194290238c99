"""`/jobs`: long work in the background, with progress and a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Union
from urllib.parse import quote

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict

from api import examples, examples_jobs
from api.deps import ByDep, ContextDep
from api.idempotency import Key, marked, once, with_replay
from api.paging import Cursor, Limit, cursor, two_texts
from api.permissions import Guarded, permit
from api.problems import documented
from reporting.access import Permission
from reporting.draft import Printable
from reporting.import_words import Language, said_in
from reporting.job_kinds import KINDS, requests
from reporting.jobs import Job

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=Guarded)


if TYPE_CHECKING:

    class Asked(BaseModel):
        """What all requests for a job have in common."""

        kind: str
        parameters: BaseModel

else:
    Asked = Annotated[Union[tuple(requests())], Body(discriminator="kind")]  # noqa: UP007  # one model for each kind


class ListedJob(Job):
    """A job as it is listed; `language` is that of `message`."""

    language: Language = "en"


class JobPage(BaseModel):
    """A page of the list of jobs; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    jobs: tuple[ListedJob, ...]
    next: str | None = None


@router.post(
    "",
    status_code=202,
    openapi_extra=examples.request(examples_jobs.REQUEST),
    responses={202: with_replay(examples.response(examples_jobs.QUEUED)), **documented()},
)
def create_job(
    wanted: Asked, context: ContextDep, by: ByDep, request: Request, response: Response, key: Key = None
) -> Job:
    """Ask for long work. The answer comes at once; `Location` says where its progress is.

    With an `Idempotency-Key`, the same request sent again is answered with the job that it made first.
    """
    kind = KINDS[wanted.kind]
    permit(request, kind.permission)
    kind.refuse(context.workflow, wanted.parameters)
    asked = once(key, "create_job", wanted, context)
    job = context.jobs.add(context.new_id(), wanted.parameters, wanted.kind, by, asked)
    context.runner.asked.set()
    marked(asked, response)
    response.headers["Location"] = f"/api/v1/jobs/{quote(job.id, safe='')}"
    return job


@router.get("", responses={200: examples.response(examples_jobs.PAGE), **documented()})
def list_jobs(
    context: ContextDep, request: Request, limit: Limit = 50, cursor: Cursor = None, language: Language = "en"
) -> JobPage:
    """List jobs, the newest first, each with its message in `language` as far as there are words for it.

    `parameters` are empty where the caller may see that work is done, but not what it finds: they may name a patient.
    """
    found = context.jobs.list(two_texts(cursor), limit + 1)
    shown = tuple(_listed(_told(one, request), language) for one in found[:limit])
    return JobPage(jobs=shown, next=_next(found, limit))


@router.get("/{job_id}", responses={200: examples.response(examples_jobs.RUNNING), **documented(404)})
def get_job(job_id: Printable, context: ContextDep, request: Request) -> Job:
    """Return a job: its state, how far it is, and what it says."""
    job = context.jobs.get(job_id)
    permit(request, KINDS[job.kind].permission, Permission.MANAGE_JOBS)
    return _told(job, request)


@router.get(
    "/{job_id}/result",
    response_class=Response,
    responses={200: examples_jobs.RESULT, **documented(404, 409)},
)
def get_job_result(job_id: Printable, context: ContextDep, request: Request) -> Response:
    """Return the file that a job made; 409 as long as there is none."""
    permit(request, KINDS[context.jobs.get(job_id).kind].permission)
    made = context.jobs.result(job_id)
    headers = {"Content-Disposition": f'attachment; filename="{quote(made.name)}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)


@router.delete("/{job_id}", responses={200: examples.response(examples_jobs.CANCELLED), **documented(404, 409)})
def cancel_job(job_id: Printable, context: ContextDep, by: ByDep, request: Request) -> Job:
    """Cancel a job that is not over. What it changed so far stays."""
    permit(request, KINDS[context.jobs.get(job_id).kind].permission, Permission.MANAGE_JOBS)
    return _told(context.jobs.cancel(job_id, by), request)


def _told(job: Job, request: Request) -> Job:
    """Return a job as the caller may see it: what it looks for may be a patient, and is for who may read the result."""
    principal = request.state.recognised.principal
    return job if principal.may(KINDS[job.kind].permission) else job.model_copy(update={"parameters": {}})


def _listed(job: Job, language: Language) -> ListedJob:
    message, spoken = said_in(job.message, language)
    return ListedJob(**dict(job) | {"message": message}, language=spoken)


def _next(found: tuple[Job, ...], limit: int) -> str | None:
    return cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
