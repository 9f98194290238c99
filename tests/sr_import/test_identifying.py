"""What is compared with a document leaves nothing to interpret: a later reader is no alteration."""

from __future__ import annotations

import pytest

from sr_import import read
from sr_import.identifying import IDENTIFYING, differing

from ..reporting.site import sr


def written(**changed: str) -> dict[str, str]:
    said = read(sr())
    study = said.study
    found = (said.patient.identifier, study.study_instance_uid, study.accession_number)
    return dict(zip(IDENTIFYING, found, strict=True)) | changed


def test_what_was_written_down_agrees() -> None:
    assert all(written().values()) and differing(sr(), written()) == ()
    assert differing(sr(), written(patient_id=f" {written()['patient_id']}\0")) == (), "padding of an earlier version"


@pytest.mark.parametrize("name", IDENTIFYING)
@pytest.mark.parametrize("other", ["OTHER-1", "", "Ä"])
def test_what_was_changed_since_is_named(name: str, other: str) -> None:
    assert differing(sr(), written(**{name: other})) == (name,)


@pytest.mark.parametrize("kept", ["M\xfcller-1", "A\\B", "A\x1bB", "A\tB"])
def test_what_depends_on_the_reader_is_not_compared(kept: str) -> None:
    identifier = written()["patient_id"].encode()
    content = sr().replace(identifier, kept.encode("latin-1").ljust(len(identifier))[: len(identifier)])
    assert differing(content, written(patient_id="as it was read once")) == ()


def test_a_number_that_a_document_does_not_have() -> None:
    identifier = written()["patient_id"].encode()
    content = sr().replace(identifier, b" " * len(identifier))
    assert differing(content, written(patient_id="")) == ()
    assert differing(content, written(patient_id="EX-0001")) == ("patient_id",), "it stands nowhere in it"
    assert differing(content, written(patient_id="DICM")) == (), "an earlier reader may have found it elsewhere"


def test_what_cannot_be_read_is_not_compared() -> None:
    assert differing(b"no DICOM", written()) == ()
