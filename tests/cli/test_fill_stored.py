"""`mrrt fill` with stored templates: found by name or identifier, in the configured database or a named one.

1. Name and identifier, with the parts that the template takes in, and with its logic and bindings.
2. A stored template goes before one that lies in a folder; a file or folder on the path goes before both.
3. A retired one is refused; an unknown one, and a database that is none, are said in words.
4. Where there is no database, none is made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ..conftest import ROOT
from ..forked import forked
from ..reporting.site import TEMPLATES, TINY, sr

PARTS = ROOT / "tests" / "fixtures" / "compose"


class Site:
    """A site in a folder of its own, whose database the environment names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "site.sqlite"
        own = {key: value for key, value in os.environ.items() if not key.startswith("MRRT_")}
        self.environment = {**own, "PYTHONPATH": str(ROOT), "MRRT_DATABASE_URL": f"sqlite:///{self.database}"}

    def run(self, *arguments: object, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = forked(*arguments, folder=self.folder, environment=self.environment | environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def renamed(folder: Path, title: str) -> Path:
    """Copy the tiny template into a folder of the same name, under another title."""
    copy = folder / "sent" / "tiny-carotid"
    shutil.copytree(TINY, copy)
    page = copy / "template.html"
    old = page.read_text("utf-8")
    page.write_text(old.replace("<title>", f"<title>{title} ").replace('title" content="', f'title" content="{title} '))
    return copy


@pytest.mark.parametrize("name", ["tiny-carotid", "1.2.3.4.5"])
def test_by_name_or_identifier(site: Site, name: str) -> None:  # 1
    site.run("templates", "import", TINY)
    (site.folder / "one.dcm").write_bytes(sr())
    answer = json.loads(site.run("fill", name, "--sr", "one.dcm", "--format", "json").stdout)
    assert answer["template"] == "1.2.3.4.5" and answer["values"]["right_psv"]["value"] == "336.0"
    assert answer["derived"]["right_grade"]["value"] == "above"


def test_with_its_parts(site: Site) -> None:  # 1
    pages = [PARTS / f"{name}.html" for name in ("cyst", "tumour", "signs", "liver")]
    site.run("templates", "import", *pages)
    values = ("--set", "lesion=cyst", "--set", "details.1.size=12", "--set", "details.1.wall=thin")
    assert "12 mm" in site.run("fill", "compose.liver", *values).stdout
    other = (*values, "--set", "details.2.size=31")
    said = site.run("fill", "compose.liver", *other)
    assert "31" not in said.stdout and "details.2.size: not in the report" in said.stderr
    answer = json.loads(site.run("fill", "compose.liver", *other, "--format", "json").stdout)
    assert sorted(answer["values"]) == ["details.1.size", "details.1.wall", "lesion"]


def test_a_database_that_is_named(site: Site) -> None:  # 1
    site.run("templates", "import", PARTS / "cyst.html")
    address = site.environment["MRRT_DATABASE_URL"]
    elsewhere = {"MRRT_DATABASE_URL": f"sqlite:///{site.folder / 'other.sqlite'}"}
    assert "9 mm" in site.run("fill", "compose.cyst", "--set", "size=9", "--database-url", address, **elsewhere).stdout
    refused = site.run("fill", "compose.cyst", code=2, **elsewhere)
    assert "compose.cyst" in refused.stderr and not (site.folder / "other.sqlite").exists()


def test_which_goes_first(site: Site) -> None:  # 2
    site.run("templates", "import", renamed(site.folder, "Stored"))
    folders = {"MRRT_TEMPLATES": str(TEMPLATES)}
    assert "Stored" in site.run("fill", "1.2.3.4.5", **folders).stdout
    assert "Stored" in site.run("fill", "tiny-carotid", **folders).stdout
    assert "Stored" not in site.run("fill", TINY, **folders).stdout
    assert "Stored" not in site.run("fill", TINY / "template.html", **folders).stdout
    assert "Carotid duplex ultrasound" in site.run("fill", "us-carotid-duplex").stdout


def test_what_cannot_be_used(site: Site) -> None:  # 3
    site.run("templates", "import", TINY)
    site.run("templates", "retire", "tiny-carotid")
    assert "retired" in site.run("fill", "tiny-carotid", code=1).stderr
    assert "us-carotid-duplex" in site.run("fill", "nowhere", code=2).stderr
    assert "no address" in site.run("fill", "tiny-carotid", "--database-url", "nonsense", code=2).stderr
    site.database.write_bytes(b"no database at all, but a text of some length that looks like none" * 20)
    assert "database" in site.run("fill", "tiny-carotid", code=2).stderr


def test_no_database_is_made(site: Site) -> None:  # 4
    assert "Carotid duplex ultrasound" in site.run("fill", "us-carotid-duplex").stdout
    assert not site.database.exists()
