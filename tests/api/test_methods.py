"""Methods: HEAD is there wherever GET is, and 405 says which methods an address has."""

from __future__ import annotations

import threading
import time

import pytest

from ..reporting.site import sr
from .conftest import SEEN, V1, TestClient
from .test_reports import draft, patch, receive

_OF_THE_MOMENT = {"x-request-id", "date"}


@pytest.fixture
def signed(client: TestClient) -> TestClient:
    draft(client, receive(client, sr()))
    patch(client, "r1", {"field": "conclusion", "value": "normal"})
    assert client.post(f"{V1}/reports/r1/sign", json=SEEN).status_code == 200
    return client


@pytest.mark.parametrize(
    "path",
    [
        *(f"{V1}/reports", f"{V1}/reports/r1", f"{V1}/reports/r1/rendering?format=html", f"{V1}/reports/r1/versions"),
        *(f"{V1}/templates", f"{V1}/openapi.json", f"{V1}/reports/none", f"{V1}/nothing", f"{V1}/reports?nonsense=1"),
        *("/IHETemplateService/", "/healthz", "/", "/app.js", "/none.js"),
    ],
)
def test_head_is_get_without_content(signed: TestClient, path: str) -> None:
    get, head = signed.get(path), signed.head(path)
    assert head.status_code == get.status_code and head.content == b"" and len(get.content) > 2

    def lasting(headers: object) -> dict[str, str]:
        return {name: value for name, value in dict(headers).items() if name not in _OF_THE_MOMENT}  # type: ignore[call-overload]

    assert lasting(head.headers) == lasting(get.headers)


def test_what_head_asks_for_is_in_the_audit_log(signed: TestClient) -> None:
    signed.head(f"{V1}/reports/r1")
    assert signed.get(f"{V1}/audit?report=r1&limit=200").json()["events"][0]["action"] == "read"


def test_a_stream_ends_where_it_begins(signed: TestClient) -> None:
    asked = threading.Thread(target=lambda: signed.head(f"{V1}/events"), daemon=True)
    began = time.monotonic()
    asked.start()
    asked.join(10)
    assert not asked.is_alive() and time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (f"{V1}/reports", "GET, HEAD, POST"),
        (f"{V1}/reports/r1", "GET, HEAD, PATCH"),
        (f"{V1}/reports/r1/sign", "POST"),
        ("/IHETemplateService/1.2.3", "GET, HEAD, PUT"),
        ("/IHETemplateService/a%2Fb", "GET, HEAD, PUT"),
        ("/healthz", "GET, HEAD"),
    ],
)
def test_405_says_which_methods_there_are(client: TestClient, path: str, methods: str) -> None:
    answer = client.delete(path)
    assert answer.status_code == 405 and answer.headers["Allow"] == methods
    assert methods in answer.json()["detail"] and "DELETE" in answer.json()["detail"]
    assert client.request("OPTIONS", path).headers["Allow"] == methods


@pytest.mark.parametrize("name", ["a", "a%2Fb", "a/b"])
def test_options_of_a_template_names_what_can_be_done_with_it(client: TestClient, name: str) -> None:
    answer = client.request("OPTIONS", f"{V1}/templates/{name}")
    assert answer.status_code == 405 and answer.headers["Allow"] == "DELETE, GET, HEAD, PUT"


@pytest.mark.parametrize(
    ("path", "right"),
    [
        (f"{V1}/reports/", f"{V1}/reports"),
        (f"{V1}/reports/?patient=P%201&limit=2", f"{V1}/reports?patient=P%201&limit=2"),
        ("/IHETemplateService", "/IHETemplateService/"),
    ],
)
def test_a_slash_too_many_leads_to_a_path_whatever_a_proxy_speaks(client: TestClient, path: str, right: str) -> None:
    """The scheme is not ours to say: a proxy that speaks TLS asks us over plain HTTP."""
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, right)
    assert client.get(path).status_code == 200
