"""DICOM over TLS: with a certificate of ours nothing else is spoken, and devices show theirs where that is asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mrrt.errors import UsageError

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
    with pytest.raises(UsageError, match="TLS"):
        place(**{name: certificates / file for name, file in wrong.items()})
