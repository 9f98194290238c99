"""Writes carotid SR documents (PS3.16 TID 5100) for tests: a conformant one, and one deviation at a time.

The patients, devices and dates are invented. Equal arguments give equal bytes, so a written file can be golden.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

Triple = tuple[str, str, str]
Key = tuple[str, str, str | None]
"""Side, vessel, segment: ("right", "ica", "prox")."""

CODES: Mapping[str, Triple] = {
    "cca": ("32062004", "SCT", "Common carotid artery"),
    "bulb": ("21479005", "SCT", "Carotid bulb"),
    "ica": ("86117002", "SCT", "Internal carotid artery"),
    "eca": ("22286001", "SCT", "External carotid artery"),
    "vert": ("85234005", "SCT", "Vertebral artery"),
    "subc": ("36765005", "SCT", "Subclavian artery"),
    "neck": ("119568004", "SCT", "Artery of neck"),
    "prox": ("40415009", "SCT", "Proximal"),
    "mid": ("C25569", "NCIt", "Middle"),
    "dist": ("46053002", "SCT", "Distal"),
    "right": ("24028007", "SCT", "Right"),
    "left": ("7771000", "SCT", "Left"),
    "bilateral": ("51440002", "SCT", "Right and left"),
    "unilateral": ("66459002", "SCT", "Unilateral"),
    "psv": ("11726-7", "LN", "Peak Systolic Velocity"),
    "edv": ("11653-3", "LN", "End Diastolic Velocity"),
    "angle": ("125106", "DCM", "Doppler angle"),
    "ratio": ("33868-1", "LN", "ICA/CCA velocity ratio"),
    "title": ("24616-5", "LN", "US Carotid Arteries Report"),
    "findings": ("59776-5", "LN", "Findings"),
    "site": ("363698007", "SCT", "Finding Site"),
    "laterality": ("272741003", "SCT", "Laterality"),
    "segment": ("106233006", "SCT", "Topographical Modifier"),
    "derivation": ("121401", "DCM", "Derivation"),
    "mean": ("373098007", "SCT", "Mean"),
    "selection": ("121404", "DCM", "Selection Status"),
    "mean chosen": ("121412", "DCM", "Mean value chosen"),
    "recent chosen": ("121411", "DCM", "Most recent value chosen"),
}
RETIRED: Mapping[str, Triple] = {
    **CODES,
    **{
        name: (value, "SRT", CODES[name][2])
        for name, value in {
            **{"cca": "T-45100", "bulb": "T-45170", "ica": "T-45300", "eca": "T-45200", "vert": "T-45700"},
            **{"subc": "T-46100", "neck": "T-45005", "prox": "G-A118", "mid": "G-A188", "dist": "G-A119"},
            **{"right": "G-A100", "left": "G-A101", "bilateral": "G-A102", "unilateral": "G-A103"},
            **{"site": "G-C0E3", "laterality": "G-C171", "segment": "G-A1F8", "mean": "R-00317"},
        }.items()
    },
    "title": ("125100", "DCM", "Vascular Ultrasound Procedure Report"),
    "findings": ("121070", "DCM", "Findings"),
}

Velocities = Mapping[Key, tuple[float, float]]
"""Peak systolic and end diastolic velocity in cm/s."""


def _side(side: str, rows: Iterable[tuple[str, str | None, float, float]]) -> dict[Key, tuple[float, float]]:
    return {(side, vessel, segment): (psv, edv) for vessel, segment, psv, edv in rows}


RIGHT_SEVERE = _side(
    "right",
    [
        *[("cca", "prox", 84.0, 19.0), ("cca", "mid", 78.0, 18.0), ("cca", "dist", 72.0, 17.5), ("bulb", None, 65, 16)],
        *[("ica", "prox", 336.0, 126.0), ("ica", "mid", 210.0, 82.0), ("ica", "dist", 61.0, 22.0)],
        *[("eca", None, 98.0, 15.0), ("vert", "mid", 44.0, 13.0), ("subc", "prox", 112.0, 4.0)],
    ],
)
LEFT_MODERATE = _side(
    "left",
    [
        *[("cca", "prox", 88.0, 21.0), ("cca", "mid", 81.0, 20.0), ("cca", "dist", 76.0, 19.0), ("bulb", None, 70, 18)],
        *[("ica", "prox", 182.0, 61.0), ("ica", "mid", 120.0, 40.0), ("ica", "dist", 72.0, 26.0)],
        *[("eca", None, 91.0, 14.0), ("vert", "mid", 47.0, 14.0), ("subc", "prox", 105.0, 3.0)],
    ],
)
EXAMPLE: Velocities = {**RIGHT_SEVERE, **LEFT_MODERATE}


@dataclass(frozen=True)
class Carotid:
    """One document to write; each attribute after `velocities` is a deviation from the plain conformant file."""

    velocities: Velocities = field(default_factory=lambda: dict(EXAMPLE))
    ratios: Mapping[str, str] = field(default_factory=lambda: {"right": "4.67", "left": "2.39"})
    retired_codes: bool = False
    samples: int = 3
    """Values written before the chosen one; with one, the device chose the most recent, else the mean."""
    chosen: bool = True
    twice: bool = False
    """Each chosen value once more without its Selection Status."""
    selection_relationship: str = "HAS PROPERTIES"
    unit: str = "cm/s"
    unit_scheme: str = "UCUM"
    unit_version: str = ""
    sides: Mapping[str, str | None] = field(default_factory=lambda: {"right": "right", "left": "left"})
    """What each section states as its side; None: nothing."""
    lost: Mapping[tuple[str, str, str | None, str], str] = field(default_factory=dict)
    """Chosen values that are destroyed: "sequence" (empty MeasuredValueSequence) or the text put in their place."""
    without_unit: bool = False
    implicit: bool = False
    character_set: str = "ISO_IR 192"
    patient_name: str = "EXAMPLE^ADELE"
    model: str = "SONO 1"
    instance: str = "example"

    def words(self) -> Mapping[str, Triple]:
        """The codes of the chosen generation."""
        return RETIRED if self.retired_codes else CODES


def uid(name: str) -> str:
    """Return the UID that always belongs to this name (PS3.5 section B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:mrrt:sample:{name}').int}"


def code(triple: Triple, version: str = "") -> Dataset:
    """Return a code sequence item."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = triple
    if version:
        item.CodingSchemeVersion = version
    return item


def item(relationship: str, value_type: str, concept: Triple, children: Iterable[Dataset] = ()) -> Dataset:
    """Return a content item; its children keep their order."""
    made = Dataset()
    if relationship:
        made.RelationshipType = relationship
    made.ValueType = value_type
    made.ConceptNameCodeSequence = [code(concept)]
    if value_type == "CONTAINER":
        made.ContinuityOfContent = "SEPARATE"
    if content := list(children):
        made.ContentSequence = content
    return made


def coded(relationship: str, concept: Triple, value: Triple) -> Dataset:
    """Return a CODE item."""
    made = item(relationship, "CODE", concept)
    made.ConceptCodeSequence = [code(value)]
    return made


def text(relationship: str, concept: Triple, value: str, value_type: str = "TEXT") -> Dataset:
    """Return a TEXT or UIDREF item."""
    made = item(relationship, value_type, concept)
    setattr(made, {"TEXT": "TextValue", "UIDREF": "UID"}[value_type], value)
    return made


def number(concept: Triple, value: str, unit: Dataset | None, children: Iterable[Dataset] = ()) -> Dataset:
    """Return a NUM item that its parent contains."""
    made = item("CONTAINS", "NUM", concept, children)
    measured = Dataset()
    measured.add_new(0x0040A30A, "DS", value)
    if unit is not None:
        measured.MeasurementUnitsCodeSequence = [unit]
    made.MeasuredValueSequence = [measured]
    return made


def write(carotid: Carotid | None = None) -> bytes:
    """Return a carotid SR document as the bytes of a DICOM file."""
    made = carotid or Carotid()
    return to_bytes(document(made), ImplicitVRLittleEndian if made.implicit else ExplicitVRLittleEndian)


def to_bytes(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Return a data set as the bytes of a DICOM file."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.ImplementationClassUID = uid("implementation")
    dataset.file_meta.ImplementationVersionName = "MRRT_SAMPLE"
    target = BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def document(carotid: Carotid) -> Dataset:
    """Return a carotid SR document as a data set that a test may still break."""
    words = carotid.words()
    root = item("", "CONTAINER", words["title"], [*_observation(carotid), *_sections(carotid, words)])
    _header(root, carotid)
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "5100"
    root.ContentTemplateSequence = [template]
    return root


def _header(root: Dataset, carotid: Carotid) -> None:
    root.SpecificCharacterSet = carotid.character_set
    root.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    root.SOPInstanceUID = uid(f"{carotid.instance}/instance")
    root.StudyInstanceUID, root.SeriesInstanceUID = uid(f"{carotid.instance}/study"), uid(f"{carotid.instance}/series")
    root.StudyDate = root.SeriesDate = root.ContentDate = "20260114"
    root.StudyTime = root.SeriesTime = root.ContentTime = "101500"
    root.AccessionNumber, root.StudyID, root.SeriesNumber, root.InstanceNumber = "EX0001", "1", "1", "1"
    root.Modality, root.Manufacturer, root.ManufacturerModelName = "SR", "EXAMPLE", carotid.model
    root.DeviceSerialNumber, root.SoftwareVersions = "0", "1"
    root.ReferringPhysicianName, root.StudyDescription = "", "Carotid duplex"
    root.PatientName, root.PatientID = carotid.patient_name, "EX-0001"
    root.PatientBirthDate, root.PatientSex = "19500102", "F"
    root.CompletionFlag, root.VerificationFlag = "COMPLETE", "UNVERIFIED"
    root.ReferencedPerformedProcedureStepSequence = []
    root.PerformedProcedureCodeSequence = []


def _observation(carotid: Carotid) -> list[Dataset]:
    language = ("121049", "DCM", "Language of Content Item and Descendants")
    observer = ("121005", "DCM", "Observer Type")
    return [
        coded("HAS CONCEPT MOD", language, ("en-US", "RFC5646", "English (United States)")),
        coded("HAS OBS CONTEXT", observer, ("121007", "DCM", "Device")),
        text("HAS OBS CONTEXT", ("121012", "DCM", "Device Observer UID"), uid("device"), "UIDREF"),
        text("HAS OBS CONTEXT", ("121015", "DCM", "Device Observer Model Name"), carotid.model),
    ]


def _sections(carotid: Carotid, words: Mapping[str, Triple]) -> Iterable[Dataset]:
    for side in dict.fromkeys(key[0] for key in carotid.velocities):
        content = [coded("HAS CONCEPT MOD", words["site"], words["neck"])]
        if stated := carotid.sides.get(side):
            content.append(coded("HAS CONCEPT MOD", words["laterality"], words[stated]))
        content += [_vessel(carotid, words, key) for key in carotid.velocities if key[0] == side]
        if side in carotid.ratios:
            content.append(number(words["ratio"], carotid.ratios[side], code(("1", "UCUM", "no units"))))
        yield item("CONTAINS", "CONTAINER", words["findings"], content)


def _vessel(carotid: Carotid, words: Mapping[str, Triple], key: Key) -> Dataset:
    _, vessel, segment = key
    content = [coded("HAS CONCEPT MOD", words["segment"], words[segment])] if segment else []
    for quantity, value in zip(("psv", "edv"), carotid.velocities[key], strict=True):
        content += _values(carotid, words, quantity, value, carotid.lost.get((*key, quantity)))
    return item("CONTAINS", "CONTAINER", words[vessel], content)


def _values(carotid: Carotid, words: Mapping[str, Triple], name: str, value: float, lost: str | None) -> list[Dataset]:
    spread = [0.0] if carotid.samples == 1 else [step - (carotid.samples - 1) / 2 for step in range(carotid.samples)]
    made = [_velocity(carotid, words[name], value + step) for step in spread]
    mean = [coded("HAS CONCEPT MOD", words["derivation"], words["mean"])] if carotid.samples > 1 else []
    why = words["mean chosen" if mean else "recent chosen"]
    if carotid.chosen:
        selection = coded(carotid.selection_relationship, words["selection"], why)
        chosen = _velocity(carotid, words[name], value, [*mean, selection])
        made.append(_destroyed(chosen, lost) if lost is not None else chosen)
    if carotid.twice:
        made.append(_velocity(carotid, words[name], value, mean))
    return made


def _velocity(carotid: Carotid, concept: Triple, value: float, children: Iterable[Dataset] = ()) -> Dataset:
    shown = f"{value / 100:.3f}" if carotid.unit == "m/s" else f"{value:.1f}"
    unit = code((carotid.unit, carotid.unit_scheme, carotid.unit), carotid.unit_version)
    return number(concept, shown, None if carotid.without_unit else unit, children)


def _destroyed(made: Dataset, how: str) -> Dataset:
    if how == "sequence":
        made.MeasuredValueSequence = []
    else:
        made.MeasuredValueSequence[0].add_new(0x0040A30A, "LO" if how and not _is_ds(how) else "DS", how)
    return made


def _is_ds(value: str) -> bool:
    return value.replace(".", "", 1).replace("\\", "").isdigit()


def groups(sections: Iterable[Mapping[str, Any]]) -> Dataset:
    """Return a document of sections {laterality, groups} with one container for each group of measurements.

    A group is {vessel, segment, psv, edv} with quantities {value, unit}, and may have `derivation` and `angle_deg`.
    """
    root = document(Carotid(velocities={}, ratios={}))
    for section in sections:
        content = [coded("HAS CONCEPT MOD", CODES["site"], CODES["neck"])]
        if stated := section["laterality"]:
            content.append(coded("HAS CONCEPT MOD", CODES["laterality"], CODES[str(stated).lower()]))
        content += [_group(group) for group in section["groups"]]
        root.ContentSequence.append(item("CONTAINS", "CONTAINER", CODES["findings"], content))
    return root


_SEGMENTS = {"proximal": "prox", "middle": "mid", "distal": "dist"}


def _group(group: Mapping[str, Any]) -> Dataset:
    content = []
    if segment := group.get("segment"):
        content.append(coded("HAS CONCEPT MOD", CODES["segment"], CODES[_SEGMENTS.get(segment, segment)]))
    derivation = group.get("derivation")
    marks = [coded("HAS CONCEPT MOD", CODES["derivation"], CODES[derivation.lower()])] if derivation else []
    for name in ("psv", "edv"):
        if quantity := group.get(name):
            unit = code((quantity["unit"], "UCUM", quantity["unit"]))
            content.append(number(CODES[name], str(quantity["value"]), unit, marks))
    if (angle := group.get("angle_deg")) is not None:
        content.append(number(CODES["angle"], str(angle), code(("deg", "UCUM", "degree"))))
    return item("CONTAINS", "CONTAINER", CODES[group["vessel"].lower()], content)
