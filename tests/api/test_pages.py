"""The browser's files, as the server sends them."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_files_are_sent_compressed_to_those_who_accept_it(client: TestClient) -> None:
    plain = client.get("/report-view.js", headers={"Accept-Encoding": "identity"})
    packed = client.get("/report-view.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers.get("content-length", "0")) < len(plain.content)
