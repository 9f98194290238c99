"""TLS: with a certificate of ours nothing else is spoken over DICOM, and devices show theirs where that is asked.

A PACS whose certificate nobody vouches for is told from one that does not answer.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mrrt.errors import Unreadable, UsageError
from reporting.receiving.pull import Pacs

from ..reporting.site import sr
from .conftest import Place, run, storescu

Places = Callable[..., Place]


def openssl(folder: Path, *arguments: str) -> None:
    done = run("openssl", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr


def pair(folder: Path, name: str, signer: str = "ca") -> None:
    """Make a key and a certificate that the authority signed."""
    subject = ["-subj", f"/CN={name}"]
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", *subject)
    signed = ["-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial", "-days", "2"]
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, a server, a device that it knows and one that it does not."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "foreign"):
        own = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}"]
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *own)
    pair(folder, "localhost")
    pair(folder, "device")
    pair(folder, "stranger", "foreign")
    return folder


def options(folder: Path, device: str) -> list[object]:
    return ["+tls", folder / f"{device}.key", folder / f"{device}.pem", "+cf", folder / "ca.pem"]


@pytest.mark.peer
def test_devices_with_a_certificate(place: Places, certificates: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.dcm"
    file.write_bytes(sr())
    files = {"dicom_certificate": "localhost.pem", "dicom_key": "localhost.key", "dicom_authority": "ca.pem"}
    here = place(**{name: certificates / file for name, file in files.items()})
    with socket.create_connection(("127.0.0.1", here.port)):  # says nothing, and holds up nobody
        assert not storescu(here.port, file)
        assert not storescu(here.port, *options(certificates, "stranger"), file)
        assert not storescu(here.port, "+tla", "+cf", certificates / "ca.pem", file)
        assert here.entries() == ()
        assert storescu(here.port, *options(certificates, "device"), file)
    assert here.states() == ["imported"]


@pytest.mark.peer
def test_devices_need_no_certificate_without_an_authority(place: Places, certificates: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.dcm"
    file.write_bytes(sr())
    here = place(dicom_certificate=certificates / "localhost.pem", dicom_key=certificates / "localhost.key")
    assert storescu(here.port, "+tla", "+cf", certificates / "ca.pem", file)
    assert here.states() == ["imported"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"dicom_key": "localhost.key"},
        {"dicom_certificate": "missing.pem"},
        {"dicom_certificate": "localhost.pem", "dicom_key": "device.key"},
        {"dicom_certificate": "localhost.pem", "dicom_key": "localhost.key", "dicom_authority": "device.key"},
    ],
)
def test_files_that_do_not_fit_are_named(place: Places, certificates: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="TLS") as refused:
        place(**{name: certificates / file for name, file in wrong.items()})
    at_fault = wrong.get("dicom_authority") or wrong.get("dicom_certificate") or "MRRT_DICOM_CERTIFICATE"
    assert at_fault in str(refused.value)


class Nothing(BaseHTTPRequestHandler):
    """A PACS that holds nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/dicom+json")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def pacs(folder: Path) -> Iterator[str]:
    """Serve DICOMweb over TLS, with a certificate that stands for itself in `own.pem`."""
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["-keyout", "own.key", "-out", "own.pem", "-days", "2"]
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made, *named)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "own.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_pacs_that_nobody_vouches_for(place: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = place().reception.inbox
    with pacs(tmp_path) as address:
        with pytest.raises(Unreadable, match="certificate is of no authority that is known here; REQUESTS_CA_BUNDLE"):
            list(Pacs(address).pull(inbox, date(2026, 1, 1), "SR"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "own.pem"))
        assert list(Pacs(address).pull(inbox, date(2026, 1, 1), "SR")) == []
