"""`/metrics`: figures for Prometheus. Labels are names of operations, statuses and states: nothing of a patient.

Each application has a registry of its own. Where several workers serve, they keep their figures in files of a folder
that they share (the multiprocess mode of prometheus-client), and each of them answers with the sum of all.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.request_log import operation
from reporting.errors import Unavailable
from reporting.receiving.inbox import Inbox
from reporting.store import Store

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_EDITS = frozenset({"edit_report"})
_SIGNATURES = frozenset({"sign_report", "sign_preliminary", "add_addendum"})


class Metrics:
    """The figures of an application; `folder` is where those of all its workers lie, None where there is one."""

    def __init__(self, store: Store, inbox: Inbox, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder
        self._now = _Now(store, inbox)
        self._own = own = CollectorRegistry()
        self._requests = Counter("mrrt_requests", "Requests that were answered.", ("operation", "status"), registry=own)
        self._seconds = Histogram(
            "mrrt_request_seconds", "Time until an answer was sent.", ("operation",), buckets=_SECONDS, registry=own
        )
        self._edits = Counter("mrrt_edits", "Edits that were saved.", registry=own)
        self._signatures = Counter("mrrt_signatures", "Signatures under reports and addenda.", registry=own)
        self._active = _gauge("mrrt_requests_active", "Requests that are being answered.", own)
        self._pool = _gauge("mrrt_database_connections_in_use", "Database connections in use.", own)
        own.register(self._now)

    def begin(self) -> None:
        """Note that a request came."""
        self._active.inc()
        self._pool.set(self._store.connections_in_use)

    def end(self, name: str, status: int, seconds: float) -> None:
        """Note that a request was answered."""
        self._active.dec()
        self._pool.set(self._store.connections_in_use)
        self._requests.labels(name, str(status)).inc()
        self._seconds.labels(name).observe(seconds)
        if status < 400:
            self._edits.inc(name in _EDITS)
            self._signatures.inc(name in _SIGNATURES)

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        if self._folder is None:
            return generate_latest(self._own)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._folder))  # type: ignore[no-untyped-call]
        together.register(self._now)
        return generate_latest(together)

    def close(self) -> None:
        """Take back what only a live worker has."""
        if self._folder is not None:
            mark_process_dead(os.getpid(), str(self._folder))  # type: ignore[no-untyped-call]


class _Now(Collector):
    """Figures that are looked up when they are asked for, and are the same for all workers."""

    def __init__(self, store: Store, inbox: Inbox) -> None:
        self._store, self._inbox = store, inbox

    def collect(self) -> Iterable[Metric]:
        """Yield the build, and the received objects by state."""
        labels = ("version", "python", "database")
        build = GaugeMetricFamily("mrrt_build_info", "What is running.", labels=labels)
        build.add_metric((metadata.version("mrrt"), platform.python_version(), self._store.engine_name), 1)
        objects = GaugeMetricFamily("mrrt_received_objects", "Objects that came in, by state.", labels=("state",))
        try:
            for state, count in self._inbox.counts().items():
                objects.add_metric((state.value,), count)
        except Unavailable:  # the other figures are wanted most when the database is away
            return (build,)
        return build, objects


class Measured:
    """Measures every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.metrics.begin()
        began = time.perf_counter()
        try:
            await self.app(scope, receive, noting)
        finally:
            self.metrics.end(operation(scope), status, time.perf_counter() - began)


def _gauge(name: str, said: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, said, registry=registry, multiprocess_mode="livesum")
