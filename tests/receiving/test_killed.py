"""Killed at any moment: nothing acknowledged is lost, nothing is imported twice, and SIGTERM ends in order.

The device is storescu of dcmtk, which says of each file whether it was acknowledged. The receiver is a process of its
own, killed with SIGKILL at moments that differ from round to round; devices send again what was not acknowledged.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from reporting.receiving.inbox import Inbox
from reporting.receiving.objects import data_set
from reporting.receiving.records import State
from reporting.store import Store, open_store

from ..conftest import require_program, some
from ..reporting.site import sr, ticking
from ..sr_writer import uid
from .conftest import receiving
from .sender import association, store

_ANSWERED = re.compile(r"Sending file: (\S+)|Received Store Response \(Success\)")
COUNT = 60


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """SR files by SOP Instance UID."""
    folder = tmp_path_factory.mktemp("documents")
    made = {}
    for number in range(COUNT):
        path = folder / f"{number}.dcm"
        path.write_bytes(sr(100.0 + number, instance=f"killed{number}"))
        made[uid(f"killed{number}/instance")] = path
    return made


def acknowledged(said: str) -> set[str]:
    """Return the files that storescu got a success for."""
    taken: set[str] = set()
    sending = ""
    for found in _ANSWERED.finditer(said):
        if found[1]:
            sending = found[1]
        else:
            taken.add(sending)
    return taken


def lost(store: Store, expected: set[str]) -> set[str]:
    """Return the UIDs whose document is not there."""
    with store.reading() as transaction:
        return {one for one in expected if transaction.document(one) is None}


def imported_twice(store: Store, uids: set[str]) -> list[str]:
    """Return the UIDs that were received into the store more than once, by its audit events."""
    with store.reading() as transaction:
        counts = Counter(transaction.documents_received())
    return [one for one in uids if counts[one] != 1]


@pytest.mark.peer
def test_nothing_acknowledged_is_lost(files: dict[str, Path], tmp_path: Path) -> None:
    database = tmp_path / "mrrt.sqlite"
    program, moments = require_program("storescu"), random.Random(7)
    by_path = {str(path): one for one, path in files.items()}
    waiting, taken = dict(files), set[str]()
    for number in range(4):
        log = tmp_path / f"{number}.log"
        with receiving(log, database) as (process, port):
            command = [program, "-v", "-aec", "MRRT", "127.0.0.1", str(port), *map(str, waiting.values())]
            device = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            time.sleep(moments.uniform(0.03, 0.4))
            process.send_signal(signal.SIGKILL)
            said, _ = device.communicate(timeout=30)
        new = {by_path[path] for path in acknowledged(said)}
        taken |= new
        waiting = {one: path for one, path in waiting.items() if one not in taken}
    assert taken, "no round got as far as an acknowledgement"
    store = open_store(f"sqlite:///{database}")
    inbox = Inbox(store, ticking())
    while inbox.import_waiting():
        pass
    assert lost(store, taken) == set()
    held = {entry.sop_instance_uid for entry in inbox.entries(tuple(State), COUNT)}
    assert imported_twice(store, held) == []
    assert set(inbox.counts()) == {State.IMPORTED}
    store.close()


def test_the_check_can_fail(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert lost(store, {"1.2.3"}) == {"1.2.3"}
    assert imported_twice(store, {"1.2.3"}) == ["1.2.3"]
    said = "I: Sending file: a.dcm\nI: Received Store Response (Success)\nI: Sending file: b.dcm\nE: Store Failed\n"
    assert acknowledged(said) == {"a.dcm"}
    store.close()


def test_a_stop_is_orderly_and_the_next_start_goes_on(tmp_path: Path) -> None:
    database, log = tmp_path / "mrrt.sqlite", tmp_path / "log"
    with receiving(log, database) as (process, port):
        with association(port, "SECRETIVE^US") as made:
            assert store(made, uid("one/instance"), sr(patient_name="GARCIA^SECRET")[-7500:]) == 0
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with receiving(tmp_path / "again", database):
        deadline = time.monotonic() + 20
        kept = open_store(f"sqlite:///{database}")
        while Inbox(kept, ticking()).counts() != {State.FAILED: 1} and time.monotonic() < deadline:
            time.sleep(0.05)
        assert Inbox(kept, ticking()).counts() == {State.FAILED: 1}
        kept.close()
    for said in (log, tmp_path / "again"):
        text = said.read_text(encoding="utf-8")
        assert "GARCIA" not in text
        assert "Traceback" not in text


def importing(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    """Tell whether a process is still at work."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("end", some([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
def test_the_import_ends_with_the_receiver(tmp_path: Path, end: int) -> None:
    with receiving(tmp_path / "log", tmp_path / "mrrt.sqlite") as (process, _):
        (child,) = importing(process.pid)
        assert runs(child)
        process.send_signal(end)
        process.wait(40)
        until = time.monotonic() + 20
        while runs(child):
            assert time.monotonic() < until, "the import goes on without its receiver"
            time.sleep(0.05)
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def test_an_import_that_ends_by_itself_is_started_again(tmp_path: Path) -> None:
    database = tmp_path / "mrrt.sqlite"
    with receiving(tmp_path / "log", database) as (process, port):
        (child,) = importing(process.pid)
        os.kill(child, signal.SIGKILL)
        with association(port) as made:
            assert store(made, uid("one/instance"), data_set(sr())) == 0
        kept = open_store(f"sqlite:///{database}")
        until = time.monotonic() + 60
        while Inbox(kept, ticking()).counts() != {State.IMPORTED: 1}:
            assert time.monotonic() < until, "nothing was imported"
            time.sleep(0.1)
        kept.close()
