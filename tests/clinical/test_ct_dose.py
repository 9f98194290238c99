"""CT dose SRs (PS3.16 TID 10011) from the file to the filled report, against a walk of the file by pydicom.

1. Each value of each irradiation event is in the row of that event, exact, in its unit; nothing of another event is.
2. What an event does not state is empty, with the reason; rows of events that are not there are hidden, and the first
   row stays for typing.
3. More events than rows are counted, said, and never summed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from typer.testing import CliRunner

import sr_import
from mrrt.derive import derive
from mrrt.entry import start
from reporting.cli import app
from reporting.logic_cases import run_cases
from reporting.templates import compiled
from sr_import import load_bindings
from templates_lib.loader import SHIPPED, find

from ..conftest import ROOT, SHARED
from ..dose_writer import BODY, EXAMPLE, HEAD, LOCALIZER, Event, document, write
from ..sr_writer import to_bytes
from ..worked_cases import lines, read_cases, run

TEMPLATE = "ct-dose"
ROWS = 12
QUANTITIES = {"113830": "ctdivol", "113838": "dlp"}
CODED = {
    "113835": ("phantom", {"113690": "head", "113691": "body"}),
    "113820": (
        "type",
        {
            **{"116152004": "spiral", "P5-08001": "spiral", "113804": "sequenced", "113805": "constant_angle"},
            **{"113806": "stationary", "113807": "free", "702569007": "cone_beam", "R-FB8F1": "cone_beam"},
        },
    ),
}
UNITS = {"ctdivol": "mGy", "dlp": "mGy.cm"}
SENT_UNITS = {"mGy": "mGy", "mGy.cm": "mGy.cm", "mGycm": "mGy.cm"}

Fill = Callable[..., dict[str, Any]]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    def filled(*contents: bytes, more: tuple[str, ...] = ()) -> dict[str, Any]:
        arguments = ["fill", TEMPLATE, "--format", "json", *more]
        for place, content in enumerate(contents):
            file = tmp_path / f"{place}.dcm"
            file.write_bytes(content)
            arguments += ["--sr", str(file)]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    return filled


# What pydicom sees --------------------------------------------------------------------------------------------------


def _below(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", []):
        yield child
        yield from _below(child)


def _code(sequence: Any) -> str | None:
    return str(sequence[0].CodeValue) if sequence else None


def _concept(item: Dataset) -> str | None:
    return _code(item.get("ConceptNameCodeSequence"))


def _stated(event: Dataset) -> dict[str, str]:
    """What one irradiation event states, by the last part of the field's key."""
    said: dict[str, str] = {}
    for item in _below(event):
        concept = _concept(item) or ""
        if concept in QUANTITIES and item.get("MeasuredValueSequence"):
            measured = item.MeasuredValueSequence[0]
            unit = SENT_UNITS[_code(measured.MeasurementUnitsCodeSequence) or ""]
            assert unit == UNITS[QUANTITIES[concept]]
            said[QUANTITIES[concept]] = str(measured.NumericValue)
        elif concept in CODED and item.get("ConceptCodeSequence"):
            key, values = CODED[concept]
            said[key] = values[_code(item.ConceptCodeSequence) or ""]
        elif concept == "123014" and item.get("ConceptCodeSequence"):
            said["region"] = str(item.ConceptCodeSequence[0].CodeMeaning)
        elif concept == "125203" and item.get("TextValue"):
            said["protocol"] = str(item.TextValue)
    return said


def truth(content: bytes) -> list[dict[str, str]]:
    """What each irradiation event of a file states, in the order of the file."""
    root = pydicom.dcmread(BytesIO(content))
    return [_stated(item) for item in _below(root) if _concept(item) == "113819"]


def differences(filled: dict[str, Any], events: list[dict[str, str]]) -> list[str]:
    """Where rows and events differ: a value, its unit, a value that is missing, and one that nobody stated."""
    found = []
    for row in range(1, ROWS + 1):
        said = events[row - 1] if row <= len(events) else {}
        for part in ("protocol", "region", "type", "ctdivol", "phantom", "dlp"):
            key = f"event_{row}_{part}"
            value = filled["values"].get(key, {})
            got, wanted = value.get("value"), said.get(part)
            if part in UNITS and got is not None and wanted is not None:
                same = Decimal(got) == Decimal(wanted) and value["unit"] == UNITS[part]
            else:
                same = got == wanted
            if not same:
                found.append(f"{key}: {got} {value.get('unit')}, not {wanted}")
            if wanted is None and row <= len(events) and not (value.get("absent") and value["source"]["rule"]):
                found.append(f"{key}: empty without a reason")
    return found


# Files --------------------------------------------------------------------------------------------------------------

MIXED = [
    Event(protocol="Scout", type=LOCALIZER, ctdivol="0.1", dlp="3.25"),
    Event(protocol="Head", region=("69536005", "SCT", "Head"), ctdivol="48.2", phantom=HEAD, dlp="801.5"),
    Event(protocol=None, region=None, ctdivol=None, phantom=None, dlp=None),
    Event(protocol="Chest", dlp=None),
]


def _dose_files() -> list[Path]:
    return [
        path
        for path in sorted((SHARED / "corpus" / "sr").glob("*/*.dcm"))
        if ("RDSR" in path.name or "ESR" in path.name) and _of_ct(path)
    ]


def _of_ct(path: Path) -> bool:
    root = pydicom.dcmread(path)
    return any(_concept(item) == "113819" for item in _below(root))


FILES = _dose_files()


@pytest.mark.parametrize("count", [1, 2, 4, 12])
def test_generated_events_are_in_their_rows(fill: Fill, count: int) -> None:
    content = write([MIXED[place % len(MIXED)] for place in range(count)])
    assert len(truth(content)) == count
    assert differences(fill(content), truth(content)) == []


@pytest.mark.skipif(not FILES, reason="the reference material (../shared) is not on this machine")
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_events_of_real_files_are_in_their_rows(fill: Fill, file: Path) -> None:
    content = file.read_bytes()
    filled = fill(content)
    assert differences(filled, truth(content)) == []
    assert filled["values"]["events"]["value"] == str(len(truth(content)))


def test_the_shipped_sample_is_what_the_writer_makes(fill: Fill) -> None:
    sample = (ROOT / "sr_import" / "samples" / "ct-dose-example.dcm").read_bytes()
    assert sample == write(EXAMPLE, "ct-dose-example", total_dlp="195.9")
    assert differences(fill(sample), truth(sample)) == []


def test_the_real_files_are_there(shared: Path) -> None:
    assert shared.is_dir()
    assert len(FILES) >= 6
    assert len({path.parent for path in FILES}) >= 2


def test_the_comparison_can_fail(fill: Fill) -> None:
    content = write(MIXED)
    filled, events = fill(content), truth(content)
    assert differences(filled, events) == []
    assert differences(filled, [events[1], events[0], *events[2:]]) != []
    assert differences(filled, events[:2]) != []
    filled["values"]["event_1_dlp"]["unit"] = "Gy.cm"
    assert differences(filled, events) == ["event_1_dlp: 3.25 Gy.cm, not 3.25"]


# Totals -------------------------------------------------------------------------------------------------------------


def derived(filled: dict[str, Any], key: str) -> Any:
    return filled["derived"].get(key, {}).get("value")


def test_totals_are_those_of_the_file_and_the_sum_is_ours(fill: Fill) -> None:
    filled = fill(write([Event(dlp="100.25"), Event(dlp="50")], total_dlp="150.25"))
    values = filled["values"]
    assert (values["total_events"]["value"], values["total_dlp"]["value"]) == ("2", "150.25")
    assert (values["total_dlp"]["unit"], values["events"]["value"]) == ("mGy.cm", "2")
    assert (derived(filled, "dlp_sum"), derived(filled, "dlp_difference")) == ("150.25", "0")


def test_more_events_than_rows_are_counted_said_and_not_summed(fill: Fill) -> None:
    filled = fill(write([Event(dlp=str(place)) for place in range(1, 15)], total_dlp="105"))
    assert filled["values"]["events"]["value"] == "14"
    (said,) = [problem for problem in filled["problems"] if problem["rule"] == "SM13"]
    assert said["severity"] == "warning"
    assert "2 of 14 containers CT Acquisition have no place" in said["message"]
    assert "more irradiation events than the 12" in derived(filled, "cautions")
    assert derived(filled, "dlp_sum") is None
    assert filled["values"]["event_12_dlp"]["value"] == "12"


def test_an_event_of_two_documents_is_one(fill: Fill) -> None:
    first, second = Event(dlp="10", name="first"), Event(dlp="20", name="second")
    filled = fill(write([first], "a", time="100000"), write([first, second], "b", time="110000"))
    assert filled["values"]["events"]["value"] == "2"
    assert [filled["values"][f"event_{n}_dlp"]["value"] for n in (1, 2)] == ["10", "20"]
    assert derived(filled, "dlp_sum") == "30"


@pytest.mark.parametrize(("first", "second"), [("10", "10"), ("10", "20.5")])
def test_the_totals_of_documents_with_other_events_are_added(fill: Fill, first: str, second: str) -> None:
    written = (
        write([Event(dlp=first)], "a", total_dlp=first, time="100000"),
        write([Event(dlp=second)], "b", total_dlp=second, time="110000"),
    )
    filled = fill(*written)
    total = filled["values"]["total_dlp"]
    assert Decimal(total["value"]) == Decimal(first) + Decimal(second)
    assert total["source"]["received"] == f"{first} + {second}"
    assert "sum of the totals of 2 documents" in total["source"]["rule"]
    assert filled["values"]["total_events"]["value"] == "2"
    assert derived(filled, "dlp_difference") == "0"
    assert not derived(filled, "cautions")


def test_of_a_document_whose_events_are_all_in_a_later_one_the_total_is_not_added(fill: Fill) -> None:
    one, two = Event(dlp="10", name="first"), Event(dlp="20", name="second")
    filled = fill(
        write([one], "a", total_dlp="10", time="100000"), write([one, two], "b", total_dlp="30", time="110000")
    )
    assert (filled["values"]["total_dlp"]["value"], filled["values"]["total_events"]["value"]) == ("30", "2")
    assert not derived(filled, "cautions")


def test_totals_of_the_same_events_are_one_total_and_have_to_agree(fill: Fill) -> None:
    def total(second: str) -> Any:
        events = [Event(dlp="10", name="first")]
        return fill(write(events, "a", total_dlp="10"), write(events, "b", total_dlp=second))["values"]["total_dlp"]

    assert total("10")["value"] == "10"
    assert (total("12")["value"], total("12")["absent"]) == (None, "temp-unknown")


def _without_uids(instance: str) -> bytes:
    root = document([Event(dlp="10")], instance, total_dlp="10")
    for one in _below(root):
        if _concept(one) == "113819":
            one.ContentSequence = [part for part in one.ContentSequence if _concept(part) != "113769"]
    return to_bytes(root)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (
            [
                write([Event(dlp="1", name="x"), Event(dlp="2", name="y")], "a", total_dlp="3"),
                write([Event(dlp="2", name="y"), Event(dlp="4", name="z")], "b", total_dlp="6"),
            ],
            "some CT Acquisition are in several of them",
        ),
        ([_without_uids("a"), _without_uids("b")], "not every CT Acquisition says which it is"),
        (
            [write([Event(dlp="1")], "a", total_dlp="1"), write([Event(dlp="2")], "b")],
            "one of them states none",
        ),
        (
            [write([Event(dlp="1")], "a", total_dlp="1"), write([], "b", total_events="2", total_dlp="5")],
            "not every CT Acquisition says which it is",
        ),
    ],
)
def test_totals_that_may_count_an_event_twice_or_not_at_all_are_left_open(
    fill: Fill, written: list[bytes], why: str
) -> None:
    filled = fill(*written)
    total = filled["values"]["total_dlp"]
    assert (total["value"], total["absent"]) == (None, "temp-unknown")
    assert why in total["source"]["rule"]
    assert "total_dlp" in [one["field"] for one in filled["ambiguous"]]
    assert derived(filled, "dlp_difference") is None


def test_a_unit_without_its_point_is_read_and_another_quantity_is_not(fill: Fill) -> None:
    filled = fill(write([Event(dlp_unit="mGycm"), Event(dlp_unit="mGy")]))
    values = filled["values"]
    assert (values["event_1_dlp"]["value"], values["event_1_dlp"]["unit"]) == ("200.5", "mGy.cm")
    assert (values["event_2_dlp"]["value"], values["event_2_dlp"]["absent"]) == (None, "unsupported")
    assert derived(filled, "dlp_sum") is None


def test_a_lost_number_leaves_no_sum(fill: Fill) -> None:
    root = document([Event(), Event()])
    lost = next(item for item in _below(root) if _concept(item) == "113838")
    lost.MeasuredValueSequence = []
    filled = fill(to_bytes(root))
    assert filled["values"]["event_1_dlp"]["value"] is None
    assert derived(filled, "dlp_sum") is None
    assert "DLP not stated for event 1" in derived(filled, "cautions")


def test_no_reference_level_is_built_in(fill: Fill) -> None:
    filled = fill(write([Event(ctdivol="900", phantom=BODY)]))
    levels = [key for key in {**filled["values"], **filled["derived"]} if "_drl_" in key]
    assert [key for key in levels if filled["values"].get(key, {}).get("value")] == []
    assert "reference level" not in derived(filled, "statement")


def test_a_reference_level_of_the_site_is_compared_by_phantom(fill: Fill) -> None:
    content = write([Event(ctdivol="10.1", phantom=BODY)])
    assert "above the site's reference level: CTDIvol" in derived(
        fill(content, more=("--set", "body_drl_ctdivol=10")), "statement"
    )
    other = fill(content, more=("--set", "head_drl_ctdivol=10"))
    assert "reference level" not in derived(other, "statement")
    assert "the other phantom" in derived(other, "cautions")


def test_the_text_shows_two_rows_for_two_events(tmp_path: Path) -> None:
    file = tmp_path / "dose.dcm"
    file.write_bytes(write([Event(protocol="First"), Event(protocol="Second")]))
    result = CliRunner().invoke(app, ["fill", TEMPLATE, "--sr", str(file)])
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line[:1].isdigit()]
    assert [row[:2] for row in rows] == [["1", "First"], ["2", "Second"]]
    german = CliRunner().invoke(app, ["fill", TEMPLATE, "--sr", str(file), "--language", "de"])
    words = " ".join(german.stdout.split())
    assert "Körperphantom (32 cm): höchster CTDIvol 5,5 mGy, Summe der DLP 401 mGy.cm." in words


@pytest.mark.parametrize("count", [0, 1, 3, 12, 13])
def test_rows_of_events_that_are_not_there_are_hidden(count: int) -> None:
    made = find(TEMPLATE)
    bindings = load_bindings(made.bindings or "", "bindings.yaml", made.template)
    blank = Event(protocol=None, region=None, type=None, ctdivol=None, phantom=None, dlp=None)
    match = sr_import.match([sr_import.read(write([blank] * count))], bindings)
    report = derive(start(made.template).fill(match.values), made.template, made.logic)
    shown = {key.split("_")[1] for key in made.template.field_by_key if re.match(r"event_\d", key)} - {
        key.split("_")[1] for key in report.irrelevant if re.match(r"event_\d", key)
    }
    assert shown == {str(row) for row in range(1, min(max(count, 1), ROWS) + 1)}


def test_cases_of_the_template() -> None:
    text = (SHIPPED / TEMPLATE / "cases.yaml").read_text(encoding="utf-8")
    results = run_cases(text, "cases.yaml", compiled(find(TEMPLATE).source))
    assert len(results) >= 15
    assert [(one.name, one.misses, one.refused) for one in results if not one.passed] == []


# Worked cases -------------------------------------------------------------------------------------------------------

OWN = Path(__file__).parent / "dose_cases.json"


def test_own_worked_cases() -> None:
    results = [run(name, case) for name, case in read_cases(OWN)]
    assert len(results) >= 9
    assert list(lines(results))[-1] == f"{len(results)} passed, 0 failed, 0 not run"


def test_worked_cases_of_the_reference(shared: Path) -> None:
    cases = [case for name, case in read_cases(shared / "clinical" / "cases.json") if name == "rdsr_drl"]
    results = [run("rdsr_drl", case) for case in cases]
    assert len(results) >= 4
    assert list(lines([one for one in results if one.failed]))[:-1] == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"events": [{"ctdivol": 5, "dlp": 10, "phantom": "body32"}]}, "total_dlp: expected 11, got 10"),
        ({"events": {"ctdivol": 5}}, "no list of rows"),
        ({"events": [5]}, "no list of rows"),
        ({"events": [{"kvp": 120}]}, '"kvp"'),
        ({"events": [{"phantom": "child"}]}, "child"),
        ({"events": [], "drl": {"ctdivol": 5}}, '"drl"'),
        ({"events": [], "drl": 5}, '"drl" is 5'),
        ({"events": [{}] * 12 + [{"dlp": 1}]}, "event_13_dlp"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_runner_of_rows_can_fail(inputs: dict[str, Any], said: str) -> None:
    result = run("rdsr_drl", {"id": "one", "inputs": inputs, "expected": {"total_dlp": 11}})
    assert len(result.differences) == 1
    assert said in result.differences[0]
