"""The use cases of a report's life after it was filled. One use case is one transaction.

Who acts, and when, are arguments. What a status allows is in reporting/statuses.py, what each step makes of a report in
reporting/lifecycle.py; who may do it is the business of the edges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mrrt.errors import Conflict
from mrrt.report import ReportStatus
from reporting.draft import Draft
from reporting.lifecycle import (
    Acknowledging,
    acknowledged,
    appended,
    cancelled,
    revised,
    signed,
    signed_preliminary,
    withdrawn,
)
from reporting.once import Once
from reporting.records import By, Record
from reporting.statuses import Action, SignOff, refuse, stands
from reporting.store import Store
from reporting.store_transaction import Writing
from reporting.templates import Compiled, compiled, shaped
from reporting.views import Changes, ReportView, report_view
from reporting.workflow import as_made, latest, rendered, saved

SIGNED_RENDITIONS = ("text", "html", "json")
"""The formats that are rendered when a version is signed, and kept."""
Step = Callable[[Record, Compiled], Draft]


@dataclass(frozen=True, slots=True)
class Signing:
    """The use cases on one store; `sign_off` says how many signatures a final report of the site takes."""

    store: Store
    sign_off: SignOff = SignOff.SINGLE

    def acknowledge(
        self, report_id: str, given: Sequence[Acknowledging], by: By, version: int | None = None
    ) -> Changes:
        """Acknowledge alerts of a draft, each with a reason."""
        with self.store.writing(report_id) as transaction:
            record, template = latest(transaction, report_id, version)
            after = acknowledged(record.draft, template, given, by)
            return saved(transaction, record, after, template, by, Action.ACKNOWLEDGE)

    def sign(
        self,
        report_id: str,
        by: By,
        version: int | None = None,
        *,
        preliminary: bool = False,
        acknowledging: Sequence[Acknowledging] = (),
    ) -> ReportView:
        """Sign a draft, acknowledging alerts by the way; raises NotReady with what forbids it."""

        def step(record: Record, template: Compiled) -> Draft:
            draft = acknowledged(record.draft, template, acknowledging, by) if acknowledging else record.draft
            if preliminary:
                return signed_preliminary(draft, template, by)
            return signed(draft, template, by, self.sign_off)

        action = Action.SIGN_PRELIMINARY if preliminary else Action.SIGN
        return self._done(report_id, step, by, version, action)

    def revise(self, report_id: str, kind: ReportStatus, reason: str, by: By, version: int | None = None) -> ReportView:
        """Open a revision of a signed report, to amend or to correct it; the signed version stands meanwhile."""
        return self._done(
            report_id,
            lambda record, _: revised(record.draft, record.version, kind, reason, by),
            by,
            version,
            Action.REVISE,
        )

    def discard(self, report_id: str, by: By, version: int | None = None) -> ReportView:
        """Close a revision without signing it: the report is again what stood meanwhile, down to its renderings."""
        with self.store.writing(report_id) as transaction:
            record, _ = latest(transaction, report_id, version)
            refuse(record.draft.report, Action.DISCARD)
            revision = record.draft.report.revision
            assert revision is not None  # what the table of transitions asks for
            standing = transaction.report_version(report_id, revision.version)
            template = _template(transaction, standing.draft)
            kept = (transaction.rendition(report_id, revision.version, name) for name in SIGNED_RENDITIONS)
            renditions = [one for one in kept if one is not None]
            after = transaction.add_version(record, standing.draft, template.template, by, Action.DISCARD, renditions)
        return report_view(after, template)

    def append(
        self,
        report_id: str,
        text: str,
        by: By,
        version: int | None = None,
        documents: Sequence[str] = (),
        once: Once | None = None,
    ) -> ReportView:
        """Add a signed addendum to a signed report, which itself stays word by word as it is.

        `documents` are those that came after the signature, where the addendum is about them; raises Conflict for one
        that is not of the report's study. With `once`, a request that comes again adds nothing.
        """

        def step(record: Record, _: Compiled) -> Draft:
            return appended(record.draft, text, by, documents)

        return self._done(report_id, step, by, version, Action.APPEND, once, documents)

    def cancel(self, report_id: str, reason: str, by: By, version: int | None = None) -> ReportView:
        """Cancel a draft: it will not become a report."""
        return self._done(report_id, lambda record, _: cancelled(record.draft, reason), by, version, Action.CANCEL)

    def withdraw(self, report_id: str, reason: str, by: By, version: int | None = None) -> ReportView:
        """Mark a signed report as entered in error."""
        return self._done(report_id, lambda record, _: withdrawn(record.draft, reason), by, version, Action.WITHDRAW)

    def _done(
        self,
        report_id: str,
        step: Step,
        by: By,
        version: int | None,
        action: Action,
        once: Once | None = None,
        documents: Sequence[str] = (),
    ) -> ReportView:
        """Take a step, store what became of the report, and keep its renderings if it stands from now on."""
        with self.store.writing(report_id) as transaction:
            if once is not None and (made := transaction.recall(once, by)) is not None:
                return as_made(transaction, made)
            record, template = latest(transaction, report_id, version)
            _refuse_foreign(transaction, record.draft, documents)
            draft = step(record, template)
            shape = shaped(template, draft.report)
            if once is not None:
                transaction.remember(once, by, f"{report_id} {record.version + 1}")
            formats = SIGNED_RENDITIONS if stands(draft.report) else ()
            renditions = [rendered(draft, shape, name) for name in formats]
            after = transaction.add_version(record, draft, shape.template, by, action, renditions)
        return report_view(after, shape)


def _refuse_foreign(transaction: Writing, draft: Draft, documents: Sequence[str]) -> None:
    """Raise Conflict for a document of another study, or of none: it would go when this report is erased."""
    study = draft.report.study.study_instance_uid if documents else ""
    known = {line.sop_instance_uid for line in transaction.documents_of(study)} if study else set()
    if foreign := [uid for uid in documents if uid not in known]:
        raise Conflict(
            f'"{foreign[0]}" is no received document of the study that the report is on; '
            f"those are: {', '.join(sorted(known)) or 'none'}. Leave it out of `documents`, or receive it first."
        )


def _template(transaction: Writing, draft: Draft) -> Compiled:
    return shaped(compiled(transaction.template(draft.template_version)), draft.report)
