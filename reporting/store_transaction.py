"""What can be read and written inside one transaction of the store; store_library.py holds what is about templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from mrrt.errors import NotFound
from mrrt.template import Template
from reporting import store_tables as tables
from reporting.draft import Draft, canonical
from reporting.errors import Moved
from reporting.records import By, Filter, Record, Rendition, Summary
from reporting.store_commitment import CommitmentReading, CommitmentWriting
from reporting.store_inbox import InboxReading, InboxWriting
from reporting.store_library import LibraryReading, LibraryWriting
from reporting.store_unmapped import UnmappedReading, UnmappedWriting
from reporting.value_rows import ValueRow, value_rows
from sr_import import Document
from templates_lib.loader import TemplateSource


class Reading(LibraryReading, InboxReading, CommitmentReading, UnmappedReading):
    """The questions that the store answers."""

    def document(self, uid: str) -> bytes | None:
        """Return an SR document exactly as it was received."""
        query = sa.select(tables.sr_document.c.content).where(tables.sr_document.c.sop_instance_uid == uid)
        return self._connection.scalar(query)

    def report(self, report_id: str) -> Record:
        """Return the latest version of a report; raises NotFound."""
        head, version = tables.report, tables.report_version
        joined = head.join(version, sa.and_(version.c.report_id == head.c.id, version.c.version == head.c.version))
        query = sa.select(head, version.c.document).select_from(joined).where(head.c.id == report_id)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f'there is no report "{report_id}"')
        return Record(
            id=row["id"],
            version=row["version"],
            draft=Draft.model_validate_json(row["document"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def template(self, digest: str) -> TemplateSource:
        """Return the texts that a report is pinned to."""
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

    def summaries(self, wanted: Filter, limit: int) -> tuple[Summary, ...]:
        """Return up to `limit` reports that pass the filter, the newest first."""
        table = tables.report
        conditions = [
            table.c[name] == value for name in ("status", "patient_id") if (value := getattr(wanted, name)) is not None
        ]
        if wanted.template is not None:
            conditions.append(sa.or_(table.c.template == wanted.template, table.c.template_name == wanted.template))
        if wanted.before is not None:
            conditions.append(sa.tuple_(table.c.created_at, table.c.id) < sa.tuple_(*map(sa.literal, wanted.before)))
        query = sa.select(table).where(*conditions).order_by(table.c.created_at.desc(), table.c.id.desc())
        return tuple(_summary(row) for row in self._connection.execute(query.limit(limit)).mappings())

    def values(self, report_id: str) -> tuple[ValueRow, ...]:
        """Return the value rows of a report as they are stored."""
        table = tables.report_value
        columns = [column for column in table.c if column.name != "report_id"]
        query = sa.select(*columns).where(table.c.report_id == report_id).order_by(table.c.field, table.c.position)
        return tuple(ValueRow(**row) for row in self._connection.execute(query).mappings())

    def audit_events(self, report_id: str) -> tuple[Mapping[str, Any], ...]:
        """Return the audit events of a report, the oldest first."""
        table = tables.audit_event
        query = sa.select(table).where(table.c.report_id == report_id).order_by(table.c.id)
        return tuple(dict(row) for row in self._connection.execute(query).mappings())


class Writing(Reading, LibraryWriting, InboxWriting, CommitmentWriting, UnmappedWriting):
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
            "measurements": len(document.measurements),
        }
        self._connection.execute(sa.insert(tables.sr_document).values(row))
        self._audit("receive", by, document=document.sop_instance_uid)

    def add_report(self, report_id: str, draft: Draft, source: TemplateSource, template: Template, by: By) -> Record:
        """Store version 1 of a new report, and the template texts that it is pinned to."""
        self._keep_template(source, by)
        first = {"id": report_id, "version": 1, "created_at": by.at_text}
        pinned = {
            "template": template.identifier,
            "template_name": source.name,
            "template_title": template.title,
            "template_version": source.digest,
        }
        self._connection.execute(sa.insert(tables.report).values({**first, **pinned, **_head(draft, by)}))
        self._add_version(report_id, 1, draft, template, by, "create")
        return Record(report_id, 1, draft, by.at_text, by.at_text)

    def add_version(self, record: Record, draft: Draft, template: Template, by: By, action: str) -> Record:
        """Store the next version of a report; raises Moved if somebody else stored one since `record` was read."""
        table, version = tables.report, record.version + 1
        update = sa.update(table).where(table.c.id == record.id, table.c.version == record.version)
        if self._connection.execute(update.values({"version": version, **_head(draft, by)})).rowcount != 1:
            raise Moved(record.version, self.report(record.id).version)
        self._add_version(record.id, version, draft, template, by, action)
        return Record(record.id, version, draft, record.created_at, by.at_text)

    def add_renditions(self, record: Record, renditions: Iterable[Rendition]) -> None:
        """Keep the renderings of a signed version."""
        place = {"report_id": record.id, "version": record.version}
        rows = [
            {**place, "format": one.format, "media_type": one.media_type, "content": one.content} for one in renditions
        ]
        self._connection.execute(sa.insert(tables.rendition), rows)

    def rebuild_values(self, record: Record, template: Template) -> None:
        """Make the value rows of a report anew from its document."""
        table = tables.report_value
        self._connection.execute(sa.delete(table).where(table.c.report_id == record.id))
        rows = [{"report_id": record.id, **row.model_dump()} for row in value_rows(record.draft.report, template)]
        if rows:
            self._connection.execute(sa.insert(table), rows)

    def _add_version(self, report_id: str, version: int, draft: Draft, template: Template, by: By, action: str) -> None:
        row = {"report_id": report_id, "version": version, "document": canonical(draft)}
        stamp = {"actor": by.actor, "at": by.at_text}
        self._connection.execute(sa.insert(tables.report_version).values({**row, **stamp}))
        self.rebuild_values(Record(report_id, version, draft, "", by.at_text), template)
        self._audit(action, by, report_id=report_id, version=version)

    def _keep_template(self, source: TemplateSource, by: By) -> None:
        table = tables.template_version
        if self._connection.scalar(sa.select(table.c.digest).where(table.c.digest == source.digest)) is None:
            texts = {"html": source.html, "logic": source.logic, "bindings": source.bindings}
            row = {"digest": source.digest, "name": source.name, **texts, "first_used_at": by.at_text}
            self._connection.execute(sa.insert(table).values(row))
            for identifier, html in source.pages:
                page = {"digest": source.digest, "identifier": identifier, "html": html}
                self._connection.execute(sa.insert(tables.template_page).values(page))


def _head(draft: Draft, by: By) -> dict[str, Any]:
    report = draft.report
    return {
        "status": report.status.value,
        "patient_id": report.patient.identifier,
        "patient_name": report.patient.name,
        "accession_number": report.study.accession_number,
        "study_instance_uid": report.study.study_instance_uid,
        "updated_at": by.at_text,
    }


def _summary(row: RowMapping) -> Summary:
    return Summary(**{name: row[name] for name in Summary.model_fields})
