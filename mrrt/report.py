"""A report: the values of a template's fields, each with where it came from.

Values lie in layers. What a reader typed stands above what was imported, that above what was calculated, that
above a default of the template; nothing in a lower layer is lost when a higher one covers it. Clearing a field
is a typed value with a data absent reason, so it covers the imported one until the reader takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Attribute

from mrrt.problems import Problem


class Provenance(StrEnum):
    """How a value came to be in the report."""

    TYPED = "typed"
    IMPORTED = "imported"
    CALCULATED = "calculated"
    MERGED = "merged"
    DEFAULT = "default"


class DataAbsentReason(StrEnum):
    """Why there is no value (HL7 FHIR data-absent-reason)."""

    UNKNOWN = "unknown"
    ASKED_UNKNOWN = "asked-unknown"
    TEMP_UNKNOWN = "temp-unknown"
    NOT_ASKED = "not-asked"
    ASKED_DECLINED = "asked-declined"
    MASKED = "masked"
    NOT_APPLICABLE = "not-applicable"
    UNSUPPORTED = "unsupported"
    AS_TEXT = "as-text"
    ERROR = "error"
    NOT_A_NUMBER = "not-a-number"
    NEGATIVE_INFINITY = "negative-infinity"
    POSITIVE_INFINITY = "positive-infinity"
    NOT_PERFORMED = "not-performed"
    NOT_PERMITTED = "not-permitted"


class ReportStatus(StrEnum):
    """FHIR DiagnosticReport.status."""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


class Model(BaseModel):
    """The frozen base of the report model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def trusted(cls, values: dict[str, Any]) -> Self:
        """Return a model of values that are known to be right: all of its fields, in their order, none checked.

        For what the engine makes itself, many times in each derivation; a test shows that it is the same model.
        """
        made = _new(cls)
        _put_values(made, values)
        _put_stated(made, _stated_fields(cls))
        _put_extra(made, None)
        _put_private(made, None)
        return made


_new = object.__new__
_put_values, _put_stated, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


@cache
def _stated_fields(model: type[Model]) -> set[str]:
    """Return the names of all fields: one set for all trusted models, since frozen ones never change it."""
    return set(model.model_fields)


class Source(Model):
    """Where a value came from, in enough detail to find it again."""

    document: str | None = None
    """SOP Instance UID of the SR."""
    path: str | None = None
    """Position of the content item in the SR tree, "1.5.2.3"."""
    device: str | None = None
    received: str | None = None
    """The value as it was received, before any conversion."""
    received_unit: str | None = None
    rule: str | None = None
    """Why this one was taken: the selection of the binding, or the rule that calculated it."""
    criteria: str | None = None
    """The named rule set behind a calculated value ("SRU 2003")."""
    flags: tuple[str, ...] = ()
    """Cautions of the import or the calculation, in code form ("second_choice_segment")."""


class Value(Model):
    """One value of a field. Numbers are decimals as text, exactly as received or typed.

    `value` is text (number, date, time, choice value or free text), a tuple of texts for a multiple choice,
    or a boolean for a lone checkbox; None goes with a data absent reason.
    """

    value: str | bool | tuple[str, ...] | None
    unit: str | None = None
    absent: DataAbsentReason | None = None
    provenance: Provenance = Provenance.TYPED
    source: Source | None = None


_OF_VALUES = frozenset({"V1", "V2", "V3", "V4", "V5"})
"""Rules about the value of one field; alerts speak of the whole report, whichever field they stand at."""
Values = Mapping[str, Value]
"""Values by field key."""


class Explanation(Model):
    """Why a calculated value is what it is: the rule that fired, with its inputs."""

    decision: str
    """Name of the business knowledge model or expression."""
    criteria: str | None = None
    rule: int | None = None
    """The rule of the decision table that decided, counted from 1."""
    inputs: Mapping[str, str] = Attribute(default_factory=dict)
    """What went in, as text; "unknown" for what was missing."""
    unknown: tuple[str, ...] = ()
    """Inputs that are missing and could change the outcome."""
    text: str = ""


class Patient(Model):
    """The patient identification of a report, from the SR header or the host system."""

    identifier: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""


class Study(Model):
    """The study that is reported."""

    study_instance_uid: str = ""
    accession_number: str = ""
    date: str = ""
    description: str = ""
    device: str = ""


class Signature(Model):
    """Who signed, when, and what the report became by it."""

    status: ReportStatus
    by: str
    at: str
    actor: str = ""
    """The account behind the name."""


class Addendum(Model):
    """What was added to a signed report, which itself stays as it was."""

    text: str
    by: str
    at: str
    documents: tuple[str, ...] = ()
    """SOP Instance UIDs of the documents that it is about, where measurements came after the signature."""


class Acknowledgement(Model):
    """That somebody saw an alert, and why the report is signed nevertheless. It holds for these very words."""

    rule: str
    field: str | None = None
    message: str
    reason: str
    by: str
    at: str


class Revision(Model):
    """Work on a signed report: what it will be (amended or corrected), why, and which version stands meanwhile."""

    kind: ReportStatus
    reason: str
    version: int
    status: ReportStatus
    """The status of that version."""
    by: str
    at: str


class Report(Model):
    """A report on one study, filled from one template.

    The template is pinned by `template` (its identifier) and `template_digest`. `derived` states what the logic
    made of the values: calculated values, explanations, fields that are not relevant, and problems.
    """

    template: str
    template_digest: str = ""
    logic_digest: str = ""
    logic_version: str = ""
    language: str = "en"
    status: ReportStatus = ReportStatus.PARTIAL
    patient: Patient = Patient()
    study: Study = Study()
    documents: tuple[str, ...] = ()
    """SOP Instance UIDs of the SRs that were read."""
    typed: Values = Attribute(default_factory=dict)
    imported: Values = Attribute(default_factory=dict)
    calculated: Values = Attribute(default_factory=dict)
    defaults: Values = Attribute(default_factory=dict)
    explanations: Mapping[str, Explanation] = Attribute(default_factory=dict)
    irrelevant: frozenset[str] = frozenset()
    """Keys of fields that the logic hides; their values stay in the draft and out of the rendering."""
    failing_conditions: frozenset[str] = frozenset()
    """Conditions of the template's page that do not hold now; what carries one is hidden."""
    required: frozenset[str] = frozenset()
    """Keys of fields that the logic requires now, beyond those that the template requires."""
    criteria: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    kinds: Mapping[str, str] = Attribute(default_factory=dict)
    """What kind of result each calculation gave, where that can be read back; see mrrt.derive.results."""
    basis: str = ""
    """What the calculated parts rest on besides the values; while it is the same, they can be brought up to date."""
    signed_by: str | None = None
    signed_at: str | None = None
    signatures: tuple[Signature, ...] = ()
    """Every signature so far, the first one first."""
    acknowledged: tuple[Acknowledgement, ...] = ()
    addenda: tuple[Addendum, ...] = ()
    revision: Revision | None = None
    reason: str = ""
    """Why it was amended, corrected, cancelled or entered in error."""
    set_aside: Values = Attribute(default_factory=dict)
    """Typed values of fields that the template lost when the draft moved on to a later version of it."""

    @property
    def layers(self) -> tuple[Mapping[str, Value], ...]:
        """The layers of values, the strongest first."""
        return (self.typed, self.imported, self.calculated, self.defaults)

    def value(self, key: str) -> Value | None:
        """Return the value that stands for a field, or None where nobody said anything.

        What a reader typed stands even where it says "no value". An import that says so only stands where nothing
        below it has one.
        """
        first = None
        for layer in self.layers:
            one = layer.get(key)
            if one is None:
                continue
            if one.value is not None or one.provenance is Provenance.TYPED:
                return one
            first = first or one
        return first

    @property
    def values(self) -> Mapping[str, Value]:
        """The values that stand, by field key."""
        keys = dict.fromkeys(key for layer in reversed(self.layers) for key in layer)
        return {key: value for key in keys if (value := self.value(key)) is not None}

    @property
    def shown_problems(self) -> tuple[Problem, ...]:
        """The problems of what the report says: not those of values that are hidden, which nobody could mend there."""
        return tuple(one for one in self.problems if one.rule not in _OF_VALUES or one.field not in self.irrelevant)

    def touched_since(self, before: Report) -> Set[str]:
        """Return the keys whose values may differ from those of an earlier version: a superset, quickly found.

        A step hands most values on as the same objects, and layers that it leaves alone as the same mappings.
        """
        return {
            key
            for was, now in zip(before.layers, self.layers, strict=True)
            if was is not now
            for key in was.keys() | now.keys()
            if was.get(key) is not now.get(key)
        }

    def covered(self, key: str) -> Value | None:
        """Return what the standing value covers: one beneath it that says something else."""
        standing = self.value(key)
        said = (one for one in self._stack(key) if one is not standing and one.value is not None)
        return next((one for one in said if standing is not None and one.value != standing.value), None)

    def _stack(self, key: str) -> list[Value]:
        return [layer[key] for layer in self.layers if key in layer]

    def fill(self, values: Mapping[str, Value]) -> Report:
        """Return the report with these imported values added; what a reader typed stays on top."""
        return self.model_copy(update={"imported": {**self.imported, **values}})

    def edit(self, values: Mapping[str, Value | None]) -> Report:
        """Return the report with what a reader typed; None takes a typed value back."""
        typed = dict(self.typed)
        for key, value in values.items():
            if value is None:
                typed.pop(key, None)
            else:
                typed[key] = value
        return self.model_copy(update={"typed": typed})
