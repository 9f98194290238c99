"""The use cases of a legal hold: what a court or an authority wants kept is not erased until the hold is lifted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mrrt.errors import NotFound
from reporting.records import By
from reporting.store import Store
from reporting.store_holds import Hold
from reporting.store_transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class Held:
    """A hold with the reports that it keeps now."""

    hold: Hold
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """The use cases on one store. Every change is in the audit log with its reason."""

    store: Store

    def all(self) -> tuple[Held, ...]:
        """Return the holds in force."""
        with self.store.reading() as transaction:
            return tuple(_held(transaction, one) for one in transaction.holds())

    def add(self, reports: Sequence[str], patient: str | None, reason: str, by: By) -> tuple[Held, ...]:
        """Hold reports, each for itself, or all of a patient; raises NotFound where there is nothing to hold."""
        with self.store.writing() as transaction:
            added = [_of_report(transaction, one, reason, by) for one in dict.fromkeys(reports)]
            added += [] if patient is None else [_of_patient(transaction, patient, reason, by)]
            return tuple(_held(transaction, one) for one in added)

    def lift(self, numbers: Iterable[int], reason: str, by: By) -> tuple[Held, ...]:
        """End holds, all that were named or none; raises NotFound for a number that no hold has."""
        with self.store.writing() as transaction:
            lifted = tuple(_held(transaction, _named(transaction, number)) for number in dict.fromkeys(numbers))
            for one in lifted:
                transaction.lift_hold(one.hold, reason, by)
        return lifted


def _held(transaction: Reading, hold: Hold) -> Held:
    return Held(hold, transaction.held_by(hold))


def _named(transaction: Reading, number: int) -> Hold:
    hold = transaction.hold(number)
    if hold is None:
        raise NotFound(f"there is no hold {number} in force; mrrt hold list shows those that are")
    return hold


def _of_report(transaction: Writing, report: str, reason: str, by: By) -> Hold:
    transaction.report(report)  # raises NotFound
    return transaction.add_hold(report, None, reason, by)


def _of_patient(transaction: Writing, patient: str, reason: str, by: By) -> Hold:
    """Hold a patient of whom something is kept: under a mistyped number nothing would be, and nobody would know."""
    hold = transaction.add_hold(None, patient, reason, by)
    if not transaction.held_by(hold) and not transaction.has_documents_of(patient):
        raise NotFound(f'nothing is kept of a patient "{patient}"; write the identifier as the reports have it')
    return hold
