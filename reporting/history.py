"""A report beside the earlier ones of its patient: what each field said before, how it changed, and its course."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from mrrt.errors import NotFound
from mrrt.render.course import Point, course
from mrrt.report import Model, ReportStatus
from mrrt.template import FieldKind, Template
from reporting.field_places import places_of_parts
from reporting.records import Filter, Record, Summary
from reporting.statuses import SIGNED
from reporting.store import Store
from reporting.store_transaction import Reading
from reporting.templates import Compiled, compiled, shaped
from reporting.views import ValueView, value_views
from reporting.workflow import latest

MOST = 8
"""So many earlier reports are looked at, the latest ones."""
_SEARCHED = 200


class Earlier(Model):
    """An earlier report of the same patient on the same template, as it stands."""

    report: str
    version: int
    status: ReportStatus
    study_date: str
    patient_name: str = ""
    """As that report has it: names change, and two patients may have been given one identifier."""


class HistoryLine(Model):
    """What one field says now, and said in the earlier reports, the latest of them first; null for nothing.

    All of it is in the language of the present report, and `changed` where the value is another one, not its spelling.
    `change` and `percent` compare numbers of one unit with the latest earlier report that has one; `points` counts the
    numbers that a plot would show.
    """

    field: str
    label: str
    number: bool = False
    unit: str | None = None
    before: tuple[str | None, ...] = ()
    now: str | None = None
    changed: bool = False
    change: str | None = None
    percent: str | None = None
    points: int = 0


class HistoryView(Model):
    """A report beside the earlier ones."""

    report: str
    version: int
    earlier: tuple[Earlier, ...] = ()
    lines: tuple[HistoryLine, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What one report says: the day of its study, and its values as people read them."""

    day: str
    values: Mapping[str, ValueView]


@dataclass(frozen=True, slots=True)
class History:
    """The use cases on one store."""

    store: Store

    def beside(self, report_id: str) -> HistoryView:
        """Return a report beside the signed ones of its patient that came before it; raises NotFound."""
        record, template, earlier = self._read(report_id)
        reports = tuple(
            Earlier(
                report=one.id,
                version=one.version,
                status=one.draft.report.status,
                study_date=said.day,
                patient_name=one.draft.report.patient.name,
            )
            for one, said in earlier
        )
        now, before = _said(record, template, record, template), [said for _, said in earlier]
        lines = tuple(_lines(template.template, record.draft.report.language, now, before)) if before else ()
        return HistoryView(report=record.id, version=record.version, earlier=reports, lines=lines)

    def plot(self, report_id: str, field: str, theme: str, version: int | None = None) -> bytes:
        """Return the course of a number over all these reports as SVG; raises NotFound where there is none.

        Raises Moved if `version` is not the latest.
        """
        record, template, earlier = self._read(report_id, version)
        found = template.template.field_by_key.get(field)
        if found is None:
            raise NotFound(f'there is no field "{field}" in this report')
        said = [one for _, one in reversed(earlier)] + [_said(record, template, record, template)]
        points = _points(field, said)
        if len(points) < 2:
            raise NotFound(f'the field "{field}" has no course: fewer than two numbers of one unit')
        return course(points, found.label_in(record.draft.report.language), theme)

    def _read(self, report_id: str, version: int | None = None) -> tuple[Record, Compiled, list[tuple[Record, _Said]]]:
        with self.store.reading() as transaction:
            record, template = latest(transaction, report_id, version)
            found = [_standing(transaction, one, record, template) for one in _earlier(transaction, record)]
        return record, template, [one for one in found if _same_birth(one[0], record)]


def _earlier(transaction: Reading, record: Record) -> list[Summary]:
    report = record.draft.report
    if not report.patient.identifier or not report.study.date:
        return []
    wanted = Filter(
        template=report.template,
        patient_id=report.patient.identifier,
        status=(*SIGNED, ReportStatus.PARTIAL),
        study_date=(None, report.study.date),
    )
    same = [one for one in transaction.summaries(wanted, _SEARCHED) if _counts(one, record)]
    return sorted(same, key=lambda one: (one.study_date, one.signed_at or ""), reverse=True)[:MOST]


def _counts(one: Summary, record: Record) -> bool:
    """Tell whether a report stands and came before: one of the same study never does."""
    other_study = one.study_instance_uid != record.draft.report.study.study_instance_uid
    return one.id != record.id and other_study and one.signed_version is not None and one.signed_status in SIGNED


def _same_birth(one: Record, other: Record) -> bool:
    """Tell whether two reports with one identifier can be of one patient: two hospitals may give the same one."""
    born = {one.draft.report.patient.birth_date, other.draft.report.patient.birth_date} - {""}
    return len(born) < 2


def _standing(transaction: Reading, one: Summary, beside: Record, now: Compiled) -> tuple[Record, _Said]:
    assert one.signed_version is not None  # what _counts asks for
    record = transaction.report_version(one.id, one.signed_version)
    template = shaped(compiled(transaction.template(record.draft.template_version)), record.draft.report)
    return record, _said(record, template, beside, now)


def _said(record: Record, template: Compiled, beside: Record, now: Compiled) -> _Said:
    """Return what a report says, in the language and by the fields of the one that it stands beside."""
    report = record.draft.report.model_copy(update={"language": beside.draft.report.language})
    views = value_views(report, template.template)
    parts = places_of_parts(template, now)
    there = {parts.get(key, key): view for key, view in views.items() if key not in report.irrelevant}
    return _Said(report.study.date, {key: view for key, view in there.items() if key is not None})


def _lines(template: Template, language: str, now: _Said, before: Sequence[_Said]) -> Iterator[HistoryLine]:
    for field in template.fields:
        texts = [_text(one.values.get(field.key)) for one in before]
        text = _text(now.values.get(field.key))
        if text is None and not any(texts):
            continue
        number = field.kind is FieldKind.NUMBER
        change = _change(field.key, now, before) if number else None
        points = len(_points(field.key, [*reversed(before), now])) if number else 0
        yield HistoryLine(
            field=field.key,
            label=field.label_in(language),
            number=number,
            unit=field.unit,
            before=tuple(texts),
            now=text,
            changed=_differs(now.values.get(field.key), before[0].values.get(field.key)),
            change=None if change is None else f"{change[0]:f}",
            percent=None if change is None or not change[1] else f"{change[1]:+f}".replace("-", "−"),
            points=points,
        )


def _differs(now: ValueView | None, before: ValueView | None) -> bool:
    numbers = (_number(now), _number(before))
    if now is not None and before is not None and None not in numbers and now.unit == before.unit:
        return numbers[0] != numbers[1]
    return _text(now) != _text(before)


def _text(view: ValueView | None) -> str | None:
    return None if view is None or not view.text else view.text


def _number(view: ValueView | None) -> Decimal | None:
    try:
        number = Decimal(view.value) if view is not None and isinstance(view.value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _change(field: str, now: _Said, before: Sequence[_Said]) -> tuple[Decimal, Decimal | None] | None:
    """Return the difference to the latest earlier number of the same unit, and the same in percent of that."""
    number, unit = _number(now.values.get(field)), getattr(now.values.get(field), "unit", None)
    earlier = (_number(one.values[field]) for one in before if field in one.values and one.values[field].unit == unit)
    last = next((one for one in earlier if one is not None), None)
    if number is None or last is None:
        return None
    difference = number - last or Decimal(0)  # not 0.0, nor -0
    percent = (difference / abs(last) * 100).quantize(Decimal(1), ROUND_HALF_EVEN) if last else None
    return difference, percent


def _points(field: str, said: Sequence[_Said]) -> list[Point]:
    """Return the numbers of a field over time, the oldest first: those in the unit of the latest one."""
    views = [(one.day, one.values[field]) for one in said if _number(one.values.get(field)) is not None]
    unit = views[-1][1].unit if views else None
    points = []
    for day, view in views:
        number = _number(view)
        if number is not None and view.unit == unit and (found := _day(day)) is not None:
            points.append((found, float(number)))
    return points


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
