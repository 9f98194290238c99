"""A folder of SRs to one Parquet file: a row for each measurement, and no bad file stops the run."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mrrt.errors import NotFound
from reporting.mining import extract, extract_folder
from sr_import import read

SAMPLE = Path(__file__).parents[2] / "sr_import" / "samples" / "carotid-example.dcm"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    archive = tmp_path / "archive"
    (archive / "deep" / "down").mkdir(parents=True)
    shutil.copy(SAMPLE, archive / "one.dcm")
    shutil.copy(SAMPLE, archive / "deep" / "down" / "two")
    (archive / "notes.txt").write_text("no SR", encoding="utf-8")
    (archive / "empty.dcm").write_bytes(b"")
    (archive / "cut.dcm").write_bytes(SAMPLE.read_bytes()[:5000])
    return archive


@pytest.mark.parametrize("processes", [1, 2])
def test_rows_are_the_measurements(folder: Path, tmp_path: Path, processes: int) -> None:
    target = tmp_path / "rows.parquet"
    seen: list[tuple[int, int]] = []
    summary = extract_folder(folder, target, processes=processes, progress=lambda *at: seen.append(at))
    rows = pq.read_table(target).to_pylist()
    document = read(SAMPLE)
    assert (summary.files, summary.rows, len(rows)) == (5, 2 * len(document.measurements), summary.rows)
    assert {Path(found.file).name for found in summary.unreadable} == {"notes.txt", "empty.dcm", "cut.dcm"}
    assert summary.documents == 2
    assert seen == [(number, 5) for number in range(1, 6)]
    first = {row["path"]: row for row in rows if row["file"].endswith("one.dcm")}
    for measurement in document.measurements:
        row = first[measurement.path]
        assert (row["value"], row["unit"], row["laterality"]) == (
            measurement.value,
            measurement.unit,
            measurement.laterality,
        )
        assert row["code_value"] == (measurement.code.value if measurement.code else None)
        if row["value"] is not None:
            assert Decimal(str(row["number"])) == Decimal(row["value"])


def test_target_in_the_folder_is_not_read_as_input(folder: Path) -> None:
    target = folder / "rows.parquet"
    first = extract_folder(folder, target, processes=1)
    assert extract_folder(folder, target, processes=1) == first


def test_empty_folder_gives_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    summary = extract_folder(tmp_path / "nothing", tmp_path / "rows.parquet")
    assert (summary.files, summary.rows) == (0, 0)
    assert pq.read_table(tmp_path / "rows.parquet").num_rows == 0


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        extract_folder(tmp_path / "nowhere", tmp_path / "rows.parquet")


def test_unreadable_file_says_why(folder: Path) -> None:
    found = extract(folder / "notes.txt")
    assert found.rows == ()
    assert found.error
