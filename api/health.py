"""`/health`: whether the server works."""

from __future__ import annotations

from importlib import metadata

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api import examples
from api.deps import ContextDep
from api.permissions import Guarded
from api.problems import documented
from reporting.receiving.reception import ReceptionState
from reporting.records import Filter
from reporting.warming import WarmingState

router = APIRouter(tags=["operations"], route_class=Guarded)


class Health(BaseModel):
    """A server that works, its version, how far its templates are compiled, and what came in."""

    model_config = ConfigDict(frozen=True)

    status: str
    version: str
    templates: WarmingState
    reception: ReceptionState


@router.get("/health", responses={200: examples.response(examples.HEALTH), **documented()})
def health(context: ContextDep) -> Health:
    """Answer if the server can read its database; it works before all templates are compiled, only slower."""
    context.workflow.search(Filter(), 1)
    return Health(
        status="ok",
        version=metadata.version("mrrt"),
        templates=context.warming.state,
        reception=context.reception.state,
    )
