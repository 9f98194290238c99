"""Bodies that are templates: read when their media type is one that a route takes, and not larger than a template."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from mrrt.parse.source import MAX_BYTES

HTML = ("text/html", "application/xhtml+xml")
ZIP = ("application/zip", "application/x-zip-compressed")
_PAGE = '<!DOCTYPE html><html><head><meta name="dcterms.identifier" content="1.2.3"></head><body></body></html>'


def media_type(request: Request) -> str:
    """Return the media type of a request's body, without parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def _page(request: Request) -> bytes:
    if media_type(request) not in HTML:
        raise HTTPException(415, f"A template is sent as {HTML[0]}.")
    return _small(await request.body())


async def _upload(request: Request) -> bytes:
    kind = media_type(request)
    if kind not in HTML + ZIP:
        raise HTTPException(415, f"A template is sent as {HTML[0]}, several as {ZIP[0]}.")
    return await request.body() if kind in ZIP else _small(await request.body())


def _small(body: bytes) -> bytes:
    if len(body) > MAX_BYTES:
        raise HTTPException(413, f"A template has at most {MAX_BYTES} bytes.")
    return body


def described(*kinds: str) -> dict[str, Any]:
    """Return the addition to a route's description that says what its body is."""
    binary = {"schema": {"type": "string", "format": "binary"}, "example": "(the bytes of a ZIP archive)"}
    page = {"schema": {"type": "string"}, "example": _PAGE}
    return {"requestBody": {"required": True, "content": {kind: page if kind in HTML else binary for kind in kinds}}}


PageDep = Annotated[bytes, Depends(_page)]
UploadDep = Annotated[bytes, Depends(_upload)]
