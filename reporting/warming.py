"""Templates compiled ahead, in a thread of its own: whoever asks first does not wait for all of them.

The server answers meanwhile. A template that is asked for before its turn is compiled there and then, once.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable

import structlog
from pydantic import BaseModel, ConfigDict

from reporting.logs import kind_and_places

_log = structlog.get_logger("mrrt.templates")
_PATIENCE = 10.0
"""Seconds that `stop` waits for the template in hand; the thread does not keep the process alive."""


class WarmingState(BaseModel):
    """How far the templates are compiled: `ready` says that all were tried, `compiled` how many were so far."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    compiled: int


class Warming:
    """Goes through `work` in a thread; each step of it is one template."""

    def __init__(self, work: Iterable[object]) -> None:
        self._work = work
        self._compiled = 0
        self._afterwards: Callable[[], object] | None = None
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    @property
    def state(self) -> WarmingState:
        """How far it is."""
        return WarmingState(ready=self._ready.is_set(), compiled=self._compiled)

    def start(self, afterwards: Callable[[], object] | None = None) -> None:
        """Begin; returns at once. `afterwards` is called when all is compiled."""
        self._afterwards = afterwards
        self._thread.start()

    def stop(self) -> None:
        """End after the template in hand; returns when the thread is done or took too long."""
        self._stopped.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            for _ in self._work:
                self._compiled += 1
                if self._stopped.is_set():
                    return
        except Exception as error:  # noqa: BLE001  # a server that is slow at first is better than one that is not there
            _log.error("templates not compiled ahead", **kind_and_places(error))
        if self._afterwards is not None:
            self._afterwards()
        self._ready.set()


def settle() -> None:
    """Tell the garbage collector that what there is now stays for the life of the process.

    Compiled templates are half a million objects that nothing frees; looking through them took up to a third of the
    time of an edit. For servers only: a process that makes and drops applications would keep what they leave behind.
    """
    gc.collect()
    gc.freeze()
