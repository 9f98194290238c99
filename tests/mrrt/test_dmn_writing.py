"""Writing DMN 1.5: what is written reads as an equal model, and as one that decides alike."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mrrt.dmn import HitPolicy
from mrrt.dmn.drawn import drawn_model
from mrrt.dmn.engine import Model
from mrrt.dmn.model import Decision, Definitions, LiteralExpression, Variable
from mrrt.dmn.xml_in import read_model
from mrrt.dmn.xml_out import write_model

from ..conftest import ROOT

UNREADABLE = {"broken_xml", "broken_root", "entities"}
FILES = [path for path in sorted((ROOT / "tests/fixtures/dmn").glob("*.dmn")) if path.stem not in UNREADABLE]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_reading_what_was_written_gives_an_equal_model(file: Path) -> None:
    model = read_model(file.read_bytes())
    assert read_model(write_model(model)) == model


def test_every_model_of_the_kit_survives(shared: Path) -> None:
    files = sorted((shared / "conformance/dmn-tck").rglob("*.dmn"))
    assert len(files) > 90
    for file in files:
        model = read_model(file.read_bytes())
        assert read_model(write_model(model)) == model, file.name


def test_a_drawn_table_is_a_knowledge_model() -> None:
    text = '| psv | plaque || grade || why |\n| < 125 | - || "low" || slow |\n| >= 125 | "present" || "high" || |'
    drawn = read_model(write_model(drawn_model("grade by psv", ("psv", "plaque"), text, HitPolicy.FIRST)))
    assert drawn == drawn_model("grade by psv", ("psv", "plaque"), text, HitPolicy.FIRST)
    call = LiteralExpression('grade by psv(psv: 130, plaque: "present")')
    decision = Decision("d", "d", Variable("d"), ("#" + drawn.elements[0].id,), call)
    model = Definitions(drawn.name, drawn.namespace, elements=(*drawn.elements, decision))
    assert Model(read_model(write_model(model))).evaluate("d", {"x": Decimal(1)}) == "high"
