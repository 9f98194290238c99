"""Tells streams that the server is about to end: it waits for open connections before it says so itself."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType


def stopping_event() -> asyncio.Event:
    """Return an event that is set when this process is asked to end; what else a signal does stays as it is."""
    stopping = asyncio.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            _before(number, stopping, asyncio.get_running_loop())
    return stopping


def _before(number: signal.Signals, stopping: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    usual = signal.getsignal(number)
    if not callable(usual):
        return

    def on_signal(received: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stopping.set)
        usual(received, frame)

    signal.signal(number, on_signal)
