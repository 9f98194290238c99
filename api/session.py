"""`/session`: who is signed in with this browser, signing in and out, and a new password."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api import examples, examples_identity
from api.deps import ByDep, ContextDep, RecognisedDep
from api.permissions import Guarded, cookie_of, secure, session_cookie
from api.problems import documented
from mrrt.errors import Conflict
from reporting.access import Kind, Permission, Role, SignIn
from reporting.draft import Printable
from reporting.errors import NotSignedIn
from reporting.identity import Recognised
from reporting.passwords import LONGEST
from reporting.sessions import NewSession

router = APIRouter(prefix="/session", tags=["signing in"], route_class=Guarded)


def _encodable(text: str) -> str:
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("the text holds half of a character")
    return text


Password = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_encodable)]


class SignInRequest(BaseModel):
    """Who somebody is, and the password that proves it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Printable = Field(min_length=1, max_length=200)
    password: Password


class PasswordChange(BaseModel):
    """The password of now, and the one from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    present: Password
    new: Password


class SessionView(BaseModel):
    """Who sends this request, null for nobody, what they may, and how people can sign in.

    `csrf_token` is what a browser sends as `X-CSRF-Token` with every request that changes something. `time_zone` is the
    IANA name of the zone that the site has set, in which people are shown times, and whose days are meant
    where the API is asked for a day; null for that of the reader, and days of UTC.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    display_name: str | None = None
    kind: Kind | None = None
    roles: tuple[Role, ...] = ()
    permissions: tuple[Permission, ...] = ()
    csrf_token: str | None = None
    methods: tuple[Literal["password", "oidc"], ...] = ()
    time_zone: str | None = None


@router.get("", responses={200: examples.response(examples_identity.SESSION), **documented()})
def get_session(context: ContextDep, found: RecognisedDep) -> SessionView:
    """Tell who is signed in, what they may, and which ways to sign in there are."""
    return _view(found, context)


@router.post(
    "",
    openapi_extra=examples.request(examples_identity.SIGN_IN),
    responses={200: examples.response(examples_identity.SESSION), **documented(409, 429)},
)
def sign_in(wanted: SignInRequest, context: ContextDep, by: ByDep, request: Request, response: Response) -> SessionView:
    """Sign in with name and password; sets the cookie of a session. Never tells whether there is such an account."""
    if context.settings.sign_in is SignIn.NONE:
        raise Conflict("This server has no sign-in; everybody on this machine may do everything.")
    made = context.identity.sessions.sign_in(wanted.name, wanted.password, by, cookie_of(request))
    return begun(made, context, request, response)


@router.delete("", status_code=204, responses={204: {"description": "The session has ended."}, **documented()})
def sign_out(context: ContextDep, found: RecognisedDep, by: ByDep, request: Request) -> Response:
    """Sign out: the session ends, here and on the server."""
    if found is not None and found.session is not None:
        context.identity.sessions.sign_out(found.session, by)
    response = Response(status_code=204)
    response.delete_cookie(session_cookie(request), **cookie(request))
    return response


@router.put(
    "/password",
    openapi_extra=examples.request(examples_identity.NEW_PASSWORD),
    responses={200: examples.response(examples_identity.SESSION), **documented(409, 429)},
)
def change_password(
    wanted: PasswordChange,
    context: ContextDep,
    found: RecognisedDep,
    by: ByDep,
    request: Request,
    response: Response,
) -> SessionView:
    """Change one's own password. All sessions of the account end; a new one begins."""
    if found is None or found.session is None:
        raise Conflict("Only somebody who signed in with a password has one to change.")
    made = context.identity.sessions.change_password(found.session, wanted.present, wanted.new, by)
    return begun(made, context, request, response)


def begun(made: NewSession, context: ContextDep, request: Request, response: Response) -> SessionView:
    """Give the browser the cookie of a session that has begun, and tell who that is."""
    set_session(made, request, response)
    session = context.identity.sessions.recognised(made.secret, context.clock())
    if session is None:
        raise NotSignedIn("The session has ended already.")
    return _view(Recognised(session.account.principal, session), context)


def set_session(made: NewSession, request: Request, response: Response) -> None:
    """Set the cookie: no script reads it, and no other site makes a browser send it."""
    response.set_cookie(session_cookie(request), made.secret, samesite="strict", **cookie(request))


def cookie(request: Request) -> dict[str, Any]:
    """Return what all our cookies have in common."""
    return {"path": "/", "httponly": True, "secure": secure(request)}


def _view(found: Recognised | None, context: ContextDep) -> SessionView:
    offered: dict[SignIn, tuple[Literal["password", "oidc"], ...]] = {
        SignIn.LOCAL: ("password",),
        SignIn.OIDC: ("oidc", "password"),
    }
    methods = offered.get(context.settings.sign_in, ())
    zone = context.settings.time_zone or None
    if found is None:
        return SessionView(methods=methods, time_zone=zone)
    them = found.principal
    return SessionView(
        name=them.name,
        display_name=them.display_name,
        kind=them.kind,
        roles=tuple(sorted(them.roles)),
        permissions=tuple(sorted(them.permissions)),
        csrf_token=None if found.session is None else found.session.csrf,
        methods=methods,
        time_zone=zone,
    )
