"""The audit log in the formats that other systems take: part by part, so that a long log needs no room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mrrt.errors import UsageError
from reporting.audit_dicom import audit_message
from reporting.audit_fhir import bundle_entry
from reporting.records import AuditEntry

Parts = Callable[[Iterable[AuditEntry]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Export:
    """A format: its media type, and how the parts of a file in it are made."""

    media_type: str
    parts: Parts


def _json(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """One JSON object for each event, each on a line of its own."""
    for entry in entries:
        yield entry.event.model_dump_json().encode() + b"\n"


def _dicom(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """AuditMessages (PS3.15 section A.5.1), around them an element that makes one document of them."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<AuditMessages>\n'
    for entry in entries:
        yield audit_message(entry) + b"\n"
    yield b"</AuditMessages>\n"


def _fhir(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """A FHIR R4 Bundle of type collection."""
    yield b'{"resourceType":"Bundle","type":"collection"'
    number = 0
    for number, entry in enumerate(entries, 1):
        said = json.dumps(bundle_entry(entry), ensure_ascii=False)
        yield (b',"entry":[\n' if number == 1 else b",\n") + said.encode()
    yield b"]}\n" if number else b"}\n"  # FHIR knows no empty lists


EXPORTS: Mapping[str, Export] = {
    "json": Export("application/jsonl", _json),
    "dicom": Export("application/xml", _dicom),
    "fhir": Export("application/fhir+json", _fhir),
}


def exported(entries: Iterable[AuditEntry], name: str) -> Iterator[bytes]:
    """Return a file of audit events, in parts; raises UsageError for an unknown format."""
    if name not in EXPORTS:
        raise UsageError(f'"{name}" is no format of the audit log; known are {", ".join(EXPORTS)}')
    return EXPORTS[name].parts(entries)
