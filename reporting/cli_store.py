"""The database that a command works on, where it makes no sense to make a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mrrt.errors import UsageError
from reporting.config import settings
from reporting.store import NOTHING_THERE, Store, is_made, open_store


@contextmanager
def existing_store(database_url: str | None) -> Iterator[Store]:
    """Open the database of the settings, or the one that was named; raises UsageError where there is none yet."""
    address = settings(database_url=database_url).database_url
    if not is_made(address):
        raise UsageError(NOTHING_THERE)
    store = open_store(address, make=False)
    try:
        yield store
    finally:
        store.close()
