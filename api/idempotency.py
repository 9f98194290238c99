"""`Idempotency-Key`: a request that creates something may be sent again and creates it once.

draft-ietf-httpapi-idempotency-key-header; the key is a string in quotes (RFC 8941), and is taken without them, too.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel

from api.deps import ContextDep
from mrrt.errors import UsageError
from reporting.once import Once

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=202, examples=['"8e03978e-40d5-43e8-bc93"'])]
_KEY = re.compile(r'"([!#-\[\]-~ ]{1,200})"|([!#-\[\]-~]{1,200})')
REPLAY = {
    "Idempotent-Replay": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Set where the request had been answered before; the answer is the first one.",
    }
}


def once(key: str | None, operation: str, body: BaseModel, context: ContextDep) -> Once | None:
    """Return what makes a request be done once, None where it carries no key; raises UsageError for a wrong key."""
    if key is None:
        return None
    match = _KEY.fullmatch(key.strip())
    if match is None:
        raise UsageError("An Idempotency-Key is a text of up to 200 printable ASCII characters in quotes.")
    said = body.model_dump_json(exclude_unset=True)
    return Once(match[1] or match[2], operation, said, context.settings.idempotency_hours)


def marked(given: Once | None, response: Response) -> None:
    """Say in the header of an answer that it is a repetition, if it is."""
    if given is not None and given.replayed:
        response.headers["Idempotent-Replay"] = "true"


def with_replay(described: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an answer that may be a repetition."""
    return {**described, "headers": REPLAY}
