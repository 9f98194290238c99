"""Devices that sent, and what became of what they sent, over HTTP."""

from __future__ import annotations

from ..reporting.site import sr
from ..sr_writer import Carotid, document, to_bytes
from .conftest import V1, TestClient


def stow(client: TestClient, content: bytes) -> int:
    kind = 'multipart/related; type="application/dicom"; boundary=b'
    body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--b--\r\n"
    return client.post("/dicom-web/studies", content=body, headers={"Content-Type": kind}).status_code


def from_another_device() -> bytes:
    dataset = document(Carotid(velocities={("left", "ica", "prox"): (90.0, 30.0)}, ratios={}, instance="other"))
    dataset.Manufacturer, dataset.ManufacturerModelName = "Example", "Handheld 1"
    return to_bytes(dataset)


def test_devices_and_what_they_sent(client: TestClient) -> None:
    assert client.get(f"{V1}/devices").json() == []
    for content in (sr(), sr(instance="two"), from_another_device()):
        assert client.post(
            f"{V1}/documents", content=content, headers={"Content-Type": "application/dicom"}
        ).status_code in (200, 201)
    devices = client.get(f"{V1}/devices").json()
    assert [(one["device"], one["documents"]) for one in devices] == [
        ("Example Handheld 1", 1),
        (devices[1]["device"], 2),
    ]
    assert all(one["first_received"] <= one["last_received"] and one["measurements"] > 0 for one in devices)


def test_deliveries_are_paged_and_chosen_by_state(client: TestClient) -> None:
    assert stow(client, sr(right=336.0)) == 200
    stow(client, sr(right=340.0))  # the same UID with other bytes
    page = client.get(f"{V1}/deliveries", params={"limit": 1}).json()
    [newest] = page["deliveries"]
    [older] = client.get(f"{V1}/deliveries", params={"limit": 1, "cursor": page["next"]}).json()["deliveries"]
    assert (newest["state"], older["via"], newest["id"] - older["id"]) == ("conflict", "stow", 1)
    wrong = client.get(f"{V1}/deliveries", params={"state": ["failed", "conflict"]}).json()
    assert [one["id"] for one in wrong["deliveries"]] == [newest["id"]] and wrong["next"] is None
    assert client.get(f"{V1}/deliveries", params={"state": "lost"}).status_code == 422


def test_reasons_are_said_in_a_language(client: TestClient) -> None:
    stow(client, sr(right=336.0))
    stow(client, sr(right=340.0))
    for language, words in (("en", "another object with the same"), ("de", "ein anderes Objekt mit derselben")):
        found = client.get(f"{V1}/deliveries", params={"state": "conflict", "language": language}).json()
        [(reason, spoken)] = [(one["reason"], one["language"]) for one in found["deliveries"]]
        assert reason.startswith(words) and spoken == language
    assert client.get(f"{V1}/deliveries", params={"language": "fr"}).status_code == 422
