"""Idempotency keys.

1. Twenty requests with one key, at the same time, make one report; all get the same answer.
2. The answer is the first one, byte by byte, whatever happened to the report since.
3. Another request with the key is refused; other people have keys of their own; old keys are forgotten.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from mrrt.errors import Conflict
from reporting.draft import Edit
from reporting.errors import KeyReused
from reporting.once import Once
from reporting.records import Filter
from reporting.signing import Signing
from reporting.workflow import Workflow

from .site import SEEN, by


def once(body: str = "a", operation: str = "create") -> Once:
    return Once("key", operation, body)


def test_twenty_at_the_same_time(workflow: Workflow) -> None:  # 1
    workflow.template("tiny-carotid")
    with ThreadPoolExecutor(20) as pool:
        views = list(
            pool.map(lambda n: workflow.create(f"r{n}", "tiny-carotid", [], by(seconds=n), once=once()), range(20))
        )
    assert len(workflow.search(Filter(), 50)) == 1
    assert len({view.model_dump_json() for view in views}) == 1
    with workflow.store.reading() as transaction:
        assert [one.action for one in transaction.audit_log()] == ["create"]


def test_the_first_answer(workflow: Workflow, signing: Signing) -> None:  # 2
    first = workflow.create("r1", "tiny-carotid", [], by(), once=once())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    again = once()
    assert workflow.create("r2", "tiny-carotid", [], by(), once=again).model_dump_json() == first.model_dump_json()
    assert again.replayed


def test_addenda(workflow: Workflow, signing: Signing) -> None:  # 1, 2
    workflow.create("r1", "tiny-carotid", [], by())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda n: signing.append("r1", "one", by(), once=once()), range(8)))
    assert len({view.model_dump_json() for view in views}) == 1 and len(views[0].addenda) == 1
    signing.append("r1", "two", by())
    assert signing.append("r1", "one", by(), once=once()).version == views[0].version


def test_keys_stand_for_one_request(workflow: Workflow) -> None:  # 3
    workflow.create("r1", "tiny-carotid", [], by(), once=once())
    for other in (once("b"), once(operation="append")):
        with pytest.raises(KeyReused):
            workflow.create("r2", "tiny-carotid", [], by(), once=other)
    assert workflow.create("r2", "tiny-carotid", [], by("somebody"), once=once("b")).id == "r2"
    assert workflow.create("r3", "tiny-carotid", [], by(seconds=24 * 3600 + 1), once=once("b")).id == "r3"


def test_what_failed_may_be_tried_again(workflow: Workflow, signing: Signing) -> None:  # 3
    workflow.create("r1", "tiny-carotid", [], by())
    with pytest.raises(Conflict):
        signing.append("r1", "one", by(), once=once())
    workflow.edit("r1", [Edit(field="conclusion", value="normal")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    asked = once()
    assert signing.append("r1", "one", by(), once=asked).addenda and not asked.replayed
