"""Reading a document: what is said arrives exactly, what is not said stays empty, half a file is refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from mrrt.code import Code
from mrrt.errors import Unreadable
from mrrt.problems import Severity, has_errors
from mrrt.report import DataAbsentReason
from sr_import import Document, Measurement, json_line, read, read_whole, unreadable_json_line
from sr_import.content import read_tree
from sr_import.rules import RULES
from sr_import.text import CharacterSet
from tests.sr_import.broken import DOCUMENTS, ONE, changed, chosen, lost, vessel
from tests.sr_import.oracle import rows_by_pydicom, rows_by_us
from tests.sr_writer import CODES, EXAMPLE, Carotid, document, item, number, text, to_bytes, write


def _chosen(source: Document) -> list[Measurement]:
    return [measurement for measurement in source.measurements if measurement.selection is not None]


def _velocities(source: Document) -> list[tuple[object, ...]]:
    return [(one.code, one.value, one.unit, one.site, one.laterality, one.segment) for one in _chosen(source)]


def test_everything_that_was_written_is_read_back() -> None:
    found = {(one.laterality, one.site, one.segment, one.code): one.value for one in _chosen(read(write()))}
    expected = {}
    for (side, vessel_name, segment), velocities in EXAMPLE.items():
        for name, value in zip(("psv", "edv"), velocities, strict=True):
            place = (side, _code(vessel_name), _code(segment) if segment else None, _code(name))
            expected[place] = f"{value:.1f}"
    assert found == expected


def _code(name: str) -> Code:
    value, scheme, meaning = CODES[name]
    return Code.of(scheme, value, meaning)


def test_a_wrong_value_would_be_noticed() -> None:
    other = Carotid(velocities={**EXAMPLE, ("right", "ica", "prox"): (337.0, 126.0)})
    assert _velocities(read(write(other))) != _velocities(read(write()))


@pytest.mark.parametrize(
    "written",
    [
        Carotid(retired_codes=True),
        Carotid(selection_relationship="HAS CONCEPT MOD"),
        Carotid(unit_version="1.4"),
        Carotid(implicit=True),
        Carotid(twice=True),
        Carotid(character_set="ISO_IR 100"),
        Carotid(samples=1),
    ],
    ids=["retired codes", "selection as modifier", "unit version", "implicit VR", "twice", "latin 1", "one sample"],
)
def test_deviations_of_devices_change_nothing(written: Carotid) -> None:
    assert _velocities(read(write(written))) == _velocities(read(write()))


def test_the_header_says_whose_document_it_is() -> None:
    found = read(write())
    assert (found.template, found.title) == ("5100", Code.of("LN", "24616-5"))
    assert (found.patient.identifier, found.patient.birth_date, found.patient.sex) == ("EX-0001", "1950-01-02", "F")
    assert (found.study.accession_number, found.study.device) == ("EX0001", "EXAMPLE SONO 1")
    assert found.study.study_instance_uid == found.study_instance_uid
    assert found.content_date_time == "2026-01-14T10:15:00"
    assert found.sop_class_uid == "1.2.840.10008.5.1.4.1.1.88.33"


def test_paths_count_content_items_from_one() -> None:
    first = read(write(ONE)).measurements[0]
    assert (first.path, first.parent, first.section) == ("1.5.3.2", "1.5.3", "1.5")
    assert [str(code.value) for code in first.context] == ["24616-5", "59776-5", "86117002"]


@pytest.mark.parametrize("shown", ["10.50", "+7", "1e2", "-3.", ".5", " 007.10 "])
def test_numbers_are_kept_as_they_were_sent(shown: str) -> None:
    source = read(changed(lambda root: chosen(root).MeasuredValueSequence[0].add_new(0x0040A30A, "LO", shown)))
    assert _chosen(source)[0].value == shown.strip()


@given(value=st.decimals(min_value=-9999, max_value=9999, places=3))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_any_decimal_arrives_exactly(value: Decimal) -> None:
    shown = f"{value:f}"
    source = read(changed(lambda root: chosen(root).MeasuredValueSequence[0].add_new(0x0040A30A, "DS", shown)))
    assert _chosen(source)[0].value == shown


@pytest.mark.parametrize("rule", DOCUMENTS)
def test_each_rule_is_reported_with_its_place(rule: str) -> None:
    problems = read(DOCUMENTS[rule]()).problems
    assert {problem.rule for problem in problems} == {rule}
    assert all(problem.path and problem.mend and problem.message.endswith(".") for problem in problems)


def test_every_rule_of_reading_has_a_broken_document() -> None:
    assert {*DOCUMENTS, "SR00", "SR18"} == {rule.id for rule in RULES if rule.id.startswith("SR")}


def test_the_plain_document_has_no_problems() -> None:
    assert read(write()).problems == ()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("sequence", DataAbsentReason.UNKNOWN),
        ("", DataAbsentReason.UNKNOWN),
        ("NaN", DataAbsentReason.NOT_A_NUMBER),
        ("336,000", DataAbsentReason.ERROR),
        ("10.50/ 15.00", DataAbsentReason.UNSUPPORTED),
        ("1e999", DataAbsentReason.ERROR),
        ("1\\2", DataAbsentReason.UNSUPPORTED),
    ],
)
def test_what_is_no_number_is_absent_and_the_rest_is_read(how: str, reason: DataAbsentReason) -> None:
    source = read(write(lost(how)))
    assert len(source.measurements) == len(read(write(ONE)).measurements)
    psv, edv = _chosen(source)
    assert (psv.value, psv.absent, psv.received) == (None, reason, None if how == "sequence" else how)
    assert (edv.value, edv.absent) == ("126.0", None)


def test_a_missing_unit_is_not_assumed() -> None:
    source = read(write(Carotid(velocities={("right", "ica", "prox"): (80.0, 20.0)}, ratios={}, without_unit=True)))
    assert {one.unit for one in source.measurements} == {None}


@pytest.mark.parametrize(("character_set", "name"), [("ISO_IR 100", "MÜLLER^ÉVA"), ("ISO_IR 192", "ŁĄCKA^Ж")])
def test_names_are_decoded(character_set: str, name: str) -> None:
    source = read(write(Carotid(velocities={}, character_set=character_set, patient_name=name)))
    assert source.patient.name == name


def test_names_with_code_extensions_are_decoded() -> None:
    root = document(ONE)
    root.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    root.PatientName = "Yamada^Tarou=山田^太郎"
    assert read(to_bytes(root)).patient.name == "Yamada^Tarou=山田^太郎"


def test_latin_9_is_decoded() -> None:
    written = write(Carotid(velocities={}, character_set="ISO_IR 100", patient_name="LEB¼UF"))
    found = read(written.replace(b"ISO_IR 100", b"ISO_IR 203"))
    assert (found.patient.name, found.problems) == ("LEBŒUF", ())
    texts = CharacterSet("\\ISO 2022 IR 203")
    assert (texts.text(b"LEB\x1b-b\xbcUF^A"), texts.trouble) == ("LEBŒUF^A", "")


def test_undeclared_utf_8_is_read_and_reported() -> None:
    written = write(Carotid(velocities={}, patient_name="JOSÉ^A")).replace(b"ISO_IR 192", b"ISO_IR 6  ")
    found = read(written)
    assert found.patient.name == "JOSÉ^A"
    assert "SR13" in {problem.rule for problem in found.problems}


@pytest.mark.parametrize("declared", [b"ISO_IR 100", b"ISO_IR 101", b"ISO_IR 144"])
def test_utf_8_that_is_declared_as_something_else_is_reported(declared: bytes) -> None:
    written = write(Carotid(patient_name="MÜLLER^JÖRG")).replace(b"ISO_IR 192", declared)
    found = read(written)
    (said,) = [one for one in found.problems if one.rule == "SR13"]
    assert "looks like UTF-8" in said.message
    assert read(write(Carotid(patient_name="MÜLLER^JÖRG", character_set="ISO_IR 100"))).problems == ()


def test_missing_value_types_and_relationships_survive() -> None:
    def strip(root: Dataset) -> None:
        del root.ValueType
        for node in (vessel(root), chosen(root)):
            del node.RelationshipType
        del chosen(root).ValueType

    assert _velocities(read(changed(strip))) == _velocities(read(write(ONE)))


# Files that are no SR -------------------------------------------------------------------------------------------


def _ct() -> bytes:
    root = document(ONE)
    root.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    return to_bytes(root)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Dear colleague,\n", "plain text"),
        (b"%PDF-1.7", "a PDF"),
        (b"<html>", "XML or HTML"),
        (_ct(), "a CT image"),
        (bytes(200), "not in DICOM format"),
        (bytes(128) + b"DICM", "the document itself"),
    ],
    ids=["empty", "text", "pdf", "html", "ct", "zeros", "header only"],
)
def test_other_files_are_refused_by_name(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(tmp_path / "missing.dcm")


def test_a_document_without_file_header_is_read() -> None:
    written = write(ONE)
    length = struct.unpack_from("<L", written, 140)[0]
    assert _velocities(read(written[144 + length :])) == _velocities(read(written))


def _encodings() -> Iterator[tuple[str, bytes]]:
    yield "defined lengths", write(ONE)
    yield "implicit", to_bytes(document(ONE), ImplicitVRLittleEndian)
    yield "undefined lengths", to_bytes(_undefined(document(ONE)))
    yield "deflated", to_bytes(document(ONE), DeflatedExplicitVRLittleEndian)
    yield "big endian", to_bytes(document(ONE), ExplicitVRBigEndian)


def _undefined(root: Dataset) -> Dataset:
    for element in root:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for node in element.value:
                node.is_undefined_length_sequence_item = True
                _undefined(node)
    return root


ENCODINGS = dict(_encodings())


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_says_the_same(encoding: str) -> None:
    assert read(ENCODINGS[encoding]).measurements == read(write(ONE)).measurements


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_cut_goes_unnoticed(encoding: str) -> None:
    """Every tenth byte, and every byte of the first and last 400; only padding may be lost."""
    whole = ENCODINGS[encoding]
    places = {*range(0, len(whole), 10), *range(400), *range(len(whole) - 400, len(whole))}
    unnoticed = [place for place in sorted(places) if not _noticed(whole[:place])]
    assert all(read(whole[:place]) == read(whole) for place in unnoticed)
    assert len(unnoticed) <= 1
    assert not _noticed(whole)


@pytest.mark.parametrize("encoding", sorted(ENCODINGS.keys() - {"deflated"}))
def test_of_a_cut_file_what_stands_before_the_cut_is_read(encoding: str) -> None:
    """Never another value than in the whole file, never out of order, and nearly all that lies before the cut."""
    whole = read(ENCODINGS[encoding])
    length = len(ENCODINGS[encoding])
    counts = []
    for place in range(length // 2, length, length // 40):
        part = read(ENCODINGS[encoding][:place])
        assert not part.complete
        assert "SR15" in {problem.rule for problem in part.problems}
        said = [(one.path, one.value, one.selection, one.derivation) for one in whole.measurements]
        assert [(one.path, one.value, one.selection, one.derivation) for one in part.measurements] == said[
            : len(part.measurements)
        ]
        counts.append(len(part.measurements))
    assert counts == sorted(counts)
    assert counts[-1] >= len(whole.measurements) - 1


def test_what_is_cut_off_is_refused_where_the_whole_is_needed() -> None:
    assert read_whole(write(ONE)) == read(write(ONE))
    with pytest.raises(Unreadable, match=r"cut off or damaged at byte \d+; \d+ measurements could be read"):
        read_whole(write(ONE)[:-40])


def _noticed(content: bytes) -> bool:
    try:
        return has_errors(read(content).problems)
    except Unreadable:
        return True


@given(st.data())
@settings(max_examples=150)
def test_damage_is_answered_with_a_document_or_a_refusal(data: st.DataObject) -> None:
    broken = bytearray(ENCODINGS[data.draw(st.sampled_from(sorted(ENCODINGS)))])
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(read(bytes(broken)), Document)
    except Unreadable as error:
        assert str(error).endswith((".", "expected"))


@pytest.mark.parametrize("undefined", [False, True])
def test_endless_nesting_is_refused(undefined: bool) -> None:
    content: list[Dataset] = []
    for _ in range(150):
        content = [item("CONTAINS", "CONTAINER", CODES["findings"], content)]
    root = document(ONE)
    root.ContentSequence = content
    with pytest.raises(Unreadable, match="levels deep"):
        read_whole(to_bytes(_undefined(root) if undefined else root))


def test_a_thousand_unclosed_sequences_are_refused() -> None:
    opened = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    head = struct.pack("<HH2sH", 0x0008, 0x0016, b"UI", 30) + b"1.2.840.10008.5.1.4.1.1.88.33\0"
    with pytest.raises(Unreadable, match="levels deep"):
        read_whole(head + opened * 100_000)


def test_nesting_inside_of_unknown_values_is_refused() -> None:
    """A value of VR UN holds implicit VR (PS3.5 section 6.2.2), which a reader opens only when it gets there."""
    content = b""
    for _ in range(150):
        node = struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content
        content = struct.pack("<HHL", 0x0040, 0xA730, len(node)) + node
    wrapped = struct.pack("<HH2sHL", 0x0040, 0xA730, b"UN", 0, len(content) - 8) + content[8:]
    head = struct.pack("<HH2sH", 0x0008, 0x0016, b"UI", 30) + b"1.2.840.10008.5.1.4.1.1.88.33\0"
    with pytest.raises(Unreadable, match="levels deep"):
        read_whole(head + wrapped)


@pytest.mark.parametrize("stray", [0xE00D, 0xE0DD, 0xE000])
def test_a_stray_delimiter_is_refused(stray: int) -> None:
    with pytest.raises(Unreadable, match="cut off or damaged"):
        read_whole(write(ONE) + struct.pack("<HHL", 0xFFFE, stray, 0))


def test_a_stray_item_within_a_code_is_refused() -> None:
    """The coding scheme designator of the title becomes the mark of an item."""
    content = write(ONE)
    scheme = struct.pack("<HH2sH", 0x0008, 0x0102, b"SH", 2) + b"LN"
    assert scheme in content
    stray = struct.pack("<HHL", 0xFFFE, 0xE000, 2) + b"LN"
    with pytest.raises(Unreadable, match="cut off or damaged"):
        read_whole(content.replace(scheme, stray, 1))


def test_padding_behind_the_document_is_no_matter() -> None:
    assert read(write(ONE) + bytes(513)) == read(write(ONE))


# JSON lines -----------------------------------------------------------------------------------------------------

MEASUREMENT_KEYS = {
    *("path", "code", "value", "unit", "absent", "site", "laterality", "segment", "derivation", "selection", "method"),
    *("repeat_of", "context"),
}


def test_a_json_line_has_the_shape_of_the_contract() -> None:
    line = json.loads(json.dumps(json_line(read(write()), "a.dcm")))
    assert list(line) == [
        "file",
        "sop_instance_uid",
        "template",
        "title",
        "study_instance_uid",
        "measurements",
        "problems",
    ]
    assert line["title"] == {"scheme": "LN", "value": "24616-5", "meaning": "US Carotid Arteries Report"}
    assert all(set(one) == MEASUREMENT_KEYS for one in line["measurements"])
    assert line["measurements"][0]["value"] == "83.0"


def test_findings_come_only_where_they_are_asked_for() -> None:
    made = read(changed(lambda root: root.ContentSequence.append(text("CONTAINS", CODES["findings"], "calm"))))
    line = json.loads(json.dumps(json_line(made, "a.dcm", findings=True)))
    assert [one["text"] for one in line["findings"]] == ["calm"]
    assert "findings" not in json_line(made, "a.dcm")


def test_an_unreadable_file_has_the_same_shape() -> None:
    line = unreadable_json_line(Unreadable("The file is empty."), "a.dcm")
    assert list(line) == list(json_line(read(write(ONE)), "a.dcm"))
    assert (line["sop_instance_uid"], line["measurements"]) == (None, [])
    said = line["problems"][0]
    assert (said["rule"], said["severity"], said["message"]) == ("SR00", Severity.ERROR, "The file is empty.")


# Files of real devices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_our_reader_and_pydicom_say_the_same(encoding: str) -> None:
    content = ENCODINGS[encoding]
    assert rows_by_us(read_tree(content)) == rows_by_pydicom(content)


def test_a_difference_from_pydicom_would_be_noticed() -> None:
    content = write(ONE)
    other = content.replace(b"336.0", b"337.0", 1)
    assert rows_by_us(read_tree(other)) != rows_by_pydicom(content)


def test_our_reader_and_pydicom_say_the_same_of_every_file_of_the_corpus(shared: Path) -> None:
    files = sorted((shared / "corpus" / "sr").rglob("*.dcm"))
    assert len(files) >= 25
    for file in files:
        content = file.read_bytes()
        assert rows_by_us(read_tree(content)) == rows_by_pydicom(content), file.name


def test_every_file_of_the_corpus_is_read_in_full(shared: Path) -> None:
    files = sorted((shared / "corpus" / "sr").rglob("*.dcm"))
    assert len(files) >= 25
    for file in files:
        expected = _count(pydicom.dcmread(file, force=True))
        assert len(read(file).measurements) == expected, file.name


def _count(dataset: Dataset) -> int:
    nodes = dataset.get("ContentSequence", [])
    return sum((node.get("ValueType") == "NUM") + _count(node) for node in nodes)


def test_a_number_below_a_number_is_counted() -> None:
    inner = number(CODES["edv"], "1.0", None)
    inner.RelationshipType = "INFERRED FROM"
    source = read(changed(lambda root: chosen(root).ContentSequence.append(inner)))
    assert len(source.measurements) == len(read(write(ONE)).measurements) + 1
