"""Orthanc as the peer: it sends to us, asks for storage commitment, and is asked for documents (QIDO-RS, WADO-RS)."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import sr_import
from mrrt.errors import Unreadable
from reporting.cli import app
from reporting.receiving.pull import Pacs
from reporting.receiving.records import State

from ..conftest import left_out, require_program
from ..reporting.site import site, sr
from ..sr_writer import uid
from .conftest import Place, run

pytestmark = pytest.mark.peer
Places = Callable[..., Place]
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Orthanc:
    """A running Orthanc."""

    http: httpx.Client
    dicom_port: int

    @property
    def dicomweb(self) -> str:
        return f"{str(self.http.base_url).rstrip('/')}/dicom-web"

    def add(self, content: bytes) -> str:
        return str(self.http.post("/instances", content=content).raise_for_status().json()["ID"])

    def knows(self, port: int) -> None:
        modality = {"AET": "MRRT", "Host": "127.0.0.1", "Port": port, "AllowStorageCommitment": True}
        self.http.put("/modalities/mrrt", json=modality).raise_for_status()

    def send(self, *ids: str) -> Any:
        body = {"Resources": list(ids), "Synchronous": True}
        return self.http.post("/modalities/mrrt/store", json=body).raise_for_status().json()

    def committed(self, *uids: str) -> Any:
        """Ask for storage commitment and wait for the report."""
        wanted = [{"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33", "SOPInstanceUID": one} for one in uids]
        asked = self.http.post("/modalities/mrrt/storage-commitment", json={"DicomInstances": wanted})
        path = asked.raise_for_status().json()["Path"]
        for _ in range(200):
            report = self.http.get(path).raise_for_status().json()
            if report["Status"] != "Pending":
                return report
            time.sleep(0.05)
        raise AssertionError("no report arrived")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    program = require_program("Orthanc")
    if not PLUGIN.is_file():
        left_out("the DICOMweb plug-in of Orthanc is not installed")
    folder = tmp_path_factory.mktemp("orthanc")
    http, dicom = free_port(), free_port()
    settings = {
        **{"StorageDirectory": str(folder), "IndexDirectory": str(folder), "Plugins": [str(PLUGIN)]},
        **{"HttpPort": http, "DicomPort": dicom, "DicomAet": "ORTHANC", "AuthenticationEnabled": False},
        **{
            "DicomAlwaysAllowEcho": True,
            "DicomAlwaysAllowFind": True,
            "DicomCheckCalledAet": False,
            "UnknownSopClassAccepted": True,
        },
    }
    (folder / "orthanc.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], stdout=log, stderr=log, cwd=folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{http}", timeout=30) as client:
            _wait(client, process, folder / "log")
            yield Orthanc(client, dicom)
    finally:
        process.terminate()
        process.wait(20)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            if client.get("/system").status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.05)
    raise AssertionError("Orthanc did not start")


def test_orthanc_sends_and_is_told_what_is_safe(orthanc: Orthanc, place: Places) -> None:
    here = place(dicom_peers=f"ORTHANC@127.0.0.1:{orthanc.dicom_port}")
    orthanc.knows(here.port)
    names = [f"sent{number}" for number in range(5)]
    done = orthanc.send(*(orthanc.add(sr(instance=name)) for name in names))
    assert done["FailedInstancesCount"] == 0
    assert here.states() == ["imported"] * 5
    kept = here.document(uid("sent3/instance")) or b""
    assert sr_import.read(kept).measurements == sr_import.read(sr()).measurements
    report = orthanc.committed(*(uid(f"{name}/instance") for name in names))
    assert report["Status"] == "Success"
    assert len(report["Success"]) == 5
    report = orthanc.committed(uid("sent0/instance"), "1.2.3")
    assert report["Status"] == "Failure"
    assert [one["SOPInstanceUID"] for one in report["Failures"]] == ["1.2.3"]


def test_orthanc_is_turned_away_where_it_is_not_named(orthanc: Orthanc, place: Places) -> None:
    here = place(dicom_peers="US1")
    orthanc.knows(here.port)
    with pytest.raises(httpx.HTTPStatusError):
        orthanc.send(orthanc.add(sr(instance="turned away")))
    assert here.entries() == ()


def studies(port: int, since: str) -> set[str]:
    """Ask the PACS with dcmtk's findscu for studies with SR documents, and return their UIDs."""
    keys = ["QueryRetrieveLevel=STUDY", "StudyInstanceUID", f"StudyDate={since}-", "ModalitiesInStudy=SR"]
    asked = run("findscu", "-v", "-S", "-aec", "ORTHANC", *(p for key in keys for p in ("-k", key)), "127.0.0.1", port)
    assert asked.returncode == 0, asked.stderr
    return set(re.findall(r"UI \[([\d.]+)\0? *\].*StudyInstanceUID", asked.stdout + asked.stderr))


def test_pull(orthanc: Orthanc, place: Places) -> None:
    here = place(dicom_port=None)
    for name in ("pulled1", "pulled2"):
        orthanc.add(sr(instance=name))
    wanted = {uid("pulled1/instance"), uid("pulled2/instance")}
    inbox, pacs = here.reception.inbox, Pacs(orthanc.dicomweb)
    first = {one.sop_instance_uid: one for one in pacs.pull(inbox, date(2026, 1, 1), "SR")}
    pulled = {sr_import.read(here.document(one) or b"").study.study_instance_uid for one in first}
    assert pulled == studies(orthanc.dicom_port, "20260101")
    assert wanted <= set(first)
    for one in wanted:
        entry = first[one].entry
        assert entry is not None
        assert entry.state is State.IMPORTED
    kept = here.document(uid("pulled1/instance")) or b""
    assert sr_import.read(kept).measurements == sr_import.read(sr()).measurements
    assert all(one.known for one in pacs.pull(inbox, date(2026, 1, 1), "SR"))
    assert list(pacs.pull(inbox, date(2030, 1, 1), "SR")) == []
    assert list(pacs.pull(inbox, date(2026, 1, 1), "CT")) == []


def test_pull_on_the_command_line(orthanc: Orthanc, tmp_path: Path) -> None:
    orthanc.add(sr(instance="command line"))
    command = ["receive", "pull", "--qido", orthanc.dicomweb, "--database-url", site(tmp_path).database_url]
    done = CliRunner().invoke(app, [*command, "--since", "2026-01-01", "--json"])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert uid("command line/instance") in {one["sop_instance_uid"] for one in lines if one.get("entry")}
    again = CliRunner().invoke(app, [*command, "--since", "2026-01-01"])
    assert "0 fetched" in again.output


def test_a_pacs_that_cannot_be_asked(orthanc: Orthanc, place: Places) -> None:
    inbox = place(dicom_port=None).reception.inbox
    for wrong in (f"{orthanc.http.base_url}nowhere", f"http://127.0.0.1:{free_port()}/dicom-web"):
        with pytest.raises(Unreadable, match="PACS"):
            list(Pacs(wrong).pull(inbox, date(2026, 1, 1), "SR"))
    without_wado = Pacs(orthanc.dicomweb, wado=f"{orthanc.http.base_url}nowhere")
    orthanc.add(sr(instance="not fetched"))
    assert all(one.error for one in without_wado.pull(inbox, date(2026, 1, 1), "SR"))
