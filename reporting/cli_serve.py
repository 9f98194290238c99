"""`mrrt serve`: the HTTP server, in one process or in several."""

from __future__ import annotations

import errno
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mrrt.errors import UsageError
from reporting.activity import activity
from reporting.cli_output import err
from reporting.config import Settings, export, refuse_open_door, settings, share_metrics

if TYPE_CHECKING:
    import uvicorn

_APPLICATION = "api.app:from_environment"
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""What a machine without IPv6 says to that address of `localhost`; the other one serves."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    dicom_port: Annotated[int | None, typer.Option(help="Port on which devices deliver by C-STORE.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer; 1.")] = None,
    database_url: Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")] = None,
) -> None:
    """Serve the API and the browser page; without sign-in on this machine alone."""
    given = {"host": host, "port": port, "dicom_port": dicom_port, "workers": workers, "database_url": database_url}
    site = settings(**given)
    _refuse_what_cannot_be(site)
    export(given)
    with activity(site, "serve", workers=site.workers), _figures(site.workers):
        _serve(site)


def _serve(site: Settings) -> None:
    import uvicorn  # only this command needs it, and it would slow down every other one

    _refuse_taken(site.host, site.port)
    address = f"[{site.host}]" if ":" in site.host else site.host
    err().print(f"mrrt serves on http://{address}:{site.port}/ (Ctrl-C ends it)", markup=False)
    # The access log of uvicorn would hold search terms, which may name patients; the application writes its own.
    common: dict[str, Any] = {"factory": True, "host": site.host, "port": site.port, "workers": site.workers}
    common |= {"log_config": None, "access_log": False, "server_header": False}
    common |= {"timeout_graceful_shutdown": site.shutdown_seconds}
    if site.workers == 1:
        uvicorn.run(_APPLICATION, **common)
    else:
        _run_several(uvicorn.Config(_APPLICATION, **common))


def _run_several(config: uvicorn.Config) -> None:
    """Run workers on one socket; without TCP_NODELAY, which they inherit, each answer would wait 40 ms."""
    from uvicorn.supervisors import Multiprocess

    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()


def _refuse_what_cannot_be(site: Settings) -> None:
    refuse_open_door(site)
    if site.workers > 1 and site.dicom_port is not None:
        raise UsageError(
            f"{site.workers} workers cannot listen on one DICOM port: leave it to a process of its own, "
            f"`mrrt receive --dicom-port {site.dicom_port}`, which works on the same database"
        )


def _refuse_taken(host: str, port: int) -> None:
    """Raise UsageError where nothing can listen; the server itself would say so amid its log, once it is up."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        failed = [error for one in found if (error := _unbound(one[0], one[4])) is not None]
        real = [error for error in failed if error.errno not in _NOT_HERE]
        if real or len(failed) == len(found):
            raise (real or failed)[0]
    except OSError as error:
        raise UsageError(f"nothing can listen on {host}:{port}: {error.strerror or error}") from error


def _unbound(family: int, address: Any) -> OSError | None:
    """Return why nothing can be bound to an address; None where it can."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


@contextmanager
def _figures(workers: int) -> Iterator[None]:
    """Give several workers a folder for their figures, so that each can tell the sum of all."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="mrrt-metrics-") as folder:
        share_metrics(Path(folder))
        yield
