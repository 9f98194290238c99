"""Audit events as FHIR R4 AuditEvent resources, in the codes of the DICOM audit messages."""

from __future__ import annotations

from typing import Any

from mrrt.code import Code
from reporting.audit_codes import APPLICATION, APPLICATION_LAUNCHER, STUDY, Meaning, is_address, meaning, outcome
from reporting.records import AuditEntry, AuditEvent

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_OWN = "urn:mrrt:audit-action"
_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
_TYPES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_SOURCES = "http://terminology.hl7.org/CodeSystem/security-source-type"
_OBSERVER = {"display": "mrrt"}
_PERSON, _SYSTEM = ("1", "Person"), ("2", "System Object")
_PATIENT, _REPORT, _MASTER_FILE = ("1", "Patient"), ("3", "Report"), ("5", "Master file")
_SECURITY_RESOURCE = ("13", "Security Resource")


def audit_event(entry: AuditEntry) -> dict[str, Any]:
    """Return one event as an AuditEvent."""
    event = entry.event
    said = meaning(event.action, report=event.report_id is not None)
    subtypes = [_coding(said.type)] if said.type is not None else []
    return {
        "resourceType": "AuditEvent",
        "id": str(event.id),
        "type": _coding(said.event),
        "subtype": [*subtypes, {"system": _OWN, "code": event.action}],
        "action": said.act,
        "recorded": event.at,
        "outcome": outcome(event.outcome),
        "agent": [_person(event, said), _software()],
        "source": {"observer": _OBSERVER, "type": [_of(_SOURCES, ("4", "Application Server"))]},
        "entity": _entities(entry),
    }


def bundle_entry(entry: AuditEntry) -> dict[str, Any]:
    """Return one event as an entry of a Bundle."""
    return {"fullUrl": f"urn:mrrt:audit:{entry.event.id}", "resource": audit_event(entry)}


def _person(event: AuditEvent, said: Meaning) -> dict[str, Any]:
    role = {"type": {"coding": [_coding(APPLICATION_LAUNCHER)]}} if said.of_launcher else {}
    network = {"network": {"address": event.source, "type": "2"}} if is_address(event.source) else {}
    return {**role, "who": {"identifier": {"value": event.actor}}, "requestor": True, **network}


def _software() -> dict[str, Any]:
    return {"type": {"coding": [_coding(APPLICATION)]}, "who": _OBSERVER, "requestor": False}


def _entities(entry: AuditEntry) -> list[dict[str, Any]]:
    event = entry.event
    about = {"version": "" if event.version is None else str(event.version), "digest": event.digest or ""}
    row = {name: getattr(event, name) for name in ("source", "request_id", "detail", "previous", "hash")}
    found = [
        _entity(event.report_id, _SYSTEM, _REPORT, about),
        _entity(event.document, _SYSTEM, _REPORT, {"digest": about["digest"]}),
        _entity(event.template, _SYSTEM, _MASTER_FILE, {} if event.report_id else about),
        _entity(entry.study_instance_uid, _SYSTEM, _REPORT, {}, STUDY),
        _entity(entry.patient_id, _PERSON, _PATIENT, {}),
        _entity(f"urn:mrrt:audit:{event.id}", _SYSTEM, _SECURITY_RESOURCE, row),
    ]
    return [one for one in found if one is not None]


def _entity(
    name: str | None, kind: tuple[str, str], role: tuple[str, str], said: dict[str, str], code: Code | None = None
) -> dict[str, Any] | None:
    if not name:
        return None
    identifier: dict[str, Any] = {"value": name}
    if code is not None:
        identifier = {"type": {"coding": [_coding(code)]}, **identifier}
    details = [{"type": key, "valueString": value} for key, value in said.items() if value]
    entity = {"what": {"identifier": identifier}, "type": _of(_TYPES, kind), "role": _of(_ROLES, role)}
    return {**entity, "detail": details} if details else entity


def _coding(code: Code) -> dict[str, str]:
    return {"system": _DCM, "code": code.value, "display": code.meaning}


def _of(system: str, code: tuple[str, str]) -> dict[str, str]:
    return {"system": system, "code": code[0], "display": code[1]}
