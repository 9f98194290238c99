"""`/reports/{id}/migration`: a draft moves on to the latest version of its template."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, examples_continuing
from api.deps import ByDep, ContextDep, VersionDep
from api.permissions import Guarded
from api.problems import documented
from api.reports import tagged
from reporting.draft import Printable
from reporting.moving import MigrationView, Moving
from reporting.views import ReportView

router = APIRouter(prefix="/reports", tags=["migration"], route_class=Guarded)


class Migration(BaseModel):
    """The version of the template to move on to: the `target` of the preview, so that nobody moves unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str = Field(pattern="^[0-9a-f]{64}$")


async def _moving(context: ContextDep) -> Moving:
    workflow = context.workflow
    return Moving(workflow.store, workflow.templates, workflow.profiles)


MovingDep = Annotated[Moving, Depends(_moving)]


@router.get(
    "/{report_id}/migration", responses={200: examples.response(examples_continuing.MIGRATION), **documented(404)}
)
def preview_migration(report_id: Printable, moving: MovingDep) -> MigrationView:
    """Say what the latest version of the template would keep, move, lose and ask anew; asking changes nothing."""
    return moving.preview(report_id)


@router.post(
    "/{report_id}/migration",
    openapi_extra=examples.request(examples_continuing.MIGRATE),
    responses={200: examples.response(examples.REPORT), **documented(404, 409, 412)},
)
def migrate_report(
    report_id: Printable,
    wanted: Migration,
    moving: MovingDep,
    by: ByDep,
    version: VersionDep,
    context: ContextDep,
    response: Response,
) -> ReportView:
    """Move a draft on to the version that was previewed; typed values without a place are set aside, not dropped."""
    return tagged(moving.migrate(report_id, wanted.target, by, version), response, context)
