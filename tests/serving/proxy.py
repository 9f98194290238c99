"""nginx with the file that we hand out, in front of a server, on a loopback port and with a certificate of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..conftest import ROOT, require_program
from .server import wait_until_listening

NAME = "reports.example.org"
_AROUND = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/mrrt.conf;
}}
"""


def _replaced(text: str, changes: dict[str, str]) -> str:
    for before, after in changes.items():
        assert text.count(before) == 1, f"deploy/nginx.conf has {text.count(before)} times: {before}"
        text = text.replace(before, after)
    return text


def _certificate(folder: Path) -> None:
    name = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name, *files]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def proxied(folder: Path, port: int, upstream: int) -> Iterator[Path]:
    """Run the proxy on a port; yields the file of what it says of errors."""
    program = require_program("nginx")
    _certificate(folder)
    own = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/ssl/mrrt/fullchain.pem": str(folder / "fullchain.pem"),
        "/etc/ssl/mrrt/key.pem": str(folder / "key.pem"),
    }
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    (folder / "mrrt.conf").write_text(_replaced(text, own), "utf-8")
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder), "utf-8")
    log = folder / "errors.log"
    with log.open("wb") as stream:
        process = subprocess.Popen([program, "-c", folder / "nginx.conf", "-p", folder, "-e", "stderr"], stderr=stream)
    try:
        wait_until_listening(process, port, log)
        yield log
    finally:
        process.terminate()
        process.wait(20)
