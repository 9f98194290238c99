"""`mrrt sr read`: what a DICOM SR says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mrrt.code import Code
from mrrt.errors import Unreadable
from reporting.cli_output import FINE, UNREADABLE, complain, json_lines, out, say, show_problems, show_table
from sr_import import Document, Finding, Measurement, json_line, read, unreadable_json_line

sr = typer.Typer(no_args_is_help=True, help="Read DICOM SR documents.")
_HEADS = ("path", "measurement", "value", "unit", "side", "site", "segment", "derivation", "selection")
_FINDING_HEADS = ("path", "finding", "says", "side", "site", "segment")
_RIGHT = frozenset({2})


@sr.callback()
def _sr() -> None:
    """Read DICOM SR documents."""


@sr.command("read")
def sr_read(
    files: Annotated[list[Path], typer.Argument(help="DICOM SR files.", metavar="FILE...")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and file.")] = False,
    findings: Annotated[bool, typer.Option("--findings", help="Codes, texts, dates and names, too.")] = False,
) -> None:
    """List the measurements of SR documents. A file that cannot be read does not stop the others (exit code 3)."""
    raise typer.Exit(max(_read(file, as_json, findings) for file in files))


def _read(file: Path, as_json: bool, findings: bool) -> int:
    try:
        document = read(file)
    except Unreadable as error:
        if as_json:
            json_lines([unreadable_json_line(error, str(file))])
        else:
            complain(f"{file}: {error}")
        return UNREADABLE
    if as_json:
        json_lines([json_line(document, str(file), findings=findings)])
    else:
        _show(file, document)
        if findings and document.findings:
            show_table(_FINDING_HEADS, map(_finding_row, document.findings))
    return FINE if document.complete else UNREADABLE


def _show(file: Path, document: Document) -> None:
    title = _name(document.title) or "no title"
    say(f"{file}: {title}, {len(document.measurements)} measurements, SOP Instance {document.sop_instance_uid}", "bold")
    if document.measurements:
        show_table(_HEADS, map(_row, document.measurements), _RIGHT)
    show_problems((one.model_copy(update={"file": str(file)}) for one in document.problems), out())


def _row(item: Measurement) -> tuple[str, ...]:
    value = item.value if item.value is not None else f"({item.absent})"
    names = (_name(code) for code in (item.site, item.segment, item.derivation, item.selection))
    site, *others = names
    return (item.path, _name(item.code), value, item.unit or "", item.laterality or "", site, *others)


def _finding_row(item: Finding) -> tuple[str, ...]:
    said = _name(item.code) or item.text or ""
    return (item.path, _name(item.concept), said, item.laterality or "", _name(item.site), _name(item.segment))


def _name(code: Code | None) -> str:
    return "" if code is None else code.meaning or f"{code.value} ({code.scheme})"
