"""What a number belongs to: site, side, segment, method, and which items say the same thing twice.

The numbered rules stand in the docstring of sr_import.extract.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from mrrt.code import Code
from sr_import.concepts import DERIVATION, FINDING_SITE, IMAGE_MODE, LATERALITY, METHOD, SEGMENT, SELECTION
from sr_import.extract import extract
from sr_import.measurement import Measurement
from sr_import.tree import Item

ICA, CCA, NECK = (Code.of("SCT", value) for value in ("86117002", "32062004", "119568004"))
PROXIMAL, RIGHT, LEFT, BOTH = (Code.of("SCT", value) for value in ("40415009", "24028007", "7771000", "51440002"))
MEAN, CHOSEN = Code.of("SCT", "373098007"), Code.of("DCM", "121412")
PSV, EDV = Code.of("LN", "11726-7"), Code.of("LN", "11653-3")
TITLE, FINDINGS, GROUP = Code.of("LN", "24616-5"), Code.of("LN", "59776-5"), Code.of("DCM", "125007")
CM_S = Code.of("UCUM", "cm/s")


def code(concept: Code, value: Code, *below: Item, how: str = "HAS CONCEPT MOD") -> Item:
    return Item(how, "CODE", concept, below, code=value)


def container(concept: Code | None, *below: Item) -> Item:
    return Item("CONTAINS", "CONTAINER", concept, below)


def num(value: str, *below: Item, concept: Code = PSV) -> Item:
    return Item("CONTAINS", "NUM", concept, below, number=value, unit=CM_S)


def found(*below: Item) -> list[Measurement]:
    return list(extract(container(TITLE, *below)).measurements)


def rules(*below: Item) -> list[str]:
    return [problem.rule for problem in extract(container(TITLE, *below)).problems]


def one(*below: Item) -> Measurement:
    (only,) = found(*below)
    return only


def test_rule_1_the_number_itself_states_its_site() -> None:
    assert one(container(ICA, num("80", code(FINDING_SITE, CCA)))).site == CCA


def test_rule_2_the_nearest_statement_wins() -> None:
    section = container(FINDINGS, code(FINDING_SITE, NECK), container(ICA, num("80")))
    assert one(section).site == ICA
    deeper = container(ICA, container(GROUP, code(FINDING_SITE, CCA), num("80")))
    assert one(deeper).site == CCA


def test_rule_2_headings_and_the_title_are_no_sites() -> None:
    assert one(container(FINDINGS, container(GROUP, num("80")))).site is None
    root = Item("", "CONTAINER", ICA, (num("80"),))
    assert extract(root).measurements[0].site is None


def test_rule_2_a_container_may_state_a_site_beside_its_name() -> None:
    assert one(container(ICA, code(FINDING_SITE, CCA), num("80"))).site == CCA


def test_rule_3_a_new_site_ends_the_segment_of_the_old_one() -> None:
    proximal = code(SEGMENT, PROXIMAL)
    assert one(container(ICA, proximal, num("80"))).segment == PROXIMAL
    assert one(container(ICA, proximal, num("80", code(FINDING_SITE, CCA)))).segment is None
    assert one(container(ICA, proximal, num("80", code(FINDING_SITE, ICA)))).segment == PROXIMAL
    assert one(container(ICA, proximal, container(GROUP, num("80")))).segment == PROXIMAL


def test_rule_4_side_and_segment_may_stand_at_the_finding_site() -> None:
    site = code(FINDING_SITE, ICA, code(LATERALITY, LEFT), code(SEGMENT, PROXIMAL))
    measured = one(container(FINDINGS, code(LATERALITY, BOTH), num("80", site)))
    assert (measured.site, measured.laterality, measured.segment) == (ICA, "left", PROXIMAL)


def test_rule_5_two_statements_are_none() -> None:
    section = container(FINDINGS, code(LATERALITY, RIGHT), num("80", code(LATERALITY, LEFT), code(LATERALITY, RIGHT)))
    assert one(section).laterality is None
    assert rules(section) == ["SR11"]


def test_rule_6_right_below_left_is_no_side() -> None:
    """One of the two is wrong, and nobody can tell which: neither side is filled."""
    site = code(FINDING_SITE, ICA, code(LATERALITY, LEFT))
    section = container(FINDINGS, code(LATERALITY, RIGHT), num("80", site), num("81"))
    contradicted, plain = found(section)
    assert (contradicted.laterality, plain.laterality) == (None, "right")
    (problem,) = extract(container(TITLE, section)).problems
    assert (problem.rule, problem.path) == ("SR11", "1.1.2")
    assert problem.message == "the side is stated as left below what is stated as right; neither was taken."


def test_rule_6_holds_for_everything_below() -> None:
    again = container(ICA, code(LATERALITY, LEFT), container(GROUP, code(LATERALITY, LEFT), num("80")))
    section = container(FINDINGS, code(LATERALITY, RIGHT), again)
    assert (one(section).laterality, rules(section)) == (None, ["SR11"])


def test_the_same_statement_twice_is_one() -> None:
    section = container(FINDINGS, code(LATERALITY, LEFT), code(LATERALITY, LEFT), num("80"))
    assert (one(section).laterality, rules(section)) == ("left", [])


def test_an_unknown_side_is_none_even_where_one_is_stated_around_it() -> None:
    section = container(FINDINGS, code(LATERALITY, RIGHT), num("80", code(LATERALITY, PROXIMAL)))
    assert (one(section).laterality, rules(section)) == (None, ["SR10"])


def test_method_and_image_mode_are_inherited() -> None:
    modes = code(METHOD, GROUP), code(IMAGE_MODE, EDV)
    measured = one(container(FINDINGS, *modes, container(ICA, num("80"))))
    assert (measured.method, measured.image_mode) == (GROUP, EDV)
    assert one(container(FINDINGS, *modes, num("80", code(METHOD, PSV)))).method == PSV


def test_derivation_and_selection_are_not_inherited() -> None:
    inner = Item("INFERRED FROM", "NUM", EDV, number="20", unit=CM_S)
    outer = num("80", code(DERIVATION, MEAN), code(SELECTION, CHOSEN, how="HAS PROPERTIES"), inner)
    first, second = found(container(ICA, outer))
    assert (first.derivation, first.selection) == (MEAN, CHOSEN)
    assert (second.derivation, second.selection) == (None, None)


def test_context_lists_the_containers_only() -> None:
    assert one(container(FINDINGS, container(ICA, num("80")))).context == (TITLE, FINDINGS, ICA)


# Repeats: rule 8 of dicom-sr.md section 2 ------------------------------------------------------------------------


def repeats(*below: Item) -> list[str | None]:
    return [measured.repeat_of for measured in found(container(ICA, *below))]


def chosen(value: str, *below: Item, how: str = "HAS PROPERTIES") -> Item:
    return num(value, *below, code(SELECTION, CHOSEN, how=how))


def test_the_twin_without_selection_status_is_the_repeat() -> None:
    assert repeats(num("80"), chosen("80")) == ["1.1.2", None]
    assert repeats(chosen("80"), num("80")) == [None, "1.1.1"]
    assert repeats(chosen("80", how="HAS CONCEPT MOD"), num("80.0")) == [None, "1.1.1"]
    assert repeats(chosen("80,5"), num("80.5")) == [None, "1.1.1"]


def test_items_that_differ_otherwise_are_no_repeats() -> None:
    assert repeats(num("81"), chosen("80")) == [None, None]
    assert repeats(num("80", concept=EDV), chosen("80")) == [None, None]
    assert repeats(num("80"), chosen("80", code(DERIVATION, MEAN))) == [None, None]
    assert repeats(num(""), chosen("")) == [None, None]


def test_two_samples_of_one_value_are_two_samples() -> None:
    assert repeats(num("80"), num("80")) == [None, None]


def test_repeats_do_not_reach_into_another_container() -> None:
    assert [measured.repeat_of for measured in found(container(ICA, num("80")), container(ICA, chosen("80")))] == [
        None,
        None,
    ]


sites = st.sampled_from([ICA, CCA, None])
sides = st.sampled_from([RIGHT, LEFT, None])


@given(levels=st.lists(st.tuples(sites, sides), max_size=6))
def test_the_deepest_statement_wins_unless_sides_contradict_each_other(
    levels: Iterable[tuple[Code | None, Code | None]],
) -> None:
    levels = list(levels)
    node = num("80")
    for site, side in reversed(levels):
        said = [code(FINDING_SITE, site)] if site else []
        said += [code(LATERALITY, side)] if side else []
        node = container(GROUP, *said, node)
    words = {RIGHT: "right", LEFT: "left", None: None}
    assert one(node).site == next((site for site, _ in reversed(levels) if site), None)
    stated = {side for _, side in levels if side}
    assert one(node).laterality == (words[next(iter(stated), None)] if len(stated) < 2 else None)
