"""Bodies as they may be read: plain, and JSON in which nothing is said twice.

RFC 8259 leaves open what an object means that has a name twice; most readers take the last. Of two values for a field
that would be a guess, so that it is refused, as two edits of one field are.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from contextlib import suppress
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from reporting.errors import WrongQuery

_LONGEST = 100
"""So many characters of a name are shown."""


class StrictRequest(Request):
    """A request whose JSON is read strictly, once."""

    _said: Any

    async def json(self) -> Any:
        """Return what the body says; raises WrongQuery, or JSONDecodeError for what is no JSON."""
        if not hasattr(self, "_said"):
            self._said = read_json(await self.body())
        return self._said

    async def look_ahead(self) -> None:
        """Read JSON before the route does, which would not tell why it cannot; what is no JSON it tells better."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
            with suppress(json.JSONDecodeError):
                await self.json()


def read_json(content: bytes) -> Any:
    """Return what JSON says, in any encoding of Unicode; raises WrongQuery, or JSONDecodeError."""
    try:
        return json.loads(content, object_pairs_hook=_object, parse_float=_number, parse_constant=_no_number)
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError as error:
        raise _wrong("this is no text in UTF-8", "Send JSON in UTF-8, and not packed.") from error
    except RecursionError as error:
        raise _wrong("this is nested too deeply", "Send it as the description of the API has it.") from error
    except ValueError as error:  # of numbers that Python does not turn into integers
        raise _wrong("a number has too many digits", "Send a number that the field can hold.") from error


def refuse_packed(request: Request) -> None:
    """Raise HTTPException for a body in a content coding (RFC 9110 section 15.5.16): none is unpacked."""
    codings = {one.strip().lower() for line in request.headers.getlist("Content-Encoding") for one in line.split(",")}
    if codings - {"identity", ""}:
        detail = "Send the body as it is, without Content-Encoding; none is unpacked."
        raise HTTPException(415, detail, {"Accept-Encoding": "identity"})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
    shown = json.dumps(twice[:_LONGEST])  # in ASCII, whatever is in it
    raise _wrong(f"{shown} stands twice in one object", "Name it once: which of the two is meant is not known.")


def _number(text: str) -> float:
    """Return a number as it is read; one that would become infinite or nothing is refused by what was sent."""
    number = float(text)
    if math.isinf(number) or (number == 0 and text.lower().partition("e")[0].strip("-0.")):
        why = "further from" if math.isinf(number) else "nearer to"
        raise _wrong(f"{text[:_LONGEST]} is {why} 0 than a number can be", "Send a number that the field can hold.")
    return number


def _no_number(text: str) -> float:
    raise _wrong(f"{text} is no number in JSON", "Send a number, or null with the reason in `absent`.")


def _wrong(message: str, mend: str) -> WrongQuery:
    return WrongQuery("body", message, mend)
