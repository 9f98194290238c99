"""What the OpenAPI document says is what the server does, over requests that schemathesis makes up from it.

1. No operation answers with a mistake of the server, or with a status, media type, body or header that is not stated.
2. The harness sees a route that does.

`MRRT_SCHEMATHESIS=N` tries N requests of each operation and takes the time that needs; without it the run is short.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.app import create_app
from reporting.draft import Edit
from reporting.job_kinds import RebuildParameters

from ..reporting.site import SEEN, by, counting, site, sr, ticking
from .conformance import breaches

EXAMPLES = int(os.environ.get("MRRT_SCHEMATHESIS", "0"))
SECONDS = 36_000.0 if EXAMPLES else 30.0


def filled(folder: Path) -> tuple[FastAPI, dict[str, Any]]:
    """Return an application with something of each kind in it, and the path parameters of these things."""
    app = create_app(site(folder, events_seconds=0), clock=ticking(), new_id=counting())
    context = app.state.context
    uid = context.workflow.receive(sr(), by()).document.sop_instance_uid
    context.workflow.create("r1", "tiny-carotid", [uid], by())
    context.workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    context.signing.sign("r1", by(), acknowledging=SEEN)
    context.jobs.add("j1", RebuildParameters(), "rebuild-values", by())
    known = {"name": "tiny-carotid", "templateUID": "1.2.3.4.5", "uid": uid, "report_id": "r1", "number": 2}
    return app, known | {"field": "right_grade", "job_id": "j1"}


def test_every_answer_is_as_described(tmp_path: Path) -> None:  # 1
    app, known = filled(tmp_path)
    wrong, count = breaches(app, known, EXAMPLES or 4, SECONDS)
    assert wrong == {} and count > 150


class Number(BaseModel):
    """A number."""

    number: int


def planted() -> FastAPI:
    app = FastAPI(openapi_url="/api/v1/openapi.json")

    @app.get("/right")
    def right() -> Number:
        return Number(number=1)

    @app.get("/status", response_model=Number)
    def status() -> Response:
        return JSONResponse({"number": 1}, 203)

    @app.get("/body", response_model=Number)
    def body() -> Response:
        return JSONResponse({"number": "one"})

    @app.get("/kind", response_model=Number)
    def kind() -> Response:
        return Response("1", media_type="text/plain")

    @app.get("/header", responses={200: {"headers": {"X-Count": {"schema": {"type": "integer"}, "required": True}}}})
    def header() -> Number:
        return Number(number=1)

    @app.get("/mistake")
    def mistake() -> Response:
        return JSONResponse({}, 500)

    return app


def test_the_harness_sees_what_is_wrong() -> None:  # 2
    wrong, _ = breaches(planted(), {}, 1, 20.0)
    assert set(wrong) == {f"GET /{path}" for path in ("status", "body", "kind", "header", "mistake")}
