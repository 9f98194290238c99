"""What a document says beside its numbers: observers, sources, times, tracking, equipment, findings."""

from __future__ import annotations

import time

import pytest
from pydicom.dataset import Dataset

from mrrt.code import Code
from sr_import import Document, load_bindings, match, read
from sr_import.concepts import BRANCH, FETUS_ID, NORMALITY, TRACKING_IDENTIFIER, TRACKING_UID
from sr_import.measurement import Measurement, Observer
from sr_import.sources import Sources, item_at
from sr_import.times import iso_date_time, iso_time, moment
from sr_import.tree import Item, Reference
from tests.sr_import.broken import ICA, ONE, by_reference, changed, chosen, vessel
from tests.sr_import.test_extract import CHOSEN, FINDINGS, GROUP, PSV, code, container, found, num, one
from tests.sr_writer import Carotid, coded, document, item, text, to_bytes, uid

HIGH = ("371879000", "SCT", "Abnormally High")


def _measured(made: Document) -> Measurement:
    return next(one for one in made.measurements if one.path == "1.5.3.5")


# Properties and modifiers of a measurement ------------------------------------------------------------------------


def test_branch_normality_and_qualifier() -> None:
    high, branch = Code.of("SCT", "371879000"), Code.of("SCT", "63161005")
    outer = container(Code.of("SCT", "17232002"), code(BRANCH, branch), num("80", code(NORMALITY, high)))
    assert (one(outer).branch, one(outer).normality) == (branch, high)
    read_back = read(changed(_qualify))
    assert _measured(read_back).qualifier == Code.of("DCM", "114006")


def _qualify(root: Dataset) -> None:
    chosen(root).NumericValueQualifierCodeSequence = coded(
        "", ("1", "X", ""), ("114006", "DCM", "")
    ).ConceptCodeSequence


def test_tracking_holds_for_what_is_below() -> None:
    words = Item("HAS OBS CONTEXT", "TEXT", TRACKING_IDENTIFIER, text="Plaque 1")
    name = Item("HAS OBS CONTEXT", "UIDREF", TRACKING_UID, text="1.2.3")
    inside, outside = found(container(GROUP, words, name, num("80")), num("81"))
    assert (inside.tracking_identifier, inside.tracking_uid) == ("Plaque 1", "1.2.3")
    assert (outside.tracking_identifier, outside.tracking_uid) == (None, None)


def test_each_fetus_is_a_place_of_its_own() -> None:
    def of(name: str, value: str) -> Item:
        return container(GROUP, Item("HAS OBS CONTEXT", "TEXT", FETUS_ID, text=name), num(value))

    first, second = found(of("A", "45"), of("B", "47"))
    assert (first.fetus_id, second.fetus_id) == ("A", "B")
    made = read(changed(lambda root: None)).model_copy(update={"measurements": (first, second)})
    text = "template: x\nversion: '1'\ncodes: {p: {scheme: LN, value: 11726-7}}\nbindings: {f: {code: p, unit: cm/s}}\n"
    result = match([made], load_bindings(text, "b.yaml", None))
    assert (result.values["f"].value, result.ambiguous[0].reason) == (None, "2 places fit: fetus A, fetus B")


def test_the_observation_time_is_the_nearest_one() -> None:
    outer = container(GROUP, num("80"), Item("CONTAINS", "NUM", PSV, number="81", observed="20260114101530.5+0100"))
    outer.observed = "20260114"
    assert [one.observed for one in found(outer)] == ["2026-01-14", "2026-01-14T10:15:30.5+01:00"]


@pytest.mark.parametrize(
    ("sent", "shown"), [("2026", "2026"), ("202601141015", "2026-01-14T10:15"), ("yesterday", "yesterday"), ("", "")]
)
def test_times_are_as_precise_as_they_were_sent(sent: str, shown: str) -> None:
    assert iso_date_time(sent) == shown
    assert iso_time("1015") == "10:15"


def test_moments() -> None:
    early, late = moment("2026-01-14T10:15:30", "+0200"), moment("2026-01-14T10:15:30+01:00")
    assert early is not None and late is not None and early < late
    assert [moment(text) for text in (None, "", "2026-01-14", "2026-01-14T10", "soon")] == [None] * 5
    assert moment("2026-01-14T10:15", "nonsense") is not None


# Observers --------------------------------------------------------------------------------------------------------


def test_the_observer_of_the_document_is_that_of_its_measurements() -> None:
    made = read(changed(lambda root: None))
    expected = Observer(type="device", uid=uid("device"), model="SONO 1")
    assert made.observers == (expected,)
    assert {one.observers for one in made.measurements} == {(expected,)}


def _person(name: str) -> list[Dataset]:
    made = item("HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"))
    made.PersonName = name
    return [coded("HAS OBS CONTEXT", ("121005", "DCM", "Observer Type"), ("121006", "DCM", "Person")), made]


def test_a_nearer_observer_overrides_and_several_stay_apart() -> None:
    people = [*_person("EXAMPLE^ONE"), *_person("EXAMPLE^TWO")]
    made = read(changed(lambda root: vessel(root).ContentSequence.extend(people)))
    assert [one.name for one in _measured(made).observers] == ["EXAMPLE^ONE", "EXAMPLE^TWO"]
    assert {one.type for one in _measured(made).observers} == {"person"}
    assert [one.model for one in made.observers] == ["SONO 1"]


# Sources ----------------------------------------------------------------------------------------------------------


def _image(relationship: str, frames: str = "") -> Item:
    return Item(relationship, "IMAGE", references=(Reference("1.2", "1.2.3", frames),))


def _outline(*below: Item) -> Item:
    return Item("INFERRED FROM", "SCOORD", children=below, graphic="POINT", coordinates=(1.0, 2.0))


def test_images_and_coordinates_below_a_measurement() -> None:
    first, second, third = one(
        num("80", _image("INFERRED FROM", "3\\4"), _outline(_image("SELECTED FROM")), _outline())
    ).sources
    assert (first.sop_class_uid, first.sop_instance_uid, first.frames, first.coordinates) == (
        "1.2",
        "1.2.3",
        (3, 4),
        (),
    )
    assert (second.sop_instance_uid, second.graphic_type, second.coordinates) == ("1.2.3", "POINT", (1.0, 2.0))
    assert (third.sop_instance_uid, third.coordinates) == (None, (1.0, 2.0))


def test_images_by_reference() -> None:
    library = container(GROUP, _image("CONTAINS"))
    outline = _outline(Item("SELECTED FROM", refers_to="1.1.1"))
    by_way = num("80", outline), num("81", Item("INFERRED FROM", refers_to="1.1.1"))
    via_outline, direct = found(library, *by_way)
    assert [source.sop_instance_uid for source in (*via_outline.sources, *direct.sources)] == ["1.2.3", "1.2.3"]
    assert via_outline.sources[0].coordinates == (1.0, 2.0)


@pytest.mark.parametrize("path", ["1.5.3.5.3", "1.9.9", "1.5.3.5", "7", "1.0"])
def test_references_in_a_circle_or_to_nothing_end(path: str) -> None:
    steps = tuple(map(int, path.split(".")))

    def refer(root: Dataset) -> None:
        outline = item("INFERRED FROM", "SCOORD", ("121112", "DCM", "Source of Measurement"), [by_reference(*steps)])
        chosen(root).ContentSequence.append(outline)

    made = read(changed(refer))
    assert len(made.measurements) == 8
    assert [problem.rule for problem in made.problems] == (["SR19"] if path != "1.5.3.5" else [])


def test_many_references_to_each_other_take_no_time() -> None:
    many = 300
    outlines = [
        _outline(*(Item("SELECTED FROM", refers_to=f"1.{place + 1}") for place in range(many))) for _ in range(many)
    ]
    root = container(FINDINGS, *outlines, num("80", Item("INFERRED FROM", refers_to="1.1")))
    sources, start = Sources(root), time.process_time()
    sources.of(root.children[-1])
    assert time.process_time() - start < 1
    assert sources.lost


def test_items_are_found_by_their_path() -> None:
    root = container(FINDINGS, container(GROUP, num("80")))
    assert item_at(root, "1.1.1") is root.children[0].children[0]
    assert [item_at(root, path) for path in ("2", "1.2", "1.1.1.1", "1.x", "", "1.99999999999999")] == [None] * 6


# The header -------------------------------------------------------------------------------------------------------


def test_the_header_names_device_series_and_state() -> None:
    root = document(Carotid(velocities=ICA))
    root.StationName, root.InstitutionName, root.TimezoneOffsetFromUTC = "US1", "EXAMPLE HOSPITAL", "+0100"
    root.ReferringPhysicianName = "EXAMPLE^REFERRER"
    root.PredecessorDocumentsSequence = [_predecessor("1.2.3.4")]
    made = read(to_bytes(root))
    assert made.equipment.model_dump() == {
        "manufacturer": "EXAMPLE",
        "model": "SONO 1",
        "serial_number": "0",
        "software_versions": "1",
        "station": "US1",
        "institution": "EXAMPLE HOSPITAL",
    }
    assert (made.modality, made.series_instance_uid) == ("SR", uid("example/series"))
    assert (made.completion, made.verification, made.predecessors) == ("COMPLETE", "UNVERIFIED", ("1.2.3.4",))
    assert (made.study_date_time, made.timezone) == ("2026-01-14T10:15:00", "+0100")
    assert made.referring_physician == "EXAMPLE^REFERRER"


def _predecessor(name: str) -> Dataset:
    study, series, instance = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.33", name
    series.ReferencedSOPSequence, series.SeriesInstanceUID = [instance], "1.2"
    study.ReferencedSeriesSequence, study.StudyInstanceUID = [series], "1.1"
    return study


# Findings ---------------------------------------------------------------------------------------------------------


def _finding(value_type: str, **value: object) -> Dataset:
    made = item("CONTAINS", value_type, ("121106", "DCM", "Comment"))
    for name, said in value.items():
        setattr(made, name, said)
    return made


def test_findings_say_their_place() -> None:
    stenosis = coded("CONTAINS", ("121071", "DCM", "Finding"), ("1522000", "SCT", "Plaque"))
    made = read(changed(lambda root: vessel(root).ContentSequence.append(stenosis)))
    (only,) = made.findings
    assert (only.path, only.value_type, only.code) == ("1.5.3.10", "CODE", Code.of("SCT", "1522000"))
    assert (only.laterality, only.site and only.site.value, only.segment and only.segment.value) == (
        *("right", "86117002"),
        "40415009",
    )
    assert [code.value for code in only.context] == ["24616-5", "59776-5", "86117002"]


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (_finding("TEXT", TextValue="calm"), "calm"),
        (_finding("DATE", Date="20260114"), "2026-01-14"),
        (_finding("TIME", Time="101530"), "10:15:30"),
        (_finding("DATETIME", DateTime="20260114101530"), "2026-01-14T10:15:30"),
        (_finding("PNAME", PersonName="EXAMPLE^A"), "EXAMPLE^A"),
        (_finding("UIDREF", UID="1.2.3"), "1.2.3"),
    ],
    ids=["text", "date", "time", "datetime", "name", "uid"],
)
def test_every_kind_of_finding(made: Dataset, shown: str) -> None:
    (only,) = read(changed(lambda root: root.ContentSequence.append(made))).findings
    assert (only.text, only.path) == (shown, "1.6")


def test_modifiers_and_observation_context_are_no_findings() -> None:
    made = read(changed(lambda root: vessel(root).ContentSequence.append(_modifier())))
    assert made.findings == ()
    assert [(one.text, one.path) for one in made.text_modifiers] == [("as drawn", "1.5.3.10")]
    assert read(changed(lambda root: None)).text_modifiers == ()


def _modifier() -> Dataset:
    return text("HAS CONCEPT MOD", ("121050", "DCM", "Equivalent Meaning of Concept Name"), "as drawn")


def test_a_selection_status_is_read_wherever_it_stands() -> None:
    assert ONE.chosen
    status = code(Code.of("DCM", "121404"), CHOSEN, how="")
    assert one(num("80", status)).selection == CHOSEN


def test_what_reading_makes_is_what_the_models_would_check() -> None:
    plain = read(changed(lambda root: vessel(root).ContentSequence.append(_modifier())))
    said = read(changed(lambda root: root.ContentSequence.append(_finding("TEXT", TextValue="2.67 m/s"))))
    outlined = changed(lambda root: chosen(root).ContentSequence.append(_scoord()))
    for made in (plain, said, read(outlined)):
        again = Document.model_validate_json(made.model_dump_json())
        assert again == made
        assert list(again.measurements[0].__dict__) == list(made.measurements[0].__dict__)
        assert made.measurements[0].model_copy(update={"value": "1"}).model_fields_set == set(
            type(made.measurements[0]).model_fields
        )
    assert read(outlined).measurements[3].sources


def _scoord() -> Dataset:
    made = item("INFERRED FROM", "SCOORD", ("121112", "DCM", "Source of Measurement"))
    made.GraphicType, made.GraphicData = "POINT", [1.0, 2.0]
    return made
