"""`mrrt check`, `mrrt logic check` and `mrrt logic test`: is what somebody wrote any good?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mrrt.check import json_line, outlined
from mrrt.errors import Refused, Unreadable, UsageError
from mrrt.problems import Problem, Severity, has_errors
from reporting.cli_fix import Fixing, fix_all
from reporting.cli_output import FINE, PROBLEMS, UNREADABLE, complain, json_lines, out, read_file, say, show_problems
from reporting.logic_cases import CaseResult, run_cases
from reporting.templates import Compiled, compiled
from templates_lib.loader import TemplateSource, read

logic = typer.Typer(no_args_is_help=True, help="Check and test the logic of templates.")

Folders = Annotated[list[Path], typer.Argument(help="Template folders.", metavar="FOLDER...")]
Page = Annotated[
    Path | None, typer.Option("--template", metavar="PAGE.html", help="The page that a folder without one belongs to.")
]


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


@logic.command("check")
def logic_check(folders: Folders, template: Page = None) -> None:
    """Load the logic and bindings of template folders, and list what loading refuses."""
    worst = FINE
    for folder in folders:
        try:
            made = _compiled(folder, template)
        except Refused as error:
            show_problems(error.problems, out())
            worst = PROBLEMS
            continue
        tables = sum(one.table is not None for one in made.logic.functions.values())
        parts = f"{len(made.logic.calculations)} calculated fields, {tables} decision tables"
        say(f"{folder}: {parts}, {len(made.bindings.bindings)} bindings: fine")
    raise typer.Exit(worst)


@logic.command("test")
def logic_test(folders: Folders, template: Page = None) -> None:
    """Run the worked cases (cases.yaml) of template folders; exit code 1 if any fails."""
    failed = False
    for folder in folders:
        cases = folder / "cases.yaml"
        if not cases.is_file():
            raise UsageError(f'"{folder}" holds no cases.yaml')
        results = run_cases(read_file(cases).decode(), str(cases), _compiled(folder, template))
        for result in results:
            _show_case(cases, result)
        passed = sum(result.passed for result in results)
        say(f"{folder}: {passed} of {len(results)} cases passed", "green" if passed == len(results) else "bold red")
        failed = failed or passed < len(results)
    raise typer.Exit(PROBLEMS if failed else FINE)


def _show_case(cases: Path, result: CaseResult) -> None:
    if result.passed:
        return
    say(f"{cases}:{result.line}: {result.name}" + (f" ({result.why})" if result.why else ""), "red")
    if result.refused:
        say(f"    {result.refused}")
    for miss in result.misses:
        say(f"    {miss.field}: expected {_value(miss.expected)}, got {_value(miss.got)}")


def _value(text: str | None) -> str:
    return "no value" if text is None else f'"{text}"'


def _compiled(folder: Path, page: Path | None) -> Compiled:
    if not folder.is_dir():
        raise UsageError(f'"{folder}" is not a folder')
    own = folder / "template.html"
    source: TemplateSource = read(folder, None if own.is_file() else page)
    return compiled(source)
