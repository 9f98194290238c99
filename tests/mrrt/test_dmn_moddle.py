"""The DMN that is written, read by dmn-moddle, the parser behind dmn-js.

dmn-moddle knows the namespace of DMN 1.3 and no later one. So models are written as 1.3; of 1.5 it is shown that the
two differ in nothing but the namespace.

1. Every fixture, and the tables of logic files, have the elements, names, texts, cells and requirements that we mean.
2. So has every model of the kit, except those with what DMN 1.3 does not know: these are refused in words.
3. The comparison can fail.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mrrt.dmn.model import (
    Decision,
    Definitions,
    Element,
    InputData,
    Knowledge,
    LiteralExpression,
    Service,
    TableExpression,
)
from mrrt.dmn.xml_in import read_model
from mrrt.dmn.xml_out import NAMESPACES, write_model
from mrrt.errors import UsageError
from mrrt.logic.export import as_model
from templates_lib.loader import load

from ..conftest import ROOT, require_program
from .test_dmn_writing import FILES
from .tiny import BY_CRITERIA, TEMPLATE, logic

WEB = ROOT / "tests/web"
KINDS = {
    InputData: "dmn:InputData",
    Decision: "dmn:Decision",
    Knowledge: "dmn:BusinessKnowledgeModel",
    Service: "dmn:DecisionService",
}


def understood(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Return what dmn-moddle makes of files."""
    node = require_program("node")
    if not (WEB / "node_modules/dmn-moddle").is_dir():
        message = "dmn-moddle is not installed (npm ci --prefix tests/web)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    command = [node, str(Path(__file__).parent / "dmn_moddle.mjs"), str(WEB)]
    given = "".join(f"{file}\n" for file in files)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def meant(model: Definitions) -> dict[str, Any]:
    """Return what dmn-moddle should make of a model."""
    return {
        "name": model.name,
        "items": [item.name for item in model.items],
        "elements": [_element(element) for element in model.elements],
        "warnings": [],
    }


def _element(element: Element) -> dict[str, Any]:
    return {
        "type": KINDS[type(element)],
        "id": element.id,
        "name": element.name,
        "requires": sorted(element.requires) if isinstance(element, Decision | Knowledge) else [],
        "logic": _logic(element),
    }


def _logic(element: Element) -> Any:
    found = element.expression if isinstance(element, Decision) else None
    if isinstance(element, Knowledge) and element.function is not None:
        found = element.function.body
    if isinstance(found, LiteralExpression):
        return found.text
    if not isinstance(found, TableExpression):
        return None
    return {
        "policy": found.hit_policy,
        "inputs": [clause.text for clause in found.inputs],
        "outputs": [clause.name for clause in found.outputs],
        "rules": [[list(rule.inputs), list(rule.outputs)] for rule in found.rules],
    }


def compare(models: dict[str, Definitions], folder: Path) -> list[str]:
    """Write models as DMN 1.3, and return the names of those that dmn-moddle takes for something else."""
    files = []
    for name, model in models.items():
        (file := folder / f"{name}.dmn").write_bytes(write_model(model, "1.3"))
        files.append(file)
    other = []
    for (name, model), answer in zip(models.items(), understood(files), strict=True):
        assert answer.pop("file") == str(folder / f"{name}.dmn")
        if answer != meant(model):
            other.append(name)
    return other


def split(models: dict[str, Definitions]) -> tuple[dict[str, Definitions], set[str]]:
    """Part models that DMN 1.3 can say from the names of those that it cannot."""
    sayable, later = {}, set()
    for name, model in models.items():
        try:
            write_model(model, "1.3")
            sayable[name] = model
        except UsageError as error:
            assert "DMN 1.3 does not know" in str(error)
            later.add(name)
    return sayable, later


# -- 1


def test_fixtures_are_understood_as_they_are_meant(tmp_path: Path) -> None:
    sayable, later = split({file.stem: read_model(file.read_bytes()) for file in FILES})
    assert later == {"boxed"}
    assert compare(sayable, tmp_path) == []


def test_logic_is_understood_as_it_is_meant(tmp_path: Path) -> None:
    carotid = load(ROOT / "templates_lib/us-carotid-duplex")
    models = {
        "carotid": as_model(carotid.template, carotid.logic, tables=True),
        "tiny": as_model(TEMPLATE, logic(BY_CRITERIA)),
    }
    assert compare(models, tmp_path) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_versions_differ_in_their_namespace_only(file: Path) -> None:
    sayable, _ = split({file.stem: read_model(file.read_bytes())})
    for model in sayable.values():
        old, new = (NAMESPACES[version].encode() for version in ("1.3", "1.5"))
        assert write_model(model).replace(new, old) == write_model(model, "1.3")


# -- 2


def test_models_of_the_kit_are_understood_as_they_are_meant(tmp_path: Path, shared: Path) -> None:
    files = sorted((shared / "conformance/dmn-tck").rglob("*.dmn"))
    models = {f"{file.parent.parent.name}-{file.stem}": read_model(file.read_bytes()) for file in files}
    sayable, later = split(models)
    assert sum(file.parent.parent.name.endswith("level-2") for file in files) >= 25
    assert not any("level-2" in name for name in later)
    assert len(sayable) > 80
    # The identifiers of this one hold blanks, which XML does not allow; they are kept as they were read.
    assert compare(sayable, tmp_path) == ["compliance-level-3-1111-feel-matches-function"]


# -- 3


def test_a_difference_is_found(tmp_path: Path) -> None:
    model = read_model(next(file for file in FILES if file.stem == "hit_policies").read_bytes())
    (tmp_path / "a.dmn").write_bytes(write_model(replace(model, elements=model.elements[1:]), "1.3"))
    (answer,) = understood([tmp_path / "a.dmn"])
    answer.pop("file")
    assert answer != meant(model)
    assert answer == meant(replace(model, elements=model.elements[1:]))


def test_what_is_no_model_is_no_model_there_either(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(write_model(as_model(TEMPLATE, logic())))  # DMN 1.5
    assert "error" in understood([tmp_path / "a.dmn"])[0]
