"""An audit record repository: rsyslog, which listens for syslog over TLS on a loopback port and keeps what comes."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from ..conftest import require_program
from .server import wait_until_listening

_CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="64k" DefaultNetstreamDriverCAFile="{folder}/authority.pem"
       DefaultNetstreamDriverCertFile="{folder}/repository.pem" DefaultNetstreamDriverKeyFile="{folder}/repository.key")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="{wants}")
template(name="whole" type="list") {{ property(name="rawmsg") constant(value="\\n") }}
ruleset(name="keep") {{ action(type="omfile" file="{folder}/received" template="whole") }}
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="keep")
"""
HEADER = re.compile(
    rb"<(?P<pri>\d+)>1 (?P<at>\S+) (?P<host>\S+) mrrt \d+ DICOM\+RFC3881 "
    rb"\[meta sequenceId=\"(?P<number>\d+)\"\] \xef\xbb\xbf(?P<xml><AuditMessage>.*)"
)
"""RFC 5424 section 6, as DICOM PS3.15 section A.6 fills it."""


def make_certificates(folder: Path) -> None:
    """Make an authority, and what it vouches for: the repository under the name localhost, and a client."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    own = ["-subj", "/CN=authority", "-keyout", str(folder / "authority.key"), "-out", str(folder / "authority.pem")]
    subprocess.run([*made, *own], check=True, capture_output=True)
    by = ["-CA", str(folder / "authority.pem"), "-CAkey", str(folder / "authority.key")]
    for name in ("repository", "client"):
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
        about = ["-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*made, *about, *files, *by], check=True, capture_output=True)


class Received:
    """What the repository got."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "received"

    def messages(self, count: int) -> list[re.Match[bytes]]:
        """Return the messages, once there are so many; each must be one of PS3.15 section A.6."""
        until = time.monotonic() + 20
        while len(lines := self._lines()) < count and time.monotonic() < until:
            time.sleep(0.05)
        found = [HEADER.fullmatch(line) for line in lines]
        assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
        return [match for match in found if match]

    def events(self, count: int) -> list[str]:
        """Return our names of the events, once there are so many."""
        roots = [etree.fromstring(match["xml"]) for match in self.messages(count)]
        return [str(root.xpath("string(//EventTypeCode[@codeSystemName='99MRRT']/@csd-code)")) for root in roots]

    def _lines(self) -> list[bytes]:
        return self._file.read_bytes().splitlines() if self._file.exists() else []


@contextmanager
def repository(folder: Path, port: int, wants: str = "anon") -> Iterator[Received]:
    """Run a repository with the certificates of a folder; `wants` is how it looks at clients."""
    program, log = require_program("rsyslogd"), folder / "rsyslog.log"
    configuration = folder / "rsyslog.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, wants=wants))
    with log.open("ab") as stream:
        command = [program, "-n", "-f", configuration, "-i", folder / "rsyslog.pid"]
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        wait_until_listening(process, port, log)
        yield Received(folder)
    finally:
        process.terminate()
        process.wait(20)
