"""The public conformance kit of DMN against `mrrt dmn serve`.

1. Level 2 passes whole; of level 3 only what is listed in scripts/make_feel_reference.py is missed, with the reason.
2. The figures and misses in docs/reference/feel.md are those of the kit, and its functions those of the program.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ..conftest import ROOT


def script() -> ModuleType:
    path = ROOT / "scripts" / "make_feel_reference.py"
    specification = importlib.util.spec_from_file_location("make_feel_reference", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows(shared: Path) -> Iterator[list[dict[str, Any]]]:
    yield script().results(shared / "conformance")


def solid(rows: list[dict[str, Any]], level: str) -> tuple[int, int]:
    """Return how many results that are not null pass, and how many there are."""
    found = [row["pass"] for row in rows if row["level"] == level and not row["nil"]]
    return sum(found), len(found)


def test_level_2_passes_whole(rows: list[dict[str, Any]]) -> None:
    assert [row["key"] for row in rows if row["level"] == "2" and not row["pass"]] == []
    assert solid(rows, "2") == (110, 110)
    assert len({row["key"].rsplit("/", 1)[0] for row in rows if row["level"] == "2"}) == 116


def test_level_3_misses_only_what_is_listed(rows: list[dict[str, Any]]) -> None:
    misses = script().MISSES
    assert {row["key"] for row in rows if row["level"] == "3" and not row["pass"]} == set(misses)
    passed, whole = solid(rows, "3")
    assert whole - passed == len(misses)
    assert whole >= 1076


def test_a_miss_without_a_reason_is_no_figure(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(KeyError):
        script().conformance([*rows, {**rows[0], "key": "2/x/y#z", "pass": False}])


def test_figures_in_the_documents_are_fresh(rows: list[dict[str, Any]]) -> None:
    text = (ROOT / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")
    assert script().conformance(rows) == text[text.index(script().MARK) :]


def test_functions_in_the_documents_are_those_of_the_program() -> None:
    assert script().page(None) == (ROOT / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")
