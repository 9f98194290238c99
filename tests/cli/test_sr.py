"""`mrrt sr`: findings, and vendor profiles of a site, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import mrrt
from tests.sr_import.broken import ONE, changed
from tests.sr_writer import CODES, text, write

OWN = """\
profile: own
version: "1"
evidence: [seen here]
applies to: [{model: SONO 1}]
codes: [{sent: LN 11726-7, meant: 99OWN PSV Our velocity, because: a test}]
cases:
  - name: it works
    document: {model: SONO 1, content: [{num: LN 11726-7 PSV, is: "1"}]}
    measurements: [{code: 99OWN PSV}]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    return tmp_path


def _document(folder: Path) -> Path:
    target = folder / "one.dcm"
    target.write_bytes(changed(lambda root: root.ContentSequence.append(text("CONTAINS", CODES["findings"], "calm"))))
    return target


def test_findings_are_listed_where_they_are_asked_for(tmp_path: Path) -> None:
    file = _document(tmp_path)
    line = json.loads(mrrt("sr", "read", file, "--json", "--findings").stdout)
    assert [(one["value_type"], one["text"], one["path"]) for one in line["findings"]] == [("TEXT", "calm", "1.6")]
    assert "calm" in mrrt("sr", "read", file, "--findings").stdout
    assert "calm" not in mrrt("sr", "read", file).stdout


def test_profiles_of_a_site_count_and_say_so(own: Path) -> None:
    file = own / "one.dcm"
    file.write_bytes(write(ONE))
    for done in (
        mrrt("sr", "read", file, "--json", "--profiles", own),
        mrrt("sr", "read", file, "--json", MRRT_PROFILES=str(own)),
    ):
        line = json.loads(done.stdout)
        assert {one["code"]["scheme"] for one in line["measurements"]} == {"99OWN", "LN"}
        assert [one["rule"] for one in line["problems"]] == ["SR18"]


def test_profiles_are_listed_and_tested(own: Path) -> None:
    listed = mrrt("sr", "profile", "list", own)
    assert listed.returncode == 0 and listed.stdout.splitlines()[1].startswith("own")
    assert "generic" in listed.stdout and "every device" in listed.stdout
    tested = mrrt("sr", "profile", "test", own)
    assert (tested.returncode, tested.stdout) == (0, "pass own 1: it works\n1 passed, 0 failed\n")
    assert mrrt("sr", "profile", "test").returncode == 0


def test_a_failing_case_and_a_broken_profile_are_said(own: Path) -> None:
    (own / "own.yaml").write_text(OWN.replace("[{code: 99OWN PSV}]", "[{code: 99OWN EDV}]"), encoding="utf-8")
    done = mrrt("sr", "profile", "test", own)
    assert done.returncode == 1
    assert "FAIL own 1: it works" in done.stdout and "code is (PSV, 99OWN), not (EDV, 99OWN)" in done.stdout
    (own / "own.yaml").write_text(OWN.replace("because", "why"), encoding="utf-8")
    done = mrrt("sr", "read", _document(own), "--profiles", own)
    assert done.returncode == 1
    assert "own.yaml:5:" in done.stderr and "SP01" in done.stderr and "SP02" in done.stderr


def test_a_profile_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    done = mrrt("sr", "profile", "list", tmp_path / "missing")
    assert done.returncode == 3 and "no folder of vendor profiles" in done.stderr
    empty = mrrt("sr", "profile", "test", tmp_path)  # "0 passed" would look like success
    assert empty.returncode == 2 and f"{tmp_path}: there is no profile (*.yaml)" in empty.stderr
