"""The history of a report, and what became different.

1. A version with itself has no difference; the other way round, a difference is its mirror.
2. What a difference says, put upon the texts of the earlier version, gives those of the later one.
3. Each version is shown as it was.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrrt.errors import NotFound
from mrrt.report import ReportStatus
from reporting.difference import Difference, difference
from reporting.draft import Draft, Edit, begin, edited
from reporting.signing import Signing
from reporting.templates import Compiled, installed_template, shaped
from reporting.versions import Versions
from reporting.views import value_views
from reporting.workflow import Workflow

from .site import SEEN, TEMPLATES, by, sr

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "right_psv": st.one_of(st.integers(1, 900).map(str), st.none()),
    "left_psv": st.integers(1, 900).map(str),
    "plaque": st.sampled_from(["none", "present", ""]),
    "character": st.sampled_from(["soft", "hard", ""]),
    "methods": st.lists(st.sampled_from(["bmode", "colour", "pulsed"]), unique=True).map(tuple),
}
ENTERED = st.fixed_dictionaries({}, optional=VALUES)


def state(values: dict[str, Any]) -> tuple[Draft, Compiled]:
    template = installed_template("tiny-carotid", (TEMPLATES,))
    draft = begin(template, [])
    if values:
        draft = edited(draft, template, [Edit(field=key, value=value) for key, value in values.items()])
    return draft, shaped(template, draft.report)


def texts(draft: Draft, template: Compiled) -> dict[str, str]:
    views = value_views(draft.report, template.template)
    return {key: view.text for key, view in views.items() if key not in draft.report.irrelevant}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ENTERED, ENTERED)
def test_differences(before: dict[str, Any], after: dict[str, Any]) -> None:  # 1, 2
    one, other = (1, *state(before)), (2, *state(after))
    assert difference("r", one, one).empty
    there, back = difference("r", one, other), difference("r", other, one)
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(f.field, mirror[f.kind], f.after, f.before) for f in back.fields} == {
        (f.field, f.kind, f.before, f.after) for f in there.fields
    }
    assert there.criteria.added == back.criteria.removed
    said = texts(*one[1:])
    for field in there.fields:
        if field.after is None:
            del said[field.field]
        else:
            assert said.get(field.field, None) == (None if field.before is None else field.before.text)
            said[field.field] = field.after.text
    assert said == texts(*other[1:])


def told(workflow: Workflow, signing: Signing) -> Versions:
    uid = workflow.receive(sr(), by()).document.sop_instance_uid
    workflow.create("r1", "tiny-carotid", [uid or ""], by())
    workflow.edit("r1", [Edit(field="right_psv", value="1.1 m/s"), Edit(field="conclusion", value="normal")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    signing.append("r1", "By telephone.", by())
    signing.revise("r1", ReportStatus.CORRECTED, "wrong side", by())
    return Versions(workflow.store)


def test_what_became_different(workflow: Workflow, signing: Signing) -> None:  # 2
    versions = told(workflow, signing)
    entered = versions.difference("r1", 2)
    psv = next(one for one in entered.fields if one.field == "right_psv")
    assert psv.kind == "changed" and psv.before and psv.after and psv.label == "Right ICA PSV"
    assert (psv.before.text, psv.after.text) == ("336.0 cm/s", "110 cm/s")
    assert (psv.before.provenance, psv.after.provenance) == ("imported", "typed")
    assert psv.before.source is not None and psv.before.source.path
    signed = versions.difference("r1", 3)
    assert signed.fields == () and signed.status and signed.status.after == "final"
    assert [one.status for one in signed.signatures_added] == ["final"]
    assert [one.text for one in versions.difference("r1", 4).addenda_added] == ["By telephone."]
    opened = versions.difference("r1", 5)
    assert opened.revision_opened and opened.revision_opened.reason == "wrong side" and opened.revision_closed is None
    assert versions.difference("r1", 1).empty and versions.difference("r1", 4, 4).empty
    assert versions.difference("r1", 1, 2).fields[-1].kind == "removed"
    assert isinstance(versions.difference("r1", 5, 1), Difference)


def test_versions_as_they_were(workflow: Workflow, signing: Signing) -> None:  # 3
    versions = told(workflow, signing)
    lines = versions.lines("r1", None, 10)
    assert [one.action for one in lines] == ["revise", "append", "sign", "edit", "create"]
    assert versions.lines("r1", 3, 1) == lines[3:4]
    assert versions.view("r1", 2).values["conclusion"].text == "normal" and versions.view("r1", 2).actions == ()
    assert versions.view("r1", "latest").version == 5 and versions.view("r1", "latest").actions
    assert versions.view("r1", "signed").version == 4
    for wrong in (
        lambda: versions.view("r1", 6),
        lambda: versions.view("r2", 1),
        lambda: versions.lines("r2", None, 1),
    ):
        with pytest.raises(NotFound):
            wrong()
