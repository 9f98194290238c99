"""ASGI layers around the application: the size of requests, and the headers that browsers should see."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import answer
from reporting.config import is_loopback

PAGE_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
"""Content-Security-Policy of pages and JSON: own files only, nothing inline."""
RENDERING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""That of rendered reports and forms, which hold text from elsewhere: no script at all, wherever they are shown."""


_LARGEST = "largest_body"
_CLOSE = {"Connection": "close"}
"""What is still on its way is not read."""
_CROWD = 10_000
"""Values of one request in JSON. A report has hundreds; each that is wrong costs a hundred times what it cost to send,
in the thread that all others are answered by."""


class BodyLimit:
    """Answers 413 to a request whose body is too large, as soon as that is known; reads what is asked for."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit_body(scope, self.largest)
        if _declared(scope) > self.largest:
            refused = answer(413, "content-too-large", _too_large(self.largest), _CLOSE)
            await refused(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            largest = scope["state"][_LARGEST]
            if size > largest:
                raise HTTPException(413, _too_large(largest), _CLOSE)
            return message

        await self.app(scope, counted, send)


def limit_body(scope: Scope, largest: int) -> None:
    """Let the body of a request have no more than so many bytes."""
    state = scope.setdefault("state", {})
    state[_LARGEST] = min(largest, state.get(_LARGEST, largest))


def refuse_crowded(content: bytes) -> None:
    """Raise HTTPException for JSON with too many values, of which commas are a quick measure."""
    if content.count(b",") > _CROWD:
        raise HTTPException(413, f"The body holds more than {_CROWD} values; send them in several requests.")


def _declared(scope: Scope) -> int:
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


def _too_large(largest: int) -> str:
    return f"The body is larger than {largest} bytes."


class OwnPagesOnly:
    """Refuses what other web sites make a browser send, which sends our cookies with it or reaches this machine.

    A site may point a name of its own at this machine and then read what we answer (DNS rebinding): the Host must
    be a loopback address, or that of `public_url`. It may send what needs no permission (a POST without a body
    signs): the Origin must be ours.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self.app = app
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refused = _foreign(scope, self.public_url) if scope["type"] == "http" else None
        await (refused or self.app)(scope, receive, send)


def _foreign(scope: Scope, public_url: str) -> ASGIApp | None:
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin")
    public = bool(public_url) and host.lower() in _hosts(public_url)
    if not public and not is_loopback(_name(host)):
        return answer(421, "misdirected-request", "The server answers under its own address only.")
    # behind a proxy that speaks TLS we are asked over plain HTTP, so that the scheme is that of the setting
    if origin is not None and origin != (public_url if public else f"{scope['scheme']}://{host}"):
        return answer(403, "forbidden", "Pages of other web sites may not use this server.")
    return None


def _hosts(public_url: str) -> tuple[str, ...]:
    scheme, _, host = public_url.partition("://")
    return (host, f"{host}:443") if scheme == "https" else (host,)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class SafeHeaders:
    """Adds the headers that keep a browser strict, where a route has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                if scope.get("path", "").startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, strict)
