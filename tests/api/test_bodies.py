"""Bodies that can be read in two ways, or in none, are refused with what is wrong and how to mend it.

1. What is said twice in one object is not said: which of the two is meant is not known.
2. JSON that cannot be read says why; other encodings of Unicode that RFC 4627 allowed are read.
3. A body that was packed is named as such.
"""

from __future__ import annotations

import gzip
import json

import pytest

from ..reporting.site import sr
from .conftest import V1, TestClient

AT = f"{V1}/reports"
JSON = {"Content-Type": "application/json"}
MAKE = '{"template": "tiny-carotid"}'


def edit(more: str) -> str:
    return f'{{"edits": [{{"field": "right_psv", "value": "100"{more}}}]}}'


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (edit(', "value": "300"'), '"value"'),
        (edit(', "field": "left_psv"'), '"field"'),
        (edit("")[:-1] + ', "edits": []}', '"edits"'),
        (edit(', "val\\u0075e": "300"'), '"value"'),
        (edit(', "\\ud800": 1, "\\ud800": 2'), "ud800"),
    ],
)
def test_what_is_said_twice_is_refused(client: TestClient, body: str, name: str) -> None:  # 1
    client.post(AT, json={"template": "tiny-carotid"})
    answer = client.patch(f"{AT}/r1", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["place"] == "body" and name in error["message"] and "once" in error["mend"]
    assert client.get(f"{AT}/r1").json()["version"] == 1
    assert client.patch(f"{AT}/r1", content=edit(""), headers=JSON).json()["version"] == 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (MAKE.replace("carotid", "carötid").encode("latin-1"), "UTF-8"),
        (gzip.compress(MAKE.encode(), mtime=0), "UTF-8"),
        (b'{"template":' * 20_000, "deep"),
        (b"[" * 100_000 + b"]" * 100_000, "deep"),
        (b'{"template": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"template": 1e400}', "1e400 is further from 0"),
        (b'{"template": -1E+400}', "-1E+400 is further from 0"),
        (b'{"template": 0.1e-400}', "0.1e-400 is nearer to 0"),
        (b'{"template": NaN}', "NaN is no number in JSON"),
        (b'{"template": -Infinity}', "-Infinity is no number in JSON"),
    ],
)
def test_what_cannot_be_read_says_why(client: TestClient, body: bytes, word: str) -> None:  # 2
    answer = client.post(AT, content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["place"] == "body" and word in error["message"] and error["mend"].endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.ris+json"])
def test_every_unicode_is_read(client: TestClient, encoding: str, kind: str) -> None:  # 2
    answer = client.post(AT, content=MAKE.encode(encoding), headers={"Content-Type": kind})
    assert answer.status_code == 201, answer.text


def test_broken_json_says_where(client: TestClient) -> None:  # 2
    [error] = client.post(AT, content=MAKE + "x", headers=JSON).json()["errors"]
    assert (error["place"], error["mend"]) == (f"body.{len(MAKE)}", "Send well-formed JSON.")


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_packed_body_is_named(client: TestClient, encoding: str) -> None:  # 3
    for path, content, kind in (
        ("documents", sr(), "application/dicom"),
        ("reports", json.dumps({"template": "tiny-carotid"}).encode(), "application/json"),
    ):
        headers = {"Content-Type": kind, "Content-Encoding": encoding}
        answer = client.post(f"{V1}/{path}", content=gzip.compress(content), headers=headers)
        assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity"), answer.text
        assert "Content-Encoding" in answer.json()["detail"]
        plain = client.post(f"{V1}/{path}", content=content, headers=headers | {"Content-Encoding": "identity"})
        assert plain.status_code == 201, plain.text
