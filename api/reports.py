"""`/reports`: drafts made, read, edited and signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, examples_reading, read_log
from api.accept import Accept, chosen
from api.deps import ByDep, ContextDep, VersionDep, WorkflowDep
from api.idempotency import Key, marked, once, with_replay
from api.paging import LONGEST, sorted_cursor, sorted_place
from api.permissions import Guarded
from api.problems import documented
from api.renderings import Named, described, sent, wanted_format, which
from api.templates import safe
from reporting.draft import About, Edit, Printable
from reporting.records import Summary
from reporting.searching import Search
from reporting.sorting import Sort
from reporting.statuses import under
from reporting.views import Changes, FormView, ReportView

router = APIRouter(prefix="/reports", tags=["reports"], route_class=Guarded)


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
    responses={201: with_replay(examples.response(examples.REPORT)), **documented(404, 409)},
)
def create_report(
    creation: Creation, context: ContextDep, by: ByDep, response: Response, key: Key = None
) -> ReportView:
    """Make a draft from a template, filled from SR documents of one patient and study.

    With an `Idempotency-Key`, the same request sent again is answered with the draft that it made first.
    """
    asked = once(key, "create_report", creation, context)
    view = context.workflow.create(
        context.new_id(),
        creation.template,
        creation.documents,
        by,
        language=creation.language,
        about=creation.about,
        once=asked,
    )
    marked(asked, response)
    response.headers["Location"] = f"/api/v1/reports/{view.id}"
    return tagged(view, response, context)


class Asked(Search):
    """Which page of which reports."""

    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=LONGEST, description="`next` of the page before")
    sort: Sort = Field(default=Sort.CREATED_LAST, description="- before a name: the largest, the latest first")

    @property
    def order(self) -> str | None:
        """The order that cursors name; None is the one that lists had when there was no other."""
        return None if self.sort is Sort.CREATED_LAST else self.sort.value


@router.get("", responses={200: examples.response(examples.PAGE), **documented(wrong=examples_reading.WRONG_QUERY)})
def list_reports(workflow: WorkflowDep, asked: Annotated[Asked, Query()], request: Request) -> Page:
    """Find reports by patient, study, template, status, people, dates and field values; the newest first, or by `sort`.

    `value` may be given several times; all of what is asked for has to hold. Without any filter this lists all reports.
    A cursor goes on in the order that it came from.
    """
    wanted = asked.filter("query", sorted_place(asked.cursor, asked.order), workflow.zone)
    shown, last = workflow.search_page(replace(wanted, sort=asked.sort), asked.limit)
    read_log.found(request, len(shown))
    return Page(reports=shown, next=None if last is None else sorted_cursor(asked.order, *last))


@router.get(
    "/{report_id}",
    response_model=ReportView,
    responses={200: described(examples.REPORT), **documented(404, 406)},
)
def get_report(
    report_id: Printable,
    context: ContextDep,
    response: Response,
    accept: Accept,
    version: Named = None,
) -> ReportView | Response:
    """Return a report: as JSON for software, or rendered in any output format, by `Accept`.

    `version` is a number, `latest`, or `signed` for the version that stands for readers outside. Without it, JSON is
    the latest version, and a rendering is that of the signed one, or of the draft where none is signed.
    """
    name = wanted_format(accept)
    if name:
        return sent(*context.workflow.rendered_version(report_id, name, which(version)))
    return told(context.versions.told(report_id, which(version) or "latest"), response, context)


@router.get(
    "/{report_id}/rendering",
    response_class=Response,
    responses={200: described(examples.RENDERED_JSON), **documented(404)},
)
def get_rendering(
    report_id: Printable,
    workflow: WorkflowDep,
    format: Annotated[str, Query(examples=["text"])] = "text",  # noqa: A002
    version: Named = None,
) -> Response:
    """Return a report in an output format: the version named, else the signed one that stands, else the draft.

    Of a signed version these are the bytes made when it was signed.
    """
    return sent(*workflow.rendered_version(report_id, format, which(version)))


@router.get(
    "/{report_id}/form",
    response_model=FormView,
    responses={200: examples.two_ways(examples.FORM_VIEW, examples.FORM), **documented(404, 406)},
)
def get_report_form(
    report_id: Printable, workflow: WorkflowDep, response: Response, accept: Accept
) -> FormView | Response:
    """Return the form of a report in its present shape: page, fields and labels as JSON, or by `Accept` the page."""
    view = workflow.report_form(report_id)
    if chosen(accept, ("text/html", "application/json")) == "text/html":
        return safe(view.html, Vary="Accept")
    response.headers["Vary"] = "Accept"
    return view


@router.patch(
    "/{report_id}",
    response_model=Changes,
    openapi_extra=examples.request(examples.EDITS),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412, wrong=examples.WRONG_VALUES)},
)
def edit_report(report_id: Printable, edits: Edits, workflow: WorkflowDep, by: ByDep, version: VersionDep) -> Response:
    """Enter values: saves, evaluates, and answers with what changed.

    All edits are made, or none: where fields cannot hold what was sent, `errors` of the answer names every one.
    """
    return changed(workflow.edit(report_id, edits.edits, by, version))


@router.post(
    "/{report_id}/documents",
    response_model=Changes,
    openapi_extra=examples.request(examples.ADDITION),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412)},
)
def add_documents(
    report_id: Printable, addition: Addition, workflow: WorkflowDep, by: ByDep, version: VersionDep
) -> Response:
    """Fill a draft from further SR documents; what was typed stays, and the answer says what changed."""
    return changed(workflow.add_documents(report_id, addition.documents, by, version))


def tagged(view: ReportView, response: Response, context: ContextDep) -> ReportView:
    """Return a report with its version in the ETag, and with what the site adds to it."""
    response.headers["ETag"] = f'"{view.version}"'
    response.headers["Vary"] = "Accept"
    study, site = view.study.study_instance_uid, context.settings
    update = {"viewer": site.viewer(study), "viewer_image": site.viewer_image(study), "trial": site.trial}
    return view.model_copy(update=update | {"actions": under(view.actions, view.status, site.sign_off)})


def told(found: tuple[ReportView, int], response: Response, context: ContextDep) -> ReportView:
    """Return any version of a report; that of an earlier one also depends on which is the latest, so its ETag does."""
    view, latest = found
    shown = tagged(view, response, context)
    if view.version != latest:
        response.headers["ETag"] = f'"{view.version}.{latest}"'
    return shown


def changed(changes: Changes) -> Response:
    """Return what an edit led to, with the version in the ETag.

    It is written as JSON here, once: FastAPI would check it against its model again, which takes as long as the edit.
    """
    headers = {"ETag": f'"{changes.version}"'}
    return Response(changes.model_dump_json(by_alias=True), media_type="application/json", headers=headers)
