"""How the command line speaks to people: aligned, coloured on a terminal, problems on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mrrt.errors import Unreadable
from mrrt.problems import Problem, Severity
from reporting.writing import whole, writing

FINE, PROBLEMS, WRONG_USAGE, UNREADABLE, SURPRISE = 0, 1, 2, 3, 70
"""Exit codes; the worst of several files counts."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFORMATION: "cyan"}
_WIDE = 200


def out() -> Console:
    """Return the console for results; a pipe gets whole lines, not lines cut to some width."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console for problems and progress."""
    return _console(sys.stderr)


def _console(stream: Any) -> Console:
    return Console(file=stream, highlight=False, emoji=False, soft_wrap=True, width=None if stream.isatty() else _WIDE)


def say(text: str = "", style: str = "") -> None:
    """Print a line of result."""
    out().print(Text(text, style))


def complain(message: str) -> None:
    """Print an error message for people."""
    err().print(Text.assemble(("error: ", "bold red"), message))


def json_lines(objects: Iterable[Any]) -> None:
    """Print one JSON object per line."""
    for one in objects:
        sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")


def show_problems(problems: Iterable[Problem], console: Console) -> None:
    """Print each problem on a line of its own: place, severity, rule, message, mend."""
    for problem in problems:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
        about = " ".join(part for part in (problem.path, problem.field) if part)
        head = Text(f"{place}: " if place else "")
        head.append(f"{problem.severity} [{problem.rule}]", _STYLES[problem.severity])
        said = problem.message if problem.message.endswith((".", "?", "!")) else f"{problem.message}."
        head.append(f" {about}: {said}" if about else f" {said}")
        if problem.mend:
            head.append(f" {problem.mend}", "dim")
        console.print(head)


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int] = frozenset()) -> None:
    """Print rows as an aligned table without frames; columns in `right` are set flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out().print(table, soft_wrap=False)


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that the user named; raises Unreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: cannot be opened: {error.strerror or error}") from error


def read_text(path: Path) -> str:
    """Return the text of a file that the user named; raises Unreadable."""
    try:
        return read_file(path).decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: it is no text in UTF-8. Save it in UTF-8.") from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file that the user named; raises UsageError or NoRoom where that is not possible."""
    with writing(path):
        path.write_bytes(content)


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write a long file that the user named; it is there when it is whole, and not before. Raises as `write_file`."""
    in_place = path.exists() and not path.is_file()  # a pipe, or a device
    with writing(path) if in_place else whole(path) as unfinished, (unfinished or path).open("wb") as file:
        file.writelines(parts)
