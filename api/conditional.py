"""`If-None-Match`: what the caller has is not sent again (RFC 9110 section 13.1.2); the one place for all of it.

It holds wherever an answer to GET has an ETag: that names a version, and after a point what else the answer depends on,
or what a rendering consists of.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_OF_CONTENT = ("Content-Length", "Content-Type", "Content-Encoding")


class Conditional:
    """Answers 304, without content, to who has the content in hand; all other headers stay (section 15.4.5)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_over = False

        async def without_content(message: Message) -> None:
            nonlocal is_over
            if message["type"] == "http.response.start" and is_in_hand(scope, message):
                is_over = True
                headers = MutableHeaders(scope=message)
                for name in _OF_CONTENT:
                    del headers[name]
                await send({**message, "status": 304, "headers": headers.raw})
                await send({"type": "http.response.body", "body": b""})
            elif not is_over:
                await send(message)

        await self.app(scope, receive, without_content if scope["type"] == "http" else send)


def is_in_hand(scope: Scope, answer: Message) -> bool:
    """Tell whether the caller has what an answer begins to send; tags are compared weakly."""
    tag = _TAG.fullmatch(Headers(raw=answer["headers"]).get("etag", ""))
    if tag is None or answer["status"] != 200 or scope["method"] != "GET":
        return False
    given = ",".join(Headers(scope=scope).getlist("if-none-match"))
    return given.strip() == "*" or tag[1] in _TAG.findall(given)
