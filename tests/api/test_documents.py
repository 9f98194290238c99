"""The list of received documents, as a RIS asks for it, and one of them in the language of its reader."""

from __future__ import annotations

from ..sr_import.broken import DOCUMENTS
from ..web.studies import study
from .conftest import V1, TestClient
from .test_reports import receive


def uids(client: TestClient, query: str) -> set[str]:
    answer = client.get(f"{V1}/documents{query}")
    assert answer.status_code == 200
    return {one["sop_instance_uid"] for one in answer.json()}


def test_documents_are_found_by_study_patient_and_order(client: TestClient) -> None:
    first = receive(client, study("a", patient="P-1"))
    later = receive(client, study("b", patient="P-1"))
    other = receive(client, study("c", patient="P-2"))
    assert uids(client, "") == {first, later, other}
    assert uids(client, "?patient=P-1") == {first, later}
    assert uids(client, "?accession=A-c") == {other}
    assert uids(client, "?patient=P-1&accession=A-b") == {later}
    assert uids(client, "?patient=P-1&accession=A-c") == set() == uids(client, "?patient=p-1")
    [line] = client.get(f"{V1}/documents?accession=A-b").json()
    assert (line["patient_id"], line["accession_number"], line["study_date"]) == ("P-1", "A-b", "2026-01-14")
    assert uids(client, f"?study={line['study_instance_uid']}") == {later}


def test_pages_keep_the_filter(client: TestClient) -> None:
    wanted = {receive(client, study(f"n{number}", patient="P-1")) for number in range(3)}
    receive(client, study("other", patient="P-2"))
    found: set[str] = set()
    address = f"{V1}/documents?patient=P-1&limit=2"
    while address:
        answer = client.get(address)
        found |= {one["sop_instance_uid"] for one in answer.json()}
        address = answer.links.get("next", {}).get("url", "")
    assert found == wanted


def test_a_document_in_a_language(client: TestClient) -> None:
    at = f"{V1}/documents/{receive(client, DOCUMENTS['SR08']())}"
    english, german = client.get(at).json(), client.get(f"{at}?language=de").json()
    assert client.get(f"{at}?language=en").json() == english
    first, again = english["measurements"][0]["code"], german["measurements"][0]["code"]
    assert (first["value"], first["scheme"]) == (again["value"], again["scheme"])
    assert (first["meaning"], again["meaning"]) == ("Peak Systolic Velocity", "systolische Spitzengeschwindigkeit")
    assert german["title"]["meaning"] == "Ultraschall der Karotiden"
    said = next(one["message"] for one in german["problems"] if one["rule"] == "SR08")
    assert said.endswith("ohne Einheit.")
    assert client.get(f"{at}?language=xx").status_code == 422


def test_a_form_around_a_document_is_named_as_such(client: TestClient) -> None:
    answer = client.post(f"{V1}/documents", files={"file": study("a", patient="P-1")})
    assert answer.status_code == 415 and "no form" in answer.json()["detail"]
