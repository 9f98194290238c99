"""`/unmapped`: what devices measure and no binding wants, with what could be done about it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from api import examples
from api.deps import WorkflowDep
from api.permissions import Guarded
from api.problems import documented
from reporting.draft import Printable
from reporting.import_words import Language, said_in
from reporting.proposals import Proposal
from reporting.unmapped import UnmappedLine

router = APIRouter(tags=["documents"], route_class=Guarded)


class UnmappedView(UnmappedLine):
    """One kind of measurement of a device model; `proposal` is a row for bindings.yaml or for a vendor profile.

    `language` is that of `reason`, and of what the proposal says.
    """

    proposal: Proposal | None = Field(default=None)
    language: Language = "en"


@router.get("/unmapped", responses={200: examples.response(examples.UNMAPPED), **documented()})
def list_unmapped(
    workflow: WorkflowDep, template: Printable | None = None, language: Language = "en"
) -> list[UnmappedView]:
    """List what no binding of a template (by name or identifier) wanted, the most frequent first; no patient is in it.

    Reasons are said in `language` as far as there are words for them.
    """
    lines = workflow.unmapped(template)
    pairs = zip(lines, workflow.proposals(lines), strict=True)
    return [_view(line, proposal, language) for line, proposal in pairs]


def _view(line: UnmappedLine, proposal: Proposal | None, language: Language) -> UnmappedView:
    reason, spoken = said_in(line.reason, language)
    said = proposal and proposal.model_copy(update={"why": said_in(proposal.why, language)[0]})
    return UnmappedView(**dict(line) | {"reason": reason}, proposal=said, language=spoken)
