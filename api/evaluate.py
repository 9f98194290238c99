"""`/evaluate`: values in, whole derivation out, for software that keeps reports itself."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api import examples, examples_evaluate, read_log
from api.deps import WorkflowDep
from api.permissions import Guarded, permit
from api.problems import documented
from reporting.access import Permission
from reporting.evaluating import Evaluation, EvaluationView, evaluate

router = APIRouter(tags=["evaluate"], route_class=Guarded)


@router.post(
    "/evaluate",
    openapi_extra=examples.request(examples_evaluate.EVALUATION),
    responses={
        200: examples.response(examples_evaluate.EVALUATED),
        **documented(404, 409, wrong=examples_evaluate.WRONG_VALUES),
    },
)
def evaluate_values(wanted: Evaluation, workflow: WorkflowDep, request: Request) -> EvaluationView:
    """Return what a draft with these values would say: all values with text and source, explanations, problems.

    Nothing is stored, but that documents were read is in the audit log. `render` names output formats that are wanted
    in the answer.
    """
    if wanted.documents:  # which are of patients
        permit(request, Permission.READ_REPORTS)
        read_log.shown(request, wanted.documents)
    return evaluate(workflow, wanted)
