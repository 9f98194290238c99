"""The steps of a report's life after it was filled: acknowledged, signed, revised, appended, cancelled. Pure.

The statuses are those of FHIR DiagnosticReport.status (reporting/statuses.py). A signed version is never changed:
what follows is another version, and until that is signed, too, the earlier one stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mrrt.errors import Conflict, UsageError
from mrrt.problems import Problem, Severity
from mrrt.report import Acknowledgement, Addendum, Report, ReportStatus, Revision, Signature
from reporting.draft import Draft, Printable, derived, open_problems
from reporting.errors import NotReady
from reporting.records import By
from reporting.statuses import Action, SignOff, refuse
from reporting.templates import Compiled, shaped

_COMPLETION_ALERT = "C2"


class Acknowledging(BaseModel):
    """An alert that was seen, and why the report says what it says all the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Printable = Field(min_length=1)
    field: Printable | None = None
    reason: Printable = Field(default="", max_length=2000)


def alerts(problems: Iterable[Problem], template: Compiled) -> tuple[Problem, ...]:
    """Return which open problems ask for an answer before the signature: alerts of the logic, empty fields with ALERT.

    MRRT data-field-completion-action ALERT asks before a field is left empty.
    """
    named = {_COMPLETION_ALERT, *(alert.key for alert in template.logic.alerts)}
    return tuple(one for one in problems if one.severity is Severity.WARNING and one.rule in named)


def unanswered(report: Report, template: Compiled, problems: Iterable[Problem] | None = None) -> tuple[Problem, ...]:
    """Return the alerts that nobody acknowledged; one whose words have changed since counts as new.

    `problems` are the open ones of the report, where they are at hand.
    """
    if problems is None:
        problems = open_problems(report, shaped(template, report).template)
    answered = {(one.rule, one.field, one.message) for one in report.acknowledged}
    waiting = alerts(problems, template)
    return tuple(one for one in waiting if (one.rule, one.field, one.message) not in answered)


def acknowledged(draft: Draft, template: Compiled, given: Sequence[Acknowledging], by: By) -> Draft:
    """Return the draft with alerts acknowledged; raises UsageError for one that is not there or lacks a reason."""
    refuse(draft.report, Action.ACKNOWLEDGE)
    report = draft.report
    open_ones = {(one.rule, one.field): one for one in unanswered(report, template)}
    new = tuple(made for one in given if (made := _acknowledgement(one, open_ones, report, by)) is not None)
    return _with(draft, acknowledged=(*report.acknowledged, *new)) if new else draft


def _alert(rule: str, field: str | None) -> str:
    """Return what tells an alert from others: one rule may speak of several fields."""
    return f'"{rule}"' + (" without a field" if field is None else f' of field "{field}"')


def _acknowledgement(
    given: Acknowledging, open_ones: dict[tuple[str, str | None], Problem], report: Report, by: By
) -> Acknowledgement | None:
    alert = open_ones.get((given.rule, given.field))
    if alert is None:
        if any((one.rule, one.field) == (given.rule, given.field) for one in report.acknowledged):
            return None
        known = ", ".join(sorted(_alert(*place) for place in open_ones)) or "none"
        raise UsageError(f"there is no alert {_alert(given.rule, given.field)} to acknowledge; open are: {known}")
    if not given.reason.strip() and given.rule != _COMPLETION_ALERT:
        raise UsageError(f'the alert "{given.rule}" is acknowledged with a reason; say why')
    said = {"rule": alert.rule, "field": alert.field, "message": alert.message, "reason": given.reason.strip()}
    return Acknowledgement(**said, by=by.signature, at=by.at_text)


def signed_preliminary(draft: Draft, template: Compiled, by: By) -> Draft:
    """Return the draft as a preliminary report, which somebody else will make final."""
    refuse(draft.report, Action.SIGN_PRELIMINARY)
    return _signed(_ready(draft, template), ReportStatus.PRELIMINARY, by)


def signed(draft: Draft, template: Compiled, by: By, sign_off: SignOff = SignOff.SINGLE) -> Draft:
    """Return the draft as a final report, or as the amended or corrected one that its revision was opened for.

    Raises NotReady with the problems that forbid it: those of severity error, and alerts that nobody acknowledged.
    """
    refuse(draft.report, Action.SIGN)
    if sign_off is SignOff.DOUBLE:
        _refuse_single(draft.report, by)
    revision = draft.report.revision
    status = ReportStatus.FINAL if revision is None else revision.kind
    final = _signed(_ready(draft, template), status, by)
    return _with(final, revision=None, reason="" if revision is None else revision.reason)


def _refuse_single(report: Report, by: By) -> None:
    if report.status is not ReportStatus.PRELIMINARY:
        raise Conflict("Reports of this site take two signatures: sign it as preliminary first.")
    if report.signatures and report.signatures[-1].actor == by.actor:
        raise Conflict("Reports of this site take the signatures of two people; the preliminary one is yours.")


def _ready(draft: Draft, template: Compiled) -> Draft:
    ready = derived(draft, template)
    shape = shaped(template, ready.report).template
    problems = open_problems(ready.report, shape)
    errors = [one for one in problems if one.severity is Severity.ERROR]
    waiting = [one.model_copy(update={"mend": _ANSWER}) for one in unanswered(ready.report, template, problems)]
    if errors or waiting:
        raise NotReady((*errors, *waiting))
    return ready


_ANSWER = "Acknowledge it with a reason, or mend what it is about."


def _signed(draft: Draft, status: ReportStatus, by: By) -> Draft:
    signature = Signature(status=status, by=by.signature, at=by.local_text, actor=by.actor)
    stamp = {"signed_by": signature.by, "signed_at": signature.at}
    return _with(draft, status=status, signatures=(*draft.report.signatures, signature), **stamp)


def revised(draft: Draft, version: int, kind: ReportStatus, reason: str, by: By) -> Draft:
    """Return a draft of what a signed report will be: amended, or corrected of an error. `version` stands meanwhile."""
    refuse(draft.report, Action.REVISE)
    if kind not in (ReportStatus.AMENDED, ReportStatus.CORRECTED):
        raise UsageError(f'a revision is "amended" or "corrected", not "{kind}"')
    status = draft.report.status
    revision = Revision(
        kind=kind, reason=_reason(reason), version=version, status=status, by=by.signature, at=by.at_text
    )
    return _with(draft, status=ReportStatus.PARTIAL, revision=revision, signed_by=None, signed_at=None)


def appended(draft: Draft, text: str, by: By, documents: Sequence[str] = ()) -> Draft:
    """Return the signed report with an addendum, signed by who wrote it; everything else stays as it is.

    `documents` are the SOP Instance UIDs of documents that came after the signature, where it is about them.
    """
    refuse(draft.report, Action.APPEND)
    if not text.strip():
        raise UsageError("an addendum needs a text")
    addendum = Addendum(text=text.strip(), by=by.signature, at=by.local_text, documents=tuple(documents))
    return _signed(_with(draft, addenda=(*draft.report.addenda, addendum)), ReportStatus.APPENDED, by)


def cancelled(draft: Draft, reason: str) -> Draft:
    """Return a draft that will not become a report."""
    refuse(draft.report, Action.CANCEL)
    return _with(draft, status=ReportStatus.CANCELLED, reason=_reason(reason))


def withdrawn(draft: Draft, reason: str) -> Draft:
    """Return a signed report as entered in error: it should never have been, for instance on another patient."""
    refuse(draft.report, Action.WITHDRAW)
    return _with(draft, status=ReportStatus.ENTERED_IN_ERROR, reason=_reason(reason))


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("a reason is needed; it is kept with the report")
    return reason.strip()


def _with(draft: Draft, **changes: Any) -> Draft:
    return draft.model_copy(update={"report": draft.report.model_copy(update=changes)})
