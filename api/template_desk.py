"""What the template desk asks: the logic of a template with its proofs and cases; pages and packages looked over."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from api import examples, examples_logic, examples_packages
from api.deps import ByDep, WorkflowDep
from api.permissions import Guarded
from api.problems import documented
from api.uploads import ZIP, PageDep, UploadDep, described, media_type
from reporting.draft import Printable
from reporting.importing import LookedOver, Opened, look_over, mended_archive, open_up
from reporting.logic_view import LogicView, with_sources
from reporting.page_view import PageView, page_view

router = APIRouter(prefix="/template-desk", tags=["templates"], route_class=Guarded)


@router.get("/logic/{name:path}", responses={200: examples.response(examples_logic.LOGIC), **documented(404)})
def get_logic(name: Printable, workflow: WorkflowDep, language: Literal["en", "de"] = "en") -> LogicView:
    """Return the logic of a template: decision tables, each proven or refuted; formulas; worked cases, each run."""
    library = workflow.library
    return with_sources(library.logic(name, language), library.package(name).files)


@router.post(
    "/pages",
    openapi_extra=described("text/html"),
    responses={200: examples.response(examples_logic.PAGE), **documented(415)},
)
def look_over_page(page: PageDep, profile: Literal["tolerant", "mrrt"] = "tolerant") -> PageView:
    """Look a page over without storing it: its problems with their lines, a mended version, and its form."""
    return page_view(page, profile)


@router.post(
    "/packages",
    openapi_extra=described("text/html", ZIP[0]),
    responses={200: examples.response(examples_packages.LOOKED_OVER), **documented(415)},
)
def look_over_package(request: Request, content: UploadDep, workflow: WorkflowDep, by: ByDep) -> tuple[LookedOver, ...]:
    """Say what storing a page, or every template of a ZIP archive, would lead to. Nothing is stored."""
    return look_over(workflow.library, content, by, archive=media_type(request) in ZIP)


@router.post(
    "/packages/texts",
    openapi_extra=described("text/html", ZIP[0]),
    responses={200: examples.response(examples_packages.OPENED), **documented(404, 415)},
)
def open_package(request: Request, content: UploadDep, file: Printable) -> Opened:
    """Show one template of a package in full: its page looked over as a page alone is, and its logic as text."""
    return open_up(content, file, archive=media_type(request) in ZIP)


@router.post(
    "/packages/mended",
    response_class=Response,
    openapi_extra=described(ZIP[0]),
    responses={200: examples.response("(the bytes of a ZIP archive)", ZIP[0]), **documented(415)},
)
def mend_package(request: Request, content: UploadDep) -> Response:
    """Return a ZIP archive of templates with its pages mended; it can then be stored. Nothing is stored."""
    if media_type(request) not in ZIP:
        raise HTTPException(415, f"Several templates are sent as {ZIP[0]}.")
    return Response(mended_archive(content), media_type=ZIP[0])
