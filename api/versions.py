"""`/reports/{id}/versions`: every version of a report, and what became different."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from api import examples, examples_reading
from api.accept import Accept
from api.deps import ContextDep
from api.paging import Cursor, Limit, cursor, place
from api.permissions import Guarded
from api.problems import documented
from api.renderings import described, sent, wanted_format
from api.reports import told
from reporting.difference import Difference
from reporting.draft import Printable
from reporting.records import ReportVersionLine
from reporting.views import ReportView

router = APIRouter(prefix="/reports/{report_id}/versions", tags=["versions"], route_class=Guarded)
Number = Annotated[int, Path(ge=1, le=999_999_999, examples=[3])]


class VersionPage(BaseModel):
    """A page of the versions of a report; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    versions: tuple[ReportVersionLine, ...]
    next: str | None = None


@router.get("", responses={200: examples.response(examples_reading.VERSION_PAGE), **documented(404)})
def list_report_versions(
    report_id: Printable, context: ContextDep, limit: Limit = 50, cursor: Cursor = None
) -> VersionPage:
    """List the versions of a report, the latest first: what was done, by whom, when."""
    before = place(cursor, int)
    found = context.versions.lines(report_id, None if before is None else before[0], limit + 1)
    return VersionPage(versions=found[:limit], next=_next(found, limit))


@router.get(
    "/{number}",
    response_model=ReportView,
    responses={200: described(examples.REPORT), **documented(404, 406)},
)
def get_report_version(
    report_id: Printable, number: Number, context: ContextDep, response: Response, accept: Accept
) -> ReportView | Response:
    """Return one version of a report: as JSON, or rendered in any output format, by `Accept`.

    The renderings of a signed version are the bytes made when it was signed.
    """
    name = wanted_format(accept)
    if name:
        return sent(*context.workflow.rendered_version(report_id, name, number))
    return told(context.versions.told(report_id, number), response, context)


@router.get("/{number}/difference", responses={200: examples.response(examples_reading.DIFFERENCE), **documented(404)})
def get_difference(
    report_id: Printable,
    number: Number,
    context: ContextDep,
    earlier: Annotated[
        int | None, Query(alias="from", ge=1, le=999_999_999, description="version to compare with; the one before")
    ] = None,
) -> Difference:
    """Say what a version says differently from another one: fields with their texts and sources, status, addenda."""
    return context.versions.difference(report_id, number, earlier)


def _next(found: tuple[ReportVersionLine, ...], limit: int) -> str | None:
    return cursor(found[limit - 1].version) if len(found) > limit else None
