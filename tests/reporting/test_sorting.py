"""Lists in every order.

1. Page after page, a search in any order finds every report once, as a plain sorting of all of them has it: whatever is
   asked for, however long a page is, wherever SQLite starts, on each kind of database.
2. So do the lists of the worklist.
3. The order of a list is read from an index, at its first page and at any other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting import store_search
from reporting import store_tables as tables
from reporting.records import Filter, Summary
from reporting.searching import Search, name_key
from reporting.sorting import Sort, WaitingSort
from reporting.statuses import SignOff
from reporting.store import open_store
from reporting.workflow import Workflow
from reporting.worklist import Asked, Part, Worklist

from ..conftest import WHOLE
from .backends import BACKEND
from .site import by

COUNT = 120
NAMES = ["", "Müller^Anna", "MULLER^Anna", "Mu\u0308ller^Anna", "Mul\u00adler^A", "Öz^Ali", "山田^太郎", "Zoe", "zoe^B"]
DAYS = ["", "2026-01-05", "2026-01-06", "2025-12-31"]
TIMES = [f"2026-01-{day:02}T09:00:00.000000+00:00" for day in (10, 11, 12, 13)]
LATER = [time.replace("2026-01", "2026-02") for time in TIMES]
Row = dict[str, Any]
quick = settings(
    max_examples=25 if WHOLE else 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def heads() -> Iterator[Row]:
    """Yield reports of which many are equal in whatever a list is sorted by."""
    pick = random.Random(3).choice
    for number in range(COUNT):
        name, status = pick(NAMES), pick(["partial", "partial", "preliminary", "final", "cancelled"])
        signed = status == "final"
        yield {
            **{"id": f"r{number * 37 % COUNT:03}", "version": 1, "status": status, "template": "2.25.1"},
            **{"template_name": pick(["one", "two"]), "template_title": "t", "template_version": "t", "revision": None},
            **{"patient_id": f"P{number % 7}", "patient_name": name, "patient_key": name_key(name)},
            **{"accession_number": f"A{number % 50}", "study_instance_uid": f"1.{number}", "study_date": pick(DAYS)},
            **{"created_at": pick(TIMES), "updated_at": pick(TIMES), "author": pick(["a", "b"])},
            **{"signed_version": 1 if signed else None, "signed_status": "final" if signed else None},
            **{"signed_by": "a" if signed else None, "signed_at": pick(TIMES) if signed else None},
            **{"signed_actor": "a" if signed else None, "preliminary_actor": None},
        }


def documents(reports: list[Row]) -> Iterator[Row]:
    """Yield late documents of some of the reports, and documents of studies that nobody has reported."""
    pick = random.Random(4).choice
    waiting = [{"study_instance_uid": f"2.{number}", "patient_name": pick(NAMES)} for number in range(40)]
    for number, one in enumerate([*(row for row in reports if row["id"] < "r060"), *waiting]):
        name = one["patient_name"]
        key = "" if name.isascii() and number % 2 else name_key(name)  # documents of earlier versions have none
        yield {
            **{"sop_instance_uid": f"9.{number}", "content": b"", "received_at": pick(LATER), "title": "SR"},
            **{"study_instance_uid": one["study_instance_uid"], "patient_id": "P", "patient_name": name},
            **{"patient_key": key, "accession_number": "", "study_date": pick(DAYS), "description": "", "device": ""},
            "measurements": 0,
        }


@pytest.fixture
def filled(workflow: Workflow, tmp_path: Any) -> tuple[list[Row], list[Row]]:
    """The rows of reports and documents that lie in the database of the workflow."""
    reports = list(heads())
    received = list(documents(reports))
    engine = sa.create_engine(BACKEND.url(tmp_path))
    with engine.begin() as connection:
        text = {"digest": "t", "name": "t", "html": b"", "first_used_at": TIMES[0]}
        connection.execute(sa.insert(tables.template_version).values(text))
        connection.execute(sa.insert(tables.report), reports)
        connection.execute(sa.insert(tables.sr_document), received)
    engine.dispose()
    return reports, received


QUESTIONS: list[tuple[Row, Callable[[Row], bool]]] = [
    ({}, lambda row: True),
    ({"status": ("partial",)}, lambda row: row["status"] == "partial"),
    ({"status": ("partial", "final")}, lambda row: row["status"] in ("partial", "final")),
    ({"patient": "P3"}, lambda row: row["patient_id"] == "P3"),
    ({"patient_name": "mül"}, lambda row: row["patient_key"].startswith("mül")),
    ({"template": "one", "author": "a"}, lambda row: row["template_name"] == "one" and row["author"] == "a"),
    ({"study_from": "2026-01-05"}, lambda row: row["study_date"] >= "2026-01-05"),
    ({"signed_from": "2026-01-12"}, lambda row: (row["signed_at"] or "") >= "2026-01-12"),
    ({"template": "2.25.1", "signed_to": "2026-01-11"}, lambda row: "" < (row["signed_at"] or "") < "2026-01-12"),
    ({"created_to": "2026-01-11"}, lambda row: row["created_at"] < "2026-01-12"),
    (
        {"updated_from": "2026-01-11", "signed_by": "a"},
        lambda row: row["updated_at"] > "2026-01-11" and row["signed_by"],
    ),
]


@pytest.mark.parametrize("few", [2000, 20, 1])
def test_a_search_page_by_page(
    workflow: Workflow, filled: tuple[list[Row], list[Row]], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:  # 1
    monkeypatch.setattr(store_search, "_FEW", few)
    monkeypatch.setattr(store_search, "_SOME", few)

    @quick
    @given(st.sampled_from(Sort), st.sampled_from(QUESTIONS), st.integers(2, 50))
    def holds(sort: Sort, question: tuple[Row, Callable[[Row], bool]], limit: int) -> None:
        asked, fits = question
        pages, before = [], None
        while True:
            wanted = Filter(**{**parts(asked), "sort": sort, "before": before})
            page, before = workflow.search_page(wanted, limit)
            pages += [one.id for one in page]
            assert len(page) == limit or before is None
            if before is None:
                break
        right = [row for row in filled[0] if fits(row)]
        right.sort(key=lambda row: (row[sort.column], row["id"]), reverse=sort.descending)
        assert pages == [row["id"] for row in right]

    holds()


def parts(asked: Row) -> Row:
    """Return what a search looks for, by the names of the filter."""
    found = Search(**asked).filter("query")
    return {name: getattr(found, name) for name in Filter.__slots__}


def plain(reports: list[Row], received: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of each list, with what it can be sorted by under the names of the orders, and `own`."""
    as_report = {"changed": "updated_at", "study_date": "study_date", "patient": "patient_key"}
    ways = {
        "drafts": ("partial", "created_at"),
        "to_sign": ("preliminary", "created_at"),
        "signed": ("final", "signed_at"),
    }
    lists = {
        name: [
            {"id": row["id"], "own": row[own], **{key: row[column] for key, column in as_report.items()}}
            for row in reports
            if row["status"] == status
        ]
        for name, (status, own) in ways.items()
    }
    of_study = {row["study_instance_uid"]: row for row in reports}
    late = [
        (of_study[one["study_instance_uid"]], one["received_at"])
        for one in received
        if one["study_instance_uid"] in of_study
    ]
    lists["late"] = [
        {"id": row["id"], "own": at, "changed": at, "study_date": row["study_date"], "patient": row["patient_key"]}
        for row, at in late
        if row["status"] != "cancelled"
    ]
    over = {row["study_instance_uid"] for row in reports if row["status"] != "cancelled"}
    lists["unreported"] = [
        {
            **{"id": one["study_instance_uid"], "own": one["received_at"], "changed": one["received_at"]},
            **{"study_date": one["study_date"], "patient": one["patient_key"] or one["patient_name"].lower()},
        }
        for one in received
        if one["study_instance_uid"] not in over
    ]
    return lists


def name_of(one: Any) -> str:
    """Return the identifier of an entry of any list."""
    if isinstance(one, Summary):
        return one.id
    return one.report.id if hasattr(one, "report") else one.study_instance_uid


@pytest.mark.parametrize("name", ["drafts", "to_sign", "signed", "late", "unreported"])
def test_a_worklist_page_by_page(workflow: Workflow, filled: tuple[list[Row], list[Row]], name: str) -> None:  # 2
    worklist, rows = Worklist(workflow, SignOff.SINGLE), plain(*filled)[name]
    assert len(rows) >= 15

    @quick
    @given(st.sampled_from([None, *WaitingSort]), st.integers(2, 30))
    def holds(sort: WaitingSort | None, limit: int) -> None:
        found, before = [], None
        while True:
            asked = Asked(by("a"), days=36500, before=before, limit=limit, sort=sort)
            page: Part[Any] = getattr(worklist, name)(asked)
            found += [name_of(one) for one in page.items]
            before = page.last
            if before is None:
                break
        key = "own" if sort is None else sort.removeprefix("-")
        right = sorted(rows, key=lambda row: (row[key], row["id"]), reverse=sort is None or sort.of_reports.descending)
        assert found == [row["id"] for row in right]

    holds()


@pytest.mark.parametrize("sort", Sort)
def test_every_order_has_an_index(tmp_path: Any, sort: Sort) -> None:  # 3
    """Of 100,000 reports a page is then read in less than a millisecond; PostgreSQL plans by what lies in a table."""
    said: list[str] = []
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    open_store(url).close()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        column, turn = sort.column, "DESC" if sort.descending else "ASC"
        for where in ("", f"WHERE ({column}, id) {'<' if sort.descending else '>'} ('x', 'x')"):
            query = (
                f"EXPLAIN QUERY PLAN SELECT version FROM report {where} ORDER BY {column} {turn}, id {turn} LIMIT 50"
            )
            said += [row[-1] for row in connection.execute(sa.text(query))]
    engine.dispose()
    assert any(f"USING INDEX ix_report_{column}" in line for line in said)
    assert not any(line == "USE TEMP B-TREE FOR ORDER BY" for line in said)
