"""`/documents`: DICOM SR documents in, and what they measured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from api import examples, paging
from api.deps import ByDep, WorkflowDep
from api.paging import Cursor, Limit, link_next, two_texts, with_next
from api.permissions import Guarded
from api.problems import documented
from api.read_log import found
from api.uploads import media_type
from reporting.draft import Printable
from reporting.import_words import Language
from reporting.records import DocumentFilter, DocumentLine
from reporting.views import DocumentView, ReceiptView, document_view, receipt_view

router = APIRouter(prefix="/documents", tags=["documents"], route_class=Guarded)
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
    if media_type(request).startswith("multipart/"):
        raise HTTPException(415, "Send the file itself as the body, as application/dicom, and no form around it.")
    return await request.body()


@router.post(
    "",
    status_code=201,
    openapi_extra=_BINARY,
    responses={
        200: {"model": ReceiptView, "description": "The same document was here already."},
        201: examples.response(examples.RECEIPT),
        **documented(409, 415),
    },
)
def receive_document(
    content: Annotated[bytes, Depends(_bytes)],
    workflow: WorkflowDep,
    by: ByDep,
    response: Response,
    language: Language = "en",
) -> ReceiptView:
    """Receive an SR document. The same bytes again are accepted; other bytes under the same UID are not.

    Its title and problems are said in `language` as far as there are words for them.
    """
    received = workflow.receive(content, by)
    response.status_code = 201 if received.new else 200
    response.headers["Location"] = f"/api/v1/documents/{received.document.sop_instance_uid}"
    return receipt_view(received.document, workflow.fits(received.document), language)


@router.get("", responses={200: with_next(examples.response(examples.DOCUMENTS)), **documented()})
def list_documents(
    request: Request,
    response: Response,
    workflow: WorkflowDep,
    study: Annotated[Printable | None, Query(description="Study Instance UID")] = None,
    patient: Annotated[Printable | None, Query(description="identifier of the patient")] = None,
    accession: Annotated[Printable | None, Query(description="accession number")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> list[DocumentLine]:
    """List the documents that were received, the latest first; everything that is named has to hold.

    Where there are more, the `Link` header has the address of the next page.
    """
    lines = workflow.documents(DocumentFilter(study, patient, accession), limit + 1, two_texts(cursor))
    if len(lines) > limit:
        last = lines[limit - 1]
        link_next(request, response, cursor=paging.cursor(last.received_at, last.sop_instance_uid))
    found(request, len(lines[:limit]))
    return list(lines[:limit])


@router.get("/{uid}", responses={200: examples.response(examples.DOCUMENT), **documented(404)})
def get_document(uid: Printable, workflow: WorkflowDep, language: Language = "en") -> DocumentView:
    """Return what an SR document measured, and which templates it fills, the best first.

    Names of codes and problems are said in `language` as far as there are words for them; codes are as they were sent.
    """
    document = workflow.document(uid)
    return document_view(document, workflow.fits(document), language)
