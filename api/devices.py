"""`/devices` and `/deliveries`: what sends here, and what became of what it sent. No patient is in it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api import examples, examples_devices
from api.deps import ContextDep
from api.paging import Cursor, Limit, cursor, place
from api.permissions import Guarded
from api.problems import documented
from reporting.import_words import Language, said_in
from reporting.receiving.records import Entry, State
from reporting.records import DeviceLine

router = APIRouter(tags=["documents"], route_class=Guarded)


class Delivery(Entry):
    """A received object as it is listed; `language` is that of `reason`."""

    language: Language = "en"


class DeliveryPage(BaseModel):
    """A page of the objects that came in; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    deliveries: tuple[Delivery, ...]
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
    language: Language = "en",
) -> DeliveryPage:
    """List what came in by C-STORE, STOW-RS, a watched folder or a pull, and what became of it; the newest first.

    Of a file in a watched folder, the folder is named alone: files may be called by patients. Reasons are said in
    `language` as far as there are words for them.
    """
    before = place(cursor, int)
    wanted = tuple(state or State)
    found = context.reception.inbox.entries(wanted, limit + 1, None if before is None else before[0])
    return DeliveryPage(deliveries=tuple(_delivery(one, language) for one in found[:limit]), next=_next(found, limit))


def _delivery(entry: Entry, language: Language) -> Delivery:
    source = str(PurePath(entry.source).parent) if entry.via == "folder" else entry.source
    reason, spoken = said_in(entry.reason, language)
    return Delivery(**dict(entry) | {"source": source, "reason": reason}, language=spoken)


def _next(found: tuple[Entry, ...], limit: int) -> str | None:
    return cursor(found[limit - 1].id) if len(found) > limit else None
