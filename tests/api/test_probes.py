"""What watches a server.

1. Alive and ready are different questions; not ready says why.
2. Figures for Prometheus: counted, timed, without anything of a patient.
3. Requests have names: in the answer, in the log, in the audit log, and in the answer to a mistake of ours.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from api.app import create_app

from ..reporting.site import site, sr
from .conftest import OWN, SEEN, V1, TestClient
from .test_error_shape import assert_problem


def ready(client: TestClient) -> Any:
    deadline = time.monotonic() + 60
    while (answer := client.get("/readyz")).status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer


def test_alive_and_ready(client: TestClient) -> None:  # 1
    assert client.get("/healthz").json() == {"status": "alive"}
    assert ready(client).json() == {"status": "ready"}


def unready(client: TestClient, reason: str) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503 and reason in answer.json()["detail"]
    assert answer.json()["type"] == "urn:mrrt:problem:not-ready"
    assert client.get("/healthz").status_code == 200


def test_not_ready_while_templates_are_compiled(tmp_path: Path) -> None:  # 1
    app = create_app(site(tmp_path))
    with TestClient(app, OWN) as client:
        ready(client)
        app.state.context.warming._ready.clear()
        unready(client, "templates are being compiled")


def test_not_ready_without_a_database(client: TestClient, tmp_path: Path) -> None:  # 1
    ready(client)
    client.app.state.context.workflow.store.close()  # type: ignore[attr-defined]
    for file in tmp_path.glob("test.sqlite*"):
        file.write_bytes(b"this was a database once" * 100)
    unready(client, "the database cannot be reached")
    for path in (f"{V1}/reports", f"{V1}/health"):
        answer = client.get(path)
        assert answer.status_code == 503 and answer.headers["Retry-After"] and "database" in answer.json()["detail"]
        assert answer.json()["type"] == "urn:mrrt:problem:unavailable" and "file is not" not in answer.text
    figures = client.get("/metrics")
    assert figures.status_code == 200 and 'status="503"' in figures.text, "watched all the same"


def test_not_ready_with_other_tables(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:  # 1
    ready(client)
    monkeypatch.setattr("reporting.store.newest_migration", lambda: "9999")
    unready(client, "not those of this version")


def test_not_ready_when_the_import_has_ended(client: TestClient) -> None:  # 1
    ready(client)
    client.app.state.context.reception.stop()  # type: ignore[attr-defined]
    unready(client, "the importer has ended")


def test_not_ready_while_stopping(client: TestClient) -> None:  # 1
    ready(client)
    client.app.state.context.stopping.asked.set()  # type: ignore[attr-defined]
    unready(client, "the server is stopping")


def figure(client: TestClient, name: str) -> float:
    match = re.search(rf"^{re.escape(name)} ([0-9.e+-]+)$", client.get("/metrics").text, re.MULTILINE)
    return float(match[1]) if match else 0.0


def test_figures(client: TestClient) -> None:  # 2
    uid = client.post(f"{V1}/documents", content=sr()).json()["sop_instance_uid"]
    client.post(f"{V1}/reports", json={"template": "tiny-carotid", "documents": [uid]})
    for _ in range(3):
        client.patch(f"{V1}/reports/r1", json={"edits": [{"field": "plaque", "value": "none"}]})
    client.patch(f"{V1}/reports/r1", json={"edits": [{"field": "plaque", "value": "odd"}]})
    client.patch(f"{V1}/reports/r1", json={"edits": [{"field": "conclusion", "value": "normal"}]})
    assert client.post(f"{V1}/reports/r1/sign", json=SEEN).status_code == 200
    client.get(f"{V1}/reports", params={"patient": "GARCIA"})
    assert figure(client, 'mrrt_requests_total{operation="edit_report",status="200"}') == 4
    assert figure(client, 'mrrt_requests_total{operation="edit_report",status="422"}') == 1
    assert figure(client, 'mrrt_request_seconds_count{operation="edit_report"}') == 5
    assert figure(client, "mrrt_edits_total") == 4 and figure(client, "mrrt_signatures_total") == 1
    assert figure(client, "mrrt_requests_active") == 1
    text = client.get("/metrics").text
    assert 'mrrt_build_info{database="sqlite"' in text and "mrrt_database_connections_in_use" in text
    assert not [word for word in ("GARCIA", "r1", uid, "EX-0001", "ADELE") if word in text]


def test_received_objects_are_counted(client: TestClient) -> None:  # 2
    body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + sr() + b"\r\n--b--"
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    client.post("/dicom-web/studies", content=body, headers={"Content-Type": kind})
    deadline = time.monotonic() + 20
    while figure(client, 'mrrt_received_objects{state="imported"}') != 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert figure(client, 'mrrt_received_objects{state="imported"}') == 1


def test_each_application_counts_for_itself(client: TestClient, tmp_path: Path) -> None:  # 2
    client.get("/healthz")
    (tmp_path / "other").mkdir()
    with TestClient(create_app(site(tmp_path / "other")), OWN) as other:
        assert figure(other, 'mrrt_requests_total{operation="healthz",status="200"}') == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a-sane-name.1", True),
        ("short", False),
        ("x" * 65, False),
        ("has spaces in it", False),
        ("<script>alert", False),
    ],
)
def test_requests_have_names(client: TestClient, given: str, kept: bool) -> None:  # 3
    name = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (name == given) is kept and re.fullmatch(r"[A-Za-z0-9._-]{8,64}", name)


def test_changes_carry_the_name(client: TestClient) -> None:  # 3
    headers = {"X-Request-ID": "made-by-the-test"}
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=headers)
    [event] = client.get(f"{V1}/audit?action=create").json()["events"]
    assert (event["request_id"], event["source"]) == ("made-by-the-test", "testclient")


def test_lines_of_the_log_carry_the_name(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:  # 3
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        client.get(f"{V1}/reports/r9?patient=GARCIA", headers={"X-Request-ID": "made-by-the-test"})
    assert [one["request_id"] for one in lines] == ["made-by-the-test"] and "GARCIA" not in str(lines)


def test_a_mistake_of_ours_can_be_found_in_the_log(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:  # 3
    def break_down(*_: object) -> None:
        raise RuntimeError("patient GARCIA has a secret")

    monkeypatch.setattr("reporting.workflow.Workflow.search_page", break_down)
    with capture_logs() as lines:
        answer = client.get(f"{V1}/reports?patient=GARCIA", headers={"X-Request-ID": "made-by-the-test"})
    assert answer.status_code == 500 and answer.json()["request_id"] == "made-by-the-test"
    assert answer.headers["X-Request-ID"] == "made-by-the-test"
    [line] = [one for one in lines if one["event"] == "unexpected error"]
    assert line["request_id"] == "made-by-the-test" and "GARCIA" not in json.dumps(lines)


def test_problems_of_clients_say_nothing_of_the_request(client: TestClient) -> None:  # 3
    assert_problem(client.get(f"{V1}/reports/r9"))
