"""Audits over many SRs: a folder of files to one Parquet file, a row for each measurement."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mrrt.code import Code
from mrrt.errors import MrrtError, NotFound
from mrrt.feel.values import to_number
from reporting.writing import writing
from sr_import import Document, Measurement, profiles_of, read_whole

_CODES = ("code", "site", "segment", "derivation", "selection", "method")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("file", "sop_instance_uid", "study_instance_uid", "template")),
        *((name, pa.string()) for name in ("patient_id", "study_date", "accession_number", "device", "path")),
        *((f"{name}_{part}", pa.string()) for name in _CODES for part in ("scheme", "value", "meaning")),
        ("laterality", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("unit", pa.string()),
        ("absent", pa.string()),
        ("repeat_of", pa.string()),
    ]
)
"""Columns of the Parquet file: `value` is the exact decimal text, `number` the same for computing."""

_ROWS_OF_GROUP = 50_000
_FILES_OF_BATCH = 32
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Extract:
    """The rows of one file, or why there are none."""

    file: str
    rows: tuple[Row, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over a folder did."""

    files: int
    rows: int
    unreadable: tuple[Extract, ...]


def extract(path: Path, profiles: tuple[Path, ...] = ()) -> Extract:
    """Return a row for each measurement of one SR; a file that cannot be read gives its error, never an exception."""
    try:
        document = read_whole(path, profiles_of(profiles))
    except (MrrtError, OSError) as error:
        return Extract(str(path), error=str(error))
    return Extract(str(path), tuple(_rows(document, str(path))))


def extract_folder(
    folder: Path,
    target: Path,
    *,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    profiles: tuple[Path, ...] = (),
) -> Summary:
    """Write the measurements of all files below a folder, and return what was read.

    Work is spread over `processes` (all cores unless given). `progress` is called with files done and files in
    all. `profiles` are folders of a site's own vendor profiles. The target appears only when it is complete. Raises
    NotFound where there is no such folder, UsageError or NoRoom where the target cannot be written.
    """
    if not folder.is_dir():
        raise NotFound(f'"{folder}" is no folder')
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.resolve() != target.resolve())
    unfinished = target.with_name(target.name + ".partial")
    batches = _extracted(files, processes or os.cpu_count() or 1, profiles)
    try:
        with writing(target):
            if target.is_dir():  # before the reading, which may take hours
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with unfinished.open("wb") as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
                summary = _write(writer, batches, len(files), progress)
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return summary


@dataclass(frozen=True, slots=True)
class _Batch:
    """What came of some files: one table of all their rows, so that little has to go from process to process."""

    files: int
    table: pa.Table
    unreadable: tuple[Extract, ...]


def _extracted(files: list[Path], processes: int, profiles: tuple[Path, ...]) -> Iterator[_Batch]:
    size = max(1, min(_FILES_OF_BATCH, len(files) // (4 * processes)))
    batches = [files[start : start + size] for start in range(0, len(files), size)]
    one = partial(_extract_batch, profiles=profiles)
    if processes == 1 or len(batches) < 2:
        yield from map(one, batches)
        return
    with ProcessPoolExecutor(min(processes, len(batches))) as pool:
        yield from pool.map(one, batches)


def _extract_batch(files: Sequence[Path], profiles: tuple[Path, ...]) -> _Batch:
    found = [extract(path, profiles) for path in files]
    rows = [row for one in found for row in one.rows]
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    table = pa.Table.from_pydict(columns, SCHEMA)
    return _Batch(len(found), table, tuple(one for one in found if one.error is not None))


def _write(
    writer: pq.ParquetWriter, batches: Iterable[_Batch], files: int, progress: Callable[[int, int], None] | None
) -> Summary:
    waiting: list[pa.Table] = []
    done, written = 0, 0
    unreadable: list[Extract] = []
    for batch in batches:
        waiting.append(batch.table)
        written += batch.table.num_rows
        unreadable += batch.unreadable
        done += batch.files
        if sum(table.num_rows for table in waiting) >= _ROWS_OF_GROUP:
            writer.write_table(pa.concat_tables(waiting))
            waiting = []
        if progress:
            progress(done, files)
    writer.write_table(pa.concat_tables([*waiting, SCHEMA.empty_table()]))
    return Summary(files, written, tuple(unreadable))


def _rows(document: Document, file: str) -> Iterator[Row]:
    shared = {
        "file": file,
        "sop_instance_uid": document.sop_instance_uid,
        "study_instance_uid": document.study_instance_uid,
        "template": document.template,
        "patient_id": document.patient.identifier or None,
        "study_date": document.study.date or None,
        "accession_number": document.study.accession_number or None,
        "device": document.study.device or None,
    }
    return ({**shared, **_row(measurement)} for measurement in document.measurements)


def _row(measurement: Measurement) -> Row:
    number = None if measurement.value is None else to_number(measurement.value)
    row: Row = {
        "path": measurement.path,
        "laterality": measurement.laterality,
        "value": measurement.value,
        "number": None if number is None else float(number),
        "unit": measurement.unit,
        "absent": measurement.absent,
        "repeat_of": measurement.repeat_of,
    }
    for name in _CODES:
        code: Code | None = getattr(measurement, name)
        row |= {f"{name}_{part}": getattr(code, part) if code else None for part in ("scheme", "value", "meaning")}
    return row
