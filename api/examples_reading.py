"""Examples for versions, differences, searches and worklists; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples import PAGE, REPORT

_AT = "2026-01-30T09:15:02.000000+00:00"
_DIGEST = "1b2c3d4e5f60718293a4b5c6d7e8f90a1c0e9b8a7d6c5b4a39281706f5e4d3c2"
VERSION_PAGE = {
    "versions": [
        {"version": 3, "status": "final", "action": "sign", "digest": _DIGEST, "actor": "example", "at": _AT},
        {"version": 2, "status": "partial", "action": "edit", "digest": _DIGEST, "actor": "example", "at": _AT},
    ],
    "next": "WzJd",
}
DIFFERENCE = {
    "report": REPORT["id"],
    "from_version": 1,
    "to_version": 2,
    "fields": [
        {
            "field": "right_ica_prox_psv",
            "label": "Right ICA proximal PSV",
            "kind": "changed",
            "before": {
                "value": "325.8",
                "unit": "cm/s",
                "text": "325.8 cm/s",
                "provenance": "imported",
                "source": {"document": "2.25.120044971187302285504839271180012345", "path": "1.5.2.3"},
            },
            "after": {"value": "310", "unit": "cm/s", "text": "310 cm/s", "provenance": "typed"},
        }
    ],
    "status": None,
    "template": None,
    "about": None,
    "criteria": {"added": ["SRU 2003"], "removed": []},
    "documents": {"added": [], "removed": []},
}
WRONG_QUERY = {
    "type": "urn:mrrt:problem:wrong-query",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "query.value.0: >= compares numbers. Write a number such as 230 or 1.8, without a unit.",
    "errors": [
        {
            "place": "query.value.0",
            "message": ">= compares numbers",
            "mend": "Write a number such as 230 or 1.8, without a unit.",
        }
    ],
}
SUMMARY = PAGE["reports"][0]  # type: ignore[index]
