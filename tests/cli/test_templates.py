"""`mrrt templates` on a database of its own: import with a result for each file, list, show, export, retire."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from ..conftest import ROOT
from ..forked import forked

PAGES = ROOT / "tests" / "fixtures" / "compose"


class Site:
    """A site in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = {key: value for key, value in os.environ.items() if not key.startswith("MRRT_")}
        self.environment = {**own, "MRRT_DATABASE_URL": f"sqlite:///{folder / 'site.sqlite'}"}

    def run(self, *arguments: str, code: int = 0) -> str:
        done = forked("templates", *arguments, folder=self.folder, environment=self.environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def pages(site: Site, *names: str) -> Path:
    folder = site.folder / "pages"
    folder.mkdir()
    for name in names:
        shutil.copy(PAGES / f"{name}.html", folder)
    return folder


def test_import_list_show_export_retire(site: Site) -> None:
    folder = pages(site, "nodules", "lung", "signs", "missing")
    (folder / "bad.html").write_text("hello")
    (folder / "notes.txt").write_text("hello")
    said = site.run("import", "pages", code=3)
    assert "nodules.html: created: CT Chest with nodules (compose.nodules) as version 1" in said
    assert "bad.html: unreadable" in said and "notes.txt: ignored" in said
    assert "missing.html: refused" in said and "compose.nowhere" in said
    again = site.run("import", "pages/nodules.html", "pages/lung.html", "--json")
    assert [json.loads(line)["outcome"] for line in again.splitlines()] == ["unchanged", "unchanged"]
    assert "compose.nodules" in site.run("list", "--title", "nodules")
    shown = json.loads(site.run("show", "compose.nodules", "--json"))
    assert shown["version"] == 1 and [line["action"] for line in shown["versions"]] == ["store"]
    assert "compose.nodules" in site.run("show", "compose.nodules")
    site.run("export", "compose.nodules", "-o", "out.zip")
    elsewhere = Site(site.folder / "elsewhere")
    elsewhere.folder.mkdir()
    assert "created: CT Chest with nodules" in elsewhere.run("import", "../out.zip")
    assert "unchanged" in site.run("import", "out.zip", code=0)
    assert "retired as version 2" in site.run("retire", "compose.nodules")
    assert "compose.nodules" in site.run("list", "--status", "RETIRED")


def test_mistakes(site: Site) -> None:
    assert "cannot be opened" in site.run("import", "nowhere.html", code=3)
    assert "there is no" in site.run("show", "nothing", code=2)
    assert "there is no stored template" in site.run("retire", "us-carotid-duplex", code=2)
    (site.folder / "bad.zip").write_bytes(b"PK")
    assert "archive is refused" in site.run("import", "bad.zip", code=3)
    (site.folder / "void").mkdir()
    assert "void: there is no file in this folder" in site.run("import", "void", code=3)
    assert 'there is no status "RETIERD"' in site.run("list", "--status", "RETIERD", code=2)
    assert "ct-dose" in site.run("list", "--status", "draft")
