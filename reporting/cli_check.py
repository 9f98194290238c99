"""`mrrt check`: is a template that somebody wrote any good?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mrrt.check import json_line, outlined
from mrrt.errors import Unreadable, UsageError
from mrrt.problems import Problem, Severity, has_errors
from reporting.cli_fix import Fixing, fix_all
from reporting.cli_output import FINE, PROBLEMS, UNREADABLE, complain, json_lines, out, read_file, say, show_problems


def check(
    files: Annotated[list[Path], typer.Argument(help="MRRT templates (HTML files).", metavar="FILE...")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and file.")] = False,
    profile: Annotated[
        Literal["tolerant", "mrrt"], typer.Option(help="mrrt: hold templates to the letter of the IHE profile.")
    ] = "tolerant",
    fix: Annotated[bool, typer.Option("--fix", help="Write FILE.mended.html with what can be mended.")] = False,
    output: Annotated[Path | None, typer.Option("-o", metavar="OUT", help="With --fix: the file to write.")] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="With --fix: overwrite FILE itself.")] = False,
) -> None:
    """List the problems of MRRT templates; exit code 1 if any of them is an error."""
    if fix:
        raise typer.Exit(fix_all(files, Fixing(output, in_place, profile, as_json)))
    if output or in_place:
        raise UsageError("-o and --in-place go with --fix")
    raise typer.Exit(max(_check(file, as_json, profile) for file in files))


def _check(file: Path, as_json: bool, profile: Literal["tolerant", "mrrt"]) -> int:
    try:
        outline, problems = outlined(read_file(file), str(file), profile)
    except Unreadable as error:
        if as_json:
            json_lines([_unreadable(file, error)])
        else:
            complain(str(error))
        return UNREADABLE
    if as_json:
        json_lines([json_line(str(file), outline, problems)])
    else:
        show_problems((one.model_copy(update={"file": str(file)}) for one in problems), out())
        say(f"{file}: {outline.title or 'no title'}: {len(outline.fields)} fields, {_counted(problems)}", "bold")
    return PROBLEMS if has_errors(problems) else FINE


def _unreadable(file: Path, error: Unreadable) -> dict[str, Any]:
    problem = {"rule": "T0", "severity": "error", "message": str(error), "mend": ""}
    places = dict.fromkeys(("line", "column", "field"))
    empty: dict[str, Any] = {"identifier": None, "title": None, "dialect": None, "sections": 0, "fields": []}
    return {"file": str(file), **empty, "problems": [problem | places]}


def _counted(problems: tuple[Problem, ...]) -> str:
    words = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFORMATION: "notes"}
    counts = {word: sum(one.severity is severity for one in problems) for severity, word in words.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no problems"
