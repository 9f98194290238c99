"""`/audit`: pages, filters, exports by `Accept` and `format`, and the check of the chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from lxml import etree

from api.read_log import READS
from reporting.audit_codes import ACTIONS
from reporting.records import By

from ..conftest import ROOT
from ..reporting.site import site
from .conftest import V1, TestClient
from .test_error_shape import assert_problem

COUNT = 6


@pytest.fixture
def log(client: TestClient) -> Iterator[TestClient]:
    """A client of a site with a few events."""
    client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    for number in range(COUNT - 1):
        client.patch(f"{V1}/reports/r1", json={"edits": [{"field": "conclusion", "value": f"text {number}"}]})
    yield client


def pages(client: TestClient, **wanted: Any) -> list[int]:
    numbers: list[int] = []
    cursor: str | None = None
    while True:
        answer = client.get(
            f"{V1}/audit", params={"limit": 2, "report": "r1"} | wanted | ({"cursor": cursor} if cursor else {})
        )
        numbers += [one["id"] for one in answer.json()["events"]]
        cursor = answer.json()["next"]
        if cursor is None:
            return numbers


def test_pages_by_cursor(log: TestClient) -> None:
    assert pages(log) == [6, 5, 4, 3, 2, 1] and pages(log, order="oldest") == [1, 2, 3, 4, 5, 6]
    assert pages(log, action="create") == [1] and pages(log, actor="nobody") == []
    assert pages(log, patient="nobody") == [] and pages(log, report="r1", patient="") == []
    times = [one["at"] for one in log.get(f"{V1}/audit?report=r1&order=oldest").json()["events"]]
    assert pages(log, **{"from": times[2], "to": times[4]}) == [4, 3]


@pytest.mark.parametrize(
    "query",
    [
        *("from=yesterday", "to=2026-99-01", "from=2026-02-01&to=2026-01-30"),
        *("cursor=x", "cursor=9999999999", "limit=0", "order=odd", "format=csv"),
    ],
)
def test_bad_queries(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"{V1}/audit?{query}"))


@pytest.mark.parametrize("place", ["from", "to"])
def test_a_wrong_time_is_refused_as_a_search_refuses_it(client: TestClient, place: str) -> None:
    answer = client.get(f"{V1}/audit?{place}=yesterday")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["place"] == f"query.{place}" and error["mend"].startswith("Write it as 2026-01-30")


@pytest.mark.parametrize("number", ["0", "x", "99999999999999", "7"])
def test_events_that_are_not_there(client: TestClient, number: str) -> None:
    assert_problem(client.get(f"{V1}/audit/{number}"))


@pytest.mark.parametrize("path", ["audit?report=r1&limit=2&order=oldest", "audit/1"])
def test_exports(log: TestClient, path: str) -> None:
    xml = log.get(f"{V1}/{path}", headers={"Accept": "application/xml"})
    assert xml.headers["Content-Type"].startswith("application/xml")
    assert etree.fromstring(xml.content)[0].find("EventIdentification/EventID").get("csd-code") == "110110"  # type: ignore[union-attr]
    fhir = log.get(f"{V1}/{path}", params=None, headers={"Accept": "application/fhir+json"})
    assert fhir.json()["entry"][0]["resource"]["resourceType"] == "AuditEvent"
    named = log.get(f"{V1}/{path}{'&' if '?' in path else '?'}format=dicom")
    assert named.content == xml.content
    lines = log.get(f"{V1}/{path}{'&' if '?' in path else '?'}format=json")
    assert lines.headers["Content-Type"] == "application/jsonl"
    assert log.get(f"{V1}/{path}", headers={"Accept": "text/csv"}).status_code == 406
    assert log.get(f"{V1}/{path}").headers["Content-Type"] == "application/json"


def test_an_export_has_a_cursor(log: TestClient) -> None:
    first = log.get(f"{V1}/audit?report=r1&limit=4&order=oldest&format=json")
    assert first.headers["X-Next-Cursor"] == "4" and first.text.count("\n") == 4
    last = log.get(f"{V1}/audit?report=r1&limit=4&order=oldest&format=json&cursor=4")
    assert last.text.count("\n") == 2 and "X-Next-Cursor" not in last.headers


def test_verification(log: TestClient, tmp_path: Any) -> None:
    result = log.get(f"{V1}/audit/verification").json()
    assert result["intact"] and result["events"] == COUNT and result["findings"] == []
    assert log.get(f"{V1}/audit/verification", params={"head": result["head"]["hash"]}).json()["intact"]
    assert not log.get(f"{V1}/audit/verification", params={"head": "ab" * 32}).json()["intact"]
    assert_problem(log.get(f"{V1}/audit/verification", params={"head": "x"}))
    with sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        connection.exec_driver_sql("UPDATE audit_event SET actor = 'ghost' WHERE id = 3")
    found = log.get(f"{V1}/audit/verification").json()["findings"]
    assert [(one["kind"], one["event"]) for one in found] == [("altered", 3), ("removed", None), ("disagrees", 3)]


@pytest.mark.parametrize("format", ["json", "dicom", "fhir"])
def test_a_whole_export_is_one_file_of_all_that_is_found(log: TestClient, format: str) -> None:  # noqa: A002
    by = log.app.state.context.workflow  # type: ignore[attr-defined]
    for number in range(2):  # more than one batch, and more than a page may have
        with by.store.writing() as transaction:
            for each in range(600):
                transaction.audit("read", planted(), report_id="r2", detail={"n": number * 600 + each})
    answer = log.get(f"{V1}/audit", params={"format": format, "whole": "true", "report": "r2", "limit": 5})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert "X-Next-Cursor" not in answer.headers
    counted = {
        "json": lambda: len(answer.text.splitlines()),
        "dicom": lambda: len(etree.fromstring(answer.content)),
        "fhir": lambda: len(answer.json()["entry"]),
    }
    assert counted[format]() == 1200
    assert_problem(log.get(f"{V1}/audit?whole=true"))


def planted() -> By:
    return By("Dr. Example", datetime(2026, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("action", "mend"), [("Sign", "Write sign."), ("sing-in", "Write sign-in."), ("zzz", "cancel-job, change-account")]
)
@pytest.mark.parametrize("more", ["", "&whole=true&format=json"])
def test_a_word_that_is_no_action_is_refused(log: TestClient, action: str, mend: str, more: str) -> None:
    answer = log.get(f"{V1}/audit?action={action}{more}")
    assert_problem(answer)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["place"] == "query.action" and f'"{action}"' in error["message"] and mend in error["mend"]


def test_every_action_that_the_program_writes_is_known() -> None:
    sources = [path.read_text("utf-8") for name in ("reporting", "api") for path in (ROOT / name).glob("*.py")]
    written = {word for text in sources for word in re.findall(r'\b(?:audit|note)\(\s*"([^"]+)"', text)}
    shown = set(re.findall(r"\baction_([a-z-]+)", (ROOT / "web" / "texts-desk.js").read_text("utf-8")))
    assert len(written) > 12 and written | shown | {*READS.values()} <= ACTIONS
