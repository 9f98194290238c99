"""DMN models, one small file for each construct (tests/fixtures/dmn).

1. Every construct gives its value; each version of the XML is read.
2. What a model declares about types is kept: structures, collections, allowed values, lists of one.
3. Broken models are refused with words: XML, references, FEEL, circles.
4. Nothing runs for ever, and no entity is read from elsewhere.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mrrt.dmn.engine import Model
from mrrt.dmn.xml_in import read_model
from mrrt.errors import MrrtError, NotFound, Unreadable
from mrrt.feel import FeelSyntaxError, LimitExceeded

from ..conftest import ROOT

FOLDER = ROOT / "tests" / "fixtures" / "dmn"


def load(name: str, *others: str) -> Model:
    read = [read_model((FOLDER / f"{one}.dmn").read_bytes()) for one in (name, *others)]
    return Model(read[0], {one.namespace: one for one in read[1:]})


def number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) else value


@pytest.mark.parametrize(
    ("model", "decision", "inputs", "expected"),
    [
        # 1
        ("literal", "ratio", {"ica psv": 250, "cca psv": 100}, Decimal("2.5")),
        ("literal", "text", {"ica psv": 250, "cca psv": 100}, "ratio 2.5"),
        ("literal", "ratio", {"ica psv": 250}, None),
        ("version_12", "twice", {"a": 2}, 4),
        ("hit_policies", "unique", {"v": 90}, "slow"),
        ("hit_policies", "unique", {"v": None}, None),
        ("hit_policies", "first", {"v": 110}, "slow"),
        ("hit_policies", "any", {"v": 150}, "middle"),
        ("hit_policies", "priority", {"v": 210}, "fast"),
        ("hit_policies", "rule order", {"v": 110}, ("slow", "middle")),
        ("hit_policies", "output order", {"v": 110}, ("middle", "slow")),
        ("hit_policies", "collect", {"v": 210}, ("middle", "fast")),
        ("hit_policies", "sum", {"v": 210}, 5),
        ("hit_policies", "smallest", {"v": 210}, 2),
        ("hit_policies", "largest", {"v": 210}, 3),
        ("hit_policies", "how many", {"v": 210}, 2),
        ("hit_policies", "several outputs", {"v": 210}, {"speed": "middle", "class": 2}),
        ("hit_policies", "with default", {"v": 210}, "none"),
        ("boxed", "in context", {"n": 4}, 4),
        ("boxed", "as relation", {"n": 4}, ({"a": 4, "b": 1}, {"a": 2, "b": 4})),
        ("boxed", "as list", {"n": 4}, (4, 5)),
        ("boxed", "if boxed", {"n": 4}, "many"),
        ("boxed", "if boxed", {"n": None}, "few"),
        ("boxed", "filtered", {"n": 1}, (2, 3)),
        ("boxed", "looped", {"n": 2}, (2, 4, 6)),
        ("boxed", "any of", {"n": 2}, True),
        ("boxed", "all of", {"n": 2}, False),
        ("knowledge", "called", {"a": 2}, 6),
        ("knowledge", "invoked", {"a": 2}, 4),
        ("knowledge", "counted", {"a": 9}, 9),
        ("service", "graded", {"b": 5}, 105),
        ("service", "uses", {}, 3),
        # 2
        ("types", "velocity", {"vessel": {"peak velocity": Decimal(230), "side": "left"}}, 230),
        ("types", "velocity", {"vessel": {"peak velocity": "fast", "side": "left"}}, None),
        ("types", "velocity", {"vessel": {"peak velocity": Decimal(230), "side": "up"}}, None),
        ("types", "which", {"side": "left"}, "left"),
        ("types", "which", {"side": ("left",)}, "left"),
        ("types", "which", {"side": "up"}, None),
        ("types", "total", {"numbers": (Decimal(1), Decimal(2))}, 3),
        ("types", "total", {"numbers": 7}, 7),
        ("types", "one", {"numbers": (Decimal(4), Decimal(5))}, (4,)),
        ("types", "kind", {"vessel": {"peak velocity": Decimal(1), "side": "right"}}, True),
    ],
)
def test_decisions(model: str, decision: str, inputs: dict[str, Any], expected: Any) -> None:
    value = load(model).evaluate(decision, {name: number(given) for name, given in inputs.items()})
    assert value == expected
    assert type(value) is not int


def test_service_takes_its_input_decisions_as_given() -> None:
    given = {"b": Decimal(1), "base": Decimal(10)}
    assert load("service").evaluate_service("svc", given) == {"graded": 11}
    with pytest.raises(NotFound):
        load("service").evaluate_service("graded", given)


def test_imported_models_go_by_their_name() -> None:
    assert load("importing", "knowledge").evaluate("d", {}) == 10
    with pytest.raises(MrrtError, match="not imported"):
        load("importing").evaluate("d", {})


@pytest.mark.parametrize(
    ("model", "decision", "error", "words"),
    [
        ("hit_policies", "unique", MrrtError, "UNIQUE"),
        ("hit_policies", "any", MrrtError, "ANY"),
        ("broken_cycle", "a", MrrtError, "a -> b -> a"),
        ("broken_reference", "a", MrrtError, "#gone"),
        ("broken_feel", "a", FeelSyntaxError, "character 4"),
        ("unknown_name", "a", MrrtError, '"vv"'),
        ("literal", "nothing", NotFound, "nothing"),
        ("endless", "a", LimitExceeded, "deep"),
        ("endless", "b", LimitExceeded, "times"),
        ("endless", "c", LimitExceeded, "longer"),
    ],
)
def test_what_cannot_be_evaluated_says_why(model: str, decision: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        load(model).evaluate(decision, {"v": Decimal(110)})


@pytest.mark.parametrize(
    ("name", "words"), [("broken_xml", "no XML"), ("broken_root", "no DMN"), ("entities", "document type")]
)
def test_what_is_no_model_is_unreadable(name: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        load(name)


def test_every_fixture_is_used() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in FOLDER.glob("*.dmn") if f'"{path.stem}"' not in text] == []
