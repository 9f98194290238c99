"""`/reports/{id}/explanations`: why calculated values are what they are, and what would make them others."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from api import examples
from api.deps import WorkflowDep
from api.permissions import Guarded
from api.problems import documented
from mrrt.derive.explain import Reasons
from reporting.draft import Printable
from reporting.explaining import reasons, reasons_of

router = APIRouter(prefix="/reports/{report_id}/explanations", tags=["reports"], route_class=Guarded)

EXAMPLE = {
    "field": "right_ica_grade",
    "calculated": {
        "value": "ge70",
        "unit": None,
        "absent": None,
        "provenance": "calculated",
        "source": {"rule": "ica stenosis by SRU 2003, rule 11", "criteria": "SRU 2003"},
    },
    "standing": None,
    "decision": "ica stenosis by SRU 2003",
    "criteria": "SRU 2003",
    "logic_version": "2",
    "rule": 11,
    "text": "PSV above 230 cm/s",
    "inputs": [
        {
            "name": "right_ica_psv",
            "parameter": "psv",
            "value": "336",
            "unit": "cm/s",
            "provenance": "calculated",
            "source": {"rule": "highest for grading"},
            "absent": None,
            "made_from": [
                {
                    "name": "right_ica_prox_psv",
                    "value": "336",
                    "unit": "cm/s",
                    "provenance": "imported",
                    "source": {"document": "2.25.1", "path": "1.5.2.3"},
                }
            ],
        }
    ],
    "missing": ["right_plaque_estimate"],
    "flips": [
        {
            "input": "right_ica_psv",
            "low": None,
            "high": "230",
            "low_closed": True,
            "high_closed": True,
            "unit": "cm/s",
            "change": "-106",
            "about": False,
            "outcome": "50_69",
            "rule": 9,
            "text": "at most 230 cm/s",
        }
    ],
    "by_criteria": [
        {"key": "sru_2003", "criteria": "SRU 2003", "value": "ge70", "in_force": True},
        {"key": "degum_2010", "criteria": "DEGUM 2010", "value": "80", "in_force": False},
    ],
}


@router.get("", responses={200: examples.response({"right_ica_grade": EXAMPLE}), **documented(404)})
def get_explanations(report_id: Printable, workflow: WorkflowDep) -> Mapping[str, Reasons]:
    """Return, for every calculated field: the rule, its inputs, what would flip it, and what other criteria say."""
    return reasons(workflow.store, report_id)


@router.get("/{field}", responses={200: examples.response(EXAMPLE), **documented(404)})
def get_explanation(report_id: Printable, field: Printable, workflow: WorkflowDep) -> Reasons:
    """Return why one calculated field has its value, and the nearest values of each input at which it would not."""
    return reasons_of(workflow.store, report_id, field)
