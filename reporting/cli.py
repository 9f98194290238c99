"""The command line: `mrrt`. Commands live in cli_*.py by topic; here they get their names and exit codes."""

from __future__ import annotations

import sys
from importlib import metadata

import typer

from mrrt.errors import MrrtError, Refused, Unreadable, UsageError
from reporting.cli_check import check, logic
from reporting.cli_dmn import dmn
from reporting.cli_fill import demo, fill
from reporting.cli_mine import mine
from reporting.cli_output import PROBLEMS, SURPRISE, UNREADABLE, WRONG_USAGE, complain, err, show_problems
from reporting.cli_receive import receive
from reporting.cli_serve import serve
from reporting.cli_sr import sr
from reporting.cli_templates import templates
from reporting.cli_unmapped import unmapped

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Structured radiology reports from IHE MRRT templates and DICOM SR.",
)


def version() -> None:
    """Print the version."""
    sys.stdout.write(f"mrrt {metadata.version('mrrt')}\n")


for command in (check, fill, serve, demo, version):
    app.command()(command)
sr.command("unmapped")(unmapped)
app.add_typer(sr, name="sr")
app.add_typer(logic, name="logic")
app.add_typer(mine, name="mine")
app.add_typer(receive, name="receive")
app.add_typer(templates, name="templates")
app.add_typer(dmn, name="dmn")


def main() -> None:
    """Run the command line and end the program with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter
    sys.exit(_run())


def _run() -> int:
    """Run a command; every exception becomes a message and an exit code here, and nowhere else."""
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else SURPRISE
    except Refused as error:
        show_problems(error.problems, err())
        return PROBLEMS
    except MrrtError as error:
        complain(str(error))
        return UNREADABLE if isinstance(error, Unreadable) else _code(error)
    except Exception as error:  # noqa: BLE001  # the last line of defence: no stack trace for people
        complain(
            f"this is a mistake in mrrt, not in your input: {type(error).__name__}: {error}\n"
            "Please report it with the command that you gave, and without patient data."
        )
        return SURPRISE
    return 0


def _code(error: MrrtError) -> int:
    return WRONG_USAGE if isinstance(error, UsageError) else PROBLEMS


if __name__ == "__main__":
    main()
