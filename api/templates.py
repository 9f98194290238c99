"""`/templates`: installed and stored templates, found, read, stored, retired, and taken along as packages."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from api import examples, examples_templates
from api.deps import ByDep, VersionDep, WorkflowDep
from api.limits import RENDERING_POLICY
from api.paging import link_next, with_next
from api.permissions import Guarded
from api.problems import documented
from api.uploads import ZIP, PageDep, UploadDep, described, media_type
from mrrt.problems import Problem
from mrrt.template import Template
from reporting.catalogue import Wanted, known_status
from reporting.draft import Printable
from reporting.importing import ImportResult, import_archive, import_page
from reporting.library import Kept, VersionLine
from reporting.packages import Package, folder_name, packed
from reporting.template_difference import TemplateDifference
from reporting.templates import TemplateSummary

router = APIRouter(prefix="/templates", tags=["templates"], route_class=Guarded)
_LONGEST = 1000


def _wanted(
    title: Printable | None = None,
    identifier: Printable | None = None,
    language: Printable | None = None,
    publisher: Printable | None = None,
    creator: Printable | None = None,
    license: Printable | None = None,  # noqa: A002  # the name of the metadata term
    status: Printable | None = None,
    modality: Printable | None = None,
    code: Printable | None = None,
) -> Wanted:
    if status is not None:
        known_status(status, "query.status")
    return Wanted(title, identifier, language, publisher, creator, license, status, modality, code)


def ranged(
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=_LONGEST)] = 500
) -> tuple[int, int]:
    """Return which part of a list is asked for."""
    return offset, limit


WantedDep = Annotated[Wanted, Depends(_wanted)]


@router.get("", responses={200: with_next(examples.response(examples.TEMPLATES)), **documented()})
def list_templates(
    request: Request,
    response: Response,
    workflow: WorkflowDep,
    wanted: WantedDep,
    place: Annotated[tuple[int, int], Depends(ranged)],
) -> tuple[TemplateSummary, ...]:
    """List templates: those that lie in folders, then those that were stored.

    Where there are more, the `Link` header has the address of the next page.
    """
    offset, limit = place
    found = workflow.library.search(wanted, offset, limit + 1)
    if len(found) > limit:
        link_next(request, response, offset=offset + limit)
    return tuple(card.summary for card in found[:limit])


@router.post(
    "",
    openapi_extra=described("text/html", ZIP[0]),
    responses={200: examples.response(examples.IMPORTED), **documented(415)},
)
def import_templates(
    request: Request, content: UploadDep, workflow: WorkflowDep, by: ByDep, new_version: bool = False
) -> tuple[ImportResult, ...]:
    """Store a page, or every template of a ZIP archive; a refused one does not stop the others."""
    archive = media_type(request) in ZIP
    bring = import_archive if archive else import_page
    return bring(workflow.library, content, by, new_version=new_version)


@router.get(
    "/{name:path}/form",
    response_class=HTMLResponse,
    responses={200: examples.response(examples.FORM, "text/html"), **documented(404)},
)
def get_form(name: Printable, workflow: WorkflowDep) -> HTMLResponse:
    """Return the page of a template as an HTML fragment without script; controls carry `data-field`."""
    return safe(workflow.template_form(name))


@router.get("/{name:path}/versions", responses={200: examples.response(examples.VERSIONS), **documented(404)})
def list_versions(name: Printable, workflow: WorkflowDep) -> tuple[VersionLine, ...]:
    """List the versions of a stored template, the newest first."""
    return workflow.library.versions(name)


@router.get(
    "/{name:path}/versions/{number}/difference",
    responses={200: examples.response(examples_templates.DIFFERENCE), **documented(404)},
)
def get_template_difference(
    name: Printable,
    number: Annotated[int, Path(ge=1, le=999_999_999, examples=[2])],
    workflow: WorkflowDep,
    earlier: Annotated[
        int | None, Query(alias="from", ge=1, le=999_999_999, description="version to compare with; the one before")
    ] = None,
) -> TemplateDifference:
    """Say what a version of a stored template says differently from another: its fields, and its texts by line."""
    return workflow.library.difference(name, number, earlier)


@router.get("/{name:path}/problems", responses={200: examples.response(examples.PROBLEMS), **documented(404)})
def list_problems(
    name: Printable, workflow: WorkflowDep, profile: Literal["tolerant", "mrrt"] = "tolerant"
) -> tuple[Problem, ...]:
    """List what is not quite right with a template's page; `mrrt` judges by the letter of the profile."""
    return workflow.library.problems(name, profile)


@router.get(
    "/{name:path}/source",
    response_class=HTMLResponse,
    responses={200: examples.response(examples.PAGE_HTML, "text/html"), **documented(404)},
)
def get_source(name: Printable, workflow: WorkflowDep) -> Response:
    """Return the page of a template as it was written; shown by itself it may run nothing."""
    return as_written(workflow.library.source(name).html)


@router.get(
    "/{name:path}/package",
    response_class=Response,
    responses={200: examples.response("(the bytes of a ZIP archive)", ZIP[0]), **documented(404)},
)
def get_package(name: Printable, workflow: WorkflowDep) -> Response:
    """Return a template with its logic, bindings, cases, sources and further pages as one ZIP archive."""
    package = workflow.library.package(name)
    headers = {"Content-Disposition": f'attachment; filename="{quote(folder_name(package.name))}.zip"'}
    return Response(packed(package, package.name), media_type=ZIP[0], headers=headers)


@router.get("/{name:path}", responses={200: examples.response(examples.TEMPLATE), **documented(404)})
def get_template(name: Printable, workflow: WorkflowDep, response: Response) -> Template:
    """Return a template by name or identifier: sections, fields, choices, codes."""
    tag = workflow.library.tag(name)
    if tag is not None:
        response.headers["ETag"] = f'"{tag}"'
    return workflow.template(name)


@router.put(
    "/{name:path}",
    openapi_extra=described("text/html"),
    responses={
        200: examples.response(examples.STORED),
        201: {"model": TemplateSummary, **examples.response(examples.STORED)},
        **documented(409, 412, 415),
    },
)
def put_template(
    name: Printable,
    page: PageDep,
    workflow: WorkflowDep,
    by: ByDep,
    version: VersionDep,
    response: Response,
    new_version: bool = False,
) -> TemplateSummary:
    """Store a page under the identifier that it states; a changed body needs `new_version=true`."""
    package = Package(name, page)
    kept = workflow.library.keep(package, by, identifier=name, new_version=new_version, version=version)
    return _answered(kept, response)


@router.delete("/{name:path}", responses={200: examples.response(examples.RETIRED), **documented(404, 412)})
def retire_template(
    name: Printable, workflow: WorkflowDep, by: ByDep, version: VersionDep, response: Response
) -> TemplateSummary:
    """Retire a stored template: no new reports are made from it, open drafts go on, its versions stay."""
    summary = workflow.library.retire(name, by, version)
    response.headers["ETag"] = f'"{summary.version}"'
    return summary


def safe(html: str, **headers: str) -> HTMLResponse:
    """Return HTML that came from elsewhere; shown by itself it may run nothing."""
    return HTMLResponse(html, headers={"Content-Security-Policy": RENDERING_POLICY, **headers})


def as_written(html: bytes) -> Response:
    """Return a page from elsewhere, byte by byte; shown by itself it may run nothing."""
    # the page itself says in which encoding it is written, so that the header must not
    headers = {"Content-Security-Policy": RENDERING_POLICY, "Content-Type": "text/html"}
    return Response(html, headers=headers)


def _answered(kept: Kept, response: Response) -> TemplateSummary:
    response.status_code = 201 if kept.new else 200
    response.headers["ETag"] = f'"{kept.summary.version}"'
    response.headers["Location"] = f"/api/v1/templates/{quote(kept.summary.identifier, safe='')}"
    return kept.summary
