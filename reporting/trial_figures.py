"""What a trial measures of a report: time, keys, clicks, corrections, alerts. No patient and no reader in it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from mrrt.report import Report
from reporting.csv_cells import cell

_Count = Field(default=0, ge=0, le=10_000_000)
_Seconds = Field(default=0.0, ge=0, le=10_000_000, allow_inf_nan=False)


class Counted(BaseModel):
    """What the browser counted from the moment a report was opened until it was left or signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = _Seconds
    """From opening the report, whatever was done meanwhile."""
    active_seconds: float = _Seconds
    """The same without pauses: of a gap between two actions, 30 seconds count at most."""
    keystrokes: int = _Count
    clicks: int = _Count
    alerts_shown: int = _Count
    """Different errors and warnings that were shown."""
    alerts_heeded: int = _Count
    """Those of them that went away because the reader changed what they were about."""


class Measured(Counted):
    """What was counted, with what the report was in the end."""

    template: str
    status: str
    fields_imported: int
    """Fields that a device filled, those that the reader corrected among them."""
    fields_calculated: int
    fields_typed: int
    fields_corrected: int
    """Fields that a device filled and the reader changed."""
    fields_overruled: int
    """Fields that the logic filled and the reader changed."""
    alerts_acknowledged: int
    """Alerts that were answered with a reason instead."""


class Visit(Measured):
    """One visit to a report; `visit` is a random name that the browser gave."""

    report_id: str
    visit: str
    begun_at: str


class TrialLine(Measured):
    """One report of a trial: what its visits add up to, and what it was after the last one.

    `number` counts the reports in the order in which they were first opened.
    """

    number: int
    visits: int


COLUMNS = ("number", "visits", *Measured.model_fields)
_SUMMED = tuple(Counted.model_fields)
_LAST = tuple(name for name in Measured.model_fields if name not in _SUMMED)


def visit_of(report: Report, counted: Counted, report_id: str, visit: str, at: str) -> Visit:
    """Return a visit with what the report says at its end."""
    typed = {key for key, value in report.typed.items() if value.value is not None or value.absent is not None}
    standing = {key for layer in report.layers for key in layer} - report.irrelevant
    return Visit(
        **counted.model_dump(),
        report_id=report_id,
        visit=visit,
        begun_at=at,
        template=report.template,
        status=report.status,
        fields_imported=len(standing & report.imported.keys()),
        fields_calculated=len(standing & (report.calculated.keys() - report.imported.keys())),
        fields_typed=len(standing & typed),
        fields_corrected=len(standing & report.typed.keys() & report.imported.keys()),
        fields_overruled=len(standing & report.typed.keys() & report.calculated.keys()),
        alerts_acknowledged=sum(bool(one.reason) for one in report.acknowledged),
    )


def lines_of(visits: Iterable[Visit]) -> tuple[TrialLine, ...]:
    """Return a line for each report, in the order in which they were first opened; `visits` are in that of time."""
    by_report: dict[str, list[Visit]] = {}
    for visit in visits:
        by_report.setdefault(visit.report_id, []).append(visit)
    return tuple(_line(number, group) for number, group in enumerate(by_report.values(), 1))


def _line(number: int, visits: Sequence[Visit]) -> TrialLine:
    sums = {name: round(sum(getattr(one, name) for one in visits), 1) for name in _SUMMED}
    last = {name: getattr(visits[-1], name) for name in _LAST}
    return TrialLine(number=number, visits=len(visits), **sums, **last)


def as_csv(lines: Iterable[TrialLine]) -> str:
    """Return the lines as CSV (RFC 4180) with a head; a template of others may have any name."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([cell(getattr(line, name)) for name in COLUMNS] for line in lines)
    return text.getvalue()
