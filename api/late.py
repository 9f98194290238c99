"""`/reports/{id}/late`: measurements of the study that came after the report was made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, examples_continuing
from api.deps import ByDep, ContextDep, VersionDep
from api.permissions import Guarded
from api.problems import documented
from api.reports import changed
from reporting.draft import Printable
from reporting.lateness import Lateness, LateView
from reporting.views import Changes

router = APIRouter(prefix="/reports", tags=["late measurements"], route_class=Guarded)


class Declined(BaseModel):
    """Late documents that are not wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: tuple[Printable, ...] = Field(min_length=1, max_length=100)


async def _lateness(context: ContextDep) -> Lateness:
    return Lateness(context.workflow.store, context.workflow.profiles)


LatenessDep = Annotated[Lateness, Depends(_lateness)]


@router.get("/{report_id}/late", responses={200: examples.response(examples_continuing.LATE), **documented(404)})
def get_late(report_id: Printable, lateness: LatenessDep) -> LateView:
    """Say what documents that came after the report was made would change in it; asking changes nothing.

    A draft takes them by `POST /reports/{id}/documents`; a signed report by an addendum, whose text is proposed.
    """
    return lateness.offer(report_id)


@router.post(
    "/{report_id}/late/decline",
    response_model=Changes,
    openapi_extra=examples.request(examples_continuing.DECLINED),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412)},
)
def decline_late(
    report_id: Printable, declined: Declined, lateness: LatenessDep, by: ByDep, version: VersionDep
) -> Response:
    """Note that late documents are not wanted in a draft, so that they are not offered again."""
    return changed(lateness.decline(report_id, declined.documents, by, version))
