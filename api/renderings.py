"""Reports in every output format there is, by `Accept`: one table for a report and for each of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Query, Response

from api.accept import chosen
from api.limits import RENDERING_POLICY
from mrrt.render import FORMATS
from reporting.records import Rendition
from reporting.workflow import Which

JSON = "application/json"
Named = Annotated[
    str | None,
    Query(pattern="^(latest|signed|[1-9][0-9]{0,8})$", description="number of the version, latest, or signed"),
]


def _media_type(name: str) -> str:
    return FORMATS[name].media_type.partition(";")[0].strip()


FORMAT_OF: Mapping[str, str] = {JSON: ""} | {
    _media_type(name): name for name in reversed([*FORMATS]) if _media_type(name) != JSON
}
"""Output formats by media type; JSON is the report as the API gives it, of which the rendition has a part."""


def wanted_format(accept: str) -> str:
    """Return the name of the output format that a caller likes best, "" for the report as JSON; raises 406."""
    return FORMAT_OF[chosen(accept, tuple(FORMAT_OF))]


def which(named: str | None) -> Which | None:
    """Return the version that a caller names."""
    if named is None:
        return None
    return "latest" if named == "latest" else "signed" if named == "signed" else int(named)


def sent(rendition: Rendition, version: int) -> Response:
    """Return the answer that is a rendering; shown by itself it may run nothing.

    Its ETag has the digest of the bytes behind the version: each format has its own, and that of a signed version
    holds for good.
    """
    tag = f'"{version}.{sha256(rendition.content).hexdigest()}"'
    headers = {"Content-Security-Policy": RENDERING_POLICY, "Vary": "Accept", "ETag": tag}
    return Response(rendition.content, media_type=rendition.media_type, headers=headers)


def described(example: Any) -> dict[str, Any]:
    """Return the description of an answer that comes as JSON or in any output format."""
    content: dict[str, Any] = {JSON: {"example": example}}
    for media_type, name in FORMAT_OF.items():
        if name:
            content[media_type] = {
                "schema": _schema(media_type),
                "example": _EXAMPLES.get(name, f"(a report as {name})"),
            }
    return {"content": content}


def _schema(media_type: str) -> dict[str, str]:
    text = media_type.startswith("text/")
    return {"type": "string"} if text else {"type": "string", "format": "binary"}


_EXAMPLES = {
    "text": "US Carotid Duplex\n\nRight ICA proximal PSV: 310 cm/s\n",
    "html": "<!doctype html><title>US Carotid Duplex</title><h1>US Carotid Duplex</h1>",
}
