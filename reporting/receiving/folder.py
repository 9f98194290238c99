"""A watched folder: files are taken when they are complete, and moved to done/ or failed/ with a reason beside them.

A file is complete when its size and time of change have stood still for two looks. Names that programs give to files
they are still writing (.part, .tmp, a leading dot) are left alone until they are renamed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from reporting.logs import kind_and_places
from reporting.receiving.inbox import Inbox
from reporting.receiving.objects import identity, is_sr
from reporting.receiving.records import Arrival, State

_log = structlog.get_logger("mrrt.receiving")
DONE, FAILED = "done", "failed"
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".writing")
_PATIENCE = 30.0
_Look = tuple[int, int]
"""Size and time of change of a file."""


class Watcher:
    """Looks into a folder again and again, in a thread of its own."""

    def __init__(
        self, folder: Path, inbox: Inbox, *, largest: int, keep_others: bool, seconds_between: float = 1.0
    ) -> None:
        self._folder = folder
        self._inbox = inbox
        self._largest = largest
        self._keep_others = keep_others
        self._seconds_between = seconds_between
        self._seen: dict[Path, _Look] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folder", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the file in hand."""
        self._stopped.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  # a share that is away for a while must not end the watch
                _log.error("folder not read", **kind_and_places(error))
            self._stopped.wait(self._seconds_between)

    def look(self) -> int:
        """Take the files that have not changed since the last look; return how many were taken."""
        now = dict(self._files())
        complete = [path for path, look in now.items() if self._seen.get(path) == look]
        self._seen = now
        taken = 0
        for path in complete:
            if self._stopped.is_set():
                break
            taken += self._take(path)
        return taken

    def _files(self) -> Iterator[tuple[Path, _Look]]:
        for folder, folders, names in os.walk(self._folder):
            if Path(folder) == self._folder:
                folders[:] = [name for name in folders if name not in (DONE, FAILED)]
            for name in sorted(names):
                path = Path(folder) / name
                if name.startswith(".") or name.lower().endswith(_UNFINISHED) or path.is_symlink():
                    continue
                try:
                    state = path.stat()
                except OSError:
                    continue  # gone meanwhile
                yield path, (state.st_size, state.st_mtime_ns)

    def _take(self, path: Path) -> bool:
        try:
            reason = self._kept(path)
        except OSError as error:
            _log.warning("file not read", kind=type(error).__name__)
            return False
        self._move(path, FAILED if reason else DONE, reason)
        return True

    def _kept(self, path: Path) -> str:
        """Keep and import a file; return why it failed, or nothing."""
        size = path.stat().st_size
        if size > self._largest:
            return f"the file has {size} bytes; at most {self._largest} are taken (MRRT_MAX_BODY_BYTES)"
        content = path.read_bytes()
        sop_class, uid = identity(content)
        if sop_class and not is_sr(sop_class) and not self._keep_others:
            return "the object is no structured report; MRRT_RECEIVE_OTHER=keep would keep it"
        place = str(path.relative_to(self._folder))
        kept = self._inbox.keep(Arrival(content, uid, sop_class, "folder", place))
        entry = self._inbox.settle(kept.entry.id)
        return entry.reason if entry.state in (State.FAILED, State.CONFLICT) else ""

    def _move(self, path: Path, where: str, reason: str) -> None:
        target = _free(self._folder / where / path.relative_to(self._folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        if reason:  # first the reason: a file in failed/ always has one
            target.with_name(f"{target.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
        path.rename(target)
        self._seen.pop(path, None)
        _log.info("file taken", where=where)


def _free(path: Path) -> Path:
    """Return a path that is not taken: NAME, else NAME.1, NAME.2 and so on."""
    number, free = 0, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free
