"""`/IHETemplateService`: the template transactions of IHE MRRT, RAD-103 retrieve, RAD-104 store and RAD-105 query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote

import lxml.etree
from fastapi import APIRouter, Depends, Request, Response

from api import examples
from api.deps import ByDep, VersionDep, WorkflowDep
from api.permissions import Guarded
from api.problems import documented
from api.templates import WantedDep, as_written, ranged
from api.uploads import PageDep, described
from reporting.catalogue import Card
from reporting.draft import Printable
from reporting.packages import Package

SERVICE = "/IHETemplateService"
router = APIRouter(prefix=SERVICE, tags=["IHE MRRT"], route_class=Guarded)
_TERMS = frozenset(
    {
        *("title", "identifier", "type", "language", "publisher", "rights", "license", "date", "creator"),
        *("contributor", "relation", "description", "subject", "abstract", "references", "reference", "source"),
    }
)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@router.get(
    "/",
    response_class=Response,
    responses={200: examples.response(examples.TEMPLATES_XML, "text/xml"), **documented()},
)
def query_templates(
    request: Request, workflow: WorkflowDep, wanted: WantedDep, place: Annotated[tuple[int, int], Depends(ranged)]
) -> Response:
    """List templates with the metadata of their heads (RAD-105). The query parameters are an extension of ours."""
    cards = workflow.library.search(wanted, *place)
    return Response(_listed(cards, f"{str(request.base_url).rstrip('/')}{SERVICE}/"), media_type="text/xml")


@router.get(
    "/{templateUID:path}",
    response_class=Response,
    responses={200: examples.response(examples.PAGE_HTML, "text/html"), **documented(404)},
)
def retrieve_template(templateUID: Printable, workflow: WorkflowDep) -> Response:  # noqa: N803  # the name that IHE gave it
    """Return the page of a template as it was stored (RAD-103). Percent-encode identifiers that are addresses."""
    library = workflow.library
    response = as_written(library.source(templateUID).html)
    if (version := library.version(templateUID)) is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


@router.put(
    "/{templateUID:path}",
    response_class=Response,
    openapi_extra=described("text/html"),
    responses={
        200: examples.response(examples.STORED_TEXT, "text/plain"),
        201: examples.response(examples.STORED_TEXT, "text/plain"),
        **documented(409, 412, 415),
    },
)
def store_template(
    templateUID: Printable,  # noqa: N803
    page: PageDep,
    workflow: WorkflowDep,
    by: ByDep,
    version: VersionDep,
    new_version: bool = False,
) -> Response:
    """Store a page under the identifier that it states (RAD-104).

    A page whose body differs from the stored one is refused (409) unless `new_version=true`; its head may change.
    """
    package = Package(templateUID, page)
    kept = workflow.library.keep(package, by, identifier=templateUID, new_version=new_version, version=version)
    headers = {"ETag": f'"{kept.summary.version}"', "Location": f"{SERVICE}/{quote(templateUID, safe='')}"}
    text = f"{kept.summary.title}: version {kept.summary.version}, {len(kept.problems)} warnings\n"
    return Response(text, 201 if kept.new else 200, headers, media_type="text/plain; charset=utf-8")


def _listed(cards: Iterable[Card], address: str) -> bytes:
    """Return the answer of RAD-105: each template with its address, its title, and the metadata of its head."""
    root = lxml.etree.Element("templates")
    for card in cards:
        if card.summary.identifier:
            href = address + quote(card.summary.identifier, safe="")
            entry = lxml.etree.SubElement(root, "template", href=href)
            lxml.etree.SubElement(entry, "title").text = _xml(card.summary.title)
            for name, texts in card.metadata.items():
                for text in texts:
                    lxml.etree.SubElement(entry, "meta", name=_meta(name), content=_xml(text))
    return lxml.etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _meta(name: str) -> str:
    return f"dcterms.{name}" if name in _TERMS else _xml(name)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
