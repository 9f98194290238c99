"""`/reports`: drafts made, read, edited and signed."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, read_log
from api.accept import chosen
from api.deps import ByDep, ContextDep, VersionDep, WorkflowDep
from api.limits import RENDERING_POLICY
from api.problems import documented
from api.templates import safe
from mrrt.errors import UsageError
from mrrt.report import ReportStatus
from reporting.draft import About, Edit, Printable
from reporting.records import Filter, Rendition, Summary
from reporting.views import Changes, FormView, ReportView

router = APIRouter(prefix="/reports", tags=["reports"])
_BY_MEDIA_TYPE = {"application/json": "", "text/plain": "text", "text/html": "html"}


class Creation(BaseModel):
    """What a draft is made from: an installed template, and SR documents received before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Printable = Field(min_length=1)
    documents: tuple[Printable, ...] = ()
    language: str = Field(default="", pattern="^([a-z]{2})?$")
    about: About = About()
    """Whose report it is and on which study, where the caller knows; the documents must agree with it."""


class Edits(BaseModel):
    """Edits that are made together: all of them or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edits: tuple[Edit, ...] = Field(min_length=1)


class Addition(BaseModel):
    """SR documents, received before, that are added to a draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: tuple[Printable, ...] = Field(min_length=1)


class Page(BaseModel):
    """A page of the list of reports; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    reports: tuple[Summary, ...]
    next: str | None = None


@router.post(
    "",
    status_code=201,
    openapi_extra=examples.request(examples.CREATION),
    responses={201: examples.response(examples.REPORT), **documented(404, 409)},
)
def create_report(creation: Creation, context: ContextDep, by: ByDep, response: Response) -> ReportView:
    """Make a draft from a template, filled from SR documents of one patient and study."""
    view = context.workflow.create(
        context.new_id(),
        creation.template,
        creation.documents,
        by,
        language=creation.language,
        about=creation.about,
    )
    response.headers["Location"] = f"/api/v1/reports/{view.id}"
    return tagged(view, response, context)


@router.get("", responses={200: examples.response(examples.PAGE), **documented()})
def list_reports(
    workflow: WorkflowDep,
    request: Request,
    status: ReportStatus | None = None,
    template: Printable | None = None,
    patient: Printable | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: str | None = None,
) -> Page:
    """List reports, the newest first; `patient` is the patient's identifier, `template` a name or identifier."""
    before = None if cursor is None else _place(cursor)
    found = workflow.search(Filter(status, template, patient, before), limit + 1)
    rest = len(found) > limit
    read_log.found(request, min(len(found), limit))
    return Page(reports=found[:limit], next=_cursor(found[limit - 1]) if rest else None)


@router.get(
    "/{report_id}",
    response_model=ReportView,
    responses={200: examples.negotiated(examples.REPORT), **documented(404, 406)},
)
def get_report(
    report_id: Printable, context: ContextDep, response: Response, accept: Annotated[str, Header()] = "*/*"
) -> ReportView | Response:
    """Return a report: as JSON for software, or rendered as text or HTML, by `Accept`."""
    name = _BY_MEDIA_TYPE[chosen(accept, tuple(_BY_MEDIA_TYPE))]
    if name:
        return _sent(context.workflow.rendering(report_id, name))
    return tagged(context.workflow.get(report_id), response, context)


@router.get(
    "/{report_id}/rendering",
    response_class=Response,
    responses={200: examples.negotiated(examples.RENDERED_JSON), **documented(404)},
)
def get_rendering(
    report_id: Printable,
    workflow: WorkflowDep,
    format: Annotated[str, Query(examples=["text"])] = "text",  # noqa: A002
    version: Annotated[int | None, Query(ge=1, le=999_999_999)] = None,
) -> Response:
    """Return a report in an output format: the version named, else the signed one that stands, else the draft.

    Of a signed version these are the bytes made when it was signed.
    """
    return _sent(workflow.rendering(report_id, format, version))


@router.get(
    "/{report_id}/form",
    response_model=FormView,
    responses={200: examples.two_ways(examples.FORM_VIEW, examples.FORM), **documented(404, 406)},
)
def get_report_form(
    report_id: Printable, workflow: WorkflowDep, response: Response, accept: Annotated[str, Header()] = "*/*"
) -> FormView | Response:
    """Return the form of a report in its present shape: page, fields and labels as JSON, or by `Accept` the page."""
    view = workflow.report_form(report_id)
    if chosen(accept, ("text/html", "application/json")) == "text/html":
        return safe(view.html, Vary="Accept")
    response.headers["Vary"] = "Accept"
    return view


@router.patch(
    "/{report_id}",
    openapi_extra=examples.request(examples.EDITS),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412, wrong=examples.WRONG_VALUES)},
)
def edit_report(
    report_id: Printable, edits: Edits, workflow: WorkflowDep, by: ByDep, version: VersionDep, response: Response
) -> Changes:
    """Enter values: saves, evaluates, and answers with what changed.

    All edits are made, or none: where fields cannot hold what was sent, `errors` of the answer names every one.
    """
    return changed(workflow.edit(report_id, edits.edits, by, version), response)


@router.post(
    "/{report_id}/documents",
    openapi_extra=examples.request(examples.ADDITION),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412)},
)
def add_documents(
    report_id: Printable, addition: Addition, workflow: WorkflowDep, by: ByDep, version: VersionDep, response: Response
) -> Changes:
    """Fill a draft from further SR documents; what was typed stays, and the answer says what changed."""
    return changed(workflow.add_documents(report_id, addition.documents, by, version), response)


def tagged(view: ReportView, response: Response, context: ContextDep) -> ReportView:
    """Return a report with its version in the ETag, and with the address of the image viewer."""
    response.headers["ETag"] = f'"{view.version}"'
    response.headers["Vary"] = "Accept"
    return view.model_copy(update={"viewer": context.settings.viewer(view.study.study_instance_uid)})


def changed(changes: Changes, response: Response) -> Changes:
    """Return what an edit led to, with the version in the ETag."""
    response.headers["ETag"] = f'"{changes.version}"'
    return changes


def _sent(rendition: Rendition) -> Response:
    headers = {"Content-Security-Policy": RENDERING_POLICY, "Vary": "Accept"}
    return Response(rendition.content, media_type=rendition.media_type, headers=headers)


def _cursor(last: Summary) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at} {last.id}".encode()).decode()


def _place(cursor: str) -> tuple[str, str]:
    try:
        created_at, _, report_id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition(" ")
    except ValueError as error:
        raise UsageError("the cursor is not one that a page of this list gave") from error
    return created_at, report_id
