"""Examples for what watches the server; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples import response

__all__ = ["ALIVE", "METRICS", "READY", "response"]
ALIVE = {"status": "alive"}
READY = {"status": "ready"}
METRICS = {
    "content": {
        "text/plain": {
            "schema": {"type": "string"},
            "example": 'mrrt_requests_total{operation="edit_report",status="200"} 41.0\n',
        }
    }
}
