"""`/health`: whether the server works."""

from __future__ import annotations

from importlib import metadata

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api import examples
from api.deps import WorkflowDep
from api.problems import documented
from reporting.records import Filter

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """A server that works, and its version."""

    model_config = ConfigDict(frozen=True)

    status: str
    version: str


@router.get("/health", responses={200: examples.response(examples.HEALTH), **documented()})
def health(workflow: WorkflowDep) -> Health:
    """Answer if the server can read its database."""
    workflow.search(Filter(), 1)
    return Health(status="ok", version=metadata.version("mrrt"))
