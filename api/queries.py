"""Query parameters that an operation does not have are refused, and those that it takes once and gets twice.

A filter that is left out because it was spelled otherwise makes a longer list: that of all patients, not of one. Of two
patients only the last one would be looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from reporting.errors import WrongQuery

_FOREIGN = frozenset({"finish_oidc"})
"""Operations whose parameters are somebody else's: identity providers add some of their own."""


def known_parameters(operation: str, dependant: Dependant) -> Mapping[str, bool] | None:
    """Return the query parameters of an operation, each with whether several may be given; None where it takes any."""
    if operation in _FOREIGN:
        return None
    return dict(_parameters(dependant))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the parameters of an operation and of what it depends on; a model stands for its fields."""
    for one in dependant.query_params:
        shape = one.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            yield from ((field.alias or name, _is_list(field.annotation)) for name, field in shape.model_fields.items())
        else:
            yield one.alias, _is_list(shape)
    for part in dependant.dependencies:
        yield from _parameters(part)


def _is_list(shape: Any) -> bool:
    return get_origin(shape) in (list, tuple) or any(map(_is_list, get_args(shape)))


def refuse_unsuited(request: Request, known: Mapping[str, bool] | None) -> None:
    """Raise WrongQuery for the first query parameter that is not known, or given more often than it is looked at."""
    if known is None:
        return
    given = request.query_params
    for name in given:
        if name not in known:
            raise WrongQuery(f"query.{name}", "there is no such parameter", _mend(name, known))
        if not known[name] and len(given.getlist(name)) > 1:
            raise WrongQuery(f"query.{name}", "this is given several times", "Give it once; ask once for each.")


def _mend(name: str, known: Mapping[str, bool]) -> str:
    if not known:
        return "Leave it out; nothing is asked for in the address here."
    near = get_close_matches(name, known, n=1)
    return f"Write {near[0]}." if near else f"Take one of: {', '.join(sorted(known))}."
