"""The documents do not rot: every command and snippet in them runs, and what they list is all there is.

In README.md and docs/: ```sh blocks run in order, one folder per document; ```sh server starts a server for the rest of
the document, ```text after a block must appear in its output line by line, ```python runs, ```yaml is read.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

import mrrt.errors
import reporting.errors
from mrrt.authored import read_yaml
from reporting.audit_codes import ACTIONS
from reporting.cli import app
from reporting.config import Settings
from reporting.templates import compiled
from sr_import.bindings import Choose, Repeat
from templates_lib.loader import read

from .conftest import ROOT, require_program
from .forked import command

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
# The suite cannot run itself. scripts/demo works on the checkout that it lies in, so it has a test of its own;
# readers of documents get the command that it ends in.
# Of nobody is anything kept where the documents run, so that nobody can be put on hold; tests/cli/test_erase.py does.
NOT_RUN = {"./scripts/test", 'mrrt hold add --patient EX-0001 --reason "lawsuit 17/2026"'}
INSTEAD = {"./scripts/demo": "mrrt demo"}
PEERS = ("echoscu", "storescu")
"""Programs of others that documents call."""
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Block(NamedTuple):
    """A fenced block of a document."""

    kind: str
    server: bool
    text: str


def blocks(document: Path) -> list[Block]:
    found = _FENCE.findall(document.read_text(encoding="utf-8"))
    return [Block(kind, "server" in more, text) for kind, more, text in found]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Reader:
    """Somebody who follows a document, command by command, in a folder of their own."""

    def __init__(self, folder: Path, as_installed: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self.dicom_port = free_port()
        self.server: subprocess.Popen[bytes] | None = None
        programs = folder / ".programs"
        programs.mkdir()
        if not as_installed:
            command(programs)
        for name in ("sr_import", "templates_lib", "tests", "README.md"):
            (folder / name).symlink_to(ROOT / name)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("MRRT_")},
            "PATH": f"{programs}:{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "MRRT_DATABASE_URL": f"sqlite:///{folder / 'reports.sqlite'}",
            "MRRT_PORT": str(self.port),
        }
        self.variables = folder / ".variables"
        self.variables.touch()

    def run(self, command: str) -> str:
        """Run shell commands; shell variables last from block to block, as they do for a person."""
        script = f"set -e -a; . ./.variables\n{command}\nexport -p > .variables"
        done = subprocess.run(
            ["bash", "-c", self.here(script)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def here(self, command: str) -> str:
        """Return a command with ports of our own in place of those that everybody knows."""
        return command.replace(":8000", f":{self.port}").replace("11112", str(self.dicom_port))

    def serve(self, command: str) -> None:
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec {self.here(command.strip())}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=2):
                    return
            except OSError:
                assert self.server.poll() is None, "the server of the document ended by itself"
                time.sleep(0.1)
        pytest.fail("the server of the document did not answer within a minute")

    def close(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(20)


@contextmanager
def reading(folder: Path, as_installed: bool = False) -> Iterator[Reader]:
    reader = Reader(folder, as_installed)
    try:
        yield reader
    finally:
        reader.close()


def follow(found: list[Block], reader: Reader) -> None:
    output = ""
    for block in found:
        if block.kind == "sh" and block.server:
            reader.serve(block.text)
        elif block.kind == "sh" and block.text.strip() not in NOT_RUN:
            output = reader.run(INSTEAD.get(block.text.strip(), block.text))
        elif block.kind == "python":
            (reader.folder / "snippet.py").write_text(block.text, encoding="utf-8")
            output = reader.run("python snippet.py")
        elif block.kind == "yaml":
            read_yaml(block.text, "snippet.yaml")
        elif block.kind == "text" and output:
            missing = [line for line in block.text.splitlines() if line.strip() not in output]
            assert missing == []


def test_demo_prints_and_writes_the_report() -> None:
    done = subprocess.run([ROOT / "scripts" / "demo"], capture_output=True, text=True, check=True, timeout=300)
    text = (ROOT / "out" / "carotid.txt").read_text(encoding="utf-8")
    assert text in done.stdout
    assert "Right ICA: stenosis of 70 % or more; PSV 336" in text
    assert "Left ICA: 50-69 % stenosis" in text
    assert json.loads((ROOT / "out" / "carotid.json").read_text(encoding="utf-8"))["values"]
    assert (ROOT / "out" / "carotid.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def has_commands(document: Path) -> bool:
    return any(block.kind in ("sh", "python", "yaml") for block in blocks(document))


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if has_commands(path)], ids=lambda path: path.stem)
def test_every_command_and_snippet_runs(document: Path, tmp_path: Path) -> None:
    found = blocks(document)
    for peer in {name for block in found if block.kind == "sh" for name in PEERS if name in block.text}:
        require_program(peer)
    with reading(tmp_path, as_installed=document.name == "first-report.md") as reader:
        follow(found, reader)


def test_the_files_of_the_adopted_template_load_as_they_are_written(tmp_path: Path) -> None:
    found = [one.text for one in blocks(ROOT / "docs" / "how-to" / "adopt-a-template.md") if one.kind == "yaml"]
    (tmp_path / "bindings.yaml").write_text(found[0], "utf-8")
    (tmp_path / "logic.yaml").write_text("".join(found[1:]), "utf-8")
    made = compiled(read(tmp_path, ROOT / "tests" / "fixtures" / "foreign" / "carotid-page.html"))
    assert len(made.logic.calculations) == 1 and len(made.bindings.bindings) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        Block("sh", False, "false"),
        Block("python", False, "raise SystemExit(1)"),
        Block("sh", False, "mrrt fil"),
    ],
)
def test_the_harness_can_fail(wrong: Block, tmp_path: Path) -> None:
    with reading(tmp_path) as reader, pytest.raises(AssertionError):
        follow([wrong], reader)


def test_the_harness_compares_output(tmp_path: Path) -> None:
    with reading(tmp_path) as reader:
        follow([Block("sh", False, "echo one two"), Block("text", False, "two\n")], reader)
        with pytest.raises(AssertionError):
            follow([Block("sh", False, "echo one two"), Block("text", False, "three\n")], reader)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(document: Path) -> None:
    targets = [document.parent / link for link in _LINK.findall(document.read_text(encoding="utf-8"))]
    assert [str(target) for target in targets if not target.exists()] == []


def test_documents_name_every_command() -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    listed = subprocess.run(
        [sys.executable, "-m", "reporting.cli", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    commands = re.findall(r"^[│|]\s([a-z]+)\s{2,}\S", listed, re.MULTILINE)
    assert "fill" in commands
    assert [command for command in commands if f"`mrrt {command}" not in text] == []


def commands(of: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, by the words that call it."""
    inner = of.list_commands(None) if hasattr(of, "list_commands") else []
    if not inner or getattr(of, "invoke_without_command", False):
        yield name, of
    for one in inner:
        yield from commands(of.get_command(None, one), f"{name} {one}")


def test_documents_name_every_option() -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    written = [
        call for row in text.splitlines() if row.startswith("| `mrrt") for call in re.findall("`(mrrt .*?)`", row)
    ]
    unnamed = []
    for name, command_ in commands(typer.main.get_command(app), "mrrt"):
        calls = [call for call in written if re.match(rf"{name}(?! [a-z])", call)]
        options = [one.opts for one in command_.params if one.opts[0].startswith("-")]
        unnamed += [name] if not calls else []
        unnamed += [f"{name} {one[0]}" for one in options if not any(word in call for word in one for call in calls)]
    assert [one for one in unnamed if not one.endswith((" --database-url", " --help"))] == []


def test_documents_name_every_setting() -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`MRRT_{name.upper()}`" not in text] == []


_RULE = re.compile(r'"((?:S[RBPM]|LC|[LVCYTNE])[0-9]{1,2})"')


def test_documents_name_every_rule() -> None:
    pages = "".join(
        (ROOT / "docs" / "reference" / name).read_text("utf-8") for name in ("problems.md", "logic-yaml.md")
    )
    sources = [path for room in ("mrrt", "sr_import", "reporting") for path in (ROOT / room).rglob("*.py")]
    rules = {rule for path in sources for rule in _RULE.findall(path.read_text("utf-8"))}
    assert {"SM12", "L23", "LC2", "V4", "C1", "Y2", "T0", "N6"} <= rules
    assert [rule for rule in sorted(rules) if not re.search(rf"\b{rule}\b", pages)] == []


def test_documents_name_every_action_of_the_audit_log() -> None:
    text = (ROOT / "docs" / "explanation" / "audit-log.md").read_text("utf-8").partition("## How it is chained")[0]
    assert [action for action in sorted(ACTIONS) if f"`{action}`" not in text] == []


NOT_OF_THE_API = {"MrrtError", "NoRoom", "OAuthRefusal", "Undelivered", "UnitError"}
"""Errors of commands, of the inside, and the one that has the names of RFC 6749."""


def test_documents_name_every_type_of_error() -> None:
    text = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8").partition("## Errors")[2].partition("\n## ")[0]
    known = {**vars(mrrt.errors), **vars(reporting.errors)}.items()
    named = {name for name, kind in known if isinstance(kind, type) and issubclass(kind, mrrt.errors.MrrtError)}
    types = {re.sub("(?<!^)(?=[A-Z])", "-", kind).lower() for kind in named - NOT_OF_THE_API}
    assert "wrong-values" in types
    assert [name for name in sorted(types) if f"`{name}`" not in text] == []


def test_documents_name_every_word_of_a_binding() -> None:
    text = (ROOT / "docs" / "reference" / "bindings-yaml.md").read_text("utf-8")
    rows = {row.split("|")[1].strip(): row for row in text.splitlines() if row.startswith("| `")}
    words = (("`repeats`", Repeat), ("`choose`", Choose))
    assert [word for name, kind in words for word in kind if f"`{word}`" not in rows[name]] == []


def test_reference_of_problems_is_fresh() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "make_reference.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run scripts/make_reference.py"
