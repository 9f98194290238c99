"""Backup and restore.

1. What comes back is row by row what was there, on both kinds of database and from one to the other.
2. One state of the database, while others write.
3. A damaged archive is refused whole, with the place; so is one that does not fit, and a database that is not empty.
4. What had been altered before the backup is not restored unless that is asked for.
5. A backup that did not end is none; memory stays flat.
"""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mrrt.errors import Conflict, MrrtError, Unreadable, UsageError
from reporting.backup import Altered, backup, restore
from reporting.draft import Edit
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Arrival
from reporting.signing import Signing
from reporting.store import Store, open_store
from reporting.store_backup import table_shapes
from reporting.verifying import verify
from reporting.workflow import Workflow

from .backends import BACKEND
from .site import SEEN, by, site, sr

NOW = datetime(2026, 1, 30, tzinfo=UTC)


@pytest.fixture
def lived(workflow: Workflow) -> Workflow:
    """A site with a bit of everything."""
    uid = workflow.receive(sr(), by()).document.sop_instance_uid or ""
    for number in range(1, 3):
        workflow.create(f"r{number}", "tiny-carotid", [uid], by())
        workflow.edit(f"r{number}", [Edit(field="conclusion", value='ä "quoted"\n\u2028 line')], by())
    Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    keep(workflow.store, "1.2.3")
    return workflow


def keep(store: Store, uid: str) -> int:
    """Let an object come in, which the database numbers, and return its number."""
    arrival = Arrival(
        sop_instance_uid=uid, sop_class_uid="1.2", content=b"\x00\xff" + uid.encode(), via="folder", source="x"
    )
    return Inbox(store, lambda: NOW, quiet=True).keep(arrival).entry.id


@pytest.fixture
def archive(lived: Workflow, tmp_path: Path) -> Path:
    """A backup of that site."""
    backup(lived.store, tmp_path / "all.zip", NOW)
    return tmp_path / "all.zip"


@pytest.fixture
def empty(tmp_path: Path, backend: str) -> Iterator[Store]:
    """Another site of the same kind, where nothing happened."""
    (tmp_path / "other").mkdir()
    store = open_store(site(tmp_path / "other").database_url)
    yield store
    store.close()


def content(store: Store) -> dict[str, list[Any]]:
    with store.reading() as transaction:
        return {shape.name: list(transaction.all_rows(shape.name)) for shape in table_shapes()}


def test_everything_comes_back(lived: Workflow, archive: Path, empty: Store) -> None:  # 1
    result = restore(empty, archive)
    assert content(empty) == content(lived.store) and result.intact and verify(empty).intact
    assert sum(map(len, content(empty).values())) > 20
    again = Workflow(empty, lived.templates)
    assert again.get("r1") == lived.get("r1") and again.rendering("r1", "html") == lived.rendering("r1", "html")
    assert again.edit("r2", [Edit(field="conclusion", value="more")], by()).version == 3
    assert keep(empty, "1.2.4") == keep(lived.store, "1.2.4"), "numbers go on where they were"
    assert verify(empty).intact


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_from_one_kind_of_database_to_another(
    lived: Workflow, archive: Path, tmp_path: Path, other: str, backend: str
) -> None:  # 1
    (tmp_path / "moved").mkdir()
    BACKEND.name = other
    moved = open_store(site(tmp_path / "moved").database_url)
    assert restore(moved, archive).intact and content(moved) == content(lived.store)
    moved.close()


def test_one_state_while_others_write(lived: Workflow, tmp_path: Path, empty: Store) -> None:  # 2
    def write(table: str, rows: int) -> None:
        lived.edit("r2", [Edit(field="conclusion", value=f"after {table}")], by())

    manifest = backup(lived.store, tmp_path / "busy.zip", NOW, progress=write)
    result = restore(empty, tmp_path / "busy.zip")
    assert result.intact and result.head == manifest.head and result.events < verify(lived.store).events


def rewritten(archive: Path, name: str, change: Any) -> Path:
    """Return a copy of an archive with one of its files changed."""
    copy = archive.with_name("changed.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(copy, "w") as new:
        for one in old.namelist():
            data = old.read(one)
            data = change(data) if one == name else data
            if data is not None:
                new.writestr(one, data)
    return copy


def manifest_with(**changes: Any) -> Any:
    return lambda data: json.dumps(json.loads(data) | changes)


REPORTS = "tables/report.jsonl"
DAMAGE: list[tuple[str, Any, type[MrrtError], str]] = [
    (REPORTS, lambda data: data.replace(b"r1", b"r7"), Unreadable, REPORTS),
    (REPORTS, lambda data: data[:-40], Unreadable, REPORTS),
    (REPORTS, lambda data: None, Unreadable, REPORTS),
    ("manifest.json", lambda data: None, Unreadable, "no manifest"),
    ("manifest.json", lambda data: b"{}", Unreadable, "no manifest"),
    ("manifest.json", lambda data: b" " * 2_000_000, Unreadable, "too large"),
    ("manifest.json", manifest_with(format=2), Unreadable, "format 2"),
    ("manifest.json", manifest_with(schema_version="0001"), Conflict, "version 0001"),
    ("manifest.json", manifest_with(members=[]), Unreadable, "lacks the tables"),
    ("manifest.json", manifest_with(head={"event": 1, "hash": "0" * 64}), Unreadable, "does not end"),
]


@pytest.mark.parametrize(
    ("name", "change", "kind", "said"), DAMAGE, ids=[one[3] + f" {number}" for number, one in enumerate(DAMAGE)]
)
def test_what_is_damaged_is_refused_whole(
    archive: Path, empty: Store, name: str, change: Any, kind: type[MrrtError], said: str
) -> None:  # 3
    with pytest.raises(kind, match=said):
        restore(empty, rewritten(archive, name, change))
    assert not any(content(empty).values())


def test_bytes_that_are_damaged_or_cut_off(lived: Workflow, archive: Path, tmp_path: Path) -> None:  # 3
    whole, refused = archive.read_bytes(), 0
    for place in range(50, len(whole) - 50, len(whole) // 15):
        (tmp_path / "bad.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        (tmp_path / f"try{place}").mkdir()
        store = open_store(f"sqlite:///{tmp_path / f'try{place}' / 'test.sqlite'}")
        try:
            restore(store, tmp_path / "bad.zip")
        except MrrtError:
            refused += 1
            assert not any(content(store).values())
        else:  # a time stamp of the zip, say
            assert content(store) == content(lived.store)
        store.close()
    assert refused > 8


def test_archives_that_are_cut_off(archive: Path, empty: Store, tmp_path: Path) -> None:  # 3
    whole = archive.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(Unreadable):
            restore(empty, tmp_path / "cut.zip")
    assert not any(content(empty).values())


def test_a_database_that_holds_something_is_left_alone(lived: Workflow, archive: Path) -> None:  # 3
    before = content(lived.store)
    with pytest.raises(Conflict, match="not empty"):
        restore(lived.store, archive)
    assert content(lived.store) == before


def test_what_is_no_file(empty: Store, tmp_path: Path, lived: Workflow) -> None:  # 3
    with pytest.raises(Unreadable):
        restore(empty, tmp_path / "nothing.zip")
    (tmp_path / "here.zip").touch()
    with pytest.raises(UsageError, match="already"):
        backup(lived.store, tmp_path / "here.zip", NOW)
    with pytest.raises(UsageError, match="cannot be written"):
        backup(lived.store, tmp_path / "no" / "folder.zip", NOW)


def test_what_was_altered_before(lived: Workflow, tmp_path: Path, empty: Store) -> None:  # 4
    with sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).begin() as connection:
        name = "audit_event_only_added ON audit_event" if BACKEND.name == "postgresql" else "audit_event_no_update"
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE audit_event SET actor = 'ghost' WHERE id = 2")
    backup(lived.store, tmp_path / "all.zip", NOW)
    with pytest.raises(Altered, match="Audit event 2"):
        restore(empty, tmp_path / "all.zip")
    assert not any(content(empty).values())
    result = restore(empty, tmp_path / "all.zip", even_if_altered=True)
    assert {one.event for one in result.findings} == {2} and content(empty) == content(lived.store)


def test_a_backup_that_did_not_end_is_none(lived: Workflow, tmp_path: Path) -> None:  # 5
    def stop(table: str, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(lived.store, tmp_path / "half.zip", NOW, stop)
    assert not list(tmp_path.glob("half*"))
    backup(lived.store, tmp_path / "whole.zip", NOW)
    assert (tmp_path / "whole.zip").stat().st_mode & 0o077 == 0, "it holds patient data"


def test_two_at_the_same_time_into_one_file(lived: Workflow, tmp_path: Path, empty: Store) -> None:  # 5
    """The first to end is the archive, and whole; the other is refused, and takes nothing of it."""
    first = []

    def meanwhile(table: str, rows: int) -> None:
        if table == "report":
            first.append(backup(lived.store, tmp_path / "all.zip", NOW))

    with pytest.raises(UsageError, match="already"):
        backup(lived.store, tmp_path / "all.zip", NOW, meanwhile)
    assert restore(empty, tmp_path / "all.zip").head == first[0].head and content(empty) == content(lived.store)
    assert [one.name for one in tmp_path.glob("all*")] == ["all.zip"]


def test_memory_stays_flat(workflow: Workflow, tmp_path: Path, empty: Store) -> None:  # 5
    inbox = Inbox(workflow.store, lambda: NOW, quiet=True)
    for number in range(300):
        inbox.keep(Arrival(b"x" * 100_000, f"1.{number}", "1.2", "folder", ""))
    tracemalloc.start()
    backup(workflow.store, tmp_path / "large.zip", NOW)
    restore(empty, tmp_path / "large.zip")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8_000_000, "the objects are 30 MB"
