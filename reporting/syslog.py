"""Audit events sent to an audit record repository: DICOM audit messages in syslog over TLS (PS3.15 section A.6)."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mrrt.errors import UsageError
from reporting.audit_codes import Outcome
from reporting.audit_dicom import SOURCE, audit_message
from reporting.errors import Undelivered
from reporting.records import AuditEntry

_PORT = 6514
"""Of syslog over TLS (RFC 5425 section 4.1)."""
_FACILITY, _NOTICE, _WARNING = 10, 5, 4
"""Security and authorization; normal but significant, and a warning (RFC 5424 section 6.2.1)."""
_MESSAGE_ID = "DICOM+RFC3881"
_IN_UTF8 = b"\xef\xbb\xbf"
"""What text in UTF-8 begins with (RFC 5424 section 6.4)."""
_LONGEST_HOST = 255
_PATIENCE_SECONDS, _LOOK_SECONDS = 30, 0.01


@dataclass(frozen=True, slots=True)
class Repository:
    """Where audit messages go: tls://HOST or tls://HOST:PORT.

    `authority` is a PEM file with those who may vouch for it, the ones of this machine without; `certificate` and `key`
    are what this program shows for itself, where the repository wants to see something.
    """

    address: str
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def send(self, entries: Iterable[AuditEntry]) -> None:
        """Send events over a connection of their own, which the repository has to end in order; or raise Undelivered.

        Syslog acknowledges nothing. The end of the connection is the one sign that all before it was read: a repository
        that gave up before leaves its end out (RFC 5425 section 4.4).
        """
        messages = b"".join(map(_framed, map(syslog_message, entries)))
        context, (host, port) = self._context(), _place(self.address)
        try:
            plain = socket.create_connection((host, port), _PATIENCE_SECONDS)
            with plain, context.wrap_socket(plain, server_hostname=host) as secure:
                secure.sendall(messages)
                _end(secure)
        except OSError as error:
            raise Undelivered(self.address, str(error)) from error

    def __post_init__(self) -> None:
        """Raise UsageError where the address names no place, or a file cannot be used."""
        _place(self.address)
        self._context()

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.authority)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            files = ", ".join(str(file) for file in (self.authority, self.certificate, self.key) if file)
            raise UsageError(f"{files}: cannot be used: {error.strerror or error}") from error
        return context


def _end(secure: ssl.SSLSocket) -> None:
    """End a connection in order; raises OSError unless the repository read all of it.

    Some repositories close without the alert that TLS wants. So does one that refuses the certificate, before the
    messages reach it: then the other system answers them with a reset, and never acknowledges them.
    """
    try:
        secure.unwrap()
    except ssl.SSLEOFError:
        wait_until_acknowledged(secure)


def wait_until_acknowledged(connection: socket.socket) -> None:
    """Wait until the other system has all that was sent; raises OSError where it refuses that, or takes too long."""
    until = time.monotonic() + _PATIENCE_SECONDS
    left = True
    while left:
        left = _on_the_way(connection) > 0
        error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # a reset takes back what was on the way
        if left and not error and time.monotonic() > until:
            error = errno.ETIMEDOUT
        if error:
            raise OSError(error, os.strerror(error))
        time.sleep(_LOOK_SECONDS if left else 0)


def _on_the_way(connection: socket.socket) -> int:
    """Return how many bytes the other system has not acknowledged; 0 where this system does not tell."""
    if sys.platform != "linux":
        return 0
    import fcntl  # not everywhere
    import termios

    return int.from_bytes(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)), sys.byteorder)


def _place(address: str) -> tuple[str, int]:
    """Return the host and the port of an address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        host = ""
    if not host or parts.scheme != "tls" or parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        raise UsageError(f'"{address}" is no address of an audit record repository; write it as tls://HOST:{_PORT}')
    return host, port


def syslog_message(entry: AuditEntry) -> bytes:
    """Return one event as a syslog message (RFC 5424 section 6), with its number, so that a gap shows."""
    event = entry.event
    severity = _NOTICE if event.outcome == Outcome.SUCCESS.value else _WARNING
    origin = f"{event.at} {_host()} {SOURCE} {os.getpid()} {_MESSAGE_ID}"
    head = f'<{_FACILITY * 8 + severity}>1 {origin} [meta sequenceId="{event.id}"] '
    return head.encode("ascii") + _IN_UTF8 + audit_message(entry)


def _host() -> str:
    return "".join(sign for sign in socket.gethostname() if "!" <= sign <= "~")[:_LONGEST_HOST] or "-"


def _framed(message: bytes) -> bytes:
    """Return a message with its length before it (RFC 5425 section 4.3)."""
    return b"%d %b" % (len(message), message)
