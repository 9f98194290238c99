"""What waits for somebody: studies without a report, drafts, reports to be signed or just signed, late measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Generic, TypeVar

from mrrt.errors import MrrtError
from mrrt.report import Model
from reporting.errors import Unavailable
from reporting.fitting import Fit, fits
from reporting.lateness import Lateness
from reporting.memo import Memo
from reporting.records import By, Summary
from reporting.sorting import WaitingSort
from reporting.statuses import SIGNED, SignOff
from reporting.store_search import last_place
from reporting.store_worklist import Counted, Look
from reporting.templates import Compiled
from reporting.workflow import Workflow

T = TypeVar("T")
_LOOKED_AT = 100
"""So many studies are looked at for those that a template fits before the caller is told where to go on."""
_fits: Memo[Fit | None] = Memo(2000)
_says: Memo[bool] = Memo(2000)


class WaitingStudy(Model):
    """A study that documents came for, and that no report is on; `template` is the one that they fill best."""

    study_instance_uid: str
    patient_id: str
    patient_name: str
    accession_number: str
    study_date: str
    description: str
    device: str
    documents: int
    received_at: str
    template: Fit | None = None


_OF_STUDY = WaitingStudy.model_fields.keys() - {"template"}


class LateReport(Model):
    """A report whose study got documents that it does not know, after it was made."""

    report: Summary
    documents: int
    received_at: str


class Studies(Model):
    """A page of studies; `next` is the cursor of the following one, null on the last.

    `total` counts those of all pages, up to 1,000; null where a template is asked for, for which each has to be read.
    A page may then hold fewer than there are, and still be followed by another.
    """

    items: tuple[WaitingStudy, ...] = ()
    next: str | None = None
    total: int | None = None


class Reports(Model):
    """A page of reports; `next` is the cursor of the following one, null on the last.

    `total` counts those of all pages, up to 1,000.
    """

    items: tuple[Summary, ...] = ()
    next: str | None = None
    total: int | None = None


class LateReports(Model):
    """A page of reports with late documents; `next` is the cursor of the following one, null on the last.

    A page may hold fewer than were asked for, and still be followed by another; `total` is always null.
    """

    items: tuple[LateReport, ...] = ()
    next: str | None = None
    total: int | None = None


class WorklistView(Model):
    """Everything that waits, the first page of each list."""

    unreported: Studies
    drafts: Reports
    to_sign: Reports
    signed: Reports
    late: LateReports


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, how far back, which part of a list; `text` is in a name, or begins an identifier.

    `template` is the name or the identifier of the only one that matters; `sort` None is the order of each list.
    """

    by: By
    text: str = ""
    days: int = 30
    mine: bool = False
    before: tuple[str, str] | None = None
    limit: int = 20
    template: str | None = None
    sort: WaitingSort | None = None

    @property
    def look(self) -> Look:
        """The part of a list; one more than a page has tells whether there is another."""
        return Look(self.limit + 1, self.text, self.template, self.before, self.sort)

    @property
    def since(self) -> str:
        """The time from which documents count."""
        return By("", self.by.at - timedelta(days=self.days)).at_text


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A page of a list; `last` is the place after which the next page begins, None where there is none."""

    items: tuple[T, ...]
    last: tuple[str, str] | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    """The use cases on one store."""

    workflow: Workflow
    sign_off: SignOff

    def unreported(self, asked: Asked) -> Part[WaitingStudy]:
        """Return studies that documents came for in the last days and no report is on, the latest first.

        A report that was cancelled or withdrawn is none. Only those that a template fits best, if one is named.
        """
        reach = asked.limit if asked.template is None else max(asked.limit, _LOOKED_AT)
        with self.workflow.store.reading() as transaction:
            rows = transaction.unreported(asked.since, replace(asked.look, limit=reach + 1))
            documents = transaction.documents_of_studies([row["study_instance_uid"] for row in rows])
            total = None if asked.template else transaction.unreported_count(asked.since, asked.text)
        templates = tuple(self.workflow.library.bound()) if rows else ()
        items: list[WaitingStudy] = []
        seen = 0
        for row in rows[:reach]:
            if len(items) == asked.limit:
                break
            seen += 1
            best = self._best(documents[row["study_instance_uid"]], templates)
            if asked.template is None or (best and asked.template in (best.template, best.identifier)):
                items.append(WaitingStudy(**{name: row[name] for name in _OF_STUDY}, template=best))
        last = rows[seen - 1] if seen < len(rows) else None
        place = None if last is None else (last["place"], last["study_instance_uid"])
        return Part(tuple(items), place, total)

    def drafts(self, asked: Asked) -> Part[Summary]:
        """Return open drafts, those that the caller made if only `mine` are asked for, the newest first."""
        author = asked.by.actor if asked.mine else None
        with self.workflow.store.reading() as transaction:
            return _part(transaction.drafts(author, asked.look), asked)

    def to_sign(self, asked: Asked) -> Part[Summary]:
        """Return reports with a preliminary signature, the newest first.

        Where a final report takes two signatures, those that the caller signed are left out. Drafts that nobody has
        signed wait for their author, and are in the list of drafts.
        """
        other_than = asked.by.actor if self.sign_off is SignOff.DOUBLE else None
        with self.workflow.store.reading() as transaction:
            return _part(transaction.preliminary(other_than, asked.look), asked)

    def signed(self, asked: Asked) -> Part[Summary]:
        """Return reports that the caller signed last, the latest signature first."""
        with self.workflow.store.reading() as transaction:
            return _part(transaction.signed_by_actor(asked.by.actor, asked.look), asked)

    def late(self, asked: Asked) -> Part[LateReport]:
        """Return reports whose study got documents in the last days that they do not know, the latest first.

        Signed ones only where an addendum would say something, or the documents cannot be those of the report:
        nothing else is left to do about them.
        """
        with self.workflow.store.reading() as transaction:
            rows = transaction.overtaken(asked.since, asked.look)
            documents = transaction.documents_of_studies([report.study_instance_uid for report, _ in rows])
        here = rows[: asked.limit]
        items = tuple(
            LateReport(report=report, documents=row["documents"], received_at=row["latest"])
            for report, row in here
            if report.status not in SIGNED
            or self._matters(report, row["digest"] or "", documents[report.study_instance_uid])
        )
        return Part(items, (here[-1][1]["place"], here[-1][0].id) if len(rows) > len(here) else None)

    def _matters(self, report: Summary, digest: str, uids: list[str]) -> bool:
        """Tell whether late documents say something about a signed report; found out once for the same documents."""

        def asked() -> bool:
            try:
                offer = Lateness(self.workflow.store, self.workflow.profiles).offer(report.id)
            except Unavailable:
                raise  # which says nothing of the documents, and must not be remembered
            except MrrtError:
                return True  # somebody should look at it
            return bool(offer.addendum or offer.refused)

        return _says.get(sha256("\n".join([report.id, digest, *uids]).encode()).hexdigest(), asked)

    def _best(self, uids: list[str], templates: tuple[Compiled, ...]) -> Fit | None:
        """Return the template that documents fill best; found out once for the same documents and templates."""
        named = "\n".join([*uids, "", *sorted(one.source.digest for one in templates)])
        return _fits.get(sha256(named.encode()).hexdigest(), lambda: self._fitting(uids, templates))

    def _fitting(self, uids: list[str], templates: tuple[Compiled, ...]) -> Fit | None:
        try:
            found = fits([self.workflow.document(uid) for uid in uids], templates)
        except Unavailable:
            raise
        except MrrtError:
            return None  # what cannot be read any more fits nothing; the list of documents says so
        return found[0] if found else None


def _part(found: Counted, asked: Asked) -> Part[Summary]:
    rows, total = found
    return Part(tuple(one for one, _ in rows[: asked.limit]), last_place(rows, asked.limit), total)
