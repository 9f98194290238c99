"""`mrrt logic check` and `mrrt logic test`: does the logic of a template load, and say what its cases expect?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mrrt.errors import Refused, UsageError
from reporting.cli_output import FINE, PROBLEMS, out, read_text, say, show_problems
from reporting.logic_cases import CaseResult, run_cases
from reporting.templates import compiled
from templates_lib.loader import TemplateSource, read

logic = typer.Typer(no_args_is_help=True, help="Check and test the logic of templates.")

Folders = Annotated[list[Path], typer.Argument(help="Template folders.", metavar="FOLDER...")]
Page = Annotated[
    Path | None, typer.Option("--template", metavar="PAGE.html", help="The page that a folder without one belongs to.")
]


@logic.command("check")
def logic_check(folders: Folders, template: Page = None) -> None:
    """Load the logic and bindings of template folders, and list what loading refuses."""
    worst = FINE
    for folder in folders:
        try:
            made = compiled(folder_with(folder, template))
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
        source, cases = folder_with(folder, template), folder / "cases.yaml"
        if not cases.is_file():
            raise UsageError(f'"{folder}" holds no cases.yaml')
        results = run_cases(read_text(cases), str(cases), compiled(source))
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


def folder_with(folder: Path, page: Path | None) -> TemplateSource:
    """Read a template folder, with the page that it belongs to where it holds none; raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f'"{folder}" is not a folder')
    if page is not None and not page.is_file():
        raise UsageError(f'--template: there is no file "{page}"')
    return read(folder, None if (folder / "template.html").is_file() else page)
