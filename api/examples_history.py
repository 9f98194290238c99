"""Examples for reports beside earlier ones; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

from api.examples import REPORT

HISTORY = {
    "report": REPORT["id"],
    "version": 2,
    "earlier": [
        {
            "report": "0e8f0a52-6a53-4f0c-9d4e-5f6d0f2a7c11",
            "version": 3,
            "status": "final",
            "study_date": "2025-01-14",
            "patient_name": "EXAMPLE^ADELE",
        }
    ],
    "lines": [
        {
            "field": "right_ica_prox_psv",
            "label": "Right ICA proximal PSV",
            "number": True,
            "unit": "cm/s",
            "before": ["182 cm/s"],
            "now": "336 cm/s",
            "changed": True,
            "change": "154",
            "percent": "+85",
            "points": 2,
        }
    ],
}
PLOT: dict[str, Any] = {
    "content": {
        "image/svg+xml": {
            "schema": {"type": "string"},
            "example": '<svg xmlns="http://www.w3.org/2000/svg"><title>Right ICA proximal PSV</title></svg>',
        }
    }
}
