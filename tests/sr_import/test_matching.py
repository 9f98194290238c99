"""From measurements to fields: one value per place, then among places, and never a silent choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from mrrt.code import Code
from mrrt.report import Provenance
from sr_import import Document, Match, load_bindings, match, read
from sr_import.rules import RULES
from tests.sr_import.broken import changed, vessel
from tests.sr_writer import CODES, Carotid, document, text, write

NAMES = ("psv", "edv", "ratio", "cca", "bulb", "ica", "eca", "prox", "mid", "dist")
HEAD = "template: x\nversion: '1'\ncodes:\n" + "".join(
    f"  {name}: {{scheme: {CODES[name][1]}, value: {CODES[name][0]}, meaning: {CODES[name][2]}}}\n" for name in NAMES
)

Places = Mapping[tuple[str, str, str | None], tuple[float, float]]


def matched(entries: str, *documents: Document) -> Match:
    return match(documents, load_bindings(f"{HEAD}bindings:\n{entries}", "bindings.yaml", None))


def carotid(places: Places, **changes: object) -> Document:
    return read(write(replace(Carotid(velocities=places, ratios={}), **changes)))


def right(**velocities: float) -> Places:
    """Places of the right side by vessel and segment: ica_prox=336."""
    return {("right", *_place(name)): (psv, psv / 4) for name, psv in velocities.items()}


def _place(name: str) -> tuple[str, str | None]:
    vessel, _, segment = name.partition("_")
    return vessel, segment or None


def with_values(document: Document, change: Mapping[str, Mapping[str, object]]) -> Document:
    """The document with attributes of some measurements, by path, replaced."""
    items = [one.model_copy(update=dict(change.get(one.path, {}))) for one in document.measurements]
    return document.model_copy(update={"measurements": tuple(items)})


def values(result: Match) -> dict[str, object]:
    """Return what was filled; a field that was left open carries a data absent reason, see below."""
    return {field: value.value for field, value in result.values.items() if value.value is not None}


def rules(result: Match) -> list[str]:
    return [problem.rule for problem in result.problems]


def rule_of(result: Match) -> str | None:
    """Return why the value of the field f was taken."""
    source = result.values["f"].source
    return source and source.rule


FIELD = "  f: {code: psv, site: ica, laterality: right, unit: cm/s"
SAMPLES = carotid(right(ica_prox=336))
"""Items 1.5.3.2 to 4 are samples of 335, 336 and 337; 1.5.3.5 is their mean with a Selection Status."""

PATHS = ("1.5.3.2", "1.5.3.3", "1.5.3.4", "1.5.3.5")


def samples(*paths: str, **change: object) -> Document:
    """The samples with a change to those of these last path steps, and without the chosen value."""
    kept = [one for one in SAMPLES.measurements if one.path != "1.5.3.5"]
    edited = SAMPLES.model_copy(update={"measurements": tuple(kept)})
    return with_values(edited, {f"1.5.3.{path}": change for path in paths})


def test_the_value_says_where_it_came_from() -> None:
    value = matched(f"{FIELD}}}\n", SAMPLES).values["f"]
    source = value.source
    assert (value.value, value.unit, value.provenance) == ("336.0", "cm/s", Provenance.IMPORTED)
    assert source is not None
    assert (source.document, source.path, source.device) == (SAMPLES.sop_instance_uid, "1.5.3.5", "EXAMPLE SONO 1")
    assert (source.received, source.received_unit) == ("336.0", "cm/s")
    assert source.rule == "Selection Status: Mean value chosen"


def test_units_are_converted_and_what_came_is_kept() -> None:
    result = matched(f"{FIELD}}}\n", carotid(right(ica_prox=336), unit="m/s"))
    value = result.values["f"]
    assert (value.value, value.unit) == ("336", "cm/s")
    assert value.source is not None
    assert (value.source.received, value.source.received_unit) == ("3.360", "m/s")


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        *[("2.5E+02", "250"), ("2.50E2", "250"), ("1.25e1", "12.5"), ("1E-3", "0.001")],
        *[("+250", "250"), ("250.", "250"), (".5", "0.5"), ("250.00", "250.00"), ("-250", "-250")],
    ],
)
def test_numbers_are_filled_in_as_people_read_them(sent: str, read_as: str) -> None:
    """A report that says "2.5E+02 cm/s" is read as 2.5 cm/s."""
    document = with_values(SAMPLES, {"1.5.3.5": {"value": sent}})
    value = matched(f"{FIELD}}}\n", document).values["f"]
    assert value.value == read_as
    assert value.source is not None
    assert value.source.received == sent


# Within one place -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected", "how"),
    [
        ("highest", "337.0", "highest of 3 values"),
        ("lowest", "335.0", "lowest of 3 values"),
        ("first", "335.0", "the first value"),
    ],
)
def test_repeats_without_a_mark(words: str, expected: str, how: str) -> None:
    result = matched(f"{FIELD}, repeats: [selected, mean, {words}]}}\n", samples())
    assert values(result) == {"f": expected}
    assert result.values["f"].source.rule == how  # type: ignore[union-attr]


TIMES = {"1.5.3.2": "2026-01-14T10:20:00", "1.5.3.3": "2026-01-14T10:25:00", "1.5.3.4": "2026-01-14T10:05:00"}


def timed(times: Mapping[str, str | None]) -> Document:
    return with_values(samples(), {path: {"observed": time} for path, time in times.items()})


def test_the_latest_by_observation_time() -> None:
    value = matched(f"{FIELD}, repeats: [latest]}}\n", timed(TIMES)).values["f"]
    assert (value.value, value.source and value.source.rule) == ("336.0", "the latest value, of 2026-01-14T10:25:00")


def test_the_latest_by_the_time_of_its_document() -> None:
    """The content of every document is of 10:15; the middle sample says nothing of its own."""
    assert values(matched(f"{FIELD}, repeats: [latest]}}\n", timed({**TIMES, "1.5.3.3": None}))) == {"f": "335.0"}
    later = carotid(right(ica_prox=200), instance="second", samples=1).model_copy(
        update={"content_date_time": "2026-01-14T11:00:00"}
    )
    assert values(matched(f"{FIELD}, repeats: [latest]}}\n", SAMPLES, later)) == {"f": "200.0"}


@pytest.mark.parametrize(
    "change",
    [{}, {"1.5.3.4": "2026-01-14T10:25:00"}, {"1.5.3.4": "2026-01-14"}, {"1.5.3.4": "2026-01-14T10:25:00+01:00"}],
    ids=["one document", "same time", "day only", "other time zone"],
)
def test_the_latest_is_not_claimed_where_times_do_not_tell(change: Mapping[str, str]) -> None:
    result = matched(f"{FIELD}, repeats: [latest]}}\n", timed({**TIMES, **change} if change else {}))
    assert (values(result), len(result.ambiguous)) == ({}, 1)


def test_a_profile_says_which_value_counts_where_the_binding_does_not() -> None:
    ordered = samples().model_copy(update={"selection_order": ("selected", "highest")})
    assert values(matched(f"{FIELD}}}\n", ordered)) == {"f": "337.0"}
    assert values(matched(f"{FIELD}, repeats: [lowest]}}\n", ordered)) == {"f": "335.0"}
    assert values(matched(f"{FIELD}}}\n", samples())) == {}


def test_different_samples_without_a_mark_are_ambiguous() -> None:
    result = matched(f"{FIELD}}}\n", samples())
    assert values(result) == {}
    (ambiguous,) = result.ambiguous
    assert [one.value for one in ambiguous.candidates] == ["335.0", "336.0", "337.0"]
    assert "3 values differ" in ambiguous.reason


def test_equal_samples_are_one_value_also_across_units() -> None:
    result = matched(
        f"{FIELD}}}\n",
        with_values(samples("2", "3", value="337.0"), {"1.5.3.2": {"value": "3.37", "unit": "m/s", "ucum": "m/s"}}),
    )
    assert values(result) == {"f": "337"}


@pytest.mark.parametrize(
    ("word", "scheme", "code"),
    [
        ("mean", "SCT", "373098007"),
        ("median", "SCT", "373099004"),
        ("median", "DCM", "130290"),
        ("best", "SCT", "371912002"),
    ],
)
def test_a_derivation_decides(word: str, scheme: str, code: str) -> None:
    result = matched(f"{FIELD}, repeats: [{word}]}}\n", samples("3", derivation=Code.of(scheme, code, "so")))
    assert values(result) == {"f": "336.0"}
    assert result.values["f"].source.rule == "Derivation: so"  # type: ignore[union-attr]


SPREAD = {
    "113061": "DCM",  # Standard Deviation
    "386136009": "SCT",
    "C1711260": "UMLS",  # Variance
    "371884006": "SCT",  # +/-, range of measurement uncertainty
    "121416": "DCM",  # Z-Score of measurement
}


@pytest.mark.parametrize(("value", "scheme"), SPREAD.items())
@pytest.mark.parametrize("word", ["only", "highest", "lowest", "first"])
def test_how_values_spread_is_no_value(value: str, scheme: str, word: str) -> None:
    """A standard deviation of 12 cm/s beside, or without, a velocity is never the velocity."""
    spread = Code.of(scheme, value, "so spread")
    every = with_values(SAMPLES, {path: {"derivation": spread} for path in PATHS})
    alone = matched(f"{FIELD}, repeats: [{word}]}}\n", every)
    assert values(alone) == {}
    beside = with_values(SAMPLES, {path: {"derivation": spread, "value": "999"} for path in PATHS[1:]})
    result = matched(f"{FIELD}, repeats: [{word}]}}\n", beside)
    assert values(result) == {"f": "335.0"}
    said = {one.reason for one in result.unmatched if one.path in PATHS}
    assert said == {"it says how values spread (so spread) and is none itself"}


def test_the_only_value_says_how_it_was_derived() -> None:
    """A lone minimum may be all that a device sends; nobody is to take it for a sample."""
    document = carotid(right(ica_prox=336), samples=1, chosen=False)
    (only,) = [one.path for one in document.measurements if one.code and one.code.value == "11726-7"] or [""]
    derived = with_values(document, {only: {"derivation": Code.of("SCT", "255605001", "Minimum")}})
    assert rule_of(matched(f"{FIELD}}}\n", document)) == "the only value"
    assert rule_of(matched(f"{FIELD}}}\n", derived)) == "the only value; Derivation: Minimum"


@pytest.mark.parametrize(
    ("words", "last", "flags"),
    [
        ("mean, highest", "373098007", ("derived_mean_used",)),
        ("mean, highest", None, ("multiple_values",)),
        ("first", None, ()),
    ],
)
def test_what_was_taken_of_several_values_is_flagged(words: str, last: str | None, flags: tuple[str, ...]) -> None:
    from mrrt.code import Code

    document = samples("3", derivation=Code.of("SCT", last, "Mean") if last else None)
    result = matched(f"{FIELD}, repeats: [{words}], choose: highest}}\n", document)
    assert result.values["f"].source.flags == flags  # type: ignore[union-attr]
    alone = matched(f"{FIELD}, repeats: [{words}]}}\n", carotid(right(ica_prox=336), samples=1, chosen=False))
    assert alone.values["f"].source.flags == ()  # type: ignore[union-attr]


def test_a_word_that_finds_nothing_leaves_the_field_open() -> None:
    result = matched(f"{FIELD}, repeats: [best]}}\n", SAMPLES)
    assert (values(result), len(result.ambiguous)) == ({}, 1)


def test_two_chosen_values_that_differ_are_ambiguous() -> None:
    selection = SAMPLES.measurements[3].selection
    result = matched(f"{FIELD}}}\n", with_values(SAMPLES, {"1.5.3.2": {"selection": selection}}))
    assert (values(result), len(result.ambiguous)) == ({}, 1)


@pytest.mark.parametrize("how", ["sequence", ""])
def test_a_lost_chosen_value_is_not_replaced(how: str) -> None:
    result = matched(f"{FIELD}}}\n", carotid(right(ica_prox=336), lost={("right", "ica", "prox", "psv"): how}))
    assert (values(result), rules(result)) == ({}, ["SM02"])
    assert "335.0 cm/s at 1.5.3.2" in result.problems[0].message
    assert [one.value for one in result.ambiguous[0].candidates] == ["335.0", "336.0", "337.0", None]


def test_the_highest_of_samples_is_not_claimed_when_one_is_lost() -> None:
    result = matched(f"{FIELD}, repeats: [highest]}}\n", samples("2", value=None))
    assert (values(result), rules(result)) == ({}, ["SM02"])


def test_repeats_count_once() -> None:
    result = matched(f"{FIELD}, repeats: [only]}}\n", carotid(right(ica_prox=336), samples=1, twice=True))
    assert values(result) == {"f": "336.0"}
    assert result.values["f"].source.rule == "the only value"  # type: ignore[union-attr]
    assert {one.code.value for one in result.unmatched if one.code} == {"11653-3"}


# Among places -----------------------------------------------------------------------------------------------------

THREE = right(ica_prox=100, ica_mid=300, ica_dist=200)


def test_several_places_are_ambiguous_unless_the_binding_chooses() -> None:
    result = matched(f"{FIELD}}}\n", carotid(THREE))
    assert (values(result), len(result.ambiguous)) == ({}, 1)
    assert "3 places fit" in result.ambiguous[0].reason


def test_branches_of_a_vessel_are_places_of_their_own() -> None:
    main = Code.of("SCT", "63161005", "Main")
    result = matched(f"{FIELD}, repeats: [highest]}}\n", samples("3", branch=main))
    assert (values(result), result.ambiguous[0].reason) == (
        {},
        "2 places fit: right Internal carotid artery Proximal, right Internal carotid artery Proximal Main",
    )


@pytest.mark.parametrize(("word", "expected"), [("highest", "300.0"), ("lowest", "100.0")])
@pytest.mark.parametrize("order", list(permutations(THREE)))
def test_the_extreme_does_not_depend_on_the_order(
    word: str, expected: str, order: Iterable[tuple[str, str, str]]
) -> None:
    result = matched(f"{FIELD}, choose: {word}}}\n", carotid({key: THREE[key] for key in order}))
    assert values(result) == {"f": expected}
    assert f"{word} of 3 places" in result.values["f"].source.rule  # type: ignore[union-attr,operator]


def test_magnitude_ignores_the_direction_of_flow() -> None:
    document = carotid(right(ica_prox=100, ica_mid=-300))
    assert values(matched(f"{FIELD}, choose: highest, magnitude: true}}\n", document)) == {"f": "-300.0"}
    assert values(matched(f"{FIELD}, choose: highest}}\n", document)) == {"f": "100.0"}


def test_the_highest_is_not_claimed_while_a_place_is_open() -> None:
    lost = carotid(THREE, lost={("right", "ica", "dist", "psv"): ""})
    result = matched(f"{FIELD}, choose: highest}}\n", lost)
    assert values(result) == {}
    assert "the highest of 3 places is not known" in result.ambiguous[0].reason
    assert rules(result) == []


def test_only_when_every_place_has_lost_its_value_is_the_value_lost() -> None:
    gone = {("right", "ica", segment, "psv"): "" for segment in ("prox", "mid", "dist")}
    result = matched(f"{FIELD}, choose: highest}}\n", carotid(THREE, lost=gone))
    assert (values(result), rules(result)) == ({}, ["SM02"])


ORDER = "  f: {code: psv, site: cca, laterality: right, segment: [dist, mid], unit: cm/s, choose: in order}\n"


def test_in_order_takes_the_first_choice() -> None:
    result = matched(ORDER, carotid(right(cca_mid=80, cca_dist=70, cca_prox=90)))
    assert (values(result), result.problems) == ({"f": "70.0"}, ())
    assert result.values["f"].source.flags == ()  # type: ignore[union-attr]


def test_in_order_flags_the_second_choice() -> None:
    result = matched(ORDER, carotid(right(cca_mid=80, cca_prox=90)))
    assert (values(result), rules(result)) == ({"f": "80.0"}, ["SM06"])
    assert result.values["f"].source.flags == ("second_choice_segment",)  # type: ignore[union-attr]


def test_in_order_never_takes_what_is_not_listed() -> None:
    assert values(matched(ORDER, carotid(right(cca_prox=90)))) == {}


def test_in_order_does_not_pass_over_a_lost_first_choice() -> None:
    result = matched(ORDER, carotid(right(cca_mid=80, cca_dist=70), lost={("right", "cca", "dist", "psv"): ""}))
    assert (values(result), rules(result)) == ({}, ["SM02"])


BULB = "  f: {code: psv, site: [ica, bulb], laterality: right, unit: cm/s, choose: highest, flags: {bulb: used}}\n"


def test_a_site_can_carry_a_flag() -> None:
    used = matched(BULB, carotid(right(ica_prox=100, bulb=200)))
    spared = matched(BULB, carotid(right(ica_prox=200, bulb=100)))
    assert used.values["f"].source.flags == ("used",)  # type: ignore[union-attr]
    assert spared.values["f"].source.flags == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [("any", {}), ("none", {"f": "65.0"}), ("prox", {"f": "60.0"}), ("[prox, none]", {})],
)
def test_segments(segment: str, expected: dict[str, str]) -> None:
    document = carotid(right(bulb=65, bulb_prox=60))
    assert values(matched(f"  f: {{code: psv, site: bulb, segment: {segment}, unit: cm/s}}\n", document)) == expected


# The same sample --------------------------------------------------------------------------------------------------

PAIR = f"{FIELD}, choose: highest}}\n  g: {{code: edv, site: ica, laterality: right, unit: cm/s, same sample as: f}}\n"


def test_the_follower_is_taken_where_the_leader_was() -> None:
    result = matched(PAIR, carotid(THREE))
    assert values(result) == {"f": "300.0", "g": "75.0"}
    assert result.values["g"].source.rule.startswith("same sample as f")  # type: ignore[union-attr]


def test_the_order_of_the_file_does_not_matter() -> None:
    follower, leader = PAIR.splitlines(keepends=True)[::-1]
    assert values(matched(follower + leader, carotid(THREE))) == {"g": "75.0", "f": "300.0"}


def test_the_follower_stays_empty_without_its_leader() -> None:
    result = matched(PAIR, carotid(THREE, lost={("right", "ica", "mid", "psv"): ""}))
    assert values(result) == {}
    assert "SM07" in rules(result)


def test_the_follower_is_ambiguous_where_two_places_tie() -> None:
    tie = {("right", "ica", "prox"): (300.0, 70.0), ("right", "ica", "mid"): (300.0, 90.0)}
    result = matched(PAIR, carotid(tie))
    assert values(result) == {"f": "300.0"}
    assert [one.field for one in result.ambiguous] == ["g"]


def test_the_follower_prefers_the_container_of_the_leader() -> None:
    other = document(Carotid(velocities={("right", "ica", "prox"): (300.0, 90.0)}, ratios={}))
    written = read(changed(lambda root: root.ContentSequence[4].ContentSequence.append(vessel(other))))
    assert [one.section for one in written.measurements] == ["1.5"] * 16
    highest = PAIR.replace("choose: highest", "repeats: [highest]").replace(
        "same sample", "repeats: [mean], same sample"
    )
    assert values(matched(highest, written)) == {"f": "337.0", "g": "126.0"}


def test_a_follower_without_a_leader_takes_only_what_the_device_chose() -> None:
    pair = f"{FIELD}}}\n" + "  g: {code: edv, site: ica, laterality: right, unit: cm/s, same sample as: f}\n"
    lost = {("right", "ica", "prox", "psv"): "sequence"}
    assert values(matched(pair, carotid(right(ica_prox=336), lost=lost))) == {"g": "84.0"}
    both = {**lost, ("right", "ica", "prox", "edv"): "sequence"}
    assert [one.field for one in matched(pair, carotid(right(ica_prox=336), lost=both)).ambiguous] == ["f", "g"]


# Values that are not taken ----------------------------------------------------------------------------------------

WINDOW = f"{FIELD}, plausible: [5, 700], magnitude: true}}\n"


@pytest.mark.parametrize(
    ("psv", "found"), [(4.9, ["SM03"]), (701.0, ["SM03"]), (0.0, ["SM04"]), (5.0, []), (-700.0, [])]
)
def test_the_plausible_window(psv: float, found: list[str]) -> None:
    result = matched(WINDOW, carotid(right(ica_prox=psv), samples=1))
    assert rules(result) == found
    assert ("f" in result.values) == (not found)


def test_the_window_is_in_the_unit_of_the_binding() -> None:
    assert rules(matched(WINDOW, carotid(right(ica_prox=336), unit="m/s"))) == []
    mislabelled = carotid(right(ica_prox=3.36), samples=1)
    assert rules(matched(WINDOW, mislabelled)) == ["SM03"]


@pytest.mark.parametrize(
    "change",
    [{"unit": "mm"}, {"unit": "knots"}, {"without_unit": True}, {"unit": "knots", "unit_scheme": "99UNITS"}],
    ids=["wrong dimension", "no UCUM", "missing", "other scheme"],
)
def test_units_that_cannot_be_trusted_fill_nothing(change: dict[str, object]) -> None:
    result = matched(f"{FIELD}}}\n", carotid(right(ica_prox=336), **change))
    assert result.values["f"].absent == "unsupported"
    assert (values(result), rules(result)) == ({}, ["SM05"])


@pytest.mark.parametrize(
    "change",
    [{"unit": "cm/sec"}, {"unit_scheme": "99UNITS"}, {"unit_version": "1.4"}],
    ids=["misspelt", "other scheme", "version"],
)
def test_units_that_can_mean_only_one_thing_fill(change: dict[str, object]) -> None:
    result = matched(f"{FIELD}}}\n", carotid(right(ica_prox=336), **change))
    assert (values(result), rules(result)) == ({"f": "336.0"}, [])
    source = result.values["f"].source
    assert source is not None and source.received_unit == change.get("unit", "cm/s")


def test_a_number_in_a_text_fills_and_says_what_was_sent() -> None:
    said = text("CONTAINS", CODES["ratio"], "4,67 ratio")
    made = read(changed(lambda root: root.ContentSequence[4].ContentSequence.append(said)))
    value = matched('  f: {code: ratio, laterality: right, unit: "1"}\n', made).values["f"]
    assert (value.value, value.source and value.source.received) == ("4.67", "4,67 ratio")


# What is not placed -----------------------------------------------------------------------------------------------

ALL = "".join(
    f"  {side}_{code}: {{code: {code}, site: ica, segment: prox, laterality: {side}, unit: cm/s}}\n"
    for side in ("right", "left")
    for code in ("psv", "edv")
)


def reasons(result: Match) -> set[str]:
    return {one.reason for one in result.unmatched}


def test_a_section_without_side_is_said_once() -> None:
    result = matched(ALL, carotid(right(ica_prox=336), sides={}))
    assert (values(result), rules(result)) == ({}, ["SM01"])
    assert result.problems[0].message == 'The section "Findings" (1.5) states no side; 8 measurements were not placed.'
    assert reasons(result) == {"no laterality stated"}


@pytest.mark.parametrize("side", ["unilateral", "bilateral"])
def test_other_sides_are_neither_right_nor_left(side: str) -> None:
    result = matched(ALL, carotid(right(ica_prox=336), sides={"right": side}))
    assert (values(result), rules(result)) == ({}, ["SM08"])


@pytest.mark.parametrize(
    ("place", "reason"),
    [("cca_prox", "no binding for this code at this site"), ("ica_mid", "no binding for this segment of the site")],
)
def test_the_reason_is_the_nearest_one(place: str, reason: str) -> None:
    assert reasons(matched(ALL, carotid(right(**{place: 80})))) == {reason}


def test_unknown_codes_and_sides_that_nobody_binds() -> None:
    right_only = "".join(line for line in ALL.splitlines(keepends=True) if "right" in line)
    left = {("left", "ica", "prox"): (80.0, 20.0)}
    assert reasons(matched(right_only, carotid(left))) == {"no binding for this side"}
    assert "no binding for this code" in reasons(matched(ALL, carotid(left, ratios={"left": "1.2"})))


def test_unused_samples_of_a_bound_place_are_not_unmatched() -> None:
    assert matched(ALL, SAMPLES).unmatched == ()


# Several documents ------------------------------------------------------------------------------------------------


def test_the_same_document_twice_counts_once() -> None:
    first, second = (carotid(right(ica_prox=336), sides={}) for _ in range(2))
    assert first is not second
    assert matched(ALL, first, second) == matched(ALL, first)


def test_documents_are_pooled() -> None:
    left = carotid({("left", "ica", "prox"): (80.0, 20.0)}, instance="second")
    assert len(matched(ALL, SAMPLES, left).values) == 4


def test_documents_that_contradict_each_other_are_ambiguous() -> None:
    other = carotid(right(ica_prox=200), instance="second")
    result = matched(f"{FIELD}}}\n", SAMPLES, other)
    assert values(result) == {}
    assert len({one.document for one in result.ambiguous[0].candidates}) == 2


def test_a_match_is_json() -> None:
    result = matched(ALL, SAMPLES)
    assert Match.model_validate_json(result.model_dump_json()) == result


def test_nothing_is_filled_in_from_half_a_document() -> None:
    half = read(write()[:-40])
    assert len(half.measurements) > 100
    found = matched(f"{FIELD}}}\n", half)
    assert (found.values, found.ambiguous) == ({}, ())
    assert {one.reason for one in found.unmatched} == {"a part of its document is missing"}
    assert [problem.rule for problem in found.problems] == ["SM09"]


def test_every_rule_of_matching_is_tested() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    missing = [rule.id for rule in RULES if rule.id.startswith("SM") and f'"{rule.id}"' not in text]
    assert missing == []


def test_a_field_left_open_says_so_in_its_value() -> None:
    lost = {("right", "ica", "prox", "psv"): "sequence"}
    value = matched(f"{FIELD}}}\n", carotid(right(ica_prox=336), lost=lost)).values["f"]
    assert (value.value, value.absent, value.provenance) == (None, "temp-unknown", "imported")
    assert value.source is not None
    assert "carries no value" in (value.source.rule or "")
