"""Values of reports as a table: what it says of a report belongs to the values beside it.

1. A signature stands only beside values that were signed with it; what was withdrawn is called so.
2. The table shows one state of the database: no row is lost or doubled while reports change.
3. Where there is no room for it, the job says so.
"""

from __future__ import annotations

import csv
import errno
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mrrt.errors import UsageError
from mrrt.report import ReportStatus
from reporting import exporting
from reporting.draft import Edit
from reporting.exporting import ExportFormat, export_values
from reporting.records import Filter
from reporting.signing import Signing
from reporting.workflow import Workflow

from .site import SEEN, by, sr


def rows(workflow: Workflow) -> list[dict[str, str]]:
    content, _, count = export_values(workflow.store, Filter(), "csv", lambda *_: None)
    found = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
    assert len(found) == count
    return found


def conclusion(workflow: Workflow, report: str = "r1") -> dict[str, str]:
    (found,) = (row for row in rows(workflow) if (row["report_id"], row["field"]) == (report, "conclusion"))
    return found


def says(row: dict[str, str]) -> tuple[str, ...]:
    names = ("values_version", "status", "signed_version", "signed_status", "signed_by")
    return (row["text"], *(row[f"report_{name}"] for name in names))


def write(workflow: Workflow, text: str, report: str = "r1") -> None:
    workflow.edit(report, [Edit(field="conclusion", value=text)], by("Student"))


@pytest.fixture
def signing(workflow: Workflow) -> Signing:
    workflow.create("r1", "tiny-carotid", [], by())
    write(workflow, "one")
    return Signing(workflow.store)


def test_preliminary_report_that_was_edited_has_no_signature(workflow: Workflow, signing: Signing) -> None:  # 1
    signing.sign("r1", by("Resident"), preliminary=True, acknowledging=SEEN)
    assert says(conclusion(workflow)) == ("one", "3", "preliminary", "3", "preliminary", "Resident")
    write(workflow, "two")
    assert says(conclusion(workflow)) == ("two", "4", "partial", "", "", "")
    signing.sign("r1", by("Dr. Senior"))
    assert says(conclusion(workflow)) == ("two", "5", "final", "5", "final", "Dr. Senior")


def test_open_revision_has_the_signed_values(workflow: Workflow, signing: Signing) -> None:  # 1
    signing.sign("r1", by("Dr. One"), acknowledging=SEEN)
    signing.revise("r1", ReportStatus.CORRECTED, "wrong side", by())
    write(workflow, "two")
    assert says(conclusion(workflow)) == ("one", "3", "partial", "3", "final", "Dr. One")
    signing.sign("r1", by("Dr. Two"), preliminary=True)
    assert says(conclusion(workflow)) == ("one", "3", "preliminary", "3", "final", "Dr. One")
    signing.sign("r1", by("Dr. Three"))
    assert says(conclusion(workflow)) == ("two", "7", "corrected", "7", "corrected", "Dr. Three")


def test_withdrawn_report_is_called_so(workflow: Workflow, signing: Signing) -> None:  # 1
    signing.sign("r1", by("Dr. One"), acknowledging=SEEN)
    signing.withdraw("r1", "wrong patient", by())
    said = says(conclusion(workflow))
    assert said[2] == said[4] == "entered-in-error"


def test_one_state_while_reports_change(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:  # 2
    monkeypatch.setattr(exporting, "_BATCH", 2)
    for number in range(7):
        workflow.receive(sr(instance=f"i{number}"), by())
        workflow.create(f"r{number}", "tiny-carotid", [], by(seconds=number))
        write(workflow, "before", f"r{number}")
    seen: list[Any] = []

    def change(done: int, *_: object) -> None:
        seen.append(done)
        workflow.create(f"new{done}", "tiny-carotid", [], by(seconds=-done))
        for number in range(7):
            write(workflow, f"after {done}", f"r{number}")

    content, reports, _ = export_values(workflow.store, Filter(), "csv", change)
    found = list(csv.DictReader(io.StringIO(content.decode())))
    texts = [(row["report_id"], row["text"]) for row in found if row["field"] == "conclusion"]
    assert (reports, seen) == (7, [2, 4, 6, 7])
    assert Counter(texts) == Counter((f"r{number}", "before") for number in range(7))


def test_no_room_for_the_table(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:  # 3
    def full(path: Path, _: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setitem(exporting.EXPORT_FORMATS, "csv", ExportFormat("text/csv", ".csv", full))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"temporary files: No space left on device\. Make room there"):
        export_values(workflow.store, Filter(), "csv", lambda *_: None)
