"""Carotid studies of invented patients, as SR files for tests of the page."""

from __future__ import annotations

from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from tests.sr_writer import Carotid, Velocities, document, to_bytes, uid

_NORMAL = {"cca": (78.0, 20.0), "ica": (68.0, 22.0), "bulb": (60.0, 18.0), "eca": (82.0, 14.0), "vert": (45.0, 14.0)}

_NAMES = ("ADELE", "BERTA", "CLARA", "DORA", "EMMA", "FRIEDA", "GRETA", "HELGA", "IDA")
"""Given names by the last digit of the identifier; of one without a digit the first."""


def normal() -> Velocities:
    """Return velocities of two healthy sides."""
    places = [("cca", "prox"), ("cca", "mid"), ("cca", "dist"), ("bulb", None)]
    places += [("ica", "prox"), ("ica", "mid"), ("ica", "dist"), ("eca", None), ("vert", "mid")]
    return {(side, vessel, segment): _NORMAL[vessel] for side in ("right", "left") for vessel, segment in places}


def study(
    name: str, *, velocities: Velocities | None = None, date: str = "20260114", patient: str = "EX-0001", **more: object
) -> bytes:
    """Return the SR of a study of its own: `name` makes its UIDs, `patient` is the identifier."""
    carotid = Carotid(velocities=velocities or normal(), ratios={}, instance=name, **more)  # type: ignore[arg-type]
    dataset = document(carotid)
    dataset.StudyInstanceUID = uid(f"study of {name}")
    dataset.PatientID = patient
    dataset.PatientName = f"EXAMPLE^{_NAMES[int(patient[-1]) - 1 if patient[-1].isdigit() else 0]}"
    dataset.AccessionNumber = f"A-{name}"[:16]
    dataset.StudyDate = dataset.ContentDate = date
    return to_bytes(dataset)


def same_study(first: bytes, name: str, velocities: Velocities) -> bytes:
    """Return a further SR of the study of another one."""
    given = dcmread(DicomBytesIO(first))
    dataset = document(Carotid(velocities=velocities, ratios={}, instance=name))
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "AccessionNumber", "StudyDate"):
        setattr(dataset, keyword, given[keyword].value)
    return to_bytes(dataset)
