"""The connection to a device: bytes in large pieces, and C-STORE requests answered where they arrive.

pynetdicom hands each message from thread to thread, and each thread looks once a millisecond whether there is something
to do: more time than keeping the object takes. A storage request on an accepted context is therefore read and answered
here, in the thread of the connection (PS3.7 section 9.3.1, PS3.8 section 9.3.5). Whatever else comes is left in the
buffer, from which pynetdicom reads as from the network.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from pynetdicom.transport import AssociationSocket

from reporting.receiving.store_message import StoreRequest, answer, request_in

Store = Callable[[Any, StoreRequest], int]
"""Keeps an object that came over an association, and returns the status of PS3.4 annex B.2.3."""

_LONGEST = 1 << 20
"""Size of the longest PDU that is read: an association request may be longer than a piece of data."""
_PIECE = 1 << 18
_BUSY = 0.1
"""Seconds after a piece of data for which an association counts as busy."""
_LOOK_BUSY, _LOOK_IDLE = 0.0001, 0.001
_NEXT = 0.02
"""Seconds for which the next request is waited for, while nothing of ours is to be sent."""
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)


class Transport(AssociationSocket):
    """Receives in large pieces, acknowledges each at once, and looks more often while there is something to do.

    Senders that wait for an acknowledgement before the next small piece (Nagle) lose 40 ms on each object otherwise,
    and the millisecond that the upper layer sleeps between two looks counts twice for each object.
    """

    used = 0.0
    """When the last piece came in."""
    store: Store | None = None
    largest = 0
    """Bytes of the largest object that is taken."""
    waiting: bytearray
    """What has been read from the network and not been worked on."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, fewer where the connection ends; raises OSError for more than was agreed on."""
        if nr_bytes > _LONGEST:
            raise OSError("a PDU is longer than what was agreed on")
        self._filled(nr_bytes)
        received = self.waiting[:nr_bytes]
        del self.waiting[:nr_bytes]
        return received

    def _filled(self, count: int) -> bool:
        """Read until so many bytes wait; False where the connection ends before."""
        while len(self.waiting) < count:
            if self.socket is None:
                return False
            if _QUICK_ACK is not None:  # holds for the next piece only
                self.socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            piece = self.socket.recv(max(_PIECE, count - len(self.waiting)))
            if not piece:
                return False
            self.waiting += piece
        self.used = time.monotonic()
        return True

    @property
    def ready(self) -> bool:
        """Whether there is something to read that has not been answered here."""
        busy = time.monotonic() - self.used < _BUSY
        self.assoc.dul._run_loop_delay = _LOOK_BUSY if busy else _LOOK_IDLE
        if self.waiting:
            return True
        if not super().ready:
            return False
        return self.store is None or not self.assoc.is_established or not self._stored()

    def _stored(self) -> bool:
        """Answer the storage requests that come one after the other; False where something else came."""
        while True:
            try:
                found = request_in(self._piece, self.largest)
            except OSError:  # whoever reads next sees it, too
                return False
            if found is None or not self._answered(*found):
                return False
            if not self._another():
                return True

    def _piece(self, start: int, stop: int) -> bytes | None:
        """Return what waits there, None where it does not come."""
        if not self._filled(stop):
            return None
        with memoryview(self.waiting) as view:
            return bytes(view[start:stop])

    def _answered(self, request: StoreRequest, length: int) -> bool:
        accepted = self.assoc.accepted_contexts
        context = next((one for one in accepted if one.context_id == request.context_id), None)
        if context is None or context.abstract_syntax != request.sop_class_uid or self.store is None:
            return False
        request.transfer_syntax = str(context.transfer_syntax[0])
        status = self.store(self.assoc, request)
        del self.waiting[:length]
        self.assoc.dul._idle_timer.restart()
        self.send(answer(request, status))
        return True

    def _another(self) -> bool:
        """Wait a moment for the next request, unless there is something to send or the connection is to end."""
        if self.waiting:
            return True
        if self.socket is None or self.assoc._kill or not self.assoc.dul.to_provider_queue.empty():
            return False
        try:
            return bool(select.select([self.socket], [], [], _NEXT)[0])
        except (OSError, ValueError):
            return False
