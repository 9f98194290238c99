"""The browser's files, read once and compressed once: a page is some thirty of them, and each is one look-up."""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
_FIRST = ("app.js", "report-view.js")
"""The page begins with these modules: a browser that knows what they import fetches all of it at the same time."""
_STYLE = re.compile(rb'<link rel="stylesheet" href="([\w.-]+)">')
_IMPORT = re.compile(rb'^import (?:[^"]* from )?"\./([\w.-]+)";', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes | None
    media_type: str
    tag: str
    link: str = ""

    def answer(self, headers: Headers) -> Response:
        """Return the file as a browser wants it; 304 where it has it."""
        common = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        common |= {"Link": self.link} if self.link else {}
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
    page = replace(files["/index.html"], link=_link(files))
    return files | {"/": page, "/index.html": page}


def _link(files: Mapping[str, _File]) -> str:
    """Return what a browser fetches before it has read the page: first what it paints with."""
    styles = [name.decode() for name in _STYLE.findall(files["/index.html"].content)]
    wanted = [f"<{name}>; rel=preload; as=style" for name in styles]
    return ", ".join([*wanted, *(f"<{name}>; rel=modulepreload" for name in _needed(files))])


def _needed(files: Mapping[str, _File]) -> list[str]:
    """Return the modules that the first ones import, with themselves, in the order of their discovery."""
    found = dict.fromkeys(_FIRST)
    waiting = list(_FIRST)
    while waiting:
        imported = [name.decode() for name in _IMPORT.findall(files[f"/{waiting.pop(0)}"].content)]
        waiting += [name for name in imported if name not in found]
        found |= dict.fromkeys(imported)
    return list(found)


def _file(path: Path) -> _File:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0) if len(content) > _SMALL else None
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, compressed, kind, f'"{sha256(content).hexdigest()[:32]}"')
