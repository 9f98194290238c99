"""`/unmapped`: what devices measure and no binding wants, with what could be done about it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from api import examples
from api.deps import WorkflowDep
from api.problems import documented
from reporting.draft import Printable
from reporting.proposals import Proposal
from reporting.unmapped import UnmappedLine

router = APIRouter(tags=["documents"])


class UnmappedView(UnmappedLine):
    """One kind of measurement of a device model; `proposal` is a row for bindings.yaml or for a vendor profile."""

    proposal: Proposal | None = Field(default=None)


@router.get("/unmapped", responses={200: examples.response(examples.UNMAPPED), **documented()})
def list_unmapped(workflow: WorkflowDep, template: Printable | None = None) -> list[UnmappedView]:
    """List what no binding of a template (by its identifier) wanted, the most frequent first; no patient is in it."""
    lines = workflow.unmapped(template)
    pairs = zip(lines, workflow.proposals(lines), strict=True)
    return [UnmappedView(**dict(line), proposal=proposal) for line, proposal in pairs]
