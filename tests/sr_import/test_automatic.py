"""Coded content binds a field by itself only where code, unit and label agree (rules in sr_import.automatic)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrrt.code import Code
from mrrt.parse import parse
from mrrt.template import Field, FieldKind, Template
from sr_import import load_bindings, match, read
from sr_import.automatic import automatic_bindings
from templates_lib.loader import find
from tests.sr_writer import CODES, Carotid, write

PSV, ICA, RIGHT, PROX = (
    Code.of(CODES[name][1], CODES[name][0], CODES[name][2]) for name in ("psv", "ica", "right", "prox")
)
RATIO = Code.of("LN", "33868-1", "ICA/CCA velocity ratio")
LABEL = "Right proximal internal carotid artery PSV"


def field(label: str = LABEL, unit: str | None = "cm/s", codes: tuple[Code, ...] = (PSV, ICA, RIGHT, PROX)) -> Field:
    return Field(key="f", kind=FieldKind.NUMBER, label=label, unit=unit, codes=codes)


def bound(*fields: Field) -> list[str]:
    made = [one.model_copy(update={"key": f"{one.key}{place}"}) for place, one in enumerate(fields)]
    return [one.field for one in automatic_bindings(Template(identifier="x", title="", fields=tuple(made))).bindings]


@pytest.mark.parametrize(
    "label",
    [
        LABEL,
        "PSV of the right ICA, proximal [cm/s]",
        "Right ICA proximal Peak Systolic Velocity:",
        "PSV ICA Right prox".replace("prox", "Proximal"),
    ],
)
def test_a_field_whose_code_unit_and_label_agree(label: str) -> None:
    assert bound(field(label)) == ["f0"]


@pytest.mark.parametrize(
    "other",
    [
        field("Left proximal internal carotid artery PSV"),
        field("Right proximal internal carotid artery"),
        field(f"{LABEL} after exercise"),
        field("Proximale ACI rechts, PSV"),
        field(unit=None),
        field(unit="furlong per week"),
        field(codes=()),
        field(codes=(PSV, ICA, RIGHT, Code.of("SCT", "7771000", "Left"))),
        field(codes=(PSV, RATIO)),
        field(codes=(ICA, RIGHT)),
        field().model_copy(update={"kind": FieldKind.TEXT}),
    ],
)
def test_fields_that_do_not_agree_are_left_alone(other: Field) -> None:
    assert bound(other) == []


def test_two_fields_that_claim_one_code_are_left_alone() -> None:
    assert bound(field(), field()) == []
    assert bound(field(), field(codes=(PSV, ICA, RIGHT), label="Right ICA PSV")) == ["f0", "f1"]


def test_what_is_filled_says_that_nobody_bound_it() -> None:
    template = Template(identifier="x", title="", fields=(field(),))
    value = match([read(write())], automatic_bindings(template)).values["f"]
    assert value.source is not None
    assert (value.value, value.source.flags) == ("336.0", ("automatic_binding",))
    assert "bound by the code, unit and label of the template" in (value.source.rule or "")


def test_which_of_several_is_meant_is_never_decided() -> None:
    template = Template(identifier="x", title="", fields=(field("Peak Systolic Velocity", codes=(PSV,)),))
    result = match([read(write())], automatic_bindings(template))
    assert (result.values["f"].value, len(result.ambiguous)) == (None, 1)


def test_a_unit_of_another_kind_fills_nothing() -> None:
    template = Template(identifier="x", title="", fields=(field(unit="mm"),))
    result = match([read(write(Carotid()))], automatic_bindings(template))
    assert (result.values["f"].value, [one.rule for one in result.problems]) == (None, ["SM05"])


def test_of_our_own_template_it_binds_what_its_bindings_bind() -> None:
    made = find("us-carotid-duplex")
    assert made.bindings is not None
    written = {one.field: one for one in load_bindings(made.bindings, "b.yaml", made.template).bindings}
    found = automatic_bindings(made.template).bindings
    assert len(found) >= 30
    for one in found:
        own = written[one.field]
        assert (one.code, one.laterality) == (own.code, own.laterality)
        assert set(one.sites) <= set(own.sites)
        assert one.segments is None or own.segments in (None, one.segments)


def test_no_template_of_the_corpus_binds_anything_by_itself(shared: Path) -> None:
    """Their codes name diameters of lesions that the labels number: what is meant cannot be told."""
    pages = sorted((shared / "corpus" / "mrrt").rglob("*.html"))
    assert len(pages) >= 20
    assert {page.name: automatic_bindings(parse(page.read_bytes(), page.name)).bindings for page in pages} == {
        page.name: () for page in pages
    }
