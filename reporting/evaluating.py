"""Values in, whole derivation out: for software that keeps reports itself. Nothing is stored.

The answer is what a draft made from the same template and documents, with the same edits, would say.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mrrt.errors import Unreadable, UsageError
from mrrt.problems import Problem
from mrrt.render import FORMATS
from mrrt.report import Explanation, Model, Patient, Study
from reporting.draft import About, Edit, Printable, begin, edited
from reporting.errors import WrongValues
from reporting.report_language import report_language
from reporting.templates import compiled, shaped
from reporting.views import TemplateView, ValueView, content
from reporting.workflow import Workflow, rendered
from sr_import import Ambiguous, Document, Unmatched, profiles_of, read_whole

_DOCUMENTS = 50
_FORMATS = 10


class GivenValue(BaseModel):
    """A value with its unit, or the reason why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Printable | bool | int | float | tuple[Printable, ...] | None = None
    unit: Printable | None = None
    absent: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> GivenValue:
        if not self.model_fields_set & {"value", "absent"}:
            raise ValueError("a value or a data absent reason is needed")
        return self


def _decoded(given: object) -> object:
    if not isinstance(given, str):
        return given
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the file is not in base64") from error


File = Annotated[bytes, BeforeValidator(_decoded, json_schema_input_type=str)]


class Evaluation(BaseModel):
    """What is to be evaluated: a template, values, and SR documents that were received before or come along."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Printable = Field(min_length=1)
    language: str = Field(default="", pattern="^([a-z]{2})?$")
    about: About = About()
    values: Mapping[Printable, GivenValue | Printable | bool | int | float | tuple[Printable, ...] | None] = {}
    """By field: the value as a reader would enter it, or an object with value, unit and data absent reason."""
    documents: tuple[Printable, ...] = Field(default=(), max_length=_DOCUMENTS)
    """SOP Instance UIDs of documents that were received before."""
    files: tuple[File, ...] = Field(default=(), max_length=_DOCUMENTS)
    """DICOM SR files in base64; they are read, and not kept."""
    render: tuple[Printable, ...] = Field(default=(), max_length=_FORMATS)
    """Output formats that are wanted, too."""


class Rendering(Model):
    """A report in one output format: as text, or in base64 where the format is none."""

    media_type: str
    text: str | None = None
    base64: str | None = None


class EvaluationView(Model):
    """What follows from the values; each part is what `GET /reports/{id}` says under the same name."""

    language: str
    template: TemplateView
    patient: Patient
    study: Study
    documents: tuple[str, ...] = ()
    shape: str = ""
    values: Mapping[str, ValueView]
    explanations: Mapping[str, Explanation]
    irrelevant: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    alerts: tuple[Problem, ...] = ()
    renderings: Mapping[str, Rendering] = {}


def evaluate(workflow: Workflow, wanted: Evaluation) -> EvaluationView:
    """Return all that follows from values and documents; raises what making and editing a draft would raise."""
    unknown = next((name for name in wanted.render if name not in FORMATS), None)
    if unknown is not None:
        raise UsageError(f'"{unknown}" is no output format; known are {", ".join(FORMATS)}')
    template = compiled(workflow.library.usable(wanted.template))
    documents = [workflow.document(uid) for uid in dict.fromkeys(wanted.documents)]
    documents += _read(wanted.files, {one.sop_instance_uid for one in documents}, workflow)
    language = report_language(template.full, wanted.language, workflow.language, "body.language")
    draft = begin(template, documents, language, wanted.about)
    if wanted.values:
        try:
            draft = edited(draft, template, [_edit(field, given) for field, given in wanted.values.items()])
        except WrongValues as error:
            raise WrongValues(error.wrong, "values") from error
    shape = shaped(template, draft.report)
    renderings = {name: _rendering(name, rendered(draft, shape, name).content) for name in wanted.render}
    return EvaluationView(**content(draft, shape), renderings=renderings)


def _read(files: Sequence[bytes], known: set[str | None], workflow: Workflow) -> list[Document]:
    """Return documents that came along, each once."""
    found = {}
    for number, file in enumerate(files):
        try:
            document = read_whole(file, profiles_of(workflow.profiles))
        except Unreadable as error:
            raise Unreadable(f"files.{number}: {error}") from error
        if not document.sop_instance_uid:
            raise Unreadable(f"files.{number}: The document has no SOP Instance UID; it cannot be told from others.")
        found[document.sop_instance_uid] = document
    return [document for uid, document in found.items() if uid not in known]


def _edit(field: str, given: object) -> Edit:
    """Return the edit by which a reader enters a value."""
    if isinstance(given, GivenValue):
        return Edit(field=field, **given.model_dump(exclude_unset=True))
    return Edit.model_validate({"field": field, "value": given})


def _rendering(name: str, made: bytes) -> Rendering:
    media_type = FORMATS[name].media_type
    try:
        return Rendering(media_type=media_type, text=made.decode())
    except UnicodeDecodeError:
        return Rendering(media_type=media_type, base64=base64.b64encode(made).decode())
