"""Examples for late measurements and later versions of a template; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples import DOCUMENTS, REPORT

LATE = {
    "report": REPORT["id"],
    "version": 2,
    "status": "partial",
    "documents": DOCUMENTS,
    "changes": [
        {
            "field": "left_ica_prox_psv",
            "label": "Left ICA proximal PSV",
            "before": "",
            "after": "92 cm/s",
            "provenance": "imported",
            "stays": False,
        }
    ],
    "refused": "",
    "applicable": True,
    "addendum": "",
}
DECLINED = {"documents": [DOCUMENTS[0]["sop_instance_uid"]]}
_OLD = "0f6c1f0f7f4f1c9b5f0c3a52a1d6a1c0e9b8a7d6c5b4a39281706f5e4d3c2b1a"
_NEW = "1b2c3d4e5f60718293a4b5c6d7e8f90a1c0e9b8a7d6c5b4a39281706f5e4d3c2"
MIGRATION = {
    "report": REPORT["id"],
    "version": 2,
    "source": _OLD,
    "target": _NEW,
    "current": False,
    "kept": 78,
    "moved": [{"field": "comparison", "to": "earlier_examination", "label": "Comparison"}],
    "lost": [
        {
            "field": "remark",
            "label": "Remark",
            "text": "patient was restless",
            "reason": "the later version has no such field, or nothing tells which of several it is",
        }
    ],
    "new": [{"field": "left_plaque_length", "label": "Left plaque length"}],
}
MIGRATE = {"target": _NEW}
