"""`mrrt verify`, `mrrt audit`, `mrrt backup` and `mrrt restore` as people and cron use them."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from reporting.cli_output import write_parts
from reporting.draft import Edit
from reporting.errors import NoRoom
from reporting.store import open_store
from reporting.workflow import Workflow

from ..conftest import ROOT
from ..reporting.site import by, site, sr
from .test_commands import mrrt


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The address of a database where something happened."""
    settings = site(tmp_path)
    store = open_store(settings.database_url)
    workflow = Workflow(store, settings.templates)
    uid = workflow.receive(sr(), by()).document.sop_instance_uid or ""
    workflow.create("r1", "tiny-carotid", [uid], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by("Dr. Other", 60))
    store.close()
    return settings.database_url


def test_verify(database: str, tmp_path: Path) -> None:
    done = mrrt("verify", "--database-url", database)
    assert (
        done.returncode == 0 and "3 events, 1 reports in 2 versions, 2 documents and templates: intact" in done.stdout
    )
    head = mrrt("verify", "--print-head", "--database-url", database).stdout.split()
    assert len(head[0]) == 64 and head[1] == "3"
    said = json.loads(mrrt("verify", "--json", "--head", head[0], "--database-url", database).stdout)
    assert said["intact"] and said["head"] == {"event": 3, "hash": head[0]}
    with sqlite3.connect(tmp_path / "test.sqlite") as connection:
        connection.execute("DROP TRIGGER audit_event_no_delete")
        connection.execute("DELETE FROM audit_event WHERE id = 2")
    done = mrrt("verify", "--database-url", database)
    assert done.returncode == 1 and "removed: Audit event 2 is gone." in done.stderr
    assert "GARCIA" not in done.stderr + done.stdout


def test_audit_list(database: str) -> None:
    done = mrrt("audit", "list", "--database-url", database)
    assert done.returncode == 0 and [line.split()[0] for line in done.stdout.splitlines()] == ["event", "1", "2", "3"]
    lines = mrrt("audit", "list", "--actor", "Dr. Other", "--json", "--database-url", database).stdout.splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["edit"]
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        [(uid, patient)] = connection.execute("SELECT sop_instance_uid, patient_id FROM sr_document").fetchall()
    for option, value, count in (("--patient", patient, 3), ("--patient", "x", 0), ("--document", uid, 1)):
        lines = mrrt("audit", "list", option, value, "--json", "--database-url", database).stdout.splitlines()
        assert len(lines) == count, option
    lines = mrrt("audit", "list", "--action", "read-audit", "--json", "--database-url", database).stdout.splitlines()
    assert [json.loads(line)["source"] for line in lines] == ["command line"] * 5, "reading the log is in the log"


def test_a_list_that_is_not_all_says_so(database: str) -> None:
    for more, said in (("--json",), True), ((), True), (("--limit", "3"), False):
        limit = () if "--limit" in more else ("--limit", "2")
        done = mrrt("audit", "list", "--until", "2026-02-01", *limit, *more, "--database-url", database)
        assert ("these are the first 2; there are more" in done.stderr) is said, more
        assert done.returncode == 0 and "there are more" not in done.stdout


def test_days_of_the_log_are_those_of_the_site(database: str) -> None:
    for zone, day, hour in (("Asia/Tokyo", "2026-01-31", "18:00"), ("", "2026-01-31", "09:00")):
        for ends, count in ((("--since", "2026-01-30", "--until", day), 3), (("--since", f"2026-01-30T{hour}:30"), 1)):
            arguments = ("audit", "list", *ends, "--until", "2026-02-01", "--json", "--database-url", database)
            assert len(mrrt(*arguments, MRRT_TIME_ZONE=zone).stdout.splitlines()) == count, (zone, ends)
    ends = ("--since", "2026-01-30T00:00", "--until", "2026-01-30T05:00", "--json", "--database-url", database)
    assert len(mrrt("audit", "list", *ends, MRRT_TIME_ZONE="America/New_York").stdout.splitlines()) == 3


def test_audit_export(database: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.xml"
    assert mrrt("audit", "export", "--format", "dicom", "-o", file, "--database-url", database).returncode == 0
    assert len(etree.parse(file).getroot()) == 4
    until = ("--since", "2026-01-30T09:00Z", "--until", "2026-01-30T09:00:30Z")
    bundle = json.loads(mrrt("audit", "export", "--format", "fhir", *until, "--database-url", database).stdout)
    assert [one["resource"]["action"] for one in bundle["entry"]] == ["C", "C"]
    lines = mrrt("audit", "export", "--report", "r1", "--database-url", database).stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [2, 3]


def test_backup_and_restore(database: str, tmp_path: Path) -> None:
    file, other = tmp_path / "all.zip", f"sqlite:///{tmp_path / 'other.sqlite'}"
    done = mrrt("backup", file, "--database-url", database)
    assert done.returncode == 0 and "up to audit event 4" in done.stdout, "with the event of its own making"
    done = mrrt("restore", file, "--database-url", other)
    assert done.returncode == 0 and "1 reports in 2 versions and 4 audit events restored and checked" in done.stdout
    done = mrrt("restore", file, "--database-url", other)
    assert done.returncode == 1 and "not empty" in done.stderr
    assert mrrt("backup", file, "--database-url", database).returncode == 2, "it is there already, and nothing left"
    for address, actions in ((database, ["export"]), (other, ["export", "restore"])):
        lines = mrrt("audit", "list", "--since", "2026-06-01", "--json", "--database-url", address).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        assert [one["action"] for one in events] == actions
        assert all(one["source"] == "command line" for one in events) and "backup" in events[0]["detail"]
        assert mrrt("verify", "--database-url", address).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["verify", "--head", "x"], 2, "64 digits"),
        (["audit", "list", "--since", "yesterday"], 2, "2026-01-30"),
        (["audit", "list", "--since", "2026-02-01", "--until", "2026-01-30"], 2, "ends before it begins"),
        (["audit", "list", "--limit", "99999999999999999999"], 2, "1000000"),
        (["audit", "export", "--format", "csv"], 2, "csv"),
        (["audit", "export", "-o", "/proc/nothing"], 2, "cannot be written"),
        (["backup", "/proc/nothing.zip"], 2, "cannot be written"),
        (["audit", "list", "--action", "sing"], 2, 'there is no action "sing". Write sign.'),
        (["audit", "export", "--action", "zzz"], 2, "Take one of: acknowledge, add-account, append"),
    ],
)
def test_wrong_usage(database: str, arguments: list[str], code: int, said: str) -> None:
    done = mrrt(*arguments, "--database-url", database)
    assert done.returncode == code and said in " ".join(done.stderr.split())


def test_a_database_that_cannot_be_written_is_no_mistake_of_the_program(database: str) -> None:
    command = [sys.executable, "-m", "reporting.cli", "audit", "list", "--database-url", database]

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    with sqlite3.connect(database.removeprefix("sqlite:///")) as other:  # it can be opened, as another has it open
        other.execute("SELECT count(*) FROM audit_event").fetchone()
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, preexec_fn=small_disk, check=False)
    assert done.returncode == 3 and "database cannot be used" in done.stderr and "mistake" not in done.stderr


def test_an_export_that_finds_no_room_leaves_the_earlier_one(tmp_path: Path) -> None:
    def parts() -> Iterator[bytes]:
        yield b"first event"
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "audit.jsonl"
    write_parts(file, [b"earlier"])
    with pytest.raises(NoRoom, match="No space left"):
        write_parts(file, parts())
    assert [one.name for one in tmp_path.iterdir()] == ["audit.jsonl"] and file.read_bytes() == b"earlier"
    write_parts(Path("/dev/null"), [b"anything"])
    assert Path("/dev/null").is_char_device()


def test_a_reader_that_went_away_is_no_finding(database: str) -> None:
    for command in (("verify",), ("audit", "export")):
        reading, writing = os.pipe()
        os.close(reading)
        around = [sys.executable, "-m", "reporting.cli", *command, "--database-url", database]
        done = subprocess.run(around, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b""), command


def test_a_full_disk_is_said(database: str) -> None:
    for command in (("verify",), ("audit", "export")):
        with Path("/dev/full").open("w") as full:
            around = [sys.executable, "-m", "reporting.cli", *command, "--database-url", database]
            done = subprocess.run(around, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
        assert done.returncode == 3 and "No space left" in done.stderr and "mistake" not in done.stderr, command


@pytest.mark.parametrize("arguments", [["verify"], ["audit", "list"], ["backup", "x.zip"]])
def test_without_a_database(tmp_path: Path, arguments: list[str]) -> None:
    done = mrrt(*arguments, "--database-url", f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert done.returncode == 2 and "no database yet" in done.stderr and not list(tmp_path.iterdir())


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK nonsense")
    done = mrrt("restore", tmp_path / "x.zip", "--database-url", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert done.returncode == 3 and "damaged" in done.stderr
    assert not (tmp_path / "new.sqlite").exists(), "no database is made for what is no archive"
