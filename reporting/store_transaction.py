"""What can be read and written inside one transaction of the store; store_library.py holds what is about templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from mrrt.errors import NotFound
from mrrt.report import Report, ReportStatus
from mrrt.template import Template
from reporting import store_tables as tables
from reporting.draft import Draft, canonical
from reporting.errors import Moved
from reporting.memo import Memo
from reporting.records import By, Record, Rendition, ReportVersionLine
from reporting.report_columns import head_columns, standing_columns
from reporting.searching import name_key
from reporting.statuses import stands
from reporting.store_audit import AuditReading, AuditWriting
from reporting.store_backup import BackupReading, BackupWriting
from reporting.store_commitment import CommitmentReading, CommitmentWriting
from reporting.store_erase import EraseReading, EraseWriting
from reporting.store_feed import FeedReading
from reporting.store_holds import HoldReading, HoldWriting
from reporting.store_identity import IdentityReading, IdentityWriting
from reporting.store_inbox import InboxReading, InboxWriting
from reporting.store_jobs import JobReading, JobWriting
from reporting.store_library import LibraryReading, LibraryWriting
from reporting.store_once import OnceWriting
from reporting.store_search import SearchReading
from reporting.store_trial import TrialReading, TrialWriting
from reporting.store_unmapped import UnmappedReading, UnmappedWriting
from reporting.store_verify import VerifyReading
from reporting.store_worklist import WorklistReading
from reporting.value_rows import ValueRow, changed_rows, value_rows
from sr_import import Document
from templates_lib.loader import TemplateSource


class Reading(
    LibraryReading,
    InboxReading,
    CommitmentReading,
    UnmappedReading,
    SearchReading,
    WorklistReading,
    JobReading,
    FeedReading,
    HoldReading,
    EraseReading,
    AuditReading,
    VerifyReading,
    BackupReading,
    IdentityReading,
    TrialReading,
):
    """The questions that the store answers."""

    def document(self, uid: str) -> bytes | None:
        """Return an SR document exactly as it was received."""
        query = sa.select(tables.sr_document.c.content).where(tables.sr_document.c.sop_instance_uid == uid)
        return self._connection.scalar(query)

    def report(self, report_id: str) -> Record:
        """Return the latest version of a report; raises NotFound."""
        row = self._connection.execute(_LATEST, {"wanted": report_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(f'there is no report "{report_id}"')
        return self._record(row)

    def _record(self, row: RowMapping) -> Record:
        """Return a report from a row of its head with the number and the digest of a version."""
        place = {"wanted": row["id"], "version": row["version"]}

        def read() -> Draft:
            return Draft.model_validate_json(self._connection.execute(_DOCUMENT, place).scalar_one())

        status = row["signed_status"]
        return Record(
            id=row["id"],
            version=row["version"],
            draft=_drafts.get(row["digest"], read),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            author=row["author"],
            signed_version=row["signed_version"],
            signed_status=None if status is None else ReportStatus(status),
        )

    def report_version(self, report_id: str, version: int) -> Record:
        """Return a version of a report; raises NotFound."""
        query = (
            sa.select(*(column for column in _HEAD.c if column.name not in ("version", "updated_at")))
            .add_columns(_VERSION.c.version, _VERSION.c.digest, _VERSION.c.at.label("updated_at"))
            .select_from(_HEAD.join(_VERSION, _VERSION.c.report_id == _HEAD.c.id))
            .where(_HEAD.c.id == report_id, _VERSION.c.version == version)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f'there is no version {version} of a report "{report_id}"')
        return self._record(row)

    def saying(self, record: Record) -> Record:
        """Return the version whose values a report is found by: the signed one while its revision is open."""
        revision = record.draft.report.revision
        return record if revision is None else self.report_version(record.id, revision.version)

    def version_lines(
        self, report_id: str, before: int | None = None, limit: int | None = None
    ) -> tuple[ReportVersionLine, ...]:
        """Return the versions of a report, the latest first; up to `limit` of those below a number, if given."""
        query = sa.select(*(_VERSION.c[name] for name in ReportVersionLine.model_fields))
        query = query.where(_VERSION.c.report_id == report_id).order_by(_VERSION.c.version.desc()).limit(limit)
        if before is not None:
            query = query.where(_VERSION.c.version < before)
        return tuple(ReportVersionLine(**row) for row in self._connection.execute(query).mappings())

    def template(self, digest: str) -> TemplateSource:
        """Return the texts that a report is pinned to."""
        return _templates.get(digest, lambda: self._read_template(digest))

    def _read_template(self, digest: str) -> TemplateSource:
        table = tables.template_version
        row = self._connection.execute(sa.select(table).where(table.c.digest == digest)).mappings().one()
        page = tables.template_page
        query = sa.select(page.c.identifier, page.c.html).where(page.c.digest == digest).order_by(page.c.identifier)
        pages = tuple((one.identifier, one.html) for one in self._connection.execute(query))
        place = f"{row['name']} (version {digest[:8]})"
        return TemplateSource(row["name"], place, place, row["html"], row["logic"], row["bindings"], pages)

    def rendition(self, report_id: str, version: int, name: str) -> Rendition | None:
        """Return the rendering that was made when this version was signed."""
        table = tables.rendition
        query = sa.select(table.c.format, table.c.media_type, table.c.content).where(
            table.c.report_id == report_id, table.c.version == version, table.c.format == name
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Rendition(*row)

    def values(self, report_id: str) -> tuple[ValueRow, ...]:
        """Return the value rows of a report as they are stored."""
        table = tables.report_value
        columns = [column for column in table.c if column.name != "report_id"]
        query = sa.select(*columns).where(table.c.report_id == report_id).order_by(table.c.field, table.c.position)
        return tuple(ValueRow(**row) for row in self._connection.execute(query).mappings())

    def documents_known_by(self, report_id: str) -> tuple[str, ...]:
        """Return the documents that a report was filled from or dealt with, as the rows say."""
        table = tables.report_document
        return tuple(self._connection.scalars(sa.select(table.c.document).where(table.c.report_id == report_id)))


class Writing(
    Reading,
    LibraryWriting,
    InboxWriting,
    CommitmentWriting,
    UnmappedWriting,
    OnceWriting,
    JobWriting,
    HoldWriting,
    EraseWriting,
    AuditWriting,
    BackupWriting,
    IdentityWriting,
    TrialWriting,
):
    """The changes that can be made to the store."""

    def add_document(self, document: Document, content: bytes, by: By) -> None:
        """Keep an SR document as it was received."""
        row = {
            "sop_instance_uid": document.sop_instance_uid,
            "content": content,
            "received_at": by.at_text,
            "title": document.title.meaning if document.title else "",
            "study_instance_uid": document.study.study_instance_uid,
            "patient_id": document.patient.identifier,
            "patient_name": document.patient.name,
            "patient_key": name_key(document.patient.name),
            "accession_number": document.study.accession_number,
            "study_date": document.study.date,
            "description": document.study.description,
            "device": document.study.device,
            "measurements": len(document.measurements),
        }
        self._connection.execute(sa.insert(tables.sr_document).values(row))
        digest = sha256(content).hexdigest()
        self.audit("receive", by, document=document.sop_instance_uid, digest=digest)

    def add_report(self, report_id: str, draft: Draft, source: TemplateSource, template: Template, by: By) -> Record:
        """Store version 1 of a new report, and the template texts that it is pinned to."""
        self.keep_template(source, by)
        first = {"id": report_id, "version": 1, "created_at": by.at_text, "author": by.actor}
        pinned = {
            "template": template.identifier,
            "template_name": source.name,
            "template_title": template.title,
        }
        self._connection.execute(
            sa.insert(tables.report).values({**first, **pinned, **head_columns(draft, by.at_text)})
        )
        record = Record(report_id, 1, draft, by.at_text, by.at_text, by.actor)
        self._add_version(record, template, by, "create")
        return record

    def add_version(
        self,
        record: Record,
        draft: Draft,
        template: Template,
        by: By,
        action: str,
        renditions: Sequence[Rendition] = (),
    ) -> Record:
        """Store the next version of a report, and the renderings made of it if it was signed.

        Raises Moved if somebody else stored one since `record` was read.
        """
        version = record.version + 1
        head = {"version": version, **head_columns(draft, by.at_text), **standing_columns(draft, version)}
        head["template_title"] = template.title  # a later version of the template may have another
        place = {"wanted": record.id, "known": record.version}
        if self._connection.execute(_UPDATE, {**head, **place}).rowcount != 1:
            raise Moved(record.version, self.report(record.id).version)
        after = replace(record, version=version, draft=draft, updated_at=by.at_text)
        if stands(draft.report):
            after = replace(after, signed_version=version, signed_status=draft.report.status)
        self._add_version(after, template, by, action, record.draft, renditions)
        return after

    def _add_renditions(self, record: Record, renditions: Iterable[Rendition]) -> None:
        place = {"report_id": record.id, "version": record.version}
        rows = [
            {**place, "format": one.format, "media_type": one.media_type, "content": one.content} for one in renditions
        ]
        self._connection.execute(sa.insert(tables.rendition), rows)

    def rebuild_values(self, record: Record, template: Template) -> None:
        """Make the value rows of a report anew from what it says, and those of its documents from its latest version.

        `template` is that of the version which says it (`saying`).
        """
        table, report = tables.report_value, self.saying(record).draft.report
        self._connection.execute(sa.delete(table).where(table.c.report_id == record.id))
        self._add_values(record.id, value_rows(report, template))
        self._put_documents(record.id, record.draft)

    def _follow(self, record: Record, template: Template, before: Draft | None) -> None:
        """Bring the rows of a report up to date with its latest version; `before` is the one that it was until now.

        While a revision is open, readers outside find what is signed: its values stay until the revision is closed.
        """
        now = record.draft
        if before is not None and now.report.revision is not None:
            if before.dealt_with != now.dealt_with:
                self._put_documents(record.id, now)
        elif before is None or before.template_version != now.template_version or before.report.revision is not None:
            self.rebuild_values(record, template)
        else:
            self._update_values(record, template, before.report)
            if before.dealt_with != now.dealt_with:
                self._put_documents(record.id, now)

    def _update_values(self, record: Record, template: Template, before: Report) -> None:
        """Bring the rows of a report up to date with its latest version; `before` is what they say now."""
        report = record.draft.report
        fields, rows = changed_rows(before, report, template)
        if fields:
            self._connection.execute(_DELETE_FIELDS, {"wanted": record.id, "fields": fields})
        self._add_values(record.id, rows)

    def _add_values(self, report_id: str, rows: Iterable[ValueRow]) -> None:
        added = [{"report_id": report_id, **row.model_dump()} for row in rows]
        if added:
            self._connection.execute(_ADD_VALUES, added)

    def _put_documents(self, report_id: str, draft: Draft) -> None:
        table = tables.report_document
        self._connection.execute(sa.delete(table).where(table.c.report_id == report_id))
        rows = [{"report_id": report_id, "document": uid} for uid in draft.dealt_with]
        if rows:
            self._connection.execute(sa.insert(table), rows)

    def _add_version(
        self,
        record: Record,
        template: Template,
        by: By,
        action: str,
        before: Draft | None = None,
        renditions: Sequence[Rendition] = (),
    ) -> None:
        """Add a version and bring the rows of the report up to date; `before` is the version that it was until now."""
        document = canonical(record.draft)
        digest = sha256(document.encode()).hexdigest()
        _drafts.put(digest, record.draft)
        row = {"report_id": record.id, "version": record.version, "document": document, "digest": digest}
        stamp = {"status": record.draft.report.status.value, "action": action, "actor": by.actor, "at": by.at_text}
        self._connection.execute(_ADD_VERSION, {**row, **stamp})
        self._follow(record, template, before)
        if renditions:
            self._add_renditions(record, renditions)
        digests = {one.format: sha256(one.content).hexdigest() for one in renditions}
        detail = {"renditions": digests} if digests else None
        self.audit(action, by, report_id=record.id, version=record.version, digest=digest, detail=detail)

    def keep_template(self, source: TemplateSource, by: By) -> None:
        """Keep the texts that a report is pinned to, unless they are kept already."""
        table = tables.template_version
        if self._connection.scalar(sa.select(table.c.digest).where(table.c.digest == source.digest)) is None:
            texts = {"html": source.html, "logic": source.logic, "bindings": source.bindings}
            row = {"digest": source.digest, "name": source.name, **texts, "first_used_at": by.at_text}
            self._connection.execute(sa.insert(table).values(row))
            for identifier, html in source.pages:
                page = {"digest": source.digest, "identifier": identifier, "html": html}
                self._connection.execute(sa.insert(tables.template_page).values(page))


_HEAD, _VERSION = tables.report, tables.report_version
_OF_HEAD = sa.and_(_VERSION.c.report_id == _HEAD.c.id, _VERSION.c.version == _HEAD.c.version)
_LATEST = (
    sa.select(_HEAD, _VERSION.c.digest)
    .select_from(_HEAD.join(_VERSION, _OF_HEAD))
    .where(_HEAD.c.id == sa.bindparam("wanted"))
)
_DOCUMENT = sa.select(_VERSION.c.document).where(
    _VERSION.c.report_id == sa.bindparam("wanted"), _VERSION.c.version == sa.bindparam("version")
)
_UPDATE = sa.update(_HEAD).where(_HEAD.c.id == sa.bindparam("wanted"), _HEAD.c.version == sa.bindparam("known"))
_DELETE_FIELDS = sa.delete(tables.report_value).where(
    tables.report_value.c.report_id == sa.bindparam("wanted"),
    tables.report_value.c.field.in_(sa.bindparam("fields", expanding=True)),
)
_ADD_VALUES = sa.insert(tables.report_value)
_ADD_VERSION = sa.insert(_VERSION)
_drafts: Memo[Draft] = Memo(128)
_templates: Memo[TemplateSource] = Memo(64)
