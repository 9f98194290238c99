"""DICOM over TLS: the certificate of this server, and whose certificates devices must show (PS3.15 annex B)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mrrt.errors import UsageError
from reporting.config import Settings


def server_context(site: Settings) -> ssl.SSLContext | None:
    """Return how the server speaks TLS, None where it does not; raises UsageError for files that do not fit."""
    if site.dicom_certificate is None:
        if site.dicom_key or site.dicom_authority:
            raise UsageError("TLS needs a certificate: set MRRT_DICOM_CERTIFICATE, or leave key and authority out")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with _using(site.dicom_certificate, site.dicom_key):
        context.load_cert_chain(site.dicom_certificate, site.dicom_key)
    if site.dicom_authority is not None:
        with _using(site.dicom_authority):
            context.load_verify_locations(site.dicom_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def _using(*files: Path | None) -> Iterator[None]:
    """Name the files that do not fit; which of a certificate and its key is the wrong one OpenSSL does not say."""
    try:
        yield
    except OSError as error:
        said = " and ".join(str(file) for file in files if file is not None)
        raise UsageError(f"{said}: cannot be used for TLS with devices: {error.strerror or error}") from error
