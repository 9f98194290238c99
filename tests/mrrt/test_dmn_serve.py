"""`mrrt dmn serve`: every line is answered, whatever it holds, and the program goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from reporting.cli import app

from ..conftest import ROOT

FOLDER = str(ROOT / "tests/fixtures/dmn")
GOOD = {"id": 9, "dmn": f"{FOLDER}/literal.dmn", "decision": "ratio", "inputs": {"ica psv": 250, "cca psv": 100.0}}


def answers(*lines: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, ["dmn", "serve"], input="\n".join(lines) + "\n")
    assert done.exit_code == 0
    return [json.loads(line) for line in done.output.splitlines()]


def test_values_are_tagged() -> None:
    service = {"id": 2, "dmn": f"{FOLDER}/service.dmn", "service": "svc", "decision": "graded"}
    imported = {"id": 3, "dmn": f"{FOLDER}/importing.dmn", "models": [f"{FOLDER}/knowledge.dmn"], "decision": "d"}
    found = answers(json.dumps(GOOD), "", json.dumps({**service, "inputs": {"b": 1, "base": 2}}), json.dumps(imported))
    assert found == [
        {"id": 9, "value": {"number": "2.5"}},
        {"id": 2, "value": {"number": "3"}},
        {"id": 3, "value": {"number": "10"}},
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("garbage", "no JSON object: Expecting value"),
        ("[1]", "no JSON object: a request has id, dmn, decision and inputs"),
        ("null", "no JSON object: a request has"),
        ('{"id": 1}', 'the request has no "dmn"'),
        ('{"id": 1, "dmn": "x"}', 'the request has no "decision"'),
        ("[" * 100_000, "no JSON object"),
        (json.dumps({**GOOD, "dmn": "/nowhere.dmn"}), "/nowhere.dmn: cannot be opened"),
        (json.dumps({**GOOD, "dmn": f"{FOLDER}/broken_xml.dmn"}), "broken_xml.dmn: the model is no XML"),
        (json.dumps({**GOOD, "decision": "nothing"}), "nothing"),
        (json.dumps({**GOOD, "inputs": {"ica psv": {"date": "x"}}}), ""),
        (json.dumps({**GOOD, "inputs": {"ica psv": {"number": "x"}}}), ""),
        (json.dumps({**GOOD, "inputs": [1]}), ""),
        (json.dumps({**GOOD, "dmn": f"{FOLDER}/endless.dmn", "decision": "a"}), ""),
    ],
)
def test_a_line_that_is_no_request_gets_an_error_and_the_next_its_answer(line: str, said: str) -> None:
    bad, good = answers(line, json.dumps(GOOD))
    assert bad["error"] and said in bad["error"]
    assert good["value"] == {"number": "2.5"}
