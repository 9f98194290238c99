"""Cursors: where the next page of a list begins. They are opaque to callers, and checked when they come back."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from mrrt.errors import UsageError

LONGEST = 8000
"""Characters of a cursor: that of a list by patients holds a name."""
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the page before")]
_FOREIGN = "the cursor is not one that a page of this list gave"
_OTHER_ORDER = f"{_FOREIGN} in this order; send it with the sort that it came from"
Limit = Annotated[int, Query(ge=1, le=500)]


def cursor(*place: str | int) -> str:
    """Return the cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def place(given: str | None, *kinds: type, wrong: str = _FOREIGN) -> tuple[Any, ...] | None:
    """Return the place that a cursor stands for, None for no cursor; raises UsageError for one that we never gave."""
    if given is None:
        return None
    try:
        padded = given + "=" * (-len(given) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or [type(part) for part in found] != list(kinds) or not _sound(found):
        raise UsageError(wrong)
    return tuple(found)


def two_texts(given: str | None) -> tuple[str, str] | None:
    """Return the place in a list that is sorted by a time and an identifier."""
    found = place(given, str, str)
    return None if found is None else (found[0], found[1])


def sorted_cursor(sort: str | None, *place: str) -> str:
    """Return the cursor of a place in a list that can be had in several orders; None is the one it has by itself."""
    return cursor(*place) if sort is None else cursor(sort, *place)


def sorted_place(given: str | None, sort: str | None) -> tuple[str, str] | None:
    """Return the place that a cursor of such a list stands for; raises UsageError for one of another order."""
    if given is None:
        return None
    found = place(given, *[str] * (2 if sort is None else 3), wrong=_OTHER_ORDER) or ()
    if sort is not None and found[0] != sort:
        raise UsageError(_OTHER_ORDER)
    return found[-2], found[-1]


def link_next(request: Request, response: Response, **query: str | int) -> None:
    """Say in the Link header (RFC 8288) where a list that is answered as an array goes on."""
    response.headers["Link"] = f'<{request.url.path}?{request.url.include_query_params(**query).query}>; rel="next"'


def with_next(described: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an answer that is an array, with the header that says where the list goes on."""
    link = {"schema": {"type": "string"}, "description": 'The address of the next page, as <...>; rel="next".'}
    return {**described, "headers": {"Link": link}}


def _sound(parts: list[Any]) -> bool:
    """Tell whether every database can compare with these parts."""
    return all(_storable(part) if isinstance(part, str) else 0 <= part <= 2**31 for part in parts)


def _storable(text: str) -> bool:
    """Tell whether a text may be in a database: names of patients have more in them than can be printed."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
