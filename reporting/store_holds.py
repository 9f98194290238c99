"""What a transaction of the store can read and write of legal holds: what is kept although its retention is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.records import By
from reporting.row_check import json_object
from reporting.store_audit import AuditWriting

_HOLD, _EVENT, _HEAD, _DOCUMENT = tables.legal_hold, tables.audit_event, tables.report, tables.sr_document
HOLD, LIFT = "hold", "lift-hold"


class Hold(BaseModel):
    """A legal hold in force: on one report, or on all that is kept of a patient, now or later."""

    model_config = ConfigDict(frozen=True)

    number: int
    report: str | None
    patient: str | None
    reason: str
    actor: str
    at: str


class MisfitHold(NamedTuple):
    """A hold that does not fit the log: it is gone; with `other`, that differs; without an event, none tells of it."""

    number: int
    event: int | None
    other: tuple[str, ...] = ()


class HoldReading:
    """The questions about holds that the store answers."""

    _connection: Connection

    def holds(self) -> tuple[Hold, ...]:
        """Return the holds in force, by their numbers."""
        rows = self._connection.execute(sa.select(_HOLD).order_by(_HOLD.c.id)).mappings()
        return tuple(_hold(row) for row in rows)

    def hold(self, number: int) -> Hold | None:
        """Return a hold in force."""
        row = self._connection.execute(sa.select(_HOLD).where(_HOLD.c.id == number)).mappings().one_or_none()
        return None if row is None else _hold(row)

    def held_by(self, hold: Hold) -> tuple[str, ...]:
        """Return the reports that a hold keeps, as far as there are any yet."""
        ours = _HEAD.c.id == hold.report if hold.patient is None else _HEAD.c.patient_id == hold.patient
        return tuple(self._connection.scalars(sa.select(_HEAD.c.id).where(ours).order_by(_HEAD.c.id)))

    def has_documents_of(self, patient: str) -> bool:
        """Tell whether any SR document of a patient is kept."""
        query = sa.select(sa.literal(1)).select_from(_DOCUMENT).where(_DOCUMENT.c.patient_id == patient).limit(1)
        return self._connection.scalar(query) is not None

    def misfit_holds(self) -> Iterator[MisfitHold]:
        """Yield each hold that is gone and was not lifted, was put in, or is another than its event tells."""
        told = self._told_holds()
        for one in self.holds():
            event = told.pop(one.number, None)
            if event is None:
                yield MisfitHold(one.number, None)
            elif other := _other(one, event):
                yield MisfitHold(one.number, event["id"], other)
        for number, event in told.items():
            yield MisfitHold(number, event["id"])

    def _told_holds(self) -> dict[int, RowMapping]:
        """Return the event of each hold that the log tells of and of whose end it does not.

        A number may be used again after a restore: what counts is the order of the events.
        """
        told: dict[int, RowMapping] = {}
        query = sa.select(_EVENT).where(_EVENT.c.action.in_((HOLD, LIFT))).order_by(_EVENT.c.id)
        for row in self._connection.execute(query).mappings():
            number = json_object(row["detail"]).get("number")
            if not isinstance(number, int):
                continue
            if row["action"] == HOLD:
                told.setdefault(number, row)
            else:
                told.pop(number, None)
        return told


class HoldWriting(HoldReading, AuditWriting):
    """Holds that begin and end, each with its events."""

    def add_hold(self, report: str | None, patient: str | None, reason: str, by: By) -> Hold:
        """Hold a report, or all of a patient, from now on."""
        said = {"report_id": report, "patient_id": patient, "reason": reason, "actor": by.actor, "at": by.at_text}
        number = self._connection.scalar(sa.insert(_HOLD).returning(_HOLD.c.id), said)
        assert number is not None  # the database counts
        hold = Hold(number=number, report=report, patient=patient, reason=reason, actor=by.actor, at=by.at_text)
        self._audit_hold(HOLD, hold, reason, by)
        return hold

    def lift_hold(self, hold: Hold, reason: str, by: By) -> None:
        """End a hold; the audit log keeps that there was one."""
        self._audit_hold(LIFT, hold, reason, by)
        self._connection.execute(sa.delete(_HOLD).where(_HOLD.c.id == hold.number))

    def _audit_hold(self, action: str, hold: Hold, reason: str, by: By) -> None:
        """Add an event for each report that is held, or one where there is none yet.

        The log names no patient, for it outlives what is kept of them; their reports lead to it as long as they are.
        """
        said = {"number": hold.number, "of": _of(hold), "reason": reason}
        for report in self.held_by(hold) or (None,):
            self.audit(action, by, report_id=report, detail=said)


def report_is_held() -> sa.ColumnElement[bool]:
    """Tell of a row of `report` whether a hold keeps it."""
    ours = sa.or_(_HOLD.c.report_id == _HEAD.c.id, _HOLD.c.patient_id == _HEAD.c.patient_id)
    return sa.select(_HOLD.c.id).where(ours).correlate(_HEAD).exists()


def document_is_held() -> sa.ColumnElement[bool]:
    """Tell of a row of `sr_document` whether a hold of its patient keeps it."""
    ours = _HOLD.c.patient_id == _DOCUMENT.c.patient_id
    return sa.select(_HOLD.c.id).where(ours).correlate(_DOCUMENT).exists()


def _hold(row: RowMapping) -> Hold:
    said = {name: row[name] for name in ("reason", "actor", "at")}
    return Hold(number=row["id"], report=row["report_id"], patient=row["patient_id"], **said)


def _of(hold: Hold) -> str:
    return "patient" if hold.report is None else "report"


def _other(hold: Hold, event: RowMapping) -> tuple[str, ...]:
    """Return what of a hold is not what its event tells."""
    told = json_object(event["detail"])
    pairs = {
        "of": (_of(hold), told.get("of")),
        "report": (hold.report, event["report_id"] if hold.report is not None else None),
        "reason": (hold.reason, told.get("reason")),
        "actor": (hold.actor, event["actor"]),
        "at": (hold.at, event["at"]),
    }
    return tuple(name for name, (ours, theirs) in pairs.items() if ours != theirs)
