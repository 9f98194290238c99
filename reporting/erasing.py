"""The use case that ends retention: what has been kept for long enough goes, and the audit log says so.

Each report goes in a transaction of its own, with the documents that belong to it alone: stopped at any moment, a
report is there with all that belongs to it, or gone with all of it. What was asked for is looked at again inside that
transaction, so that a report somebody has just changed stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mrrt.errors import NotFound
from reporting.records import By
from reporting.store import Store
from reporting.store_erase import ErasableReport, Wanted

_BATCH = 100
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What would go, and which reports would if they were not held."""

    reports: tuple[ErasableReport, ...]
    documents: tuple[str, ...]
    held: tuple[ErasableReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasing:
    """The use case on one store."""

    store: Store

    def found(self, wanted: Wanted) -> Found:
        """Return what would go; raises NotFound for a report that was named and is not among it."""
        with self.store.reading() as transaction:
            going = transaction.erasable_reports(wanted), transaction.erasable_documents(wanted)
            found = Found(*going, transaction.held_reports(wanted))
        others = sorted(set(wanted.reports or ()) - {one.id for one in (*found.reports, *found.held)})
        if others:
            raise NotFound(f"there is no such report, or it is not what else was asked for: {', '.join(others)}")
        return found

    def erase(self, wanted: Wanted, reason: str, by: By, progress: Progress | None = None) -> Found:
        """Remove what was asked for and is not held, and return it.

        An exception that `progress` raises stops between two of them.
        """
        planned, reports, documents = self.found(wanted), list[ErasableReport](), list[str]()
        for number, report in enumerate(planned.reports, 1):
            gone = self._report(replace(wanted, reports=(report.id,)), reason, by)
            reports += gone.reports
            documents += gone.documents
            if progress is not None:
                progress(number, len(planned.reports))
        while wanted.reports is None and (more := self._documents(wanted, reason, by)):
            documents += more
        with self.store.reading() as transaction:  # a hold may have come meanwhile
            return Found(tuple(reports), tuple(documents), transaction.held_reports(wanted))

    def _report(self, wanted: Wanted, reason: str, by: By) -> Found:
        """Remove one report with the documents that belong to it alone, unless it has changed meanwhile."""
        with self.store.writing() as transaction:
            transaction.overwrite_removed()
            reports = transaction.erasable_reports(wanted)
            documents = transaction.erasable_documents(wanted) if reports else ()
            for one in reports:
                transaction.erase_report(one, reason, by)
            for uid in documents:
                transaction.erase_document(uid, reason, by)
        return Found(reports, documents)

    def _documents(self, wanted: Wanted, reason: str, by: By) -> tuple[str, ...]:
        """Remove some of the documents that no report was made of."""
        with self.store.writing() as transaction:
            transaction.overwrite_removed()
            documents = transaction.erasable_documents(wanted, with_reports=False, limit=_BATCH)
            for uid in documents:
                transaction.erase_document(uid, reason, by)
        return documents
