"""The form of logic files: one description, by which the loader refuses and which editors get as JSON Schema.

1. The schema in the documents is that of the loader, and is a schema.
2. Shipped files pass it as they are written; every file of wrong form is refused by both.
3. Whatever stands in a file, loading it gives logic or problems, never anything else.
"""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from mrrt.errors import Refused
from mrrt.logic import load_logic
from mrrt.logic.form import PARTS

from ..conftest import ROOT
from .tiny import BY_CRITERIA, LOGIC, TEMPLATE

SCHEMA = json.loads((ROOT / "docs/reference/logic.schema.json").read_text(encoding="utf-8"))
SHIPPED = sorted((ROOT / "templates_lib").glob("*/logic.yaml"))


def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("make_logic_schema", ROOT / "scripts/make_logic_schema.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def written(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def valid(data: Any) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(data)


# -- 1


def test_schema_in_the_documents_is_fresh() -> None:
    assert script().text() == (ROOT / "docs/reference/logic.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(SCHEMA)


def test_every_part_and_key_is_described_in_the_documents() -> None:
    text = (ROOT / "docs/reference/logic-yaml.md").read_text(encoding="utf-8")
    names = {*PARTS, *(key for part in PARTS.values() for key in part.keys)}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


# -- 2


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_shipped_files_pass_as_they_are_written(file: Path) -> None:
    errors = Draft202012Validator(SCHEMA).iter_errors(written(file.read_text(encoding="utf-8")))
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("text", [LOGIC, BY_CRITERIA], ids=["plain", "criteria"])
def test_sound_files_pass(text: str) -> None:
    assert valid(written(text))


MALFORMED = {
    "unknown part": "relevance: {character: 'true'}",
    "part that is a list": "inputs: [a]",
    "unknown key of an input": "inputs: {right_psv: {units: cm/s}}",
    "unit that is a number": "inputs: {right_psv: {unit: 1}}",
    "input that is a text": "inputs: {right_psv: cm/s}",
    "function of nothing": "functions: {f: {parameters: [a]}}",
    "function of both": "functions: {f: {parameters: [a], expression: a, table: '| a || b |'}}",
    "parameters that are a text": "functions: {f: {parameters: a, expression: a}}",
    "claim that is a text": "functions: {f: {expression: '1', complete: 'yes'}}",
    "empty calculation": "calculated: {x: }",
    "calculation that is a list": "calculated: {x: [1]}",
    "calculation with a unit only": "calculated: {x: {unit: m}}",
    "criteria without by": "calculated: {x: {criteria: {a: '1'}}}",
    "by without criteria": "calculated: {x: {by: plaque}}",
    "by and expression": "calculated: {x: {by: plaque, expression: '1'}}",
    "criteria that are a text": "calculated: {x: {by: plaque, criteria: a}}",
    "condition that is a mapping": "relevant: {character: {when: a}}",
    "constraint without test": "constraint: {right_psv: {message: a}}",
    "alert without when": "alerts: {a: {message: a}}",
    "message that is a list": "alerts: {a: {when: 'true', message: [a]}}",
    "codes that are a list": "choices: {plaque: [a]}",
    "version that is a list": "version: [1]",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_has_another_form_is_refused_by_loader_and_schema(name: str) -> None:
    text = f"template: 1.2.3\n{MALFORMED[name]}\n"
    with pytest.raises(Refused) as refused:
        load_logic(text, "logic.yaml", TEMPLATE)
    assert {problem.rule for problem in refused.value.problems} & {"L1", "L13"}
    assert refused.value.problems[0].line == 2
    assert not valid(written(text))


@pytest.mark.parametrize(
    "text", ["template: 1.2.3\nfunctions: {f: {expression: '1', hit policy: MOST}}", "version: '1'"]
)
def test_the_schema_knows_words_and_what_must_be_there(text: str) -> None:
    assert not valid(written(text))


# -- 3


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a file."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


WHOLE = written(BY_CRITERIA)
ODD = st.sampled_from(
    [None, True, 5, 1.5, "", "x", "(", "- - -", [], ["a"], [[]], {}, {"a": None}, {"a": ["b"]}, "| a || b |"]
)


@given(st.sampled_from(list(places(WHOLE))), ODD)
def test_anything_in_any_place_gives_logic_or_problems(path: tuple[Any, ...], odd: Any) -> None:
    data = copy.deepcopy(WHOLE)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = odd
    try:
        load_logic(json.dumps(data), "logic.yaml", TEMPLATE)
    except Refused as refused:
        assert all(problem.message and problem.line for problem in refused.problems)
