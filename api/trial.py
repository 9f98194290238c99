"""The trial mode: what the page counts of each report, kept without patient and reader, and exported."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from api import examples, examples_trial
from api.accept import Accept, chosen
from api.deps import ByDep, ContextDep
from api.permissions import Guarded
from api.problems import documented
from reporting.draft import Printable
from reporting.trial import Trial
from reporting.trial_figures import Counted, TrialLine, as_csv

router = APIRouter(tags=["trial"], route_class=Guarded)
_FORMATS = {"application/json": "json", "text/csv": "csv"}
VisitName = Annotated[str, Path(pattern="^[0-9a-f-]{8,64}$", examples=["5f0c9b1e-0c55-4f52-8d49-0d0f4a4f8f21"])]


class Forgotten(BaseModel):
    """How much was removed."""

    model_config = ConfigDict(frozen=True)

    visits: int


async def _trial(context: ContextDep) -> Trial:
    return Trial(context.workflow.store, context.settings.trial)


TrialDep = Annotated[Trial, Depends(_trial)]


@router.put(
    "/reports/{report_id}/visits/{visit}",
    status_code=204,
    openapi_extra=examples.request(examples_trial.COUNTED),
    responses=documented(404, 409),
)
def keep_visit(report_id: Printable, visit: VisitName, counted: Counted, trial: TrialDep, by: ByDep) -> None:
    """Keep what the page counted in one visit to a report, in place of what it sent of the same visit before."""
    trial.keep(report_id, visit, counted, by)


@router.get("/trial", response_model=list[TrialLine], responses={200: examples_trial.LINES, **documented(406)})
def get_trial(
    trial: TrialDep,
    response: Response,
    accept: Accept,
    format: Annotated[str | None, Query(pattern="^(json|csv)$")] = None,  # noqa: A002
) -> list[TrialLine] | Response:
    """Return what was counted, a line for each report, without patient, reader or date; also as CSV."""
    lines = trial.lines()
    if (format or _FORMATS[chosen(accept, tuple(_FORMATS))]) == "csv":
        name = {"Content-Disposition": 'attachment; filename="trial.csv"'}
        return Response(as_csv(lines), media_type="text/csv", headers={"Vary": "Accept", **name})
    response.headers["Vary"] = "Accept"
    return list(lines)


@router.delete("/trial", responses={200: examples.response({"visits": 120}), **documented()})
def forget_trial(trial: TrialDep, by: ByDep) -> Forgotten:
    """Remove everything that was counted."""
    return Forgotten(visits=trial.forget(by))
