"""Query parameters that an operation does not have are refused.

A filter that is left out because it was spelled otherwise makes a longer list: that of all patients, not of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from reporting.errors import WrongQuery

_FOREIGN = frozenset({"finish_oidc"})
"""Operations whose parameters are somebody else's: identity providers add some of their own."""


def known_parameters(operation: str, dependant: Dependant) -> frozenset[str] | None:
    """Return the query parameters of an operation; None where it takes any."""
    if operation in _FOREIGN:
        return None
    return frozenset(_names(dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    """Yield the parameters of an operation and of what it depends on; a model stands for its fields."""
    for one in dependant.query_params:
        shape = one.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            yield from (field.alias or name for name, field in shape.model_fields.items())
        else:
            yield one.alias
    for part in dependant.dependencies:
        yield from _names(part)


def refuse_unknown(request: Request, known: frozenset[str] | None) -> None:
    """Raise WrongQuery for the first query parameter that is not known."""
    if known is None:
        return
    for name in request.query_params:
        if name not in known:
            raise WrongQuery(f"query.{name}", "there is no such parameter", _mend(name, known))


def _mend(name: str, known: frozenset[str]) -> str:
    if not known:
        return "Leave it out; nothing is asked for in the address here."
    near = get_close_matches(name, known, n=1)
    return f"Write {near[0]}." if near else f"Take one of: {', '.join(sorted(known))}."
