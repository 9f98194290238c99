"""A library that takes templates and forgets them: what storing would lead to is found out by storing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from reporting.library import Library

if TYPE_CHECKING:
    from reporting.records import By
    from reporting.store import Store
    from reporting.store_library import Stored
    from reporting.store_transaction import Reading


class _Tried:
    """A transaction that only reads, and sees what was added to it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._added: dict[str, Stored] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reading, name)

    def stored_as(self, identifier: str) -> Stored | None:
        return self._added.get(identifier) or self._reading.stored_as(identifier)

    def stored(self, name: str) -> Stored | None:
        added = (one for one in self._added.values() if name in (one.identifier, one.name))
        return next(added, None) or self._reading.stored(name)

    def add_template(self, template: Stored, by: By) -> None:
        self._added[template.identifier] = template


class _Store:
    """A store with one transaction, which is never written."""

    def __init__(self, transaction: _Tried) -> None:
        self._transaction = transaction

    @contextmanager
    def reading(self) -> Iterator[_Tried]:
        yield self._transaction

    writing = reading


@contextmanager
def trying(library: Library) -> Iterator[Library]:
    """Open a library in which templates can be stored as in this one; afterwards nothing was."""
    with library.store.reading() as transaction:
        yield replace(library, store=cast("Store", _Store(_Tried(transaction))))
