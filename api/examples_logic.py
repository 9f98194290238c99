"""Examples for what the template desk asks; a test proves that each is valid for its route."""

from __future__ import annotations

LOGIC = {
    "template": "us-carotid-duplex",
    "version": "2",
    "digest": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    "tables": [
        {
            "name": "grade by velocity",
            "criteria": "SRU 2003",
            "source": "Grant et al., Radiology 2003;229:340-346",
            "hit_policy": "UNIQUE",
            "inputs": ["psv"],
            "outputs": ["grade"],
            "rules": [
                {"inputs": ["< 125"], "outputs": ['"lt50"'], "annotation": ""},
                {"inputs": [">= 125"], "outputs": ['"ge50"'], "annotation": "PSV 125 cm/s and more"},
            ],
            "proof": {"complete": True, "gaps": [], "overlaps": [], "unreachable": [], "reason": ""},
        }
    ],
    "formulas": [],
    "calculations": [
        {
            "field": "right_ica_grade",
            "label": "Right ICA stenosis",
            "unit": None,
            "expression": "grade by velocity(right_ica_psv)",
            "by": None,
            "criteria": {},
        }
    ],
    "conditions": [
        {
            "name": "right_high_grade",
            "kind": "alert",
            "field": "right_ica_grade",
            "severity": "warning",
            "text": 'right_ica_grade = "ge70"',
            "message": "Has the referring physician been told?",
        }
    ],
    "cases": [
        {"name": "normal", "why": "PSV below 125", "line": 2, "passed": True, "misses": [], "refused": None},
    ],
}
PAGE = {
    "title": "CT Chest",
    "identifier": "http://example.org/template/7",
    "fields": [{"key": "side", "kind": "select", "label": "Side", "section": "findings"}],
    "text": "<!DOCTYPE html>...",
    "problems": [
        {
            "rule": "M2",
            "severity": "warning",
            "message": "the template states no dcterms.language",
            "mend": 'Write <meta name="dcterms.TERM" content="..."> into the head.',
            "file": "page",
            "line": 1,
            "column": 1,
        }
    ],
    "mended": '<!DOCTYPE html><meta name="dcterms.language" content="en">...',
    "done": [{"rule": "M2", "line": 1, "message": "dcterms.language is en"}],
    "left": [],
    "form": '<section><label for="side">Side</label><select id="side" data-field="side"></select></section>',
}
