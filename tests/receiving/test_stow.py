"""STOW-RS (PS3.18 section 10.5): what is named as stored is safe, what is not has its reason.

1. Documents of one request are stored, and imported; a stock client (dicomweb-client) gets through.
2. Each document has its own result: 200, 202 or 409.
3. A body that is none is refused with what is wrong with it.
4. `mrrt serve --dicom-port` listens for devices, and health tells of both.
5. What arrived, and whence, is in the audit log.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sr_import
from api.app import create_app
from mrrt.errors import UsageError
from reporting.receiving.multipart import parts
from reporting.receiving.objects import data_set
from reporting.receiving.records import State

from ..api.conftest import OWN, V1, TestClient
from ..reporting.site import counting, site, sr, ticking
from ..sr_writer import uid
from .conftest import storescu
from .test_storage import ct_image

URL = "/dicom-web/studies"
UID = uid("one/instance")
STUDY = uid("one/study")


def made_client(tmp_path: Path, **more: Any) -> TestClient:
    return TestClient(create_app(site(tmp_path, **more), clock=ticking(), new_id=counting()), OWN)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with made_client(tmp_path) as made:
        yield made


def body(*files: bytes, boundary: str = "frontier") -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + file + b"\r\n" for file in files) + f"--{boundary}--\r\n".encode()


def post(client: TestClient, *files: bytes, url: str = URL) -> Any:
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=frontier'}
    return client.post(url, content=body(*files), headers=headers)


def settled(client: TestClient) -> dict[str, int]:
    """Return the counts of the inbox once all is imported."""
    for _ in range(400):
        counts: dict[str, int] = client.get(f"{V1}/health").json()["reception"]["inbox"]
        if State.RECEIVED.value not in counts:
            return counts
        time.sleep(0.02)
    raise AssertionError("not everything was imported in time")


def named(answer: Any, tag: str) -> list[str]:
    return [one["00081155"].get("Value", [""])[0] for one in answer.json().get(tag, {}).get("Value", [])]


STORED, FAILED = "00081199", "00081198"


def test_documents_are_stored_and_imported(client: TestClient) -> None:  # 1
    answer = post(client, sr(), sr(instance="two"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/dicom+json"
    assert named(answer, STORED) == [UID, uid("two/instance")]
    assert FAILED not in answer.json()
    assert settled(client) == {"imported": 2}
    assert client.get(f"{V1}/documents/{UID}").json()["measurements"]
    assert post(client, sr()).status_code == 200
    assert settled(client) == {"imported": 2}
    listed = client.get(f"{V1}/documents", params={"study": STUDY}).json()
    assert [(one["sop_instance_uid"], one["measurements"]) for one in listed] == [
        (UID, len(sr_import.read(sr()).measurements))
    ]
    assert len(client.get(f"{V1}/documents").json()) == 2
    single = client.post(URL, content=sr(instance="three"), headers={"Content-Type": "application/dicom"})
    assert single.status_code == 200
    assert settled(client) == {"imported": 3}


def test_a_stock_client_gets_through(client: TestClient) -> None:  # 1
    import requests
    from dicomweb_client.api import DICOMwebClient

    class Adapter(requests.adapters.HTTPAdapter):
        """Carries what requests would send to the application."""

        def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
            answer = client.post(request.path_url, content=request.body, headers=headers)
            made = requests.Response()
            made.status_code, made._content = answer.status_code, answer.content
            made.headers.update(answer.headers)
            return made

    session = requests.Session()
    session.mount("http://", Adapter())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = DICOMwebClient(f"{OWN}/dicom-web", session).store_instances([pydicom.dcmread(BytesIO(sr()))])
    assert [one.ReferencedSOPInstanceUID for one in report.ReferencedSOPSequence] == [UID]
    assert settled(client) == {"imported": 1}


def test_each_has_its_own_result(client: TestClient) -> None:  # 2
    mixed = post(client, sr(), ct_image(), b"no DICOM at all")
    assert mixed.status_code == 202
    assert named(mixed, STORED) == [UID]
    assert named(mixed, FAILED) == [uid("ct"), ""]
    reasons = [one["00081197"]["Value"][0] for one in mixed.json()[FAILED]["Value"]]
    assert reasons == [0x0122, 0xC000]
    none = post(client, ct_image())
    assert none.status_code == 409
    assert named(none, FAILED) == [uid("ct")]
    assert settled(client) == {"imported": 1, "failed": 1}


def test_a_body_of_nothing_but_parts(client: TestClient) -> None:  # 3
    refused = post(client, *[b""] * 2001)
    assert refused.status_code == 400
    assert "more than 2000 parts; send them in several requests" in refused.json()["detail"]
    assert len(named(post(client, *[b""] * 2000), FAILED)) == 2000


def test_half_a_document_is_kept(client: TestClient) -> None:  # 2
    assert post(client, sr()[:-500]).status_code == 200
    assert settled(client) == {"failed": 1}


def test_a_site_may_refuse_what_cannot_be_read(tmp_path: Path) -> None:  # 2
    with made_client(tmp_path, receive_unreadable="refuse", receive_other="keep") as client:
        assert post(client, sr()[:-500]).status_code == 409
        assert post(client, ct_image(), sr(instance="two")).status_code == 200
        assert settled(client) == {"failed": 1, "kept": 1, "imported": 1}


def test_documents_of_another_study_are_refused(client: TestClient) -> None:  # 2
    assert post(client, sr(), url=f"{URL}/{STUDY}").status_code == 200
    other = post(client, sr(instance="two"), url=f"{URL}/{STUDY}")
    assert (other.status_code, named(other, FAILED)) == (409, [uid("two/instance")])
    assert post(client, sr(), url=f"{URL}/nothing").status_code == 400


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/related", body(b"x"), 400),
        ("multipart/related; boundary=other", body(b"x"), 400),
        ("multipart/related; boundary=frontier", body(sr())[:-20], 400),
        ("multipart/related; boundary=frontier", b"--frontier\r\nno empty line\r\n--frontier--", 400),
        ("multipart/related; boundary=frontier", b"--frontier\r\nContent-Type: text/xml\r\n\r\nx\r\n--frontier--", 400),
        ("multipart/related; boundary=frontier", b"--frontier--", 400),
    ],
    ids=["json", "no-boundary", "other-boundary", "cut-off", "no-empty-line", "xml", "no-part"],
)
def test_a_body_that_is_none(client: TestClient, kind: str, content: bytes, status: int) -> None:  # 3
    answer = client.post(URL, content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@given(st.lists(st.binary(max_size=200).filter(lambda one: b"frontier" not in one), max_size=5))
def test_parts_come_out_as_they_went_in(files: list[bytes]) -> None:  # 1
    assert parts(body(*files), "multipart/related; boundary=frontier") == tuple(files)


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_body_is_answered(content: bytes, kind: str) -> None:  # 3
    for media_type in (kind, "multipart/related; boundary=b", "application/dicom"):
        try:
            parts(content, media_type)
        except UsageError as error:
            assert str(error)


@pytest.mark.peer
def test_devices_deliver_to_the_server(tmp_path: Path) -> None:  # 4
    file = tmp_path / "one.dcm"
    file.write_bytes(sr())
    with made_client(tmp_path, dicom_port=0) as client:
        reception = client.app.state.context.reception  # type: ignore[attr-defined]
        assert storescu(reception.dicom.port, "-xe", file)
        assert settled(client) == {"imported": 1}
        state = client.get(f"{V1}/health").json()["reception"]
        assert state["dicom"]["objects"] == 1
        kept = reception.inbox.content(1)
    assert data_set(kept)


def test_without_a_port_nothing_listens(client: TestClient) -> None:  # 4
    assert client.get(f"{V1}/health").json()["reception"]["dicom"] is None


def test_what_arrived_is_in_the_audit_log(client: TestClient) -> None:  # 5
    post(client, sr(), sr(), b"no DICOM at all", ct_image())
    settled(client)
    events = client.get(f"{V1}/audit?action=arrive&order=oldest").json()["events"]
    assert [(one["document"], one["actor"], one["source"]) for one in events] == [
        (UID, "stow testclient", "testclient"),
        (None, "stow testclient", "testclient"),
    ]
    [created] = client.get(f"{V1}/audit?action=read-audit").json()["events"][:1]
    assert [json.loads(one["detail"]) for one in events] == [
        {"account": created["actor"], "number": number} for number in (1, 2)
    ]
