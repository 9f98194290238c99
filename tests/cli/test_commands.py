"""The command line as people and programs use it: real files, exit codes, both kinds of output.

1. Exit codes: 0 fine, 1 problems found, 2 wrong usage, 3 unreadable input; no stack trace on any of them.
2. `--json` keeps the contract of docs/reference, key by key.
3. One bad file never stops the others.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..conftest import ROOT
from ..forked import forked
from ..reporting.site import TEMPLATES, TINY, sr
from ..sr_writer import Carotid, write

PAGE = TINY / "template.html"


def mrrt(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    around = {**os.environ, "MRRT_TEMPLATES": str(TEMPLATES), "PYTHONWARNINGS": "error", "TERM": "dumb"} | environment
    done = forked(*arguments, environment=around)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SR, and with files that are none."""
    made = tmp_path_factory.mktemp("files")
    (made / "good.dcm").write_bytes(sr(right=336.0, left=80.0))
    (made / "metres.dcm").write_bytes(sr(right=336.0, left=80.0, unit="m/s"))
    (made / "cut.dcm").write_bytes(sr()[:3000])
    (made / "empty.dcm").write_bytes(b"")
    (made / "text.dcm").write_text("Dear colleague")
    return made


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["version"], 0, ""),
        (["check", PAGE], 0, ""),
        (["check", "nothing.html"], 3, "cannot be opened"),
        (["check"], 2, "FILE"),
        (["nonsense"], 2, "nonsense"),
        (["fill", "no-such-template"], 2, "us-carotid-duplex"),
        (["fill", "tiny-carotid", "--set", "right_psw=3"], 2, "right_psv"),
        (["fill", "tiny-carotid", "--set", "right_psv"], 2, "FIELD=VALUE"),
        (["fill", "tiny-carotid", "--set", "right_psv=fast"], 2, "takes a number"),
        (["fill", "tiny-carotid", "--set", "plaque=none", "--set", "plaque=present"], 2, "twice"),
        (["fill", "tiny-carotid", "--set", "conclusion=\x07"], 2, "U+0007"),
        (["fill", "tiny-carotid", "--format", "parchment"], 2, "text, html, json"),
        (["fill", "tiny-carotid", "--language", "klingon"], 2, "MRRT_LANGUAGE"),
        (["fill", "tiny-carotid", "--language", "fr"], 2, "Take one of: en, de"),
        (["fill", "tiny-carotid", "-o", "/nothing/here.txt"], 2, "cannot be written"),
        (["fill", "tiny-carotid", "-o", "/dev/full"], 3, "/dev/full: cannot be written: No space left"),
        (["mine", "extract", TEMPLATES, "-o", "/nothing/here.parquet"], 2, "/nothing/here.parquet: cannot be written"),
        (["mine", "extract", TEMPLATES, "-o", TEMPLATES], 2, "cannot be written: Is a directory"),
        (["demo", "--out", PAGE], 2, "cannot be written: File exists"),
        (["logic", "test", TEMPLATES / "nothing"], 2, 'nothing" is not a folder'),
        (["logic", "check", TINY, "--template", "nothing.html"], 2, '--template: there is no file "nothing.html"'),
        (["dmn", "export", TINY, "--template", "nothing.html"], 2, '--template: there is no file "nothing.html"'),
        (["serve", "--host", "0.0.0.0"], 2, "without sign-in"),
        (["serve", "--port", "99999"], 2, "MRRT_PORT"),
        (["serve", "--database-url", "nonsense", "--port", "0"], 2, "no address of a database"),
        (["verify", "--database-url", "postgresql://mrrt@127.0.0.1:1/mrrt"], 3, "the database cannot be used"),
    ],
)
def test_exit_codes(arguments: list[object], code: int, message: str) -> None:  # 1
    done = mrrt(*arguments)
    assert done.returncode == code, done.stderr
    assert message in done.stderr


def test_wrong_settings_are_named() -> None:  # 1
    done = mrrt("fill", "tiny-carotid", MRRT_TEMPLATES="/no/such/folder", MRRT_PORT="many")
    assert done.returncode == 2
    assert "MRRT_TEMPLATES" in done.stderr and "MRRT_PORT" in done.stderr and "/no/such/folder" in done.stderr


def test_sr_read_as_json(folder: Path) -> None:  # 2, 3
    files = [folder / name for name in ("text.dcm", "good.dcm", "cut.dcm", "empty.dcm", "missing.dcm", "metres.dcm")]
    done = mrrt("sr", "read", *files, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3 and [line["file"] for line in lines] == [str(file) for file in files]
    readable = [bool(line["measurements"]) for line in lines]
    assert readable == [False, True, True, False, False, True]
    cut = {problem["rule"]: problem["severity"] for problem in lines[2]["problems"]}
    assert cut["SR15"] == "error"  # what stands before the cut is listed, and the file still counts as unreadable
    assert all(line["problems"] for line, good in zip(lines, readable, strict=True) if not good)
    keys = {"file", "sop_instance_uid", "template", "title", "study_instance_uid", "measurements", "problems"}
    assert all(set(line) == keys for line in lines)


def test_sr_read_for_people(folder: Path) -> None:  # 3
    done = mrrt("sr", "read", folder / "text.dcm", folder / "good.dcm")
    assert done.returncode == 3
    assert "text.dcm: The file is a plain text" in done.stderr
    assert "336.0" in done.stdout and "right" in done.stdout and "Internal carotid" in done.stdout
    assert mrrt("sr", "read", folder / "good.dcm").returncode == 0


def test_check_as_json(tmp_path: Path) -> None:  # 2, 3
    broken = tmp_path / "broken.html"
    broken.write_text("<html><head><title>x</title></head><body><input></body></html>")
    done = mrrt("check", PAGE, tmp_path / "missing.html", broken, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    keys = {"file", "identifier", "title", "dialect", "sections", "fields", "problems"}
    assert all(set(line) == keys for line in lines) and len(lines) == 3
    assert lines[0]["identifier"] == "1.2.3.4.5" and len(lines[0]["fields"]) == 8
    problem = {"rule", "severity", "line", "column", "field", "message", "mend"}
    assert all(set(one) == problem for line in lines for one in line["problems"])
    assert any(one["severity"] == "error" for one in lines[2]["problems"])
    assert mrrt("check", broken).returncode == 1


def filled(*arguments: object) -> dict[str, Any]:
    done = mrrt("fill", "tiny-carotid", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_fill_as_json(folder: Path) -> None:  # 2
    answer = filled("--sr", folder / "good.dcm", "--set", "left_psv=1,1 m/s", "--set", "plaque=")
    keys = {"template", "status", "values", "derived", "explain", "unmatched", "ambiguous", "problems"}
    assert set(answer) == keys and answer["status"] == "partial" and answer["template"] == "1.2.3.4.5"
    right, left = answer["values"]["right_psv"], answer["values"]["left_psv"]
    assert (right["value"], right["unit"], right["provenance"]) == ("336.0", "cm/s", "imported")
    assert right["source"]["document"] and right["source"]["path"] and right["source"]["received"] == "336.0"
    assert (left["value"], left["unit"], left["provenance"]) == ("110", "cm/s", "typed")
    assert answer["values"]["plaque"]["value"] is None and answer["values"]["plaque"]["absent"] == "unknown"
    assert answer["derived"]["right_grade"]["value"] == "above" and "right_grade" not in answer["values"]
    assert answer["explain"]["right_grade"]["rule"] == 3
    assert answer["unmatched"] and all(one["reason"] for one in answer["unmatched"])


def test_fill_says_what_it_converted(folder: Path) -> None:  # 2
    right = filled("--sr", folder / "metres.dcm")["values"]["right_psv"]
    assert right["unit"] == "cm/s" and float(right["value"]) == 336.0
    assert (right["source"]["received"], right["source"]["received_unit"]) == ("3.360", "m/s")


def test_fill_clears_what_follows(folder: Path) -> None:
    answer = filled("--sr", folder / "good.dcm", "--set", "right_psv=")
    assert "right_grade" not in answer["derived"]


def test_fill_takes_several_choices() -> None:
    answer = filled("--set", "methods=bmode", "--set", "methods=pulsed")
    assert answer["values"]["methods"]["value"] == ["bmode", "pulsed"]


def test_fill_for_people(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = mrrt("fill", TINY, "--sr", folder / "good.dcm", "--format", "html", "-o", target)
    assert done.returncode == 0 and done.stdout == "" and b"336.0" in target.read_bytes()
    assert "2 values imported" in done.stderr and "conclusion" in done.stderr
    german = mrrt("fill", PAGE, "--sr", folder / "good.dcm", "--language", "de")
    assert "336,0 cm/s" in german.stdout


def test_an_unreadable_sr_fills_nothing(folder: Path) -> None:  # 1
    done = mrrt("fill", "tiny-carotid", "--sr", folder / "good.dcm", "--sr", folder / "cut.dcm")
    assert done.returncode == 3 and done.stdout == "" and "cut.dcm" in done.stderr


def test_logic_test(tmp_path: Path) -> None:
    assert "2 of 2 cases passed" in mrrt("logic", "test", TINY).stdout
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("logic.yaml", "bindings.yaml"):
        (foreign / name).write_text((TINY / name).read_text())
    cases = (TINY / "cases.yaml").read_text()
    (foreign / "cases.yaml").write_text(
        cases.replace("right_grade: above", "right_grade: below").replace("null}", "3}")
    )
    assert mrrt("logic", "test", foreign).returncode == 2
    done = mrrt("logic", "test", foreign, "--template", PAGE)
    assert done.returncode == 1 and "0 of 2 cases passed" in done.stdout
    assert 'right_grade: expected "below", got "above"' in done.stdout
    assert 'right_grade: expected "3", got no value' in done.stdout


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("cases: []", "LC1"),
        ("cases: [1]", "LC2"),
        ("cases: [{name: x}]", "LC2"),
        ("cases: [{name: x, expected: {plaque: none}, value: {}}]", "LC2"),
        ("cases: [{name: x, expected: {plaque: none}, values: 3}]", "LC2"),
        ("cases: [", "Y1"),
    ],
)
def test_cases_that_are_none(tmp_path: Path, text: str, rule: str) -> None:
    for file in TINY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "cases.yaml").write_text(text)
    done = mrrt("logic", "test", tmp_path)
    assert done.returncode == 1 and f"[{rule}]" in done.stderr


def test_a_case_with_a_value_that_the_field_refuses(tmp_path: Path) -> None:
    for file in TINY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = "cases: [{name: a, values: {plaque: odd}, expected: {plaque: odd}}, {name: b, expected: {nothing: 1}}]"
    (tmp_path / "cases.yaml").write_text(text)
    done = mrrt("logic", "test", tmp_path)
    assert done.returncode == 1 and "no choice" in done.stdout and "no such field" in done.stdout


@pytest.mark.parametrize("name", ["logic.yaml", "bindings.yaml", "cases.yaml"])
def test_a_text_in_latin_1_is_no_mistake_of_the_program(tmp_path: Path, name: str) -> None:  # 1
    mine = tmp_path / "mine"
    shutil.copytree(TINY, mine)
    (mine / name).write_bytes("# Aufklärung\n".encode("latin-1"))
    commands = [("logic", "test", mine)] if name == "cases.yaml" else [("logic", "check", mine), ("fill", mine)]
    for command in commands:
        done = mrrt(*command)
        assert done.returncode == 3 and f"mine/{name}: it is no text in UTF-8. Save it in UTF-8." in done.stderr


def test_logic_check(tmp_path: Path) -> None:
    done = mrrt("logic", "check", TINY)
    assert done.returncode == 0 and "1 calculated fields, 1 decision tables, 2 bindings" in done.stdout
    for file in TINY.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    logic = tmp_path / "logic.yaml"
    logic.write_text(logic.read_text().replace("psv: right_psv", "psv: right_psw"))
    done = mrrt("logic", "check", tmp_path, TINY)
    assert done.returncode == 1 and "right_psw" in done.stdout and ": fine" in done.stdout


def test_demo(tmp_path: Path) -> None:
    done = mrrt("demo", "--out", tmp_path / "out")
    assert done.returncode == 0 and "70 %" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["carotid.html", "carotid.json", "carotid.txt"]
    assert (
        "336.0" in json.loads((tmp_path / "out" / "carotid.json").read_text())["values"]["right_ica_prox_psv"]["value"]
    )


def test_a_reader_that_goes_away(folder: Path) -> None:  # 1
    command = f'"{sys.executable}" -m reporting.cli sr read {folder / "good.dcm"} --json | true'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_the_shipped_templates_pass_their_cases() -> None:
    done = mrrt("logic", "test", ROOT / "templates_lib" / "us-carotid-duplex")
    assert done.returncode == 0, done.stdout


def test_what_is_said_of_many_measurements_is_said_once(tmp_path: Path) -> None:
    lost = {(side, vessel, None, "psv"): "sequence" for side in ("right", "left") for vessel in ("bulb", "eca")}
    file = tmp_path / "lost.dcm"
    file.write_bytes(write(Carotid(lost=lost)))
    said = mrrt("fill", "us-carotid-duplex", "--sr", file).stderr
    assert said.count("[SR02]") == 1
    assert "3 more like it" in said
    assert said.count("right_bulb_psv was left empty") == 1


def test_commands_without_a_database_do_not_wait_for_its_library() -> None:
    code = "import sys, reporting.cli, reporting.cli_check, reporting.cli_fill, reporting.cli_logic, reporting.cli_sr"
    said = f"{code}; print(sorted({{'sqlalchemy', 'fastapi', 'pydicom', 'pyarrow'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_is_listed_and_answers_help() -> None:
    listed = mrrt("--help").stdout
    for name in ("check", "fill", "serve", "demo", "version", "sr", "logic", "mine", "receive", "templates", "dmn"):
        assert f" {name} " in listed
        assert mrrt(name, "--help").returncode == 0
