"""The trial mode over HTTP: told by the page, exported as JSON and CSV, refused where there is no trial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app

from ..reporting.site import counting, site, ticking
from .conftest import OWN, V1, TestClient

VISIT = "5f0c9b1e-0c55-4f52-8d49-0d0f4a4f8f21"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(site(tmp_path, trial=True), clock=ticking(), new_id=counting()), OWN) as made:
        yield made


def make(client: TestClient) -> str:
    return str(client.post(f"{V1}/reports", json={"template": "tiny-carotid"}).json()["id"])


def test_a_visit_is_kept_and_exported(client: TestClient) -> None:
    report = make(client)
    assert client.get(f"{V1}/reports/{report}").json()["trial"] is True
    answer = client.put(f"{V1}/reports/{report}/visits/{VISIT}", json={"seconds": 12.5, "keystrokes": 4})
    assert (answer.status_code, answer.content) == (204, b"")
    [line] = client.get(f"{V1}/trial").json()
    assert (line["seconds"], line["keystrokes"], line["status"]) == (12.5, 4, "partial")
    for asked in ({"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}):
        table = client.get(f"{V1}/trial", **asked)
        assert table.headers["Content-Type"].startswith("text/csv") and len(table.text.splitlines()) == 2
    assert client.delete(f"{V1}/trial").json() == {"visits": 1}
    assert client.get(f"{V1}/trial").json() == []


@pytest.mark.parametrize(
    ("visit", "counted", "place"),
    [
        (VISIT, {"seconds": -1}, "body.seconds"),
        (VISIT, {"keystrokes": 1.5}, "body.keystrokes"),
        (VISIT, {"patient": "X"}, "body.patient"),
        ("no uuid", {}, "path.visit"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, visit: str, counted: dict[str, object], place: str) -> None:
    answer = client.put(f"{V1}/reports/{make(client)}/visits/{visit}", json=counted)
    assert answer.status_code == 422
    assert [one["place"] for one in answer.json()["errors"]] == [place]


def test_without_a_trial_nothing_is_taken(tmp_path: Path) -> None:
    with TestClient(create_app(site(tmp_path), clock=ticking(), new_id=counting()), OWN) as client:
        report = make(client)
        assert client.get(f"{V1}/reports/{report}").json()["trial"] is False
        answer = client.put(f"{V1}/reports/{report}/visits/{VISIT}", json={})
        assert (answer.status_code, "MRRT_TRIAL" in answer.json()["detail"]) == (409, True)
