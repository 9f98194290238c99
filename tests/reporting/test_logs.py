"""Log lines are JSON, and say of an exception where it came from but not what it quotes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from reporting.logs import configure_logs, kind_and_places


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged while a test runs."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", stream)
    configure_logs()
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def fail() -> None:
    raise ValueError("patient GARCIA has a secret")


def test_an_exception_is_logged_without_its_message(log: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        structlog.get_logger().exception("unexpected")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(lines) == 2 and all(line["exception"] == "ValueError" for line in lines)
    assert all(line["places"][-1].endswith("fail") for line in lines)
    assert "GARCIA" not in log.getvalue()


def test_handlers_of_the_server_itself_are_replaced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = io.StringIO()
    logger = logging.getLogger("uvicorn")
    monkeypatch.setattr(logger, "propagate", False)
    logger.addHandler(logging.StreamHandler(own))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logs()
    try:
        fail()
    except ValueError:
        logger.exception("in the server")
        logging.getLogger("uvicorn.access").info("GET /reports?patient=GARCIA")
    assert "GARCIA" not in capsys.readouterr().err
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()
    assert own.getvalue() == ""


def test_kind_and_places() -> None:
    try:
        fail()
    except ValueError as error:
        assert kind_and_places(error)["exception"] == "ValueError"


def test_every_line_of_a_request_carries_its_name(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "level", logging.INFO)  # servers of other tests are quieter
    with structlog.contextvars.bound_contextvars(request_id="made-by-the-test"):
        structlog.get_logger().info("ours")
        logging.getLogger("uvicorn.error").info("of the server")
    structlog.get_logger().info("outside")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line.get("request_id") for line in lines] == ["made-by-the-test", "made-by-the-test", None]
