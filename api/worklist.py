"""`/worklist`: what waits for the caller."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api import examples, examples_worklist
from api.deps import ByDep, ContextDep
from api.paging import Cursor, sorted_cursor, sorted_place
from api.permissions import Guarded
from api.problems import documented
from reporting.draft import Printable
from reporting.sorting import WaitingSort
from reporting.worklist import Asked, LateReports, Part, Reports, Studies, Worklist, WorklistView

router = APIRouter(prefix="/worklist", tags=["worklist"], route_class=Guarded)


async def _worklist(context: ContextDep) -> Worklist:
    return Worklist(context.workflow, context.settings.sign_off)


async def _asked(
    by: ByDep,
    q: Annotated[Printable, Query(max_length=200, description="parts of a name, or beginning of an identifier")] = "",
    days: Annotated[int, Query(ge=1, le=36500, description="how far back documents count")] = 30,
    mine: Annotated[bool, Query(description="only drafts that the caller made")] = False,
    template: Annotated[Printable | None, Query(description="name or identifier of the only one that matters")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    sort: Annotated[WaitingSort | None, Query(description="- before a name: the largest, the latest first")] = None,
) -> Asked:
    return Asked(by, q.strip(), days, mine, None, limit, template or None, sort)


async def _part(asked: Annotated[Asked, Depends(_asked)], cursor: Cursor = None) -> Asked:
    return replace(asked, before=sorted_place(cursor, asked.sort))


WorklistDep = Annotated[Worklist, Depends(_worklist)]
AskedDep = Annotated[Asked, Depends(_asked)]
PartDep = Annotated[Asked, Depends(_part)]


@router.get("", responses={200: examples.response(examples_worklist.WORKLIST), **documented()})
def get_worklist(worklist: WorklistDep, asked: AskedDep) -> WorklistView:
    """Return what waits: studies without a report, drafts, reports to sign, those just signed, late measurements.

    Each list is its first page; the following ones are at the address of the list. `sort` puts all of
    them in one order; `changed` is when a report was, and of studies and late reports when the last document came.
    Without it each list has its own order, the latest first.
    """
    return WorklistView(
        unreported=Studies(**_page(worklist.unreported(asked), asked)),
        drafts=Reports(**_page(worklist.drafts(asked), asked)),
        to_sign=Reports(**_page(worklist.to_sign(asked), asked)),
        signed=Reports(**_page(worklist.signed(asked), asked)),
        late=LateReports(**_page(worklist.late(asked), asked)),
    )


@router.get("/unreported", responses={200: examples.response(examples_worklist.UNREPORTED), **documented()})
def list_unreported(worklist: WorklistDep, asked: PartDep) -> Studies:
    """List studies that documents came for and that no report is on, with the template that they fill best."""
    return Studies(**_page(worklist.unreported(asked), asked))


@router.get("/drafts", responses={200: examples.response(examples_worklist.DRAFTS), **documented()})
def list_drafts(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List open drafts, all or only those of the caller, the newest first."""
    return Reports(**_page(worklist.drafts(asked), asked))


@router.get("/to-sign", responses={200: examples.response(examples_worklist.TO_SIGN), **documented()})
def list_to_sign(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List reports with a preliminary signature, which wait for the final one.

    Where a final report takes two signatures, those that the caller signed are left out.
    """
    return Reports(**_page(worklist.to_sign(asked), asked))


@router.get("/signed", responses={200: examples.response(examples_worklist.SIGNED), **documented()})
def list_signed(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List reports that the caller signed, the latest signature first."""
    return Reports(**_page(worklist.signed(asked), asked))


@router.get("/late", responses={200: examples.response(examples_worklist.LATE), **documented()})
def list_late(worklist: WorklistDep, asked: PartDep) -> LateReports:
    """List reports whose study got documents that they do not know, after they were made.

    Signed reports are left out where the documents change nothing that they say.
    """
    return LateReports(**_page(worklist.late(asked), asked))


def _page(part: Part[Any], asked: Asked) -> dict[str, Any]:
    following = None if part.last is None else sorted_cursor(asked.sort, *part.last)
    return {"items": part.items, "next": following, "total": part.total}
