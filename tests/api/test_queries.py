"""A filter that an operation does not have is refused, not left out."""

from __future__ import annotations

import pytest

from .conftest import V1, TestClient

UNKNOWN = [
    ("documents?patient_id=4711", "query.patient_id", "Write patient."),
    ("worklist?accession=A1", "query.accession", "template"),
    ("reports?acession=A1", "query.acession", "Write accession."),
    ("templates?titel=chest", "query.titel", "Write title."),
    ("devices?device=odd", "query.device", "Leave it out"),
]


@pytest.mark.parametrize(("address", "place", "mend"), UNKNOWN)
def test_a_list_is_never_longer_than_what_was_asked_for(
    strict: TestClient, address: str, place: str, mend: str
) -> None:
    answer = strict.get(f"{V1}/{address}")
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["place"] == place and mend in error["mend"]


def test_what_changes_something_takes_no_unknown_parameter(strict: TestClient) -> None:
    assert strict.post(f"{V1}/reports?dryrun=true", json={"template": "tiny-carotid"}).status_code == 422
    assert strict.get(f"{V1}/reports").json()["reports"] == []


def test_an_identity_provider_may_add_its_own(strict: TestClient) -> None:
    answer = strict.get(f"{V1}/session/oidc/callback?code=a&state=b&session_state=c&iss=d", follow_redirects=False)
    assert answer.status_code == 404, "no provider is set up, and that is all that is wrong"


WRONG_DAYS = [
    {"study": {"date": "14.01.2026"}},
    {"study": {"date": "20260114"}},
    {"patient": {"birth_date": "2026-02-31"}},
    {"patient": {"birth_date": "1950"}},
]


@pytest.mark.parametrize("about", WRONG_DAYS)
def test_a_day_is_one_that_searches_find(strict: TestClient, about: dict[str, dict[str, str]]) -> None:
    answer = strict.post(f"{V1}/reports", json={"template": "tiny-carotid", "about": about})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["place"] == "body.about" and "2026-01-31" in error["message"]


def test_a_difference_names_the_version_that_is_not_there(strict: TestClient) -> None:
    address = strict.post(f"{V1}/reports", json={"template": "tiny-carotid"}).headers["Location"]
    assert "no version 9 " in strict.get(f"{address}/versions/9/difference").json()["detail"]
    assert "no version 8 " in strict.get(f"{address}/versions/1/difference?from=8").json()["detail"]


@pytest.mark.parametrize("address", ["reports?patient=P1&patient=P2", "worklist?q=a&q=b", "documents?limit=1&limit=2"])
def test_what_can_be_asked_for_once_is_not_taken_from_several(strict: TestClient, address: str) -> None:
    answer = strict.get(f"{V1}/{address}")
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["place"] == f"query.{address.partition('?')[2].partition('=')[0]}" and "once" in error["mend"]
    assert (
        strict.get(f"{V1}/reports?status=final&status=partial&value=plaque:=:none&value=plaque:!=:x").status_code == 200
    )
    assert strict.get(f"{V1}/audit/verification?head={'0' * 64}&head={'1' * 64}").status_code == 200
