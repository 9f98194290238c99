"""`mrrt sr unmapped`: what devices measure and no binding wants, and what could be done about it."""

from __future__ import annotations

from typing import Annotated

import typer

from mrrt.code import Code
from reporting.cli_output import json_lines, say, show_table
from reporting.config import settings
from reporting.proposals import Proposal
from reporting.store import open_store
from reporting.unmapped import UnmappedLine
from reporting.workflow import Workflow

_HEADS = ("count", "device", "measurement", "site", "segment", "unit", "lowest", "highest", "last seen", "reason")
_RIGHT = frozenset({0, 6, 7})


def unmapped(
    template: Annotated[
        str | None, typer.Option(help="Name or identifier of a template; else of all.", metavar="ID")
    ] = None,
    propose: Annotated[bool, typer.Option("--propose", help="With a row for bindings.yaml or a profile.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    database_url: Annotated[str | None, typer.Option(help="SQLAlchemy address of the database.")] = None,
) -> None:
    """List what devices measured and no binding of a template wanted, the most frequent first."""
    site = settings(database_url=database_url)
    store = open_store(site.database_url)
    try:
        workflow = Workflow(store, site.templates, site.language)
        lines = workflow.unmapped(template)
        if template is not None and not lines:
            workflow.library.source(template)  # a misspelt name would look like a template without such measurements
        proposals = workflow.proposals(lines) if propose else (None,) * len(lines)
    finally:
        store.close()
    if as_json:
        json_lines(_json(line, proposal, propose) for line, proposal in zip(lines, proposals, strict=True))
        return
    if not lines:
        say("No measurement was left without a binding.")
    for name in dict.fromkeys(line.template for line in lines):
        say(f"template {name}", "bold")
        show_table(_HEADS, (_row(line) for line in lines if line.template == name), _RIGHT)
    for line, proposal in zip(lines, proposals, strict=True):
        if proposal is not None:
            say()
            say(f"# {_device(line)}, {_name(line.code)}: {proposal.kind}; {proposal.why}")
            say(proposal.yaml.rstrip())


def _json(line: UnmappedLine, proposal: Proposal | None, with_proposal: bool) -> dict[str, object]:
    made: dict[str, object] = line.model_dump(mode="json")
    if with_proposal:
        made["proposal"] = None if proposal is None else proposal.model_dump(mode="json")
    return made


def _row(line: UnmappedLine) -> tuple[str, ...]:
    codes = (_name(code) for code in (line.code, line.site, line.segment))
    span = (line.lowest or "", line.highest or "", line.last_seen[:10])
    return (str(line.count), _device(line), *codes, line.unit, *span, line.reason)


def _device(line: UnmappedLine) -> str:
    return " ".join(part for part in (line.manufacturer, line.model) if part) or "(not stated)"


def _name(code: Code | None) -> str:
    return "" if code is None else f"{code.meaning} ({code.scheme} {code.value})".strip()
