"""DICOM over TLS: the certificate of this server, and whose certificates devices must show (PS3.15 annex B)."""

from __future__ import annotations

import ssl

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
    try:
        context.load_cert_chain(site.dicom_certificate, site.dicom_key)
        if site.dicom_authority is not None:
            context.load_verify_locations(site.dicom_authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificate, key or authority for TLS cannot be used: {error}") from error
    return context
