"""What a document repeats of an earlier examination fills no field of this one, and its reason is said.

TID 1500 measurement groups: priors below a heading of their own, of another time, or of another time point.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydicom.dataset import Dataset

from mrrt.template import Field, FieldKind, Template
from sr_import import Match, load_bindings, match, read
from tests.sr_writer import CODES, Carotid, Triple, code, coded, document, item, number, text, to_bytes

KIDNEY: Triple = ("64033007", "SCT", "Kidney")
LONG_AXIS: Triple = ("103339001", "SCT", "Long Axis")
CYST: Triple = ("367643001", "SCT", "Cyst")
PRESENT: Triple = ("52101004", "SCT", "Present")
TIME_POINT: Triple = ("C2348792", "UMLS", "Time Point")
HEADINGS: Sequence[Triple] = (
    ("55114-3", "LN", "Prior Imaging Procedure Descriptions"),
    ("18834-2", "LN", "Radiology Comparison study"),
    ("121066", "DCM", "Prior Procedure Descriptions"),
    ("121068", "DCM", "Previous Findings"),
)
BINDINGS = """\
template: x
version: "1"
codes:
  long: {scheme: SCT, value: "103339001"}
  kidney: {scheme: SCT, value: "64033007"}
  cyst: {scheme: SCT, value: "367643001"}
bindings:
  size: {code: long, site: kidney, laterality: right, unit: mm, repeats: [highest]}
  cyst: {finding: cyst, site: kidney, laterality: right}
"""
TEMPLATE = Template(
    identifier="x",
    title="",
    fields=(
        Field(key="size", kind=FieldKind.NUMBER, unit="mm"),
        Field(key="cyst", kind=FieldKind.TEXT),
    ),
)


def group(value: str, observed: str = "", point: str = "") -> Dataset:
    """A measurement group of the right kidney, with a size and a qualitative evaluation."""
    site = coded("HAS CONCEPT MOD", CODES["site"], KIDNEY)
    site.ContentSequence = [coded("HAS CONCEPT MOD", CODES["laterality"], CODES["right"])]
    context = [text("HAS OBS CONTEXT", TIME_POINT, point)] if point else []
    size = number(LONG_AXIS, value, code(("mm", "UCUM", "mm")))
    evaluation = coded("CONTAINS", CYST, PRESENT)
    for one in (size, evaluation):
        if observed:
            one.ObservationDateTime = observed
    return item("CONTAINS", "CONTAINER", ("125007", "DCM", "Measurement Group"), [*context, site, size, evaluation])


def matched(*groups: Dataset) -> Match:
    root = document(Carotid(velocities={}, ratios={}))  # of 2026-01-14
    root.ContentSequence.append(item("CONTAINS", "CONTAINER", ("126010", "DCM", "Imaging Measurements"), groups))
    return match([read(to_bytes(root))], load_bindings(BINDINGS, "bindings.yaml", TEMPLATE))


def values(result: Match) -> dict[str, object]:
    return {field: value.value for field, value in result.values.items() if value.value is not None}


def below(heading: Triple, *groups: Dataset) -> Dataset:
    return item("CONTAINS", "CONTAINER", heading, groups)


@pytest.mark.parametrize("heading", HEADINGS)
def test_what_stands_below_the_heading_of_a_prior_fills_nothing(heading: Triple) -> None:
    result = matched(below(heading, group("66")))
    assert values(result) == {}
    (left,) = result.unmatched
    assert (left.value, left.reason) == ("66", f'it tells of an earlier examination ("{heading[2]}")')
    assert result.values["cyst"].source is not None
    assert result.values["cyst"].source.rule == left.reason
    assert values(matched(below(heading, group("66")), group("50"))) == {"size": "50", "cyst": "Present"}


def test_what_was_observed_before_the_study_fills_nothing() -> None:
    result = matched(group("66", "20190101101010"))
    assert values(result) == {}
    assert [one.reason for one in result.unmatched] == ["it was observed on 2019-01-01, before the study of 2026-01-14"]
    both = matched(group("66", "20190101101010"), group("50", "20260114101600"))
    assert values(both) == {"size": "50", "cyst": "Present"}


@pytest.mark.parametrize("observed", ["20260113235900", "20260114", "2026", "20260301", "20260114235959+1400"])
def test_times_of_the_study_or_that_tell_nothing_keep_a_value(observed: str) -> None:
    assert values(matched(group("66", observed))) == {"size": "66", "cyst": "Present"}


def test_each_time_point_is_a_place_of_its_own() -> None:
    result = matched(group("66", point="BASELINE"), group("50", point="FOLLOW UP 1"))
    assert "size" not in values(result)
    (open_one,) = [one for one in result.ambiguous if one.field == "size"]
    assert open_one.reason == ("2 places fit: right Kidney time point BASELINE, right Kidney time point FOLLOW UP 1")
    assert values(matched(group("66", point="BASELINE")))["size"] == "66"
