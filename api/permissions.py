"""What each operation needs: one table for all routes, and the one place that looks it up."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.bodies import StrictRequest, refuse_packed
from api.limits import limit_body, refuse_crowded
from api.queries import known_parameters, refuse_unsuited
from mrrt.errors import MrrtError
from reporting.access import Permission, SignIn
from reporting.identity import NOBODY, Needed, Open, Recognised, Shown
from reporting.records import By

_P = Permission
NEEDED: Mapping[str, Needed] = {
    # what has no data of anybody in it
    "openapi": Open.ANYONE,
    "list_formats": Open.SIGNED_IN,
    "health": Open.ANYONE,
    "healthz": Open.ANYONE,
    "readyz": Open.ANYONE,
    "metrics": Open.SIGNED_IN,
    # signing in and out
    "get_session": Open.ANYONE,
    "sign_in": Open.ANYONE,
    "sign_out": Open.SIGNED_IN,
    "change_password": Open.SIGNED_IN,
    "begin_oidc": Open.ANYONE,
    "finish_oidc": Open.ANYONE,
    "issue_access_token": Open.ANYONE,
    # who may come in
    "list_accounts": _P.MANAGE_ACCOUNTS,
    "create_account": _P.MANAGE_ACCOUNTS,
    "get_account": _P.MANAGE_ACCOUNTS,
    "change_account": _P.MANAGE_ACCOUNTS,
    "list_tokens": _P.MANAGE_TOKENS,
    "create_token": _P.MANAGE_TOKENS,
    "revoke_token": _P.MANAGE_TOKENS,
    # templates
    "list_templates": _P.READ_TEMPLATES,
    "get_template": _P.READ_TEMPLATES,
    "get_form": _P.READ_TEMPLATES,
    "list_versions": _P.READ_TEMPLATES,
    "get_template_difference": _P.READ_TEMPLATES,
    "list_problems": _P.READ_TEMPLATES,
    "get_logic": _P.READ_TEMPLATES,
    "look_over_page": _P.MANAGE_TEMPLATES,
    "look_over_package": _P.MANAGE_TEMPLATES,
    "open_package": _P.MANAGE_TEMPLATES,
    "mend_package": _P.MANAGE_TEMPLATES,
    "get_source": _P.READ_TEMPLATES,
    "get_package": _P.READ_TEMPLATES,
    "import_templates": _P.MANAGE_TEMPLATES,
    "put_template": _P.MANAGE_TEMPLATES,
    "retire_template": _P.MANAGE_TEMPLATES,
    "query_templates": _P.READ_TEMPLATES,
    "retrieve_template": _P.READ_TEMPLATES,
    "store_template": _P.MANAGE_TEMPLATES,
    "list_unmapped": _P.READ_UNMAPPED,
    "list_devices": _P.READ_UNMAPPED,
    "list_deliveries": _P.READ_UNMAPPED,
    # documents
    "receive_document": _P.SEND_DOCUMENTS,
    "store_instances": _P.SEND_DOCUMENTS,
    "store_instances_of_study": _P.SEND_DOCUMENTS,
    "list_documents": _P.READ_REPORTS,
    "get_document": _P.READ_REPORTS,
    # reports
    "list_reports": _P.READ_REPORTS,
    "get_report": _P.READ_REPORTS,
    "get_rendering": _P.READ_REPORTS,
    "get_report_form": _P.READ_REPORTS,
    "get_explanations": _P.READ_REPORTS,
    "get_explanation": _P.READ_REPORTS,
    "get_worklist": _P.READ_REPORTS,
    "list_unreported": _P.READ_REPORTS,
    "list_drafts": _P.READ_REPORTS,
    "list_to_sign": _P.READ_REPORTS,
    "list_signed": _P.READ_REPORTS,
    "list_late": _P.READ_REPORTS,
    "list_report_versions": _P.READ_REPORTS,
    "get_report_version": _P.READ_REPORTS,
    "get_difference": _P.READ_REPORTS,
    "get_history": _P.READ_REPORTS,
    "get_course": _P.READ_REPORTS,
    "follow_events": _P.READ_REPORTS,
    "evaluate_values": _P.EVALUATE,
    "create_report": _P.WRITE_REPORTS,
    "edit_report": _P.WRITE_REPORTS,
    "add_documents": _P.WRITE_REPORTS,
    "acknowledge_alerts": _P.WRITE_REPORTS,
    "cancel_report": _P.WRITE_REPORTS,
    "get_late": _P.READ_REPORTS,
    "decline_late": _P.WRITE_REPORTS,
    "preview_migration": _P.READ_REPORTS,
    "migrate_report": _P.WRITE_REPORTS,
    "sign_preliminary": _P.SIGN_PRELIMINARY,
    "sign_report": _P.SIGN,
    "open_revision": _P.SIGN,
    "discard_revision": _P.SIGN,
    "add_addendum": _P.SIGN,
    "withdraw_report": _P.SIGN,
    # the audit log
    "list_audit_events": _P.READ_AUDIT,
    "get_audit_event": _P.READ_AUDIT,
    "verify_audit_log": _P.READ_AUDIT,
    # long work: each kind needs a permission of its own, see `permit`
    "create_job": Open.SIGNED_IN,
    "list_jobs": _P.MANAGE_JOBS,
    "get_job": Open.SIGNED_IN,
    "get_job_result": Open.SIGNED_IN,
    "cancel_job": Open.SIGNED_IN,
    # the trial mode
    "keep_visit": _P.WRITE_REPORTS,
    "get_trial": _P.READ_TRIAL,
    "forget_trial": _P.MANAGE_TRIAL,
}
"""Every operation by the name of its function. The pages of the browser are files without data, and no operations."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNATTENDED = frozenset({"follow_events", "get_course"})
"""What a page asks for by itself without saying so: streams, and pictures; all else has the header X-Unattended."""
_OPEN_BODY = 64 * 1024
"""Bytes that anybody may send to an operation that is open to anyone."""
_TRUSTED = 1.0
"""Seconds that a body may take until it is asked again who sends it: a session may have ended meanwhile."""


class Guarded(APIRoute):
    """A route that looks who asks before it reads what they send."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what serves a request: the guard, and then the route."""
        serve = super().get_route_handler()
        known = known_parameters(self.endpoint.__name__, self.dependant)

        async def guarded(asked: Request) -> Response:
            request = StrictRequest(asked.scope, asked.receive)
            await _guard(request)
            refuse_unsuited(request, known)
            refuse_packed(request)
            content = await _content(request)
            if self.body_field is not None:
                refuse_crowded(content)
                await request.look_ahead()
            return await serve(request)

        return guarded


async def _content(request: Request) -> bytes:
    """Return the body of a request; whatever asks for it afterwards gets it from there."""
    began = time.monotonic()
    try:
        content = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The body is cut off.") from None
    if time.monotonic() - began > _TRUSTED:
        await _guard(request)  # what is done has the time at which it is done
    return content


async def _guard(request: Request) -> None:
    """Let a request pass, or raise NotSignedIn or Forbidden.

    Who asks is `request.state.recognised` afterwards, None for nobody; `request.state.by` says who acts, and when.
    """
    nobody = by_nobody(request)
    found = await _admitted(request, nobody)
    request.state.recognised = found
    request.state.by = nobody if found is None else _known(nobody, found)


async def _admitted(request: Request, nobody: By) -> Recognised | None:
    identity = request.app.state.context.identity
    operation = request.scope["endpoint"].__name__
    needed = NEEDED[operation]
    if needed is Open.ANYONE:
        limit_body(request.scope, _OPEN_BODY)
    asked = (operation, needed, _shown(request, operation), nobody)
    if identity.sign_in is SignIn.NONE:  # which reads nothing, so that no thread is needed
        found: Recognised | None = identity.admit(*asked)
    else:
        found = await run_in_threadpool(identity.admit, *asked)
    return found


async def still_admitted(request: Request) -> bool:
    """Tell whether a request that takes long to answer would be let in now: sessions end, roles are taken away."""
    try:
        await _admitted(request, by_nobody(request))
    except MrrtError:
        return False
    return True


def _known(nobody: By, found: Recognised) -> By:
    return replace(nobody, actor=found.principal.name, name=found.principal.display_name)


def permit(request: Request, *one_of: Permission) -> None:
    """Let a request pass that what it asks for needs more for, or raise Forbidden; one of these permissions will do."""
    identity = request.app.state.context.identity
    operation = request.scope["endpoint"].__name__
    identity.permit(operation, one_of, request.state.recognised.principal, request.state.by)


def by_nobody(request: Request) -> By:
    """Return somebody who is not known yet, with the time and the place that they come from."""
    source = request.client.host if request.client else ""
    number = str(getattr(request.state, "request_id", ""))
    return By(NOBODY, request.app.state.context.clock(), source=source, request_id=number)


def cookie_of(request: Request) -> str:
    """Return the secret of the browser's session, "" for none."""
    return request.cookies.get(session_cookie(request), "")


def session_cookie(request: Request) -> str:
    """Return the name of the cookie; with `__Host-` browsers keep it from every other host, and from plain HTTP."""
    return "__Host-mrrt" if secure(request) else "mrrt_session"


def secure(request: Request) -> bool:
    """Tell whether browsers reach the server over TLS."""
    return bool(request.app.state.context.settings.public_url.startswith("https://"))


def _shown(request: Request, operation: str) -> Shown:
    headers = request.headers
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    unsafe = request.method not in _SAFE
    unattended = operation in _UNATTENDED or "X-Unattended" in headers
    return Shown(cookie_of(request), headers.get("X-CSRF-Token", ""), bearer, unsafe, unattended)


def refuse_gaps(routes: Iterable[Any], needed: Mapping[str, Needed] = NEEDED) -> None:
    """Raise LookupError where the table and the routes do not say the same: a server with a gap must not start."""
    found = {route.endpoint.__name__: route for route in every_route(routes)}
    missing, stale = sorted(set(found) - set(needed)), sorted(set(needed) - set(found))
    if missing or stale:
        raise LookupError(f"api/permissions.py lacks {missing} and names what is no route: {stale}")
    for name, route in found.items():
        if not isinstance(route, Guarded) and needed[name] is not Open.ANYONE:
            raise LookupError(f"nobody guards {name}: its router has another route_class than Guarded")


def every_route(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield every route, those of included routers among them; raises LookupError for what has no operation."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from every_route(inner.routes)
        elif hasattr(route, "endpoint"):
            yield route
        else:
            raise LookupError(f"{route} has no operation that a permission could be given to")
