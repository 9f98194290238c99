"""Names every request, and logs one line of it: operation, status and time; never the query or a body.

Queries and bodies may name patients. The name of a request is in every line that is logged on the way, in the audit
events that it leads to, and in its answer.
"""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("mrrt.requests")
HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLog:
    """Logs every request under the name of its operation, so that no id of a patient gets into the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = _name(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=name)
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            report = scope.get("path_params", {}).get("report_id")
            _log.info("request", operation=operation(scope), report=report, status=status, milliseconds=took)


def operation(scope: Scope) -> str:
    """Return the name of the operation that serves a request, "page" where it is none of the API."""
    return getattr(scope.get("endpoint"), "__name__", "page")


def request_id(scope: Scope) -> str:
    """Return the name of a request."""
    return str(scope.get("state", {}).get("request_id", ""))


def _name(scope: Scope) -> str:
    """Give a request its name: the one that it brings along, where that is sane, so that it is the same everywhere."""
    given = Headers(scope=scope).get(HEADER, "")
    name = given if _SANE.fullmatch(given) else uuid4().hex
    scope.setdefault("state", {})["request_id"] = name
    return name
