"""Examples for the trial mode; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

from reporting.trial_figures import TrialLine, as_csv

COUNTED: dict[str, Any] = {
    "seconds": 48.2,
    "active_seconds": 21.5,
    "keystrokes": 14,
    "clicks": 3,
    "alerts_shown": 2,
    "alerts_heeded": 1,
}
LINE: dict[str, Any] = COUNTED | {
    "number": 1,
    "template": "us-carotid-duplex",
    "status": "final",
    "visits": 1,
    "fields_imported": 22,
    "fields_calculated": 9,
    "fields_typed": 3,
    "fields_corrected": 1,
    "fields_overruled": 0,
    "alerts_acknowledged": 1,
}
_CSV = {"schema": {"type": "string"}, "example": as_csv([TrialLine(**LINE)])}
LINES: dict[str, Any] = {"content": {"application/json": {"example": [LINE]}, "text/csv": _CSV}}
