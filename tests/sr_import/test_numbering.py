"""The n-th container of a concept: each value comes from its own, and what has no place is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrrt.template import Choice, Field, FieldKind, Template
from sr_import import Document, Match, load_bindings, match, read
from tests.dose_writer import ACQUISITION, BODY, HEAD, Event, document, write
from tests.sr_writer import item, to_bytes

HEADER = """\
template: x
version: "1"
codes:
  event: {scheme: DCM, value: "113819", meaning: CT Acquisition}
  uid: {scheme: DCM, value: "113769"}
  dlp: {scheme: DCM, value: "113838"}
  phantom: {scheme: DCM, value: "113835"}
  region: {scheme: DCM, value: "123014"}
  head: {scheme: DCM, value: "113690"}
  body: {scheme: DCM, value: "113691"}
for each:
  n: [1, 2, 3]
bindings:
"""
DLP = '  "dlp_{n}": {code: dlp, unit: mGy.cm, within: {container: event, number: "{n}"}}\n'
DLP_BY_UID = '  "dlp_{n}": {code: dlp, unit: mGy.cm, within: {container: event, number: "{n}", known by: uid}}\n'
PHANTOM = """\
  "phantom_{n}": {finding: phantom, within: {container: event, number: "{n}"}, values: {head: head, body: body}}
"""
REGION = '  "region_{n}": {finding: region, within: {container: event, number: "{n}"}}\n'
_CHOICES = tuple(Choice(value=value, text=value) for value in ("head", "body"))
TEMPLATE = Template(
    identifier="x",
    title="",
    fields=(
        *(Field(key=f"dlp_{n}", kind=FieldKind.NUMBER, unit="mGy.cm") for n in (1, 2, 3)),
        *(Field(key=f"phantom_{n}", kind=FieldKind.SELECT, choices=_CHOICES) for n in (1, 2, 3)),
        *(Field(key=f"region_{n}", kind=FieldKind.TEXT) for n in (1, 2, 3)),
        Field(key="count", kind=FieldKind.NUMBER, unit="1"),
    ),
)


def matched(entries: str, *documents: Document) -> Match:
    return match(documents, load_bindings(HEADER + entries, "bindings.yaml", TEMPLATE))


def values(result: Match) -> dict[str, object]:
    return {key: value.value for key, value in result.values.items() if value.value is not None}


def events(*dlps: str | None) -> list[Event]:
    return [Event(dlp=dlp) for dlp in dlps]


def test_each_value_comes_from_its_own_container() -> None:
    sent = [Event(dlp="1", phantom=HEAD), Event(dlp="2", phantom=None), Event(dlp="3", phantom=BODY)]
    result = matched(DLP + PHANTOM, read(write(sent)))
    assert values(result) == {"dlp_1": "1", "dlp_2": "2", "dlp_3": "3", "phantom_1": "head", "phantom_3": "body"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 9).map(str)), max_size=6))
def test_nothing_moves_into_the_place_of_what_is_missing(dlps: list[str | None]) -> None:
    result = matched(DLP + "  count: {count: event}\n", read(write(events(*dlps))))
    wanted = {f"dlp_{n}": dlp for n, dlp in enumerate(dlps[:3], 1) if dlp is not None}
    assert values(result) == wanted | ({"count": str(len(dlps))} if dlps else {})
    beyond = [one.value for one in result.unmatched if one.reason == "no binding for the container that holds it"]
    assert beyond == [dlp for dlp in dlps[3:] if dlp is not None]
    assert [one.rule for one in result.problems] == ["SM13"] * (len(dlps) > 3)


def test_what_a_container_does_not_state_is_empty_with_the_reason() -> None:
    result = matched(DLP, read(write(events("1", None))))
    value = result.values["dlp_2"]
    assert (value.value, value.absent, value.provenance) == (None, "unknown", "imported")
    assert value.source is not None
    assert (value.source.rule, value.source.path) == ("not stated in CT Acquisition 2", "1.3")
    assert "dlp_3" not in result.values


def test_containers_without_a_number_are_counted() -> None:
    result = matched(DLP, read(write(events("1", "2", "3", "4", "5"))))
    (problem,) = result.problems
    assert (problem.rule, problem.severity, problem.path) == ("SM13", "warning", "1.5")
    assert problem.message == (
        "2 of 5 containers CT Acquisition have no place in the template (number 4, 5); not filled in."
    )


def test_a_gap_in_the_numbers_is_said_too() -> None:
    entry = "  dlp_1: {code: dlp, unit: mGy.cm, within: {container: event, number: 2}}\n"
    result = matched(entry, read(write(events("1", "2"))))
    assert values(result) == {"dlp_1": "2"}
    assert "1 of 2 containers CT Acquisition has no place in the template (number 1)" in result.problems[0].message


def test_the_nearest_container_counts() -> None:
    root = document(events("1", "2"))
    first, second = root.ContentSequence[1:]
    first.ContentSequence.append(item("CONTAINS", "CONTAINER", ACQUISITION, second.ContentSequence))
    del root.ContentSequence[2]
    assert values(matched(DLP, read(to_bytes(root)))) == {"dlp_1": "1", "dlp_2": "2"}


def test_documents_are_numbered_by_their_time_whatever_their_order() -> None:
    early, late = read(write(events("1"), "a", time="100000")), read(write(events("2"), "b", time="110000"))
    assert values(matched(DLP, late, early)) == values(matched(DLP, early, late)) == {"dlp_1": "1", "dlp_2": "2"}


def test_a_container_that_two_documents_send_is_one_where_it_is_known() -> None:
    first, second = Event(dlp="1", name="first"), Event(dlp="2", name="second")
    early, late = read(write([first], "a", time="100000")), read(write([first, second], "b", time="110000"))
    assert values(matched(DLP, early, late)) == {"dlp_1": "1", "dlp_2": "1", "dlp_3": "2"}
    known = matched(DLP_BY_UID + "  count: {count: event, known by: uid}\n", early, late)
    assert values(known) == {"dlp_1": "1", "dlp_2": "2", "count": "2"}


def test_two_documents_that_contradict_each_other_about_one_container_are_ambiguous() -> None:
    early = read(write([Event(dlp="1", name="first")], "a"))
    late = read(write([Event(dlp="2", name="first")], "b"))
    result = matched(DLP_BY_UID, early, late)
    assert values(result) == {}
    assert [one.field for one in result.ambiguous] == ["dlp_1"]


def test_half_a_document_has_no_containers() -> None:
    half = read(write(events("1", "2"))[:-60])
    assert matched(DLP + "  count: {count: event}\n", half).values == {}


def test_a_code_fills_a_text_in_the_words_that_were_sent() -> None:
    result = matched(REGION, read(write([Event(), Event(region=None)])))
    assert values(result) == {"region_1": "Chest"}


def test_a_finding_that_says_nothing_is_not_stated() -> None:
    root = document([Event()])
    root.ContentSequence[1].ContentSequence[1].ConceptCodeSequence = []
    result = matched(REGION, read(to_bytes(root)))
    assert (values(result), result.problems, result.ambiguous) == ({}, (), ())
    assert result.values["region_1"].absent == "unknown"


@pytest.mark.parametrize("number", ["1", '"1"'])
def test_a_number_may_stand_in_quotes(number: str) -> None:
    entry = f"  dlp_1: {{code: dlp, unit: mGy.cm, within: {{container: event, number: {number}}}}}\n"
    assert values(matched(entry, read(write(events("7"))))) == {"dlp_1": "7"}
