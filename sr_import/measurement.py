"""What a DICOM SR says, as frozen data: a Document and its Measurements."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from mrrt.code import Code
from mrrt.errors import Unreadable
from mrrt.problems import Problem
from mrrt.report import DataAbsentReason, Patient, Study
from sr_import.rules import problem

Laterality = Literal["right", "left", "bilateral", "unilateral"]


class Model(BaseModel):
    """The frozen base of the import models."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measurement(Model):
    """One NUM content item (PS3.3 C.18.1), with what the tree around it says about it."""

    path: str
    """Position in the content tree: the root is "1", its n-th content item "1.n"."""
    code: Code | None
    value: str | None
    """The number as exact decimal text, as received; None goes with `absent`."""
    unit: str | None
    """The code of the unit as sent; a UCUM code where `unit_scheme` says so."""
    unit_scheme: str | None = None
    absent: DataAbsentReason | None = None
    site: Code | None = None
    laterality: Laterality | None = None
    segment: Code | None = None
    """Topographical modifier: proximal, middle, distal, origin."""
    derivation: Code | None = None
    selection: Code | None = None
    """Selection Status, read as property and as concept modifier."""
    method: Code | None = None
    image_mode: Code | None = None
    repeat_of: str | None = None
    """Path of the item that says the same and carries the Selection Status."""
    context: tuple[Code, ...] = ()
    """Concepts of the containers from the root to the parent."""

    @property
    def parent(self) -> str:
        """Path of the content item around this one."""
        return self.path.rpartition(".")[0]

    @property
    def section(self) -> str:
        """Path of the section of the document that holds this item ("1.5" of "1.5.2.3")."""
        return ".".join(self.parent.split(".")[:2])


class Document(Model):
    """A DICOM SR document as far as this product uses it."""

    sop_instance_uid: str | None
    sop_class_uid: str | None
    template: str | None
    """Identifier of the root template ("5100"), where the device states one."""
    title: Code | None
    study_instance_uid: str | None
    content_date_time: str | None = None
    """Content date and time as ISO 8601 text, without time zone."""
    patient: Patient = Patient()
    study: Study = Study()
    measurements: tuple[Measurement, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    """False where the file is cut off or damaged: what could be read is here, but no report is filled from it."""


_DOCUMENT_KEYS = ("sop_instance_uid", "template", "title", "study_instance_uid")
_MEASUREMENT_KEYS = {
    *("path", "code", "value", "unit", "absent", "site", "laterality", "segment"),
    *("derivation", "selection", "method", "repeat_of", "context"),
}
_PROBLEM_KEYS = {"rule", "severity", "path", "message"}


def json_line(document: Document, file: str) -> dict[str, Any]:
    """Return the object that `mrrt sr read --json` prints for a file."""
    return {
        "file": file,
        **document.model_dump(mode="json", include=set(_DOCUMENT_KEYS)),
        "measurements": [item.model_dump(mode="json", include=_MEASUREMENT_KEYS) for item in document.measurements],
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
