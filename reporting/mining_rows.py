"""The table of what SRs say: its columns, and the rows of one document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from mrrt.code import Code
from mrrt.feel.values import to_number
from sr_import import Document, Measurement
from sr_import.earlier import why_earlier

_TEXT = pa.string()
_CODES = ("code", "site", "segment", "derivation", "selection", "method", "qualifier")
_DOCUMENT = ("file", "duplicate_of", "sop_instance_uid", "study_instance_uid", "template", "predecessors")
_HEADER = ("completion", "content_date_time", "patient_id", "study_date", "accession_number", "device")

SCHEMA = pa.schema(
    [
        *((name, _TEXT) for name in (*_DOCUMENT, *_HEADER, "path", "value_type")),
        *((f"{name}_{part}", _TEXT) for name in _CODES for part in ("scheme", "value", "meaning")),
        ("laterality", _TEXT),
        ("side_disputed", pa.bool_()),
        ("value", _TEXT),
        ("number", pa.float64()),
        ("received", _TEXT),
        ("unit", _TEXT),
        ("ucum", _TEXT),
        ("absent", _TEXT),
        ("repeat_of", _TEXT),
        ("earlier", _TEXT),
        *((name, _TEXT) for name in ("observed", "time_point", "fetus_id")),
    ]
)
"""Columns of the Parquet file: `value` is the exact decimal text, `number` the same for computing."""

Row = dict[str, Any]
_AS_THEY_ARE = ("path", "laterality", "side_disputed", "value", "received", "unit", "ucum", "absent", "repeat_of")
_OF_COURSE = ("observed", "time_point", "fetus_id")


def name_of_file(path: Path) -> str:
    """Return the name of a file as text; bytes of it that are no UTF-8 stand as "\\xff"."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def rows_of(document: Document, file: str) -> Iterator[Row]:
    """Yield a row for each measurement of a document, those that are sent as text behind the others."""
    shared = _shared(document, file)
    for kind, measurements in (("NUM", document.measurements), ("TEXT", document.text_measurements)):
        for one in measurements:
            yield {**shared, "value_type": kind, "earlier": why_earlier(document, one) or None, **_row(one)}


def content_of(document: Document) -> bytes:
    """Return a digest of what the rows of a document say, by which copies are told from other contents."""
    digest = sha256(f"{document.patient.identifier}\0{document.study_instance_uid}".encode(errors="replace"))
    for one in (*document.measurements, *document.text_measurements):
        codes = tuple(getattr(one, name) and getattr(one, name).value for name in _CODES)
        said = (one.path, codes, one.laterality, one.value, one.unit, one.absent)
        digest.update(repr(said).encode(errors="replace"))
    return digest.digest()


def _shared(document: Document, file: str) -> Row:
    return {
        "file": file,
        "duplicate_of": None,
        "sop_instance_uid": document.sop_instance_uid,
        "study_instance_uid": document.study_instance_uid,
        "template": document.template,
        "predecessors": " ".join(document.predecessors) or None,
        "completion": document.completion,
        "content_date_time": document.content_date_time,
        "patient_id": document.patient.identifier or None,
        "study_date": document.study.date or None,
        "accession_number": document.study.accession_number or None,
        "device": document.study.device or None,
    }


def _row(measurement: Measurement) -> Row:
    number = None if measurement.value is None else to_number(measurement.value)
    row: Row = {name: getattr(measurement, name) for name in (*_AS_THEY_ARE, *_OF_COURSE)}
    row["number"] = None if number is None else float(number)
    for name in _CODES:
        code: Code | None = getattr(measurement, name)
        row |= {f"{name}_{part}": getattr(code, part) if code else None for part in ("scheme", "value", "meaning")}
    return row
