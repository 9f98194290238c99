"""Finding reports.

1. Every way to ask finds what a plain comparison of all reports finds, on each kind of database.
2. Wrong questions say what, where and how to mend it.
3. A page goes on exactly where the one before ended.
4. What is signed is found by what it says while a revision of it is open, and what the revision says is not found.
5. A field that nothing has is no search for nothing: it is refused, and the one that may be meant is named.
6. A day is one of the site's time zone, of 23 or 25 hours where its clocks are changed; a time with offset is exact.
7. PostgreSQL plans each search by what is asked for, however often it is asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from mrrt.report import Patient, ReportStatus, Study
from reporting import store_search
from reporting.draft import About, Edit
from reporting.errors import WrongQuery
from reporting.packages import Package
from reporting.records import By, Filter, Summary
from reporting.searching import Search, name_key
from reporting.signing import Signing
from reporting.templates import compiled
from reporting.workflow import Workflow

from .pages import URL, page
from .site import SEEN, TINY, by

NAMES = ["Müller^Anna", "MÜLLER^Bernd", "Muster^Erika", "Mul_^%", ""]
LONG = "x" * 70


def made(workflow: Workflow, signing: Signing) -> dict[str, Summary]:
    """Make twelve reports that differ in everything that can be asked for."""
    for number in range(12):
        report, who = f"r{number:02}", by(actor=f"a{number % 3}", seconds=number * 3600)
        patient = Patient(identifier=f"P{number % 4}", name=NAMES[number % 5])
        study = Study(
            study_instance_uid=f"1.2.{number % 6}", accession_number=f"A{number}", date=f"2026-01-{number + 1:02}"
        )
        workflow.create(report, "tiny-carotid", [], who, about=About(patient=patient, study=study))
        edits = [
            Edit(field="right_psv", value=str(100 + 10 * number)),
            Edit(field="conclusion", value=f"{LONG}{number}"),
        ]
        if number % 2:
            edits.append(Edit(field="methods", value=("bmode", "colour") if number % 4 == 1 else ("pulsed",)))
        workflow.edit(report, edits, who)
        if number % 4 == 0:
            signing.sign(report, who, acknowledging=SEEN)
        if number == 8:
            signing.revise(report, ReportStatus.AMENDED, "again", by(actor="a9", seconds=100_000))
    with workflow.store.reading() as transaction:
        return {one.id: one for one in transaction.summaries(Filter(), 500)}


CASES: list[tuple[dict[str, Any], Callable[[int, Summary], bool]]] = [
    ({}, lambda n, s: True),
    ({"status": ["final"]}, lambda n, s: s.status == "final"),
    ({"status": ["final", "partial"]}, lambda n, s: s.status in ("final", "partial")),
    ({"signed_status": ["final"]}, lambda n, s: n % 4 == 0),
    ({"signed_status": ["final"], "status": ["partial"], "value": ["right_psv:>=:150"]}, lambda n, s: n == 8),
    ({"signed_status": ["amended", "corrected"]}, lambda n, s: False),
    ({"status": ["cancelled"]}, lambda n, s: False),
    ({"template": "tiny-carotid"}, lambda n, s: True),
    ({"template": "1.2.3.4.5"}, lambda n, s: True),
    ({"template": "other"}, lambda n, s: False),
    ({"patient": "P1"}, lambda n, s: n % 4 == 1),
    ({"patient_name": "müll"}, lambda n, s: n % 5 in (0, 1)),
    ({"patient_name": "MÜLLER a"}, lambda n, s: n % 5 == 0),
    ({"patient_name": "Müller^B"}, lambda n, s: n % 5 == 1),
    ({"patient_name": "mul_"}, lambda n, s: n % 5 == 3),
    ({"patient_name": "%"}, lambda n, s: False),
    ({"accession": "A7"}, lambda n, s: n == 7),
    ({"study": "1.2.3"}, lambda n, s: n % 6 == 3),
    ({"author": "a2"}, lambda n, s: n % 3 == 2),
    ({"signed_by": "a1"}, lambda n, s: s.signed_by == "a1"),
    ({"study_from": "2026-01-04", "study_to": "2026-01-06"}, lambda n, s: 3 <= n <= 5),
    ({"created_from": "2026-01-30T12:00:00Z"}, lambda n, s: n >= 3),
    ({"created_to": "2026-01-30T14:00:00+01:00"}, lambda n, s: n <= 4),
    ({"created_to": "2026-01-29"}, lambda n, s: False),
    ({"created_to": "2026-01-30"}, lambda n, s: True),
    ({"updated_from": "2026-01-31"}, lambda n, s: n == 8),
    ({"signed_from": "2026-01-30T12:30:00Z"}, lambda n, s: n in (4, 8)),
    ({"signed_to": "2026-01-30T14:00:00+01:00"}, lambda n, s: n in (0, 4)),
    ({"signed_from": "2026-01-30", "signed_to": "2026-01-30"}, lambda n, s: n % 4 == 0),
    ({"signed_from": "2026-01-31"}, lambda n, s: False),
    ({"revision": True}, lambda n, s: n == 8),
    ({"revision": False}, lambda n, s: n != 8),
    ({"value": ["right_psv:>=:150"]}, lambda n, s: n >= 5),
    ({"value": ["right_psv:<:150", "right_psv:>:120"]}, lambda n, s: n in (3, 4)),
    ({"value": ["right_psv:=:150"]}, lambda n, s: n == 5),
    ({"value": ["right_psv:!=:150"]}, lambda n, s: n != 5),
    ({"value": ["right_grade:=:above"]}, lambda n, s: n >= 3),
    ({"value": ["methods:=:colour"]}, lambda n, s: n % 4 == 1),
    ({"value": ["methods:!=:colour"]}, lambda n, s: n % 4 == 3),
    ({"value": ["methods:prefix:pul"]}, lambda n, s: n % 4 == 3),
    ({"value": [f"conclusion:prefix:{LONG}1"]}, lambda n, s: n in (1, 10, 11)),
    ({"value": [f"conclusion:=:{LONG}1"]}, lambda n, s: n == 1),
    ({"value": ["left_psv:<:9999"]}, lambda n, s: False),
    ({"status": ["final"], "value": ["right_psv:>:120"], "patient": "P0"}, lambda n, s: n == 4),
    ({"author": "a0", "created_from": "2026-01-30T13:00:00Z", "revision": False}, lambda n, s: n % 3 == 0 and n >= 4),
]


@pytest.mark.parametrize("few", [2000, 1], ids=["few", "many"])
def test_every_question(workflow: Workflow, signing: Signing, few: int, monkeypatch: pytest.MonkeyPatch) -> None:  # 1
    """`few` lets SQLite start from an index, or from the list."""
    monkeypatch.setattr(store_search, "_FEW", few)
    monkeypatch.setattr(store_search, "_SOME", few)
    all_of_them = made(workflow, signing)
    for asked, fits in CASES:
        found = [one.id for one in workflow.search(Search(**asked).filter("query"), 500)]
        wanted = [id_ for id_, one in sorted(all_of_them.items(), reverse=True) if fits(int(id_[1:]), one)]
        assert found == wanted, asked


def test_pages(workflow: Workflow, signing: Signing) -> None:  # 3
    made(workflow, signing)
    for asked in (Search(), Search(value=("right_psv:>=:120",)), Search(status=(ReportStatus.PARTIAL,))):
        whole = workflow.search(asked.filter("query"), 500)
        paged: list[Summary] = []
        while page := workflow.search(
            asked.filter("query", (paged[-1].created_at, paged[-1].id) if paged else None), 2
        ):
            paged += page
        assert tuple(paged) == whole != ()


BERLIN, HAVANA, SANTIAGO = map(ZoneInfo, ("Europe/Berlin", "America/Havana", "America/Santiago"))


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        (UTC, "2026-03-02", "2026-03-02T00:00Z", "2026-03-03T00:00Z"),
        (BERLIN, "2026-03-02", "2026-03-01T23:00Z", "2026-03-02T23:00Z"),
        (BERLIN, "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        (BERLIN, "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        (HAVANA, "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),  # midnight comes twice
        (SANTIAGO, "2026-09-06", "2026-09-06T04:00Z", "2026-09-07T03:00Z"),  # and here not at all
    ],
)
def test_days_of_the_site(workflow: Workflow, zone: tzinfo, day: str, begins: str, ends: str) -> None:  # 6
    """Reports are made in the first and the last second of a day, and in those beside it."""
    first, after, second = *map(datetime.fromisoformat, (begins, ends)), timedelta(seconds=1)
    for name, at in (("r1", first - second), ("r2", first), ("r3", after - second), ("r4", after)):
        workflow.create(name, "tiny-carotid", [], By("Dr. Example", at))

    def found(**asked: str) -> list[str]:
        return [one.id for one in workflow.search(Search(**asked).filter("query", zone=zone), 500)]

    for name in ("created", "updated"):
        assert found(**{f"{name}_from": day, f"{name}_to": day}) == ["r3", "r2"]
        assert found(**{f"{name}_from": day}) == ["r4", "r3", "r2"]
        assert found(**{f"{name}_to": day}) == ["r3", "r2", "r1"]
        assert found(**{f"{name}_from": (first - second).isoformat(), f"{name}_to": begins}) == ["r2", "r1"]


@pytest.mark.parametrize(("zone", "asked"), [("Pacific/Auckland", "0001-01-01"), ("America/New_York", "9999-12-31")])
def test_a_day_at_the_end_of_the_calendar(zone: str, asked: str) -> None:  # 2, 6
    """It begins, or ends, in a year that there is not: said as of any other text that is no day."""
    for name in ("created_from", "created_to"):
        if (name, asked) in (("created_to", "0001-01-01"), ("created_from", "9999-12-31")):
            continue
        with pytest.raises(WrongQuery):
            Search(**{name: asked}).filter("query", zone=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("asked", "place", "word"),
    [
        ({"value": ["right_psv"]}, "query.value.0", "condition"),
        ({"value": ["a:=:1", "right_psv:~:3"]}, "query.value.1", "condition"),
        ({"value": ["right_psv:<:fast"]}, "query.value.0", "numbers"),
        ({"value": ["right_psv:<:1e999999"]}, "query.value.0", "numbers"),
        ({"value": ["right_psv:prefix:"]}, "query.value.0", "missing"),
        ({"study_from": "yesterday"}, "query.study_from", "day"),
        ({"study_to": "2026-02-31"}, "query.study_to", "day"),
        ({"created_from": "2026-01-31T08:00:00"}, "query.created_from", "offset"),
        ({"updated_to": "9999-12-31"}, "query.updated_to", "day"),
        ({"signed_from": "2026-02-01", "signed_to": "2026-01-30"}, "query.signed_to", "ends before"),
        ({"study_from": "2026-02-01", "study_to": "2026-01-30"}, "query.study_to", "ends before"),
        ({"signed_from": "2026-01-31 8:00"}, "query.signed_from", "offset"),
    ],
)
def test_wrong_questions(asked: dict[str, Any], place: str, word: str) -> None:  # 2
    with pytest.raises(WrongQuery) as caught:
        Search(**asked).filter("query")
    error = caught.value
    assert error.place == place and word in error.wrong and error.mend.endswith(".")


def test_unknown_parameters_are_refused() -> None:  # 2
    with pytest.raises(ValidationError):
        Search.model_validate({"patients": "P1"})


def test_names_are_found_as_people_write_them() -> None:  # 1
    assert name_key("MÜLLER^Anna^^Dr.") == name_key("Müller, Anna Dr.") == "müller anna dr."
    assert name_key("Mu\u0308ller^Anna") == name_key("Müller^Anna"), "however the dots are written"
    assert name_key("GROSS^Ida") == name_key("Groß^Ida")


def test_a_revision_is_not_found_before_it_is_signed(workflow: Workflow, signing: Signing) -> None:  # 4
    """An audit or a register would otherwise count what nobody has signed, under the name of who signed the rest."""

    def found(value: str) -> list[str]:
        return [one.id for one in workflow.search(Search(value=(value,)).filter("query"), 500)]

    made(workflow, signing)
    workflow.edit("r08", [Edit(field="right_psv", value="666")], by())
    assert found("right_psv:=:180") == ["r08"] and found("right_psv:=:666") == []
    signing.discard("r08", by())
    assert found("right_psv:=:180") == ["r08"] and found("right_psv:=:666") == []
    signing.revise("r08", ReportStatus.CORRECTED, "wrong", by())
    workflow.edit("r08", [Edit(field="right_psv", value="181")], by())
    signing.sign("r08", by(), acknowledging=SEEN)
    assert found("right_psv:=:181") == ["r08"] and found("right_psv:=:180") == []
    workflow.edit("r07", [Edit(field="right_psv", value="668")], by())
    assert found("right_psv:=:668") == ["r07"]


def test_made_anew_the_values_are_those_of_what_is_signed(workflow: Workflow, signing: Signing) -> None:  # 4
    made(workflow, signing)
    workflow.edit("r08", [Edit(field="right_psv", value="666")], by())
    with workflow.store.writing("r08") as transaction:
        before, record = transaction.values("r08"), transaction.report("r08")
        template = compiled(transaction.template(record.draft.template_version)).template
        transaction.rebuild_values(record, template)
        assert transaction.values("r08") == before
        assert [one.number for one in before if one.field == "right_psv"] == ["180"]


def by_value(*written: str) -> Filter:
    return Search(value=written).filter("query")


UNKNOWN = [
    ("rigth_psv:>=:1", "Write right_psv, if that is meant."),
    ("Right_PSV:!=:1", "Write right_psv, if that is meant."),
    ("methods:0:=:bmode", "Write methods, if that is meant."),
    ("nothing_of_the_kind:=:x", "GET /api/v1/templates/NAME"),
]


@pytest.mark.parametrize(("written", "mend"), UNKNOWN)
def test_a_field_that_nothing_has_is_refused(workflow: Workflow, written: str, mend: str) -> None:  # 5
    workflow.create("r1", "tiny-carotid", [], by())
    with pytest.raises(WrongQuery) as caught:
        workflow.search(by_value("right_psv:>=:1", written), 50)
    assert caught.value.place == "query.value.1" and written.rpartition(":")[0].rpartition(":")[0] in caught.value.wrong
    assert mend in caught.value.mend
    with pytest.raises(WrongQuery):
        workflow.refuse_unknown_fields(by_value(written), "body")


@pytest.mark.parametrize(
    ("written", "wrong", "mend"),
    [
        ("right_psv:=:125,5", 'holds numbers, and "125,5" is none', "such as 125.5"),
        ("right_psv:!=:125,5", 'holds numbers, and "125,5" is none', "such as 125.5"),
        ("right_psv:prefix:1", "prefix compares texts", "Write =, !=, <"),
        ("conclusion:>:5", "holds texts, and > compares numbers", "Write =, != or prefix."),
    ],
)
def test_a_value_of_another_kind_is_refused(workflow: Workflow, written: str, wrong: str, mend: str) -> None:  # 5
    workflow.create("r1", "tiny-carotid", [], by())
    edits = [Edit(field="right_psv", value="125.5"), Edit(field="conclusion", value="normal")]
    workflow.edit("r1", edits, by())
    with pytest.raises(WrongQuery) as caught:
        workflow.refuse_unknown_fields(by_value("right_psv:>=:1", written), "body")
    assert caught.value.place == "body.value.1" and wrong in caught.value.wrong and mend in caught.value.mend
    if "!=" not in written:
        with pytest.raises(WrongQuery):
            workflow.search(by_value(written), 50)


def test_a_field_without_values_finds_nothing(workflow: Workflow) -> None:  # 5
    assert workflow.search(by_value("plaque:=:present"), 50) == (), "a template has it, and no report"
    workflow.refuse_unknown_fields(by_value("plaque:=:present"), "body")


def test_fields_of_retired_and_earlier_templates_are_known(workflow: Workflow, tmp_path: Path) -> None:  # 5
    own = tmp_path / "own" / "tiny-carotid"
    shutil.copytree(TINY, own)
    moved = Workflow(workflow.store, (own.parent,))
    moved.create("r1", "tiny-carotid", [], by())
    moved.edit("r1", [Edit(field="comparison", value="none")], by())
    moved.library.keep(Package("chest", page()), by())
    moved.library.retire(URL, by())
    for path in own.iterdir():
        renamed = path.read_text("utf-8").replace("comparison", "compared_with").replace('"character"', '"texture"')
        path.write_text(renamed, "utf-8")
    assert [one.id for one in moved.search(by_value("comparison:=:none"), 50)] == ["r1"], "a value is stored"
    assert moved.search(by_value("character:=:soft"), 50) == (), "a report is pinned to a version that has it"
    assert moved.search(by_value("texture:=:soft"), 50) == (), "the version of today has it"
    assert moved.search(by_value("side:=:left"), 50) == (), "retired, but there"
    moved.library.keep(Package("chest", page(body='<p><input type="text" id="later"></p>')), by(), new_version=True)
    assert moved.search(by_value("later:=:left"), 50) == (), "what was stored since is known, too"
    with pytest.raises(WrongQuery):
        moved.search(by_value("side:=:left"), 50)


def test_every_search_is_planned_by_what_is_asked_for(workflow: Workflow, backend: str) -> None:  # 7
    """Among 100,000 reports a plan for anything took 150 ms where the one for what was asked took 1."""
    if backend == "sqlite":
        return  # which plans when a statement is prepared, and then by rules
    with workflow.store.reading() as transaction:
        transaction.summaries(Filter(status=(ReportStatus.FINAL,), patient_name="ba"), 50)
        assert transaction._connection.scalar(sa.text("SHOW plan_cache_mode")) == "force_custom_plan"
    with workflow.store.reading() as transaction:
        assert transaction._connection.scalar(sa.text("SHOW plan_cache_mode")) == "auto", "of searches alone"
