"""`/healthz`, `/readyz`, `/metrics`: for whoever starts, watches and stops the server; nothing of a patient."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from api import examples_operations as examples
from api.deps import Context, ContextDep
from api.metrics import MEDIA_TYPE
from api.permissions import Guarded
from api.problems import answer, documented, unready

router = APIRouter(tags=["operations"], route_class=Guarded)


class Alive(BaseModel):
    """A process that answers."""

    model_config = ConfigDict(frozen=True)

    status: str


@router.get("/healthz", responses={200: examples.response(examples.ALIVE), **documented()})
async def healthz() -> Alive:
    """Answer if the process is alive; looks at nothing else, so that a database that is away restarts no server."""
    return Alive(status="alive")


@router.get(
    "/readyz", response_model=Alive, responses={200: examples.response(examples.READY), **documented(), **unready()}
)
def readyz(context: ContextDep) -> Alive | Response:
    """Answer 200 if requests may be sent here, else 503 with the reasons."""
    reasons = _reasons(context)
    return answer(503, "not-ready", "; ".join(reasons)) if reasons else Alive(status="ready")


def _reasons(context: Context) -> list[str]:
    store = context.workflow.store.problem()
    said = {
        "the server is stopping": context.stopping.asked.is_set(),
        store: bool(store),
        "templates are being compiled": not context.warming.state.ready,
        "what came in is not imported: the importer has ended": not context.reception.importing,
    }
    return [reason for reason, holds in said.items() if holds]


@router.get("/metrics", response_class=Response, responses={200: examples.METRICS, **documented()})
def metrics(context: ContextDep) -> Response:
    """Return figures in the text format of Prometheus: requests, times, edits, signatures, imports, connections."""
    return Response(context.metrics.text(), media_type=MEDIA_TYPE)
