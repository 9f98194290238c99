"""`mrrt check --fix` writes a mended copy, shows the difference, and never overwrites unasked."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mrrt.errors import UsageError
from reporting.cli import app
from tests.mrrt.corpus import FIXTURES, VALID

BROKEN = FIXTURES / "broken" / "D2-html4-doctype.html"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["check", "--fix", *arguments])
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result


def fix(*arguments: str) -> tuple[int, str]:
    result = run(*arguments)
    return result.exit_code, result.stdout


def copied(name: str, folder: Path) -> Path:
    """Return a copy of a broken fixture, to be mended."""
    (path,) = (FIXTURES / "broken").glob(f"{name}-*.html")
    target = folder / path.name
    target.write_bytes(path.read_bytes())
    return target


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


def test_what_was_done_and_what_is_left_is_told_apart_from_the_difference(tmp_path: Path) -> None:
    file = copied("D6", tmp_path)
    result = run(str(file))
    assert all(line[:1] in "+-@ " for line in result.stdout.splitlines())
    assert f'{file}:5: mended [D6] the title "' in result.stderr
    assert "1 mended, 0 left, written to" in result.stderr


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch on this machine")
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\n\f\x85\u2028 "], ids=["LF", "CRLF", "other signs"])
def test_the_difference_is_one_that_patch_takes(tmp_path: Path, ends: str) -> None:
    file = copied("D6", tmp_path)
    whole = file.read_text().replace("</li>\n", f"</li>{ends}").rstrip("\n").encode()
    file.write_bytes(whole)
    (tmp_path / "changes.diff").write_bytes(run(str(file)).stdout_bytes)
    done = subprocess.run(
        ["patch", "--binary", str(file), "changes.diff"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert file.read_bytes() == file.with_suffix(".mended.html").read_bytes() != whole


def test_one_file_that_cannot_be_read_does_not_keep_the_others_from_being_mended(tmp_path: Path) -> None:
    first, last = copied("D2", tmp_path), copied("D6", tmp_path)
    bad = tmp_path / "bad.html"
    bad.write_text("nothing")
    result = run(str(first), str(bad), str(tmp_path / "gone.html"), str(last))
    assert result.exit_code == 3
    assert first.with_suffix(".mended.html").is_file() and last.with_suffix(".mended.html").is_file()
    assert not bad.with_suffix(".mended.html").exists()
    assert "bad.html: this is plain text" in result.stderr and "gone.html: cannot be opened" in result.stderr


def test_one_file_that_cannot_be_written_does_not_keep_the_others_from_being_mended(tmp_path: Path) -> None:
    first, last = copied("D2", tmp_path), copied("D6", tmp_path)
    first.with_suffix(".mended.html").mkdir()
    result = run(str(first), str(last))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert last.with_suffix(".mended.html").is_file()


def test_as_json(tmp_path: Path) -> None:
    file, left = copied("D6", tmp_path), copied("X4", tmp_path)
    bad = tmp_path / "bad.html"
    bad.write_text("nothing")
    result = run("--json", str(file), str(left), str(bad))
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 3 and result.stderr == ""
    assert (first["file"], first["written"]) == (str(file), str(file.with_suffix(".mended.html")))
    assert [(one["rule"], one["line"]) for one in first["mended"]] == [("D6", 5)] and first["problems"] == []
    assert [(one["rule"], one["severity"], one["line"]) for one in second["problems"]] == [("X4", "error", 18)]
    assert third["written"] is None and "plain text" in third["error"] and third["mended"] == []


def test_the_profile_counts_for_what_is_left(tmp_path: Path) -> None:
    file = copied("N2", tmp_path)
    assert (fix(str(file))[0], fix(str(file), "--profile", "mrrt")[0]) == (0, 1)


def test_a_file_without_problems_is_not_written_in_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    # the byte order mark would be gone if it were written
    file.write_bytes(b"\xef\xbb\xbf" + VALID)
    result = run(str(file), "--in-place")
    assert (result.exit_code, result.stdout) == (0, "") and "nothing to write" in result.stderr
    assert file.read_bytes() == b"\xef\xbb\xbf" + VALID


def test_another_encoding_is_shown_as_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.html"
    file.write_bytes(VALID.decode().replace("utf-8", "iso-8859-1").encode("iso-8859-1"))
    code, shown = fix(str(file))
    assert code == 0
    assert [line for line in shown.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")] == [
        '-  <meta charset="iso-8859-1"/>',
        '+  <meta charset="utf-8"/>',
    ]
