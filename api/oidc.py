"""`/session/oidc`: people sign in with the identity provider; browsers are led there and back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from api.deps import ByDep, ContextDep
from api.permissions import Guarded, cookie_of, secure
from api.problems import documented, unready
from api.session import cookie, set_session
from mrrt.errors import NotFound
from reporting.draft import Printable
from reporting.errors import NotSignedIn
from reporting.oidc import Provider

router = APIRouter(prefix="/session/oidc", tags=["signing in"], route_class=Guarded)
_AWAY = 600
"""Seconds that somebody may take at the identity provider."""
_REFUSED = "/#/sign-in/refused"
_LED: dict[int | str, dict[str, Any]] = {
    303: {"description": "The browser is led on.", "content": {"text/html": {"example": ""}}}
}


@router.get("", status_code=303, response_class=RedirectResponse, responses={**_LED, **documented(404), **unready()})
def begin_oidc(context: ContextDep, by: ByDep, request: Request) -> RedirectResponse:
    """Lead a browser to the identity provider (OpenID Connect, authorization code with PKCE)."""
    provider = _provider(context)
    try:
        address, secret = provider.begin(_redirect(request), by.at)
    except NotSignedIn as error:
        context.identity.note_failed(str(error), by)
        return RedirectResponse(_REFUSED, 303)
    response = RedirectResponse(address, 303)
    # Lax: the provider's page, another site, leads the browser back
    response.set_cookie(_name(request), secret, max_age=_AWAY, samesite="lax", **cookie(request))
    return response


@router.get(
    "/callback", status_code=303, response_class=RedirectResponse, responses={**_LED, **documented(404), **unready()}
)
def finish_oidc(
    context: ContextDep, by: ByDep, request: Request, code: Printable = "", state: Printable = ""
) -> RedirectResponse:
    """Take the answer of the identity provider, begin a session, and lead the browser to the page."""
    _provider(context)
    secret = request.cookies.get(_name(request), "")
    try:
        made = context.identity.from_provider(secret, state, code, _redirect(request), by, cookie_of(request))
    except NotSignedIn:
        response = RedirectResponse(_REFUSED, 303)
    else:
        response = RedirectResponse("/", 303)
        set_session(made, request, response)
    response.delete_cookie(_name(request), samesite="lax", **cookie(request))
    return response


def _provider(context: ContextDep) -> Provider:
    if context.identity.provider is None:
        raise NotFound("there is no identity provider; sign in with name and password")
    return context.identity.provider


def _redirect(request: Request) -> str:
    base = request.app.state.context.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}/api/v1/session/oidc/callback"


def _name(request: Request) -> str:
    return "__Host-mrrt-oidc" if secure(request) else "mrrt_oidc"
