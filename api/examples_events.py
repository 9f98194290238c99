"""An example of the stream of events."""

from __future__ import annotations

from typing import Any

_DATA = (
    '{"id":18,"type":"report.signed","at":"2026-01-30T09:15:02.000000+00:00","actor":"example",'
    '"report":"5f0f4c1e-6b0a-4a43-9a53-9c5f6a9b2d11","version":3,"status":"final"}'
)
STREAM: dict[str, Any] = {
    "description": "Server-sent events; comments keep the line open.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": f"retry: 2000\nid: 17\n\nid: 18\nevent: report.signed\ndata: {_DATA}\n\n",
        }
    },
}
