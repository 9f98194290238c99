"""What a DICOM SR says, as frozen data: a Document and its Measurements."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, Self

from mrrt.code import Code
from mrrt.errors import Unreadable
from mrrt.problems import Problem
from mrrt.report import DataAbsentReason, Model, Patient, Study
from sr_import.rules import problem

Laterality = Literal["right", "left", "bilateral", "unilateral"]


class Made(Model):
    """The base of what reading makes in great number: made without checking, and small in memory."""

    @classmethod
    def trusted(cls, values: dict[str, Any]) -> Self:
        """Return a model of values that are known to be right: all of its fields, in their order, none checked."""
        made = cls.__new__(cls)
        put = object.__setattr__
        put(made, "__dict__", values)
        put(made, "__pydantic_fields_set__", _names(cls))  # one set for all: pydantic copies it before changing it
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made


@cache
def _names(model: type[Model]) -> set[str]:
    return set(model.model_fields)


class SourceReference(Made):
    """What a measurement was made on (PS3.16 TID 320, TID 321): an image or waveform, and where in it."""

    sop_class_uid: str | None = None
    sop_instance_uid: str | None = None
    """None where coordinates are given without their image."""
    frames: tuple[int, ...] = ()
    graphic_type: str | None = None
    """POINT, POLYLINE ... of spatial coordinates, or the range type of temporal ones."""
    coordinates: tuple[float, ...] = ()
    """Column and row by turns for SCOORD (PS3.3 C.18.6), x, y and z in mm for SCOORD3D (C.18.9)."""


class Observer(Model):
    """Who or what made an observation (PS3.16 TID 1002)."""

    type: Literal["person", "device"] | None = None
    name: str = ""
    organization: str = ""
    role: str = ""
    uid: str = ""
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    location: str = ""


class Equipment(Model):
    """The device that wrote the document (PS3.3 C.7.5.1)."""

    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    software_versions: str = ""
    station: str = ""
    institution: str = ""


class ProfileNote(Model):
    """What a vendor profile did to an item."""

    profile: str
    version: str
    rule: str
    """In words, with what was sent: "code (1726-7, LN) read as (11726-7, LN)"."""

    def __str__(self) -> str:
        return f"profile {self.profile} {self.version}: {self.rule}"


class Measurement(Made):
    """One measured number, with what the tree around it says about it.

    A NUM content item (PS3.3 C.18.1), or a TEXT item that holds nothing but a number with its unit.
    """

    path: str
    """Position in the content tree: the root is "1", its n-th content item "1.n"."""
    code: Code | None
    value: str | None
    """The number as exact decimal text, as received; None goes with `absent`."""
    unit: str | None
    """The code of the unit as sent."""
    unit_scheme: str | None = None
    ucum: str | None = None
    """The unit as UCUM code; None where no table knows the one that was sent."""
    received: str | None = None
    """The text as sent, where it is something else than `value`."""
    absent: DataAbsentReason | None = None
    qualifier: Code | None = None
    """Numeric Value Qualifier: why there is no number, or why to doubt it."""
    site: Code | None = None
    laterality: Laterality | None = None
    side_disputed: bool = False
    """There is no side although one is stated: two that contradict each other, or a code that says none."""
    segment: Code | None = None
    """Topographical modifier: proximal, middle, distal, origin."""
    branch: Code | None = None
    derivation: Code | None = None
    selection: Code | None = None
    """Selection Status, read as property and as concept modifier."""
    normality: Code | None = None
    method: Code | None = None
    image_mode: Code | None = None
    repeat_of: str | None = None
    """Path of the item that says the same and carries the Selection Status."""
    context: tuple[Code, ...] = ()
    """Concepts of the containers from the root to the parent."""
    observed: str | None = None
    """Observation date and time as ISO 8601 text, where one is stated."""
    sources: tuple[SourceReference, ...] = ()
    tracking_identifier: str | None = None
    tracking_uid: str | None = None
    fetus_id: str | None = None
    """Which fetus was measured (PS3.16 TID 1008), where there may be several."""
    time_point: str | None = None
    """Of which time point of a course it is (PS3.16 TID 1502): "BASELINE"."""
    observers: tuple[Observer, ...] = ()
    """Those of the document, unless others are stated nearer to the item."""
    applied: tuple[ProfileNote, ...] = ()

    @property
    def parent(self) -> str:
        """Path of the content item around this one."""
        return self.path.rpartition(".")[0]

    @property
    def section(self) -> str:
        """Path of the section of the document that holds this item ("1.5" of "1.5.2.3")."""
        return ".".join(self.parent.split(".")[:2])


class Finding(Made):
    """A CODE, TEXT, DATE, TIME, DATETIME, PNAME or UIDREF item that is no modifier and no observation context."""

    path: str
    concept: Code | None
    value_type: str
    code: Code | None = None
    text: str | None = None
    """The text as sent; dates and times as ISO 8601."""
    site: Code | None = None
    laterality: Laterality | None = None
    segment: Code | None = None
    context: tuple[Code, ...] = ()
    observed: str | None = None
    """Observation date and time as ISO 8601 text, where one is stated."""
    applied: tuple[ProfileNote, ...] = ()

    @property
    def parent(self) -> str:
        """Path of the content item around this one."""
        return self.path.rpartition(".")[0]


class Container(Made):
    """A CONTAINER with a concept name: a section, or one of several of its kind, such as an irradiation event."""

    path: str
    concept: Code


class Document(Model):
    """A DICOM SR document as far as this product uses it."""

    sop_instance_uid: str | None
    sop_class_uid: str | None
    template: str | None
    """Identifier of the root template ("5100"), where the device states one."""
    title: Code | None
    study_instance_uid: str | None
    series_instance_uid: str | None = None
    modality: str | None = None
    completion: str | None = None
    """COMPLETE or PARTIAL (PS3.3 C.17.2)."""
    verification: str | None = None
    """VERIFIED or UNVERIFIED."""
    predecessors: tuple[str, ...] = ()
    """SOP Instance UIDs of the documents that this one replaces."""
    content_date_time: str | None = None
    """Content date and time as ISO 8601 text, without time zone."""
    study_date_time: str | None = None
    timezone: str | None = None
    """Offset from UTC of all times without one of their own, "+0100"."""
    referring_physician: str | None = None
    equipment: Equipment = Equipment()
    observers: tuple[Observer, ...] = ()
    patient: Patient = Patient()
    study: Study = Study()
    measurements: tuple[Measurement, ...] = ()
    """Every NUM, in the order of the document."""
    text_measurements: tuple[Measurement, ...] = ()
    """Findings of type TEXT that hold nothing but a number with its unit, read as such."""
    findings: tuple[Finding, ...] = ()
    containers: tuple[Container, ...] = ()
    """Every CONTAINER with a concept name, in the order of the document; empty ones, too."""
    text_modifiers: tuple[Finding, ...] = ()
    """Modifiers and acquisition context of type TEXT, which a vendor profile may read as a site."""
    profiles: tuple[str, ...] = ()
    """Name and version of each vendor profile that applies."""
    selection_order: tuple[str, ...] = ()
    """Which of several values of one place counts on this device, where a binding does not say (vendor profile)."""
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    """False where the file is cut off or damaged: what could be read is here, but no report is filled from it."""


_DOCUMENT_KEYS = ("sop_instance_uid", "template", "title", "study_instance_uid")
_MEASUREMENT_KEYS = {
    *("path", "code", "value", "unit", "absent", "site", "laterality", "segment"),
    *("derivation", "selection", "method", "repeat_of", "context"),
}
_PROBLEM_KEYS = {"rule", "severity", "path", "message"}


def json_line(document: Document, file: str, *, findings: bool = False) -> dict[str, Any]:
    """Return the object that `mrrt sr read --json` prints for a file, with its findings where they are asked for."""
    found = [item.model_dump(mode="json", exclude={"applied"}) for item in document.findings if findings]
    return {
        "file": file,
        **document.model_dump(mode="json", include=set(_DOCUMENT_KEYS)),
        "measurements": [item.model_dump(mode="json", include=_MEASUREMENT_KEYS) for item in document.measurements],
        **({"findings": found} if findings else {}),
        "problems": [item.model_dump(mode="json", include=_PROBLEM_KEYS) for item in document.problems],
    }


def unreadable_json_line(error: Unreadable, file: str) -> dict[str, Any]:
    """Return the object that `mrrt sr read --json` prints for a file that cannot be read."""
    said = problem("SR00", str(error))
    return {
        "file": file,
        **dict.fromkeys(_DOCUMENT_KEYS),
        "measurements": [],
        "problems": [said.model_dump(mode="json", include=_PROBLEM_KEYS)],
    }
