"""`/documents`: DICOM SR documents in, and what they measured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api import examples
from api.deps import ByDep, WorkflowDep
from api.problems import documented
from api.read_log import found
from reporting.draft import Printable
from reporting.records import DocumentLine
from reporting.views import DocumentView, ReceiptView, document_view, receipt_view

router = APIRouter(prefix="/documents", tags=["documents"])
_BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as the device wrote it.",
        "content": {
            "application/dicom": {
                "schema": {"type": "string", "format": "binary"},
                "example": "(the bytes of a DICOM SR file)",
            }
        },
    }
}


async def _bytes(request: Request) -> bytes:
    return await request.body()


@router.post(
    "",
    status_code=201,
    openapi_extra=_BINARY,
    responses={
        200: {"model": ReceiptView, "description": "The same document was here already."},
        201: examples.response(examples.RECEIPT),
        **documented(409),
    },
)
def receive_document(
    content: Annotated[bytes, Depends(_bytes)], workflow: WorkflowDep, by: ByDep, response: Response
) -> ReceiptView:
    """Receive an SR document. The same bytes again are accepted; other bytes under the same UID are not."""
    received = workflow.receive(content, by)
    response.status_code = 201 if received.new else 200
    response.headers["Location"] = f"/api/v1/documents/{received.document.sop_instance_uid}"
    return receipt_view(received.document, workflow.fits(received.document))


@router.get("", responses={200: examples.response(examples.DOCUMENTS), **documented()})
def list_documents(
    workflow: WorkflowDep,
    request: Request,
    study: Printable | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[DocumentLine]:
    """List the documents that were received, of one study (by its UID) if it is named, the latest first."""
    lines = list(workflow.documents(study, limit))
    found(request, len(lines))
    return lines


@router.get("/{uid}", responses={200: examples.response(examples.DOCUMENT), **documented(404)})
def get_document(uid: Printable, workflow: WorkflowDep) -> DocumentView:
    """Return what an SR document measured, and which templates it fills, the best first."""
    document = workflow.document(uid)
    return document_view(document, workflow.fits(document))
