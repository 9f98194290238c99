"""The template transactions of IHE MRRT.

1. RAD-104 store: 201, 200, and every refusal: 400, 409, 412, 413, 415, 422 with all problems.
2. RAD-103 retrieve: the very bytes, fenced in; 404.
3. RAD-105 query: XML with addresses that lead to the pages; our own filters; an empty list is a list.
4. Identifiers that are addresses work percent-encoded.
5. A head may change under the same identifier, a body only as a new version.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import lxml.etree
import pytest

from ..reporting.pages import CHOICE, URL, page
from .conftest import LARGEST, V1, TestClient
from .test_error_shape import assert_problem

SERVICE = "/IHETemplateService"
HTML = {"Content-Type": "text/html"}
SHIPPED = "2.25.335532682702940833184152802401649089662"


def at(identifier: str) -> str:
    return f"{SERVICE}/{quote(identifier, safe='')}"


def put(client: TestClient, content: bytes, identifier: str = URL, query: str = "", **headers: str) -> Any:
    return client.put(f"{at(identifier)}{query}", content=content, headers={**HTML, **headers})


def listed(client: TestClient, query: str = "") -> list[Any]:
    answer = client.get(f"{SERVICE}/{query}")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/xml")
    root = lxml.etree.fromstring(answer.content)
    assert root.tag == "templates"
    return list(root)


def titles(client: TestClient, query: str = "") -> list[str | None]:
    return [entry.findtext("title") for entry in listed(client, query)]


def test_store_and_retrieve(strict: TestClient) -> None:  # 1, 2, 4
    first = put(strict, page())
    assert (first.status_code, first.headers["ETag"], first.headers["Location"]) == (201, '"1"', at(URL))
    again = put(strict, page())
    assert (again.status_code, again.headers["ETag"]) == (200, '"1"')
    got = strict.get(at(URL))
    assert got.content == page() and got.headers["Content-Type"] == "text/html"
    assert "sandbox" in got.headers["Content-Security-Policy"] and got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["ETag"] == '"1"'


@pytest.mark.parametrize("identifier", [URL, "1.2.3", "urn:oid:1.2.3", "a b/c d", "Ultraschall Hüfte", "50%"])
def test_identifiers(strict: TestClient, identifier: str) -> None:  # 4
    assert put(strict, page(identifier), identifier).status_code == 201
    assert strict.get(at(identifier)).content == page(identifier)
    ours = f"{V1}/templates/{quote(identifier, safe='')}"
    assert strict.get(ours).json()["identifier"] == identifier
    assert strict.get(f"{ours}/source").content == page(identifier)
    assert 'data-field="side"' in strict.get(f"{ours}/form").text
    (href,) = (one.get("href") for one in listed(strict, f"?identifier={quote(identifier, safe='')}"))
    assert strict.get(urlsplit(href).path).content == page(identifier)


def test_pages_of_folders_can_be_retrieved(strict: TestClient) -> None:  # 2
    assert b"<!DOCTYPE html>" in strict.get(at(SHIPPED)).content[:20]


def test_a_changed_head_and_a_changed_body(client: TestClient) -> None:  # 5
    put(client, page())
    head = put(client, page(publisher="Another Hospital"))
    assert (head.status_code, head.headers["ETag"]) == (200, '"2"')
    crlf = put(client, page(publisher="Another Hospital").replace(b"\n", b"\r\n"))
    assert (crlf.status_code, crlf.headers["ETag"]) == (200, '"3"')
    body = page(body=CHOICE.replace("left", "LEFT"))
    refused = put(client, body)
    assert refused.status_code == 409 and refused.json()["type"] == "urn:mrrt:problem:body-changed"
    assert_problem(refused)
    taken = put(client, body, query="?new_version=true")
    assert (taken.status_code, taken.headers["ETag"]) == (200, '"4"')
    assert client.get(at(URL)).content == body


def test_the_body_of_a_template_in_a_folder_counts(client: TestClient) -> None:  # 5
    content = client.get(at(SHIPPED)).content
    assert put(client, content.replace(b"</body>", b"<p>more</p></body>"), SHIPPED).status_code == 409
    assert put(client, content, SHIPPED).status_code == 201


def test_another_identifier(client: TestClient) -> None:  # 1
    answer = put(client, page("1.2.3"), "1.2.4")
    assert answer.status_code == 400 and '"1.2.3"' in answer.json()["detail"]
    assert client.get(at("1.2.4")).status_code == 404
    assert_problem(answer)


def test_outdated(client: TestClient) -> None:  # 1
    assert put(client, page(), **{"If-Match": '"1"'}).status_code == 412
    put(client, page())
    put(client, page(publisher="Another Hospital"), **{"If-Match": '"1"'})
    late = put(client, page(publisher="A third"), **{"If-Match": '"1"'})
    assert late.status_code == 412 and late.json()["version"] == 2 and late.headers["ETag"] == '"2"'
    assert_problem(late)


def test_too_large(client: TestClient) -> None:  # 1
    assert_problem(put(client, page(body="x" * LARGEST)))
    assert put(client, page(body="x" * LARGEST)).status_code == 413


def test_larger_than_a_template_may_be(strict: TestClient) -> None:  # 1
    assert put(strict, page(body="x" * (4 * 1024 * 1024))).status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/pdf", "", "text"])
def test_another_media_type(client: TestClient, kind: str) -> None:  # 1
    answer = put(client, page(), **{"Content-Type": kind})
    assert answer.status_code == 415
    assert_problem(answer)


def test_all_problems_of_a_refused_page(client: TestClient) -> None:  # 1
    bad = page(status="LIVE").replace(b'<meta name="dcterms.title" content="CT Chest">', b"")
    answer = put(client, bad)
    assert answer.status_code == 422
    rules = {problem["rule"]: problem["severity"] for problem in answer.json()["problems"]}
    assert rules["X4"] == "error" and rules["M2"] == "error" and len(rules) > 1
    assert_problem(answer)
    assert client.get(at(URL)).status_code == 404


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"hello", b"<p>no template</p>", b"\xff\xfe" + b"x" * 9])
def test_what_is_no_template(client: TestClient, content: bytes) -> None:  # 1
    answer = put(client, content)
    assert answer.status_code == 422
    assert_problem(answer)


def test_unknown(client: TestClient) -> None:  # 2
    for method, status in (("GET", 404), ("DELETE", 405), ("POST", 405)):
        answer = client.request(method, at("9.9.9"))
        assert answer.status_code == status
        assert_problem(answer)


def test_query(strict: TestClient) -> None:  # 3
    before = len(listed(strict))
    put(strict, page())
    put(strict, page("1.2.3", "MR Knee", publisher="Clinic & <Co>".replace("&", "&amp;").replace("<", "&lt;")), "1.2.3")
    assert len(listed(strict)) == before + 2 and len(listed(strict, f"?limit=1&offset={before}")) == 1
    (entry,) = listed(strict, "?title=knee")
    assert entry.get("href") == "http://127.0.0.1:8000/IHETemplateService/1.2.3"
    metas = {meta.get("name"): meta.get("content") for meta in entry.findall("meta")}
    assert metas["dcterms.publisher"] == "Clinic & <Co>" and metas["dcterms.type"] == "IMAGE_REPORT_TEMPLATE"
    for query in ("publisher=clinic", "creator=EXAMPLE&title=knee", "identifier=1.2.3", "license=free&title=MR"):
        assert titles(strict, f"?{query}") == ["MR Knee"]
    for query in ("modality=RID10321", "modality=Computed%20tomography", "code=RID10321", "code=RADLEX%20RID10321"):
        # The CT dose report that ships is a CT template, too, by another code.
        assert set(titles(strict, f"?{query}")) - {"CT dose report"} == {"CT Chest", "MR Knee"}, query
    assert titles(strict, "?title=nothing&language=en") == [] and titles(strict, "?status=retired") == []
    assert "Tiny carotid" in titles(strict, "?language=en&code=LOINC%2011726-7")


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "limit=100000"])
def test_bad_queries(client: TestClient, query: str) -> None:  # 3
    assert_problem(client.get(f"{SERVICE}/?{query}"))


def test_titles_that_xml_cannot_hold(client: TestClient) -> None:  # 3
    put(client, page(title="A\x0bB"))
    assert titles(client, "?title=B")[0] in ("A\ufffdB", "A B", "AB")
