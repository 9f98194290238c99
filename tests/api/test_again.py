"""A request that is sent again, because its answer was lost, does no harm.

1. Documents, additions, edits, stored and retired templates: nothing changes, the answer is as good.
2. An edit that is guarded by a version is taken as long as it is in the report, and refused after; the answer says
   what changed since that version, by whomever. A signature is refused the second time, and says why.
3. Only a new report is a new one each time.
"""

from __future__ import annotations

from typing import Any

import pytest

from ..reporting.site import TINY, sr
from .conftest import SEEN, V1, TestClient
from .test_templates import HTML

DICOM = {"Content-Type": "application/dicom"}
EDITS = {
    "edits": [
        {"field": "right_psv", "value": "1,8 m/s"},
        {"field": "plaque", "value": None, "absent": "not-performed"},
        {"field": "left_psv", "revert": True},
    ]
}


@pytest.fixture
def uid(strict: TestClient) -> str:
    """The draft r1, filled from a document; returns the UID of that."""
    found = str(strict.post(f"{V1}/documents", content=sr(), headers=DICOM).json()["sop_instance_uid"])
    strict.post(f"{V1}/reports", json={"template": "tiny-carotid", "documents": [found]})
    return found


def report(client: TestClient) -> Any:
    return client.get(f"{V1}/reports/r1").json()


def test_documents(strict: TestClient, uid: str) -> None:  # 1
    again = strict.post(f"{V1}/documents", content=sr(), headers=DICOM)
    assert again.status_code == 200 and again.json()["sop_instance_uid"] == uid
    before = report(strict)
    added = strict.post(f"{V1}/reports/r1/documents", json={"documents": [uid, uid]}).json()
    assert added["version"] == before["version"] and added["changed"] == {} and report(strict) == before


def test_edits(strict: TestClient, uid: str) -> None:  # 1
    first = strict.patch(f"{V1}/reports/r1", json=EDITS).json()
    before = report(strict)
    second = strict.patch(f"{V1}/reports/r1", json=EDITS).json()
    assert first["version"] == second["version"] == before["version"] == 2
    assert first["changed"] and second["changed"] == {} and not second["form_changed"]
    assert report(strict) == before
    whole = {"problems", "required", "irrelevant", "criteria", "shape"}
    assert {name: first[name] for name in whole} == {name: second[name] for name in whole}


def test_guarded_edits_and_signatures(strict: TestClient, uid: str) -> None:  # 2
    at, guard = f"{V1}/reports/r1", {"If-Match": '"1"'}
    first = strict.patch(at, json=EDITS, headers=guard)
    again = strict.patch(at, json=EDITS, headers=guard)
    assert (first.status_code, again.status_code) == (200, 200) and again.json() == first.json()
    assert again.json()["changed"] and again.headers["ETag"] == '"2"'
    other = {"edits": [EDITS["edits"][0] | {"value": "1,9 m/s"}]}
    refused = strict.patch(at, json=other, headers=guard)
    assert refused.status_code == 412 and refused.json()["version"] == 2
    strict.patch(at, json={"edits": [{"field": "plaque", "value": "none"}, {"field": "conclusion", "value": "normal"}]})
    assert strict.post(f"{at}/sign", json=SEEN).status_code == 200
    before = report(strict)
    again = strict.post(f"{at}/sign", json=SEEN)
    assert again.status_code == 409 and "final" in again.json()["detail"] and report(strict) == before


def test_the_answer_to_an_edit_that_comes_again_says_what_others_did(strict: TestClient, uid: str) -> None:  # 2
    at, guard = f"{V1}/reports/r1", {"If-Match": '"1"'}
    before = report(strict)["values"]
    first = strict.patch(at, json=EDITS, headers=guard).json()["changed"]
    strict.patch(at, json={"edits": [{"field": "conclusion", "value": "normal"}]})
    again = strict.patch(at, json=EDITS, headers=guard).json()
    assert again["version"] == 3 and again["changed"].keys() == first.keys() | {"conclusion"}
    after = {**before, **again["changed"]}
    assert {key: value for key, value in after.items() if value} == report(strict)["values"]
    unknown = strict.patch(at, json=EDITS, headers={"If-Match": '"9"'})
    assert unknown.status_code == 412 and unknown.json()["version"] == 3


def test_templates(strict: TestClient) -> None:  # 1
    page = (TINY / "template.html").read_bytes().replace(b"1.2.3.4.5", b"2.25.900")
    at = f"{V1}/templates/2.25.900"
    codes = [strict.put(at, content=page, headers=HTML).status_code for _ in range(2)]
    retired = [strict.delete(at).json()["version"] for _ in range(2)]
    assert codes == [201, 200] and retired == [2, 2]
    assert [one["action"] for one in strict.get(f"{at}/versions").json()] == ["retire", "store"]


def test_reading_changes_nothing(strict: TestClient, uid: str) -> None:  # 1
    before = report(strict)
    paths = ("form", "rendering?format=json", "rendering?format=html", "")
    answers = [[strict.get(f"{V1}/reports/r1/{path}".rstrip("/")).content for path in paths] for _ in range(2)]
    assert answers[0] == answers[1] and report(strict) == before


def test_a_new_report_is_a_new_one(strict: TestClient, uid: str) -> None:  # 3
    second = strict.post(f"{V1}/reports", json={"template": "tiny-carotid", "documents": [uid]})
    assert second.status_code == 201 and second.json()["id"] == "r2"
