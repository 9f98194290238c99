"""Audit events as DICOM audit messages: the XML of PS3.15 section A.5, one AuditMessage for each event."""

from __future__ import annotations

import base64

from lxml import etree

from mrrt.code import Code
from reporting.audit_codes import APPLICATION, APPLICATION_LAUNCHER, QUERY, STUDY, Meaning, is_address, meaning, outcome
from reporting.records import AuditEntry, AuditEvent

SOURCE = "mrrt"
"""AuditSourceID: the software that wrote the event."""
_APPLICATION_SERVER = "4"
_NETWORK_ADDRESS = "2"
_PERSON, _SYSTEM = "1", "2"
_PATIENT, _REPORT, _MASTER_FILE, _SECURITY_RESOURCE, _QUERY = "1", "3", "5", "13", "24"
_NUMBER_OF_PATIENT = Code(scheme="RFC-3881", value="2", meaning="Patient Number")
_NUMBER_OF_REPORT = Code(scheme="RFC-3881", value="9", meaning="Report Number")
_URI = Code(scheme="RFC-3881", value="12", meaning="URI")
_SEARCH_CRITERIA = Code(scheme="RFC-3881", value="10", meaning="Search Criteria")


def audit_message(entry: AuditEntry) -> bytes:
    """Return one event as an AuditMessage."""
    event = entry.event
    said = meaning(event.action, report=event.report_id is not None)
    root = etree.Element("AuditMessage")
    _identify(root, event, said)
    _participants(root, event, said)
    source = etree.SubElement(root, "AuditSourceIdentification", AuditSourceID=SOURCE)
    etree.SubElement(source, "AuditSourceTypeCode", {"csd-code": _APPLICATION_SERVER})
    _objects(root, entry, said)
    return etree.tostring(root, encoding="UTF-8")


def _identify(root: etree._Element, event: AuditEvent, said: Meaning) -> None:
    stamp = {"EventActionCode": said.act, "EventDateTime": event.at, "EventOutcomeIndicator": outcome(event.outcome)}
    part = etree.SubElement(root, "EventIdentification", stamp)
    _coded(part, "EventID", said.event)
    if said.type is not None:
        _coded(part, "EventTypeCode", said.type)
    own = Code(scheme="99MRRT", value=event.action, meaning=event.action)
    _coded(part, "EventTypeCode", own)


def _participants(root: etree._Element, event: AuditEvent, said: Meaning) -> None:
    who = etree.SubElement(root, "ActiveParticipant", UserID=_token(event.actor), UserIsRequestor="true")
    if is_address(event.source):
        who.set("NetworkAccessPointID", _token(event.source))
        who.set("NetworkAccessPointTypeCode", _NETWORK_ADDRESS)
    if said.of_launcher:
        _coded(who, "RoleIDCode", APPLICATION_LAUNCHER)
    software = etree.SubElement(root, "ActiveParticipant", UserID=SOURCE, UserIsRequestor="false")
    _coded(software, "RoleIDCode", APPLICATION)


def _objects(root: etree._Element, entry: AuditEntry, said: Meaning) -> None:
    event = entry.event
    if event.report_id is not None:
        part = _object(root, event.report_id, _SYSTEM, _REPORT, _NUMBER_OF_REPORT, event.report_id)
        _detail(part, "version", "" if event.version is None else str(event.version))
        _detail(part, "digest", event.digest or "")
    if event.document is not None:
        part = _object(root, event.document, _SYSTEM, _REPORT, _NUMBER_OF_REPORT, event.document)
        _detail(part, "digest", event.digest or "")
    if event.template is not None:
        _object(root, event.template, _SYSTEM, _MASTER_FILE, _URI, event.template)
    if entry.study_instance_uid:
        _object(root, entry.study_instance_uid, _SYSTEM, _REPORT, STUDY, entry.study_instance_uid)
    if entry.patient_id:
        _object(root, entry.patient_id, _PERSON, _PATIENT, _NUMBER_OF_PATIENT, entry.patient_id)
    if said.event == QUERY:
        _object(root, event.action, _SYSTEM, _QUERY, _SEARCH_CRITERIA, None, event.detail)
    part = _object(root, f"audit event {event.id}", _SYSTEM, _SECURITY_RESOURCE, _URI, "Security Audit Log")
    for name in ("source", "request_id", "detail", "previous", "hash"):
        _detail(part, name, getattr(event, name))


def _object(
    root: etree._Element, name: str, kind: str, role: str, code: Code, called: str | None, query: str = ""
) -> etree._Element:
    given = {"ParticipantObjectTypeCode": kind, "ParticipantObjectTypeCodeRole": role}
    given["ParticipantObjectID"] = _token(name)
    part: etree._Element = etree.SubElement(root, "ParticipantObjectIdentification", given)
    _coded(part, "ParticipantObjectIDTypeCode", code)
    if called is not None:
        etree.SubElement(part, "ParticipantObjectName").text = _token(called)
    else:
        etree.SubElement(part, "ParticipantObjectQuery").text = _base64(query)
    return part


def _detail(part: etree._Element, name: str, value: str) -> None:
    if value:
        etree.SubElement(part, "ParticipantObjectDetail", type=name, value=_base64(value))


def _coded(parent: etree._Element, name: str, code: Code) -> None:
    given = {"csd-code": code.value, "codeSystemName": code.scheme, "originalText": code.meaning}
    etree.SubElement(parent, name, given)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _token(text: str) -> str:
    """Return a text as a token of XML: white space in runs of one, and no letter that XML cannot hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()) or "-"
