"""The use cases of a report's history: its versions, each as it was, and what they say differently."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.difference import Difference, difference
from reporting.draft import Draft
from reporting.records import Record, ReportVersionLine
from reporting.store import Store
from reporting.store_transaction import Reading
from reporting.templates import Compiled, compiled, shaped
from reporting.views import ReportView, report_view
from reporting.workflow import Which, numbered


@dataclass(frozen=True, slots=True)
class Versions:
    """The use cases on one store."""

    store: Store

    def lines(self, report_id: str, before: int | None, limit: int) -> tuple[ReportVersionLine, ...]:
        """Return up to `limit` versions of a report, the latest first, those below a number; raises NotFound."""
        with self.store.reading() as transaction:
            transaction.report(report_id)
            return transaction.version_lines(report_id, before, limit)

    def view(self, report_id: str, which: Which) -> ReportView:
        """Return a report as one of its versions says it; raises NotFound. What is over allows no action."""
        return self.told(report_id, which)[0]

    def told(self, report_id: str, which: Which) -> tuple[ReportView, int]:
        """Return the same with the number of the latest version, on which the view of an earlier one depends."""
        with self.store.reading() as transaction:
            latest = transaction.report(report_id)
            record, template = _version(transaction, latest, numbered(latest, which))
        view = report_view(record, template)
        is_latest = record.version == latest.version
        return view if is_latest else view.model_copy(update={"actions": ()}), latest.version

    def difference(self, report_id: str, number: int, earlier: int | None = None) -> Difference:
        """Return what a version says differently from another one, the one before it if none is named.

        The first version has none before it, and is compared with itself. Raises NotFound.
        """
        with self.store.reading() as transaction:
            latest = transaction.report(report_id)
            wanted = (max(number - 1, 1) if earlier is None else earlier, number)
            after, before = (_version(transaction, latest, one) for one in reversed(wanted))
        return difference(report_id, _part(*before), _part(*after))


def _part(record: Record, template: Compiled) -> tuple[int, Draft, Compiled]:
    return record.version, record.draft, template


def _version(transaction: Reading, latest: Record, number: int) -> tuple[Record, Compiled]:
    record = latest if number == latest.version else transaction.report_version(latest.id, number)
    return record, shaped(compiled(transaction.template(record.draft.template_version)), record.draft.report)
