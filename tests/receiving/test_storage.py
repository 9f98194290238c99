"""C-STORE: what devices send is safe, imported once, and never in place of something else.

1. Stock senders get through, in every transfer syntax; what is kept is what was sent.
2. The same object again changes nothing; other bytes under its UID are kept aside, and reported.
3. What cannot be read is kept and reported, and refused only where the site wants that.
4. What is no SR is refused, or kept where the site wants that.
5. Only devices that are named may deliver.
6. Trouble here is told as trouble that passes.
7. A device may send anything: the others go on.
8. What arrived, when and from whom is in the audit log, once for each object.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
import sqlalchemy as sa

import sr_import
from reporting.audit_log import AuditLog
from reporting.receiving.dicom import SR_CLASSES
from reporting.receiving.objects import as_file, data_set
from reporting.receiving.records import received_digest
from reporting.records import AuditFilter
from reporting.verifying import verify

from ..reporting.site import site, sr
from ..sr_writer import uid
from .conftest import Place, run, storescu
from .sender import COMPREHENSIVE, association, store

Places = Callable[..., Place]
UID = uid("one/instance")


def written(folder: Path, content: bytes, name: str = "one.dcm") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_echo(place: Places) -> None:  # 1
    port = place().port
    assert run("echoscu", "-aec", "MRRT", "127.0.0.1", port).returncode == 0
    assert run("echoscu", "-aec", "OTHER", "127.0.0.1", port).returncode != 0


@pytest.mark.peer
def test_a_question_is_refused_and_the_next_sender_taken(place: Places, tmp_path: Path) -> None:  # 1
    here = place()
    asked = run("findscu", "-aec", "MRRT", "-S", "-k", "QueryRetrieveLevel=STUDY", "127.0.0.1", here.port)
    assert "No Acceptable Presentation Contexts" in asked.stdout + asked.stderr
    assert storescu(here.port, written(tmp_path, sr()))
    assert here.states() == ["imported"]


@pytest.mark.peer
@pytest.mark.parametrize("syntax", ["-xi", "-xe", "-xb", "-xd"])
def test_stock_storescu_in_every_transfer_syntax(place: Places, tmp_path: Path, syntax: str) -> None:  # 1
    content = sr()
    here = place()
    assert storescu(here.port, syntax, written(tmp_path, content))
    assert here.states() == ["imported"]
    kept = here.document(UID)
    assert kept is not None
    assert sr_import.read(kept).measurements == sr_import.read(content).measurements


def test_the_bytes_are_those_that_were_sent(place: Places) -> None:  # 1
    here, data = place(), data_set(sr())
    with association(here.port) as made:
        assert store(made, UID, data) == 0
    assert here.states() == ["imported"]
    kept = here.document(UID) or b""
    assert data_set(kept) == data
    header = pydicom.dcmread(BytesIO(kept)).file_meta
    assert (header.MediaStorageSOPInstanceUID, header.MediaStorageSOPClassUID) == (UID, COMPREHENSIVE)


def test_every_sr_class_is_taken(place: Places) -> None:  # 1
    here = place()
    with association(here.port, classes=SR_CLASSES) as made:
        assert {str(one.abstract_syntax) for one in made.accepted_contexts} == set(SR_CLASSES)
        for number, sop_class in enumerate(SR_CLASSES):
            changed = pydicom.dcmread(BytesIO(sr(instance=f"class{number}")))
            changed.SOPClassUID = sop_class
            target = BytesIO()
            changed.save_as(target)
            assert store(made, uid(f"class{number}/instance"), data_set(target.getvalue()), sop_class) == 0
    assert here.states() == ["imported"] * len(SR_CLASSES)


def test_the_same_again_changes_nothing(place: Places, tmp_path: Path) -> None:  # 2
    here, file = place(), written(tmp_path, sr())
    assert storescu(here.port, "-xe", file)
    assert storescu(here.port, "-xe", file)  # imported meanwhile, or not
    assert here.states() == ["imported"]
    assert storescu(here.port, "-xi", file)
    assert storescu(here.port, "-xd", file)
    assert here.states() == ["imported"]


def test_other_bytes_are_kept_aside(place: Places, tmp_path: Path) -> None:  # 2
    here = place()
    assert storescu(here.port, written(tmp_path, sr(336.0)))
    first = here.settled() and here.document(UID)
    assert storescu(here.port, written(tmp_path, sr(100.0)))
    assert storescu(here.port, written(tmp_path, sr(100.0)))
    assert here.states() == ["imported", "conflict"]
    assert here.document(UID) == first
    aside = here.reception.inbox.content(here.entries()[1].id)
    assert sr_import.read(aside).measurements == sr_import.read(sr(100.0)).measurements


def test_other_bytes_before_the_first_was_imported(place: Places) -> None:  # 2
    here = place()
    with association(here.port) as made:
        for velocity in (336.0, 100.0, 336.0):
            assert store(made, UID, data_set(sr(velocity))) == 0
    assert here.states() == ["imported", "conflict"]
    assert here.document(UID) == here.reception.inbox.content(here.entries()[0].id)


BAD = {
    "half": data_set(sr())[:-500],
    "noise": bytes(range(256)) * 8,
    "of another instance": data_set(sr(instance="two")),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_kept_and_reported(place: Places, name: str) -> None:  # 3
    here = place()
    with association(here.port) as made:
        assert store(made, UID, BAD[name]) == 0
    (entry,) = here.settled()
    assert entry.state.value == "failed"
    assert entry.reason
    assert data_set(here.reception.inbox.content(entry.id)) == BAD[name]
    assert here.document(UID) is None


@pytest.mark.parametrize("name", BAD)
def test_a_site_may_refuse_what_cannot_be_read(place: Places, name: str) -> None:  # 3
    here = place(receive_unreadable="refuse")
    with association(here.port) as made:
        assert store(made, UID, BAD[name]) == 0xC000
        assert store(made, uid("good/instance"), data_set(sr(instance="good"))) == 0
        assert store(made, uid("good/instance"), data_set(sr(1.0, instance="good"))) == 0xC000
    assert here.states() == ["failed", "imported", "conflict"]


CT = "1.2.840.10008.5.1.4.1.1.2"


def ct_image() -> bytes:
    image = pydicom.Dataset()
    image.SOPClassUID, image.SOPInstanceUID, image.Modality = CT, uid("ct"), "CT"
    target = BytesIO()
    image.save_as(target, implicit_vr=False, little_endian=True)
    return as_file(target.getvalue(), CT, uid("ct"), "1.2.840.10008.1.2.1")


def test_what_is_no_sr_is_refused(place: Places, tmp_path: Path) -> None:  # 4
    here = place()
    assert not storescu(here.port, written(tmp_path, ct_image()))
    with association(here.port, classes=(CT, COMPREHENSIVE)) as made:
        assert [str(one.abstract_syntax) for one in made.accepted_contexts] == [COMPREHENSIVE]
    assert here.entries() == ()


def test_what_is_no_sr_is_kept_where_the_site_wants_that(place: Places, tmp_path: Path) -> None:  # 4
    here = place(receive_other="keep")
    assert storescu(here.port, written(tmp_path, ct_image()))
    assert here.states() == ["kept"]


@pytest.mark.parametrize(
    ("peers", "title", "taken"),
    [
        ("US1", "US1", True),
        ("US1,US2@127.0.0.1", "US2", True),
        ("US1", "US3", False),
        ("US1@10.1.2.3", "US1", False),
        ("US1@127.0.0.0/8", "US1", True),
        ("*@127.0.0.1", "ANYTHING", True),
        ("", "ANYTHING", True),
    ],
)
def test_only_named_devices_may_deliver(
    place: Places, tmp_path: Path, peers: str, title: str, taken: bool
) -> None:  # 5
    here = place(dicom_peers=peers)
    assert storescu(here.port, written(tmp_path, sr()), title=title) is taken
    assert len(here.entries()) == taken
    assert here.reception.state.dicom is not None
    assert here.reception.state.dicom["rejected"] == (not taken and "10.1.2.3" not in peers)


def test_so_many_at_the_same_time(place: Places) -> None:  # 5
    here = place(dicom_associations=1)
    with association(here.port) as first, association(here.port) as second:
        assert first.is_established
        assert second.is_rejected


def test_trouble_here_is_told_as_trouble(place: Places, tmp_path: Path) -> None:  # 6
    here = place()
    engine = sa.create_engine(site(tmp_path / "place0").database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE received_object RENAME TO away"))
    with association(here.port) as made:
        assert store(made, UID, data_set(sr())) == 0xA700
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO received_object"))
        assert store(made, UID, data_set(sr())) == 0
    engine.dispose()
    assert here.states() == ["imported"]


NOISE = {
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "a length of 4 GB": b"\x01\x00\xff\xff\xff\xff" + bytes(100),
    "half a head": b"\x04\x00\x00",
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_on_the_line_does_not_matter(place: Places, tmp_path: Path, name: str) -> None:  # 7
    here, noise = place(), NOISE[name]
    with (
        socket.create_connection(("127.0.0.1", here.port)) as silent,
        socket.create_connection(("127.0.0.1", here.port)) as loud,
    ):
        loud.sendall(noise)
        assert storescu(here.port, written(tmp_path, sr()))
        silent.close()
    assert here.states() == ["imported"]


def test_an_object_that_is_too_large_ends_the_association(place: Places) -> None:  # 7
    here = place(max_body_bytes=200_000)
    with association(here.port) as made:
        assert store(made, UID, bytes(2_000_000)) == -1
    with association(here.port) as made:
        assert store(made, UID, data_set(sr())) == 0
    assert here.states() == ["imported"]


def test_many_devices_at_once(place: Places) -> None:  # 7
    here = place()
    statuses: list[int] = []

    def device(number: int) -> None:
        with association(here.port, f"US{number}") as made:
            for count in range(5):
                name = f"d{number}-{count}"
                statuses.append(store(made, uid(f"{name}/instance"), data_set(sr(instance=name))))

    threads = [threading.Thread(target=device, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [0] * 30
    assert here.states() == ["imported"] * 30


def test_health_counts(place: Places, tmp_path: Path) -> None:
    here = place()
    assert storescu(here.port, written(tmp_path, sr()))
    here.settled()
    state = json.loads(here.reception.state.model_dump_json())
    assert state["inbox"] == {"imported": 1}
    assert state["importing"]
    assert state["dicom"]["objects"] == state["dicom"]["associations"] == 1


def test_what_arrived_is_in_the_audit_log(place: Places) -> None:  # 8
    here, half = place(), sr(instance="half")[:-500]
    with association(here.port) as made:
        for name, content in ((UID, sr()), (UID, sr()), (UID, sr(100.0)), (uid("half/instance"), half)):
            assert store(made, name, data_set(content)) == 0
    entries = here.settled()
    events = [one.event for one in AuditLog(here.store).entries(AuditFilter(action="arrive"))]
    assert [one.document for one in events] == [UID, UID, uid("half/instance")]
    assert {(one.actor, one.source, one.outcome) for one in events} == {("c-store US1", "127.0.0.1", "success")}
    first, other, last = (entry.id for entry in entries)
    told = [{"number": first}, {"number": other, "status": "conflict"}, {"number": last}]
    assert [json.loads(one.detail) for one in events] == told
    assert [one.at for one in events] == [entry.received_at for entry in entries]
    assert [one.digest for one in events] == [received_digest(content) for content in (sr(), sr(100.0), half)]
    assert verify(here.store).intact


def test_nothing_is_kept_without_its_event(place: Places, tmp_path: Path) -> None:  # 8
    here = place()
    engine = sa.create_engine(site(tmp_path / "place0").database_url)
    with association(here.port) as made:
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE audit_event RENAME TO away"))
        assert store(made, UID, data_set(sr())) == 0xA700 and here.entries() == ()
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO audit_event"))
        assert store(made, UID, data_set(sr())) == 0
    engine.dispose()
    assert here.states() == ["imported"] and verify(here.store).intact
