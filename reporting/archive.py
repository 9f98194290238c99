"""An archive of a whole database: a zip with a file of JSON lines for each table, and a manifest that vouches for them.

    manifest.json         what it is, the version of the tables, rows and SHA-256 of each file, the end of the chain
    tables/report.jsonl   a JSON list for each row, values in the order of the columns in the manifest; bytes in base64

Pure but for the file that it is handed. Nothing of it is held in memory but a row at a time.
"""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from mrrt.errors import Unreadable
from reporting.audit_check import Head

FORMAT = 1
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_BLOCK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError, RuntimeError)


class Member(BaseModel):
    """A table in the archive; `binary` names the columns that hold bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """What an archive says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    made_by: str
    made_at: str
    schema_version: str
    head: Head
    members: tuple[Member, ...]


def _name(table: str) -> str:
    return f"tables/{table}.jsonl"


class ArchiveWriter:
    """Writes an archive into a file; `close` writes the manifest, without which it is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._members: list[Member] = []

    def add(self, table: str, columns: Sequence[str], binary: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Write the rows of a table, and return how many they were."""
        places = [place for place, name in enumerate(columns) if name in binary]
        digest, count = sha256(), 0
        with self._zip.open(_name(table), "w", force_zip64=True) as member:
            for row in rows:
                line = _line(row, places)
                count += 1
                digest.update(line)
                member.write(line)
        about = {"columns": tuple(columns), "binary": tuple(binary), "rows": count}
        self._members.append(Member(table=table, sha256=digest.hexdigest(), **about))
        return count

    def close(self, made_by: str, made_at: str, schema_version: str, head: Head) -> Manifest:
        """Write the manifest and end the archive."""
        said = {"made_by": made_by, "made_at": made_at, "schema_version": schema_version, "head": head}
        manifest = Manifest(format=FORMAT, members=tuple(self._members), **said)
        self._zip.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
        self._zip.close()
        return manifest

    def abandon(self) -> None:
        """End without a manifest, if it has not ended yet; what was written is no archive."""
        self._zip.close()


class ArchiveReader:
    """Reads an archive; everything that is wrong with it raises Unreadable."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            info = self._zip.getinfo(_MANIFEST)
            if info.file_size > _LARGEST_MANIFEST:
                raise Unreadable("The manifest of the archive is far too large.")
            self.manifest = Manifest.model_validate_json(self._zip.read(info))
        except (KeyError, ValidationError) as error:
            raise Unreadable(
                "The archive has no manifest that can be read; it is none of mrrt, or was cut off."
            ) from error
        except _BROKEN as error:
            raise Unreadable(f"The archive is damaged: {error}") from error
        if self.manifest.format != FORMAT:
            raise Unreadable(f"The archive is of format {self.manifest.format}; this program reads {FORMAT}.")

    def check(self) -> None:
        """Read everything once, and hold it against the manifest; raises Unreadable that names the damaged file."""
        for member in self.manifest.members:
            digest = sha256()
            for block in self._blocks(member):
                digest.update(block)
            if digest.hexdigest() != member.sha256:
                raise Unreadable(f"The archive is damaged: {_name(member.table)} is not what its manifest says.")

    def rows(self, member: Member) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table."""
        count = 0
        for count, line in enumerate(self._lines(member), 1):
            try:
                row = dict(zip(member.columns, json.loads(line), strict=True))
                yield {key: _value(row[key], key in member.binary) for key in row}
            except (ValueError, TypeError) as error:
                raise Unreadable(f"The archive is damaged: {_name(member.table)}, line {count}: {error}") from error
        if count != member.rows:
            raise Unreadable(f"The archive is damaged: {_name(member.table)} has {count} rows, not {member.rows}.")

    def _blocks(self, member: Member) -> Iterator[bytes]:
        try:
            with self._zip.open(_name(member.table)) as file:
                while block := file.read(_BLOCK):
                    yield block
        except (KeyError, *_BROKEN) as error:
            raise Unreadable(f"The archive is damaged: {_name(member.table)}: {error}") from error

    def _lines(self, member: Member) -> Iterator[bytes]:
        with self._zip.open(_name(member.table)) as file:
            yield from file


def _line(row: Sequence[Any], binary: Sequence[int]) -> bytes:
    values = list(row)
    for place in binary:
        if values[place] is not None:
            values[place] = base64.b64encode(values[place]).decode()
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _value(value: Any, binary: bool) -> Any:
    return base64.b64decode(value, validate=True) if binary and value is not None else value
