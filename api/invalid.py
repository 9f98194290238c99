"""What is wrong with a request that is not as the API describes it: each place in it once, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MENDS: Mapping[str, str] = {
    "json_invalid": "Send well-formed JSON.",
    "missing": "Add it.",
    "extra_forbidden": "Leave it out, or write its name as /api/v1/openapi.json has it.",
    "too_short": "Name at least one.",
    "tuple_type": "Send a list, also of one.",
    "string_too_short": "Say it.",
}
_AS_JSON = "Send a JSON object, with Content-Type: application/json."
_WITHOUT_UNIT = "Write the value itself here, and its unit beside it as `unit`."
_OF_PYTHON = {
    "a valid tuple": "a list",
    "a valid dictionary or object to extract fields from": "an object",
    "a valid dictionary": "an object",
}
"""What pydantic calls by names of Python, as JSON calls it."""
_EXPECTED, _OURS = "Input should be ", "Value error, "
_LONGEST = 200
"""So many characters of one step are said of where a mistake is."""
Wrong = Mapping[str, Any]


def said(errors: Sequence[Wrong], body: Any) -> Iterator[dict[str, Any]]:
    """Yield place, message, mend and field of everything that is wrong; a place that may be several things is one."""
    places: dict[str, list[Wrong]] = {}
    for one in errors:
        if one["type"] == "too_short" and any(_inside(other, one) for other in errors):
            continue  # what is wrong in a list is not counted in it
        places.setdefault(".".join(str(step)[:_LONGEST] for step in _place(one, body)), []).append(one)
    for place, ones in places.items():
        field = _edited_field(ones[0]["loc"], body)
        yield {"place": place, "message": _message(ones), "mend": _mend(ones[0], field), "field": field}


def _inside(other: Wrong, wrong: Wrong) -> bool:
    end = len(wrong["loc"])
    return len(other["loc"]) > end and other["loc"][:end] == wrong["loc"]


def _place(wrong: Wrong, body: Any) -> Iterator[Any]:
    """Yield the steps that lead to a place of the request, without those that only our models have (of a union)."""
    *steps, last = wrong["loc"]
    at = {"body": body}
    for step in steps:
        if steps[0] != "body" or _has(at, step):
            yield step
            at = at[step] if _has(at, step) else at
    if not steps or steps[0] != "body" or wrong["type"] in ("missing", "json_invalid") or _has(at, last):
        yield last


def _has(node: Any, step: Any) -> bool:
    inside = isinstance(node, dict) and step in node
    return inside or (isinstance(node, list) and isinstance(step, int) and step < len(node))


def _message(ones: Sequence[Wrong]) -> str:
    first, *others = dict.fromkeys(_in_json(str(one["msg"]).removeprefix(_OURS)) for one in ones)
    return " or ".join((first, *(one.removeprefix(_EXPECTED) for one in others)))


def _in_json(message: str) -> str:
    what = message.removeprefix(_EXPECTED)
    return _EXPECTED + _OF_PYTHON[what] if what in _OF_PYTHON else message


def _mend(wrong: Wrong, field: str | None) -> str | None:
    given = wrong.get("input")
    if wrong["loc"] == ("body",) and not isinstance(given, dict) and wrong["type"] != "json_invalid":
        return _AS_JSON
    if field is not None and isinstance(given, dict) and "value" in wrong["loc"]:
        return _WITHOUT_UNIT
    return _MENDS.get(wrong["type"])


def _edited_field(place: Sequence[Any], body: Any) -> str | None:
    """Return the key of the field whose edit is not as it should be, if the request is about one and names it."""
    for step in place[1:3] if place[:2] == ("body", "edits") else ():
        body = body[step] if _has(body, step) else None
    field = body.get("field") if isinstance(body, dict) else None
    return field if isinstance(field, str) and field.isprintable() else None
