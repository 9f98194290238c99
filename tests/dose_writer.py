"""Writes CT radiation dose SRs (PS3.16 TID 10011) for tests; the patients, devices and doses are invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from .sr_writer import Triple, code, coded, item, number, text, to_bytes, uid

HEAD: Triple = ("113690", "DCM", "IEC Head Dosimetry Phantom")
BODY: Triple = ("113691", "DCM", "IEC Body Dosimetry Phantom")
SPIRAL: Triple = ("116152004", "SCT", "Spiral Acquisition")
LOCALIZER: Triple = ("113805", "DCM", "Constant Angle Acquisition")
CHEST: Triple = ("51185008", "SCT", "Chest")
ACQUISITION: Triple = ("113819", "DCM", "CT Acquisition")


@dataclass(frozen=True)
class Event:
    """One irradiation event; None leaves an item out, and no item at all leaves out the container CT Dose."""

    protocol: str | None = "Thorax"
    region: Triple | None = CHEST
    type: Triple | None = SPIRAL
    ctdivol: str | None = "5.5"
    phantom: Triple | None = BODY
    dlp: str | None = "200.5"
    dlp_unit: str = "mGy.cm"
    name: str = ""
    """Two events of the same name carry the same Irradiation Event UID."""


EXAMPLE = (
    Event("Localizer", type=LOCALIZER, ctdivol="0.12", dlp="4.8"),
    Event("Chest", ctdivol="5.46", dlp="191.1"),
)
"""What sr_import/samples/ct-dose-example.dcm holds."""


def write(
    events: Sequence[Event],
    instance: str = "dose",
    total_events: str | None = "",
    total_dlp: str | None = None,
    time: str = "101500",
) -> bytes:
    """Return a dose SR of these events as the bytes of a DICOM file."""
    return to_bytes(document(events, instance, total_events, total_dlp, time))


def document(
    events: Sequence[Event],
    instance: str = "dose",
    total_events: str | None = "",
    total_dlp: str | None = None,
    time: str = "101500",
) -> Dataset:
    """Return a dose SR as a data set that a test may still break; a total of "" is the number of events sent."""
    count = str(len(events)) if total_events == "" else total_events
    content = [item("CONTAINS", "CONTAINER", ("113811", "DCM", "CT Accumulated Dose Data"), _totals(count, total_dlp))]
    content += [event(one, one.name or f"{instance}/{place}") for place, one in enumerate(events)]
    root = item("", "CONTAINER", ("113701", "DCM", "X-Ray Radiation Dose Report"), content)
    root.SpecificCharacterSet, root.SOPClassUID = "ISO_IR 192", "1.2.840.10008.5.1.4.1.1.88.67"
    root.SOPInstanceUID, root.StudyInstanceUID, root.SeriesInstanceUID = uid(instance), uid("study"), uid("series")
    root.StudyDate = root.ContentDate = "20260114"
    root.StudyTime = root.ContentTime = time
    root.Modality, root.Manufacturer, root.ManufacturerModelName = "SR", "EXAMPLE", "CT 1"
    root.PatientName, root.PatientID, root.PatientBirthDate, root.PatientSex = "EXAMPLE^ADA", "EX-2", "19600203", "F"
    root.CompletionFlag, root.VerificationFlag = "COMPLETE", "UNVERIFIED"
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "10011"
    root.ContentTemplateSequence = [template]
    return root


def _totals(events: str | None, dlp: str | None) -> Iterator[Dataset]:
    if events is not None:
        unit = code(("{events}", "UCUM", "events"))
        yield number(("113812", "DCM", "Total Number of Irradiation Events"), events, unit)
    if dlp is not None:
        yield _measured(("113813", "DCM", "CT Dose Length Product Total"), dlp, "mGy.cm")


def event(one: Event, name: str) -> Dataset:
    """Return the container of one irradiation event."""
    content = [text("CONTAINS", ("125203", "DCM", "Acquisition Protocol"), one.protocol)] if one.protocol else []
    content += [coded("CONTAINS", ("123014", "DCM", "Target Region"), one.region)] if one.region else []
    content += [coded("CONTAINS", ("113820", "DCM", "CT Acquisition Type"), one.type)] if one.type else []
    content.append(text("CONTAINS", ("113769", "DCM", "Irradiation Event UID"), uid(name), "UIDREF"))
    dose = list(_dose(one))
    content += [item("CONTAINS", "CONTAINER", ("113829", "DCM", "CT Dose"), dose)] if dose else []
    return item("CONTAINS", "CONTAINER", ACQUISITION, content)


def _dose(one: Event) -> Iterator[Dataset]:
    if one.ctdivol is not None:
        yield _measured(("113830", "DCM", "Mean CTDIvol"), one.ctdivol, "mGy")
    if one.phantom is not None:
        yield coded("CONTAINS", ("113835", "DCM", "CTDIw Phantom Type"), one.phantom)
    if one.dlp is not None:
        yield _measured(("113838", "DCM", "DLP"), one.dlp, one.dlp_unit)


def _measured(concept: Triple, value: str, unit: str) -> Dataset:
    return number(concept, value, code((unit, "UCUM", unit)))
