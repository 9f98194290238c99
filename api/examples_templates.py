"""Examples for the versions of templates; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

_LINES = [
    {"kind": "same", "before": 12, "after": 12, "text": '<p><label for="psv">Right ICA PSV</label>'},
    {"kind": "removed", "before": 13, "after": None, "text": '<input id="psv" type="number">'},
    {"kind": "added", "before": None, "after": 13, "text": '<input id="psv" type="number" data-field-units="cm/s">'},
]
DIFFERENCE: dict[str, Any] = {
    "earlier": 1,
    "later": 2,
    "fields": [
        {
            "field": "psv",
            "label": "Right ICA PSV",
            "kind": "changed",
            "changes": [{"name": "unit", "before": None, "after": "cm/s"}],
        }
    ],
    "texts": [{"file": "template.html", "added": 1, "removed": 1, "parts": [_LINES]}],
}
