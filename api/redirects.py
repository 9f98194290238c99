"""Where an address with a slash too many, or too few, is sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ELSEWHERE = 307


class HereAlone:
    """Makes a redirect to this server name the path alone (RFC 9110 section 10.2.2).

    Behind a proxy that speaks TLS we are asked over plain HTTP: an address of ours would begin with http, and a client
    that follows it would send its token for all to read, or be refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def by_path(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _ELSEWHERE:
                headers = MutableHeaders(scope=message)
                headers["Location"] = _path(headers.get("Location", ""), host)
            await send(message)

        await self.app(scope, receive, by_path)


def _path(location: str, host: str) -> str:
    """Return the path of an address at a host; one of elsewhere, or whose path would name a host, stays."""
    parts = urlsplit(location)
    if parts.netloc != host or parts.path.startswith("//"):
        return location
    return parts._replace(scheme="", netloc="").geturl()
