"""Folders as archives are: what is in them twice, what cannot be read, what has odd names; and tables left unfinished.

1. No file is lost without a word, and none stops the others.
2. Copies of a document are marked; a document that says something else under the same UID is listed.
3. What a reader of the table has to know about a number is in its row.
4. A run that ends early leaves nothing, and no process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mrrt.errors import Unreadable, UsageError
from reporting import mining_files
from reporting.mining import extract, extract_folder
from sr_import import read

from ..sr_writer import Carotid, code, document, item, number, text, to_bytes, write

SAMPLE = Path(__file__).parents[2] / "sr_import" / "samples" / "carotid-example.dcm"
ROWS = len(read(SAMPLE).measurements)
PSV, CM_S = ("11726-7", "LN", "Peak Systolic Velocity"), code(("cm/s", "UCUM", "cm/s"))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "rows.parquet"


def files_of(target: Path) -> dict[str, str | None]:
    return {row["file"]: row["duplicate_of"] for row in pq.read_table(target).to_pylist()}


@pytest.mark.parametrize("processes", [1, 2])
def test_name_that_is_no_utf8(archive: Path, target: Path, processes: int) -> None:
    shutil.copy(SAMPLE, archive / os.fsdecode(b"M\xfcller.dcm"))
    shutil.copy(SAMPLE, archive / "two\nlines.dcm")
    assert extract_folder(archive, target, processes=processes).rows == 2 * ROWS
    assert {Path(name).name for name in files_of(target)} == {"M\\xfcller.dcm", "two\nlines.dcm"}


def test_folder_that_cannot_be_read_is_listed(archive: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (archive / "2024").mkdir()
    shutil.copy(SAMPLE, archive / "2024" / "one.dcm")
    shutil.copy(SAMPLE, archive / "two.dcm")
    look = os.scandir

    def refuse(path: Path) -> os.PathLike[str]:  # the tests may run as root, who may read everything
        if Path(path).name == "2024":
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)  # type: ignore[return-value]

    monkeypatch.setattr(mining_files.os, "scandir", refuse)
    summary = extract_folder(archive, target, processes=1)
    assert [(Path(one.file).name, one.error) for one in summary.unreadable] == [
        ("2024", "The folder cannot be read: Permission denied.")
    ]
    assert (summary.files, summary.documents, summary.rows) == (1, 1, ROWS)


def test_path_that_is_too_long_for_the_system(archive: Path, target: Path) -> None:
    shutil.copy(SAMPLE, archive / "one.dcm")
    here = Path.cwd()
    try:
        os.chdir(archive)
        for _ in range(25):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
    finally:
        os.chdir(here)
    summary = extract_folder(archive, target, processes=1)
    assert summary.rows == ROWS
    assert ["File name too long" in (one.error or "") for one in summary.unreadable] == [True]


def test_links_are_followed_once_and_listed_where_they_lead_nowhere(
    archive: Path, target: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "one.dcm").write_bytes(write(Carotid(instance="elsewhere")))
    (archive / "2023").symlink_to(elsewhere)
    (archive / "again").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(archive)
    (archive / "gone.dcm").symlink_to("nowhere")
    (archive / "self.dcm").symlink_to("self.dcm")
    os.mkfifo(archive / "pipe")
    summary = extract_folder(archive, target, processes=1)
    assert (summary.files, summary.documents, summary.duplicates) == (1, 1, 0)
    assert {Path(one.file).name for one in summary.unreadable} == {"gone.dcm", "self.dcm", "pipe"}


def test_file_that_is_far_too_large_is_not_read(archive: Path) -> None:
    with (archive / "huge.dcm").open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than 256 MiB" in (extract(archive / "huge.dcm").error or "")


def test_fault_of_the_reader_costs_one_file(archive: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("too deep")

    shutil.copy(SAMPLE, archive / "one.dcm")
    monkeypatch.setattr("reporting.mining.read_whole", fail)
    summary = extract_folder(archive, target, processes=1)
    assert summary.unreadable[0].error == "This file shows a mistake in mrrt: RecursionError. Please report it."


@pytest.mark.parametrize("processes", [1, 2])
def test_copies_are_marked(archive: Path, target: Path, processes: int) -> None:
    for name in ("a.dcm", "b.dcm", "c.dcm"):
        (archive / name).write_bytes(write(Carotid(instance="one")))
    (archive / "d.dcm").write_bytes(write(Carotid(instance="two")))
    summary = extract_folder(archive, target, processes=processes)
    first = str(archive / "a.dcm")
    assert (summary.duplicates, summary.differing) == (2, ())
    assert [files_of(target)[str(archive / name)] for name in ("a.dcm", "b.dcm", "c.dcm", "d.dcm")] == [
        *(None, first, first),
        None,
    ]


def test_other_content_under_the_same_uid_is_listed(archive: Path, target: Path) -> None:
    made = document(Carotid(instance="one"))
    (archive / "a.dcm").write_bytes(to_bytes(made))
    made.ContentSequence.append(number(PSV, "321", CM_S))
    (archive / "b.dcm").write_bytes(to_bytes(made))
    summary = extract_folder(archive, target, processes=1)
    assert [Path(one.file).name for one in summary.differing] == ["b.dcm"]
    assert "a.dcm" in (summary.differing[0].error or "")


def test_value_of_an_earlier_examination_says_so(archive: Path) -> None:
    made = document(Carotid())
    priors = item("CONTAINS", "CONTAINER", ("121068", "DCM", "Previous Findings"), [number(PSV, "321", CM_S)])
    made.ContentSequence.append(priors)
    (archive / "a.dcm").write_bytes(to_bytes(made))
    rows = extract(archive / "a.dcm").rows
    assert {row["earlier"] is None for row in rows if row["value"] != "321"} == {True}
    (earlier,) = (row for row in rows if row["value"] == "321")
    assert "earlier examination" in earlier["earlier"]


def test_measurement_that_was_sent_as_text_has_a_row(archive: Path) -> None:
    made = document(Carotid())
    made.ContentSequence.append(text("CONTAINS", PSV, "321 cm/s"))
    (archive / "a.dcm").write_bytes(to_bytes(made))
    (sent,) = (row for row in extract(archive / "a.dcm").rows if row["value_type"] == "TEXT")
    assert (sent["value"], sent["number"], sent["ucum"]) == ("321", 321.0, "cm/s")


def test_number_that_was_not_understood_keeps_its_text(archive: Path) -> None:
    made = document(Carotid())
    odd = number(PSV, "1", CM_S)
    odd.MeasuredValueSequence[0]["NumericValue"]._value = "1,234"
    made.ContentSequence.append(odd)
    (archive / "a.dcm").write_bytes(to_bytes(made))
    (row,) = (row for row in extract(archive / "a.dcm").rows if row["received"] == "1,234")
    assert (row["value"], row["number"], row["absent"]) == (None, None, "error")


def test_target_that_is_no_table_is_not_overwritten(archive: Path) -> None:
    shutil.copy(SAMPLE, archive / "one.dcm")
    with pytest.raises(UsageError, match="no Parquet file"):
        extract_folder(archive, archive / "one.dcm", processes=1)
    with pytest.raises(UsageError, match="Is a directory"):
        extract_folder(archive, archive, processes=1)
    with pytest.raises(UsageError, match="cannot be written"):
        extract_folder(archive, archive / "nowhere" / "rows.parquet", processes=1)
    assert [path.name for path in archive.iterdir()] == ["one.dcm"]


def _many(archive: Path) -> None:
    """Make more files than can be read before the tests lose their patience."""
    shutil.copy(SAMPLE, archive / "first.dcm")
    for place in range(20_000):
        (archive / f"{place}.dcm").hardlink_to(archive / "first.dcm")


def _started(archive: Path, target: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "reporting.cli", "mine", "extract", str(archive), "-o", str(target)]
    heeding = ["env", "--default-signal=INT"]  # a shell lets its background jobs, and so these tests, ignore it
    process = subprocess.Popen([*heeding, *command, "--processes", "2"], start_new_session=True, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (list(target.parent.glob("*.partial")) and len(_children(process.pid)) == 2):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.02)
    return process


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(one) for one in listed.split()]


def _gone(pids: list[int]) -> bool:
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_run_that_is_ended_leaves_no_process_and_no_file(archive: Path, target: Path, number: signal.Signals) -> None:
    _many(archive)
    process = _started(archive, target)
    workers = _children(process.pid)
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (-number, 130)
    assert b"Traceback" not in said
    assert _gone(workers)
    assert not target.exists()
    assert number == signal.SIGKILL or not list(target.parent.glob("*.partial"))


def test_worker_that_is_killed_is_told_of(archive: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    _many(archive)
    monkeypatch.setattr("reporting.mining.read_whole", end)
    with pytest.raises(Unreadable, match="ended from outside"):
        extract_folder(archive, target, processes=2)
    assert not list(target.parent.glob("rows.parquet*"))
