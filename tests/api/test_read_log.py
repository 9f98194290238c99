"""Reads of patient data are in the audit log.

1. Every operation that only reads is in one of two tables.
2. Who read which report, in which version and format, and from where; what was searched by, and how much was found.
3. No answer before the log is written, and none if it cannot be.
4. What failed was no read; values of filters are not kept.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.permissions import every_route
from api.read_log import NO_PATIENTS, READS
from reporting.audit_log import AuditLog

from ..reporting.site import sr
from .conftest import V1, TestClient


@pytest.fixture
def report(client: TestClient) -> str:
    uid = client.post(f"{V1}/documents", content=sr()).json()["sop_instance_uid"]
    client.post(f"{V1}/reports", json={"template": "tiny-carotid", "documents": [uid]})
    return str(uid)


def events(client: TestClient, **wanted: str) -> list[dict[str, Any]]:
    """Return what the log says, without the reads of it."""
    found = client.get(f"{V1}/audit", params={"order": "oldest", **wanted}).json()["events"]
    return [one for one in found if one["action"] != "read-audit"]


def test_every_reading_operation_is_in_a_table(client: TestClient) -> None:  # 1
    names = {route.endpoint.__name__ for route in every_route(client.app.routes) if "GET" in route.methods}  # type: ignore[attr-defined]
    assert names == set(READS) | NO_PATIENTS
    assert not set(READS) & NO_PATIENTS


@pytest.mark.parametrize(
    ("path", "action", "version", "media_type"),
    [
        ("", "read", 1, "application/json"),
        ("/form", "read", None, "text/html"),
        ("/rendering?format=html", "render", 1, "text/html"),
        ("/explanations", "read", None, "application/json"),
    ],
)
def test_a_read_is_noted(
    client: TestClient, report: str, path: str, action: str, version: int | None, media_type: str
) -> None:  # 2
    answer = client.get(f"{V1}/reports/r1{path}", headers={"X-Request-ID": "a-sane-name"})
    assert answer.status_code == 200
    [event] = events(client, report="r1", action=action)
    assert (event["actor"], event["source"], event["request_id"]) == ("local user", "testclient", "a-sane-name")
    assert (event["version"], json.loads(event["detail"])["as"], event["outcome"]) == (version, media_type, "success")


def test_reads_of_documents_are_noted(client: TestClient, report: str) -> None:  # 2
    client.get(f"{V1}/documents/{report}")
    [event] = events(client, document=report, action="read-document")
    assert event["report_id"] is None


def test_values_that_follow_from_documents_are_reads_of_them(client: TestClient, report: str) -> None:  # 2
    asked: dict[str, Any] = {"template": "tiny-carotid", "documents": [report, report]}
    said = client.post(f"{V1}/evaluate", json=asked).json()
    assert said["values"]["right_psv"]["provenance"] == "imported", "it tells what a document says"
    [event] = events(client, document=report, action="read-document")
    assert (event["actor"], json.loads(event["detail"])["operation"]) == ("local user", "evaluate_values")
    assert client.post(f"{V1}/evaluate", json={**asked, "documents": ["1.2.3"]}).status_code == 404
    client.post(f"{V1}/evaluate", json={"template": "tiny-carotid"})
    assert len(events(client, action="read-document")) == 1


def test_a_search_is_noted_without_what_was_looked_for(client: TestClient, report: str) -> None:  # 2, 4
    client.get(f"{V1}/reports", params={"patient": "GARCIA", "status": "partial"})
    assert client.get(f"{V1}/documents?MUSTER=1").status_code == 422
    client.get(f"{V1}/documents")
    first, second = events(client, action="search")
    detail = json.loads(first["detail"])
    assert (detail["filters"], detail["hits"]) == (["patient", "status"], 0)
    assert json.loads(second["detail"])["hits"] == 1 and "filters" not in json.loads(second["detail"])
    assert "GARCIA" not in str(events(client)) and "MUSTER" not in str(events(client))


def test_reads_of_the_log_are_in_the_log(client: TestClient) -> None:  # 2
    client.get(f"{V1}/audit?actor=somebody")
    client.get(f"{V1}/audit/1")
    client.get(f"{V1}/audit/verification")
    found = client.get(f"{V1}/audit?action=read-audit&order=oldest").json()["events"]
    said = [json.loads(one["detail"]) for one in found]
    assert [one["operation"] for one in said] == ["list_audit_events", "get_audit_event", "verify_audit_log"]
    assert said[0]["filters"] == ["actor"] and said[0]["hits"] == 0


def test_no_answer_where_the_log_cannot_be_written(
    client: TestClient, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # 3
    def break_down(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(AuditLog, "note", break_down)
    answer = client.get(f"{V1}/reports/r1")
    assert answer.status_code == 500 and "4711" not in answer.text and "patient" not in answer.json()


@pytest.mark.parametrize(
    "path", ["reports/r9", "reports?limit=0", "documents/1.2.3", "reports/r9/rendering", "audit/99"]
)
def test_what_failed_was_no_read(client: TestClient, report: str, path: str) -> None:  # 4
    before = len(events(client))
    assert client.get(f"{V1}/{path}").status_code >= 400
    assert len(events(client)) == before
