"""Several documents of one study: which count (rules in sr_import.merging), and what is said about the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from sr_import import Document, Match, load_bindings, match, read
from sr_import.merging import standing
from tests.sr_import.test_matching import FIELD, HEAD, Places, right, rules, values
from tests.sr_writer import Carotid, write

EARLY, LATE = "2026-01-14T10:15:00", "2026-01-14T10:45:00"
ICA, TWO = right(ica_prox=336), right(ica_prox=300, ica_mid=90)


def made(places: Places = ICA, uid: str = "1.1", **change: object) -> Document:
    """A document of one series; what it says, its UID, and attributes of its header."""
    document = read(write(replace(Carotid(velocities=places, ratios={}), samples=1)))
    return document.model_copy(update={"sop_instance_uid": uid, "content_date_time": EARLY, **change})


def matched(*documents: Document) -> Match:
    return match(documents, load_bindings(f"{HEAD}bindings:\n{FIELD}, segment: prox}}\n", "bindings.yaml", None))


def counting(*documents: Document) -> list[str | None]:
    return [one.sop_instance_uid for one in standing(documents).documents]


def test_rule_1_a_predecessor_no_longer_counts() -> None:
    after = made(right(ica_prox=300), "1.2", predecessors=("1.1",), series_instance_uid="9")
    result = matched(made(), after)
    assert (values(result), rules(result)) == ({"f": "300.0"}, ["SM10"])
    assert result.problems[0].message == (
        f"The document 1.1 of {EARLY} no longer counts: the document 1.2 names it as its predecessor."
    )


def test_rule_1_holds_along_a_chain_in_any_order() -> None:
    chain = [made(), made(uid="1.2", predecessors=("1.1",)), made(uid="1.3", predecessors=("1.2",))]
    for order in permutations(chain):
        assert counting(*order) == ["1.3"]


def test_rule_1_documents_in_a_circle_all_count() -> None:
    first = made(uid="1.1", predecessors=("1.2",), series_instance_uid="8")
    second = made(right(ica_prox=300), uid="1.2", predecessors=("1.1",), series_instance_uid="9")
    result = matched(first, second)
    assert (values(result), rules(result)) == ({}, ["SM11", "SM11"])
    assert len(result.ambiguous) == 1


def test_rule_2_a_later_document_of_the_series_that_says_everything_again() -> None:
    later = made(TWO, "1.2", content_date_time=LATE)
    for order in permutations([made(), later]):
        result = matched(*order)
        assert (values(result), rules(result)) == ({"f": "300.0"}, ["SM10"])
    assert "of the same series says everything again" in result.problems[0].message


@pytest.mark.parametrize(
    "change",
    [
        {"content_date_time": EARLY},
        {"content_date_time": None},
        {"content_date_time": "2026-01-14"},
        {"series_instance_uid": "9"},
        {"title": None},
        {"completion": "PARTIAL"},
        {"complete": False},
    ],
    ids=["same time", "no time", "day only", "other series", "other title", "partial", "cut off"],
)
def test_rule_2_does_not_guess(change: dict[str, object]) -> None:
    later = made(right(ica_prox=300), "1.2", **{"content_date_time": LATE, **change})
    assert counting(made(), later) == ["1.1", "1.2"]


def test_rule_2_a_document_that_leaves_something_out_replaces_nothing() -> None:
    later = made(right(ica_prox=310), "1.2", content_date_time=LATE)
    assert counting(made(TWO), later) == ["1.1", "1.2"]
    assert len(matched(made(TWO), later).ambiguous) == 1


def test_rule_2_the_complete_one_of_the_same_time_replaces_the_partial_one() -> None:
    assert counting(made(completion="PARTIAL"), made(uid="1.2")) == ["1.2"]


def test_rule_2_dose_documents_of_one_series_add_up() -> None:
    dose = {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.88.67"}
    assert counting(made(**dose), made(uid="1.2", content_date_time=LATE, **dose)) == ["1.1", "1.2"]


def test_rule_3_all_others_count_together() -> None:
    left = read(write(Carotid(velocities={("left", "ica", "prox"): (80.0, 20.0)}, ratios={}, instance="second")))
    assert len(counting(made(), left)) == 2


def test_what_only_the_replaced_document_says_is_listed() -> None:
    after = made(right(ica_prox=300), "1.2", predecessors=("1.1",))
    result = matched(made(TWO), after)
    lost = [
        one for one in result.unmatched if one.reason == "its document was replaced by one that does not say it again"
    ]
    assert {one.document for one in lost} == {"1.1"}
    assert {one.value for one in lost} == {"90.0", "22.5"}


def test_the_same_document_twice_is_no_successor_of_itself() -> None:
    assert counting(made(), made()) == ["1.1"]
    assert standing([made(predecessors=("1.1",))]).problems == ()
