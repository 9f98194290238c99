"""Examples of packages that are looked over; a test proves that each is valid for its route."""

from __future__ import annotations

from api.examples_logic import PAGE

LOOKED_OVER = [
    {
        "file": "chest/template.html",
        "outcome": "refused",
        "identifier": "",
        "name": "",
        "title": "",
        "version": None,
        "detail": "1 problem",
        "problems": [
            {
                "rule": "L12",
                "severity": "error",
                "message": '"grade" claims to be complete, but no rule applies to psv = 125',
                "mend": "Add a rule for them.",
                "file": "chest/logic.yaml",
                "line": 7,
                "column": 5,
            }
        ],
        "needs_new_version": False,
        "files": ["logic.yaml"],
    }
]
OPENED = {"page": PAGE, "texts": {"logic.yaml": "version: 1\n..."}}
