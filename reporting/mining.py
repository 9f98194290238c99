"""Audits over many SRs: a folder of files to one Parquet file, a row for each measurement."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mrrt.errors import MrrtError, NotFound, Unreadable, UsageError
from reporting.mining_files import files_below
from reporting.mining_rows import SCHEMA, Row, content_of, name_of_file, rows_of
from reporting.writing import whole, writing
from sr_import import profiles_of, read_whole

_ROWS_OF_GROUP = 50_000
_FILES_OF_BATCH = 32
_PARQUET = b"PAR1"
_ENDING = (signal.SIGINT, signal.SIGTERM)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Extract:
    """The rows of one file, or why there are none."""

    file: str
    rows: tuple[Row, ...] = ()
    error: str | None = None
    uid: str | None = None
    content: bytes = b""
    """A digest of what the rows say."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over a folder did."""

    files: int
    documents: int
    """So many of the files could be read."""
    rows: int
    unreadable: tuple[Extract, ...]
    """Files and folders without rows, and why."""
    duplicates: int = 0
    """So many documents came again, under the SOP Instance UID of an earlier one."""
    differing: tuple[Extract, ...] = ()
    """Those of them that say something else than the first one."""


def extract(path: Path, profiles: tuple[Path, ...] = ()) -> Extract:
    """Return a row for each measurement of one SR; a file that cannot be read gives its error, never an exception."""
    name = name_of_file(path)
    try:
        document = read_whole(path, profiles_of(profiles))
        return Extract(name, tuple(rows_of(document, name)), None, document.sop_instance_uid, content_of(document))
    except (MrrtError, OSError) as error:
        return Extract(name, error=str(error))
    except Exception as error:  # noqa: BLE001  # a fault of the reader costs one file, which is listed, and not the audit
        return Extract(name, error=f"This file shows a mistake in mrrt: {type(error).__name__}. Please report it.")


def extract_folder(
    folder: Path,
    target: Path,
    *,
    processes: int | None = None,
    progress: Progress | None = None,
    profiles: tuple[Path, ...] = (),
) -> Summary:
    """Write the measurements of all files below a folder, and return what was read.

    Work is spread over `processes` (all cores unless given). `progress` is called with files done and files in
    all. `profiles` are folders of a site's own vendor profiles. The target appears only when it is complete. Raises
    NotFound where there is no such folder, UsageError or NoRoom where the target cannot be written.
    """
    if not folder.is_dir():
        raise NotFound(f'"{folder}" is no folder')
    _refuse_target(target)
    found = files_below(folder, target)
    collected = _Collected([Extract(name_of_file(path), error=why) for path, why in found.unreadable])
    batches = _extracted(found.files, processes or os.cpu_count() or 1, profiles)
    with whole(target) as file, closing(batches), pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        collected.write(writer, batches, len(found.files), progress)
    return collected.summary()


def _refuse_target(target: Path) -> None:
    """Raise UsageError for a target that is something else than an earlier table: a slip must not cost a document."""
    with writing(target):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not (target.is_file() and _begins(target, _PARQUET)):
            raise UsageError(f"{target} is there already and is no Parquet file; it is not overwritten")


def _begins(path: Path, with_what: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(with_what)) == with_what


@dataclass(frozen=True, slots=True)
class _Batch:
    """What came of some files: one table of all their rows, so that little has to go from process to process."""

    documents: tuple[tuple[Extract, int], ...]
    """Each file without its rows, and how many those are."""
    table: pa.Table


def _extracted(files: list[Path], processes: int, profiles: tuple[Path, ...]) -> Generator[_Batch, None, None]:
    size = max(1, min(_FILES_OF_BATCH, len(files) // (4 * processes)))
    batches = [files[start : start + size] for start in range(0, len(files), size)]
    one = partial(_extract_batch, profiles=profiles)
    if processes == 1 or len(batches) < 2:
        yield from map(one, batches)
        return
    try:
        pool = ProcessPoolExecutor(min(processes, len(batches)), initializer=_depend)
        try:
            with _undisturbed():  # its processes begin here
                tables = pool.map(one, batches)
            yield from tables
        finally:
            pool.shutdown(cancel_futures=True)  # what ends a run before the first table cancels nothing by itself
    except BrokenProcessPool as error:
        said = "A process that read files was ended from outside, perhaps for want of memory; nothing was written."
        raise Unreadable(f"{said} Fewer --processes need less.") from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals that end a run wait: while a process begins, their exceptions would be lost, or end half of it.

    A handler remembers them. A mask would not do: it holds for one thread, and any other may take the signal.
    """
    came: list[int] = []
    before = {number: signal.signal(number, lambda which, _: came.append(which)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for first in came[:1]:
            signal.raise_signal(first)


def _depend() -> None:
    """Leave Ctrl-C to the process that shares the work out, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _extract_batch(files: Sequence[Path], profiles: tuple[Path, ...]) -> _Batch:
    found = [extract(path, profiles) for path in files]
    rows = [row for one in found for row in one.rows]
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    documents = ((Extract(one.file, (), one.error, one.uid, one.content), len(one.rows)) for one in found)
    return _Batch(tuple(documents), pa.Table.from_pydict(columns, SCHEMA))


class _Collected:
    """Puts batches together, in their order, and knows which documents came before."""

    def __init__(self, unreadable: list[Extract]) -> None:
        self._unreadable = unreadable
        self._files, self._documents, self._rows, self._duplicates = 0, 0, 0, 0
        self._differing: list[Extract] = []
        self._first: dict[str, Extract] = {}

    def write(self, writer: pq.ParquetWriter, batches: Iterable[_Batch], files: int, progress: Progress | None) -> None:
        """Write the tables of batches, many rows at a time."""
        waiting: list[pa.Table] = []
        for batch in batches:
            waiting.append(self._taken(batch))
            if sum(table.num_rows for table in waiting) >= _ROWS_OF_GROUP:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
            if progress:
                progress(self._files, files)
        writer.write_table(pa.concat_tables([*waiting, SCHEMA.empty_table()]))

    def summary(self) -> Summary:
        """Return what was done."""
        counts = (self._files, self._documents, self._rows)
        return Summary(*counts, tuple(self._unreadable), self._duplicates, tuple(self._differing))

    def _taken(self, batch: _Batch) -> pa.Table:
        """Count a batch, and return its table, in which copies say of what."""
        self._files += len(batch.documents)
        self._rows += batch.table.num_rows
        unreadable = [one for one, _ in batch.documents if one.error is not None]
        self._documents += len(batch.documents) - len(unreadable)
        self._unreadable += unreadable
        earlier = [(self._earlier(one), rows) for one, rows in batch.documents]
        if not any(name for name, _ in earlier):
            return batch.table
        column = pa.array([name for name, rows in earlier for _ in range(rows)], pa.string())
        return batch.table.set_column(SCHEMA.get_field_index("duplicate_of"), "duplicate_of", column)

    def _earlier(self, one: Extract) -> str | None:
        """Return the file that has the same document, None for the first one."""
        if one.error is not None or one.uid is None:
            return None
        first = self._first.setdefault(one.uid, one)
        if first is one:
            return None
        self._duplicates += 1
        if first.content != one.content:
            said = f"It says something else than {first.file}, which has the same SOP Instance UID."
            self._differing.append(Extract(one.file, error=said))
        return first.file
