"""The kinds of long work: what each needs to know, and the function that does it. A new kind is one more entry.

A function gets a Run and its parameters. It calls `run.progress` often: that is where a job that was cancelled, or
whose process ends, stops. Whatever it changes it changes in short transactions and in a way that may be done twice,
because work of a process that died is taken up again from the beginning.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from mrrt.report import Report
from mrrt.template import Template
from reporting.access import Permission
from reporting.exporting import EXPORT_FORMATS, export_values
from reporting.importing import import_archive
from reporting.records import By, Record
from reporting.searching import Search
from reporting.store_transaction import Reading
from reporting.templates import compiled, shaped
from reporting.value_rows import value_rows
from reporting.verifying import verify
from reporting.workflow import Workflow

_BATCH = 200
_SEARCH = "body.parameters.search"
_NAMED = 1000
"""So many reports are named in a result; all are counted."""


@dataclass(frozen=True, slots=True)
class Run:
    """What work is done with: the application, who asked for it and when, and where its progress goes."""

    workflow: Workflow
    by: By
    progress: Callable[[int, int | None, str], None]
    """Done, total, and what is being done; raises where the work is to stop."""


@dataclass(frozen=True, slots=True)
class Made:
    """What work led to: one sentence, and a file."""

    message: str
    content: bytes
    media_type: str = "application/json"
    name: str = "result.json"


class RebuildParameters(BaseModel):
    """Making value rows anew takes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class VerifyParameters(BaseModel):
    """Checking the audit log takes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ExportParameters(BaseModel):
    """Which values to export, and how: the reports that a search finds, all of them by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["parquet", "csv"] = "parquet"
    search: Search = Search()

    @field_validator("search")
    @classmethod
    def _is_understood(cls, given: Search) -> Search:
        given.filter(_SEARCH)
        return given


class ImportParameters(BaseModel):
    """A ZIP archive of templates in base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    archive: str = Field(min_length=4)
    new_version: bool = False

    @field_validator("archive")
    @classmethod
    def _is_base64(cls, given: str) -> str:
        try:
            base64.b64decode(given, validate=True)
        except ValueError as error:
            raise ValueError("the archive is not in base64") from error
        return given


def rebuild_values(run: Run, _: RebuildParameters) -> Made:
    """Make the value rows of all reports anew from their documents, and say which ones had not been right."""
    store, done, wrong = run.workflow.store, 0, []
    with store.reading() as transaction:
        total = transaction.report_count()
    last = ""
    while ids := _ids_after(run, last):
        for report_id in ids:
            run.progress(done, total, "compares value rows with their documents")
            if _differs(run, report_id):
                wrong.append(report_id)
                _rebuild(run, report_id)
            done += 1
        last = ids[-1]
    said = {"reports": done, "differed": len(wrong), "ids": wrong[:_NAMED]}
    return Made(f"{done} reports compared, {len(wrong)} differed and were mended.", _json(said))


def export(run: Run, wanted: ExportParameters) -> Made:
    """Write the values of the reports that a search finds, a row for each, with what identifies the report."""
    search = wanted.search.filter("parameters.search", zone=run.workflow.zone)
    content, reports, rows = export_values(run.workflow.store, search, wanted.format, run.progress)
    kind = EXPORT_FORMATS[wanted.format]
    return Made(f"{rows} values of {reports} reports.", content, kind.media_type, f"values{kind.suffix}")


def refuse_unknown_fields(workflow: Workflow, wanted: ExportParameters) -> None:
    """Raise WrongQuery for a field that nothing has, before anybody waits for an empty table."""
    workflow.refuse_unknown_fields(wanted.search.filter(_SEARCH, zone=workflow.zone), _SEARCH)


def import_templates(run: Run, wanted: ImportParameters) -> Made:
    """Store every template of an archive, with a result for each file."""
    run.progress(0, None, "reads the archive")
    content = base64.b64decode(wanted.archive)
    results = import_archive(run.workflow.library, content, run.by, new_version=wanted.new_version)
    outcomes = [one.outcome for one in results]
    counts = ", ".join(f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes))
    return Made(
        f"{len(results)} files: {counts or 'nothing'}.", _json([one.model_dump(mode="json") for one in results])
    )


def verify_audit(run: Run, _: VerifyParameters) -> Made:
    """Check the chain of the audit log, and what is stored against it."""
    found = verify(run.workflow.store, progress=lambda done, total: run.progress(done, total, "checks the audit log"))
    count = found.count
    said = "intact" if not count else f"{count} {'finding' if count == 1 else 'findings'}"
    return Made(f"The audit log was checked: {said}.", _json(found.model_dump(mode="json")))


def _take_all(_workflow: Workflow, _wanted: BaseModel) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: what it needs to know, and what it does."""

    parameters: type[BaseModel]
    work: Callable[[Run, Any], Made]
    permission: Permission
    """What who asks for it, and who reads its result, may do."""
    refuse: Callable[[Workflow, Any], None] = _take_all
    """Raises a UsageError for parameters that only what is stored shows to be wrong."""


KINDS: Mapping[str, Kind] = {
    "rebuild-values": Kind(RebuildParameters, rebuild_values, Permission.MANAGE_JOBS),
    "verify-audit": Kind(VerifyParameters, verify_audit, Permission.READ_AUDIT),
    "export-values": Kind(ExportParameters, export, Permission.RUN_JOBS, refuse_unknown_fields),
    "import-templates": Kind(ImportParameters, import_templates, Permission.MANAGE_TEMPLATES),
}


def requests() -> tuple[type[BaseModel], ...]:
    """Return a model for each kind of work, by which it is asked for; its words are those of the function."""
    return tuple(_request(name, kind) for name, kind in KINDS.items())


def _request(name: str, kind: Kind) -> type[BaseModel]:
    needed = any(one.is_required() for one in kind.parameters.model_fields.values())
    default = ... if needed else kind.parameters()
    parts: dict[str, Any] = {"kind": (Literal[name], ...), "parameters": (kind.parameters, default)}
    title = "".join(word.capitalize() for word in name.split("-"))
    config = ConfigDict(frozen=True, extra="forbid")
    return create_model(title, __config__=config, __doc__=kind.work.__doc__, **parts)


def _ids_after(run: Run, last: str) -> tuple[str, ...]:
    with run.workflow.store.reading() as transaction:
        return transaction.report_ids(last, _BATCH)


def _differs(run: Run, report_id: str) -> bool:
    with run.workflow.store.reading() as transaction:
        record = transaction.report(report_id)
        said, template = _said(transaction, record)
        rows = {(row.field, row.position): row for row in transaction.values(report_id)}
        documents = set(transaction.documents_known_by(report_id))
    made = {(row.field, row.position): row for row in value_rows(said, template)}
    return rows != made or documents != set(record.draft.dealt_with)


def _rebuild(run: Run, report_id: str) -> None:
    with run.workflow.store.writing(report_id) as transaction:
        record = transaction.report(report_id)
        transaction.rebuild_values(record, _said(transaction, record)[1])


def _said(transaction: Reading, record: Record) -> tuple[Report, Template]:
    """Return the report whose values its rows hold, and its template in the shape that it has there."""
    draft = transaction.saying(record).draft
    return draft.report, shaped(compiled(transaction.template(draft.template_version)), draft.report).template


def _json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1).encode()
