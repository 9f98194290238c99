"""How much disk a report takes: its SR, its draft, each edit, its signature; on SQLite and on PostgreSQL.

    .venv/bin/python bench/measure_growth.py [REPORTS]

Each report is a carotid one of an SR of its own. `edit` is one velocity changed, with all that follows from it. Every
figure holds the indexes, the audit log and what the database leaves free.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reporting.draft import Edit  # noqa: E402
from reporting.lifecycle import Acknowledging  # noqa: E402
from reporting.records import By  # noqa: E402
from reporting.signing import Signing  # noqa: E402
from reporting.store import open_store  # noqa: E402
from reporting.views import ReportView  # noqa: E402
from reporting.workflow import Workflow  # noqa: E402
from tests.reporting.backends import Backend  # noqa: E402

REPORTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
EDITS = 10
SAMPLE = (ROOT / "sr_import" / "samples" / "carotid-example.dcm").read_bytes()
UID = b"2.25.318441108289146615939844536802040174591"
WHO = By("example", datetime(2026, 1, 30, tzinfo=UTC), source="127.0.0.1", request_id="a" * 32)


def sr(number: int) -> bytes:
    other = UID[:-6] + f"{number:06}".encode()
    assert UID in SAMPLE
    return SAMPLE.replace(UID, other)


def size(url: str) -> int:
    """Return the bytes that a database takes, with its write-ahead log brought in."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return Path(engine.url.database or "").stat().st_size
        return int(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())


def edited(workflow: Workflow, report: str) -> ReportView:
    for number in range(EDITS):
        workflow.edit(report, [Edit(field="right_ica_prox_psv", value=str(100 + number * 37 % 300))], WHO)
    complete = [Edit(field=f"{side}_plaque", value="present") for side in ("right", "left")]
    workflow.edit(report, complete, WHO)
    return workflow.get(report)


def measured(url: str) -> list[float]:
    """Return kilobytes for an SR, a draft, an edit, and a signature."""
    store = open_store(url)
    workflow, signing, sizes, names = Workflow(store), Signing(store), [size(url)], []
    for number in range(REPORTS):
        names.append(workflow.receive(sr(number), WHO).document.sop_instance_uid or "")
    sizes.append(size(url))
    for name in names:
        workflow.create(name, "us-carotid-duplex", [name], WHO)
    sizes.append(size(url))
    views = [edited(workflow, name) for name in names]
    sizes.append(size(url))
    for name, view in zip(names, views, strict=True):
        seen = [Acknowledging(rule=one.rule or "", field=one.field or "", reason="Told.") for one in view.alerts]
        signing.sign(name, WHO, acknowledging=seen)
    sizes.append(size(url))
    store.close()
    times = (1, 1, EDITS + 1, 1)
    return [(after - before) / 1000 / REPORTS / n for before, after, n in zip(sizes, sizes[1:], times, strict=False)]


def main() -> None:
    print(f"{REPORTS} reports, SR of {len(SAMPLE) / 1000:.0f} kB; kB each")
    print(f"{'':<12}{'SR':>7}{'draft':>7}{'edit':>7}{'signature':>11}")
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="mrrt-bench-") as folder:
            sr_kb, draft, edit, signature = measured(Backend(name).url(Path(folder)))
        print(f"{name:<12}{sr_kb:>7.1f}{draft:>7.1f}{edit:>7.1f}{signature:>11.1f}")


if __name__ == "__main__":
    main()
