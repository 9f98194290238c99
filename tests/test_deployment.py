"""The files that put mrrt on a machine, held against linters and against the program.

1. Containerfile: hadolint. 2. compose.yaml: the schema of the Compose specification, and what hardening asks for.
3. systemd units: `systemd-analyze verify`, and an exposure that it calls OK. 4. What they call and set exists.
5. The proxy and mrrt are set to the same name; what they do together is tests/serving/test_proxy.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from reporting.cli import app
from reporting.config import Settings

from .conftest import ROOT, require_program

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
SERVICES = sorted(DEPLOY.glob("*.service"))
UNITS = [*SERVICES, *sorted(DEPLOY.glob("*.timer"))]
WORST = 20
"""Exposure in tenths that a unit may have; systemd calls up to 4.3 OK."""


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, check=False)


def test_containerfile_is_clean() -> None:  # 1
    done = run(BIN / "hadolint", "Containerfile")
    assert done.returncode == 0, done.stdout
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert re.search(r"^USER \d+$", text, re.MULTILINE) and "HEALTHCHECK" in text and "--require-hashes" in text


def test_the_linter_can_fail(tmp_path: Path) -> None:  # 1
    (tmp_path / "Containerfile").write_text("FROM debian\nRUN cd /tmp && sudo apt-get install x\n")
    assert run(BIN / "hadolint", tmp_path / "Containerfile").returncode == 1


def test_compose_follows_its_schema(tmp_path: Path) -> None:  # 2
    check = (BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec")
    done = run(*check, "compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "bad.yaml").write_text("services:\n  reports:\n    imagine: mrrt\n")
    assert run(*check, tmp_path / "bad.yaml").returncode == 1


def test_compose_is_hardened() -> None:  # 2
    text = (ROOT / "compose.yaml").read_text("utf-8")
    services = re.split(
        r"^  (?=\w+:$)", text.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0], flags=re.MULTILINE
    )[1:]
    assert len(services) == 3
    for service in services:
        for needed in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "restart: unless-stopped"):
            assert needed in service, (service[:20], needed)
    assert not re.search(r"PASSWORD: |PASSWORD=", text) and "_PASSWORD_FILE: /run/secrets/" in text


def test_units_verify(tmp_path: Path) -> None:  # 3
    analyze = require_program("systemd-analyze")
    for unit in UNITS:
        text = unit.read_text("utf-8")
        (tmp_path / unit.name).write_text(re.sub(r"/opt/mrrt/bin/mrrt", "/bin/true", text))
    done = run(analyze, "verify", "--man=no", *sorted(tmp_path.iterdir()))
    assert done.returncode == 0 and done.stderr.strip() == "", done.stderr


def test_verify_can_fail(tmp_path: Path) -> None:  # 3
    analyze = require_program("systemd-analyze")
    (tmp_path / "bad.service").write_text("[Service]\nExecStart=/bin/true\nProtectSystems=strict\n")
    assert "ProtectSystems" in run(analyze, "verify", "--man=no", tmp_path / "bad.service").stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.stem)
def test_services_are_hardened(unit: Path) -> None:  # 3
    analyze = require_program("systemd-analyze")
    done = run(analyze, "security", "--offline=true", f"--threshold={WORST}", unit)
    assert done.returncode == 0, done.stdout[-400:]


def test_timers_have_their_service() -> None:  # 4
    assert [one.stem for one in DEPLOY.glob("*.timer") if not one.with_suffix(".service").is_file()] == []


def test_what_they_call_and_set_exists() -> None:  # 4
    texts = {path.name: path.read_text("utf-8") for path in (*UNITS, DEPLOY / "mrrt.env", ROOT / "compose.yaml")}
    known = {f"MRRT_{name.upper()}" for name in Settings.model_fields}
    used = {name for text in texts.values() for name in re.findall(r"\bMRRT_\w+", text)}
    assert used - known == set() and len(used) >= 4
    commands = set(typer.main.get_command(app).list_commands(None))  # type: ignore[attr-defined]
    called = {name for text in texts.values() for name in re.findall(r"/opt/mrrt/bin/mrrt (\w+)", text)}
    assert called <= commands and {"serve", "receive", "verify", "backup"} <= called


def test_the_proxy_and_mrrt_are_of_one_name() -> None:  # 5
    assert "server_name reports.example.org;" in (DEPLOY / "nginx.conf").read_text("utf-8")
    for text in ((DEPLOY / "mrrt.env").read_text("utf-8"), (ROOT / "compose.yaml").read_text("utf-8")):
        assert re.search(r"MRRT_PUBLIC_URL[=:] ?https://reports\.example\.org$", text, re.MULTILINE)
        assert re.search(r"MRRT_SIGN_IN[=:] ?local$", text, re.MULTILINE)


def test_the_image_holds_every_room() -> None:  # 4
    text = (ROOT / "Containerfile").read_text("utf-8")
    rooms = re.search(r"^packages = \[(.*)\]$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert rooms and set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE)) == set(re.findall(r'"(\w+)"', rooms[1]))
    kept = (ROOT / ".containerignore").read_text("utf-8")
    assert all(f"!{room}\n" in kept for room in re.findall(r'"(\w+)"', rooms[1]))
