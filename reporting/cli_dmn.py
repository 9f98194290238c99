"""`mrrt dmn`: decision models of the standard, evaluated, checked and written for other programs."""

from __future__ import annotations

import datetime
import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from mrrt.dmn.check import TableCheck, check_model
from mrrt.dmn.engine import Model
from mrrt.dmn.model import Definitions
from mrrt.dmn.tagged import decode, encode, loads
from mrrt.dmn.xml_in import read_model
from mrrt.dmn.xml_out import write_model
from mrrt.errors import MrrtError, Unreadable
from mrrt.feel.values import to_text
from mrrt.logic.export import as_model
from reporting.cli_logic import folder_with
from reporting.cli_output import FINE, PROBLEMS, json_lines, read_file, say, write_file
from reporting.templates import compiled

dmn = typer.Typer(no_args_is_help=True, help="Evaluate, check and write decision models (DMN 1.5).")
_LINE = 16 * 1024 * 1024


@dmn.callback()
def _dmn() -> None:
    """Evaluate, check and write decision models (DMN 1.5)."""


@dmn.command("serve")
def dmn_serve() -> None:
    """Answer requests, one JSON object per line, until the input ends."""
    while line := sys.stdin.readline(_LINE):
        if line.strip():
            sys.stdout.write(json.dumps(_answer(line)) + "\n")
            sys.stdout.flush()


def _answer(line: str) -> dict[str, Any]:
    """Return the answer to one request; nothing that a request holds ends the program."""
    try:
        request = loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"the line is no JSON object: {error}"}
    if not isinstance(request, dict):
        return {"id": None, "error": "the line is no JSON object: a request has id, dmn, decision and inputs"}
    identifier = request.get("id")
    if missing := [name for name in ("dmn", "decision") if name not in request]:
        return {"id": identifier, "error": f'the request has no "{missing[0]}"'}
    try:
        return {"id": identifier, "value": encode(_evaluated(request))}
    except MrrtError as error:
        return {"id": identifier, "error": str(error)}
    except (KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        return {"id": identifier, "error": f"the request cannot be read: {type(error).__name__}: {error}"}


def _evaluated(request: dict[str, Any]) -> Any:
    model = _model(request["dmn"], tuple(request.get("models", ())))
    inputs = {name: decode(value) for name, value in request.get("inputs", {}).items()}
    now = datetime.datetime.now().astimezone()
    decision = request["decision"]
    if "service" not in request:
        return model.evaluate(decision, inputs, now=now)
    results = model.evaluate_service(request["service"], inputs, now=now)
    if decision in results:
        return results[decision]
    return next(iter(results.values())) if len(results) == 1 else results


@lru_cache(maxsize=32)
def _model(path: str, others: tuple[str, ...]) -> Model:
    definitions = [_definitions(Path(one)) for one in (path, *others)]
    return Model(definitions[0], {one.namespace: one for one in definitions[1:]})


def _definitions(file: Path) -> Definitions:
    """Read a model; raises Unreadable that names the file."""
    content = read_file(file)
    try:
        return read_model(content)
    except Unreadable as error:
        raise Unreadable(f"{file}: {error}") from error


@dmn.command("check")
def dmn_check(
    file: Annotated[Path, typer.Argument(help="DMN file.", metavar="MODEL.dmn")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and table.")] = False,
) -> None:
    """Prove each decision table complete and free of overlap, or show where it is not (exit code 1)."""
    checks = list(check_model(Model(_definitions(file))))
    if as_json:
        json_lines(check.json() for check in checks)
    else:
        for check in checks:
            _show(check)
    raise typer.Exit(FINE if all(check.sound for check in checks) else PROBLEMS)


@dmn.command("export")
def dmn_export(
    folder: Annotated[Path, typer.Argument(help="Template folder.", metavar="FOLDER")],
    page: Annotated[
        Path | None,
        typer.Option("--template", metavar="PAGE.html", help="The page that a folder without one belongs to."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", metavar="OUT", help="The file to write.")] = None,
    version: Annotated[str, typer.Option("--dmn-version", help="1.5, or 1.3 for editors that know no later.")] = "1.5",
    tables: Annotated[
        bool, typer.Option("--tables", help="Write each table as a decision too, as dmn-js shows.")
    ] = False,
) -> None:
    """Write the calculated values and functions of a template folder as a decision model."""
    made = compiled(folder_with(folder, page))
    xml = write_model(as_model(made.full, made.logic, tables=tables), version)
    if output is None:
        sys.stdout.write(xml.decode())
    else:
        write_file(output, xml)
        say(f"{output}: {len(made.logic.calculations)} decisions, {len(made.logic.functions)} knowledge models")


def _show(check: TableCheck) -> None:
    proof = check.proof
    state = {True: "complete", False: "not complete", None: f"not analysed: {proof.reason}"}[proof.complete]
    say(f"{check.name} ({check.hit_policy}): {state}", "green" if check.sound else "yellow")
    for gap in proof.gaps:
        say(f"  {_shown(gap)}: no rule")
    for overlap in proof.overlaps:
        say(f"  {_shown(overlap.example)}: rules {overlap.rules[0]} and {overlap.rules[1]}")
    for rule in proof.unreachable:
        say(f"  rule {rule} can never apply")


def _shown(example: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {to_text(value, inside=True)}" for name, value in example.items()) or "any input"
