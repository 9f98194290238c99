"""The use cases of the trial mode: keep what was counted, read it, forget it."""

from __future__ import annotations

from dataclasses import dataclass

from mrrt.errors import Conflict
from reporting.records import By
from reporting.store import Store
from reporting.trial_figures import Counted, TrialLine, lines_of, visit_of


@dataclass(frozen=True, slots=True)
class Trial:
    """The use cases on one store; nothing is kept while `on` is false."""

    store: Store
    on: bool

    def keep(self, report_id: str, visit: str, counted: Counted, by: By) -> None:
        """Keep what was counted in a visit to a report, in place of what was kept of it; raises NotFound, Conflict."""
        if not self.on:
            raise Conflict("This site takes part in no trial; MRRT_TRIAL=true switches it on.")
        with self.store.writing(report_id) as transaction:
            report = transaction.report(report_id).draft.report
            transaction.keep_visit(visit_of(report, counted, report_id, visit, by.at_text))

    def lines(self) -> tuple[TrialLine, ...]:
        """Return what was counted, a line for each report; also after the trial is over."""
        with self.store.reading() as transaction:
            return lines_of(transaction.trial_visits())

    def forget(self, by: By) -> int:
        """Remove everything that was counted, note that in the audit log, and return how many visits there were."""
        with self.store.writing() as transaction:
            count = transaction.forget_trial()
            transaction.audit("forget-trial", by, detail={"visits": count})
            return count
