"""Reading over HTTP: evaluation, versions, searches, worklists, renderings by Accept, idempotency keys, jobs.

1. `/evaluate` says what a draft with the same edits says, byte for byte, and stores nothing.
2. One address, every output format, any version.
3. Lists go on where the page before ended, and refuse cursors that they never gave.
4. A request with an Idempotency-Key is done once.
5. Jobs run in the background.
6. Days are those of the site, in the search, in exports and in the audit log.
"""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from mrrt.render import FORMATS

from ..reporting.site import counting, site, sr
from .conftest import OWN, SEEN, V1, TestClient
from .test_reports import draft, patch, receive

VALUES: dict[str, Any] = {
    "right_psv": {"value": "1.1", "unit": "m/s"},
    "plaque": "present",
    "methods": ["bmode", "colour"],
    "left_psv": {"absent": "not-performed"},
    "conclusion": "normal",
}
SHARED = (
    *("language", "template", "patient", "study", "documents", "shape", "values", "explanations", "irrelevant"),
    *("required", "criteria", "problems", "alerts", "unmatched", "ambiguous"),
)


def shared(body: Any) -> str:
    return json.dumps({name: body[name] for name in SHARED})


@pytest.mark.parametrize("inline", [True, False])
def test_evaluating_is_making_a_draft_and_editing_it(strict: TestClient, inline: bool) -> None:  # 1
    wanted: dict[str, Any] = {
        "template": "tiny-carotid",
        "language": "de",
        "values": VALUES,
        "render": ["text", "json"],
    }
    if inline:
        wanted["files"] = [base64.b64encode(sr()).decode()]
    uid = receive(strict, sr()) if not inline else ""
    evaluated = strict.post(f"{V1}/evaluate", json=wanted | ({} if inline else {"documents": [uid]}))
    assert evaluated.status_code == 200, evaluated.text
    assert strict.get(f"{V1}/reports").json()["reports"] == []
    assert len(strict.get(f"{V1}/documents").json()) == (0 if inline else 1), "files are not kept"
    draft(strict, uid or receive(strict, sr()), language="de")
    edits = [{"field": key, **(one if isinstance(one, dict) else {"value": one})} for key, one in VALUES.items()]
    assert patch(strict, "r1", *edits).status_code == 200
    stored = strict.get(f"{V1}/reports/r1").json()
    assert shared(evaluated.json()) == shared(stored)
    made = evaluated.json()["renderings"]["text"]["text"]
    assert made == strict.get(f"{V1}/reports/r1/rendering?format=text").text
    draft(strict, uid or receive(strict, sr()))
    assert shared(strict.get(f"{V1}/reports/r2").json()) != shared(evaluated.json())


def test_what_cannot_be_evaluated(client: TestClient) -> None:  # 1
    wanted = {"template": "tiny-carotid", "values": {"plaque": "none", "right_psv": "fast", "nothing": 1}}
    answer = client.post(f"{V1}/evaluate", json=wanted)
    assert answer.status_code == 422
    assert [one["place"] for one in answer.json()["errors"]] == ["body.values.right_psv", "body.values.nothing"]
    answer = client.post(
        f"{V1}/evaluate", json={"template": "tiny-carotid", "files": [base64.b64encode(b"x").decode()]}
    )
    assert answer.status_code == 422 and "files.0" in answer.json()["detail"]
    assert client.post(f"{V1}/evaluate", json={"template": "none"}).status_code == 404


def test_every_format_and_version(strict: TestClient) -> None:  # 2
    draft(strict)
    patch(strict, "r1", {"field": "conclusion", "value": "normal"})
    strict.post(f"{V1}/reports/r1/sign", json=SEEN)
    strict.post(f"{V1}/reports/r1/revision", json={"kind": "amended", "reason": "more"})
    patch(strict, "r1", {"field": "conclusion", "value": "stenosis"})
    at = f"{V1}/reports/r1"
    for name, format_ in FORMATS.items():
        media_type = format_.media_type.partition(";")[0]
        for place, number in ((at, 3), (f"{at}/versions/3", 3), (f"{at}?version=5", 5), (f"{at}?version=latest", 5)):
            answer = strict.get(place, headers={"Accept": media_type})
            assert answer.headers["Content-Type"].startswith(media_type) and answer.headers["Vary"] == "Accept"
            if name != "json":
                assert answer.content == strict.get(f"{at}/rendering?format={name}&version={number}").content
    assert strict.get(at).json()["version"] == 5 and strict.get(f"{at}?version=signed").json()["version"] == 3
    assert "normal" in strict.get(f"{at}?version=signed", headers={"Accept": "text/plain"}).text
    second = strict.get(f"{at}/versions/2")
    assert second.headers["ETag"] == '"2.5"' and second.json()["actions"] == []
    difference = strict.get(f"{at}/versions/5/difference?from=3").json()
    assert [one["after"]["text"] for one in difference["fields"]] == ["stenosis"]
    assert strict.get(f"{at}/versions/9").status_code == strict.get(f"{at}/versions/9/difference").status_code == 404


def test_pages(strict: TestClient) -> None:  # 3
    for number in range(5):
        receive(strict, sr(instance=f"i{number}"))
        draft(strict)
    for _ in range(3):
        patch(strict, "r1", {"field": "conclusion", "value": f"v{_}"})
    for path, name, key in (("reports", "reports", "id"), ("reports/r1/versions", "versions", "version")):
        whole = [one[key] for one in strict.get(f"{V1}/{path}").json()[name]]
        found, cursor = [], ""
        while cursor is not None:
            page = strict.get(f"{V1}/{path}", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            found += [one[key] for one in page[name]]
            cursor = page["next"]
        assert found == whole and len(whole) >= 4
    found, address = [], f"{V1}/documents?limit=2"
    while address:
        answer = strict.get(address)
        found += [one["sop_instance_uid"] for one in answer.json()]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert found == [one["sop_instance_uid"] for one in strict.get(f"{V1}/documents").json()] and len(found) == 5
    first = strict.get(f"{V1}/templates?limit=1")
    rest = strict.get(first.links["next"]["url"])
    assert [*first.json(), *rest.json()] == strict.get(f"{V1}/templates?limit=2").json()
    drafts = strict.get(f"{V1}/worklist/drafts?limit=3").json()
    more = strict.get(f"{V1}/worklist/drafts", params={"limit": 3, "cursor": drafts["next"]}).json()
    assert len(drafts["items"]) == 3 and len(more["items"]) == 2 and more["next"] is None
    assert drafts["total"] == more["total"] == 5
    assert strict.get(f"{V1}/worklist?limit=3").json()["drafts"] == drafts
    for template, count in (("tiny-carotid", 5), ("other", 0)):
        narrowed = strict.get(f"{V1}/worklist", params={"template": template, "mine": True, "days": 36500}).json()
        assert (narrowed["drafts"]["total"], narrowed["unreported"]["total"]) == (count, None)


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2026-03-02"), ("", "2026-03-01")])
def test_days_of_the_site(tmp_path: Path, zone: str, day: str) -> None:  # 6
    night = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 2 March, 00:30 in Berlin
    app = create_app(site(tmp_path, time_zone=zone), clock=lambda: night, new_id=counting())
    with TestClient(app, OWN) as client:
        draft(client)
        patch(client, "r1", {"field": "conclusion", "value": "normal"})
        client.post(f"{V1}/reports/r1/sign", json=SEEN)
        for asked in ("2026-03-01", "2026-03-02"):
            ends = {"updated_from": asked, "updated_to": asked}
            found = client.get(f"{V1}/reports", params=ends).json()["reports"]
            assert [one["status"] for one in found] == (["final"] if asked == day else [])
            wanted = {"kind": "export-values", "parameters": {"format": "csv", "search": ends}}
            job = f"{V1}/jobs/{client.post(f'{V1}/jobs', json=wanted).json()['id']}"
            while (state := client.get(job).json())["state"] in ("queued", "running"):
                time.sleep(0.02)
            assert (" 1 reports" in state["message"]) == (asked == day), state["message"]
        for start, end in (("2026-03-01", "2026-03-02"), ("2026-03-02", "2026-03-03")):
            log = client.get(f"{V1}/audit", params={"from": start, "to": end, "action": "sign"}).json()["events"]
            assert len(log) == (1 if start == day else 0)
        hour = "2026-03-02T00:30" if zone else "2026-03-01T23:30"
        for start in (hour, "2026-03-02T00:30+01:00", "2026-03-01T23:30Z"):
            log = client.get(f"{V1}/audit", params={"from": start, "action": "sign"}).json()["events"]
            assert len(log) == 1, start
        answer = client.get(f"{V1}/audit", params={"from": "0001-01-01T00:00+14:00"})
        assert answer.status_code == 422 and "no time" in answer.text


def test_searching(strict: TestClient) -> None:  # 3
    draft(strict, receive(strict, sr(right=336.0)))
    draft(strict)
    query = {
        "value": ["right_psv:>:300", "right_grade:=:above"],
        "status": ["partial", "final"],
        "patient_name": "exam",
    }
    assert [one["id"] for one in strict.get(f"{V1}/reports", params=query).json()["reports"]] == ["r1"]
    wrong = strict.get(f"{V1}/reports", params={"value": ["right_psv:>:300", "x"]})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["place"] == "query.value.1"
    assert wrong.json()["errors"][0]["mend"]


ORDERS = ["created", "-created", "changed", "-changed", "study_date", "-study_date", "patient", "-patient"]
ORDERS += ["template", "-template", "status", "-status"]  # of reports alone


def test_sorted_pages(client: TestClient) -> None:  # 3
    for number in range(5):
        about = {"patient": {"identifier": f"P{number}", "name": ["Zoe", "Anna", "An\u00adna", "Anna", "Zoe"][number]}}
        client.post(f"{V1}/reports", json={"template": "tiny-carotid", "about": about})
    patch(client, "r2", {"field": "conclusion", "value": "normal"})
    cursors: dict[str, str] = {}
    for path, key in (("reports", "reports"), ("worklist/drafts", "items")):
        for sort in ORDERS if path == "reports" else ORDERS[2:8]:
            whole = [one["id"] for one in client.get(f"{V1}/{path}", params={"sort": sort}).json()[key]]
            found, following = [], None
            while not found or following:
                asked = {"limit": 2, "sort": sort} | ({"cursor": following} if following else {})
                page = client.get(f"{V1}/{path}", params=asked).json()
                cursors.setdefault(sort, page["next"])
                found, following = found + [one["id"] for one in page[key]], page["next"]
            assert found == whole and sorted(found) == ["r1", "r2", "r3", "r4", "r5"]
    in_order = client.get(f"{V1}/reports?sort=-changed").json()["reports"]
    assert [one["id"] for one in in_order] == ["r2", "r5", "r4", "r3", "r1"]
    assert client.get(f"{V1}/worklist?sort=-changed").json()["drafts"]["items"] == in_order
    for sort, cursor in cursors.items():
        for other in set(ORDERS) - {sort}:
            answer = client.get(f"{V1}/reports", params={"sort": other, "cursor": cursor})
            assert answer.status_code == 400 and "in this order" in answer.json()["detail"]
    for path in ("reports", "worklist", "worklist/late"):
        wrong = client.get(f"{V1}/{path}", params={"sort": "colour"})
        assert wrong.status_code == 422 and "-changed" in wrong.text
    assert client.get(f"{V1}/worklist?sort=created").status_code == 422, "studies are not created"


def test_idempotency_keys(client: TestClient) -> None:  # 4
    key = {"Idempotency-Key": '"8e03978e"'}
    answers = [client.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers=key) for _ in range(2)]
    first, second = answers
    assert first.content == second.content and first.status_code == second.status_code == 201
    assert all(first.headers[name] == second.headers[name] for name in ("ETag", "Location"))
    assert "Idempotent-Replay" not in first.headers and second.headers["Idempotent-Replay"] == "true"
    other = client.post(f"{V1}/reports", json={"template": "tiny-carotid", "language": "de"}, headers=key)
    assert other.status_code == 422 and other.json()["type"] == "urn:mrrt:problem:key-reused"
    bad = client.post(f"{V1}/reports", json={"template": "tiny-carotid"}, headers={"Idempotency-Key": '"'})
    assert bad.status_code == 400
    patch(client, "r1", {"field": "conclusion", "value": "normal"})
    client.post(f"{V1}/reports/r1/sign", json=SEEN)
    key = {"Idempotency-Key": "two"}
    added = [client.post(f"{V1}/reports/r1/addenda", json={"text": "more"}, headers=key) for _ in range(2)]
    assert added[0].content == added[1].content and len(client.get(f"{V1}/reports/r1").json()["addenda"]) == 1
    jobs = [client.post(f"{V1}/jobs", json={"kind": "rebuild-values"}, headers={"Idempotency-Key": "j"}) for _ in "ab"]
    assert jobs[0].content == jobs[1].content and len(client.get(f"{V1}/jobs").json()["jobs"]) == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_search_or_export_by_a_field_that_nothing_has_is_refused(client: TestClient, known: bool) -> None:
    wanted = f"{'right_psv' if known else 'rigth_psv'}:>=:230"
    search = client.get(f"{V1}/reports", params={"value": wanted})
    export = client.post(f"{V1}/jobs", json={"kind": "export-values", "parameters": {"search": {"value": [wanted]}}})
    assert (search.status_code, export.status_code) == ((200, 202) if known else (422, 422))
    for answer, place in ((search, "query.value.0"), (export, "body.parameters.search.value.0")) if not known else ():
        [error] = answer.json()["errors"]
        assert answer.json()["type"] == "urn:mrrt:problem:wrong-query" and error["place"] == place
        assert '"rigth_psv"' in error["message"] and "right_psv" in error["mend"]


def test_jobs(client: TestClient) -> None:  # 5
    draft(client, receive(client, sr()))
    asked = client.post(f"{V1}/jobs", json={"kind": "export-values", "parameters": {"format": "csv"}})
    assert asked.status_code == 202
    at = asked.headers["Location"]
    for _ in range(500):
        if client.get(at).json()["state"] == "succeeded":
            break
        time.sleep(0.02)
    result = client.get(f"{at}/result")
    assert result.headers["Content-Disposition"] == 'attachment; filename="values.csv"'
    assert "right_psv" in result.text and client.delete(at).status_code == 409
    assert client.get(f"{V1}/jobs/none").status_code == 404
