"""The command line: `mrrt`. Commands live in cli_*.py by topic; here they get their names and exit codes."""

from __future__ import annotations

import signal
import sys
from importlib import metadata
from types import FrameType

import typer

from mrrt.errors import MrrtError, Refused, Unreadable, UsageError
from reporting.cli_lazy import lazily
from reporting.cli_output import PROBLEMS, SURPRISE, UNREADABLE, WRONG_USAGE, complain, err, show_problems
from reporting.errors import NoRoom, Unavailable, Undelivered
from reporting.writing import is_no_room

_TERMINATED = 128 + signal.SIGTERM
_UNHEARD = 128 + signal.SIGPIPE
"""What shells say of a program whose reader went away; libraries below say 1, which would be a finding of `verify`."""
_COMMANDS = {
    "check": "reporting.cli_check:check",
    "fill": "reporting.cli_fill:fill",
    "serve": "reporting.cli_serve:serve",
    "demo": "reporting.cli_fill:demo",
    "version": "reporting.cli:version",
    "sr": "reporting.cli_sr:sr",
    "logic": "reporting.cli_logic:logic",
    "mine": "reporting.cli_mine:mine",
    "receive": "reporting.cli_receive:receive",
    "templates": "reporting.cli_templates:templates",
    "verify": "reporting.cli_audit:verify",
    "backup": "reporting.cli_backup:backup",
    "restore": "reporting.cli_backup:restore",
    "erase": "reporting.cli_erase:erase",
    "hold": "reporting.cli_hold:hold",
    "audit": "reporting.cli_audit:audit",
    "users": "reporting.cli_users:users",
    "tokens": "reporting.cli_tokens:tokens",
    "dmn": "reporting.cli_dmn:dmn",
}
app = typer.Typer(cls=lazily(_COMMANDS), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _mrrt() -> None:
    """Structured radiology reports from IHE MRRT templates and DICOM SR."""


def version() -> None:
    """Print the version."""
    sys.stdout.write(f"mrrt {metadata.version('mrrt')}\n")


def main() -> None:
    """Run the command line and end the program with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a letter
    signal.signal(signal.SIGTERM, _terminate)
    code = _run()
    if code == _TERMINATED:
        signal.raise_signal(signal.SIGTERM)
    sys.exit(code)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    """Let a command remove what it has not finished; the program ends then as if nobody had waited for the signal."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(_TERMINATED)


def _run() -> int:
    """Run a command; every exception becomes a message and an exit code here, and nowhere else."""
    try:
        app()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            return _UNHEARD
        return end.code if isinstance(end.code, int) else SURPRISE
    except Refused as error:
        show_problems(error.problems, err())
        return PROBLEMS
    except Unavailable as error:
        complain(f"the database cannot be used: {error.reason}")
        return UNREADABLE
    except MrrtError as error:
        complain(str(error))
        return UNREADABLE if isinstance(error, (Unreadable, Undelivered, NoRoom)) else _code(error)
    except Exception as error:  # noqa: BLE001  # the last line of defence: no stack trace for people
        if isinstance(error, OSError) and is_no_room(error):
            complain(f"{error.filename or 'the output'} cannot be written: {error.strerror}")
            return UNREADABLE
        if isinstance(error, PermissionError) and error.filename:
            complain(f"{error.filename}: cannot be opened: {error.strerror}")
            return UNREADABLE
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
