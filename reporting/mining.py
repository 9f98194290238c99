"""Audits over many SRs: a folder of files to one Parquet file, a row for each measurement."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
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

_BATCH = 20_000
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
    NotFound where there is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(f'"{folder}" is no folder')
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.resolve() != target.resolve())
    unfinished = target.with_name(target.name + ".partial")
    with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as writer:
        summary = _write(writer, _extracted(files, processes or os.cpu_count() or 1, profiles), len(files), progress)
    unfinished.replace(target)
    return summary


def _extracted(files: list[Path], processes: int, profiles: tuple[Path, ...]) -> Iterator[Extract]:
    one = partial(extract, profiles=profiles)
    if processes == 1 or len(files) < 2:
        yield from map(one, files)
        return
    with ProcessPoolExecutor(min(processes, len(files))) as pool:
        yield from pool.map(one, files, chunksize=max(1, min(32, len(files) // (4 * processes))))


def _write(
    writer: pq.ParquetWriter,
    extracts: Iterable[Extract],
    files: int,
    progress: Callable[[int, int], None] | None,
) -> Summary:
    rows: list[Row] = []
    written, unreadable = 0, []
    for done, found in enumerate(extracts, 1):
        rows += found.rows
        if found.error is not None:
            unreadable.append(found)
        if len(rows) >= _BATCH:
            writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
            written, rows = written + len(rows), []
        if progress:
            progress(done, files)
    writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
    return Summary(files, written + len(rows), tuple(unreadable))


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
