"""Every error as a Problem Details object (RFC 9457): one shape for all routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from api.invalid import said
from api.methods import allowed
from api.request_log import HEADER, request_id
from mrrt.errors import Conflict, MrrtError, NotFound, NotHeld, Outdated, Refused, Unreadable, UsageError
from mrrt.problems import Problem
from reporting.errors import (
    Forbidden,
    KeyReused,
    Moved,
    NotReady,
    NotSignedIn,
    OAuthRefusal,
    ProviderBusy,
    TooMany,
    Unavailable,
    WrongQuery,
    WrongValue,
    WrongValues,
)
from reporting.logs import kind_and_places

MEDIA_TYPE = "application/problem+json"
_STATUS: Mapping[type[MrrtError], int] = {
    Unreadable: 422,
    Refused: 422,
    UsageError: 400,
    NotHeld: 422,
    WrongValues: 422,
    WrongQuery: 422,
    KeyReused: 422,
    NotFound: 404,
    Conflict: 409,
    Outdated: 412,
    NotSignedIn: 401,
    Forbidden: 403,
    TooMany: 429,
    OAuthRefusal: 400,
    Unavailable: 503,
    MrrtError: 422,
}
_SCHEMA = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
_RETRY_SECONDS = "5"
_NAMED = 3
"""So many of several mistakes are in `detail`."""
_LISTED = 500
"""So many are in `errors`: an answer must not be a hundred times as long as what it is about."""
_log = structlog.get_logger("mrrt.api")


class InvalidInput(BaseModel):
    """One part of a request that is not as the API describes it, or that a field cannot hold."""

    model_config = ConfigDict(frozen=True)

    place: str = Field(examples=["body.edits.0.value"])
    message: str = Field(examples=['"right_ica_prox_psv" takes a number, not "fast"'])
    mend: str | None = Field(default=None, examples=["Enter a number such as 120 or 1.8 m/s."])
    field: str | None = Field(default=None, examples=["right_ica_prox_psv"])
    """Key of the field that the part is about."""
    label: str | None = Field(default=None, examples=["Right ICA proximal PSV"])
    """What people call that field, in the language of the report."""


class ProblemDetails(BaseModel):
    """What went wrong with a request. `type` is stable and made for programs, `detail` for people."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=["urn:mrrt:problem:conflict"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["The report is final and cannot be changed."])
    problems: tuple[Problem, ...] | None = None
    """What forbids the signature, or what is wrong with authored content."""
    version: int | None = None
    """The version that is stored now, where the caller's is outdated."""
    request_id: str | None = None
    """The name of the request in the log of the server, where that made a mistake."""
    errors: tuple[InvalidInput, ...] | None = None
    """The parts of the request that are not as the API describes it, and the values that a field cannot hold; all of
    them, up to 500."""
    error: str | None = None
    """The code of RFC 6749 section 5.2, where an access token was asked for."""


def documented(*statuses: int, wrong: Mapping[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: these statuses and those that every route can answer with.

    `wrong` is an example of a 422 of this route.
    """
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": _phrase(status), "content": {MEDIA_TYPE: {**_SCHEMA, **_example(status)}}}
        for status in sorted({*statuses, 400, 401, 403, 413, 422})
    }
    if wrong is not None:
        described[422]["content"] = {MEDIA_TYPE: {**_SCHEMA, "example": wrong}}
    return described


def unready() -> dict[int | str, dict[str, Any]]:
    """Return the description of an answer of a server that is not ready."""
    return {503: {"description": _phrase(503), "content": {MEDIA_TYPE: {**_SCHEMA, **_example(503)}}}}


def install(app: FastAPI) -> None:
    """Let the application answer every exception with Problem Details."""
    app.add_exception_handler(MrrtError, _on_own_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_surprise)


def with_schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with the schemas of errors."""
    schemas = models_json_schema([(ProblemDetails, "serialization")], ref_template="#/components/schemas/{model}")
    document["components"]["schemas"].update(schemas[1]["$defs"])
    return document


def answer(status: int, name: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """Return a Problem Details response."""
    body = ProblemDetails(type=f"urn:mrrt:problem:{name}", title=_phrase(status), status=status, detail=detail, **more)
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _on_own_error(_request: Request, error: Exception) -> JSONResponse:
    kind = next(one for one in type(error).__mro__ if one in _STATUS)
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    detail = str(error)
    if isinstance(error, Refused | NotReady):
        more["problems"] = error.problems
    if isinstance(error, WrongValues):
        more["errors"] = tuple(_of_field(one, error.part) for one in error.wrong[:_LISTED])
        detail = _first(error.wrong)
    if isinstance(error, WrongQuery):
        more["errors"] = (InvalidInput(place=error.place, message=error.wrong, mend=error.mend),)
    if isinstance(error, Moved):
        more["version"] = error.version
        headers["ETag"] = f'"{error.version}"'
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="mrrt"'
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = _RETRY_SECONDS
        _log.error("identity provider" if isinstance(error, ProviderBusy) else "database", **kind_and_places(error))
    if isinstance(error, OAuthRefusal):
        return _on_refused_client(error)
    return answer(_STATUS[kind], _name(type(error)), detail, headers, **more)


def _on_refused_client(error: OAuthRefusal) -> JSONResponse:
    """RFC 6749 section 5.2: 401 for a client that is not who it says, 400 for the rest; `error` is for its software."""
    unknown = error.code == "invalid_client"
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    headers |= {"WWW-Authenticate": 'Basic realm="mrrt"'} if unknown else {}
    name = error.code.replace("_", "-")
    return answer(401 if unknown else 400, name, str(error), headers, error=error.code)


def _first(wrong: Sequence[WrongValue]) -> str:
    more = f" And {len(wrong) - _NAMED} more." if len(wrong) > _NAMED else ""
    return " ".join(str(one) for one in wrong[:_NAMED]) + more


def _of_field(wrong: WrongValue, part: str) -> InvalidInput:
    about = {"message": wrong.message, "mend": wrong.mend, "field": wrong.field, "label": wrong.label or None}
    return InvalidInput(place=f"body.{part}.{wrong.place if part == 'edits' else wrong.field}", **about)


def _on_invalid_input(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = tuple(InvalidInput(**one) for one in islice(said(error.errors()[: 4 * _LISTED], error.body), _LISTED))
    detail = "; ".join(f"{one.place}: {one.message}" + (f". {one.mend}" if one.mend else "") for one in wrong[:_NAMED])
    return answer(422, "invalid-input", detail, errors=wrong)


def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase, headers = _phrase(error.status_code), dict(error.headers or {})
    detail = str(error.detail) if error.detail and error.detail != phrase else f"{phrase}."
    if error.status_code == 405 and (methods := allowed(request.app, request.url.path)):
        headers["Allow"] = ", ".join(methods)  # each route knows but its own
        detail = f"There is no {request.method} here; this address has {headers['Allow']}."
    if error.status_code == 404 and detail == f"{phrase}." and request.url.path.startswith("/api"):
        detail = "There is nothing at this address; /api/v1/openapi.json describes those that there are."
    return answer(error.status_code, phrase.lower().replace(" ", "-"), detail, headers)


def _on_surprise(request: Request, error: Exception) -> JSONResponse:
    name = request_id(request.scope)
    _log.error("unexpected error", method=request.method, **{"request_id": name, **kind_and_places(error)})
    detail = "The server made a mistake. It is in the log; nothing was changed."
    return answer(500, "internal-error", detail, {HEADER: name}, request_id=name)


def _phrase(status: int) -> str:
    return "Content Too Large" if status == 413 else HTTPStatus(status).phrase  # RFC 9110 renamed it


def _name(kind: type[Exception]) -> str:
    letters = (f"-{sign.lower()}" if sign.isupper() else sign for sign in kind.__name__)
    return "".join(letters).lstrip("-")


def _example(status: int) -> dict[str, Any]:
    phrase = _phrase(status)
    name, detail = _EXAMPLES.get(status, (phrase.lower().replace(" ", "-"), f"{phrase}."))
    value = {"type": f"urn:mrrt:problem:{name}", "title": phrase, "status": status, "detail": detail}
    return {"example": value}


_EXAMPLES = {
    401: ("not-signed-in", "Sign in first, or send a token that holds."),
    403: ("forbidden", 'You have no role that permits this; it takes "sign".'),
    429: ("too-many", "Too many attempts to sign in. Wait, then try again."),
    400: ("usage-error", "the cursor is not one that a page of this list gave"),
    404: ("not-found", 'there is no report "5c0d"'),
    406: ("not-acceptable", "This is available as application/json, text/plain, text/html."),
    409: ("conflict", "The report is final and cannot be changed."),
    412: ("moved", "The report is at version 4 now, not at 3; read it again."),
    413: ("content-too-large", "The body is larger than 33554432 bytes."),
    415: ("unsupported-media-type", "A template is sent as text/html."),
    503: ("not-ready", "templates are being compiled"),
    422: ("unreadable", "The file is a plain text; a DICOM SR document was expected."),
}
