"""`mrrt check --fix`: what can be mended is written to another file, with a diff, what was done, and what is left."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.text import Text

from mrrt.check import problem_line
from mrrt.check.rules import Profile
from mrrt.errors import Unreadable, UsageError
from mrrt.mend import Mended, mend
from mrrt.parse.source import decode
from mrrt.problems import has_errors
from reporting.cli_output import (
    FINE,
    PROBLEMS,
    UNREADABLE,
    WRONG_USAGE,
    complain,
    err,
    json_lines,
    read_file,
    show_problems,
    write_file,
)
from reporting.errors import NoRoom

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Fixing(NamedTuple):
    """How files are mended: where to, by which profile what is left is judged, and how it is told."""

    output: Path | None
    in_place: bool
    profile: Profile
    as_json: bool

    def target_of(self, file: Path) -> Path:
        """Return where the mended file goes."""
        return file if self.in_place else self.output or file.with_suffix(".mended.html")


def fix_all(files: list[Path], how: Fixing) -> int:
    """Mend each file and return the worst exit code; raises UsageError on options that contradict each other."""
    if how.output and (how.in_place or len(files) > 1):
        raise UsageError("-o names one file: give one FILE and no --in-place")
    if how.output and how.output.resolve() == files[0].resolve():
        raise UsageError(f"{how.output} is the file itself; use --in-place to overwrite it")
    return max([_fix(file, how) for file in files])


def _fix(file: Path, how: Fixing) -> int:
    """Mend one file; what goes wrong with it does not keep the others from being mended."""
    target = how.target_of(file)
    try:
        source = read_file(file)
        mended = mend(source, str(file), how.profile)
        if mended.done or target != file:
            write_file(target, mended.text.encode())
    except (Unreadable, UsageError, NoRoom) as error:
        if how.as_json:
            json_lines([_json(file, None, Mended("", (), ()), str(error))])
        else:
            complain(str(error))
        return WRONG_USAGE if isinstance(error, UsageError) else UNREADABLE
    if how.as_json:
        json_lines([_json(file, target, mended)])
    else:
        sys.stdout.writelines(_diff(decode(source, str(file)).text, mended.text, file, target))
        _tell(file, target, mended)
    return PROBLEMS if has_errors(mended.left) else FINE


def _json(file: Path, target: Path | None, mended: Mended, error: str | None = None) -> dict[str, Any]:
    return {
        "file": str(file),
        "written": None if target is None else str(target),
        "error": error,
        "mended": [{"rule": one.rule, "line": one.line, "message": one.what} for one in mended.done],
        "problems": [problem_line(problem) for problem in mended.left],
    }


def _tell(file: Path, target: Path, mended: Mended) -> None:
    """Tell on standard error what was done, in the lines of the source, and what is left, in those of the target."""
    for one in mended.done:
        place = ":".join(str(part) for part in (file, one.line) if part is not None)
        err().print(Text.assemble(f"{place}: ", (f"mended [{one.rule}]", "green"), f" {one.what}"))
    show_problems([one.model_copy(update={"file": str(target)}) for one in mended.left], err())
    written = f"written to {target}" if mended.done or target != file else "nothing to write"
    err().print(Text(f"{file}: {len(mended.done)} mended, {len(mended.left)} left, {written}", "bold"))


def _diff(before: str, after: str, file: Path, target: Path) -> Iterator[str]:
    """Yield a unified diff that `patch` takes: lines end where "\\n" stands, and nowhere else."""
    lines = difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), str(file), str(target), n=1)
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
