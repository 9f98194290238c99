"""`/reports/{id}/history`: a report beside the earlier ones of its patient, and the course of a number as a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from api import examples, examples_history
from api.deps import ContextDep
from api.permissions import Guarded
from api.problems import documented
from reporting.draft import Printable
from reporting.history import History, HistoryView

router = APIRouter(prefix="/reports/{report_id}/history", tags=["reports"], route_class=Guarded)


async def _history(context: ContextDep) -> History:
    return History(context.workflow.store)


HistoryDep = Annotated[History, Depends(_history)]


@router.get("", responses={200: examples.response(examples_history.HISTORY), **documented(404)})
def get_history(report_id: Printable, history: HistoryDep) -> HistoryView:
    """Return a report beside the patient's earlier signed ones on the same template: values, and how they changed."""
    return history.beside(report_id)


@router.get("/{field}", response_class=Response, responses={200: examples_history.PLOT, **documented(404, 412)})
def get_course(
    report_id: Printable,
    field: Printable,
    history: HistoryDep,
    theme: Literal["dark", "light"] = "dark",
    version: Annotated[
        int | None,
        Query(ge=1, le=999_999_999, description="version that the picture is of; 412 if it is not the latest"),
    ] = None,
) -> Response:
    """Return the course of a number over these reports as a small SVG picture."""
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    return Response(history.plot(report_id, field, theme, version), media_type="image/svg+xml", headers=headers)
