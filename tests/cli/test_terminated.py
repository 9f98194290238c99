"""SIGTERM ends a command as it ends any program, but not before what is unfinished is removed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from reporting.store import open_store

_SLOW_BACKUP = """
import sys, time
from reporting import backup, cli
backup.table_shapes = lambda: time.sleep(60)
sys.argv = ["mrrt", "backup", *sys.argv[1:]]
cli.main()
"""


def test_backup_leaves_no_part_of_the_archive(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'reports.sqlite'}"
    open_store(address).close()
    folder = tmp_path / "archives"
    folder.mkdir()
    command = [sys.executable, "-c", _SLOW_BACKUP, str(folder / "all.zip"), "--database-url", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list(folder.iterdir()):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.02)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (-signal.SIGTERM, b"")
    assert list(folder.iterdir()) == []
