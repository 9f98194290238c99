"""Reports as JSON, for other software: every value with label, unit, text, provenance and source."""

from __future__ import annotations

import json
from typing import Any

from mrrt.render.outline import shown
from mrrt.report import Report, Value
from mrrt.template import Field, Template


def render_json(report: Report, template: Template, language: str) -> str:
    """Return the report as JSON with sorted keys; numbers are decimals as text, exactly as received or typed."""
    fields = template.field_by_key
    relevant = {key: value for key, value in report.values.items() if key not in report.irrelevant}
    document = {
        "template": {"identifier": template.identifier, "title": template.title, "digest": template.digest},
        "language": language,
        "status": report.status,
        "patient": report.patient.model_dump(mode="json"),
        "study": report.study.model_dump(mode="json"),
        "documents": list(report.documents),
        "values": {key: _value(fields.get(key), value, language) for key, value in relevant.items()},
        "explain": {
            key: explained.model_dump(mode="json")
            for key, explained in report.explanations.items()
            if key not in report.irrelevant
        },
        "criteria": list(report.criteria),
        "problems": [problem.model_dump(mode="json", exclude_none=True) for problem in report.shown_problems],
        "addenda": [one.model_dump(mode="json") for one in report.addenda],
        "acknowledged": [one.model_dump(mode="json") for one in report.acknowledged],
        "signatures": [one.model_dump(mode="json") for one in report.signatures],
        "revision": None if report.revision is None else report.revision.model_dump(mode="json"),
        "reason": report.reason,
        "signed_by": report.signed_by,
        "signed_at": report.signed_at,
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _value(field: Field | None, value: Value, language: str) -> dict[str, Any]:
    data = value.model_dump(mode="json", exclude_none=True) | {"value": value.model_dump(mode="json")["value"]}
    if field is not None:
        data |= {"label": field.label_in(language), "text": shown(field, value, language)}
    return data
