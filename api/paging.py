"""Cursors: where the next page of a list begins. They are opaque to callers, and checked when they come back."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from mrrt.errors import UsageError

Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


def cursor(*place: str | int) -> str:
    """Return the cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place(given: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Return the place that a cursor stands for, None for no cursor; raises UsageError for one that we never gave."""
    if given is None:
        return None
    try:
        padded = given + "=" * (-len(given) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds) or not _sound(found):
        raise UsageError("the cursor is not one that a page of this list gave")
    return tuple(found)


def two_texts(given: str | None) -> tuple[str, str] | None:
    """Return the place in a list that is sorted by a time and an identifier."""
    found = place(given, str, str)
    return None if found is None else (found[0], found[1])


def link_next(request: Request, response: Response, **query: str | int) -> None:
    """Say in the Link header (RFC 8288) where a list that is answered as an array goes on."""
    response.headers["Link"] = f'<{request.url.path}?{request.url.include_query_params(**query).query}>; rel="next"'


def with_next(described: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an answer that is an array, with the header that says where the list goes on."""
    link = {"schema": {"type": "string"}, "description": 'The address of the next page, as <...>; rel="next".'}
    return {**described, "headers": {"Link": link}}


def _sound(parts: list[Any]) -> bool:
    """Tell whether every database can compare with these parts."""
    return all(part.isprintable() if isinstance(part, str) else 0 <= part <= 2**31 for part in parts)
