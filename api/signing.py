"""`/reports/{id}/...`: what happens to a filled report: signed, revised, appended, cancelled, withdrawn."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, examples_signing
from api.deps import ByDep, ContextDep, VersionDep
from api.idempotency import Key, marked, once, with_replay
from api.permissions import Guarded
from api.problems import documented
from api.reports import changed, tagged
from mrrt.report import ReportStatus
from reporting.draft import Printable
from reporting.lifecycle import Acknowledging
from reporting.views import Changes, ReportView

router = APIRouter(prefix="/reports", tags=["signing"], route_class=Guarded)
_LONGEST = 20_000


class Acknowledgements(BaseModel):
    """Alerts that were seen, each with the reason why the report says what it says all the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledge: tuple[Acknowledging, ...] = Field(min_length=1)


class SignatureRequest(BaseModel):
    """What is signed: a final report, or a preliminary one; with alerts that are acknowledged by the way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledge: tuple[Acknowledging, ...] = ()


class RevisionRequest(BaseModel):
    """Why a signed report is opened again: to amend it, or to correct an error in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["amended", "corrected"]
    reason: Printable = Field(min_length=1, max_length=2000)


class AddendumRequest(BaseModel):
    """What is added to a signed report."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Printable = Field(min_length=1, max_length=_LONGEST)
    documents: tuple[Printable, ...] = Field(default=(), max_length=100)
    """SOP Instance UIDs of documents that came after the signature, where the addendum is about them."""


class Reason(BaseModel):
    """Why a report is cancelled, or withdrawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Printable = Field(min_length=1, max_length=2000)


@router.post(
    "/{report_id}/acknowledgements",
    response_model=Changes,
    openapi_extra=examples.request(examples_signing.ACKNOWLEDGEMENTS),
    responses={200: examples.response(examples.CHANGES), **documented(404, 409, 412)},
)
def acknowledge_alerts(
    report_id: Printable,
    wanted: Acknowledgements,
    context: ContextDep,
    by: ByDep,
    version: VersionDep,
) -> Response:
    """Acknowledge alerts of a draft, each with a reason; one whose words change later counts as new."""
    return changed(context.signing.acknowledge(report_id, wanted.acknowledge, by, version))


@router.post(
    "/{report_id}/sign",
    openapi_extra=examples.request(examples_signing.SIGNATURE),
    responses={200: examples.response(examples_signing.SIGNED), **documented(404, 409, 412)},
)
def sign_report(
    report_id: Printable,
    context: ContextDep,
    by: ByDep,
    version: VersionDep,
    response: Response,
    wanted: SignatureRequest | None = None,
) -> ReportView:
    """Sign a draft: it becomes final, or what its revision was opened for.

    Problems of severity error forbid it, and so do alerts that nobody acknowledged; both are in the answer.
    """
    acknowledging = () if wanted is None else wanted.acknowledge
    view = context.signing.sign(report_id, by, version, acknowledging=acknowledging)
    return tagged(view, response, context)


@router.post(
    "/{report_id}/sign-preliminary",
    openapi_extra=examples.request(examples_signing.SIGNATURE),
    responses={200: examples.response(examples_signing.PRELIMINARY), **documented(404, 409, 412)},
)
def sign_preliminary(
    report_id: Printable,
    context: ContextDep,
    by: ByDep,
    version: VersionDep,
    response: Response,
    wanted: SignatureRequest | None = None,
) -> ReportView:
    """Sign a draft as preliminary, for somebody else to make it final; under the conditions of a final signature."""
    acknowledging = () if wanted is None else wanted.acknowledge
    view = context.signing.sign(report_id, by, version, preliminary=True, acknowledging=acknowledging)
    return tagged(view, response, context)


@router.post(
    "/{report_id}/revision",
    openapi_extra=examples.request(examples_signing.REVISION),
    responses={200: examples.response(examples_signing.REVISED), **documented(404, 409, 412)},
)
def open_revision(
    report_id: Printable,
    wanted: RevisionRequest,
    context: ContextDep,
    by: ByDep,
    version: VersionDep,
    response: Response,
) -> ReportView:
    """Open a signed report again; until its revision is signed, the signed version stands."""
    view = context.signing.revise(report_id, ReportStatus(wanted.kind), wanted.reason, by, version)
    return tagged(view, response, context)


@router.delete(
    "/{report_id}/revision", responses={200: examples.response(examples_signing.SIGNED), **documented(404, 409, 412)}
)
def discard_revision(
    report_id: Printable, context: ContextDep, by: ByDep, version: VersionDep, response: Response
) -> ReportView:
    """Close a revision without signing it: the report is again what stood meanwhile."""
    return tagged(context.signing.discard(report_id, by, version), response, context)


@router.post(
    "/{report_id}/addenda",
    openapi_extra=examples.request(examples_signing.ADDENDUM),
    responses={200: with_replay(examples.response(examples_signing.APPENDED)), **documented(404, 409, 412)},
)
def add_addendum(
    report_id: Printable,
    wanted: AddendumRequest,
    context: ContextDep,
    by: ByDep,
    version: VersionDep,
    response: Response,
    key: Key = None,
) -> ReportView:
    """Add a signed addendum to a signed report, which itself stays word by word as it is.

    With an `Idempotency-Key`, the same request sent again adds nothing.
    """
    asked = once(key, f"add_addendum {report_id}", wanted, context)
    view = context.signing.append(report_id, wanted.text, by, version, wanted.documents, asked)
    marked(asked, response)
    return tagged(view, response, context)


@router.post(
    "/{report_id}/cancel",
    openapi_extra=examples.request(examples_signing.REASON),
    responses={200: examples.response(examples_signing.CANCELLED), **documented(404, 409, 412)},
)
def cancel_report(
    report_id: Printable, wanted: Reason, context: ContextDep, by: ByDep, version: VersionDep, response: Response
) -> ReportView:
    """Cancel a draft: it will not become a report."""
    return tagged(context.signing.cancel(report_id, wanted.reason, by, version), response, context)


@router.post(
    "/{report_id}/withdraw",
    openapi_extra=examples.request(examples_signing.REASON),
    responses={200: examples.response(examples_signing.WITHDRAWN), **documented(404, 409, 412)},
)
def withdraw_report(
    report_id: Printable, wanted: Reason, context: ContextDep, by: ByDep, version: VersionDep, response: Response
) -> ReportView:
    """Mark a signed report as entered in error, for instance because it is on another patient."""
    return tagged(context.signing.withdraw(report_id, wanted.reason, by, version), response, context)
