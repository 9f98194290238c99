"""The browser's files, read once and compressed once: a page is some thirty of them, and each is one look-up."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import answer

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_NOT_SENT = frozenset({".py", ".pyc"})
_SMALL = 500
"""Bytes below which compressing does not pay."""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes | None
    media_type: str
    tag: str

    def answer(self, headers: Headers) -> Response:
        """Return the file as a browser wants it; 304 where it has it."""
        common = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if self.tag in (one.strip() for one in headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=common)
        if self.compressed is not None and "gzip" in headers.get("accept-encoding", ""):
            packed = common | {"Content-Encoding": "gzip"}
            return Response(self.compressed, media_type=self.media_type, headers=packed)
        return Response(self.content, media_type=self.media_type, headers=common)


class Pages:
    """Answers GET and HEAD of the browser's files; everything else goes on to the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._files = _files(Path(str(resources.files("web"))))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        file = self._files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await file.answer(Headers(scope=scope))(scope, receive, send)
        else:
            refused = answer(405, "method-not-allowed", "Files can be read only.", {"Allow": "GET, HEAD"})
            await refused(scope, receive, send)


def _files(folder: Path) -> dict[str, _File]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in _NOT_SENT)
    files = {f"/{path.relative_to(folder).as_posix()}": _file(path) for path in found}
    return files | {"/": files["/index.html"]}


def _file(path: Path) -> _File:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0) if len(content) > _SMALL else None
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, compressed, kind, f'"{sha256(content).hexdigest()[:32]}"')
