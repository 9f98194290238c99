"""Content negotiation: the media type that suits an Accept header best (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.exceptions import HTTPException


async def _accept(request: Request, accept: Annotated[str, Header(max_length=1000)] = "*/*") -> str:
    """Return what the caller accepts; a header that is sent in several lines is one list (RFC 9110 section 5.3)."""
    return ", ".join(request.headers.getlist("Accept")) or accept


Accept = Annotated[str, Depends(_accept)]


def chosen(accept: str, offered: Sequence[str]) -> str:
    """Return the offered media type that the caller likes best, the first of equals; raises 406 if none suits."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best = max(offered, key=lambda media_type: _liking(media_type, ranges))
    if _liking(best, ranges) <= 0:
        raise HTTPException(406, f"This is available as {', '.join(offered)}.")
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0


def _liking(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that covers the media type."""
    for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == pattern]
        if weights:
            return max(weights)
    return 0.0
