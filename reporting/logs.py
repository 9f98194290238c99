"""The server's log: one JSON object per line, with ids and counts and never patient data."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_logs() -> None:
    """Write log lines as JSON to standard error, those of the HTTP server among them."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,  # the name of the request that a line belongs to
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    as_json = structlog.processors.JSONRenderer()
    structlog.configure(processors=[*shared, as_json], logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        # However the server was started: handlers of its own would print exceptions with all that they quote.
        logger = logging.getLogger(name)
        logger.handlers.clear()
        # Addresses may carry search terms, which name patients: the application writes its own line per request.
        logger.propagate = name != "uvicorn.access"


def without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and its places: its message may quote what a report says."""
    given = event.pop("exc_info", None)
    given = sys.exc_info() if given is True else given
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event.update(kind_and_places(error))
    return event


def kind_and_places(error: BaseException) -> dict[str, Any]:
    """Return what a log may say about an exception: what it is and where it came from, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"exception": type(error).__name__, "places": places}
