"""The browser's files: whole or compressed, not sent twice, and read only.

1. What is sent is the file, by its type; compressed where the browser takes that.
2. A browser that has it gets 304; another version it would get whole.
3. HEAD tells what GET would; other methods are refused in the shape of all errors.
4. No file lies beside them: no source, no path that leads out.
5. With the page comes a list of what it is painted with and of all modules that a report is shown with.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web

from ..web.test_source import sent_for
from .conftest import TestClient
from .test_error_shape import assert_problem

FOLDER = Path(web.__path__[0])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/app.js", "text/javascript"),
        ("/base.css", "text/css"),
        ("/index.html", "text/html"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_file_is_sent(client: TestClient, path: str, kind: str, encoding: str) -> None:  # 1
    answer = client.get(path, headers={"Accept-Encoding": encoding})
    content = (FOLDER / path[1:]).read_bytes()
    assert answer.content == content and answer.headers["Content-Type"].startswith(kind)
    packed = encoding == "gzip" and len(content) > 500
    assert (answer.headers.get("Content-Encoding") == "gzip") is packed
    assert (int(answer.headers["Content-Length"]) < len(content)) is packed
    assert "default-src" in answer.headers["Content-Security-Policy"] and answer.headers["Vary"] == "Accept-Encoding"


def test_the_start_page(client: TestClient) -> None:  # 1
    assert client.get("/").content == (FOLDER / "index.html").read_bytes()


def test_what_the_browser_has_is_not_sent_again(client: TestClient) -> None:  # 2
    tag = client.get("/app.js").headers["ETag"]
    again = client.get("/app.js", headers={"If-None-Match": f'"other", {tag}'})
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == tag
    assert client.get("/app.js", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_are_read_only(client: TestClient, method: str) -> None:  # 3
    answer = client.request(method, "/app.js")
    assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD"
    assert_problem(answer)


def test_head(client: TestClient) -> None:  # 3
    assert client.head("/app.js").headers["ETag"] == client.get("/app.js").headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/__init__.py", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "/nothing.js", "/web/app.js"]
)
def test_nothing_else(client: TestClient, path: str) -> None:  # 4
    assert client.get(path).status_code == 404


def test_the_page_says_what_it_needs(client: TestClient) -> None:  # 5
    wanted = client.get("/").headers["Link"]
    assert wanted == client.get("/index.html").headers["Link"]
    assert "Link" not in client.get("/app.js").headers
    named = re.findall(r"<([\w.-]+)>; rel=(preload|modulepreload)", wanted)
    assert len(named) == len(wanted.split(", "))
    modules = {name for name, kind in named if kind == "modulepreload"}
    assert modules == {path.name for path in sent_for("app.js", "report-view.js")}
    styles = re.findall(r'stylesheet" href="([\w.-]+)"', (FOLDER / "index.html").read_text("utf-8"))
    assert [name for name, kind in named if kind == "preload"] == styles
