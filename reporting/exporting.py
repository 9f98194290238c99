"""The values of many reports as one table for audits: Parquet or CSV, a row for each value."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mrrt.errors import UsageError
from reporting.csv_cells import cell
from reporting.records import Filter, Summary
from reporting.store import Store
from reporting.store_transaction import Reading
from reporting.value_rows import ValueRow

_REPORT = (
    *("id", "version", "status", "template", "template_name", "patient_id", "accession_number", "study_instance_uid"),
    *("study_date", "created_at", "updated_at", "author", "signed_version", "signed_status", "signed_by", "signed_at"),
    *("revision", "values_version"),
)
_SIGNATURE = ("signed_version", "signed_status", "signed_by", "signed_at")
_VALUE = tuple(name for name in ValueRow.model_fields if name != "token")
_COUNTS = ("version", "signed_version", "values_version", "position")
_NUMBERS = {**dict.fromkeys(_COUNTS, pa.int64()), "number_real": pa.float64()}
SCHEMA = pa.schema(
    [(f"report_{name}" if name in _REPORT else name, _NUMBERS.get(name, pa.string())) for name in (*_REPORT, *_VALUE)]
)
"""Columns of the table: `number` is the exact decimal text, `number_real` the same for computing.

`report_values_version` is the version that says the value, and the columns of the signature are about that one.
"""
_BATCH = 500
_LARGEST = 512 * 1024 * 1024
"""Bytes of the largest result that is kept."""
Row = dict[str, Any]
Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A kind of file, and how rows in batches are written into one."""

    media_type: str
    suffix: str
    write: Callable[[Path, Iterable[Sequence[Row]]], None]


def export_values(store: Store, wanted: Filter, name: str, progress: Progress) -> tuple[bytes, int, int]:
    """Return a file with the values of all reports that pass a filter, how many reports they are, and how many rows.

    It shows one state of the database. Raises UsageError for a result that is too large to be kept, or for which the
    machine has no room.
    """
    counts = {"reports": 0, "rows": 0}

    def batches(transaction: Reading) -> Iterator[Sequence[Row]]:
        for reports in _pages(transaction, wanted):
            rows = list(_rows(transaction, reports))
            counts["reports"] += len(reports)
            counts["rows"] += len(rows)
            progress(counts["reports"], None, "writes values")
            yield rows

    try:
        with tempfile.TemporaryDirectory(prefix="mrrt-export-") as folder, store.reading() as transaction:
            target = Path(folder) / "values"
            EXPORT_FORMATS[name].write(target, batches(transaction))
            if target.stat().st_size > _LARGEST:
                raise UsageError("The table is larger than 512 MiB. Search for fewer reports, and export in parts.")
            return target.read_bytes(), counts["reports"], counts["rows"]
    except OSError as error:
        said = f"The table cannot be written to the folder for temporary files: {error.strerror or error}."
        raise UsageError(f"{said} Make room there, or export in parts.") from error


def _pages(transaction: Reading, wanted: Filter) -> Iterator[tuple[Summary, ...]]:
    before = None
    while found := transaction.summaries(replace(wanted, before=before), _BATCH):
        yield found
        before = (found[-1].created_at, found[-1].id)


def _rows(transaction: Reading, reports: Sequence[Summary]) -> Iterator[Row]:
    known = {one.id: _of_report(one) for one in reports}
    for report_id, row in transaction.values_of(list(known)):
        yield {**known[report_id], **{name: getattr(row, name) for name in _VALUE}}


def _of_report(one: Summary) -> Row:
    """Return what each row says of its report: a signature only beside values that were signed with it.

    While a revision is open the values are those of the signed version. A preliminary report that was edited has those
    of the draft, which nobody signed.
    """
    version = one.version if one.revision is None else one.signed_version
    said = {name: _plain(getattr(one, name)) for name in _REPORT if name != "values_version"}
    if one.signed_version != version:
        said |= dict.fromkeys(_SIGNATURE)
    said["values_version"] = version
    return {f"report_{name}": said[name] for name in _REPORT}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _write_parquet(target: Path, batches: Iterable[Sequence[Row]]) -> None:
    with pq.ParquetWriter(target, SCHEMA, compression="zstd") as writer:
        for rows in batches:
            writer.write_table(pa.Table.from_pylist(list(rows), SCHEMA))


def _write_csv(target: Path, batches: Iterable[Sequence[Row]]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write(_line(SCHEMA.names))
        for rows in batches:
            file.writelines(
                _line([row[name] if name == "number" else cell(row[name]) for name in SCHEMA.names]) for row in rows
            )


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


EXPORT_FORMATS: Mapping[str, ExportFormat] = {
    "parquet": ExportFormat("application/vnd.apache.parquet", ".parquet", _write_parquet),
    "csv": ExportFormat("text/csv; charset=utf-8", ".csv", _write_csv),
}
