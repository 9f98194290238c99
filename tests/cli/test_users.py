"""`mrrt users` and `mrrt tokens`: people and programs let in from the command line; no secret is ever an argument."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import ROOT
from ..forked import forked

PHRASE = "a phrase that nobody guesses"


def mrrt(folder: Path, *arguments: str, given: str = "", code: int = 0) -> str:
    around = {**os.environ, "MRRT_DATABASE_URL": f"sqlite:///{folder / 'users.sqlite'}", "TERM": "dumb"}
    done = forked(*arguments, environment=around, given=given)
    assert done.returncode == code, done.stderr
    assert PHRASE not in done.stdout + done.stderr and "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_users(tmp_path: Path) -> None:
    said = mrrt(tmp_path, "users", "add", "Ada", "--role", "administrator", given=f"{PHRASE}\n")
    assert "ada may sign in as administrator" in said
    mrrt(tmp_path, "users", "add", "sam", "--role", "signer", "--display-name", "Dr. Sam", "--no-password")
    assert "already" in mrrt(tmp_path, "users", "add", "sam", "--no-password", code=1)
    assert "12 to 256" in mrrt(tmp_path, "users", "add", "tim", given="short\n", code=2)
    assert "king" in mrrt(tmp_path, "users", "add", "tim", "--role", "king", code=2)
    mrrt(tmp_path, "users", "password", "sam", given=f"{PHRASE}\n")
    assert "reader, auditor" in mrrt(tmp_path, "users", "roles", "sam", "reader", "auditor").replace(
        "auditor, reader", "reader, auditor"
    )
    mrrt(tmp_path, "users", "disable", "sam")
    assert "last account" in mrrt(tmp_path, "users", "disable", "ada", code=1)
    lines = [json.loads(line) for line in mrrt(tmp_path, "users", "list", "--json").splitlines()]
    assert [(one["name"], one["disabled"], one["has_password"]) for one in lines] == [
        ("ada", False, True),
        ("sam", True, True),
    ]
    mrrt(tmp_path, "users", "enable", "sam")
    table = mrrt(tmp_path, "users", "list")
    assert "Dr. Sam" in table and "disabled" not in table
    assert "no account" in mrrt(tmp_path, "users", "enable", "nobody", code=2)


def test_tokens(tmp_path: Path) -> None:
    made = json.loads(mrrt(tmp_path, "tokens", "add", "room 2", "--role", "device", "--json"))
    said = mrrt(tmp_path, "tokens", "add", "ris", "--role", "reader", "--client", "--expires-days", "30")
    assert "mrrt_" in said and "not shown again" in said
    lines = [json.loads(line) for line in mrrt(tmp_path, "tokens", "list", "--json").splitlines()]
    assert {(one["name"], one["kind"]) for one in lines} == {("room 2", "token"), ("ris", "client")}
    assert made["secret"] not in json.dumps(lines)
    assert "revoked" in mrrt(tmp_path, "tokens", "revoke", made["id"])
    assert "revoked" in mrrt(tmp_path, "tokens", "list")
    assert "no token" in mrrt(tmp_path, "tokens", "revoke", "none", code=2)
    assert "role" in mrrt(tmp_path, "tokens", "add", "nothing", code=2)


@pytest.mark.parametrize(("sign_in", "said"), [("none", "without sign-in"), ("local", "MRRT_PUBLIC_URL")])
def test_a_server_does_not_stand_open(tmp_path: Path, sign_in: str, said: str) -> None:
    command = [sys.executable, "-m", "reporting.cli", "serve", "--host", "0.0.0.0", "--port", "0"]
    around = {**os.environ, "MRRT_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}", "MRRT_SIGN_IN": sign_in}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=around, timeout=60, check=False)
    assert done.returncode == 2 and said in done.stderr.replace("\n", " ")
