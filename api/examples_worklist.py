"""Examples for worklists; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

from api.examples import PAGE, RECEIPT

_REPORT: Any = PAGE["reports"][0]  # type: ignore[index]
_FIT: Any = RECEIPT["fits"][0]  # type: ignore[index]
_PARTIAL = {"status": "partial", "signed_version": None, "signed_status": None, "signed_by": None, "signed_at": None}
_DRAFT = _REPORT | _PARTIAL | {"version": 2}
UNREPORTED = {
    "items": [
        {
            "study_instance_uid": _REPORT["study_instance_uid"],
            "patient_id": "4711",
            "patient_name": "Muster^Erika",
            "accession_number": "A2026001",
            "study_date": "2026-01-30",
            "description": "Carotid duplex",
            "device": "Example Ultrasound",
            "documents": 1,
            "received_at": "2026-01-30T09:12:40.000000+00:00",
            "template": _FIT,
        }
    ],
    "next": None,
    "total": 1,
}
DRAFTS = {"items": [_DRAFT], "next": None, "total": 1}
TO_SIGN = {"items": [_REPORT | {"status": "preliminary", "signed_status": "preliminary"}], "next": None, "total": 1}
SIGNED = {"items": [_REPORT], "next": None, "total": 1}
_OVERTAKEN = {"report": _DRAFT, "documents": 1, "received_at": "2026-01-30T09:20:00.000000+00:00"}
LATE = {"items": [_OVERTAKEN], "next": None, "total": None}
WORKLIST = {"unreported": UNREPORTED, "drafts": DRAFTS, "to_sign": TO_SIGN, "signed": SIGNED, "late": LATE}
