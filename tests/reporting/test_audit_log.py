"""The audit log as others take it.

1. Pages and filters.
2. DICOM audit messages are as PS3.15 section A.5.1 wants them, with codes that the DICOM dictionary has.
3. FHIR AuditEvents have what R4 asks for, and nothing beyond it.
4. Reads are noted without waiting for writers, and chained like everything else.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydicom.sr.codedict import codes

from mrrt.code import Code
from mrrt.errors import NotFound, UsageError
from reporting import audit_codes
from reporting.audit_codes import MEANINGS, Outcome, meaning, outcome
from reporting.audit_export import exported
from reporting.audit_log import AuditLog, moment
from reporting.records import AuditFilter, By, DocumentFilter
from reporting.signing import Signing
from reporting.verifying import verify
from reporting.workflow import Workflow

from .site import by, sr

SCHEMA = Path(__file__).parent / "fixtures" / "audit-message.rng"
EVERYTHING = AuditFilter()


@pytest.fixture
def log(workflow: Workflow) -> AuditLog:
    """A log with an event of each kind."""
    uid = workflow.receive(sr(), by("device")).document.sop_instance_uid or ""
    workflow.create("r1", "tiny-carotid", [uid], by("a", 10))
    made = AuditLog(workflow.store)
    about = {"report_id": "r1", "version": 1}
    made.note("read", by("b <\x07&>", 20), detail={"as": "text/plain"}, **about)
    made.note("search", by("b", 30), detail={"filters": ["patient"], "hits": 1})
    made.note("sign-in", by("c", 40), outcome=Outcome.REFUSED)
    made.note("create-account", by("c", 50), outcome=Outcome.FAILED)
    made.note("read-audit", by("d", 60))
    return made


def numbers(entries: Iterable[Any]) -> list[int]:
    return [one.event.id for one in entries]


def test_pages_and_filters(log: AuditLog) -> None:  # 1
    assert numbers(log.entries(EVERYTHING)) == [1, 2, 3, 4, 5, 6, 7]
    assert numbers(log.page(EVERYTHING, 3)) == [1, 2, 3] and numbers(log.page(EVERYTHING, 3, 3)) == [4, 5, 6]
    assert numbers(log.page(EVERYTHING, 3, newest=True)) == [7, 6, 5]
    assert numbers(log.page(EVERYTHING, 3, 3, newest=True)) == [2, 1]
    for wanted, found in (
        (AuditFilter(report="r1"), [2, 3]),
        (AuditFilter(actor="b"), [4]),
        (AuditFilter(action="search"), [4]),
        (AuditFilter(since=moment("2026-01-30T09:00:30Z"), until=moment("2026-01-30T10:00:50+01:00")), [4, 5]),
        (AuditFilter(document="1.2"), []),
        (AuditFilter(patient=log.entry(1).patient_id), [1, 2, 3]),
        (AuditFilter(patient=log.entry(1).patient_id, actor="a"), [2]),
        (AuditFilter(patient="nobody"), []),
        (AuditFilter(patient=""), []),
    ):
        assert numbers(log.entries(wanted)) == found, wanted


def test_one_event_knows_its_patient(log: AuditLog) -> None:  # 1
    with log.store.reading() as transaction:
        [patient] = {one.patient_id for one in transaction.documents(DocumentFilter(), 5)}
    assert log.entry(2).patient_id == log.entry(1).patient_id == patient != ""
    assert log.entry(4).patient_id == ""
    for number in (0, 8, -1):
        with pytest.raises(NotFound):
            log.entry(number)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "30.1.2026"])
def test_what_is_no_moment(text: str) -> None:  # 1
    with pytest.raises(UsageError, match="2026-01-30"):
        moment(text)


def test_audit_messages_follow_the_schema(log: AuditLog) -> None:  # 2
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    document = etree.fromstring(b"".join(exported(log.entries(EVERYTHING), "dicom")))
    assert len(document) == 7
    for message in document:
        schema.assertValid(message)
    read, search = document[2], document[3]
    assert [one.get("UserID") for one in read.iterfind("ActiveParticipant")] == ["b < &>", "mrrt"]
    about = {one.get("ParticipantObjectTypeCodeRole"): one.get("ParticipantObjectID") for one in read.iterfind("*")}
    assert about["3"] and about["1"] == log.entry(2).patient_id and about["13"] == "audit event 3"
    query = base64.b64decode(search.findtext("*/ParticipantObjectQuery") or "")
    assert json.loads(query) == {"filters": ["patient"], "hits": 1}
    codes_of = [one.find("EventIdentification/EventID").get("csd-code") for one in document]
    assert codes_of == ["110104", "110110", "110110", "110112", "110114", "110113", "110101"]
    outcomes = [one.find("EventIdentification").get("EventOutcomeIndicator") for one in document]
    assert outcomes == ["0", "0", "0", "0", "4", "8", "0"]


@pytest.mark.parametrize(("action", "code", "act"), [("arrive", "110104", "C"), ("drop", "110103", "D")])
def test_objects_of_the_inbox(workflow: Workflow, action: str, code: str, act: str) -> None:  # 2, 3
    made = AuditLog(workflow.store)
    sender = By("c-store US1", by().at, source="192.0.2.7")
    for uid in ("1.2.3", None):
        made.note(action, sender, document=uid, digest="d" * 64, detail={"number": 5})
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    document = etree.fromstring(b"".join(exported(made.entries(EVERYTHING), "dicom")))
    for message in document:
        schema.assertValid(message)
        event, who = message.find("EventIdentification"), message.find("ActiveParticipant")
        told = (event.find("EventID").get("csd-code"), event.get("EventActionCode"), who.get("UserID"))
        assert told == (code, act, "c-store US1") and who.get("NetworkAccessPointID") == "192.0.2.7"
    details = document[0].findall("ParticipantObjectIdentification/ParticipantObjectDetail")
    assert {one.get("type"): base64.b64decode(one.get("value")).decode() for one in details}["digest"] == "d" * 64
    bundle = json.loads(b"".join(exported(made.entries(EVERYTHING), "fhir")))
    resource = bundle["entry"][0]["resource"]
    assert (resource["type"]["code"], resource["action"]) == (code, act)
    assert resource["agent"][0]["network"]["address"] == "192.0.2.7"
    assert resource["entity"][0]["what"]["identifier"]["value"] == "1.2.3"


@pytest.mark.parametrize(("source", "is_one"), [("192.0.2.7", True), ("2001:db8::7", True), ("command line", False)])
def test_only_an_address_is_called_one(workflow: Workflow, source: str, is_one: bool) -> None:  # 2, 3
    made = AuditLog(workflow.store)
    made.note("export", By("operator", by().at, source=source))
    [message] = etree.fromstring(b"".join(exported(made.entries(EVERYTHING), "dicom")))
    etree.RelaxNG(etree.parse(SCHEMA)).assertValid(message)
    who = message.find("ActiveParticipant")
    assert (who.get("NetworkAccessPointID"), who.get("NetworkAccessPointTypeCode")) == (
        (source, "2") if is_one else (None, None)
    )
    told = {
        one.get("type"): base64.b64decode(one.get("value")).decode() for one in message.iter("ParticipantObjectDetail")
    }
    assert told["source"] == source
    [entry] = json.loads(b"".join(exported(made.entries(EVERYTHING), "fhir")))["entry"]
    assert entry["resource"]["agent"][0].get("network") == ({"address": source, "type": "2"} if is_one else None)
    assert {"type": "source", "valueString": source} in entry["resource"]["entity"][-1]["detail"]


def test_start_and_stop_of_a_program(workflow: Workflow) -> None:  # 2, 3
    made = AuditLog(workflow.store)
    for action in ("start", "stop"):
        made.note(action, by("operator"), detail={"program": "serve", "version": "1.2.3"})
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    document = etree.fromstring(b"".join(exported(made.entries(EVERYTHING), "dicom")))
    for message, type_ in zip(document, ("110120", "110121"), strict=True):
        schema.assertValid(message)
        told = [one.get("csd-code") for one in message.find("EventIdentification")]
        assert told[:2] == ["110100", type_]
        roles = {one.get("UserID"): one.find("RoleIDCode").get("csd-code") for one in message.iter("ActiveParticipant")}
        assert roles == {"operator": "110151", "mrrt": "110150"}
        details = {
            one.get("type"): base64.b64decode(one.get("value")) for one in message.iter("ParticipantObjectDetail")
        }
        assert json.loads(details["detail"])["version"] == "1.2.3"
    bundle = json.loads(b"".join(exported(made.entries(EVERYTHING), "fhir")))
    for entry, type_ in zip(bundle["entry"], ("110120", "110121"), strict=True):
        event = entry["resource"]
        assert (event["type"]["code"], event["subtype"][0]["code"]) == ("110100", type_)
        assert [one["type"]["coding"][0]["code"] for one in event["agent"]] == ["110151", "110150"]


def test_the_schema_can_fail() -> None:  # 2
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    assert not schema.validate(etree.fromstring(b"<AuditMessage/>"))


def test_codes_are_those_of_the_dictionary() -> None:  # 2
    ours = [one for one in vars(audit_codes).values() if isinstance(one, Code)]
    assert len(ours) >= 12
    named = (getattr(codes.DCM, name) for name in dir(codes.DCM))
    known = {one.value: one.meaning for one in named if hasattr(one, "meaning")}
    assert [one for one in ours if known.get(one.value) != one.meaning] == []


def test_every_action_has_a_meaning() -> None:  # 2
    assert all(one.act in "CRUDE" for one in MEANINGS.values())
    assert meaning("sign", report=True).act == "U" and meaning("anything", report=False).event.value == "110100"
    assert meaning("revoke-token", report=False).type == audit_codes.USER_ATTRIBUTES
    assert outcome("odd") == "8"


AGENT = {"type", "who", "requestor", "network"}
ENTITY = {"what", "type", "role", "detail"}


def test_fhir_audit_events(log: AuditLog) -> None:  # 3
    bundle = json.loads(b"".join(exported(log.entries(EVERYTHING), "fhir")))
    assert (bundle["resourceType"], bundle["type"], len(bundle["entry"])) == ("Bundle", "collection", 7)
    for number, entry in enumerate(bundle["entry"], 1):
        event = entry["resource"]
        assert set(event) == {
            *("resourceType", "id", "type", "subtype", "action", "recorded"),
            *("outcome", "agent", "source", "entity"),
        }
        assert event["resourceType"] == "AuditEvent" and event["id"] == str(number)
        assert event["outcome"] in ("0", "4", "8", "12") and event["action"] in "CRUDE"
        assert [one["requestor"] for one in event["agent"]] == [True, False]
        assert all(set(one) <= AGENT for one in event["agent"]) and event["source"]["observer"]
        assert all(set(one) <= ENTITY and one["what"]["identifier"]["value"] for one in event["entity"])
        assert all(one["valueString"] for entity in event["entity"] for one in entity.get("detail", []))
    assert bundle["entry"][2]["resource"]["type"]["code"] == "110110"
    assert json.loads(b"".join(exported([], "fhir"))) == {"resourceType": "Bundle", "type": "collection"}


def test_json_lines(log: AuditLog) -> None:  # 3
    lines = b"".join(exported(log.entries(EVERYTHING), "json")).splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(1, 8))
    with pytest.raises(UsageError, match="known are json, dicom, fhir"):
        exported([], "csv")


def test_reads_are_noted_while_a_report_is_being_changed(workflow: Workflow) -> None:  # 4
    workflow.create("r1", "tiny-carotid", [], by())
    log, done = AuditLog(workflow.store), threading.Event()

    def read() -> None:
        log.note("read", by("reader"), report_id="r1", version=1)
        done.set()

    if workflow.store.engine_name == "postgresql":
        with workflow.store.writing("r1"):
            threading.Thread(target=read, daemon=True).start()
            assert done.wait(10)
    else:
        read()
    assert verify(workflow.store).intact


def test_many_at_once_make_one_chain(workflow: Workflow) -> None:  # 4
    log = AuditLog(workflow.store)
    workflow.create("r1", "tiny-carotid", [], by())

    def act(name: str) -> None:
        for number in range(5):
            log.note("read", by(name, number), report_id="r1")

    threads = [threading.Thread(target=act, args=(f"reader {one}",)) for one in range(6)]
    for thread in threads:
        thread.start()
    Signing(workflow.store).acknowledge("r1", [], by())
    for thread in threads:
        thread.join()
    assert verify(workflow.store).intact and verify(workflow.store).events == 31
