"""Every read of patient data is in the audit log before the answer is sent; this is the one place that sees to it.

`READS` says which operations read patient data, and what the log calls that. An operation that is in neither table
fails a test. What was read is known from the request and its answer: the report or document in the path, the version in
the ETag, the format in the Content-Type. Of a search the names of its filters are kept and how much was found, not what
was looked for: that is mostly a patient. If the log cannot be written, there is no answer. A read that is
answered with 304 is noted like any other, as `unchanged`: who sends an ETag has the content in hand, and goes on to
show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.conditional import is_in_hand
from api.request_log import operation
from reporting.audit_log import AuditLog
from reporting.records import By

READS: Mapping[str, str] = {
    "list_reports": "search",
    "get_report": "read",
    "get_report_form": "read",
    "get_rendering": "render",
    "get_explanations": "read",
    "get_explanation": "read",
    "list_report_versions": "read",
    "get_report_version": "read",
    "get_difference": "read",
    "get_history": "read",
    "get_course": "read",
    "get_worklist": "search",
    "list_unreported": "search",
    "list_drafts": "search",
    "list_to_sign": "search",
    "list_signed": "search",
    "list_late": "search",
    "get_job_result": "export",
    "get_late": "read",
    "preview_migration": "read",
    "list_documents": "search",
    "get_document": "read-document",
    "list_audit_events": "read-audit",
    "get_audit_event": "read-audit",
    "verify_audit_log": "read-audit",
}
NO_PATIENTS = frozenset(
    {
        *("list_templates", "get_template", "get_form", "get_source", "get_package", "list_versions", "list_problems"),
        "get_logic",
        *("openapi", "get_session", "begin_oidc", "finish_oidc", "list_accounts", "get_account", "list_tokens"),
        *("list_jobs", "get_job", "follow_events", "list_formats"),
        *("query_templates", "retrieve_template", "list_unmapped", "list_devices", "list_deliveries", "get_trial"),
        *("get_template_difference", "health", "healthz", "readyz", "metrics"),
    }
)
"""Operations that only read, but nothing of a patient."""
_SHOWN = "documents_shown"
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})(?:\.\w+)?"')


class ReadLog:
    """Notes reads in the audit log between the making of an answer and its sending."""

    def __init__(self, app: ASGIApp, log: AuditLog) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                action = READS.get(operation(scope))
                if action is not None:
                    await run_in_threadpool(self._note, action, scope, message)
                elif scope["state"].get(_SHOWN):
                    await run_in_threadpool(self._note_documents, scope, message)
            await send(message)

        await self.app(scope, receive, noting if scope["type"] == "http" else send)

    def _note(self, action: str, scope: Scope, answer: Message) -> None:
        by: By = scope["state"]["by"]
        self.log.note(action, by, detail=_detail(scope, answer), **_about(scope, answer))

    def _note_documents(self, scope: Scope, answer: Message) -> None:
        by: By = scope["state"]["by"]
        for uid in scope["state"][_SHOWN]:
            self.log.note("read-document", by, detail=_detail(scope, answer), document=uid)


def shown(request: Request, documents: Iterable[str]) -> None:
    """Tell the log which documents an answer is made of, where the address does not name them."""
    request.state.documents_shown = tuple(dict.fromkeys(documents))


def found(request: Request, count: int) -> None:
    """Tell the log how much a search found."""
    request.state.hits = count


def _about(scope: Scope, answer: Message) -> dict[str, Any]:
    place = scope.get("path_params", {})
    about = {"report_id": place.get("report_id"), "document": place.get("uid")}
    version = _ETAG.fullmatch(Headers(raw=answer["headers"]).get("etag", ""))
    named = version[1] if version else place.get("number") if about["report_id"] else None
    return about | {"version": None if named is None else int(named)}


def _detail(scope: Scope, answer: Message) -> dict[str, Any]:
    media_type = Headers(raw=answer["headers"]).get("content-type", "").partition(";")[0]
    detail: dict[str, Any] = {"operation": operation(scope), "as": media_type}
    if is_in_hand(scope, answer):
        detail["unchanged"] = True
    hits = scope["state"].get("hits")
    filters = _filters(scope)
    return detail | ({"filters": filters} if filters else {}) | ({} if hits is None else {"hits": hits})


def _filters(scope: Scope) -> list[str]:
    """Return the names of the parameters that the operation knows; another one might be anything."""
    known = set(_parameters(scope["route"].dependant))
    given = {name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    return sorted(known & given)


def _parameters(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):  # a model whose fields are the parameters
            yield from (field.alias or name for name, field in kind.model_fields.items())
        else:
            yield parameter.alias
    for one in dependant.dependencies:
        yield from _parameters(one)
