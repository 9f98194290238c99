"""`/dicom-web/studies`: devices and archives store documents over the web (STOW-RS, PS3.18 section 10.5)."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import examples
from api.deps import ByDep, ContextDep
from api.permissions import Guarded
from api.problems import documented
from api.uploads import media_type
from mrrt.errors import UsageError
from reporting.receiving.multipart import DICOM, RELATED, parts
from reporting.receiving.stow import as_json

router = APIRouter(prefix="/dicom-web", tags=["DICOMweb"], route_class=Guarded)
MEDIA_TYPE = "application/dicom+json"
_UID = re.compile(r"[0-9.]{1,64}")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"DICOM files, one in each part; or one file by itself as {DICOM}.",
        "content": {
            f'{RELATED}; type="{DICOM}"': {
                "schema": {"type": "string", "format": "binary"},
                "example": "--b\r\nContent-Type: application/dicom\r\n\r\n(the bytes of a DICOM file)\r\n--b--",
            }
        },
    }
}


class DicomJson(JSONResponse):
    """An answer in the DICOM JSON model."""

    media_type = MEDIA_TYPE


async def _files(request: Request) -> tuple[bytes, ...]:
    if media_type(request) not in (DICOM, RELATED):
        raise HTTPException(415, f'Documents are sent as {RELATED}; type="{DICOM}".')
    return parts(await request.body(), request.headers["Content-Type"])


def _answers() -> dict[int | str, dict[str, Any]]:
    refused = documented(409, 415)
    refused[409]["content"][MEDIA_TYPE] = {"schema": {"type": "object"}, "example": examples.STOW_REFUSED}
    stored = {MEDIA_TYPE: {"schema": {"type": "object"}, "example": examples.STOW_STORED}}
    partly = {MEDIA_TYPE: {"schema": {"type": "object"}, "example": examples.STOW_STORED | examples.STOW_REFUSED}}
    return {
        200: {"description": "All objects are safe.", "content": stored},
        202: {"description": "Some objects are safe, the others are named with the reason.", "content": partly},
        **refused,
    }


FilesDep = Annotated[tuple[bytes, ...], Depends(_files)]


@router.post("/studies", openapi_extra=_BODY, responses=_answers(), response_class=DicomJson)
def store_instances(files: FilesDep, context: ContextDep, by: ByDep) -> DicomJson:
    """Store documents of any study. What is named as stored is safe; it is imported afterwards."""
    return _stored(context, files, by, "")


@router.post("/studies/{uid}", openapi_extra=_BODY, responses=_answers(), response_class=DicomJson)
def store_instances_of_study(uid: str, files: FilesDep, context: ContextDep, by: ByDep) -> DicomJson:
    """Store documents of one study; those of another one are refused."""
    if not _UID.fullmatch(uid):
        raise UsageError("a study is named by its UID: digits and points, up to 64 of them")
    return _stored(context, files, by, uid)


def _stored(context: ContextDep, files: FilesDep, by: ByDep, study: str) -> DicomJson:
    if not files:
        raise UsageError("the body holds no document")
    results = context.reception.storing.store(files, by, study)
    failed = sum(one.failure is not None for one in results)
    status = 200 if failed == 0 else 409 if failed == len(results) else 202
    return DicomJson(as_json(results), status)
