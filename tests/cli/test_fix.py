"""`mrrt check --fix` writes a mended copy, shows the difference, and never overwrites unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mrrt.errors import UsageError
from reporting.cli import app
from tests.mrrt.corpus import FIXTURES

BROKEN = FIXTURES / "broken" / "D2-html4-doctype.html"


def fix(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "--fix", *arguments])
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_copy_is_written_and_the_difference_shown(tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_bytes(BROKEN.read_bytes())
    code, shown = fix(str(file))
    assert code == 0
    assert "+<!DOCTYPE html>" in shown
    assert file.read_bytes() == BROKEN.read_bytes()
    assert (tmp_path / "mine.mended.html").read_text().startswith("<!DOCTYPE html>\n")


def test_the_file_itself_only_in_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_bytes(BROKEN.read_bytes())
    with pytest.raises(UsageError, match="--in-place"):
        fix(str(file), "-o", str(file))
    assert fix(str(file), "--in-place")[0] == 0
    assert file.read_text().startswith("<!DOCTYPE html>\n")


def test_what_is_no_template_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_text("nothing")
    assert fix(str(file))[0] == 3
