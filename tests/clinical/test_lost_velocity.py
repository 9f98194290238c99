"""A velocity that was measured but did not arrive is not one that was never measured."""

from __future__ import annotations

import pytest

import sr_import
from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.report import Report
from templates_lib.loader import find

from ..sr_writer import Carotid, groups, to_bytes, write


def fill(
    velocities: dict[tuple[str, str, str | None], tuple[float, float]], *lost: tuple[str, str, str | None]
) -> Report:
    written = Carotid(velocities=velocities, ratios={}, lost={(*place, "psv"): "sequence" for place in lost})
    return fill_from(write(written))


def fill_from(document: bytes) -> Report:
    folder = find("us-carotid-duplex")
    assert folder.bindings is not None
    bindings = sr_import.load_bindings(folder.bindings, "bindings.yaml", folder.template)
    match = sr_import.match([sr_import.read(document)], bindings)
    return derive(start(folder.template).fill(match.values), folder.template, folder.logic)


def said(report: Report, key: str) -> object:
    value = report.value(key)
    return None if value is None else value.value


@pytest.mark.parametrize("side", ["right", "left"])
def test_below_the_highest_threshold_the_grade_stays_open(side: str) -> None:
    velocities = {
        (side, "ica", "prox"): (100.0, 30.0),
        (side, "ica", "mid"): (300.0, 120.0),
        (side, "cca", "dist"): (70.0, 15.0),
    }
    assert said(fill(velocities), f"{side}_ica_grade") == "ge70"
    report = fill(velocities, (side, "ica", "mid"))
    assert said(report, f"{side}_ica_psv") is None
    assert said(report, f"{side}_ica_grade") == "indeterminate"
    assert "was measured, but its value was not received" in str(said(report, f"{side}_cautions"))


def test_above_it_the_others_are_enough() -> None:
    velocities = {("right", "ica", "prox"): (336.0, 126.0), ("right", "ica", "mid"): (200.0, 80.0)}
    report = fill(velocities, ("right", "ica", "mid"))
    assert said(report, "right_ica_grade") == "ge70"
    assert "not received" in str(said(report, "right_cautions"))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("wrong", [9999.0, 1.8])
def test_a_velocity_that_cannot_be_right_may_be_the_highest(side: str, wrong: float) -> None:
    others = {(side, "cca", "dist"): (70.0, 15.0), (side, "ica", "prox"): (wrong, 1.0)}
    report = fill({**others, (side, "ica", "mid"): (150.0, 50.0)})
    assert said(report, f"{side}_ica_grade") == "indeterminate" and said(report, f"{side}_ica_psv") is None
    assert "implausible_psv" in str(said(report, f"{side}_caution_codes"))
    assert said(fill({**others, (side, "ica", "mid"): (336.0, 126.0)}), f"{side}_ica_grade") == "ge70"


def alerted(report: Report, side: str) -> bool:
    return any(problem.rule == f"{side}_zero_velocity" for problem in report.problems)


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_zero_alone_is_no_side_that_was_not_examined(side: str) -> None:
    report = fill({(side, "ica", "prox"): (0.0, 0.0)})
    assert said(report, f"{side}_ica_grade") == "indeterminate"
    assert "0 cm/s" in str(said(report, f"{side}_cautions")) and alerted(report, side)
    assert said(report, f"{side}_impression") is not None


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_zero_beside_other_velocities_is_asked_about_until_the_reader_states_flow(side: str) -> None:
    folder = find("us-carotid-duplex")
    report = fill({(side, "ica", "prox"): (0.0, 0.0), (side, "ica", "dist"): (40.0, 12.0)})
    assert (said(report, f"{side}_ica_grade"), said(report, f"{side}_ica_psv")) == ("normal_or_lt50", "40")
    assert "0 cm/s" in str(said(report, f"{side}_cautions")) and alerted(report, side)

    def answered(lumen: str, flow: str) -> Report:
        fields = folder.template.field_by_key
        given = {f"{side}_lumen": lumen, f"{side}_flow": flow}
        typed = {key: entered(fields[key], raw) for key, raw in given.items()}
        return derive(report.edit(typed), folder.template, folder.logic)

    patent = answered("patent", "present")
    assert said(patent, f"{side}_ica_grade") == "normal_or_lt50" and not alerted(patent, side)
    assert "0 cm/s" in str(said(patent, f"{side}_cautions"))
    closed = answered("none", "absent")
    assert said(closed, f"{side}_ica_grade") == "indeterminate" and not alerted(closed, side)
    assert "a velocity was measured in the ICA" in str(said(closed, f"{side}_cautions"))


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_zero_and_an_occlusion_that_the_reader_states_agree(side: str) -> None:
    folder = find("us-carotid-duplex")
    fields = folder.template.field_by_key
    typed = {key: entered(fields[key], raw) for key, raw in {f"{side}_lumen": "none", f"{side}_flow": "absent"}.items()}
    report = fill({(side, "ica", "prox"): (0.0, 0.0), (side, "cca", "dist"): (55.0, 12.0)})
    report = derive(report.edit(typed), folder.template, folder.logic)
    assert said(report, f"{side}_ica_grade") == "total_occlusion" and not alerted(report, side)
    assert said(report, f"{side}_cautions") is None


def test_a_zero_does_not_hide_a_velocity_above_the_highest_threshold() -> None:
    report = fill({("right", "ica", "prox"): (336.0, 126.0), ("right", "ica", "dist"): (0.0, 0.0)})
    assert said(report, "right_ica_grade") == "ge70"
    assert "0 cm/s" in str(said(report, "right_cautions")) and alerted(report, "right")


def test_a_zero_in_the_common_carotid_is_said() -> None:
    report = fill({("right", "ica", "prox"): (90.0, 26.0), ("right", "cca", "dist"): (0.0, 0.0)})
    assert "0 cm/s" in str(said(report, "right_cautions"))


@pytest.mark.parametrize("side", ["right", "left"])
def test_no_occlusion_is_reported_where_a_velocity_stands_beside_one_that_cannot_be_right(side: str) -> None:
    folder = find("us-carotid-duplex")
    fields = folder.template.field_by_key
    typed = {key: entered(fields[key], raw) for key, raw in {f"{side}_lumen": "none", f"{side}_flow": "absent"}.items()}
    report = fill({(side, "ica", "prox"): (9999.0, 1.0), (side, "ica", "dist"): (40.0, 12.0)})
    report = derive(report.edit(typed), folder.template, folder.logic)
    assert said(report, f"{side}_ica_grade") == "indeterminate"
    assert "a velocity was measured in the ICA" in str(said(report, f"{side}_cautions"))


def test_a_segment_that_was_never_measured_is_no_loss() -> None:
    report = fill({("right", "ica", "prox"): (100.0, 30.0)})
    assert said(report, "right_ica_grade") == "normal_or_lt50"
    assert "not received" not in str(said(report, "right_cautions"))


def test_a_unit_that_cannot_be_converted_is_no_velocity() -> None:
    written = write(Carotid(velocities={("left", "ica", "prox"): (4.0, 1.0)}, ratios={}, unit="kHz"))
    report = fill_from(written)
    assert said(report, "left_ica_grade") == "indeterminate"
    assert said(report, "left_caution_codes") == ("unit_unknown",)


def test_the_highest_of_several_values_without_a_mark_is_taken_with_the_edv_of_its_sample() -> None:
    group = {"vessel": "ICA", "segment": "proximal"}
    sections = [{"laterality": "right", "groups": [
        {**group, "psv": {"value": 190, "unit": "cm/s"}, "edv": {"value": 62, "unit": "cm/s"}},
        {**group, "psv": {"value": 170, "unit": "cm/s"}, "edv": {"value": 65, "unit": "cm/s"}},
    ]}]  # fmt: skip
    report = fill_from(to_bytes(groups(sections)))
    assert (said(report, "right_ica_psv"), said(report, "right_ica_edv")) == ("190", "62")
    value = report.value("right_ica_prox_psv")
    assert value is not None
    assert value.source is not None
    assert value.source.flags == ("multiple_values",)
