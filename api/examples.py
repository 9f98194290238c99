"""The examples in the OpenAPI document. A test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

_STUDY_UID = "2.25.226745101364951842106720184539013441"
_SR_UID = "2.25.120044971187302285504839271180012345"
_REPORT_ID = "5f0f4c1e-6b0a-4a43-9a53-9c5f6a9b2d11"
_PATIENT = {"identifier": "4711", "name": "Muster^Erika", "birth_date": "1950-01-31", "sex": "F"}
_STUDY = {
    "study_instance_uid": _STUDY_UID,
    "accession_number": "A2026001",
    "date": "2026-01-30",
    "description": "Carotid duplex",
    "device": "Example Ultrasound",
}
_PSV = {"scheme": "LN", "value": "11726-7", "meaning": "Peak systolic velocity"}
_ICA = {"scheme": "SCT", "value": "86117002", "meaning": "Internal carotid artery"}
_CAUTION = {
    "rule": "C2",
    "severity": "warning",
    "message": '"Comparison" is empty',
    "field": "comparison",
}

TEMPLATES = [
    {
        "name": "us-carotid-duplex",
        "identifier": "2.25.335532682702940833184152802401649089662",
        "title": "US Carotid Duplex",
        "translations": {"de": "Duplexsonographie der Karotiden"},
        "language": "en",
        "fields": 81,
        "problems": [],
    }
]
STORED = {
    "name": "http://example.org/template/7",
    "identifier": "http://example.org/template/7",
    "title": "CT Chest",
    "language": "en",
    "fields": 12,
    "problems": [],
    "origin": "stored",
    "version": 2,
    "status": "ACTIVE",
    "publisher": "Example Hospital",
    "creator": "Dr. Example",
    "license": "http://www.radreport.org/license.pdf",
    "date": "2026-01-30",
    "modality": ["CT", "computed tomography"],
}
RETIRED = STORED | {"status": "RETIRED", "version": 3}
VERSIONS = [
    {
        "version": 1,
        "status": "ACTIVE",
        "action": "store",
        "digest": "0f6c1f0f7f4f1c9b5f0c3a52a1d6a1c0e9b8a7d6c5b4a39281706f5e4d3c2b1a",
        "actor": "local user",
        "at": "2026-01-30T09:12:44.120000+00:00",
    }
]
PROBLEMS = [
    {
        "rule": "F6",
        "severity": "warning",
        "message": '"mmHg" is no UCUM code',
        "mend": "Write the UCUM code, for example mm[Hg] for mmHg.",
        "file": "CT Chest",
        "line": 24,
        "column": 7,
        "field": "gradient",
    }
]
IMPORTED = [
    {
        "file": "chest/template.html",
        "outcome": "created",
        "identifier": "http://example.org/template/7",
        "name": "chest",
        "title": "CT Chest",
        "version": 1,
        "detail": "",
        "problems": [],
    },
    {"file": "chest/notes.txt", "outcome": "ignored", "detail": "no template"},
]
STORED_TEXT = "CT Chest: version 2, 1 warnings\n"
PAGE_HTML = "<!DOCTYPE html><html><head><title>CT Chest</title></head><body></body></html>"
TEMPLATES_XML = (
    '<templates><template href="http://127.0.0.1:8000/IHETemplateService/http%3A%2F%2Fexample.org%2Ftemplate%2F7">'
    '<title>CT Chest</title><meta name="dcterms.title" content="CT Chest"/></template></templates>'
)
TEMPLATE: dict[str, Any] = {
    "identifier": "2.25.335532682702940833184152802401649089662",
    "title": "US Carotid Duplex",
    "language": "en",
    "dialect": "mrrt",
    "content": [
        {
            "type": "section",
            "key": "right",
            "name": "Right",
            "content": [{"type": "paragraph", "items": [{"type": "field", "key": "right_ica_prox_psv"}]}],
        }
    ],
    "fields": [
        {
            "key": "right_ica_prox_psv",
            "kind": "number",
            "label": "Right ICA proximal PSV",
            "unit": "cm/s",
            "section": "right",
        }
    ],
    "digest": "9f2c6d0b7b8e4f0d9a55c2b1e8a7d6f3c4b5a697887766554433221100ffeedd",
}
FORM = '<section data-section-name="Right"><input type="number" data-field="right_ica_prox_psv"></section>'
FORM_VIEW = {
    "report": _REPORT_ID,
    "version": 2,
    "shape": "9c1f5f0e7d2b4a60",
    "title": "US Carotid Duplex",
    "translations": {"de": "Duplexsonographie der Karotiden"},
    "fields": TEMPLATE["fields"],
    "html": FORM,
}
_FITS = [
    {
        "template": "us-carotid-duplex",
        "identifier": "2.25.335532682702940833184152802401649089662",
        "title": "US Carotid Duplex",
        "language": "en",
        "fields": 42,
        "bound": 44,
        "measurements": 162,
        "reason": "42 of its 44 bound fields are filled; 162 of 220 measurements have a place.",
    }
]
RECEIPT = {
    "sop_instance_uid": _SR_UID,
    "title": {"scheme": "LN", "value": "24616-5", "meaning": "Carotid arteries US"},
    "template": "5100",
    "patient": _PATIENT,
    "study": _STUDY,
    "measurements": 220,
    "problems": [],
    "fits": _FITS,
}
DOCUMENT = {
    "sop_instance_uid": _SR_UID,
    "sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.33",
    "template": "5100",
    "title": {"scheme": "LN", "value": "24616-5", "meaning": "Carotid arteries US"},
    "study_instance_uid": _STUDY_UID,
    "patient": _PATIENT,
    "study": _STUDY,
    "measurements": [
        {
            "path": "1.5.2.3",
            "code": _PSV,
            "value": "325.8",
            "unit": "cm/s",
            "unit_scheme": "UCUM",
            "site": _ICA,
            "laterality": "right",
        }
    ],
    "problems": [],
    "fits": _FITS,
}
_IMPORTED = {
    "value": "325.8",
    "unit": "cm/s",
    "text": "325.8 cm/s",
    "absent": None,
    "provenance": "imported",
    "source": {"document": _SR_UID, "path": "1.5.2.3", "received": "325.8", "received_unit": "cm/s"},
    "covered": None,
}
_TYPED = {
    "value": "310",
    "unit": "cm/s",
    "text": "310 cm/s",
    "absent": None,
    "provenance": "typed",
    "source": None,
    "covered": {
        "value": "325.8",
        "unit": "cm/s",
        "text": "325.8 cm/s",
        "provenance": "imported",
        "source": _IMPORTED["source"],
    },
}
_GRADE = {
    "value": "ge70",
    "unit": None,
    "text": "stenosis 70 % or more, below near occlusion",
    "absent": None,
    "provenance": "calculated",
    "source": {"rule": "ica stenosis, rule 7", "criteria": "SRU 2003"},
    "covered": None,
}
_EXPLANATION = {
    "decision": "ica stenosis",
    "criteria": "SRU 2003",
    "rule": 7,
    "inputs": {"psv": "325.8", "plaque": "present"},
    "unknown": [],
    "text": "",
}
CREATION = {"template": "us-carotid-duplex", "documents": [_SR_UID], "language": "en"}
ADDITION = {"documents": [_SR_UID]}
EDITS = {
    "edits": [
        {"field": "right_ica_prox_psv", "value": "3.1", "unit": "m/s"},
        {"field": "right_eca_psv", "value": "84,5", "language": "de"},
        {"field": "right_plaque", "value": "present"},
        {"field": "left_eca_psv", "value": None, "absent": "not-performed"},
        {"field": "left_cca_mid_psv", "revert": True},
    ]
}
WRONG_VALUES = {
    "type": "urn:mrrt:problem:wrong-values",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": '"right_ica_prox_psv" takes a number, not "fast". Enter a number such as 120 or 1.8 m/s.',
    "errors": [
        {
            "place": "body.edits.0",
            "message": '"right_ica_prox_psv" takes a number, not "fast"',
            "mend": "Enter a number such as 120 or 1.8 m/s.",
            "field": "right_ica_prox_psv",
            "label": "Right ICA proximal PSV",
        }
    ],
}
REPORT: dict[str, Any] = {
    "id": _REPORT_ID,
    "version": 1,
    "status": "partial",
    "language": "en",
    "template": {
        "name": "us-carotid-duplex",
        "identifier": "2.25.335532682702940833184152802401649089662",
        "title": "US Carotid Duplex",
        "version": "0f6c1f0f7f4f1c9b5f0c3a52a1d6a1c0e9b8a7d6c5b4a39281706f5e4d3c2b1a",
    },
    "patient": _PATIENT,
    "study": _STUDY,
    "viewer": None,
    "viewer_image": None,
    "trial": False,
    "documents": [_SR_UID],
    "shape": "9c1f5f0e7d2b4a60",
    "values": {"right_ica_prox_psv": _IMPORTED, "right_ica_grade": _GRADE},
    "explanations": {"right_ica_grade": _EXPLANATION},
    "irrelevant": [],
    "required": [],
    "criteria": ["SRU 2003"],
    "problems": [_CAUTION],
    "unmatched": [
        {
            "document": _SR_UID,
            "path": "1.5.2.9",
            "code": {"scheme": "LN", "value": "12023-8", "meaning": "Resistivity index"},
            "value": "0.61",
            "unit": "1",
            "site": _ICA,
            "laterality": "right",
            "segment": None,
            "reason": "no binding for this code",
        }
    ],
    "ambiguous": [],
    "signed_by": None,
    "signed_at": None,
    "created_at": "2026-01-30T09:12:44.120000+00:00",
    "updated_at": "2026-01-30T09:12:44.120000+00:00",
}
CHANGES = {
    "version": 2,
    "changed": {"right_ica_prox_psv": _TYPED, "right_ica_grade": _GRADE, "left_eca_psv": None},
    "explanations": {"right_ica_grade": _EXPLANATION},
    "irrelevant": ["right_stent_date"],
    "required": ["right_plaque"],
    "criteria": ["SRU 2003"],
    "problems": [_CAUTION],
    "unmatched": None,
    "ambiguous": None,
    "form_changed": False,
    "shape": "9c1f5f0e7d2b4a60",
}
PAGE = {
    "reports": [
        {
            "id": _REPORT_ID,
            "version": 3,
            "status": "final",
            "template": "2.25.335532682702940833184152802401649089662",
            "template_name": "us-carotid-duplex",
            "template_title": "US Carotid Duplex",
            "patient_id": "4711",
            "patient_name": "Muster^Erika",
            "accession_number": "A2026001",
            "study_instance_uid": _STUDY_UID,
            "study_date": "2026-01-30",
            "created_at": "2026-01-30T09:12:44.120000+00:00",
            "updated_at": "2026-01-30T09:15:02.000000+00:00",
            "author": "example",
            "signed_version": 3,
            "signed_status": "final",
            "signed_by": "Dr. Example",
            "signed_at": "2026-01-30T09:15:02.000000+00:00",
            "revision": None,
        }
    ],
    "next": None,
}
RENDERED_JSON = {"status": "final", "language": "en", "values": {"right_ica_prox_psv": {"value": "310"}}}
HEALTH = {
    "status": "ok",
    "version": "0.1.0",
    "templates": {"ready": True, "compiled": 2},
    "reception": {
        "importing": True,
        "error": "",
        "inbox": {"imported": 1204, "failed": 1},
        "dicom": {"associations": 310, "rejected": 0, "objects": 1205, "refused": 0, "bytes": 81203344, "open": 2},
    },
}
_STOW_NAMES = {
    "00081150": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.88.33"]},
    "00081155": {"vr": "UI", "Value": [_SR_UID]},
}
STOW_STORED = {"00081199": {"vr": "SQ", "Value": [_STOW_NAMES]}}
STOW_REFUSED = {"00081198": {"vr": "SQ", "Value": [_STOW_NAMES | {"00081197": {"vr": "US", "Value": [0x0122]}}]}}
DOCUMENTS = [
    {
        "sop_instance_uid": _SR_UID,
        "received_at": "2026-01-30T09:12:40.000000+00:00",
        "title": "Carotid arteries US",
        "study_instance_uid": _STUDY_UID,
        "patient_id": "4711",
        "accession_number": "A-2026-0130",
        "study_date": "2026-01-30",
        "device": "Example Ultrasound 3",
        "measurements": 220,
    }
]
UNMAPPED = [
    {
        "template": "2.25.335532682702940833184152802401649089662",
        "manufacturer": "Example",
        "model": "Ultrasound 3",
        "code": {"scheme": "LN", "value": "12023-8", "meaning": "Resistivity index"},
        "site": _ICA,
        "segment": None,
        "unit": "1",
        "reason": "no binding for this code",
        "count": 212,
        "lowest": "0.41",
        "highest": "0.97",
        "first_seen": "2026-01-30T09:12:44.120000+00:00",
        "last_seen": "2026-03-02T15:40:01.000000+00:00",
        "proposal": {
            "kind": "binding",
            "field": "",
            "yaml": 'bindings:\n  FIELD: {code: resistivity_index, site: internal_carotid_artery, unit: "1"}\n',
            "why": "no free field of the template fits; FIELD is to be its key",
        },
        "language": "en",
    }
]


def response(example: Any, media_type: str = "application/json") -> dict[str, Any]:
    """Return the description of an answer with an example."""
    return {"content": {media_type: {"example": example}}}


def two_ways(example: Any, page: str) -> dict[str, Any]:
    """Return the description of an answer that comes as JSON or as a page."""
    as_page = {"text/html": {"schema": {"type": "string"}, "example": page}}
    return {"content": {"application/json": {"example": example}, **as_page}}


def request(example: Any) -> dict[str, Any]:
    """Return the addition to a route's description that gives its request an example."""
    return {"requestBody": {"content": {"application/json": {"example": example}}}}
