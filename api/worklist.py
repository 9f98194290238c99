"""`/worklist`: what waits for the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query

from api import examples, examples_worklist
from api.deps import ByDep, ContextDep
from api.paging import Cursor, cursor, two_texts
from api.problems import documented
from reporting.draft import Printable
from reporting.records import Summary
from reporting.worklist import (
    Asked,
    LateReport,
    LateReports,
    Reports,
    Studies,
    WaitingStudy,
    Worklist,
    WorklistView,
)

T = TypeVar("T")
router = APIRouter(prefix="/worklist", tags=["worklist"])


async def _worklist(context: ContextDep) -> Worklist:
    return Worklist(context.workflow, context.settings.sign_off)


async def _asked(
    by: ByDep,
    q: Annotated[Printable, Query(max_length=200, description="part of a name, or beginning of an identifier")] = "",
    days: Annotated[int, Query(ge=1, le=3650, description="how far back documents count")] = 30,
    mine: Annotated[bool, Query(description="only drafts that the caller made")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Asked:
    return Asked(by, q.strip(), days, mine, None, limit)


async def _part(asked: Annotated[Asked, Depends(_asked)], cursor: Cursor = None) -> Asked:
    return Asked(asked.by, asked.text, asked.days, asked.mine, two_texts(cursor), asked.limit)


WorklistDep = Annotated[Worklist, Depends(_worklist)]
AskedDep = Annotated[Asked, Depends(_asked)]
PartDep = Annotated[Asked, Depends(_part)]


@router.get("", responses={200: examples.response(examples_worklist.WORKLIST), **documented()})
def get_worklist(worklist: WorklistDep, asked: AskedDep) -> WorklistView:
    """Return what waits: studies without a report, drafts, reports to sign, those just signed, late measurements.

    Each list is its first page; the following ones are at the address of the list.
    """
    return WorklistView(
        unreported=_studies(worklist, asked),
        drafts=_reports(worklist.drafts(asked), asked),
        to_sign=_reports(worklist.to_sign(asked), asked),
        signed=_signed(worklist.signed(asked), asked),
        late=_late(worklist, asked),
    )


@router.get("/unreported", responses={200: examples.response(examples_worklist.UNREPORTED), **documented()})
def list_unreported(worklist: WorklistDep, asked: PartDep) -> Studies:
    """List studies that documents came for and that no report is on, with the template that they fill best."""
    return _studies(worklist, asked)


@router.get("/drafts", responses={200: examples.response(examples_worklist.DRAFTS), **documented()})
def list_drafts(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List open drafts, all or only those of the caller, the newest first."""
    return _reports(worklist.drafts(asked), asked)


@router.get("/to-sign", responses={200: examples.response(examples_worklist.TO_SIGN), **documented()})
def list_to_sign(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List reports with a preliminary signature, which wait for the final one.

    Where a final report takes two signatures, those that the caller signed are left out.
    """
    return _reports(worklist.to_sign(asked), asked)


@router.get("/signed", responses={200: examples.response(examples_worklist.SIGNED), **documented()})
def list_signed(worklist: WorklistDep, asked: PartDep) -> Reports:
    """List reports that the caller signed, the latest signature first."""
    return _signed(worklist.signed(asked), asked)


@router.get("/late", responses={200: examples.response(examples_worklist.LATE), **documented()})
def list_late(worklist: WorklistDep, asked: PartDep) -> LateReports:
    """List reports whose study got documents that they do not know, after they were made."""
    return _late(worklist, asked)


def _studies(worklist: Worklist, asked: Asked) -> Studies:
    found = worklist.unreported(asked)
    return Studies(items=found[: asked.limit], next=_next(found, asked, _place_of_study))


def _late(worklist: Worklist, asked: Asked) -> LateReports:
    found = worklist.late(asked)
    return LateReports(items=found[: asked.limit], next=_next(found, asked, _place_of_late))


def _reports(found: tuple[Summary, ...], asked: Asked) -> Reports:
    return Reports(items=found[: asked.limit], next=_next(found, asked, _place_of_report))


def _signed(found: tuple[Summary, ...], asked: Asked) -> Reports:
    return Reports(items=found[: asked.limit], next=_next(found, asked, _place_of_signed))


def _next(found: Sequence[T], asked: Asked, place: Callable[[T], tuple[str, str]]) -> str | None:
    return cursor(*place(found[asked.limit - 1])) if len(found) > asked.limit else None


def _place_of_study(one: WaitingStudy) -> tuple[str, str]:
    return one.received_at, one.study_instance_uid


def _place_of_late(one: LateReport) -> tuple[str, str]:
    return one.received_at, one.report.id


def _place_of_report(one: Summary) -> tuple[str, str]:
    return one.created_at, one.id


def _place_of_signed(one: Summary) -> tuple[str, str]:
    return one.signed_at or "", one.id
