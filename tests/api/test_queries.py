"""A filter that an operation does not have is refused, not left out."""

from __future__ import annotations

import pytest

from .conftest import V1, TestClient

UNKNOWN = [
    ("documents?patient_id=4711", "query.patient_id", "study"),
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
