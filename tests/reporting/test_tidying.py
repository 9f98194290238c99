"""What is over goes by itself: nothing that was promised to be kept for days stays because nobody comes."""

from __future__ import annotations

import time
from datetime import timedelta

import sqlalchemy as sa

from reporting import store_tables as tables
from reporting.access import Role
from reporting.accounts import Accounts
from reporting.credentials import Credentials
from reporting.job_kinds import RebuildParameters
from reporting.job_runner import JobRunner, Pace
from reporting.jobs import Jobs
from reporting.once import Once
from reporting.passwords import Passwords
from reporting.sessions import Sessions
from reporting.store import Store
from reporting.tidying import Tidying
from reporting.verifying import verify
from reporting.workflow import Workflow

from .site import by

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = ("job", "idempotency_key", "session", "sign_in_failure", "credential")


def left(store: Store) -> dict[str, int]:
    with store.reading() as transaction:
        count = sa.func.count()
        found = (transaction._connection.scalar(sa.select(count).select_from(getattr(tables, name))) for name in NAMES)
        return dict(zip(NAMES, map(int, found), strict=True))


def lived(workflow: Workflow) -> Tidying:
    store = workflow.store
    Jobs(store).add("j1", RebuildParameters(), "rebuild-values", by(), Once("key", "ask", ""))
    with store.writing() as transaction:
        transaction.finish_job("j1", "succeeded", "", by().at_text)
    sam = Accounts(store, Passwords()).add("sam", "", [Role.READER], by())
    Sessions(store, Passwords(), HOUR, DAY).begin(sam, by(), "test")
    credentials = Credentials(store)
    credentials.make("stays", [Role.READER], by())
    client = credentials.make("ris", [Role.READER], by(), client=True)
    credentials.exchange(client.id, client.secret, "", by())
    with store.writing() as transaction:
        transaction.add_failure("x", "", by().at_text)
    return Tidying(store, 7 * DAY, DAY, HOUR)


def test_what_is_over_goes_and_nothing_else(workflow: Workflow) -> None:
    tidy, at = lived(workflow), by().at
    everything = {"job": 1, "idempotency_key": 1, "session": 1, "sign_in_failure": 1, "credential": 3}
    tidy(at)
    assert left(workflow.store) == everything
    tidy(at + 2 * HOUR)
    assert left(workflow.store) == everything | {"session": 0, "sign_in_failure": 0, "credential": 2}
    tidy(at + 2 * DAY)
    assert left(workflow.store)["idempotency_key"] == 0 and left(workflow.store)["job"] == 1
    tidy(at + 8 * DAY)
    assert left(workflow.store)["job"] == 0 and verify(workflow.store).intact


def test_a_server_tidies_up_by_itself(workflow: Workflow) -> None:
    runner = JobRunner(workflow, lambda: by().at + 8 * DAY, Pace(look=0.02), tidy=lived(workflow))
    runner.start()
    until = time.monotonic() + 30
    while left(workflow.store)["job"] and time.monotonic() < until:
        time.sleep(0.05)
    runner.stop()
    assert left(workflow.store) == dict.fromkeys(NAMES, 0) | {"credential": 2}
