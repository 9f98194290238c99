"""`mrrt check --fix`: what can be mended is written to another file, with a diff and what is left."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from mrrt.errors import Unreadable, UsageError
from mrrt.mend import Mended, mend
from mrrt.problems import has_errors
from reporting.cli_output import FINE, PROBLEMS, UNREADABLE, complain, err, read_file, say, show_problems, write_file


def fix_all(files: list[Path], output: Path | None, in_place: bool, as_json: bool) -> int:
    """Mend each file and return the worst exit code; raises UsageError on options that contradict each other."""
    if as_json:
        raise UsageError("--fix prints a diff; use --json without it")
    if output and (in_place or len(files) > 1):
        raise UsageError("-o names one file: give one FILE and no --in-place")
    if output and output.resolve() == files[0].resolve():
        raise UsageError(f"{output} is the file itself; use --in-place to overwrite it")
    return max(_fix(file, file if in_place else output or file.with_suffix(".mended.html")) for file in files)


def _fix(file: Path, target: Path) -> int:
    try:
        source = read_file(file)
        mended = mend(source, str(file))
    except Unreadable as error:
        complain(str(error))
        return UNREADABLE
    write_file(target, mended.text.encode())
    _show_diff(source, mended, file, target)
    left = [one.model_copy(update={"file": str(target)}) for one in mended.left]
    show_problems(left, err())
    say(f"{file}: {len(mended.done)} mended, {len(left)} left, written to {target}", "bold")
    return PROBLEMS if has_errors(left) else FINE


def _show_diff(source: bytes, mended: Mended, file: Path, target: Path) -> None:
    before = source.decode("utf-8", "replace").splitlines()
    lines = difflib.unified_diff(before, mended.text.splitlines(), str(file), str(target), lineterm="", n=1)
    sys.stdout.writelines(f"{line}\n" for line in lines)
