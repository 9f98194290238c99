"""What the audit log costs: a note per read, the check of a long log and of reports, a backup.

.venv/bin/python bench/measure_audit.py [ROWS] [DATABASE_URL]

The reports are carotid ones of an SR, each of two versions: every row that repeats them is compared.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from reporting.audit_chain import chained
from reporting.audit_log import AuditLog
from reporting.backup import backup
from reporting.draft import Edit
from reporting.records import By
from reporting.store import Store, open_store
from reporting.store_tables import audit_event
from reporting.verifying import verify
from reporting.workflow import Workflow

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
NOTES = 500
REPORTS = 300
SAMPLE = Path(__file__).parent.parent / "sr_import" / "samples" / "carotid-example.dcm"
WHO = By("example", datetime(2026, 1, 30, tzinfo=UTC), source="127.0.0.1", request_id="a" * 32)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/bench.sqlite"
        store = open_store(url)
        log, times, began_cpu = AuditLog(store), [], time.process_time()
        for number in range(NOTES):
            began = time.perf_counter()
            log.note("read", WHO, detail={"operation": "get_report", "as": "application/json"}, report_id=f"r{number}")
            times.append((time.perf_counter() - began) * 1000)
        cpu = (time.process_time() - began_cpu) / NOTES * 1000
        p95 = statistics.quantiles(times, n=20)[-1]
        said = f"p50 {statistics.median(times):.2f} ms, p95 {p95:.2f} ms, {cpu:.2f} ms of processor"
        print(f"{store.engine_name}: a read noted: {said}")
        fill(url, ROWS)
        began, began_cpu = time.perf_counter(), time.process_time()
        result = verify(store)
        took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        print(f"{result.events} rows checked in {took:.2f} s, {cpu:.2f} s of processor, intact: {result.intact}")
        write_reports(store)
        began_cpu = time.process_time()
        checked = verify(store)
        each = (time.process_time() - began_cpu - cpu) / REPORTS * 1000
        print(f"{checked.reports} reports more: {each:.1f} ms of processor for each, intact: {checked.intact}")
        began = time.perf_counter()
        path = Path(folder) / "all.zip"
        backup(store, path, WHO.at)
        print(f"backup in {time.perf_counter() - began:.2f} s, {path.stat().st_size / 1e6:.1f} MB")
        store.close()


def write_reports(store: Store) -> None:
    workflow = Workflow(store)
    uid = workflow.receive(SAMPLE.read_bytes(), WHO).document.sop_instance_uid or ""
    for number in range(REPORTS):
        workflow.create(f"report {number}", "us-carotid-duplex", [uid], WHO)
        workflow.edit(f"report {number}", [Edit(field="right_plaque", value="present")], WHO)


def fill(url: str, rows: int) -> None:
    with sa.create_engine(url).begin() as connection:
        order = sa.select(audit_event).order_by(audit_event.c.id.desc()).limit(1)
        last = dict(connection.execute(order).mappings().one())
        for _ in range(rows // 1000):
            batch = []
            for _ in range(1000):
                last = chained(last, last)
                batch.append(last)
            connection.execute(sa.insert(audit_event), batch)


if __name__ == "__main__":
    main()
