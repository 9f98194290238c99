"""What the row of a report repeats from its versions, so that it can be found and listed. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mrrt.report import ReportStatus
from reporting.draft import Draft
from reporting.records import as_text
from reporting.searching import name_key
from reporting.statuses import stands


def head_columns(draft: Draft, at: str) -> dict[str, Any]:
    """Return the columns that the latest version says, which was stored at this time."""
    report = draft.report
    preliminary = report.status is ReportStatus.PRELIMINARY and report.signatures
    return {
        "status": report.status.value,
        "template_version": draft.template_version,
        "patient_id": report.patient.identifier,
        "patient_name": report.patient.name,
        "patient_key": name_key(report.patient.name),
        "preliminary_actor": report.signatures[-1].actor if preliminary else None,
        "accession_number": report.study.accession_number,
        "study_instance_uid": report.study.study_instance_uid,
        "study_date": report.study.date,
        "revision": None if report.revision is None else report.revision.kind.value,
        "updated_at": at,
    }


def standing_columns(draft: Draft, version: int) -> dict[str, Any]:
    """Return the columns that say which version stands, if this one does."""
    report = draft.report
    if not stands(report):
        return {}
    actor = report.signatures[-1].actor if report.signatures else None
    at = None if report.signed_at is None else as_text(datetime.fromisoformat(report.signed_at))
    signed = {"signed_by": report.signed_by, "signed_at": at, "signed_actor": actor}
    return {"signed_version": version, "signed_status": report.status.value, **signed}
