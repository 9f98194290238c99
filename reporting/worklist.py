"""What waits for somebody: studies without a report, drafts, reports to be signed or just signed, late measurements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from mrrt.errors import MrrtError
from mrrt.report import Model
from reporting.fitting import Fit, fits
from reporting.memo import Memo
from reporting.records import By, Summary
from reporting.statuses import SignOff
from reporting.templates import Compiled
from reporting.workflow import Workflow

_fits: Memo[Fit | None] = Memo(2000)


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


class LateReport(Model):
    """A report whose study got documents that it does not know, after it was made."""

    report: Summary
    documents: int
    received_at: str


class Studies(Model):
    """A page of studies; `next` is the cursor of the following one, null on the last."""

    items: tuple[WaitingStudy, ...] = ()
    next: str | None = None


class Reports(Model):
    """A page of reports; `next` is the cursor of the following one, null on the last."""

    items: tuple[Summary, ...] = ()
    next: str | None = None


class LateReports(Model):
    """A page of reports with late documents; `next` is the cursor of the following one, null on the last."""

    items: tuple[LateReport, ...] = ()
    next: str | None = None


class WorklistView(Model):
    """Everything that waits, the first page of each list."""

    unreported: Studies
    drafts: Reports
    to_sign: Reports
    signed: Reports
    late: LateReports


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, how far back, which part of a list; `text` is in a name, or begins an identifier."""

    by: By
    text: str = ""
    days: int = 30
    mine: bool = False
    before: tuple[str, str] | None = None
    limit: int = 20

    @property
    def since(self) -> str:
        """The time from which documents count."""
        return By("", self.by.at - timedelta(days=self.days)).at_text


@dataclass(frozen=True, slots=True)
class Worklist:
    """The use cases on one store. Each list returns one item more than a page has, where there are more."""

    workflow: Workflow
    sign_off: SignOff

    def unreported(self, asked: Asked) -> tuple[WaitingStudy, ...]:
        """Return studies that documents came for in the last days and no report is on, the latest first.

        A report that was cancelled or withdrawn is none.
        """
        with self.workflow.store.reading() as transaction:
            rows = transaction.unreported(asked.since, asked.text, asked.before, asked.limit + 1)
            documents = transaction.documents_of_studies([row["study_instance_uid"] for row in rows])
        templates = tuple(self.workflow.library.bound()) if rows else ()
        return tuple(
            WaitingStudy(**row, template=self._best(documents[row["study_instance_uid"]], templates)) for row in rows
        )

    def drafts(self, asked: Asked) -> tuple[Summary, ...]:
        """Return open drafts, those that the caller made if only `mine` are asked for, the newest first."""
        author = asked.by.actor if asked.mine else None
        with self.workflow.store.reading() as transaction:
            return transaction.drafts(author, asked.text, asked.before, asked.limit + 1)

    def to_sign(self, asked: Asked) -> tuple[Summary, ...]:
        """Return reports with a preliminary signature, the newest first.

        Where a final report takes two signatures, those that the caller signed are left out. Drafts that nobody has
        signed wait for their author, and are in the list of drafts.
        """
        other_than = asked.by.actor if self.sign_off is SignOff.DOUBLE else None
        with self.workflow.store.reading() as transaction:
            return transaction.preliminary(other_than, asked.text, asked.before, asked.limit + 1)

    def signed(self, asked: Asked) -> tuple[Summary, ...]:
        """Return reports that the caller signed last, the latest signature first."""
        with self.workflow.store.reading() as transaction:
            return transaction.signed_by_actor(asked.by.actor, asked.text, asked.before, asked.limit + 1)

    def late(self, asked: Asked) -> tuple[LateReport, ...]:
        """Return reports whose study got documents in the last days that they do not know, the latest first."""
        with self.workflow.store.reading() as transaction:
            found = transaction.overtaken(asked.since, asked.text, asked.before, asked.limit + 1)
        return tuple(LateReport(report=report, documents=count, received_at=at) for report, count, at in found)

    def _best(self, uids: list[str], templates: tuple[Compiled, ...]) -> Fit | None:
        """Return the template that documents fill best; found out once for the same documents and templates."""
        named = "\n".join([*uids, "", *sorted(one.source.digest for one in templates)])
        return _fits.get(sha256(named.encode()).hexdigest(), lambda: self._fitting(uids, templates))

    def _fitting(self, uids: list[str], templates: tuple[Compiled, ...]) -> Fit | None:
        try:
            found = fits([self.workflow.document(uid) for uid in uids], templates)
        except MrrtError:
            return None  # what cannot be read any more fits nothing; the list of documents says so
        return found[0] if found else None
