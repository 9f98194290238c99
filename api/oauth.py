"""`/oauth/token`: access tokens for software, by client credentials (RFC 6749 section 4.4).

Errors are Problem Details like all others; their member `error` is the code of RFC 6749 section 5.2.
"""

from __future__ import annotations

import base64
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from api import examples, examples_identity
from api.deps import ByDep, ContextDep
from api.permissions import Guarded
from api.problems import documented
from api.uploads import media_type
from reporting.errors import OAuthRefusal

router = APIRouter(prefix="/oauth", tags=["signing in"], route_class=Guarded)
_FORM = "application/x-www-form-urlencoded"
_FIELDS = 20


class AccessToken(BaseModel):
    """An access token (RFC 6749 section 5.1); `scope` names the roles that it has."""

    model_config = ConfigDict(frozen=True)

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    scope: str


async def _form(request: Request) -> dict[str, str]:
    if media_type(request) != _FORM:
        raise OAuthRefusal("invalid_request", f"The request is sent as {_FORM}.")
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), max_num_fields=_FIELDS, strict_parsing=True)
    except ValueError as error:
        raise OAuthRefusal("invalid_request", "The body is no form.") from error
    if len(dict(pairs)) != len(pairs):
        raise OAuthRefusal("invalid_request", "A parameter occurs twice.")
    return dict(pairs)


FormDep = Annotated[dict[str, str], Depends(_form)]


@router.post(
    "/token",
    openapi_extra=examples_identity.FORM,
    responses={200: examples.response(examples_identity.ACCESS), **documented(429)},
)
def issue_access_token(
    form: FormDep, context: ContextDep, by: ByDep, request: Request, response: Response
) -> AccessToken:
    """Give a client an access token; `scope` names some of its roles, without it the token has all of them."""
    if "grant_type" not in form:
        raise OAuthRefusal("invalid_request", "The form says no grant_type.")
    if form["grant_type"] != "client_credentials":
        raise OAuthRefusal("unsupported_grant_type", "Only client_credentials is supported.")
    client, secret = _client(request, form)
    made = context.identity.credentials.exchange(client, secret, form.get("scope", ""), by)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return AccessToken(access_token=made.secret, expires_in=made.seconds, scope=" ".join(made.roles))


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Return id and secret: by HTTP Basic, or in the form, never both (RFC 6749 section 2.3)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return form.get("client_id", ""), form.get("client_secret", "")
    if scheme.lower() != "basic" or "client_secret" in form:
        raise OAuthRefusal("invalid_request", "The client proves itself in one way: HTTP Basic, or the form.")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError as error:
        raise OAuthRefusal("invalid_request", "The Authorization header is not as HTTP Basic has it.") from error
    return unquote_plus(name), unquote_plus(secret)
