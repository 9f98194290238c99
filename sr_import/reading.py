"""Reading one DICOM SR file: bytes in, Document out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mrrt.errors import Unreadable
from mrrt.problems import Problem
from mrrt.report import Patient, Study
from sr_import.applying import apply
from sr_import.content import PREDECESSORS, read_tree
from sr_import.encoding import MAX_INFLATED
from sr_import.extract import MOST_ITEMS, Extracted, extract
from sr_import.measurement import Document, Equipment
from sr_import.profile import Profile
from sr_import.profile_files import shipped_profiles
from sr_import.rules import problem
from sr_import.times import iso_date, joined
from sr_import.tree import Tree, walk


def read(source: bytes | Path, profiles: Sequence[Profile] | None = None) -> Document:
    """Read a DICOM SR document of any template, as the vendor profiles that are for its device say.

    Without `profiles` those that ship are used, with none the document stays as it was sent. What a profile changed is
    noted in the measurement and in `problems`. Values stay the exact text that was sent. What is wrong with single
    items is listed in `problems`. Of a file that is cut off or damaged, what stands before the damage is returned,
    with a problem of severity error and `complete` false. Raises Unreadable for a file that is no DICOM SR, of which
    nothing can be read, or that cannot be opened (PS3.3 C.17, PS3.5, PS3.10).
    """
    tree = read_tree(source if isinstance(source, bytes) else _bytes(source))
    return apply(_document(tree, extract(tree.root)), shipped_profiles() if profiles is None else profiles)


def _document(tree: Tree, found: Extracted) -> Document:
    header = tree.header
    return Document(
        sop_instance_uid=header["SOPInstanceUID"] or None,
        sop_class_uid=header["SOPClassUID"] or None,
        template=tree.template or None,
        title=tree.root.concept,
        study_instance_uid=header["StudyInstanceUID"] or None,
        series_instance_uid=header["SeriesInstanceUID"] or None,
        modality=header["Modality"] or None,
        completion=header["CompletionFlag"].upper() or None,
        verification=header["VerificationFlag"].upper() or None,
        predecessors=tuple(filter(None, header[PREDECESSORS].split("\\"))),
        content_date_time=joined(header["ContentDate"], header["ContentTime"]),
        study_date_time=joined(header["StudyDate"], header["StudyTime"]),
        timezone=header["TimezoneOffsetFromUTC"] or None,
        referring_physician=header["ReferringPhysicianName"] or None,
        equipment=_equipment(header),
        observers=found.observers,
        patient=_patient(header),
        study=_study(header),
        measurements=found.measurements,
        text_measurements=found.text_measurements,
        findings=found.findings,
        containers=found.containers,
        text_modifiers=found.text_modifiers,
        problems=(*_document_problems(tree), *_too_many(found), *found.problems),
        complete=not tree.damage and not found.left_out,
    )


def read_whole(source: bytes | Path, profiles: Sequence[Profile] | None = None) -> Document:
    """Read a DICOM SR document that must be whole; raises Unreadable also where a part of it is missing."""
    document = read(source, profiles)
    if not document.complete:
        said = next(problem for problem in document.problems if problem.rule == "SR15")
        raise Unreadable(f"{said.message} {said.mend}")
    return document


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_INFLATED:
            most = MAX_INFLATED // 1024**2
            raise Unreadable(f"The file is larger than {most} MiB, which no SR document is; it was not looked into.")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror or error}.") from error


def _document_problems(tree: Tree) -> list[Problem]:
    found = []
    if tree.damage:
        count = sum(item.value_type == "NUM" and item.complete for _, item in walk(tree.root))
        measurements = f"{count} measurement{'s' * (count != 1)}"
        message = f"A part of the document is missing: {tree.damage}; {measurements} could be read before."
        found.append(problem("SR15", message, path="1"))
    if not tree.root.children:
        found.append(problem("SR01", "The document has no content items; it may have been cut off.", path="1"))
    missing = [word for word in ("SOPClassUID", "SOPInstanceUID") if not tree.header[word]]
    if missing:
        found.append(problem("SR14", f"The document has no {' and no '.join(missing)}.", path="1"))
    if tree.oddity:
        found.append(problem("SR20", f"The file is not encoded as it says: {tree.oddity}.", path="1"))
    if tree.text_trouble:
        found.append(problem("SR13", f"Names and texts may be misspelt: {tree.text_trouble}.", path="1"))
    return found


def _too_many(found: Extracted) -> list[Problem]:
    if not found.left_out:
        return []
    words = f"it holds more than {MOST_ITEMS} measurements and findings; {found.left_out} items were left out"
    return [problem("SR15", f"A part of the document is missing: {words}.", path="1")]


def _patient(header: dict[str, str]) -> Patient:
    return Patient(
        identifier=header["PatientID"],
        name=header["PatientName"],
        birth_date=iso_date(header["PatientBirthDate"]),
        sex=header["PatientSex"],
    )


def _study(header: dict[str, str]) -> Study:
    return Study(
        study_instance_uid=header["StudyInstanceUID"],
        accession_number=header["AccessionNumber"],
        date=iso_date(header["StudyDate"]),
        description=header["StudyDescription"],
        device=" ".join(part for part in (header["Manufacturer"], header["ManufacturerModelName"]) if part),
    )


def _equipment(header: dict[str, str]) -> Equipment:
    return Equipment(
        manufacturer=header["Manufacturer"],
        model=header["ManufacturerModelName"],
        serial_number=header["DeviceSerialNumber"],
        software_versions=header["SoftwareVersions"],
        station=header["StationName"],
        institution=header["InstitutionName"],
    )
