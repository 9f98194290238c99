"""Reports over HTTP.

1. SR in, draft, edit, sign, renderings: the main job.
2. `ETag` and `If-Match`: a lost update is 412, and the answer names the version that is stored.
3. A signed report is immutable; its renderings are the same bytes for ever.
4. The list is newest first, filtered, and paged.
5. One address, three media types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.app import create_app

from ..reporting.site import site, sr
from .conftest import OWN, SEEN, V1, TestClient

Json = dict[str, Any]


def receive(client: TestClient, content: bytes) -> str:
    answer = client.post(f"{V1}/documents", content=content, headers={"Content-Type": "application/dicom"})
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["sop_instance_uid"])


def draft(client: TestClient, *documents: str, language: str = "") -> Json:
    body = {"template": "tiny-carotid", "documents": documents, "language": language}
    answer = client.post(f"{V1}/reports", json=body)
    assert answer.status_code == 201, answer.text
    view: Json = answer.json()
    assert answer.headers["Location"] == f"{V1}/reports/{view['id']}" and answer.headers["ETag"] == '"1"'
    return view


def patch(client: TestClient, report: str, *edits: Json, **headers: str) -> Any:
    return client.patch(f"{V1}/reports/{report}", json={"edits": edits}, headers=headers)


def test_from_sr_to_signature(strict: TestClient) -> None:  # 1
    client = strict
    view = draft(client, receive(client, sr(right=336.0)), language="de")
    assert view["id"] == "r1" and view["status"] == "partial" and view["language"] == "de"
    assert view["values"]["right_psv"]["text"] == "336,0 cm/s"
    assert view["values"]["right_grade"]["value"] == "above"
    assert view["explanations"]["right_grade"]["criteria"] == "Tiny 2026"
    changes = patch(client, "r1", {"field": "right_psv", "value": 110}, {"field": "conclusion", "value": "normal"})
    assert changes.headers["ETag"] == '"2"'
    body = changes.json()
    assert body["version"] == 2 and set(body["changed"]) == {"right_psv", "right_grade", "conclusion"}
    assert body["changed"]["right_psv"]["covered"]["value"] == "336.0"
    signed = client.post(f"{V1}/reports/r1/sign", json=SEEN).json()
    assert (signed["status"], signed["signed_by"], signed["version"]) == ("final", "local user", 3)
    assert client.get(f"{V1}/reports/r1").json() == signed
    assert "normal" in client.get(f"{V1}/reports/r1/rendering?format=text").text


def test_signing_without_a_body(strict: TestClient) -> None:  # 1
    draft(strict)
    patch(strict, "r1", {"field": "conclusion", "value": "normal"})
    assert strict.post(f"{V1}/reports/r1/sign", json=SEEN).status_code == 200


def test_an_outdated_edit(client: TestClient) -> None:  # 2
    draft(client)
    assert patch(client, "r1", {"field": "plaque", "value": "none"}, **{"If-Match": '"1"'}).status_code == 200
    late = patch(client, "r1", {"field": "plaque", "value": "present"}, **{"If-Match": '"1"'})
    assert late.status_code == 412 and late.headers["ETag"] == '"2"'
    assert late.json()["version"] == 2 and late.json()["type"] == "urn:mrrt:problem:moved"
    assert client.get(f"{V1}/reports/r1").json()["values"]["plaque"]["value"] == "none"
    assert client.post(f"{V1}/reports/r1/sign", json=SEEN, headers={"If-Match": '"1"'}).status_code == 412
    assert patch(client, "r1", {"field": "plaque", "value": "present"}, **{"If-Match": "*"}).status_code == 200


def test_signing_is_refused_with_problems(client: TestClient) -> None:  # 1
    draft(client)
    answer = client.post(f"{V1}/reports/r1/sign", json=SEEN)
    assert answer.status_code == 409
    assert [problem["field"] for problem in answer.json()["problems"]] == ["conclusion"]


def test_a_signed_report_does_not_change(client: TestClient) -> None:  # 3
    draft(client, receive(client, sr()))
    patch(client, "r1", {"field": "conclusion", "value": "stenosis"})
    client.post(f"{V1}/reports/r1/sign", json=SEEN)
    before = {name: client.get(f"{V1}/reports/r1/rendering?format={name}").content for name in ("text", "html", "json")}
    for answer in (
        patch(client, "r1", {"field": "plaque", "value": "none"}),
        client.post(f"{V1}/reports/r1/sign", json=SEEN),
    ):
        assert answer.status_code == 409 and "final" in answer.json()["detail"]
    after = {name: client.get(f"{V1}/reports/r1/rendering?format={name}").content for name in before}
    assert before == after and all(before.values())


def test_the_list(client: TestClient) -> None:  # 4
    uid = receive(client, sr())
    for number in range(5):
        draft(client, *([uid] if number % 2 else []))
    patch(client, "r3", {"field": "conclusion", "value": "normal"})
    client.post(f"{V1}/reports/r3/sign", json=SEEN)

    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"{V1}/reports?{query}").json()["reports"]]

    assert ids("") == ["r5", "r4", "r3", "r2", "r1"]
    assert ids("status=final") == ["r3"] and ids("patient=EX-0001") == ["r4", "r2"]
    assert ids("template=1.2.3.4.5") == ids("template=tiny-carotid") == ids("") and ids("template=other") == []
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{V1}/reports", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [one["id"] for one in page["reports"]]
        cursor = page["next"]
    assert found == ids("")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/*;q=0.5, text/plain;q=0.1", "text/html; charset=utf-8"),
        ("application/pdf", None),
        ("application/json;q=0", None),
    ],
)
def test_one_address_three_media_types(client: TestClient, accept: str, media_type: str | None) -> None:  # 5
    draft(client)
    answer = client.get(f"{V1}/reports/r1", headers={"Accept": accept})
    if media_type is None:
        assert answer.status_code == 406 and answer.json()["status"] == 406
    else:
        assert answer.headers["Content-Type"] == media_type
        assert answer.headers["Vary"] == "Accept"


def test_accept_in_several_lines_is_one_list(client: TestClient) -> None:  # 5
    draft(client)
    lines = [("Accept", "text/html;q=0.1"), ("Accept", "text/plain")]
    answer = client.get(f"{V1}/reports/r1", headers=lines)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_documents(client: TestClient) -> None:
    first = client.post(f"{V1}/documents", content=sr())
    assert first.status_code == 201 and first.json()["measurements"] > 0
    uid = first.json()["sop_instance_uid"]
    assert client.post(f"{V1}/documents", content=sr()).status_code == 200
    assert client.post(f"{V1}/documents", content=sr(right=100.0)).status_code == 409
    document = client.get(first.headers["Location"]).json()
    assert document["sop_instance_uid"] == uid and len(document["measurements"]) == first.json()["measurements"]
    assert client.get(f"{V1}/documents/1.2.3").status_code == 404


def test_documents_can_be_added_to_a_draft(client: TestClient) -> None:
    draft(client)
    answer = client.post(f"{V1}/reports/r1/documents", json={"documents": [receive(client, sr())]})
    assert answer.json()["changed"]["right_psv"]["value"] == "336.0"
    assert client.get(f"{V1}/reports/r1").json()["patient"]["identifier"] == "EX-0001"


def test_templates(client: TestClient) -> None:
    names = [one["name"] for one in client.get(f"{V1}/templates").json()]
    assert {"tiny-carotid", "us-carotid-duplex"} <= set(names)
    template = client.get(f"{V1}/templates/tiny-carotid").json()
    assert template == client.get(f"{V1}/templates/1.2.3.4.5").json()
    assert [field["key"] for field in template["fields"]][:2] == ["right_psv", "left_psv"]
    form = client.get(f"{V1}/templates/tiny-carotid/form")
    assert 'data-field="right_psv"' in form.text and "script" not in form.text
    draft(client)
    assert client.get(f"{V1}/reports/r1/form").text == form.text


def test_nothing_runs_and_nothing_is_cached(client: TestClient) -> None:
    draft(client)
    page = client.get(f"{V1}/health")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff" and page.headers["Referrer-Policy"] == "no-referrer"
    for path in ("reports/r1/rendering?format=html", "reports/r1/form", "templates/tiny-carotid/form"):
        answer = client.get(f"{V1}/{path}")
        assert "sandbox" in answer.headers["Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"


def test_the_image_viewer(tmp_path: Any) -> None:
    from api.app import create_app

    from ..reporting.site import counting, site

    address = "https://viewer.example/?study={study_instance_uid}"
    with TestClient(create_app(site(tmp_path, viewer_url=address), new_id=counting()), OWN) as client:
        view = draft(client, receive(client, sr()))
        assert view["viewer"] == f"https://viewer.example/?study={view['study']['study_instance_uid']}"


@pytest.mark.parametrize("path", ["reports", "evaluate"])
def test_a_language_that_nobody_speaks_is_refused(strict: TestClient, path: str) -> None:
    answer = strict.post(f"{V1}/{path}", json={"template": "tiny-carotid", "language": "fr"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["place"] == "body.language" and error["mend"] == "Take one of: en, de."


def test_a_site_whose_language_the_template_lacks(tmp_path: Path) -> None:
    with TestClient(create_app(site(tmp_path, language="fr")), OWN) as client:
        made = client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
        assert (made.status_code, made.json()["language"]) == (201, "en")
