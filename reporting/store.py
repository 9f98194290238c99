"""The store: report versions, SR documents, template texts, value rows and audit events in one database.

`open_store` migrates the database to the present tables. Everything happens in a transaction: `reading` sees one
state of the database, `writing` is all or nothing. While it lasts it is the only writer; on PostgreSQL others may
write to other reports, where it says that it changes one report alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mrrt.errors import UsageError
from reporting.errors import Unavailable
from reporting.store_sqlite import WRITES, make_file, prepare
from reporting.store_transaction import Reading, Writing

_WRITERS_LOCK = 0x6D727273
"""The number of the lock that PostgreSQL transactions take: shared where they change one report alone."""
NOTHING_THERE = "there is no database yet; --database-url or MRRT_DATABASE_URL says where it is"
_FAILS = {sa.exc.DatabaseError, sa.exc.OperationalError}
"""Exceptions of a database that is away, full or damaged; others of the family are about a statement."""
_POSTGRESQL = frozenset({"postgresql", "postgres"})
_KINDS = frozenset({"sqlite", *_POSTGRESQL})
_POOL = {"pool_size": 40, "max_overflow": 10}
"""Connections that are kept: as many as requests run at the same time in a worker."""


class Store:
    """An open database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._postgresql = engine.dialect.name == "postgresql"
        one_state = {"isolation_level": "REPEATABLE READ"} if self._postgresql else {}
        self._reader = engine.execution_options(**one_state)
        self._writer = engine.execution_options(**{WRITES: True})
        self._turn = threading.Lock()
        """What writers of one process wait for: a database has them sleep and try again, and leaves some behind."""

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open a transaction that only reads."""
        with _usable(), self._reader.begin() as connection:
            yield Reading(connection)

    @contextmanager
    def writing(self, report_id: str | None = None) -> Iterator[Writing]:
        """Open a transaction that writes; an exception takes everything in it back.

        With `report_id` it changes that report alone, besides the audit log.
        """
        with self._turn_of(report_id is not None), _usable(), self._writer.begin() as connection:
            if self._postgresql:
                connection.execute(sa.select(*_locks(report_id)))
            yield Writing(connection)

    @contextmanager
    def noting(self) -> Iterator[Writing]:
        """Open a transaction that adds to the audit log alone; it waits for others that do the same, no longer."""
        with self._turn_of(True), _usable(), self._writer.begin() as connection:
            yield Writing(connection)

    def _turn_of(self, together: bool) -> AbstractContextManager[Any]:
        """Return what a writer waits for; nothing on PostgreSQL, if it may work `together` with others."""
        return nullcontext() if together and self._postgresql else self._turn

    def problem(self) -> str:
        """Return why the database cannot be used at this moment, empty if it can."""
        try:
            with self._reader.begin() as connection:
                current = _is_current(connection)
        except sa.exc.SQLAlchemyError:
            return "the database cannot be reached"
        return "" if current else "the tables of the database are not those of this version"

    @property
    def connections_in_use(self) -> int:
        """How many connections to the database are in use; 0 where there is but one."""
        pool = self._engine.pool
        return pool.checkedout() if isinstance(pool, sa.QueuePool) else 0

    @property
    def engine_name(self) -> str:
        """The kind of database: sqlite or postgresql."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


@contextmanager
def _usable() -> Iterator[None]:
    """Raise Unavailable where it is the database that fails, and not what was asked of it."""
    try:
        yield
    except (sa.exc.DatabaseError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        if isinstance(error, sa.exc.DatabaseError) and not _FAILS & {type(error)}:
            raise
        raise Unavailable(str(getattr(error, "orig", error)).strip()) from error


def _locks(report_id: str | None) -> tuple[sa.ColumnElement[None], ...]:
    """Return what makes writers on PostgreSQL wait for each other as far as they have to."""
    if report_id is None:
        return (sa.func.pg_advisory_xact_lock(_WRITERS_LOCK),)
    number = int.from_bytes(sha256(report_id.encode()).digest()[:8], "big", signed=True)
    return (sa.func.pg_advisory_xact_lock_shared(_WRITERS_LOCK), sa.func.pg_advisory_xact_lock(number))


def open_store(database_url: str, *, as_it_is: bool = False, make: bool = True) -> Store:
    """Open the database at a SQLAlchemy address, making or migrating its tables where needed.

    Raises Unavailable where it is away, UsageError where it cannot be opened for another reason, or holds what this
    program must not touch: tables of a later version, or a file of another program. `as_it_is` also where its tables
    are those of an earlier version; without `make` where there are none.
    """
    engine = _engine(database_url)
    try:
        if make and not as_it_is:
            make_file(engine.url)
        with engine.begin() as connection:
            current = _is_current(connection)
            if not current:
                _refuse_foreign(connection, as_it_is, make)
        if not current:
            with engine.execution_options(**{WRITES: True}).begin() as connection:
                if engine.dialect.name == "postgresql":  # several workers may start at the same time
                    connection.execute(sa.select(*_locks(None)))
                migrate(connection)
    except UsageError:
        engine.dispose()
        raise
    except (sa.exc.DatabaseError, OSError) as error:
        engine.dispose()
        said = str(getattr(error, "orig", error)).strip()
        if isinstance(error, sa.exc.OperationalError):
            raise Unavailable(said) from error
        raise UsageError(f"the database cannot be opened: {said}") from error
    return Store(engine)


def is_made(database_url: str) -> bool:
    """Tell whether there may be something in a database: one that is a file has to be there."""
    url = _address(database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def _address(database_url: str) -> sa.URL:
    """Return the address of a database of a kind that there is; raises UsageError, which never tells its password."""
    try:
        url = sa.make_url(database_url)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in _KINDS:
        raise UsageError(
            f'"{_without_password(database_url)}" is no address of a database: write sqlite:////folder/file.sqlite, '
            "or postgresql://user@host/database"
        )
    return url.set(drivername="postgresql+psycopg") if url.drivername in _POSTGRESQL else url


def _without_password(written: str) -> str:
    """Return what should be an address without what stands where passwords do, however wrong the rest of it is."""
    shown = re.sub(r"((?:^|//)[^:@/]*):(?!//).*@", r"\1:***@", written)
    return re.sub(r"(password=)[^&]*", r"\1***", shown)


def _is_current(connection: Connection) -> bool:
    """Tell whether the newest migration has run, without waiting for a writer or loading what migrates."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    return bool(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest_migration())


def _refuse_foreign(connection: Connection, as_it_is: bool, make: bool) -> None:
    """Raise UsageError for tables that no migration of this program leads on from, before anything is changed.

    A schema of PostgreSQL may hold those of others, too; a file that does was named by mistake.
    """
    if as_it_is:
        raise UsageError("the tables of the database are those of another version of this program")
    tables = sa.inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise UsageError("the database is one of another program; nothing in it was changed")
        if not make:
            raise UsageError(NOTHING_THERE)
        return
    there = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if there is not None and there not in _migrations():
        said = (
            f'the tables of the database are of version "{there}", this program knows those up to {newest_migration()}'
        )
        raise UsageError(f"{said}: a later version of it made them, or another program; nothing was changed")


def newest_migration() -> str:
    """Return the number of the newest migration, which its file has in its name."""
    return max(_migrations())


def _migrations() -> set[str]:
    files = resources.files("reporting").joinpath("migrations", "versions").iterdir()
    return {file.name[1:5] for file in files if file.name.startswith("v")}


def migrate(connection: Connection) -> None:
    """Run the migrations that the database has not seen yet."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    folder = str(resources.files("reporting").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    command.upgrade(config, "head")


def _engine(database_url: str) -> Engine:
    url = _address(database_url)
    try:
        shared = url.get_backend_name() != "sqlite" or url.database not in (None, "", ":memory:")
        engine = sa.create_engine(url, **(_POOL if shared else {}))
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise UsageError(f'"{url.render_as_string()}" is no address of a database: {error}') from error
    if engine.dialect.name == "sqlite":
        prepare(engine)
    return engine
