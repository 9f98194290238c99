"""Examples for long work; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

_SIGNED_IN_A_QUARTER = {"status": ["final"], "signed_from": "2026-01-01", "signed_to": "2026-03-31"}
REQUEST = {"kind": "export-values", "parameters": {"format": "csv", "search": _SIGNED_IN_A_QUARTER}}
QUEUED: dict[str, Any] = {
    "id": "0b7d2f8e-9a4e-4f3e-8f0a-2d1c5b6a7e90",
    "kind": "export-values",
    "parameters": REQUEST["parameters"],
    "state": "queued",
    "done": 0,
    "total": None,
    "message": "",
    "result": None,
    "created_by": "example",
    "created_at": "2026-01-30T09:12:44.120000+00:00",
    "started_at": None,
    "finished_at": None,
}
RUNNING = QUEUED | {
    "state": "running",
    "done": 1500,
    "message": "writes values",
    "started_at": "2026-01-30T09:12:44.300000+00:00",
}
CANCELLED = QUEUED | {
    "state": "cancelled",
    "message": "Cancelled.",
    "finished_at": "2026-01-30T09:12:50.000000+00:00",
}
PAGE = {"jobs": [RUNNING | {"language": "en"}], "next": None}
_BINARY = {"type": "string", "format": "binary"}
RESULT: dict[str, Any] = {
    "description": "The file, with its name in Content-Disposition.",
    "content": {
        "application/json": {"schema": {}, "example": {"reports": 1200, "differed": 0, "ids": []}},
        "text/csv": {
            "schema": {"type": "string"},
            "example": "report_id,report_version,field\r\nr1,3,right_plaque\r\n",
        },
        "application/vnd.apache.parquet": {"schema": _BINARY, "example": "(the bytes of a Parquet file)"},
    },
}
