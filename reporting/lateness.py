"""Measurements that arrive late: what documents of a study would change in a report that was made before they came.

A draft is offered the difference and takes it when somebody says so; what was typed stays on top, and that is said. A
signed report is never touched: what would be different becomes the text of an addendum, for somebody to sign or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mrrt.errors import Conflict
from mrrt.render import shown
from mrrt.report import Model, Provenance, Report, ReportStatus
from mrrt.template import Field
from reporting.draft import Draft, filled
from reporting.records import By, DocumentLine
from reporting.statuses import OPEN, SIGNED, Action, refuse
from reporting.store import Store
from reporting.store_transaction import Reading
from reporting.templates import Compiled
from reporting.views import Changes
from reporting.workflow import latest, saved
from sr_import import Document, profiles_of, read


class LateChange(Model):
    """What late documents would change in one field, as people read it; empty texts stand for no value.

    `stays` says that the reader typed something else, which stands above what arrived.
    """

    field: str
    label: str
    before: str
    after: str
    provenance: Provenance | None = None
    """That of the value afterwards; null where it would be gone."""
    stays: bool = False


class LateView(Model):
    """Documents of the study that a report does not know yet, and what they would change in it."""

    report: str
    version: int
    status: ReportStatus
    documents: tuple[DocumentLine, ...] = ()
    changes: tuple[LateChange, ...] = ()
    refused: str = ""
    """Why the documents cannot fill this report, for instance because they name another patient."""
    applicable: bool = False
    """The report is open: its draft can be filled from the documents."""
    addendum: str = ""
    """Text for an addendum, where the report is signed and something would be different."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """The use cases on one store; `profiles` are the site's own folders of vendor profiles."""

    store: Store
    profiles: tuple[Path, ...] = ()

    def offer(self, report_id: str) -> LateView:
        """Return what late documents would change; nothing is changed by asking. Raises NotFound."""
        with self.store.reading() as transaction:
            record, template = latest(transaction, report_id, None)
            draft = record.draft
            lines = late_documents(transaction, draft)
            uids = [*draft.report.documents, *(line.sop_instance_uid for line in lines)] if lines else []
            documents = [self._document(transaction, uid) for uid in uids if uid]
        changes, refused = _difference(draft, template, documents) if lines else ((), "")
        status = draft.report.status
        return LateView(
            report=record.id,
            version=record.version,
            status=status,
            documents=lines,
            changes=changes,
            refused=refused,
            applicable=bool(lines) and not refused and status in OPEN,
            addendum=addendum_text(changes, draft.report.language) if status in SIGNED else "",
        )

    def decline(self, report_id: str, documents: Sequence[str], by: By, version: int | None = None) -> Changes:
        """Note that late documents are not wanted in a draft, so that they are not offered again."""
        with self.store.writing(report_id) as transaction:
            record, template = latest(transaction, report_id, version)
            refuse(record.draft.report, Action.DECLINE)
            offered = {line.sop_instance_uid for line in late_documents(transaction, record.draft)}
            if unknown := [uid for uid in documents if uid not in offered]:
                raise Conflict(f'"{unknown[0]}" is not offered to this report; late are: {_listed(offered)}')
            declined = (*record.draft.declined, *dict.fromkeys(documents))
            after = record.draft.model_copy(update={"declined": declined})
            return saved(transaction, record, after, template, by, Action.DECLINE)

    def _document(self, transaction: Reading, uid: str) -> Document:
        content = transaction.document(uid)
        assert content is not None  # none is removed that a report was made of, or may be
        return read(content, profiles_of(self.profiles))


def late_documents(transaction: Reading, draft: Draft) -> tuple[DocumentLine, ...]:
    """Return the documents of a report's study that it has not dealt with, the oldest first."""
    study = draft.report.study.study_instance_uid
    if not study or draft.report.status not in OPEN | SIGNED:
        return ()
    known = draft.dealt_with
    lines = transaction.documents_of(study)
    return tuple(line for line in lines if line.sop_instance_uid not in known)


def addendum_text(changes: Sequence[LateChange], language: str) -> str:
    """Return an addendum that says what late measurements would make different; "" where nothing would be."""
    said = _SAID.get(language, _SAID["en"])
    lines = [
        said["line"].format(label=one.label, after=one.after or said["none"], before=one.before or said["none"])
        for one in changes
        if not one.stays
    ]
    return "\n".join([said["head"], *lines]) if lines else ""


_SAID = {
    "en": {
        "head": "Measurements arrived after this report was signed. With them it would say:",
        "line": "- {label}: {after} (report: {before})",
        "none": "no value",
    },
    "de": {
        "head": "Nach der Signatur sind Messwerte eingetroffen. Mit ihnen würde der Befund lauten:",
        "line": "- {label}: {after} (Befund: {before})",
        "none": "kein Wert",
    },
}


def _difference(draft: Draft, template: Compiled, documents: Sequence[Document]) -> tuple[tuple[LateChange, ...], str]:
    """Return what filling from all documents would change, and why it cannot be done where it cannot."""
    opened = draft.report.model_copy(update={"status": ReportStatus.PARTIAL})
    try:
        after = filled(draft.model_copy(update={"report": opened}), template, documents).report
    except Conflict as error:
        return (), str(error)
    found = (_change(field, draft.report, after) for field in template.template.fields)
    return tuple(one for one in found if one is not None), ""


def _change(field: Field, before: Report, after: Report) -> LateChange | None:
    """Return what is different in a field: the value that stands, or the imported one that a typed value covers."""
    key, language = field.key, before.language
    was, now = before.value(key), after.value(key)
    stays = was == now
    if stays:
        was, now = before.imported.get(key), after.imported.get(key)
    texts = ["" if value is None else shown(field, value, language) for value in (was, now)]
    if texts[0] == texts[1] or key in after.irrelevant:
        return None
    provenance = None if now is None else now.provenance
    label = field.label_in(language) or key
    return LateChange(field=key, label=label, before=texts[0], after=texts[1], provenance=provenance, stays=stays)


def _listed(uids: set[str]) -> str:
    return ", ".join(sorted(uids)) or "none"
