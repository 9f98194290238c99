"""What a transaction of the store can read and write of idempotency keys."""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reporting import store_tables as tables
from reporting.errors import KeyReused
from reporting.once import Once
from reporting.records import By

_KEY = tables.idempotency_key


class OnceWriting:
    """The additions to the idempotency keys."""

    _connection: Connection

    def recall(self, once: Once, by: By) -> str | None:
        """Return what the request led to when it came before, and note that; None for a new one.

        Raises KeyReused where the key stands for another request. Another request with the same key waits until this
        transaction ends.
        """
        if self._connection.dialect.name == "postgresql":
            number = int.from_bytes(sha256(f"{by.actor}\n{once.key}".encode()).digest()[:8], "big", signed=True)
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
        self.remove_keys(once.oldest(by))
        query = sa.select(_KEY.c.digest, _KEY.c.result).where(_KEY.c.actor == by.actor, _KEY.c.key == once.key)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.digest != once.digest:
            raise KeyReused
        once.replayed = True
        return str(row.result)

    def remove_keys(self, before: str) -> None:
        """Forget the keys of before a time."""
        self._connection.execute(sa.delete(_KEY).where(_KEY.c.at < before))

    def remember(self, once: Once, by: By, result: str) -> None:
        """Keep what the request led to."""
        row = {
            "actor": by.actor,
            "key": once.key,
            "operation": once.operation.split(" ")[0][:40],
            "digest": once.digest,
        }
        self._connection.execute(sa.insert(_KEY).values(**row, result=result, at=by.at_text))
