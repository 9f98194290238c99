"""The use cases: what people and programs do with reports. One use case is one transaction.

Nothing here knows HTTP or SQL. Who acts, when, and the ids of new things are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Literal

from mrrt.errors import Conflict, MrrtError, NotFound, Unreadable, UsageError
from mrrt.render import FORMATS, render
from mrrt.template import Template
from reporting.draft import About, Draft, Edit, begin, edited, filled
from reporting.errors import Moved, Unavailable
from reporting.fitting import Fit, fits
from reporting.known_fields import refuse_unknown
from reporting.library import Library, find, refuse_retired
from reporting.once import Once
from reporting.proposals import Proposal, propose
from reporting.records import By, DocumentFilter, DocumentLine, Filter, Record, Rendition, Summary
from reporting.report_language import report_language
from reporting.store import Store
from reporting.store_search import last_place
from reporting.store_transaction import Reading, Writing
from reporting.templates import Compiled, compiled, form, shaped
from reporting.unmapped import UnmappedLine, tally
from reporting.views import Changes, FormView, ReportView, changes, form_view, report_view
from sr_import import Document, profiles_of, read, read_whole

Which = int | Literal["latest", "signed"]
"""A version of a report: its number, the latest one, or the one that stands for readers outside."""


@dataclass(frozen=True, slots=True)
class Received:
    """An SR document in the store, and whether it is new there."""

    document: Document
    new: bool


@dataclass(frozen=True, slots=True)
class Workflow:
    """The use cases on one store; `templates` are the site's own template folders, `language` that of new reports.

    `profiles` are the site's own folders of vendor profiles, `zone` is the time zone in which days are meant.
    """

    store: Store
    templates: tuple[Path, ...] = ()
    language: str = ""
    profiles: tuple[Path, ...] = ()
    zone: tzinfo = UTC

    @property
    def library(self) -> Library:
        """The use cases on templates."""
        return Library(self.store, self.templates)

    # -- templates

    def template(self, name: str) -> Template:
        """Return a template by name or identifier; raises NotFound."""
        return compiled(self.library.source(name)).template

    def template_form(self, name: str) -> str:
        """Return the page of a template as safe HTML."""
        return form(self.library.source(name))

    # -- documents

    def receive(self, content: bytes, by: By) -> Received:
        """Keep an SR document. Receiving the same bytes again changes nothing.

        Raises Unreadable for what is no SR document, Conflict for other bytes under a known SOP Instance UID.
        """
        document = read_whole(content, profiles_of(self.profiles))
        if not document.sop_instance_uid:
            raise Unreadable("The document has no SOP Instance UID; it cannot be told from others and is not kept.")
        with self.store.writing() as transaction:
            known = transaction.document(document.sop_instance_uid)
            if known is None:
                transaction.add_document(document, content, by)
        if known is not None and known != content:
            raise Conflict("Another document with the same SOP Instance UID is already here; the first one is kept.")
        return Received(document, new=known is None)

    def fits(self, document: Document) -> tuple[Fit, ...]:
        """Return the templates that a document fills, the best first."""
        return fits([document], self.library.bound())

    def document(self, uid: str) -> Document:
        """Return a received SR document; raises NotFound."""
        with self.store.reading() as transaction:
            return self._document(transaction, uid)

    def documents(
        self, wanted: DocumentFilter, limit: int, before: tuple[str, str] | None = None
    ) -> tuple[DocumentLine, ...]:
        """Return up to `limit` received documents that pass a filter, the latest first, after a place."""
        with self.store.reading() as transaction:
            return transaction.documents(wanted, limit, before)

    def unmapped(self, template: str | None = None) -> tuple[UnmappedLine, ...]:
        """Return what devices measured and no binding wanted, of one template (name or identifier) if that is named.

        A template that is gone is found by its identifier.
        """
        found = None if template is None else self._template_or_none(template)
        with self.store.reading() as transaction:
            return transaction.unmapped(template if found is None else found.template.identifier)

    def proposals(self, lines: Sequence[UnmappedLine]) -> tuple[Proposal | None, ...]:
        """Return for each line what could be done about it; nothing where its template is not to be had any more."""
        templates = {line.template for line in lines}
        known = {name: self._template_or_none(name) for name in templates}
        return tuple(propose(line, found) if (found := known[line.template]) else None for line in lines)

    def _template_or_none(self, name: str) -> Compiled | None:
        try:
            return compiled(self.library.source(name))
        except MrrtError:
            return None

    # -- reports

    def create(
        self,
        report_id: str,
        template: str,
        documents: Sequence[str],
        by: By,
        language: str = "",
        about: About | None = None,
        once: Once | None = None,
    ) -> ReportView:
        """Make a draft from a template and received SR documents; raises Conflict for a retired template.

        With `once`, a request that comes again is answered with the draft as it was made the first time.
        """
        with self.store.writing() as transaction:
            if once is not None and (made := transaction.recall(once, by)) is not None:
                return as_made(transaction, made)
            chosen = compiled(find(transaction, template, self.templates))
            refuse_retired(transaction, template, chosen.template.status)
            read_ones = [self._document(transaction, uid) for uid in dict.fromkeys(documents)]
            spoken = report_language(chosen.full, language, self.language, "body.language")
            draft = begin(chosen, read_ones, spoken, about)
            _note_unmapped(transaction, draft, read_ones, by)
            shape = shaped(chosen, draft.report)
            if once is not None:
                transaction.remember(once, by, f"{report_id} 1")
            record = transaction.add_report(report_id, draft, chosen.source, shape.template, by)
        return report_view(record, shape)

    def get(self, report_id: str) -> ReportView:
        """Return a report at its latest version; raises NotFound."""
        record, template = self._report(report_id)
        return report_view(record, template)

    def search(self, wanted: Filter, limit: int, place: str = "query") -> tuple[Summary, ...]:
        """Return up to `limit` reports that pass the filter, in its order; raises WrongQuery, as `search_page` does."""
        return self.search_page(wanted, limit, place)[0]

    def search_page(
        self, wanted: Filter, limit: int, place: str = "query"
    ) -> tuple[tuple[Summary, ...], tuple[str, str] | None]:
        """Return up to `limit` reports that pass the filter, in its order, and the place after which others follow.

        Raises WrongQuery, with `place` before its parameter, for a field that nothing has: that search finds nothing,
        so that only one which does has to look.
        """
        with self.store.reading() as transaction:
            found = transaction.listed(wanted, limit + 1)
            if not found:
                refuse_unknown(transaction, self.templates, wanted, place)
        return tuple(one for one, _ in found[:limit]), last_place(found, limit)

    def refuse_unknown_fields(self, wanted: Filter, place: str) -> None:
        """Raise WrongQuery, as `search` does, for a field that nothing has."""
        with self.store.reading() as transaction:
            refuse_unknown(transaction, self.templates, wanted, place)

    def edit(self, report_id: str, edits: Sequence[Edit], by: By, version: int | None = None) -> Changes:
        """Enter values into a draft: all of them or, if one is wrong, none. Derives and saves.

        Raises Moved if `version` is given and is not the latest, unless the report says all of it already: a client
        whose answer was lost may send its edits again (RFC 9110 section 13.1.1), and is told what changed since then.
        """
        with self.store.writing(report_id) as transaction:
            record, template = latest(transaction, report_id, None)
            if version not in (None, record.version):
                return _since(transaction, record, template, edits, version)
            after = edited(record.draft, template, edits)
            self._note_chosen(transaction, record.draft, edits)
            return saved(transaction, record, after, template, by, "edit")

    def add_documents(self, report_id: str, documents: Sequence[str], by: By, version: int | None = None) -> Changes:
        """Fill a draft from further SR documents of the same patient and study; typed values stay."""
        with self.store.writing() as transaction:
            record, template = latest(transaction, report_id, version)
            uids = dict.fromkeys((*record.draft.report.documents, *documents))
            read_ones = [self._document(transaction, uid) for uid in uids]
            after = filled(record.draft, template, read_ones)
            _note_unmapped(transaction, after, read_ones, by)
            return saved(transaction, record, after, template, by, "fill")

    def rendering(self, report_id: str, name: str, version: Which | None = None) -> Rendition:
        """Return a report in an output format: the version that is named, else the signed one that stands."""
        return self.rendered_version(report_id, name, version)[0]

    def rendered_version(self, report_id: str, name: str, version: Which | None = None) -> tuple[Rendition, int]:
        """Return a report in an output format, and which version that is.

        Of a signed version these are the very bytes made when it was signed. A report that was never signed is
        rendered as the draft that it is.
        """
        if name not in FORMATS:
            raise UsageError(f'"{name}" is no output format; known are {", ".join(FORMATS)}')
        with self.store.reading() as transaction:
            record = transaction.report(report_id)
            wanted = record.signed_version or record.version if version is None else numbered(record, version)
            if wanted != record.version:
                record = transaction.report_version(report_id, wanted)
            kept = transaction.rendition(report_id, wanted, name)
            template = compiled(transaction.template(record.draft.template_version))
        return kept or rendered(record.draft, shaped(template, record.draft.report), name), wanted

    def report_form(self, report_id: str) -> FormView:
        """Return the form of a report: the page that it is pinned to, in the shape of its values, and its fields."""
        return form_view(*self._report(report_id))

    def _note_chosen(self, transaction: Writing, draft: Draft, edits: Sequence[Edit]) -> None:
        """Keep which fields readers give measurements without a place, as proposals for their bindings."""
        for edit in edits:
            placed = [
                one for one in draft.unmatched if edit.path and (one.document, one.path) == (edit.document, edit.path)
            ]
            for one in placed:
                documents = [self._document(transaction, one.document or "")]
                lines = tally([one], documents, draft.report.template, "")
                transaction.note_assigned(lines, edit.field)

    def _document(self, transaction: Reading, uid: str) -> Document:
        content = transaction.document(uid)
        if content is None:
            raise NotFound(f'there is no document "{uid}"')
        return read(content, profiles_of(self.profiles))

    def _report(self, report_id: str) -> tuple[Record, Compiled]:
        with self.store.reading() as transaction:
            return latest(transaction, report_id, None)


def _since(transaction: Reading, record: Record, template: Compiled, edits: Sequence[Edit], version: int) -> Changes:
    """Return what changed since an earlier version, if the report says all that is edited already; else raise Moved."""
    try:
        holds = edited(record.draft, template, edits) is record.draft
        before = transaction.report_version(record.id, version).draft
    except Unavailable:
        raise
    except MrrtError:
        raise Moved(version, record.version) from None
    if not holds or before.template_version != record.draft.template_version:
        raise Moved(version, record.version)
    return changes(before, record, template)


def numbered(record: Record, which: Which) -> int:
    """Return the number of a version that is named by its number, or as the latest or the signed one; or NotFound."""
    if which == "latest":
        return record.version
    if which == "signed":
        if record.signed_version is None:
            raise NotFound(f'no version of the report "{record.id}" is signed')
        return record.signed_version
    return which


def latest(transaction: Reading, report_id: str, version: int | None) -> tuple[Record, Compiled]:
    """Return a report with its template in the shape of its values; raises Moved if `version` is not the latest."""
    record = transaction.report(report_id)
    if version is not None and version != record.version:
        raise Moved(version, record.version)
    template = compiled(transaction.template(record.draft.template_version))
    return record, shaped(template, record.draft.report)


def as_made(transaction: Reading, made: str) -> ReportView:
    """Return what a request answered when it came first: the id of a report and the version that it made."""
    report_id, _, number = made.partition(" ")
    record = transaction.report_version(report_id, int(number))
    template = compiled(transaction.template(record.draft.template_version))
    return report_view(replace(record, signed_version=None, signed_status=None), shaped(template, record.draft.report))


def _note_unmapped(transaction: Writing, draft: Draft, documents: Sequence[Document], by: By) -> None:
    """Add up what no binding wanted of documents that this template has not seen before."""
    template = draft.report.template
    new = [
        one for one in documents if one.sop_instance_uid and transaction.count_document(template, one.sop_instance_uid)
    ]
    transaction.add_unmapped(tally(draft.unmatched, new, template, by.at_text))


def saved(transaction: Writing, record: Record, after: Draft, template: Compiled, by: By, action: str) -> Changes:
    """Store what became of a draft, unless nothing did, and tell what changed."""
    kept = record
    if after != record.draft:
        shape = shaped(template, after.report)
        kept = transaction.add_version(record, after, shape.template, by, action)
    return changes(record.draft, kept, template)


def rendered(draft: Draft, template: Compiled, name: str) -> Rendition:
    """Return a draft in an output format; `template` is in the shape that its values give it."""
    return Rendition(name, FORMATS[name].media_type, render(draft.report, template.template, name))
