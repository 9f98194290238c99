"""The databases that tests run on: SQLite in a file, and a real PostgreSQL that is started for the tests.

`BACKEND.url(folder)` is the address of a database of its own for each folder, made when it is first asked for;
`BACKEND.copy` makes it as another one is, which takes a fraction of the time of migrating and filling it. The server
listens on a socket in a folder of its own, and on no network address.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg

from reporting.store import open_store

from ..conftest import left_out

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_OPTIONS = "-c listen_addresses='' -c max_connections=200 -c shared_buffers=64MB"


@dataclass
class Backend:
    """Which database the tests of the moment run on."""

    name: str = "sqlite"
    durable: bool = False
    """Whether PostgreSQL waits for the disk; measurements do, tests need not."""
    _made: set[str] = field(default_factory=set)

    def url(self, folder: Path) -> str:
        """Return the SQLAlchemy address of the database that belongs to a folder."""
        if self.name == "sqlite":
            return f"sqlite:///{folder / 'test.sqlite'}"
        name, socket = _name(folder), server(self.durable)
        if name not in self._made:
            self._make(name, "template0")
        return f"postgresql+psycopg://postgres@/{name}?host={socket}"

    def copy(self, source: Path, folder: Path) -> None:
        """Make the database of a folder as that of another folder is, which nobody has open."""
        if self.name == "sqlite":
            shutil.copyfile(source / "test.sqlite", folder / "test.sqlite")
        else:
            self._make(_name(folder), _name(source))

    def migrated(self, folder: Path) -> None:
        """Make the database of a folder with the tables of this version, and nothing in them, unless it is there."""
        there = (folder / "test.sqlite").exists() if self.name == "sqlite" else _name(folder) in self._made
        if not there:
            self.copy(_migrated(self.name), folder)

    def _make(self, name: str, template: str) -> None:
        with psycopg.connect(
            f"host={server(self.durable)} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
        self._made.add(name)


BACKEND = Backend()


def _name(folder: Path) -> str:
    return "t" + sha256(str(folder).encode()).hexdigest()[:20]


@cache
def _migrated(backend: str) -> Path:
    """Return a folder whose database has its tables, made once in a process for each kind."""
    folder = Path(tempfile.mkdtemp(prefix=f"mrrt-{backend}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(BACKEND.url(folder)).close()
    return folder


@cache
def server(durable: bool = False) -> str:
    """Start PostgreSQL for the tests of this process, and return the folder of its socket."""
    if not _PROGRAMS:
        left_out("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="mrrt-postgres-"))
    _own(folder)
    _run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8")
    options = f"{_OPTIONS} -c fsync={'on' if durable else 'off'} -k {folder}"
    _run("pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
    atexit.register(_stop, folder)
    return str(folder)


def _stop(folder: Path) -> None:
    _run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, which refuses to be run by root."""
    command = [str(_PROGRAMS[0] / program), *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr + done.stdout


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
