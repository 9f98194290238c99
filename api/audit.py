"""`/audit`: what the audit log says, whether it is intact, and the log in the formats of other systems."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from api import examples, examples_audit
from api.accept import Accept, chosen
from api.deps import ContextDep
from api.permissions import Guarded
from api.problems import documented
from api.read_log import found
from mrrt.errors import UsageError
from reporting.audit_codes import known_action
from reporting.audit_export import EXPORTS, exported
from reporting.audit_log import AuditLog, moment
from reporting.draft import Printable
from reporting.records import AuditEntry, AuditEvent, AuditFilter
from reporting.searching import in_order
from reporting.verifying import Verification, verify

router = APIRouter(prefix="/audit", tags=["audit"], route_class=Guarded)
_LARGEST = 2**31 - 1
_SUFFIXES = {"json": "jsonl", "dicom": "xml", "fhir": "json"}
_PART = 64 * 1024
_FORMATS = {"application/json": "", **{export.media_type: name for name, export in EXPORTS.items()}}
_EXACT = "2026-01-30T09:00:00Z"
_TIME = "a time, or a day, which is its beginning; without an offset by the clock of the site, UTC where it has none"
Format = Annotated[Literal["json", "dicom", "fhir"] | None, Query()]


class AuditPage(BaseModel):
    """A page of the audit log; `next` is the cursor of the following one, null on the last."""

    model_config = ConfigDict(frozen=True)

    events: tuple[AuditEvent, ...]
    next: str | None = None


async def _filter(
    context: ContextDep,
    report: Printable | None = None,
    document: Printable | None = None,
    actor: Printable | None = None,
    action: Printable | None = None,
    patient: Printable | None = None,
    since: Annotated[
        Printable | None, Query(alias="from", description=f"from this moment on: {_TIME}", examples=[_EXACT])
    ] = None,
    until: Annotated[
        Printable | None, Query(alias="to", description=f"before this moment: {_TIME}", examples=["2026-01-31"])
    ] = None,
) -> AuditFilter:
    if action is not None:
        known_action(action, "query.action")
    zone = context.settings.zone
    at, before = _moment(since, zone, "query.from"), _moment(until, zone, "query.to")
    in_order(at, before, "query.to")
    return AuditFilter(report, document, actor, action, at, before, patient)


def _moment(text: str | None, zone: tzinfo, place: str) -> str | None:
    return None if text is None else moment(text.replace(" ", "+"), zone, place)  # "+" of an offset, not escaped


async def _audit_log(context: ContextDep) -> AuditLog:
    return context.audit_log


LogDep = Annotated[AuditLog, Depends(_audit_log)]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]


@router.get(
    "", response_model=AuditPage, responses={200: examples_audit.exports(examples_audit.PAGE), **documented(406)}
)
def list_audit_events(
    log: LogDep,
    wanted: Annotated[AuditFilter, Depends(_filter)],
    request: Request,
    response: Response,
    accept: Accept,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern="^[0-9]{1,10}$")] = None,
    order: Literal["newest", "oldest"] = "newest",
    whole: Annotated[bool, Query(description="an export of everything that is found, the oldest first")] = False,
    format: Format = None,  # noqa: A002
) -> AuditPage | Response:
    """List audit events, the newest first; `from` is included, `to` is not. By `Accept` or `format` as an export.

    `next` of the answer, and the header `X-Next-Cursor` of an export, are the cursor of the following page. With
    `whole` an export is one file of all that is found, without pages.
    """
    name = _format(format, accept)
    if whole:
        return _whole(log.entries(wanted), name)
    place = None if cursor is None else _place(cursor)
    entries = log.page(wanted, limit + 1, place, newest=order == "newest")
    following = str(entries[limit - 1].event.id) if len(entries) > limit else None
    entries = entries[:limit]
    found(request, len(entries))
    if name:
        return _export(entries, name, {"X-Next-Cursor": following} if following else {})
    response.headers["Vary"] = "Accept"
    return AuditPage(events=tuple(entry.event for entry in entries), next=following)


@router.get("/verification", responses={200: examples.response(examples_audit.VERIFICATION), **documented()})
def verify_audit_log(
    context: ContextDep, head: Annotated[list[str] | None, Query(examples=[["0" * 64]])] = None
) -> Verification:
    """Check the chain of the log and everything stored against it; each `head` must still be part of the chain."""
    return verify(context.workflow.store, head or ())


@router.get(
    "/{number}",
    response_model=AuditEvent,
    responses={200: examples_audit.exports(examples_audit.EVENT), **documented(404, 406)},
)
def get_audit_event(
    number: Number,
    log: LogDep,
    response: Response,
    accept: Accept,
    format: Format = None,  # noqa: A002
) -> AuditEvent | Response:
    """Return one event; by `Accept` or `format` as an export."""
    entry = log.entry(number)
    name = _format(format, accept)
    if name:
        return _export([entry], name, {})
    response.headers["Vary"] = "Accept"
    return entry.event


def _whole(entries: Iterator[AuditEntry], name: str) -> Response:
    if not name:
        raise UsageError(f"whole takes a format: {', '.join(EXPORTS)}")
    file = {"Content-Disposition": f'attachment; filename="audit.{_SUFFIXES[name]}"'}
    return StreamingResponse(
        _gathered(exported(entries, name)), media_type=EXPORTS[name].media_type, headers={"Vary": "Accept", **file}
    )


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in fewer parts: each costs a change of threads."""
    kept = bytearray()
    for part in parts:
        kept += part
        if len(kept) >= _PART:
            yield bytes(kept)
            kept.clear()
    yield bytes(kept)


def _format(named: str | None, accept: str) -> str:
    return named or _FORMATS[chosen(accept, tuple(_FORMATS))]


def _export(entries: tuple[AuditEntry, ...] | list[AuditEntry], name: str, headers: dict[str, str]) -> Response:
    content = b"".join(exported(entries, name))
    return Response(content, media_type=EXPORTS[name].media_type, headers={"Vary": "Accept", **headers})


def _place(cursor: str) -> int:
    place = int(cursor)
    if place > _LARGEST:
        raise UsageError("the cursor is not one that a page of this list gave")
    return place
