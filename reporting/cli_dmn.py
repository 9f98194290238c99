"""`mrrt dmn`: decision models of the standard, evaluated for other programs."""

from __future__ import annotations

import datetime
import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import typer

from mrrt.dmn.engine import Model
from mrrt.dmn.tagged import decode, encode, loads
from mrrt.dmn.xml_in import read_model
from mrrt.errors import MrrtError
from reporting.cli_output import read_file

dmn = typer.Typer(no_args_is_help=True, help="Evaluate decision models (DMN 1.5).")
_LINE = 16 * 1024 * 1024


@dmn.callback()
def _dmn() -> None:
    """Evaluate decision models (DMN 1.5)."""


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
        identifier = request.get("id")
    except (ValueError, AttributeError) as error:
        return {"id": None, "error": f"the line is no JSON object: {error}"}
    try:
        return {"id": identifier, "value": encode(_evaluated(request))}
    except MrrtError as error:
        return {"id": identifier, "error": str(error)}
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
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
    definitions = [read_model(read_file(Path(one))) for one in (path, *others)]
    return Model(definitions[0], {one.namespace: one for one in definitions[1:]})
