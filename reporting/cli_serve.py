"""`mrrt serve`: the HTTP server."""

from __future__ import annotations

from typing import Annotated

import typer

from reporting.cli_output import err
from reporting.config import export, refuse_open_door, settings

_APPLICATION = "api.app:from_environment"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    dicom_port: Annotated[int | None, typer.Option(help="Port on which devices deliver by C-STORE.")] = None,
    database_url: Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")] = None,
) -> None:
    """Serve the API and the browser page; without sign-in on this machine alone."""
    import uvicorn  # only this command needs it, and it would slow down every other one

    given = {"host": host, "port": port, "dicom_port": dicom_port, "database_url": database_url}
    site = settings(**given)
    refuse_open_door(site)
    export(given)
    address = f"[{site.host}]" if ":" in site.host else site.host
    err().print(f"mrrt serves on http://{address}:{site.port}/ (Ctrl-C ends it)", markup=False)
    # The access log of uvicorn would hold search terms, which may name patients; the application writes its own.
    uvicorn.run(
        _APPLICATION, factory=True, host=site.host, port=site.port, log_config=None, access_log=False,
        server_header=False,
    )  # fmt: skip
