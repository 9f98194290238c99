"""How long a search takes among many reports: typical questions, next to reading the whole list.

    .venv/bin/python bench/search_reports.py [COUNT] [--postgresql]

Fills an empty database with COUNT (100,000) made-up reports of a dozen values each, straight through SQLAlchemy Core,
and asks each question RUNS times through the workflow, as the API does, for one page of 50. "whole list" reads every
head and compares in Python: what a search without indexes costs. PostgreSQL is started for the run; it plans by its
statistics, which are gathered first, as autovacuum does in the field.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reporting import store_tables as tables  # noqa: E402
from reporting.records import By  # noqa: E402
from reporting.searching import Search, name_key  # noqa: E402
from reporting.sorting import Sort  # noqa: E402
from reporting.statuses import SignOff  # noqa: E402
from reporting.store import open_store  # noqa: E402
from reporting.store_worklist import Look  # noqa: E402
from reporting.workflow import Workflow  # noqa: E402
from reporting.worklist import Asked, Worklist  # noqa: E402

RUNS = 40
BATCH = 2000
START = datetime(2025, 1, 1, tzinfo=UTC)
FAMILIES = [
    f"{a}{b}{c}"
    for a in ("Mu", "Ba", "Schi", "La", "Ko")
    for b in ("ster", "ler", "ng", "rt", "ller")
    for c in ("", "mann", "in", "er")
]
GIVEN = ["Anna", "Bernd", "Carla", "Dirk", "Erika", "Frank", "Gabi", "Hans", "Ines", "Jan"]
QUESTIONS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "patient": {"patient": "P04711"},
    "accession": {"accession": "A0004711"},
    "name, 1 of 1,000": {"patient_name": "Schillermann, E"},
    "name, 1 of 5": {"patient_name": "mu"},
    "status partial (2 %)": {"status": ["partial"]},
    "three statuses (97 %)": {"status": ["final", "appended", "amended"]},
    "cancelled or withdrawn (1 %)": {"status": ["cancelled", "entered-in-error"]},
    "template (30 %)": {"template": "us-thyroid"},
    "signed by": {"signed_by": "Dr. 7"},
    "study day": {"study_from": "2025-06-01", "study_to": "2025-06-01"},
    "changed in the last month": {"updated_from": "2025-12-01"},
    "signed on one day": {"signed_from": "2025-06-01", "signed_to": "2025-06-01"},
    "signed in the last month, carotid": {"signed_from": "2025-12-01", "template": "us-carotid-duplex"},
    "number, 1 of 1,000": {"value": ["right_ica_prox_psv:>=:699.3"]},
    "number, half of them": {"value": ["right_ica_prox_psv:>=:350"]},
    "number and choice": {"value": ["right_ica_prox_psv:>=:600", "right_plaque:=:present"]},
    "text begins, 1 of 10,000": {"value": ["conclusion:prefix:Finding 4711"]},
    "no value holds": {"value": ["right_ica_prox_psv:>:9999"]},
    "a field that no report has": {"value": ["right_cca_prox_psv:>:9999"]},
    "rare status and value": {"status": ["cancelled"], "value": ["right_plaque:=:present"]},
    "two that exclude each other": {"value": ["right_grade:=:normal", "right_ica_prox_psv:>:600"]},
    "name, status, value": {"patient_name": "ba", "status": ["final"], "value": ["right_plaque:=:present"]},
}

SORTED: dict[str, dict[str, Any]] = {
    name: QUESTIONS[name]
    for name in ("no filter", "patient", "template (30 %)", "status partial (2 %)", "three statuses (97 %)")
} | {"identifier (10 %)": {"template": "2.25.ct-dose"}, "cancelled (0.7 %)": {"status": ["cancelled"]}}
"""Those that are asked in the orders by template and status, too."""


def heads(count: int, random_: random.Random) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield made-up reports with their values."""
    statuses = random_.choices(
        ["final", "appended", "amended", "partial", "cancelled", "entered-in-error"], [88, 6, 3, 2, 0.7, 0.3], k=count
    )
    for number in range(count):
        at = (START + timedelta(seconds=number * 315)).isoformat(timespec="microseconds")
        name = f"{random_.choice(FAMILIES)}^{random_.choice(GIVEN)}"
        signed = statuses[number] in ("final", "appended", "amended")
        template = random_.choices(["us-carotid-duplex", "us-thyroid", "ct-dose"], [60, 30, 10])[0]
        doctor = f"Dr. {random_.randrange(40)}"
        report = f"r{random_.getrandbits(64):016x}"
        head = {
            **{"id": report, "version": 3, "status": statuses[number], "template": f"2.25.{template}"},
            **{"template_name": template, "template_title": template, "template_version": "t"},
            **{
                "patient_id": f"P{random_.randrange(count // 4):05}",
                "patient_name": name,
                "patient_key": name_key(name),
            },
            **{"accession_number": f"A{number:07}", "study_instance_uid": f"2.25.{number}", "study_date": at[:10]},
            **{"created_at": at, "updated_at": at, "author": f"a{random_.randrange(40)}", "revision": None},
            **{"signed_version": 3 if signed else None, "signed_status": statuses[number] if signed else None},
            **{"signed_by": doctor if signed else None, "signed_at": at if signed else None},
            **{"signed_actor": doctor if signed else None, "preliminary_actor": None},
        }
        yield head, list(values(report, number, random_))


def values(report: str, number: int, random_: random.Random) -> Iterator[dict[str, Any]]:
    """Yield a dozen values of a report."""
    plain = {"report_id": report, "position": 0, "code_scheme": None, "code_value": None, "absent": None}
    for field in ("prox_psv", "prox_edv", "mid_psv", "mid_edv", "ratio"):
        for side in ("right", "left"):
            figure = round(random_.uniform(5, 700), 1)
            shown = {"number": str(figure), "number_real": figure, "unit": "cm/s", "text": None, "token": None}
            yield {**plain, **shown, "field": f"{side}_ica_{field}", "provenance": "imported"}
    texts = {"right_plaque": random_.choice(["none", "present"]), "conclusion": f"Finding {number} of this study"}
    texts["right_grade"] = random_.choice(["normal", "lt50", "50_69", "ge70"])
    for field, text in texts.items():
        said = {"number": None, "number_real": None, "unit": None, "text": text, "token": text[:64]}
        yield {**plain, **said, "field": field, "provenance": "typed"}


def fill(url: str, count: int) -> None:
    """Write COUNT reports, and for each hundredth the document of a study that nobody has reported."""
    engine = sa.create_engine(url)
    template = {"digest": "t", "name": "t", "html": b"", "first_used_at": START.isoformat()}
    with engine.begin() as connection:
        connection.execute(sa.insert(tables.template_version).values(template))
        batch: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
        for one in heads(count, random.Random(7)):
            batch.append(one)
            if len(batch) == BATCH:
                write(connection, batch)
                batch = []
        if batch:
            write(connection, batch)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()


def write(connection: sa.Connection, batch: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    """Write some reports, their values, and the documents of their studies."""
    connection.execute(sa.insert(tables.report), [head for head, _ in batch])
    connection.execute(sa.insert(tables.report_value), [row for _, rows in batch for row in rows])
    documents = [document(head, number) for number, (head, _) in enumerate(batch)]
    connection.execute(sa.insert(tables.sr_document), documents)
    known = [
        {"report_id": head["id"], "document": one["sop_instance_uid"]}
        for number, ((head, _), one) in enumerate(zip(batch, documents, strict=True))
        if number % 100 > 1
    ]
    connection.execute(sa.insert(tables.report_document), known)


def document(head: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the document of a report; every hundredth is of a study without one, every hundred-and-first came late."""
    study = head["study_instance_uid"] + (".9" if number % 100 == 0 else "")
    at = head["created_at"] if number % 100 != 1 else f"{head['created_at'][:10]}T23:59:59.999999+00:00"
    return {
        **{"sop_instance_uid": f"{head['study_instance_uid']}.1", "content": b"", "received_at": at, "title": "SR"},
        **{"study_instance_uid": study, "patient_id": head["patient_id"], "patient_name": head["patient_name"]},
        **{"accession_number": head["accession_number"], "study_date": head["study_date"], "description": ""},
        **{"device": "", "measurements": 0},
    }


def timed(ask: Callable[[], object]) -> tuple[float, float, float]:
    """Return the median and the 95th percentile of the time of a question, and its processor time; milliseconds.

    On SQLite the processor time is that of the whole search, and other work on the machine counts little in it.
    """
    ask()
    times, worked = [], time.process_time()
    for _ in range(RUNS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    worked = (time.process_time() - worked) * 1000 / RUNS
    return statistics.median(times), statistics.quantiles(times, n=20)[-1], worked


def whole_list(url: str) -> Callable[[], object]:
    """Return a search that reads every head."""
    engine = sa.create_engine(url)

    def ask() -> object:
        with engine.connect() as connection:
            rows = connection.execute(sa.select(tables.report.c.patient_name, tables.report.c.id))
            return [row for row in rows if row[0].startswith("Schillermann^E")][:50]

    return ask


def main() -> None:
    """Fill, ask, and print."""
    counts = [int(one) for one in sys.argv[1:] if one.isdigit()]
    count = counts[0] if counts else 100_000
    with tempfile.TemporaryDirectory(prefix="mrrt-bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        if "--postgresql" in sys.argv:
            from tests.reporting.backends import Backend

            url = Backend("postgresql").url(Path(folder))
        open_store(url).close()
        began = time.perf_counter()
        fill(url, count)
        print(f"{count} reports with 13 values each, made in {time.perf_counter() - began:.0f} s; {url.split(':')[0]}")
        store = open_store(url)
        workflow = Workflow(store)
        print(f"{'':34}{'found':>6}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}")
        for name, asked in QUESTIONS.items():
            wanted = Search(**asked).filter("query")
            report(name, len(workflow.search(wanted, 50)), *timed(lambda wanted=wanted: workflow.search(wanted, 50)))  # type: ignore[misc]
        for name, asked in SORTED.items():
            for sort in (Sort.TEMPLATE, Sort.TEMPLATE_LAST, Sort.STATUS, Sort.STATUS_LAST):
                order = replace(Search(**asked).filter("query"), sort=sort)
                ask = partial(workflow.search_page, order, 50)
                report(f"{name}, by {sort}", len(ask()[0]), *timed(ask))
        worklist = Worklist(workflow, SignOff.SINGLE)
        last = By("Dr. 7", START + timedelta(seconds=count * 315))
        for name, part in (
            ("drafts", worklist.drafts),
            ("to sign", worklist.to_sign),
            ("signed by me", worklist.signed),
        ):
            mine = Asked(last)
            report(f"worklist: {name}", len(part(mine).items), *timed(lambda part=part, mine=mine: part(mine)))  # type: ignore[misc]
        with store.reading() as transaction:
            for name, query in (("unreported", transaction.unreported), ("late", transaction.overtaken)):
                arguments = (Asked(last).since, Look(20))
                figures = timed(lambda query=query, arguments=arguments: query(*arguments))  # type: ignore[misc]
                report(f"worklist: {name}", len(query(*arguments)), *figures)
        report("whole list (reference)", 50, *timed(whole_list(url)))
        store.close()


def report(name: str, found: int, median: float, worst: float, worked: float) -> None:
    """Print one line."""
    print(f"{name:34}{found:>6}{median:>9.1f}{worst:>9.1f}{worked:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
