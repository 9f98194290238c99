"""What the store hands out and takes in, besides the drafts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from mrrt.report import ReportStatus
from reporting.draft import Draft


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and when."""

    actor: str
    at: datetime

    @property
    def at_text(self) -> str:
        """The time as ISO 8601 in UTC, always of the same length, so that texts sort as times do."""
        return self.at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Record:
    """A report as it is stored: its latest version."""

    id: str
    version: int
    draft: Draft
    created_at: str
    updated_at: str


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
    created_at: str
    updated_at: str


class DocumentLine(BaseModel):
    """One line of the list of documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sop_instance_uid: str
    received_at: str
    title: str
    study_instance_uid: str
    patient_id: str
    measurements: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reports to list; `before` is the place in the list (time and id of creation) after which to go on."""

    status: ReportStatus | None = None
    template: str | None = None
    patient_id: str | None = None
    before: tuple[str, str] | None = None
