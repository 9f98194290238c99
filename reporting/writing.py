"""Files and folders that somebody named, where something is to be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mrrt.errors import UsageError
from reporting.errors import NoRoom

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def is_no_room(error: OSError) -> bool:
    """Tell whether it is the disk that fails, and not the place that was named."""
    return error.errno in _NO_ROOM


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of what is written here why it cannot be; raises NoRoom where the disk fails, UsageError else."""
    try:
        yield
    except OSError as error:
        said = f"{path}: cannot be written: {error.strerror or error}"
        raise (NoRoom(said) if is_no_room(error) else UsageError(said)) from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Hand out a file beside `path` that takes its place in the end, and is gone where something fails before.

    Its name is of this process: another may be on its way to the same file. Raises as `writing`.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with writing(path):
        try:
            unfinished.touch()
            yield unfinished
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
