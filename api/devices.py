"""`/devices` and `/deliveries`: what sends here, and what became of what it sent. No patient is in it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api import examples, examples_devices
from api.deps import ContextDep
from api.paging import Cursor, Limit, cursor, place
from api.problems import documented
from reporting.receiving.records import Entry, State
from reporting.records import DeviceLine

router = APIRouter(tags=["documents"])


class DeliveryPage(BaseModel):
    """A page of the objects that came in; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    deliveries: tuple[Entry, ...]
    next: str | None = None


@router.get("/devices", responses={200: examples.response(examples_devices.DEVICES), **documented()})
def list_devices(context: ContextDep) -> tuple[DeviceLine, ...]:
    """List the devices that SR documents came from, the one that sent last first."""
    return context.reception.inbox.devices()


@router.get("/deliveries", responses={200: examples.response(examples_devices.DELIVERIES), **documented()})
def list_deliveries(
    context: ContextDep,
    state: Annotated[list[State] | None, Query(examples=[["failed", "conflict"]])] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """List what came in by C-STORE, STOW-RS, a watched folder or a pull, and what became of it; the newest first.

    Of a file in a watched folder, the folder is named alone: files may be called by patients.
    """
    before = place(cursor, int)
    wanted = tuple(state or State)
    found = context.reception.inbox.entries(wanted, limit + 1, None if before is None else before[0])
    return DeliveryPage(deliveries=tuple(map(_without_file, found[:limit])), next=_next(found, limit))


def _without_file(entry: Entry) -> Entry:
    if entry.via != "folder":
        return entry
    return entry.model_copy(update={"source": str(PurePath(entry.source).parent)})


def _next(found: tuple[Entry, ...], limit: int) -> str | None:
    return cursor(found[limit - 1].id) if len(found) > limit else None
