"""Vendor profiles: what a device means by what it sends, as data (sr_import/profiles/*.yaml).

A profile never touches what was received: it says how a code, a site, a text, a comma or a missing unit of one kind of
device is to be read, with the evidence for it and worked cases. What it changes is noted in the measurement.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict
from pydantic import Field as Attribute

from mrrt.code import Code, same_title
from mrrt.report import Model as Frozen
from mrrt.units import is_ucum
from sr_import.bindings import Repeat
from sr_import.described import CodeText, Described
from sr_import.measurement import Document, Laterality
from sr_import.numbers import Comma


class Model(Frozen):
    """The frozen base of profiles; keys in files have blanks where attributes have underscores."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", " "), populate_by_name=True
    )


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _checked_unit(unit: str) -> str:
    if not is_ucum(unit):
        raise ValueError(f'"{unit}" is not a UCUM unit')
    return unit


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Texts with * and ?, compared without regard to case and white space; any of them."""
Codes = Annotated[tuple[CodeText, ...], BeforeValidator(_listed)]
Unit = Annotated[str, AfterValidator(_checked_unit)]
Text = Annotated[str, Attribute(min_length=1)]


class Device(Model):
    """One kind of document that a profile is for; all that is given has to hold."""

    manufacturer: Patterns = ()
    model: Patterns = ()
    software: Patterns = ()
    scheme: Patterns = ()
    """Coding scheme designators of which one occurs in the document."""
    code: Codes = ()
    """Concepts of which one was measured in the document."""
    title: Codes = ()


class CodeRule(Model):
    """A code that means another one, always or only with certain meanings beside it."""

    sent: CodeText
    meant: CodeText
    when_meaning: Patterns = ()
    because: Text


class TextRule(Model):
    """A text beside or around a measurement that says what it is or where it was made."""

    text: Annotated[Patterns, Attribute(min_length=1)]
    concept: CodeText | None = None
    """Concept of the text; any unless given."""
    of_scheme: str | None = None
    """Only for measurements whose own code is of this scheme."""
    code: CodeText | None = None
    site: CodeText | None = None
    segment: CodeText | None = None
    laterality: Laterality | None = None
    because: Text


class UnitRule(Model):
    """The unit of a measurement that is sent without one."""

    code: CodeText
    unit: Unit
    because: Text


class Expected(Model):
    """What a worked case expects of one measurement; what is not given is not compared."""

    code: CodeText | None = None
    value: str | None = None
    unit: str | None = None
    site: CodeText | None = None
    segment: CodeText | None = None
    laterality: Laterality | None = None
    selection: CodeText | None = None
    received: str | None = None
    absent: str | None = None
    repeat: bool | None = None
    note: str | None = None
    """Words that occur in what the profile noted; "" for nothing noted."""


class Case(Model):
    """A worked case: a document and the measurements that reading it with the profile gives, in their order."""

    name: Text
    document: Described
    measurements: tuple[Expected, ...]


class Profile(Model):
    """A vendor profile."""

    profile: Annotated[str, Attribute(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Text
    evidence: Annotated[tuple[Text, ...], Attribute(min_length=1)]
    """Where each rule is known from: document and section, and whether it was seen or only read."""
    applies_to: tuple[Device, ...]
    """Any of these; empty for every document."""
    codes: tuple[CodeRule, ...] = ()
    sites: tuple[CodeRule, ...] = ()
    texts: tuple[TextRule, ...] = ()
    units: tuple[UnitRule, ...] = ()
    decimal_comma: Comma | None = None
    """What a comma in a number is on this device: "decimal", or "thousands"."""
    duplicates: Literal["selection status", "equal values", "separate"] = "selection status"
    """Which measurements of one container are the same one written twice."""
    selection_order: tuple[Repeat, ...] = ()
    """Which of several values of one place counts, where a binding does not say."""
    cases: Annotated[tuple[Case, ...], Attribute(min_length=1)]

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.profile} {self.version}"

    def applies(self, document: Document) -> bool:
        """Tell whether the profile is for this document."""
        return not self.applies_to or any(_fits(device, document) for device in self.applies_to)


def _fits(device: Device, document: Document) -> bool:
    equipment = document.equipment
    named = (
        (device.manufacturer, (equipment.manufacturer,)),
        (device.model, (equipment.model,)),
        (device.software, equipment.software_versions.split("\\")),
    )
    if not all(not patterns or any(like(text, patterns) for text in texts) for patterns, texts in named):
        return False
    if device.title and not (document.title and any(same_title(document.title, title) for title in device.title)):
        return False
    return _codes_occur(device, document)


def _codes_occur(device: Device, document: Document) -> bool:
    if device.code and not any(one.code in device.code for one in document.measurements if one.code):
        return False
    if not device.scheme:
        return True
    schemes = {code.scheme for one in document.measurements for code in (one.code, one.site, one.segment) if code}
    return any(like(scheme, device.scheme) for scheme in schemes)


def like(text: str, patterns: Iterable[str]) -> bool:
    """Tell whether a text is like one of the patterns."""
    plain = _plain(text)
    return any(fnmatchcase(plain, _plain(pattern)) for pattern in patterns)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def matches(rule: CodeRule, code: Code | None) -> bool:
    """Tell whether a rule is for this code as it was sent."""
    if code is None or code != rule.sent:
        return False
    return not rule.when_meaning or like(code.meaning, rule.when_meaning)
