"""`mrrt erase` as an administrator uses it: nothing goes without a reason, and what goes is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reporting.store import open_store
from reporting.workflow import Workflow

from ..reporting.site import by, site, sr
from .test_commands import mrrt


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database with one report of January 2026 and its document."""
    settings = site(tmp_path)
    store = open_store(settings.database_url)
    workflow = Workflow(store, settings.templates)
    uid = workflow.receive(sr(), by()).document.sop_instance_uid or ""
    workflow.create("r1", "tiny-carotid", [uid], by())
    store.close()
    return settings.database_url


def test_without_a_reason_it_lists_and_with_one_it_erases(database: str) -> None:
    listed = mrrt("erase", "--before", "2026-02-01", "--database-url", database)
    assert listed.returncode == 0 and "r1" in listed.stdout and "partial" in listed.stdout
    assert "1 reports and 1 documents would go; nothing was erased." in listed.stdout
    assert "1 reports in 1 versions" in mrrt("verify", "--database-url", database).stdout
    erased = mrrt("erase", "--before", "2026-02-01", "--reason", "test", "--database-url", database)
    assert (erased.returncode, erased.stdout) == (0, "1 reports and 1 documents erased\n")
    assert "0 reports in 0 versions, 1 documents and templates: intact" in (
        mrrt("verify", "--database-url", database).stdout
    )
    events = mrrt("audit", "export", "--format", "dicom", "--action", "erase", "--database-url", database).stdout
    assert 'EventActionCode="D"' in events and "GARCIA" not in events


def test_what_is_on_hold_is_listed_and_stays_until_it_is_lifted(database: str) -> None:
    at = ("--database-url", database)
    held = mrrt("hold", "add", "--report", "r1", "--reason", "complaint 7", *at)
    assert held.returncode == 0 and "report r1" in held.stdout and "complaint 7" in held.stdout
    listed = mrrt("erase", "--before", "2026-02-01", *at)
    assert "on hold" in listed.stdout and "0 reports and 0 documents would go, 1 reports on hold stay" in listed.stdout
    swept = mrrt("erase", "--before", "2026-02-01", "--reason", "ten years", *at)
    assert (swept.returncode, swept.stdout) == (
        0,
        "0 reports and 0 documents erased, 1 reports on hold stay (mrrt hold list)\n",
    )
    assert mrrt("erase", "--report", "r1", "--reason", "asked for", *at).returncode == 1
    (hold,) = map(json.loads, mrrt("hold", "list", "--json", *at).stdout.splitlines())
    assert (hold["number"], hold["report"], hold["patient"], hold["reports"]) == (1, "r1", None, ["r1"])
    lifted = mrrt("hold", "lift", "1", "--reason", "answered", *at)
    assert (lifted.returncode, lifted.stdout) == (0, "hold 1 is lifted; it kept 1 reports\n")
    assert mrrt("hold", "list", "--json", *at).stdout == ""
    erased = mrrt("erase", "--report", "r1", "--reason", "asked for", *at)
    assert (erased.returncode, erased.stdout) == (0, "1 reports and 1 documents erased\n")
    assert "lift-hold" in mrrt("audit", "list", *at).stdout and "intact" in mrrt("verify", *at).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "--reason", "why"], "either --report ID or --patient"),
        (["add", "--reason", "why", "--report", "r1", "--patient", "EX-1"], "either --report ID or --patient"),
        (["add", "--reason", " ", "--report", "r1"], "--reason is empty"),
        (["add", "--reason", "why", "--report", "r9"], 'there is no report "r9"'),
        (["add", "--reason", "why", "--patient", "nobody"], 'nothing is kept of a patient "nobody"'),
        (["lift", "1", "--reason", "why"], "there is no hold 1 in force"),
        (["lift", "1"], "--reason"),
    ],
)
def test_a_hold_that_is_not_clear_is_refused(database: str, arguments: list[str], said: str) -> None:
    done = mrrt("hold", *arguments, "--database-url", database)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert mrrt("hold", "list", "--json", "--database-url", database).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what is to go"),
        (["--before", "2999-01-01"], "has not come yet"),
        (["--before", "yesterday"], '"yesterday" is no time'),
        (["--before", "2026-02-01", "--reason", " "], "--reason is empty"),
        (["--report", "r9"], "there is no such report"),
        (["--report", "r1", "--patient", "nobody", "--reason", "test"], "not what else was asked for: r1"),
    ],
)
def test_what_is_not_clear_erases_nothing(database: str, arguments: list[str], said: str) -> None:
    done = mrrt("erase", *arguments, "--database-url", database)
    assert done.returncode in (1, 2) and said in done.stderr and "Traceback" not in done.stderr
    assert "1 reports in 1 versions" in mrrt("verify", "--database-url", database).stdout


def test_no_database_is_made_for_it(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite"
    done = mrrt("erase", "--before", "2026-02-01", "--database-url", f"sqlite:///{file}")
    assert done.returncode == 2 and "there is no database yet" in done.stderr and not file.exists()
