"""Which methods an address has: HEAD wherever there is GET, and what 405 says of the others (RFC 9110 section 9)."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


class Head:
    """Answers HEAD as GET would be answered, without the content (section 9.3.2); a stream ends where it begins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the server in front of us goes on to see a HEAD."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        is_over = False

        async def without_content(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.body":
                if is_over:
                    return
                is_over = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_content)


def allowed(app: FastAPI, path: str) -> tuple[str, ...]:
    """Return the methods that an address of the API has, for the header Allow (section 10.2.1)."""
    scope = {"type": "http", "path": path, "root_path": "", "headers": []}
    found = {method for method in _METHODS if _is_served(app, {**scope, "method": method})}
    return tuple(sorted(found | {"HEAD"} if "GET" in found else found))


def _is_served(app: FastAPI, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)
