"""What the store hands out and takes in, besides the drafts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.report import ReportStatus
from reporting.draft import Draft
from reporting.sorting import Sort


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, when, and from where.

    `actor` is the name of the account or software, `name` what people call them, which stands under what they sign;
    `source` is the address that the request came from, `request_id` names it in the server's log.
    """

    actor: str
    at: datetime
    name: str = ""
    source: str = ""
    request_id: str = ""

    @property
    def signature(self) -> str:
        """What stands under what they sign."""
        return self.name or self.actor

    @property
    def at_text(self) -> str:
        """The time as ISO 8601 in UTC, always of the same length, so that texts sort as times do."""
        return as_text(self.at)

    @property
    def local_text(self) -> str:
        """The time as ISO 8601 to the second, in the time zone of the site, as it is printed under what they sign."""
        return self.at.isoformat(timespec="seconds")


def as_text(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC, always of the same length, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Record:
    """A report as it is stored: its latest version."""

    id: str
    version: int
    draft: Draft
    created_at: str
    updated_at: str
    author: str = ""
    signed_version: int | None = None
    """The version that stands for readers outside; None before the first signature."""
    signed_status: ReportStatus | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """A report in one output format."""

    format: str
    media_type: str
    content: bytes


class Summary(BaseModel):
    """One line of the list of reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: int
    status: ReportStatus
    template: str
    template_name: str
    template_title: str
    patient_id: str
    patient_name: str
    accession_number: str
    study_instance_uid: str
    study_date: str
    created_at: str
    updated_at: str
    author: str
    signed_version: int | None
    signed_status: ReportStatus | None
    signed_by: str | None
    signed_at: str | None
    revision: str | None


class ReportVersionLine(BaseModel):
    """One line of a report's history; `digest` is the SHA-256 of the version's document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    status: str
    action: str
    digest: str
    actor: str
    at: str


class AuditEvent(BaseModel):
    """One row of the audit log; `detail` is a JSON object, `previous` and `hash` chain the rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    at: str
    actor: str
    action: str
    outcome: str
    source: str
    request_id: str
    report_id: str | None
    version: int | None
    document: str | None
    template: str | None
    digest: str | None
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which audit events are wanted; times as `By.at_text` writes them, `since` included and `until` not."""

    report: str | None = None
    document: str | None = None
    actor: str | None = None
    action: str | None = None
    since: str | None = None
    until: str | None = None
    patient: str | None = None
    """The identifier of a patient: events about their reports and documents."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An audit event with the patient and the study that it is about, as far as there are any."""

    event: AuditEvent
    patient_id: str = ""
    study_instance_uid: str = ""


class DocumentLine(BaseModel):
    """One line of the list of documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sop_instance_uid: str
    received_at: str
    title: str
    study_instance_uid: str
    patient_id: str
    accession_number: str
    study_date: str
    device: str
    measurements: int


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which received documents to list; whatever is None asks for nothing."""

    study_instance_uid: str | None = None
    patient_id: str | None = None
    accession_number: str | None = None


class DeviceLine(BaseModel):
    """A device that documents came from, with how many they are; `device` is empty for those that name none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    documents: int
    measurements: int
    first_received: str
    last_received: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value of a field must be. Numbers compare in the unit of the field, texts by =, != and prefix.

    `number` is None where the text is none. A field without a value meets no condition.
    """

    field: str
    operator: Literal["=", "!=", "<", "<=", ">", ">=", "prefix"]
    text: str
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reports to list; whatever is None or empty asks for nothing.

    `patient_name` is the beginning of a name as reporting/searching.py normalises it, `template` a name or identifier,
    `signed_by` a name or an account, `revision` whether a revision is open, `signed_status` the status of the version
    that stands for readers outside. Of each pair of times the first one is included and the second one is not.
    `before` is the place in the list to go on after: what the report there is sorted by, and its id.
    """

    status: tuple[ReportStatus, ...] = ()
    signed_status: tuple[ReportStatus, ...] = ()
    template: str | None = None
    patient_id: str | None = None
    patient_name: str | None = None
    accession_number: str | None = None
    study_instance_uid: str | None = None
    author: str | None = None
    signed_by: str | None = None
    study_date: tuple[str | None, str | None] = (None, None)
    created_at: tuple[str | None, str | None] = (None, None)
    updated_at: tuple[str | None, str | None] = (None, None)
    signed_at: tuple[str | None, str | None] = (None, None)
    revision: bool | None = None
    values: tuple[Condition, ...] = ()
    before: tuple[str, str] | None = None
    sort: Sort = Sort.CREATED_LAST
