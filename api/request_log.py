"""One log line per request: operation, status and time; never the query or a body, which may name patients."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("mrrt.requests")


class RequestLog:
    """Logs every request under the name of its operation, so that no id of a patient gets into the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            operation = getattr(scope.get("endpoint"), "__name__", "page")
            took = round((time.perf_counter() - began) * 1000, 1)
            report = scope.get("path_params", {}).get("report_id")
            _log.info("request", operation=operation, report=report, status=status, milliseconds=took)
