"""What a transaction of the store can read and write of storage commitment: requests that wait for their report."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.receiving.records import CommitmentRequest

_REQUEST = tables.commitment_request


class CommitmentReading:
    """The questions about requests for commitment that the store answers."""

    _connection: Connection

    def commitments(self) -> tuple[CommitmentRequest, ...]:
        """Return the requests whose report has not been delivered, the oldest first."""
        rows = self._connection.execute(sa.select(_REQUEST).order_by(_REQUEST.c.id)).mappings()
        return tuple(map(_request, rows))


class CommitmentWriting(CommitmentReading):
    """The changes that can be made to requests for commitment."""

    def add_commitment(self, request: CommitmentRequest) -> int:
        """Keep a request and return its number; asked again by the same device, it takes the place of the first."""
        same = (_REQUEST.c[name] == getattr(request, name) for name in ("title", "address", "transaction_uid"))
        self._connection.execute(sa.delete(_REQUEST).where(*same))
        row = {one.name: getattr(request, one.name) for one in fields(request) if one.name != "id"}
        row["objects"] = json.dumps(request.objects)
        return int(self._connection.execute(sa.insert(_REQUEST).returning(_REQUEST.c.id), row).scalar_one())

    def claim_commitment(self, request: CommitmentRequest, due_at: str) -> bool:
        """Begin an attempt; False if another process began one. If the attempt fails, the next one is due then."""
        update = sa.update(_REQUEST).where(_REQUEST.c.id == request.id, _REQUEST.c.attempts == request.attempts)
        change: dict[str, Any] = {"attempts": request.attempts + 1, "due_at": due_at}
        return self._connection.execute(update.values(change)).rowcount == 1

    def drop_commitment(self, number: int) -> None:
        """Forget a request: its report has arrived, or nobody waits for it any more."""
        self._connection.execute(sa.delete(_REQUEST).where(_REQUEST.c.id == number))


def _request(row: RowMapping) -> CommitmentRequest:
    values = dict(row)
    objects = tuple((sop_class, uid) for sop_class, uid in json.loads(values.pop("objects")))
    return CommitmentRequest(**values, objects=objects)
