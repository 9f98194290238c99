"""Explanations over HTTP: the rule, its inputs, what would flip it; for one field, and for all."""

from __future__ import annotations

from decimal import Decimal

from pydantic import TypeAdapter

from api.explanations import EXAMPLE
from mrrt.derive.explain import Reasons

from ..reporting.site import sr
from .conftest import V1, TestClient
from .test_reports import draft, patch, receive


def test_a_field_explains_itself(strict: TestClient) -> None:
    draft(strict, receive(strict, sr(right=336.0)))
    found = strict.get(f"{V1}/reports/r1/explanations/right_grade").json()
    psv = next(one for one in found["inputs"] if one["name"] == "right_psv")
    assert (found["criteria"], found["rule"], psv["value"], psv["unit"]) == ("Tiny 2026", 3, "336", "cm/s")
    assert psv["provenance"] == "imported" and psv["source"]["document"] and psv["source"]["path"]
    flip = next(one for one in found["flips"] if one["input"] == "right_psv")
    assert flip["change"].startswith("-") and flip["outcome"] != found["calculated"]["value"]
    assert strict.get(f"{V1}/reports/r1/explanations").json()["right_grade"] == found


def test_what_is_explained_is_what_stands(strict: TestClient) -> None:
    draft(strict, receive(strict, sr(right=336.0)))
    first = strict.get(f"{V1}/reports/r1/explanations/right_grade").json()
    patch(strict, "r1", {"field": "right_psv", "value": 110})
    then = strict.get(f"{V1}/reports/r1/explanations/right_grade").json()
    assert first["calculated"]["value"] == "above" and then["calculated"]["value"] != "above"


def test_a_value_at_which_it_flips_flips_it(strict: TestClient) -> None:
    draft(strict, receive(strict, sr(right=336.0)))
    found = strict.get(f"{V1}/reports/r1/explanations/right_grade").json()
    flip = next(one for one in found["flips"] if one["input"] == "right_psv")
    value = str(Decimal(flip["high"]) - (0 if flip["high_closed"] else Decimal("0.1")))
    changed = patch(strict, "r1", {"field": "right_psv", "value": value}).json()["changed"]
    assert changed["right_grade"]["value"] == flip["outcome"]


def test_what_is_not_there_is_not_found(strict: TestClient) -> None:
    draft(strict)
    for path in ("reports/r9/explanations", "reports/r9/explanations/right_grade", "reports/r1/explanations/plaque"):
        answer = strict.get(f"{V1}/{path}")
        assert answer.status_code == 404 and answer.json()["detail"], path


def test_the_example_is_valid() -> None:
    TypeAdapter(Reasons).validate_python(EXAMPLE)
