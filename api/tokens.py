"""`/tokens`: what software signs in with, for administrators: tokens, and clients that get short-lived ones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import examples, examples_identity
from api.deps import ByDep, ContextDep
from api.permissions import Guarded
from api.problems import documented
from reporting.access import Role
from reporting.credentials import Made
from reporting.draft import Printable
from reporting.identities import Credential

router = APIRouter(prefix="/tokens", tags=["accounts"], route_class=Guarded)


class NewToken(BaseModel):
    """A token that software sends with every request, or a client that gets short-lived access tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Printable = Field(min_length=1, max_length=200)
    roles: tuple[Role, ...] = Field(min_length=1)
    kind: Literal["token", "client"] = "token"
    expires_at: Annotated[datetime, AwareDatetime] | None = None


@router.get("", responses={200: examples.response(examples_identity.TOKENS), **documented()})
def list_tokens(context: ContextDep) -> tuple[Credential, ...]:
    """List tokens and clients, the latest first, with when they were last used; never their secrets."""
    return context.identity.credentials.list()


@router.post(
    "",
    status_code=201,
    openapi_extra=examples.request(examples_identity.NEW_TOKEN),
    responses={201: examples.response(examples_identity.MADE), **documented(409)},
)
def create_token(wanted: NewToken, context: ContextDep, by: ByDep) -> Made:
    """Make a token or a client. Its secret is in this answer and nowhere else, not even on the server."""
    return context.identity.credentials.make(
        wanted.name, wanted.roles, by, client=wanted.kind == "client", expires_at=wanted.expires_at
    )


@router.delete("/{number}", responses={200: examples.response(examples_identity.REVOKED), **documented(404)})
def revoke_token(number: Printable, context: ContextDep, by: ByDep) -> Credential:
    """Revoke a token or client by its id; the access tokens that the client got end with it."""
    return context.identity.credentials.revoke(number, by)
