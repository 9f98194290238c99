"""Backup and restore: everything in the database in one file, taken while others write, for either kind of database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path

from mrrt.errors import Conflict, Unreadable, UsageError
from reporting.archive import ArchiveReader, ArchiveWriter, Manifest
from reporting.audit_log import AuditLog
from reporting.records import By
from reporting.store import Store, newest_migration
from reporting.store_backup import table_shapes
from reporting.verifying import Verification, verified
from reporting.writing import writing

Progress = Callable[[str, int], None]
"""Is told the name of each table that is done, and its rows."""


def backup(store: Store, path: Path, now: datetime, progress: Progress | None = None, by: By | None = None) -> Manifest:
    """Write one state of the database into a file, which is there when it is whole and not before.

    With `by` the audit log says who took it, in the archive, too.
    Raises UsageError where the file is there already or cannot be written, NoRoom where the disk fails.
    """
    _refuse_taken(path)
    unfinished = None
    try:
        with writing(path):
            # a name of its own, for its owner alone: another backup may be on its way to the same file
            place, unfinished = tempfile.mkstemp(".part", f"{path.name}.", path.parent)
            with os.fdopen(place, "wb") as file:
                if by is not None:
                    AuditLog(store).note("export", by, detail={"operation": "backup"})
                manifest = _written(store, ArchiveWriter(file), now, progress)
                file.flush()
                os.fsync(file.fileno())
            _refuse_taken(path)
            Path(unfinished).rename(path)
    finally:
        if unfinished is not None:
            Path(unfinished).unlink(missing_ok=True)
    return manifest


def _refuse_taken(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} is there already; a backup does not overwrite anything")


def _written(store: Store, archive: ArchiveWriter, now: datetime, progress: Progress | None) -> Manifest:
    try:
        with store.reading() as transaction:
            for shape in table_shapes():
                count = archive.add(shape.name, shape.columns, shape.binary, transaction.all_rows(shape.name))
                if progress is not None:
                    progress(shape.name, count)
            head = transaction.head()
        made_by = f"mrrt {metadata.version('mrrt')}"
        return archive.close(made_by, now.isoformat(timespec="seconds"), newest_migration(), head)
    finally:
        archive.abandon()


def restore(
    store: Store,
    path: Path,
    progress: Progress | None = None,
    *,
    even_if_altered: bool = False,
    by: By | None = None,
) -> Verification:
    """Put the content of an archive into an empty database, all of it or nothing, and check it.

    With `by` the audit log goes on with who restored it. Raises Unreadable for a damaged archive, Conflict for a
    database that holds something or for an archive of other tables, and Altered where the audit log or what it vouches
    for was altered before the backup.
    """
    try:
        with path.open("rb") as file:
            archive = ArchiveReader(file)
            _refuse_other_tables(archive.manifest)
            archive.check()
            return _restored(store, archive, progress, even_if_altered, by)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror or error}") from error


def refuse_foreign(path: Path) -> None:
    """Raise as `restore` does for a file that is no archive of these tables, before a database is made for it."""
    try:
        with path.open("rb") as file:
            _refuse_other_tables(ArchiveReader(file).manifest)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror or error}") from error


def _restored(
    store: Store, archive: ArchiveReader, progress: Progress | None, even_if_altered: bool, by: By | None
) -> Verification:
    with store.writing() as transaction:
        if filled := transaction.tables_in_use():
            raise Conflict(
                f"The database is not empty (there are rows in {', '.join(filled)}); a restore needs a new one."
            )
        for member in archive.manifest.members:
            count = transaction.put_rows(member.table, archive.rows(member))
            if progress is not None:
                progress(member.table, count)
        result = verified(transaction)
        if result.head != archive.manifest.head:
            raise Unreadable("The audit log in the archive does not end where its manifest says.")
        if not result.intact and not even_if_altered:
            raise Altered(result)
        if by is not None:
            detail = {"made_at": archive.manifest.made_at, "findings": result.count}
            transaction.audit("restore", by, detail=detail)
    return result


class Altered(Conflict):
    """What was backed up had been altered before; nothing was restored."""

    def __init__(self, result: Verification) -> None:
        first = " ".join(one.message for one in result.findings[:3])
        super().__init__(
            f"Nothing was restored: what the archive holds does not verify ({result.count} findings). {first} "
            "With --even-if-altered it is restored all the same."
        )
        self.result = result


def _refuse_other_tables(manifest: Manifest) -> None:
    if manifest.schema_version != newest_migration():
        raise Conflict(
            f"The archive was made by {manifest.made_by} with tables of version {manifest.schema_version}, "
            f"this program has {newest_migration()}: restore it with that version, then let this one open the database."
        )
    known = {shape.name: shape for shape in table_shapes()}
    for member in manifest.members:
        shape = known.pop(member.table, None)
        if shape is None or (member.columns, member.binary) != (shape.columns, shape.binary):
            raise Unreadable(f'The archive holds a table "{member.table}" that this version does not have like that.')
    if known:
        raise Unreadable(f"The archive lacks the tables {', '.join(known)}.")
