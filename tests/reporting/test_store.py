"""The store.

1. The migrations make exactly the tables that the code describes.
2. Value rows can be rebuilt from the document at any time, and are the same again.
3. Versions, renditions and audit events cannot be changed or removed, even with SQL.
4. What fails half-way leaves nothing behind.
5. Two writers at once: one of them is told.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrrt.errors import UsageError
from reporting.draft import Draft, Edit, canonical
from reporting.errors import Moved
from reporting.records import Filter
from reporting.signing import Signing
from reporting.store import is_made, newest_migration, open_store
from reporting.store_tables import metadata
from reporting.templates import installed_template
from reporting.workflow import Workflow

from .backends import BACKEND
from .site import SEEN, TEMPLATES, by, site, sr


def engine_of(tmp_path: Path) -> sa.Engine:
    return sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool)


def test_migrations_and_tables_agree(workflow: Workflow, tmp_path: Path) -> None:  # 1
    with engine_of(tmp_path).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_comparison_can_fail(workflow: Workflow, tmp_path: Path) -> None:  # 1
    other = sa.MetaData()
    sa.Table("report", other, sa.Column("id", sa.String, primary_key=True), sa.Column("extra", sa.String))
    with engine_of(tmp_path).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), other) != []


def test_opening_twice_keeps_what_is_there(workflow: Workflow, tmp_path: Path) -> None:  # 1
    workflow.create("r1", "tiny-carotid", [], by())
    again = open_store(site(tmp_path).database_url)
    with again.reading() as transaction:
        assert [one.id for one in transaction.summaries(Filter(), 5)] == ["r1"]
    again.close()


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:  # 1
    file = tmp_path / "data" / "mrrt.sqlite"
    before = os.umask(0o022)
    try:
        opened = open_store(f"sqlite:///{file}")
        with opened.writing() as transaction:
            transaction.audit("read", by())
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (file.parent, *file.parent.iterdir())}
        opened.close()
        assert modes == {"data": 0o700, **dict.fromkeys(("mrrt.sqlite", "mrrt.sqlite-wal", "mrrt.sqlite-shm"), 0o600)}
        file.chmod(0o640)
        open_store(f"sqlite:///{file}").close()
        assert stat.S_IMODE(file.stat().st_mode) == 0o640, "a site may have given it to a group"
    finally:
        os.umask(before)


def test_opening_what_is_current_waits_for_no_writer(workflow: Workflow, tmp_path: Path) -> None:  # 1
    opened = threading.Event()

    def open_and_close() -> None:
        open_store(site(tmp_path).database_url).close()
        opened.set()

    with workflow.store.writing():
        threading.Thread(target=open_and_close, daemon=True).start()
        assert opened.wait(10)


def test_a_database_of_an_earlier_version_is_migrated(workflow: Workflow, tmp_path: Path) -> None:  # 1
    config = Config()
    config.set_main_option("script_location", str(resources.files("reporting").joinpath("migrations")))
    heads = ScriptDirectory.from_config(config).get_heads()
    assert heads == [newest_migration()], "the newest file says its number in its name"
    older = tmp_path / "older.sqlite"
    with sa.create_engine(f"sqlite:///{older}", poolclass=sa.NullPool).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    open_store(f"sqlite:///{older}").close()
    with sa.create_engine(f"sqlite:///{older}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_postgresql_compresses_documents_the_quick_way(workflow: Workflow, tmp_path: Path) -> None:  # 1
    workflow.create("r1", "us-carotid-duplex", [], by())
    with engine_of(tmp_path).connect() as connection:
        assert connection.scalar(sa.text("SELECT pg_column_compression(document) FROM report_version")) == "lz4"


NUMBERS = st.decimals(Decimal("-999"), Decimal("99999"), places=2).map(str)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "right_psv": st.one_of(NUMBERS, st.none()),
    "left_psv": NUMBERS,
    "plaque": st.sampled_from(["none", "present", ""]),
    "character": TEXTS,
    "methods": st.lists(st.sampled_from(["bmode", "colour", "pulsed"]), unique=True).map(tuple),
    "conclusion": TEXTS,
}


def dumped(draft: Draft) -> str:
    """Return the canonical text of a draft as pydantic and the standard library make it."""
    said = draft.model_dump(mode="json")
    for name in ("irrelevant", "failing_conditions", "required"):
        said["report"][name].sort()
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), max_size=3))
def test_value_rows_are_the_same_when_rebuilt(workflow: Workflow, rounds: list[dict[str, Any]]) -> None:  # 2
    with workflow.store.reading() as transaction:
        report = f"r{len(transaction.summaries(Filter(), 500))}"
    uid = workflow.receive(sr(), by()).document.sop_instance_uid
    workflow.create(report, "tiny-carotid", [uid or ""], by())
    for values in rounds:
        if values:
            workflow.edit(report, [Edit(field=key, value=value) for key, value in values.items()], by())
    template = installed_template("tiny-carotid", (TEMPLATES,)).template
    with workflow.store.writing() as transaction:
        before = transaction.values(report)
        record = transaction.report(report)
        transaction.rebuild_values(record, template)
        assert transaction.values(report) == before != ()
        assert Draft.model_validate_json(canonical(record.draft)) == record.draft
        assert canonical(Draft.model_validate_json(canonical(record.draft))) == canonical(record.draft)
        assert canonical(record.draft) == dumped(record.draft)


def test_value_rows_hold_code_number_and_unit(workflow: Workflow) -> None:  # 2
    uid = workflow.receive(sr(right=336.0), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    workflow.edit("r1", [Edit(field="methods", value=("bmode", "pulsed")), Edit(field="plaque", value="none")], by())
    with workflow.store.reading() as transaction:
        rows = {(row.field, row.position): row for row in transaction.values("r1")}
    psv = rows["right_psv", 0]
    assert (psv.code_scheme, psv.code_value) == ("LN", "11726-7")
    assert (psv.number, psv.number_real, psv.unit, psv.provenance) == ("336.0", 336.0, "cm/s", "imported")
    assert [rows["methods", place].text for place in (0, 1)] == ["bmode", "pulsed"]


@pytest.mark.parametrize("table", ["report_version", "rendition", "audit_event"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET version = 9", "DELETE FROM {}"])
def test_history_cannot_be_rewritten(workflow: Workflow, tmp_path: Path, table: str, sql: str) -> None:  # 3
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    with engine_of(tmp_path).connect() as connection, pytest.raises(sa.exc.IntegrityError, match="only added"):
        connection.execute(sa.text(sql.format(table)))


def test_every_change_is_audited(workflow: Workflow) -> None:  # 3
    workflow.create("r1", "tiny-carotid", [], by("a"))
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by("b", 1))
    Signing(workflow.store).sign("r1", by("c", 2), acknowledging=SEEN)
    with workflow.store.reading() as transaction:
        events = transaction.audit_events("r1")
    assert [(one.actor, one.action, one.version) for one in events] == [
        ("a", "create", 1),
        ("b", "edit", 2),
        ("c", "sign", 3),
    ]


def test_a_failure_takes_everything_back(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:  # 4
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())

    def break_down(*_: object) -> bytes:
        raise RuntimeError("the printer is on fire")

    monkeypatch.setattr("reporting.signing.rendered", break_down)
    with pytest.raises(RuntimeError):
        Signing(workflow.store).sign("r1", by(), acknowledging=SEEN)
    view = workflow.get("r1")
    assert (view.version, view.status) == (2, "partial")
    with workflow.store.reading() as transaction:
        assert [one.action for one in transaction.audit_events("r1")] == ["create", "edit"]


def test_two_writers_at_once(workflow: Workflow) -> None:  # 5
    workflow.create("r1", "tiny-carotid", [], by())
    outcomes: list[object] = []

    def write(number: int) -> None:
        try:
            edit = Edit(field="conclusion", value=f"writer {number}")
            outcomes.append(workflow.edit("r1", [edit], by(), version=1).version)
        except Moved as moved:
            outcomes.append(f"moved to {moved.version}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["2", *["moved to 2"] * 7]


@pytest.mark.parametrize("url", ["", "nonsense", "oracledb://x", "mysql://x", "sqlite:////proc/nothing/here.sqlite"])
def test_an_address_that_is_no_database(url: str) -> None:
    with pytest.raises(UsageError):
        open_store(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://mrrt:s3cret@host/mrrt",
        "postgresql://mrrt:s3cret@host:port/mrrt",
        "postgresql//mrrt:s3cret@host/mrrt",
        "postgres ql://mrrt:s3cret@s3cret@host/mrrt",
        "mrrt:s3cret:s3cret@host",
        "mysql://host/mrrt?password=s3cret",
    ],
)
@pytest.mark.parametrize("asked", [open_store, is_made])
def test_what_is_said_of_an_address_never_holds_its_password(url: str, asked: Callable[[str], object]) -> None:
    with pytest.raises(UsageError) as caught:
        asked(url)
    assert "s3cret" not in str(caught.value)


def test_a_driver_that_there_is_not_is_told_without_the_password() -> None:
    with pytest.raises(UsageError) as caught:
        open_store("postgresql+nothing://mrrt:s3cret@host/mrrt")
    assert "postgresql+nothing" in str(caught.value) and "s3cret" not in str(caught.value)


def test_tables_of_a_later_version_are_left_alone(workflow: Workflow, tmp_path: Path) -> None:  # 1
    engine = sa.create_engine(BACKEND.url(tmp_path), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match='of version "9999", this program knows those up to'):
        open_store(BACKEND.url(tmp_path))


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
def test_a_database_that_should_be_there_is_not_made(backend: str, tmp_path: Path) -> None:  # 1
    (tmp_path / "test.sqlite").touch()
    with pytest.raises(UsageError, match="no database yet"):
        open_store(BACKEND.url(tmp_path), make=False)
    with sa.create_engine(BACKEND.url(tmp_path), poolclass=sa.NullPool).connect() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "bookmarks.sqlite"
    with sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("CREATE TABLE bookmark (id INTEGER PRIMARY KEY)"))
    with pytest.raises(UsageError, match="one of another program"):
        open_store(f"sqlite:///{file}")
    with sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool).connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["bookmark"]
