"""Tells the application that the server is about to stop, before the server waits for what is still being answered.

The server ends the application's lifespan only when all requests are done. An answer that has no end of its own, such
as a stream of events, waits for `asked` and ends; `/readyz` says from then on that no more should be sent here.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_with_parent() -> None:
    """Let a worker end in order when the process that started it is gone; it would go on, and hold the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


class Stopping:
    """`asked` is set as soon as somebody asks the process to stop, and at the latest when its lifespan ends."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen to the signals that end a server, and hand each on to who listened before."""
        if threading.current_thread() is not threading.main_thread():  # an application within another program
            yield
            self.asked.set()
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}

        def ask(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.asked.set)
            earlier = before[signal.Signals(number)]
            if callable(earlier):
                earlier(number, frame)

        for number in _SIGNALS:
            signal.signal(number, ask)
        try:
            yield
        finally:
            self.asked.set()
            for number, earlier in before.items():
                if signal.getsignal(number) is ask:
                    signal.signal(number, earlier)
