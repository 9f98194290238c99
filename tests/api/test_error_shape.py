"""Every error is a Problem Details object, whatever the route and the mistake; a client's mistake is never a 500.

Each route gets every third of the wrong bodies, the next one those that follow; MRRT_BODIES=all tries all with each.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS

from ..reporting.site import sr
from .conftest import LARGEST, OWN, SEEN, V1, TestClient

HOSTILE = ["nothing", "..%2F..%2Fetc%2Fpasswd", "%00", "%ED%A0%80", "a" * 3000, "' OR 1=1 --", "<script>"]
BODIES: list[bytes] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b'{"template": 3}',
    b'{"template": "tiny-carotid", "documents": "1.2"}',
    b'{"template": "tiny-carotid", "documents": ["1.2"]}',
    b'{"template": "tiny-carotid", "language": "klingon"}',
    b'{"template": "tiny-carotid", "extra": 1}',
    b'{"template": "\\ud800"}',
    b'{"template": "tiny-carotid", "documents": ["\\ud800"]}',
    b'{"edits": []}',
    b'{"edits": [{"field": "plaque"}]}',
    b'{"edits": [{"field": "plaque", "value": "none", "revert": true}]}',
    b'{"edits": [{"field": "plaque", "value": {"a": 1}}]}',
    b'{"edits": [{"field": "right_psv", "value": NaN}]}',
    b'{"edits": [{"field": "right_psv", "value": Infinity}]}',
    b'{"edits": [{"field": "right_psv", "value": 1e999}]}',
    b'{"edits": [{"field": "right_psv", "value": "' + b"9" * 5000 + b'x"}]}',
    b'{"edits": [{"field": "right_psv", "value": ' + b"9" * 5000 + b"}]}",
    b'{"edits": [{"field": "right_psv", "value": true}]}',
    b'{"edits": [{"field": "right_psv", "value": "1", "unit": "\\u0000"}]}',
    b'{"edits": [{"field": "right_psv", "value": "1", "unit": "parsnips"}]}',
    b'{"edits": [{"field": "conclusion", "value": "\\ud800"}]}',
    b'{"edits": [{"field": "conclusion", "value": "\\u0000"}]}',
    b'{"edits": [{"field": "conclusion", "value": ["a"]}]}',
    b'{"edits": [{"field": "conclusion", "absent": "because"}]}',
    b'{"edits": [{"field": "\\ud800", "value": "1"}]}',
    b'{"documents": []}',
    b'{"documents": ["1.2.3"]}',
    b"[" * 20000,
    b'{"kind": "rebuild-values", "parameters": {"a": 1}}',
    b'{"kind": "export-values", "parameters": {"search": {"value": ["a:<:b"]}}}',
    b'{"kind": "import-templates", "parameters": {"archive": "%%%%"}}',
    b'{"kind": "nothing"}',
    b'{"template": "tiny-carotid", "values": {"right_psv": {"unit": "cm/s"}}}',
    b'{"template": "tiny-carotid", "values": {"right_psv": "fast", "none": 1}}',
    b'{"template": "tiny-carotid", "files": ["AAAA", "???"]}',
    b'{"template": "tiny-carotid", "files": ["AAAA"]}',
    b'{"template": "tiny-carotid", "render": ["odd"]}',
    b'{"template": "tiny-carotid", "about": {"patient": {"name": "\\u0000"}}}',
    b'{"template": "tiny-carotid", "about": {"study": {"date": "' + b"1" * 50 + b'"}}}',
]
TURNS = 1 if os.environ.get("MRRT_BODIES") == "all" else 3
QUERIES = [
    *("value=odd", "value=a:<:b", "created_from=x", "study_to=2026-02-31", "revision=maybe", "from=0", "days=0"),
    *("cursor=WzEsMl0", "cursor=W1s", "cursor=WyJcdTAwMDAiLCAiYSJd", "version=0", "version=first", "unknown=1"),
    *(
        "status=odd",
        "sort=odd",
        "sort=",
        "limit=0",
        "limit=x",
        "cursor=%F0",
        "cursor=!!!",
        "cursor=AAAA",
        "format=odd",
        "format=",
    ),
]


def assert_problem(answer: Any, about: object = "") -> None:
    """Check the one shape of errors."""
    assert 400 <= answer.status_code < 500, (about, answer.status_code, answer.text[:300])
    assert answer.headers["Content-Type"] == "application/problem+json", about
    body = answer.json()
    assert set(body) <= {"type", "title", "status", "detail", "problems", "errors", "version", "error"}, about
    assert body["status"] == answer.status_code and body["type"].startswith("urn:mrrt:problem:"), about
    assert body["title"] and body["detail"], about
    assert "Traceback" not in answer.text and "site-packages" not in answer.text, about


def routes(client: TestClient) -> list[tuple[str, str]]:
    paths = client.get(f"{V1}/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, operations in paths.items() for method in operations]


def fill(path: str, value: str) -> str:
    for name in ("{name}", "{uid}", "{report_id}", "{templateUID}", "{number}"):
        path = path.replace(name, value)
    return path


def test_all_routes_with_bad_input(client: TestClient) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    tried = 0
    for number, (method, path) in enumerate(routes(client)):
        targets = [fill(path, value) for value in HOSTILE] if "{" in path else []
        for target in targets:
            some = BODIES[:5] if target == targets[0] else BODIES[:1]
            for body in some if method != "GET" else [b""]:
                answer = client.request(method, target, content=body)
                assert_problem(answer, (method, target, body[:60]))
                tried += 1
        for body in BODIES[number % TURNS :: TURNS] if method != "GET" else []:
            headers = {"Content-Type": "application/json"}
            answer = client.request(method, fill(path, "r1"), content=body, headers=headers)
            if answer.status_code >= 400:
                assert_problem(answer, (method, path, body[:60]))
            tried += 1
        for query in QUERIES if method == "GET" else []:
            answer = client.get(f"{fill(path, 'r1')}?{query}")
            if answer.status_code >= 400 and path != "/readyz":  # 503 while templates are compiled: nobody's mistake
                assert_problem(answer, (path, query))
            tried += 1
    assert tried > 200


CROWDS = {
    "edits": b'{"edits": [' + b",".join([b"{}"] * 9_000) + b"]}",
    "values": b'{"template": "tiny-carotid", "values": {' + b",".join(b'"%d":[1]' % n for n in range(9_000)) + b"}}",
    "fields": b'{"edits": [' + b",".join([b'{"field":"x","value":1}'] * 4_000) + b"]}",
    "a name": b'{"template": "tiny-carotid", "values": {"' + b"n" * 100_000 + b'": [1]}}',
    "too many": b'{"template": "tiny-carotid", "documents": [' + b",".join([b"1"] * 20_000) + b"]}",
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_many_mistakes_cost_little(client: TestClient, crowd: str) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    content, headers = CROWDS[crowd], {"Content-Type": "application/json"}
    if crowd in ("edits", "fields"):
        answer = client.patch(f"{V1}/reports/r1", content=content, headers=headers)
    else:
        answer = client.post(f"{V1}/evaluate", content=content, headers=headers)
    assert_problem(answer, crowd)
    assert answer.status_code == (413 if crowd == "too many" else 422)
    assert len(answer.json().get("errors", ())) <= 500 and len(answer.content) < 200_000


@pytest.mark.parametrize("body", [body for body in BODIES if b"edits" in body])
def test_bad_edits_change_nothing(client: TestClient, body: bytes) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    headers = {"Content-Type": "application/json"}
    assert_problem(client.patch(f"{V1}/reports/r1", content=body, headers=headers), body[:80])
    assert client.get(f"{V1}/reports/r1").json()["version"] == 1


@pytest.mark.parametrize("header", ["3", "abc", '"x"', 'W/"', "", '"99999999999999999999"'])
def test_bad_if_match(client: TestClient, header: str) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    edits = {"edits": [{"field": "plaque", "value": "none"}]}
    assert_problem(client.patch(f"{V1}/reports/r1", json=edits, headers={"If-Match": header}))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/reports", 404),
        ("GET", "/../pyproject.toml", 404),
        ("DELETE", "/api/v1/reports", 405),
        ("PUT", "/api/v1/reports/r1", 405),
        ("POST", "/api/v1/health", 405),
        ("POST", "/", 405),
    ],
)
def test_unknown_routes_and_methods(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert_problem(answer)


def test_a_body_that_is_too_large(client: TestClient) -> None:
    for content in (b"x" * (LARGEST + 1), (b"x" * 1000 for _ in range(LARGEST // 1000 + 1))):
        answer = client.post(f"{V1}/documents", content=content)
        assert answer.status_code == 413
        assert_problem(answer)
    assert client.post(f"{V1}/documents", content=sr()).status_code == 201


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"hello", sr()[:3000], b"\0" * 128 + b"DICM"])
def test_what_is_no_sr(client: TestClient, content: bytes) -> None:
    answer = client.post(f"{V1}/documents", content=content, headers={"Content-Type": "application/dicom"})
    assert answer.status_code == 422
    assert_problem(answer)


def test_invalid_input_says_where(client: TestClient) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    answer = client.patch(f"{V1}/reports/r1", json={"edits": [{"value": 3}]})
    assert "body.edits.0.field" in [one["place"] for one in answer.json()["errors"]]


def refused(client: TestClient, *edits: dict[str, Any]) -> Any:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid", "language": "en"})
    answer = client.patch(f"{V1}/reports/r1", json={"edits": edits})
    assert_problem(answer)
    assert answer.status_code == 422
    assert client.get(f"{V1}/reports/r1").json()["version"] == 1, "nothing of the batch is saved"
    return answer.json()


def test_every_value_that_a_field_cannot_hold_is_named(client: TestClient) -> None:
    body = refused(
        client,
        {"field": "right_psv", "value": "fast"},
        {"field": "conclusion", "value": "normal"},
        {"field": "plaque", "value": "some"},
        {"field": "left_psw", "value": "3"},
        {"field": "conclusion", "value": "twice"},
        {"field": "left_psv", "value": "3 kg"},
    )
    assert body["type"] == "urn:mrrt:problem:wrong-values" and body["detail"].endswith(" And 2 more.")
    said = {one["place"]: one for one in body["errors"]}
    assert list(said) == [f"body.edits.{place}" for place in (0, 2, 3, 4, 5)]
    assert said["body.edits.0"] == {
        "place": "body.edits.0",
        "field": "right_psv",
        "label": "Right ICA PSV",
        "message": '"right_psv" takes a number, not "fast"',
        "mend": "Enter a number such as 120 or 1.8 m/s.",
    }
    assert said["body.edits.2"]["message"] == '"plaque" has no choice "some"' and "none" in said["body.edits.2"]["mend"]
    assert "label" not in said["body.edits.3"] and "left_psv" in said["body.edits.3"]["mend"]
    assert "twice" in said["body.edits.4"]["message"] and "cm/s" in said["body.edits.5"]["mend"]


@pytest.mark.parametrize(
    "edit",
    [
        {"field": "right_psv", "value": True},
        {"field": "right_psv", "value": "1", "unit": "parsnips"},
        {"field": "right_psv", "value": "1", "absent": "unknown"},
        {"field": "conclusion", "absent": "because"},
        {"field": "conclusion", "value": ["a"]},
    ],
    ids=["truth", "unit", "value and reason", "reason", "list"],
)
def test_one_wrong_value(client: TestClient, edit: dict[str, Any]) -> None:
    [wrong] = refused(client, edit)["errors"]
    assert wrong["field"] == edit["field"] and wrong["label"] and wrong["message"] and wrong["mend"].endswith(".")


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"field": "conclusion", "value": "a\u0007"}, "conclusion"),
        ({"field": "conclusion", "value": {"a": 1}}, "conclusion"),
        ({"field": "conclusion"}, "conclusion"),
        ({"field": 3, "value": "1"}, None),
        ({"field": "a\u0007", "value": "1"}, None),
        ({"value": "1"}, None),
    ],
    ids=["sign", "kind", "nothing", "number", "no name", "unnamed"],
)
def test_what_no_field_can_hold_names_its_field(client: TestClient, edit: dict[str, Any], field: str | None) -> None:
    body = refused(client, {"field": "plaque", "value": "none"}, edit)
    assert {one.get("field") for one in body["errors"]} == {field}
    assert all(one["place"].startswith("body.edits.1") for one in body["errors"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:8000"}, 421),
        ({"Host": "[bad"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": OWN}, 200),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
    ],
)
def test_other_web_sites_are_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    client.patch(f"{V1}/reports/r1", json={"edits": [{"field": "conclusion", "value": "normal"}]})
    answer = client.post(f"{V1}/reports/r1/sign", json=SEEN, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert_problem(answer)


def test_a_mistake_of_the_server_tells_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("patient GARCIA has a secret")

    monkeypatch.setattr("reporting.workflow.Workflow.search_page", break_down)
    answer = client.get(f"{V1}/reports")
    assert answer.status_code == 500 and answer.headers["Content-Type"] == "application/problem+json"
    assert "GARCIA" not in answer.text and answer.json()["type"] == "urn:mrrt:problem:internal-error"


def test_the_walk_sees_every_route(client: TestClient) -> None:
    """The OpenAPI document, from which the walk takes its routes, leaves none out."""
    described = set(routes(client))
    built = {
        (method, f"{prefix}{route.path_format}")
        for prefix, router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert built == described and len(built) >= 14


@pytest.mark.parametrize("path", ["/api", "/api/v1", f"{V1}/", f"{V1}/report", f"{V1}/events/x"])
def test_an_address_that_there_is_not_leads_to_the_description(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and f"{V1}/openapi.json" in answer.json()["detail"]
    assert_problem(answer, path)


WRONG_REQUESTS = [
    (b'{"edits": [{"field": "right_psv", "value": {"value": "3.1", "unit": "m/s"}}]}', "body.edits.0.value", "`unit`"),
    (b'{"edits": [{"field": "right_psv", "value": "1"}], "odd": 1}', "body.odd", "Leave it out"),
    (b'{"edits": []}', "body.edits", "at least one"),
    (b'{"edits": {"field": "right_psv", "value": "1"}}', "body.edits", "Send a list"),
    (b'{"edits": [{"field": "right_psv"', "body.32", "well-formed"),
    (b"[]", "body", "application/json"),
    (b"", "body", "application/json"),
]


@pytest.mark.parametrize(("body", "place", "mend"), WRONG_REQUESTS)
def test_wrong_requests_name_a_place_of_the_request(client: TestClient, body: bytes, place: str, mend: str) -> None:
    """Not of our models: a client cannot look for `value.function-after[_printable(), str]` in what it sent."""
    address = client.post(f"{V1}/reports", json={"template": "tiny-carotid"}).headers["Location"]
    answer = client.patch(address, content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer)
    [error] = answer.json()["errors"]
    assert error["place"] == place and mend in error["mend"] and mend in answer.json()["detail"]
    assert "Value error" not in answer.text


def test_a_body_that_is_not_said_to_be_json(client: TestClient) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = client.post(f"{V1}/reports", content=b'{"template": "tiny-carotid"}', headers=headers)
    assert "Content-Type: application/json" in answer.json()["errors"][0]["mend"]


def test_the_parameters_of_a_job_are_where_the_client_wrote_them(client: TestClient) -> None:
    answer = client.post(f"{V1}/jobs", json={"kind": "export-values", "parameters": {"format": "xml"}})
    assert answer.json()["errors"][0]["place"] == "body.parameters.format"
