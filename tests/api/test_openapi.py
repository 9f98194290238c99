"""The OpenAPI document: 3.1, every operation described, with examples that are valid for their schemas."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from api import (
    accounts,
    examples,
    examples_audit,
    examples_continuing,
    examples_evaluate,
    examples_history,
    examples_identity,
    examples_jobs,
    examples_logic,
    examples_operations,
    examples_packages,
    examples_reading,
    examples_signing,
    examples_worklist,
    formats,
    jobs,
    late,
    migration,
    oauth,
    reports,
    session,
    signing,
    tokens,
    versions,
)
from api.audit import AuditPage
from api.formats import FormatView
from api.health import Health
from api.permissions import NEEDED
from api.probes import Alive
from api.problems import ProblemDetails
from api.unmapped import UnmappedView
from mrrt.problems import Problem
from mrrt.template import Template
from reporting.credentials import Made
from reporting.difference import Difference
from reporting.evaluating import Evaluation, EvaluationView
from reporting.history import HistoryView
from reporting.identities import Account, Credential
from reporting.importing import ImportResult, LookedOver, Opened
from reporting.jobs import Job
from reporting.lateness import LateView
from reporting.library import VersionLine
from reporting.logic_view import LogicView
from reporting.moving import MigrationView
from reporting.page_view import PageView
from reporting.records import AuditEvent, DocumentLine
from reporting.templates import TemplateSummary
from reporting.verifying import Verification
from reporting.views import Changes, DocumentView, FormView, ReceiptView, ReportView
from reporting.worklist import LateReports, Reports, Studies, WorklistView

from .conftest import V1, TestClient

MODELS: list[tuple[Any, Any]] = [
    (list[TemplateSummary], examples.TEMPLATES),
    (Template, examples.TEMPLATE),
    (TemplateSummary, examples.STORED),
    (TemplateSummary, examples.RETIRED),
    (list[VersionLine], examples.VERSIONS),
    (list[Problem], examples.PROBLEMS),
    (list[ImportResult], examples.IMPORTED),
    (ReceiptView, examples.RECEIPT),
    (DocumentView, examples.DOCUMENT),
    (ReportView, examples.REPORT),
    (HistoryView, examples_history.HISTORY),
    (LogicView, examples_logic.LOGIC),
    (PageView, examples_logic.PAGE),
    (list[LookedOver], examples_packages.LOOKED_OVER),
    (Opened, examples_packages.OPENED),
    (FormatView, formats.EXAMPLE[0]),
    *((ReportView, getattr(examples_signing, name)) for name in ("SIGNED", "PRELIMINARY", "REVISED", "APPENDED")),
    *((ReportView, getattr(examples_signing, name)) for name in ("CANCELLED", "WITHDRAWN")),
    (signing.Acknowledgements, examples_signing.ACKNOWLEDGEMENTS),
    (signing.SignatureRequest, examples_signing.SIGNATURE),
    (signing.RevisionRequest, examples_signing.REVISION),
    (signing.AddendumRequest, examples_signing.ADDENDUM),
    (signing.Reason, examples_signing.REASON),
    (LateView, examples_continuing.LATE),
    (late.Declined, examples_continuing.DECLINED),
    (MigrationView, examples_continuing.MIGRATION),
    (migration.Migration, examples_continuing.MIGRATE),
    (Changes, examples.CHANGES),
    (ProblemDetails, examples.WRONG_VALUES),
    (FormView, examples.FORM_VIEW),
    (reports.Page, examples.PAGE),
    (reports.Creation, examples.CREATION),
    (reports.Edits, examples.EDITS),
    (reports.Addition, examples.ADDITION),
    (Health, examples.HEALTH),
    (Alive, examples_operations.ALIVE),
    (Alive, examples_operations.READY),
    (AuditPage, examples_audit.PAGE),
    (AuditEvent, examples_audit.EVENT),
    (Verification, examples_audit.VERIFICATION),
    (list[UnmappedView], examples.UNMAPPED),
    (list[DocumentLine], examples.DOCUMENTS),
    (session.SignInRequest, examples_identity.SIGN_IN),
    (session.SessionView, examples_identity.SESSION),
    (session.PasswordChange, examples_identity.NEW_PASSWORD),
    (oauth.AccessToken, examples_identity.ACCESS),
    (list[Account], examples_identity.ACCOUNTS),
    (accounts.NewAccount, examples_identity.NEW_ACCOUNT),
    (accounts.AccountChange, examples_identity.CHANGE),
    (list[Credential], examples_identity.TOKENS),
    (Credential, examples_identity.REVOKED),
    (tokens.NewToken, examples_identity.NEW_TOKEN),
    (Made, examples_identity.MADE),
    (versions.VersionPage, examples_reading.VERSION_PAGE),
    (Difference, examples_reading.DIFFERENCE),
    (ProblemDetails, examples_reading.WRONG_QUERY),
    (Evaluation, examples_evaluate.EVALUATION),
    (EvaluationView, examples_evaluate.EVALUATED),
    (ProblemDetails, examples_evaluate.WRONG_VALUES),
    (jobs.Asked, examples_jobs.REQUEST),
    *((Job, getattr(examples_jobs, name)) for name in ("QUEUED", "RUNNING", "CANCELLED")),
    (jobs.JobPage, examples_jobs.PAGE),
    (WorklistView, examples_worklist.WORKLIST),
    (Studies, examples_worklist.UNREPORTED),
    *((Reports, getattr(examples_worklist, name)) for name in ("DRAFTS", "TO_SIGN", "SIGNED")),
    (LateReports, examples_worklist.LATE),
]


@pytest.mark.parametrize(("model", "example"), MODELS)
def test_examples_are_valid(model: Any, example: Any) -> None:
    TypeAdapter(model).validate_python(example)


def test_every_operation_has_examples(client: TestClient) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] and operation["description"], path
            for status, answer in operation["responses"].items():
                if status != "200" or method != "post" or path != f"{V1}/documents":
                    assert all("example" in one for one in answer.get("content", {}).values()), (method, path, status)
            if "requestBody" in operation:
                assert all("example" in one for one in operation["requestBody"]["content"].values()), (method, path)


def test_examples_are_valid_by_the_schemas_beside_them(client: TestClient) -> None:
    """Generators and mocks read the document alone: what our models forgive is wrong for them."""
    document = client.get(f"{V1}/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for place in (operation.get("requestBody", {}), *operation["responses"].values()):
                for content in place.get("content", {}).values():
                    if "schema" in content and "example" in content:
                        schema = content["schema"] | {"components": document["components"]}
                        wrong = [one.message for one in Draft202012Validator(schema).iter_errors(content["example"])]
                        assert not wrong, (method, path, wrong)


def test_a_client_can_be_generated(client: TestClient) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    titles = [one["title"] for one in document["components"]["schemas"].values()]
    assert len(titles) == len(set(titles)), "generators name classes by titles"
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert {one["operationId"] for one in operations} == set(NEEDED) - {"openapi"}
    assert {kind["type"] for kind in document["components"]["securitySchemes"].values()} == {"http", "oauth2", "apiKey"}
    public = {one["operationId"] for one in operations if not one["security"]}
    assert "sign_in" in public and "get_report" not in public


def test_headers_that_are_described_are_sent(client: TestClient) -> None:
    made = client.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    edited = client.patch(made.headers["Location"], json={"edits": [{"field": "right_psv", "value": "100"}]})
    job = client.post(f"{V1}/jobs", json={"kind": "verify-audit"})
    answers = {"create_report": made, "edit_report": edited, "get_report": client.get(made.headers["Location"])}
    answers["cancel_report"] = client.post(f"{made.headers['Location']}/cancel", json={"reason": "again"})
    document = client.get(f"{V1}/openapi.json").json()
    operations = [one for path in document["paths"].values() for one in path.values()]
    described = {one["operationId"]: one["responses"] for one in operations}
    for name, answer in (answers | {"create_job": job}).items():
        headers = set(described[name][str(answer.status_code)]["headers"]) - {"Idempotent-Replay"}
        assert headers and all(one in answer.headers for one in headers), name


def test_every_reference_leads_somewhere(client: TestClient) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    assert set(references(document)) <= known
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_errors_in_examples_are_problem_details(client: TestClient) -> None:
    document = client.get(f"{V1}/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    ProblemDetails.model_validate(answer["content"]["application/problem+json"]["example"])


def test_what_is_outdated_says_the_version_that_is_stored(strict: TestClient) -> None:
    strict.post(f"{V1}/reports", json={"template": "tiny-carotid"})
    stale = strict.post(f"{V1}/reports/r1/cancel", json={"reason": "none"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    described = strict.get(f"{V1}/openapi.json").json()["paths"][f"{V1}/reports/{{report_id}}/cancel"]["post"]
    assert "ETag" in described["responses"]["412"]["headers"]
    assert "415" in described["responses"]
