"""Every role against every route, and nobody against every route.

1. The table here was written by itself, from what each role is for; it is not made from the one that it checks.
2. Nobody gets 401 wherever somebody has to be known, whatever they send.
3. The harness fails for a route that is in no table, and for an expectation that is wrong.
4. docs/explanation/who-may-do-what.md says what the table of the code says.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import create_app
from api.permissions import NEEDED, every_route, refuse_gaps
from reporting.access import PERMISSIONS, Permission, Role
from reporting.identity import Open
from reporting.records import By

from ..conftest import ROOT
from ..reporting.site import counting, site, sr
from .conftest import OWN, V1, TestClient

READERS = "reader author signer auditor"
AUTHORS = "author signer"
SIGNERS = "signer"
TEMPLATES = "reader author signer template-manager auditor"
MANAGERS = "template-manager"
SENDERS = "device author signer"
ADMINISTRATORS = "administrator"
AUDITORS = "auditor"
EVALUATORS = "reader author signer template-manager"
JOBS = "auditor administrator"
ANYONE, ALL = "anyone", " ".join(Role)
EXPECTED = {
    f"GET {V1}/openapi.json": ANYONE,
    f"GET {V1}/health": ANYONE,
    f"GET {V1}/session": ANYONE,
    f"POST {V1}/session": ANYONE,
    f"DELETE {V1}/session": ALL,
    f"PUT {V1}/session/password": ALL,
    f"GET {V1}/session/oidc": ANYONE,
    f"GET {V1}/session/oidc/callback": ANYONE,
    f"POST {V1}/oauth/token": ANYONE,
    f"GET {V1}/accounts": ADMINISTRATORS,
    f"POST {V1}/accounts": ADMINISTRATORS,
    f"GET {V1}/accounts/{{name}}": ADMINISTRATORS,
    f"PATCH {V1}/accounts/{{name}}": ADMINISTRATORS,
    f"GET {V1}/tokens": ADMINISTRATORS,
    f"POST {V1}/tokens": ADMINISTRATORS,
    f"DELETE {V1}/tokens/{{number}}": ADMINISTRATORS,
    f"GET {V1}/templates": TEMPLATES,
    f"POST {V1}/templates": MANAGERS,
    f"GET {V1}/templates/{{name}}": TEMPLATES,
    f"PUT {V1}/templates/{{name}}": MANAGERS,
    f"DELETE {V1}/templates/{{name}}": MANAGERS,
    f"GET {V1}/templates/{{name}}/form": TEMPLATES,
    f"GET {V1}/templates/{{name}}/versions": TEMPLATES,
    f"GET {V1}/templates/{{name}}/problems": TEMPLATES,
    f"GET {V1}/template-desk/logic/{{name}}": TEMPLATES,
    f"POST {V1}/template-desk/pages": MANAGERS,
    f"POST {V1}/template-desk/packages": MANAGERS,
    f"POST {V1}/template-desk/packages/texts": MANAGERS,
    f"POST {V1}/template-desk/packages/mended": MANAGERS,
    f"GET {V1}/templates/{{name}}/source": TEMPLATES,
    f"GET {V1}/templates/{{name}}/package": TEMPLATES,
    "GET /IHETemplateService/": TEMPLATES,
    "GET /IHETemplateService/{templateUID}": TEMPLATES,
    "PUT /IHETemplateService/{templateUID}": MANAGERS,
    f"GET {V1}/unmapped": "template-manager administrator",
    f"GET {V1}/devices": "template-manager administrator",
    f"GET {V1}/deliveries": "template-manager administrator",
    f"GET {V1}/templates/{{name}}/versions/{{number}}/difference": TEMPLATES,
    f"PUT {V1}/reports/{{report_id}}/visits/{{visit}}": AUTHORS,
    f"GET {V1}/trial": "auditor administrator",
    f"DELETE {V1}/trial": ADMINISTRATORS,
    f"POST {V1}/documents": SENDERS,
    f"GET {V1}/documents": READERS,
    f"GET {V1}/documents/{{uid}}": READERS,
    "POST /dicom-web/studies": SENDERS,
    "POST /dicom-web/studies/{uid}": SENDERS,
    f"GET {V1}/reports": READERS,
    f"POST {V1}/reports": AUTHORS,
    f"GET {V1}/reports/{{report_id}}": READERS,
    f"PATCH {V1}/reports/{{report_id}}": AUTHORS,
    f"GET {V1}/reports/{{report_id}}/rendering": READERS,
    f"GET {V1}/reports/{{report_id}}/form": READERS,
    f"GET {V1}/reports/{{report_id}}/explanations": READERS,
    f"GET {V1}/reports/{{report_id}}/explanations/{{field}}": READERS,
    f"GET {V1}/reports/{{report_id}}/late": READERS,
    f"GET {V1}/reports/{{report_id}}/versions": READERS,
    f"GET {V1}/reports/{{report_id}}/versions/{{number}}": READERS,
    f"GET {V1}/reports/{{report_id}}/versions/{{number}}/difference": READERS,
    f"GET {V1}/reports/{{report_id}}/history": READERS,
    f"GET {V1}/reports/{{report_id}}/history/{{field}}": READERS,
    f"GET {V1}/formats": ALL,
    f"GET {V1}/worklist": READERS,
    f"GET {V1}/worklist/unreported": READERS,
    f"GET {V1}/worklist/drafts": READERS,
    f"GET {V1}/worklist/to-sign": READERS,
    f"GET {V1}/worklist/signed": READERS,
    f"GET {V1}/worklist/late": READERS,
    f"GET {V1}/events": READERS,
    f"POST {V1}/evaluate": EVALUATORS,
    f"GET {V1}/audit": AUDITORS,
    f"GET {V1}/audit/{{number}}": AUDITORS,
    f"GET {V1}/audit/verification": AUDITORS,
    f"POST {V1}/jobs": ALL,
    f"GET {V1}/jobs": JOBS,
    f"GET {V1}/jobs/{{job_id}}": ALL,
    f"GET {V1}/jobs/{{job_id}}/result": ALL,
    f"DELETE {V1}/jobs/{{job_id}}": ALL,
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ALL,
    f"GET {V1}/reports/{{report_id}}/migration": READERS,
    f"POST {V1}/reports/{{report_id}}/documents": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/acknowledgements": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/late/decline": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/migration": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/cancel": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/sign-preliminary": AUTHORS,
    f"POST {V1}/reports/{{report_id}}/sign": SIGNERS,
    f"POST {V1}/reports/{{report_id}}/revision": SIGNERS,
    f"DELETE {V1}/reports/{{report_id}}/revision": SIGNERS,
    f"POST {V1}/reports/{{report_id}}/addenda": SIGNERS,
    f"POST {V1}/reports/{{report_id}}/withdraw": SIGNERS,
}
Bearers = Mapping[str, str]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A site with sign-in."""
    made = create_app(site(tmp_path_factory.mktemp("roles"), sign_in="local"), new_id=counting())
    yield made
    made.state.context.workflow.store.close()


@pytest.fixture(scope="module")
def bearers(app: FastAPI) -> Bearers:
    """A token for each role, and one for nobody."""
    credentials = app.state.context.identity.credentials
    by = By("admin", datetime.now(UTC))
    made = {str(role): f"Bearer {credentials.make(role, [role], by).secret}" for role in Role}
    return {**made, "": ""}


def routes(app: FastAPI) -> set[str]:
    described = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    return {*described, f"GET {V1}/openapi.json"}


def empty_body() -> Callable[[], Awaitable[Any]]:
    """Return what a client sends that sends no body, and then waits."""
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        return next(messages, None) or await asyncio.Event().wait()

    return receive


async def answered(
    app: FastAPI, method: str, path: str, bearer: str, receive: Callable[[], Awaitable[Any]] | None = None
) -> tuple[int, dict[str, str]]:
    """Return status and headers of an answer, without waiting for its body: a stream of events has no end."""
    start: asyncio.Future[tuple[int, dict[str, str]]] = asyncio.get_running_loop().create_future()
    headers = [(b"host", b"127.0.0.1:8000"), *([(b"authorization", bearer.encode())] if bearer else [])]
    scope: dict[str, Any] = {
        **{"type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": ""},
        **{"path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "state": {}},
        **{"client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000)},
    }

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not start.done():
            said = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            start.set_result((message["status"], said))

    task = asyncio.create_task(app(scope, receive or empty_body(), send))
    await asyncio.wait({start, task}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return start.result()


def wrong(app: FastAPI, bearers: Bearers, expected: Mapping[str, str]) -> list[str]:
    """Return every role and route where the answer is not as the table expects it."""

    async def all_of_them() -> list[str]:
        found = []
        for operation, roles in expected.items():
            method, path = re.sub(r"{\w+}", "r1", operation).split(" ")
            for who, bearer in bearers.items():
                status, _ = await answered(app, method, path, bearer)
                allowed = roles == ANYONE or who in roles.split()
                refusal = 403 if who else 401
                broken = status >= 500 and path != "/readyz"  # which says that nobody started the server
                if (status == refusal) is allowed or (allowed and status in (401, 403)) or broken:
                    found.append(f"{who or 'nobody'}: {operation}: {status}")
        return found

    return asyncio.run(all_of_them())


def test_the_table_names_every_route(app: FastAPI) -> None:
    assert routes(app) == set(EXPECTED)
    assert {route.endpoint.__name__ for route in every_route(app.router.routes)} == set(NEEDED)


def test_every_role_and_nobody_on_every_route(app: FastAPI, bearers: Bearers) -> None:
    assert wrong(app, bearers, EXPECTED) == []


def test_a_wrong_expectation_is_found(app: FastAPI, bearers: Bearers) -> None:
    planted = {
        f"GET {V1}/reports": READERS + " device",
        f"POST {V1}/reports/{{report_id}}/sign": AUTHORS,
        f"GET {V1}/accounts": ANYONE,
        f"GET {V1}/session": SIGNERS,
    }
    found = wrong(app, bearers, planted)
    assert f"device: GET {V1}/reports: 403" in found
    assert f"author: POST {V1}/reports/{{report_id}}/sign: 403" in found
    assert f"nobody: GET {V1}/accounts: 401" in found
    assert f"nobody: GET {V1}/session: 200" in found and f"reader: GET {V1}/session: 200" in found


@pytest.mark.parametrize("path", ["/", "/app.js", "/index.html"])
def test_pages_are_for_everybody(app: FastAPI, path: str) -> None:
    assert asyncio.run(answered(app, "GET", path, ""))[0] == 200


def test_nobody_is_told_how_to_prove_who_they_are(app: FastAPI) -> None:
    status, headers = asyncio.run(answered(app, "GET", f"{V1}/reports", ""))
    assert status == 401 and headers["www-authenticate"].startswith("Bearer")
    assert headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("bearer", ["Bearer mrrt_wrong", "Bearer a.b.c", "Bearer", "Basic YTpi", "nonsense"])
def test_what_is_no_token_lets_nobody_in(app: FastAPI, bearer: str) -> None:
    assert asyncio.run(answered(app, "GET", f"{V1}/reports", bearer))[0] == 401
    assert asyncio.run(answered(app, "GET", f"{V1}/health", bearer))[0] == 200


@pytest.mark.parametrize("content", [b"{", b"[" * 5000, b'{"template": 3}', b"\xff"])
def test_nobody_is_told_what_is_wrong_with_a_body(app: FastAPI, content: bytes) -> None:
    as_json = {"Content-Type": "application/json"}
    nobody = TestClient(app, OWN)  # without its start, which an application has once
    assert nobody.post(f"{V1}/reports", content=content, headers=as_json).status_code == 401
    assert nobody.patch(f"{V1}/reports/r1", content=content, headers=as_json).status_code == 401


def test_nothing_is_read_of_those_who_may_not_send_it(app: FastAPI, bearers: Bearers) -> None:
    parts = 0

    async def receive() -> dict[str, Any]:
        nonlocal parts
        parts += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": parts < 9}

    def asked(bearer: str) -> tuple[int, int]:
        nonlocal parts
        parts = 0
        status, _ = asyncio.run(answered(app, "POST", f"{V1}/documents", bearer, receive))
        return status, parts

    assert asked("") == (401, 0)
    assert asked(bearers["reader"]) == (403, 0)
    assert asked(bearers["device"]) == (422, 9), "the harness reads what is asked for"
    told = TestClient(app, OWN).post(f"{V1}/documents", headers={"Authorization": bearers["reader"]}).json()
    assert told["detail"] == 'You have no role that permits this; it takes "send-documents".'


SR = sr()


def slowly(content: bytes, meanwhile: Callable[[], object]) -> Callable[[], Awaitable[Any]]:
    """Return what a client sends that begins a body, and ends it when something else has happened."""
    parts = iter([content[:5], content[5:]])

    async def receive() -> dict[str, Any]:
        part = next(parts)
        if part != content[:5]:
            await asyncio.sleep(1.1)
            meanwhile()
        return {"type": "http.request", "body": part, "more_body": part == content[:5]}

    return receive


def test_a_body_that_takes_its_time_does_not_keep_the_door_open(app: FastAPI) -> None:
    store, credentials = app.state.context.workflow.store, app.state.context.identity.credentials
    token = credentials.make("leaver", [Role.DEVICE], By("admin", datetime.now(UTC)))

    def asked(meanwhile: Callable[[], object]) -> int:
        bearer, received = f"Bearer {token.secret}", slowly(SR, meanwhile)
        return asyncio.run(answered(app, "POST", f"{V1}/documents", bearer, received))[0]

    noted: list[datetime] = []
    assert asked(lambda: noted.append(datetime.now(UTC))) == 201
    with store.reading() as transaction:
        last = transaction.audit_after(transaction.last_audit_number() - 1, 1)[0]
    assert last.action == "receive" and datetime.fromisoformat(last.at) >= noted[0], "it has the time of its doing"
    assert asked(lambda: credentials.revoke(token.id, By("admin", datetime.now(UTC)))) == 401


def test_a_body_that_breaks_off_is_the_mistake_of_its_sender(app: FastAPI, bearers: Bearers) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert asyncio.run(answered(app, "POST", f"{V1}/documents", bearers["device"], receive))[0] == 400


def test_who_is_not_known_yet_sends_little(app: FastAPI) -> None:
    nobody = TestClient(app, OWN)
    much = {"name": "sam", "password": "x" * 70_000}
    refused = nobody.post(f"{V1}/session", json=much)
    assert refused.status_code == 413 and refused.headers["Connection"] == "close"
    assert refused.json()["detail"] == "The body is larger than 65536 bytes."
    assert nobody.post(f"{V1}/oauth/token", data={"grant_type": "x" * 70_000}).status_code == 413
    assert nobody.post(f"{V1}/session", json={**much, "password": "x" * 60_000}).status_code == 422


def test_refusals_are_in_the_audit_log(app: FastAPI, bearers: Bearers) -> None:
    asyncio.run(answered(app, "GET", f"{V1}/reports/r7", bearers["device"]))
    with app.state.context.workflow.store.reading() as transaction:
        last = transaction.audit_after(transaction.last_audit_number() - 1, 1)[0]
    assert (last.actor, last.action, last.outcome, last.source) == ("token:device", "refuse", "refused", "127.0.0.1")
    assert last.detail == '{"needed":"read-reports","operation":"get_report"}'


def test_who_may_not_read_documents_derives_nothing_from_them(app: FastAPI, bearers: Bearers) -> None:
    client = TestClient(app, OWN)
    wanted = {"template": "us-carotid-duplex", "documents": ["1.2.3"]}

    def status(role: str, **more: object) -> int:
        headers = {"Authorization": bearers[role]}
        return client.post(f"{V1}/evaluate", json={**wanted, **more}, headers=headers).status_code

    assert status("template-manager") == 403 and status("reader") == 404
    assert status("template-manager", documents=[]) == 200


def test_a_server_with_a_gap_does_not_start(app: FastAPI) -> None:
    listed = app.router.routes
    refuse_gaps(listed)
    with pytest.raises(LookupError, match="sign_report"):
        refuse_gaps(listed, {name: needed for name, needed in NEEDED.items() if name != "sign_report"})
    with pytest.raises(LookupError, match="no_such_route"):
        refuse_gaps(listed, {**NEEDED, "no_such_route": Open.ANYONE})
    with pytest.raises(LookupError, match="openapi"):
        refuse_gaps(listed, {**NEEDED, "openapi": Permission.READ_REPORTS})
    get_report = next(route.endpoint for route in every_route(listed) if route.endpoint.__name__ == "get_report")
    with pytest.raises(LookupError, match="nobody guards get_report"):
        refuse_gaps([APIRoute("/report", get_report, response_model=None)], {"get_report": Permission.READ_REPORTS})
    with pytest.raises(LookupError, match="no operation"):
        refuse_gaps([*listed, object()])


def test_without_sign_in_everybody_may_do_everything(tmp_path: Path) -> None:
    app = create_app(site(tmp_path), new_id=counting())
    assert wrong(app, {"": ""}, dict.fromkeys(EXPECTED, ANYONE)) == []
    app.state.context.workflow.store.close()


def test_signers_are_authors_are_readers() -> None:
    assert PERMISSIONS[Role.READER] < PERMISSIONS[Role.AUTHOR] < PERMISSIONS[Role.SIGNER]
    assert Permission.SIGN not in PERMISSIONS[Role.AUTHOR]
    patients = {Permission.READ_REPORTS, Permission.WRITE_REPORTS, Permission.SIGN, Permission.SIGN_PRELIMINARY}
    assert not patients & PERMISSIONS[Role.ADMINISTRATOR]
    changing = patients - {Permission.READ_REPORTS} | {Permission.MANAGE_TEMPLATES, Permission.SEND_DOCUMENTS}
    assert not changing & PERMISSIONS[Role.AUDITOR]
    assert PERMISSIONS[Role.DEVICE] == {Permission.SEND_DOCUMENTS}


def test_the_page_about_permissions_says_what_the_table_says() -> None:
    text = (ROOT / "docs" / "explanation" / "who-may-do-what.md").read_text("utf-8")
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line]
    heads = rows[0][1:-1]
    assert heads == [str(role) for role in Role]
    said = {row[0]: {role for role, cell in zip(heads, row[1:-1], strict=True) if cell == "x"} for row in rows[2:]}
    meant = {str(one): {str(role) for role in Role if one in PERMISSIONS[role]} for one in Permission}
    assert said == meant


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("rebuild-values", "auditor administrator"),
        ("export-values", "auditor"),
        ("verify-audit", "auditor"),
        ("import-templates", "template-manager"),
    ],
)
def test_each_kind_of_work_has_its_roles(app: FastAPI, bearers: Bearers, kind: str, roles: str) -> None:
    """Who may ask for it may see it; what it found is for them alone."""
    client = TestClient(app, OWN)
    parameters = {"archive": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="} if kind == "import-templates" else {}
    for role in Role:
        headers = {"Authorization": bearers[str(role)]}
        made = client.post(f"{V1}/jobs", json={"kind": kind, "parameters": parameters}, headers=headers)
        assert made.status_code == (202 if role in roles.split() else 403), (role, made.text)
        if made.status_code == 202:
            number = made.json()["id"]
            assert client.get(f"{V1}/jobs/{number}", headers=headers).status_code == 200
    for role in set(Role) - {Role(one) for one in roles.split()}:
        headers = {"Authorization": bearers[str(role)]}
        assert client.get(f"{V1}/jobs/{number}/result", headers=headers).status_code == 403
        seen = client.get(f"{V1}/jobs/{number}", headers=headers).status_code
        assert seen == (200 if Permission.MANAGE_JOBS in PERMISSIONS[role] else 403), role


def test_who_sees_that_work_is_done_does_not_see_whom_it_looks_for(app: FastAPI, bearers: Bearers) -> None:
    """An administrator sees no patient: not in what an auditor searches by, either."""
    client = TestClient(app, OWN)
    auditor, administrator = ({"Authorization": bearers[role]} for role in ("auditor", "administrator"))
    asked = {"format": "csv", "search": {"patient": "4711", "patient_name": "GARCIA"}}
    made = client.post(f"{V1}/jobs", json={"kind": "export-values", "parameters": asked}, headers=auditor)
    at = f"{V1}/jobs/{made.json()['id']}"
    assert made.json()["parameters"] == client.get(at, headers=auditor).json()["parameters"] == asked
    for answer in (
        client.request(*one, headers=administrator) for one in (("GET", f"{V1}/jobs"), ("GET", at), ("DELETE", at))
    ):
        assert answer.status_code == 200 and "export-values" in answer.text, answer.text
        assert "4711" not in answer.text and "GARCIA" not in answer.text
