"""What the template desk asks: the logic of a template with its proofs and cases, and a page looked over and mended."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from api import examples, examples_logic
from api.deps import WorkflowDep
from api.problems import documented
from api.uploads import PageDep, described
from reporting.draft import Printable
from reporting.logic_view import LogicView
from reporting.page_view import PageView, page_view

router = APIRouter(prefix="/template-desk", tags=["templates"])


@router.get("/logic/{name:path}", responses={200: examples.response(examples_logic.LOGIC), **documented(404)})
def get_logic(name: Printable, workflow: WorkflowDep, language: Literal["en", "de"] = "en") -> LogicView:
    """Return the logic of a template: decision tables, each proven or refuted; formulas; worked cases, each run."""
    return workflow.library.logic(name, language)


@router.post(
    "/pages",
    openapi_extra=described("text/html"),
    responses={200: examples.response(examples_logic.PAGE), **documented(415)},
)
def look_over_page(page: PageDep, profile: Literal["tolerant", "mrrt"] = "tolerant") -> PageView:
    """Look a page over without storing it: its problems with their lines, a mended version, and its form."""
    return page_view(page, profile)
