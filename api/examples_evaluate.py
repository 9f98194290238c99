"""Examples for stateless evaluation; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples import REPORT

EVALUATION = {
    "template": "us-carotid-duplex",
    "language": "en",
    "values": {
        "right_ica_prox_psv": {"value": "3.1", "unit": "m/s"},
        "right_plaque": "present",
        "left_eca_psv": {"absent": "not-performed"},
    },
    "render": ["text"],
}
_SHARED = (
    *("language", "template", "patient", "study", "documents", "shape", "values", "explanations", "irrelevant"),
    *("required", "criteria", "problems", "unmatched", "ambiguous"),
)
EVALUATED = {name: REPORT[name] for name in _SHARED} | {
    "alerts": [],
    "renderings": {
        "text": {
            "media_type": "text/plain; charset=utf-8",
            "text": "US Carotid Duplex\n\nRight ICA proximal PSV: 310 cm/s\n",
            "base64": None,
        }
    },
}
WRONG_VALUES = {
    "type": "urn:mrrt:problem:wrong-values",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": '"right_ica_prox_psv" takes a number, not "fast". Enter a number such as 120 or 1.8 m/s.',
    "errors": [
        {
            "place": "body.values.right_ica_prox_psv",
            "message": '"right_ica_prox_psv" takes a number, not "fast"',
            "mend": "Enter a number such as 120 or 1.8 m/s.",
            "field": "right_ica_prox_psv",
            "label": "Right ICA proximal PSV",
        }
    ],
}
