"""Sends what schemathesis makes of the OpenAPI document, and checks each answer against the document.

For every operation: what the document allows, what it forbids, and what it allows about things that are there.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from ..reporting.site import TINY, sr

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own use of other libraries
    from schemathesis import GenerationMode, openapi
    from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
PAGES = st.one_of(st.just((TINY / "template.html").read_bytes()), st.binary(max_size=200))
openapi.media_type("text/html", PAGES, aliases=["application/xhtml+xml"])
openapi.media_type("application/zip", st.binary(max_size=200), aliases=["application/x-zip-compressed"])
openapi.media_type("application/dicom", st.one_of(st.just(sr()), st.binary(max_size=200)))
openapi.media_type("multipart/related", st.binary(max_size=200))
NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
CHECKED = [CHECKS.get_one(name) for name in NAMES]


def breaches(app: FastAPI, known: Mapping[str, Any], examples: int, seconds: float) -> tuple[dict[str, str], int]:
    """Return what is wrong by operation, and how many requests were made.

    `known` are path parameters of things that are there. Operations share the time, and each gets at least one round.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = openapi.from_asgi("/api/v1/openapi.json", _here(app))
        operations = [found.ok() for found in schema.get_all_operations()]
        wrong, count = {}, 0
        until = time.monotonic() + seconds
        for number, operation in enumerate(operations):
            share = (until - time.monotonic()) / (len(operations) - number)
            for message in _broken(operation, known, examples, time.monotonic() + share):
                count += 1
                if message:
                    wrong[operation.label] = message
    return wrong, count


def _here(app: FastAPI) -> ASGIApp:
    """Return the application as a client on this machine sees it; schemathesis calls every host "testserver"."""

    async def local(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [(name, b"127.0.0.1" if name == b"host" else value) for name, value in scope["headers"]]
            scope = {**scope, "headers": headers}
        await app(scope, receive, send)

    return local


def _broken(operation: Any, known: Mapping[str, Any], examples: int, until: float) -> Iterator[str]:
    """Try one operation, and yield for each request what is wrong with its answer, "" for nothing."""
    found: list[str] = []
    named = {one.name: known[one.name] for one in operation.path_parameters if one.name in known}
    kinds = [
        operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named or None),
        operation.as_strategy(GenerationMode.POSITIVE),
    ]
    if _can_be_wrong(operation):
        kinds.append(operation.as_strategy(GenerationMode.NEGATIVE))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 50,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(kinds))
    def attempt(case: Any) -> None:
        if time.monotonic() > until and found:
            return
        try:
            case.call_and_validate(checks=CHECKED)
            found.append("")
        except BaseException as error:  # noqa: BLE001  # schemathesis raises groups of its own
            found.append(_said(error))

    attempt()
    yield from found


def _can_be_wrong(operation: Any) -> bool:
    """Tell whether an operation takes anything that could be wrong."""
    parts = (operation.path_parameters, operation.query, operation.headers, operation.body)
    return any(len(list(part)) for part in parts)


def _said(error: BaseException) -> str:
    inner = getattr(error, "exceptions", ())
    return "\n".join(_said(one) for one in inner) if inner else f"{type(error).__name__}: {error}"
