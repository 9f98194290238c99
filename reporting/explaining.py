"""Why the values of a report are what they are: worked out when asked, for software and for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mrrt.derive.explain import Reasons, explain, explain_all
from mrrt.report import Report
from reporting.draft import in_shape
from reporting.templates import Compiled, compiled, shaped

if TYPE_CHECKING:
    from reporting.store import Store


def reasons(store: Store, report_id: str) -> Mapping[str, Reasons]:
    """Return the reasons of every calculated field of a stored report; raises NotFound."""
    report, shape = _report(store, report_id)
    return explain_all(report, shape.full, shape.logic)


def reasons_of(store: Store, report_id: str, field: str) -> Reasons:
    """Return the reasons of one calculated field; raises NotFound for a report or a field that there is not."""
    report, shape = _report(store, report_id)
    return explain(report, shape.full, shape.logic, field)


def explained_json(report: Report, shape: Compiled) -> dict[str, Any]:
    """Return the explanation of every calculation as plain data, those of fields of the template in full."""
    full = explain_all(in_shape(report, shape), shape.full, shape.logic)
    return {
        key: one.model_dump(mode="json") | (_beyond(full[key]) if key in full else {})
        for key, one in sorted(report.explanations.items())
    }


def _beyond(found: Reasons) -> dict[str, Any]:
    """Return what the reasons say beyond the explanation that the report itself holds."""
    data = found.model_dump(mode="json", include={"logic_version", "missing", "flips", "by_criteria"})
    return data | {"used": [one.model_dump(mode="json") for one in found.inputs]}


def _report(store: Store, report_id: str) -> tuple[Report, Compiled]:
    with store.reading() as transaction:
        draft = transaction.report(report_id).draft
        shape = shaped(compiled(transaction.template(draft.template_version)), draft.report)
    return in_shape(draft.report, shape), shape
