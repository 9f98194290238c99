"""Examples for the audit log; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

_HASH = "5f1c3f7a0f0d8c2b6f1e4d7a9b3c5e7f1a2b4c6d8e0f1a3b5c7d9e1f2a4b6c8d"
_REPORT = "5f0f4c1e-6b0a-4a43-9a53-9c5f6a9b2d11"
EVENT: dict[str, Any] = {
    "id": 4711,
    "at": "2026-01-30T09:15:02.000000+00:00",
    "actor": "example",
    "action": "read",
    "outcome": "success",
    "source": "127.0.0.1",
    "request_id": "6f0c9a3e8d4b4d0e9a7c1b2d3e4f5a6b",
    "report_id": _REPORT,
    "version": 3,
    "document": None,
    "template": None,
    "digest": None,
    "detail": '{"as":"application/json","operation":"get_report"}',
    "previous": "0" * 64,
    "hash": _HASH,
}
PAGE = {"events": [EVENT], "next": "4711"}
VERIFICATION = {
    "intact": False,
    "events": 4711,
    "head": {"event": 4711, "hash": _HASH},
    "reports": 120,
    "versions": 940,
    "stored": 131,
    "count": 1,
    "findings": [
        {
            "kind": "altered",
            "message": "Audit event 12 does not say what it said when it was written.",
            "event": 12,
            "report": None,
            "version": None,
            "document": None,
            "template": None,
        }
    ],
}
_MESSAGE = '<AuditMessages><AuditMessage><EventIdentification EventActionCode="R"/></AuditMessage></AuditMessages>'
_BUNDLE = {"resourceType": "Bundle", "type": "collection"}
_LINE = '{"id":4711,"actor":"example","action":"read"}\n'


def exports(example: Any) -> dict[str, Any]:
    """Return the description of an answer that comes as JSON, and in the formats of an export."""
    text = {"type": "string"}
    return {
        "content": {
            "application/json": {"example": example},
            "application/jsonl": {"schema": text, "example": _LINE},
            "application/xml": {"schema": text, "example": _MESSAGE},
            "application/fhir+json": {"schema": {"type": "object"}, "example": _BUNDLE},
        }
    }
