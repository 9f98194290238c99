"""`/templates`: the installed templates, their models and their pages."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import examples
from api.deps import WorkflowDep
from api.limits import RENDERING_POLICY
from api.problems import documented
from mrrt.template import Template
from reporting.draft import Printable
from reporting.templates import TemplateSummary

router = APIRouter(prefix="/templates", tags=["templates"])


@router.get("", responses={200: examples.response(examples.TEMPLATES), **documented()})
def list_templates(workflow: WorkflowDep) -> tuple[TemplateSummary, ...]:
    """List the installed templates."""
    return workflow.template_summaries()


@router.get("/{name}", responses={200: examples.response(examples.TEMPLATE), **documented(404)})
def get_template(name: Printable, workflow: WorkflowDep) -> Template:
    """Return a template by name or identifier: sections, fields, choices, codes."""
    return workflow.template(name)


@router.get(
    "/{name}/form",
    response_class=HTMLResponse,
    responses={200: examples.response(examples.FORM, "text/html"), **documented(404)},
)
def get_form(name: Printable, workflow: WorkflowDep) -> HTMLResponse:
    """Return the page of a template as an HTML fragment without script; controls carry `data-field`."""
    return safe(workflow.template_form(name))


def safe(html: str) -> HTMLResponse:
    """Return HTML that came from elsewhere; shown by itself it may run nothing."""
    return HTMLResponse(html, headers={"Content-Security-Policy": RENDERING_POLICY})
