"""`/accounts`: people who may sign in, for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api import examples, examples_identity
from api.deps import ByDep, ContextDep
from api.permissions import Guarded
from api.problems import documented
from api.session import Password
from reporting.access import Role
from reporting.draft import Printable
from reporting.identities import Account

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=Guarded)


class NewAccount(BaseModel):
    """Somebody who may sign in from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Printable = Field(min_length=1, max_length=100)
    display_name: Printable = Field(default="", max_length=200)
    roles: tuple[Role, ...] = ()
    password: Password | None = None


class AccountChange(BaseModel):
    """What becomes different about an account; what is not given stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    display_name: Printable | None = Field(default=None, min_length=1, max_length=200)
    roles: tuple[Role, ...] | None = None
    disabled: bool | None = None
    password: Password | None = None


@router.get("", responses={200: examples.response(examples_identity.ACCOUNTS), **documented()})
def list_accounts(context: ContextDep) -> tuple[Account, ...]:
    """List all accounts by name."""
    return context.identity.accounts.list()


@router.post(
    "",
    status_code=201,
    openapi_extra=examples.request(examples_identity.NEW_ACCOUNT),
    responses={201: examples.response(examples_identity.ACCOUNT), **documented(409)},
)
def create_account(wanted: NewAccount, context: ContextDep, by: ByDep, response: Response) -> Account:
    """Add an account. Names are written small; without a password nobody can sign in with it yet."""
    account = context.identity.accounts.add(wanted.name, wanted.display_name, wanted.roles, by, wanted.password)
    response.headers["Location"] = f"/api/v1/accounts/{account.name}"
    return account


@router.get("/{name}", responses={200: examples.response(examples_identity.ACCOUNT), **documented(404)})
def get_account(name: Printable, context: ContextDep) -> Account:
    """Return an account."""
    return context.identity.accounts.get(name)


@router.patch(
    "/{name}",
    openapi_extra=examples.request(examples_identity.CHANGE),
    responses={200: examples.response(examples_identity.ACCOUNT), **documented(404, 409)},
)
def change_account(name: Printable, wanted: AccountChange, context: ContextDep, by: ByDep) -> Account:
    """Change roles, name, password, or disable an account; it acts at once, in sessions that are open, too."""
    given = {key: value for key, value in dict(wanted).items() if value is not None}
    return context.identity.accounts.change(name, by, **given)
