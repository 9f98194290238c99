"""Examples for what happens to a report after it was filled; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples import REPORT

_AT = "2026-01-30T09:15:02.000000+00:00"
_LATER = "2026-01-31T08:02:10.000000+00:00"


def _signature(status: str, by: str = "Dr. Example", at: str = _AT) -> dict[str, str]:
    return {"status": status, "by": by, "at": at, "actor": "example"}


_REASON = "The left side was measured again."
ACKNOWLEDGEMENTS = {
    "acknowledge": [{"rule": "C2", "field": "comparison", "reason": "There is no earlier examination."}]
}
SIGNATURE = ACKNOWLEDGEMENTS
REVISION = {"kind": "corrected", "reason": _REASON}
ADDENDUM = {"text": "The patient was told by telephone."}
REASON = {"reason": "It was made for another patient."}
_BY = {"signed_by": "Dr. Example", "signed_at": _AT}
SIGNED = (
    REPORT
    | _BY
    | {
        "version": 3,
        "status": "final",
        "signatures": [_signature("final")],
        "actions": ["revise", "append", "withdraw"],
        "updated_at": _AT,
    }
)
PRELIMINARY = SIGNED | {
    "status": "preliminary",
    "signatures": [_signature("preliminary")],
    "actions": ["edit", "fill", "migrate", "acknowledge", "sign", "cancel"],
}
REVISED = SIGNED | {
    "version": 4,
    "status": "partial",
    "signed_by": None,
    "signed_at": None,
    "revision": {
        "kind": "corrected",
        "reason": _REASON,
        "version": 3,
        "status": "final",
        "by": "Dr. Example",
        "at": _LATER,
    },
    "stands": {"version": 3, "status": "final"},
    "actions": ["edit", "fill", "migrate", "acknowledge", "sign-preliminary", "sign", "discard"],
    "updated_at": _LATER,
}
APPENDED = SIGNED | {
    "version": 4,
    "status": "appended",
    "signed_at": _LATER,
    "signatures": [_signature("final"), _signature("appended", at=_LATER)],
    "addenda": [{"text": ADDENDUM["text"], "by": "Dr. Example", "at": _LATER}],
    "updated_at": _LATER,
}
CANCELLED = REPORT | {"version": 2, "status": "cancelled", "reason": REASON["reason"], "actions": []}
WITHDRAWN = SIGNED | {"version": 4, "status": "entered-in-error", "reason": REASON["reason"], "actions": []}
