"""A device that sends exactly the bytes that it is told to, whether they are a data set or not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pynetdicom import AE, build_role, evt
from pynetdicom.dimse_primitives import C_STORE

COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"
EXPLICIT = "1.2.840.10008.1.2.1"
COMMITMENT = "1.2.840.10008.1.20.1"


@contextmanager
def association(
    port: int,
    title: str = "US1",
    classes: Sequence[str] = (COMPREHENSIVE,),
    syntax: str = EXPLICIT,
    handlers: Sequence[Any] = (),
) -> Iterator[Any]:
    """Yield an association, which may have been rejected."""
    entity = AE(title)
    for one in classes:
        entity.add_requested_context(one, syntax)
    made = entity.associate("127.0.0.1", port, ae_title="MRRT", evt_handlers=list(handlers))
    wire = made.dul.socket.socket if made.dul.socket else None
    try:
        yield made
    finally:
        if made.is_established:
            made.release()
        if wire is not None:
            wire.close()  # pynetdicom forgets a socket that broke while it was sending


def store(made: Any, uid: str, data: bytes, sop_class: str = COMPREHENSIVE) -> int:
    """Send bytes as the data set of an object, and return the status."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 0x0002
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, uid
    request.DataSet = BytesIO(data)
    context = next(one for one in made.accepted_contexts if one.abstract_syntax == sop_class)
    made._reactor_checkpoint.clear()  # as `send_c_store` does: the answer is ours, not the reactor's
    while made.is_established and not made._is_paused:
        time.sleep(0.001)
    try:
        made.dimse.send_msg(request, context.context_id)
        _, answer = made.dimse.get_msg(block=True)
    finally:
        made._reactor_checkpoint.set()
    return -1 if answer is None else int(answer.Status)


__all__ = ["COMMITMENT", "COMPREHENSIVE", "EXPLICIT", "association", "build_role", "evt", "store"]
