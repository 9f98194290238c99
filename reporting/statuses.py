"""Which action is allowed in which status of a report, and to which status it leads: one table for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mrrt.errors import Conflict
from mrrt.report import Report, ReportStatus


class Action(StrEnum):
    """What can be done with a report once it is there; the audit log uses the same words."""

    EDIT = "edit"
    FILL = "fill"
    DECLINE = "decline"
    MIGRATE = "migrate"
    ACKNOWLEDGE = "acknowledge"
    SIGN_PRELIMINARY = "sign-preliminary"
    SIGN = "sign"
    REVISE = "revise"
    DISCARD = "discard"
    APPEND = "append"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"


class SignOff(StrEnum):
    """How many signatures a final report of the site takes."""

    SINGLE = "single"
    DOUBLE = "double"
    """A preliminary one, and then one of somebody else."""


OPEN = frozenset({ReportStatus.PARTIAL, ReportStatus.PRELIMINARY})
"""Statuses of a report that is still being written."""
SIGNED = frozenset({ReportStatus.FINAL, ReportStatus.AMENDED, ReportStatus.CORRECTED, ReportStatus.APPENDED})
"""Statuses of a report that is finished and holds."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From which statuses an action may start, and to which it leads.

    `revision` says whether the report must be (True) or must not be (False) the revision of a signed one; None: either.
    Where `to` names several, the report decides: a revision becomes what it was opened as, a discarded one what it was.
    """

    of: frozenset[ReportStatus]
    to: frozenset[ReportStatus]
    revision: bool | None = None


_DRAFT = frozenset({ReportStatus.PARTIAL})
TRANSITIONS: Mapping[Action, Transition] = {
    Action.EDIT: Transition(OPEN, _DRAFT),
    Action.FILL: Transition(OPEN, _DRAFT),
    Action.DECLINE: Transition(OPEN, OPEN),
    Action.MIGRATE: Transition(OPEN, _DRAFT),
    Action.ACKNOWLEDGE: Transition(OPEN, OPEN),
    Action.SIGN_PRELIMINARY: Transition(_DRAFT, frozenset({ReportStatus.PRELIMINARY})),
    Action.SIGN: Transition(OPEN, SIGNED - {ReportStatus.APPENDED}),
    Action.REVISE: Transition(SIGNED, _DRAFT, revision=False),
    Action.DISCARD: Transition(OPEN, SIGNED, revision=True),
    Action.APPEND: Transition(SIGNED, frozenset({ReportStatus.APPENDED}), revision=False),
    Action.CANCEL: Transition(OPEN, frozenset({ReportStatus.CANCELLED}), revision=False),
    Action.WITHDRAW: Transition(SIGNED, frozenset({ReportStatus.ENTERED_IN_ERROR}), revision=False),
}
_WAY_OUT = {
    "signed": "Open a revision of it, or add an addendum.",
    "open": "It is not signed yet.",
    "preliminary": "Make it final, or edit it.",
    "revision": "A revision of it is open; sign or discard that first.",
    "over": "Make a new report.",
}


def allowed(report: Report) -> tuple[Action, ...]:
    """Return the actions that the status of a report allows, whoever asks."""
    return tuple(action for action in Action if _allows(TRANSITIONS[action], report))


def under(actions: tuple[Action, ...], status: ReportStatus, sign_off: SignOff) -> tuple[Action, ...]:
    """Return which of them the site's sign-off allows: where it takes two signatures, the preliminary one is first."""
    if sign_off is SignOff.SINGLE or status is ReportStatus.PRELIMINARY:
        return actions
    return tuple(action for action in actions if action is not Action.SIGN)


def refuse(report: Report, action: Action) -> None:
    """Raise Conflict where the status of a report does not allow an action."""
    if not _allows(TRANSITIONS[action], report):
        raise Conflict(f"The report is {_named(report)}; {_SAYS[action]}. {_WAY_OUT[_situation(report)]}")


def stands(report: Report) -> bool:
    """Tell whether this version is what readers outside should see from now on."""
    return stands_with(report.status, report.revision is not None)


def stands_with(status: ReportStatus, revision: bool) -> bool:
    """Tell the same from the status, and from whether a revision is open."""
    over = status in (ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR)
    return status in SIGNED or over or (status is ReportStatus.PRELIMINARY and not revision)


_SAYS = {
    Action.EDIT: "it cannot be changed",
    Action.FILL: "it cannot be changed",
    Action.DECLINE: "nothing is offered to it any more",
    Action.MIGRATE: "it cannot be changed",
    Action.ACKNOWLEDGE: "nothing in it can be acknowledged any more",
    Action.SIGN_PRELIMINARY: "it cannot be signed as preliminary",
    Action.SIGN: "it cannot be signed",
    Action.REVISE: "it cannot be revised",
    Action.DISCARD: "there is no revision to discard",
    Action.APPEND: "it takes no addendum",
    Action.CANCEL: "it cannot be cancelled",
    Action.WITHDRAW: "it cannot be withdrawn",
}


def _allows(transition: Transition, report: Report) -> bool:
    revision = transition.revision is None or transition.revision is (report.revision is not None)
    return report.status in transition.of and revision


def _named(report: Report) -> str:
    return "a draft" if report.status is ReportStatus.PARTIAL else str(report.status)


def _situation(report: Report) -> str:
    if report.revision is not None:
        return "revision"
    if report.status in SIGNED:
        return "signed"
    if report.status is ReportStatus.PRELIMINARY:
        return "preliminary"
    return "open" if report.status in OPEN else "over"
