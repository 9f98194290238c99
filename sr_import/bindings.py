"""Bindings: which measurement or finding fills which field, as a person writes it down (bindings.yaml).

    template: 041807.4.1706140001
    version: "1"
    codes:
      psv: {scheme: LN, value: 11726-7, meaning: Peak systolic velocity}
      ica: {scheme: SCT, value: 86117002, meaning: Internal carotid artery}
    for each:
      side: [right, left]
    bindings:
      "{side}_ica_psv": {code: psv, site: ica, laterality: "{side}", unit: cm/s, choose: highest}

A place is a site with its segment and side. `within` names the n-th container of a concept. `repeats` says which of
several values of one place counts, `choose` which of several places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Literal

from mrrt.authored import Authored, read_yaml
from mrrt.code import Code
from mrrt.errors import Refused, UnitError
from mrrt.problems import Problem
from mrrt.report import Model
from mrrt.template import FieldKind, Template
from mrrt.units import is_ucum, same_dimension
from sr_import.rules import mend

_COUNTING = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Choose(StrEnum):
    """Which of several places is taken."""

    ONLY = "only"
    HIGHEST = "highest"
    LOWEST = "lowest"
    IN_ORDER = "in order"


class Repeat(StrEnum):
    """Which of several values of one place is taken; the first word that finds any decides."""

    SELECTED = "selected"
    MEAN = "mean"
    BEST = "best"
    MEDIAN = "median"
    HIGHEST = "highest"
    LOWEST = "lowest"
    LATEST = "latest"
    FIRST = "first"
    ONLY = "only"


Side = Literal["right", "left", "bilateral", "unilateral", "none"]
SIDES: tuple[Side, ...] = ("right", "left", "bilateral", "unilateral", "none")


class Within(Model):
    """Which one of several containers of the same concept is looked into."""

    container: Code
    number: int
    """Which of them, counted from 1 in the order of the documents."""
    known_by: Code | None = None
    """Concept of the item that identifies a container: two that state the same are one."""

    def __str__(self) -> str:
        return f"{self.container.meaning or self.container.value} {self.number}"


class Counted(Model):
    """Containers of one concept, of which a document states a total."""

    container: Code
    known_by: Code | None = None


class Binding(Model):
    """Where the value of one field comes from."""

    field: str
    code: Code
    unit: str
    """UCUM unit of the field; what arrives in another one is converted."""
    sites: tuple[Code, ...] = ()
    """In order of preference; none means any."""
    laterality: Side | None = None
    """None means that the side does not matter; "none" that no side may be stated."""
    segments: tuple[Code | None, ...] | None = None
    """In order of preference, where None is "no segment stated"; all of it None means any."""
    within: Within | None = None
    """None means anywhere in the document."""
    total_of: Counted | None = None
    """The value is a total over these containers of its document: several documents add up (sr_import.totals)."""
    choose: Choose = Choose.ONLY
    repeats: tuple[Repeat, ...] = (Repeat.SELECTED, Repeat.MEAN, Repeat.ONLY)
    same_sample_as: str | None = None
    """Field at whose chosen place, and in whose container, this value is looked for."""
    plausible: tuple[Decimal, Decimal] | None = None
    """Window in `unit`, both ends included."""
    magnitude: bool = False
    """Compare without the sign, which tells the direction of flow."""
    flags: Mapping[Code, str] = {}
    """Caution to put on the value when it was taken at this site or segment."""
    automatic: bool = False
    """Nobody wrote it down: code, unit and label of the template agree."""


class FindingBinding(Model):
    """Where a choice, text or date comes from that is no number."""

    field: str
    concept: Code
    values: Mapping[Code, str] = {}
    """The choice for each code; without any, the text or date itself is taken."""
    sites: tuple[Code, ...] = ()
    laterality: Side | None = None
    segments: tuple[Code | None, ...] | None = None
    within: Within | None = None
    kind: FieldKind | None = None
    """Kind of the field, where the template is known."""


class CountBinding(Model):
    """A field that says how many containers of a concept there are."""

    field: str
    container: Code
    known_by: Code | None = None


class Bindings(Model):
    """A bindings file, checked."""

    template: str
    version: str
    bindings: tuple[Binding, ...]
    findings: tuple[FindingBinding, ...] = ()
    counts: tuple[CountBinding, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Keys of all fields that are bound."""
        return tuple(
            [one.field for one in self.bindings]
            + [one.field for one in self.findings]
            + [one.field for one in self.counts]
        )

    @property
    def within(self) -> tuple[tuple[str, Within], ...]:
        """Each field that is bound to one of several containers, with that container."""
        measured = [(one.field, one.within) for one in self.bindings if one.within]
        return (*measured, *[(one.field, one.within) for one in self.findings if one.within])


_TOP_KEYS = ("template", "version", "codes", "bindings")
_CODE_KEYS = ("scheme", "value", "meaning")


def load_bindings(text: str, file: str, template: Template | None) -> Bindings:
    """Read a bindings file and check it against its template, where one is given.

    Raises Refused with every problem, each with file, line, field and how to mend it. Units are UCUM codes of
    the same dimension as the field's unit.
    """
    return _Loader(read_yaml(text, file), template).load()


class _Loader:
    """Collects the problems of one file; a part with a problem is left out, the rest is still checked."""

    def __init__(self, authored: Authored, template: Template | None) -> None:
        self.authored = authored
        self.template = template
        self.problems: list[Problem] = []
        self.codes: dict[str, Code] = {}

    def load(self) -> Bindings:
        data = self.authored.data
        self._known_keys(data, _TOP_KEYS)
        identifier, version = (str(data.get(key) or "") for key in ("template", "version"))
        self._check_head(identifier, version)
        self.codes = dict(self._codes(self._mapping("codes")))
        entries = self._mapping("bindings")
        made = [binding for field, entry in entries.items() if (binding := self._entry(field, entry))]
        bindings = tuple(one for one in made if isinstance(one, Binding))
        findings = tuple(one for one in made if isinstance(one, FindingBinding))
        counts = tuple(one for one in made if isinstance(one, CountBinding))
        self._check_same_sample(bindings, {one.field: one for one in bindings} if not self.problems else entries)
        if self.problems:
            raise Refused(self.problems)
        return Bindings(template=identifier, version=version, bindings=bindings, findings=findings, counts=counts)

    def report(self, rule: str, message: str, *path: object) -> None:
        """Note a problem at an entry of the file."""
        field = str(path[1]) if len(path) > 1 and path[0] == "bindings" else None
        self.problems.append(self.authored.problem(rule, f"{message}.", *path, mend=mend(rule), field=field))

    def _check_head(self, identifier: str, version: str) -> None:
        for key, text in (("template", identifier), ("version", version)):
            if not text:
                self.report("SB02", f'"{key}" is missing')
        if self.template and identifier and identifier != self.template.identifier:
            message = f'the bindings are for the template "{identifier}", not for "{self.template.identifier}"'
            self.report("SB10", message, "template")

    def _known_keys(self, entry: Mapping[str, Any], known: Iterable[str], *path: object) -> None:
        for key in entry:
            if key not in known:
                self.report("SB01", f'"{key}" is not a key here{_near(key, known)}', *path, key)

    def _mapping(self, key: str) -> Mapping[str, Any]:
        found = self.authored.data.get(key)
        if isinstance(found, dict):
            return found
        rule, what = ("SB02", "is missing") if found is None else ("SB03", "has to be a mapping of names to entries")
        self.report(rule, f'"{key}" {what}', key)
        return {}

    def _codes(self, entries: Mapping[str, Any]) -> Iterable[tuple[str, Code]]:
        for name, entry in entries.items():
            if not isinstance(entry, dict):
                self.report("SB03", f'the code "{name}" has to be {{scheme, value, meaning}}', "codes", name)
                continue
            self._known_keys(entry, _CODE_KEYS, "codes", name)
            missing = [key for key in ("scheme", "value") if not entry.get(key)]
            for key in missing:
                self.report("SB02", f'the code "{name}" has no {key}', "codes", name)
            if not missing:
                yield name, Code.of(str(entry["scheme"]), str(entry["value"]), str(entry.get("meaning") or name))

    def _entry(self, field: str, entry: Any) -> Binding | FindingBinding | CountBinding | None:
        self._check_field(field)
        if not isinstance(entry, dict):
            words = "a binding has to be a mapping such as {code: psv, site: ica, unit: cm/s}"
            self.report("SB03", words, "bindings", field)
            return None
        if "count" in entry:
            return self._count(field, entry)
        return self._finding(field, entry) if "finding" in entry else self._binding(field, entry)

    def _count(self, field: str, entry: Mapping[str, Any]) -> CountBinding | None:
        path, before = ("bindings", field), len(self.problems)
        self._known_keys(entry, _COUNT_PARTS, *path)
        known = self.template.field_by_key.get(field) if self.template else None
        if known is not None and known.kind is not FieldKind.NUMBER:
            self.report("SB11", f'"{field}" is no number and cannot hold a count', *path)
        parts = self._read(entry, _COUNT_PARTS, path)
        return CountBinding(field=field, **parts) if len(self.problems) == before else None

    def _finding(self, field: str, entry: Mapping[str, Any]) -> FindingBinding | None:
        path, before = ("bindings", field), len(self.problems)
        self._known_keys(entry, _FINDING_PARTS, *path)
        known = self.template.field_by_key.get(field) if self.template else None
        if known is not None and known.kind is FieldKind.NUMBER:
            self.report("SB11", f'the number "{field}" cannot hold a finding; bind it by code and unit', *path)
        if known is not None and known.choices and not known.free_text and "values" not in entry:
            self.report("SB02", f'the binding has no "values" for the choices of "{field}"', *path)
        parts = self._read(entry, _FINDING_PARTS, path)
        if len(self.problems) > before or not parts.get("concept"):
            return None
        return FindingBinding(field=field, kind=known.kind if known else None, **parts)

    def _read(
        self, entry: Mapping[str, Any], readers: Mapping[str, tuple[str, _Part]], path: tuple[object, ...]
    ) -> dict[str, Any]:
        return {
            readers[key][0]: readers[key][1](self, value, (*path, key))
            for key, value in entry.items()
            if key in readers
        }

    def _binding(self, field: str, entry: Mapping[str, Any]) -> Binding | None:
        path = ("bindings", field)
        self._known_keys(entry, _PARTS, *path)
        for key in ("code", "unit"):
            if entry.get(key) in (None, ""):
                self.report("SB02", f'the binding has no "{key}"', *path)
        before = len(self.problems)
        parts = self._read(entry, _PARTS, path)
        complete = len(self.problems) == before and parts.get("code") and parts.get("unit")
        return Binding(field=field, **parts) if complete else None

    def _check_field(self, field: str) -> None:
        if self.template and field not in self.template.field_by_key:
            known = _near(field, self.template.field_by_key)
            self.report("SB05", f'the template has no field "{field}"{known}', "bindings", field)

    def _check_same_sample(self, bindings: Iterable[Binding], entries: Mapping[str, Any]) -> None:
        followers = {binding.field: binding.same_sample_as for binding in bindings if binding.same_sample_as}
        for field, leader in followers.items():
            path = ("bindings", field, "same sample as")
            if leader not in entries:
                self.report("SB09", f'there is no binding for "{leader}"{_near(str(leader), entries)}', *path)
            elif leader in followers:
                self.report("SB09", f'"{leader}" itself takes its sample from "{followers[leader]}"', *path)

    def code(self, value: Any, path: tuple[object, ...]) -> Code | None:
        """Look up one code name."""
        if not isinstance(value, str):
            self.report("SB03", f'"{path[-1]}" has to be the name of a code', *path)
        elif value not in self.codes:
            self.report("SB04", f'"{value}" is not listed under codes{_near(value, self.codes)}', *path)
        return self.codes.get(value) if isinstance(value, str) else None

    def sites(self, value: Any, path: tuple[object, ...]) -> tuple[Code, ...]:
        """Look up one code name or a list of them."""
        return tuple(code for name in self._listed(value, path) if (code := self.code(name, path)))

    def segments(self, value: Any, path: tuple[object, ...]) -> tuple[Code | None, ...] | None:
        """Look up segments; "any" stands alone, "none" means that no segment may be stated."""
        if value == "any":
            return None
        return tuple(None if name == "none" else self.code(name, path) for name in self._listed(value, path))

    def within(self, value: Any, path: tuple[object, ...]) -> Within | None:
        """Check which one of several containers is meant."""
        parts = self._containers(value, path, _WITHIN_PARTS, {"container": "event", "number": "3"})
        return Within(**parts) if parts else None

    def counted(self, value: Any, path: tuple[object, ...]) -> Counted | None:
        """Check of which containers a value is a total."""
        parts = self._containers(value, path, _COUNTED_PARTS, {"container": "event", "known by": "event_uid"})
        return Counted(**parts) if parts else None

    def _containers(
        self, value: Any, path: tuple[object, ...], known: Mapping[str, tuple[str, _Part]], needed: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Read an entry that names containers; `needed` are the keys that it must have, each with an example."""
        if not isinstance(value, dict):
            example = ", ".join(f"{key}: {word}" for key, word in needed.items())
            self.report("SB03", f'"{path[-1]}" has to be a mapping such as {{{example}}}', *path)
            return None
        before = len(self.problems)
        self._known_keys(value, known, *path)
        for key in needed:
            if key not in value:
                self.report("SB02", f'"{path[-1]}" has no "{key}"', *path)
        parts = self._read(value, known, path)
        return parts if len(self.problems) == before else None

    def number(self, value: Any, path: tuple[object, ...]) -> int:
        """Check a whole number from 1; text of digits counts, since `for each` writes it into text."""
        digits = str(value)
        if isinstance(value, bool) or not _COUNTING.fullmatch(digits):
            self.report("SB03", f'"{path[-1]}" has to be a whole number from 1 to 9999, not "{digits}"', *path)
            return 0
        return int(digits)

    def unit(self, value: Any, path: tuple[object, ...]) -> str:
        """Check that a unit is UCUM and measures the same as the field."""
        unit = str(value or "")
        field = self.template.field_by_key.get(str(path[1])) if self.template else None
        if unit and not is_ucum(unit):
            self.report("SB06", f'"{unit}" is not a UCUM unit', *path)
        elif unit and field is not None and field.unit and not _alike(unit, field.unit):
            self.report("SB07", f'"{unit}" cannot be converted to "{field.unit}", the unit of the field', *path)
        return unit

    def side(self, value: Any, path: tuple[object, ...]) -> Side | None:
        """Check a side."""
        word = self._word(value, SIDES, path)
        return next((side for side in SIDES if side == word), None)

    def choose(self, value: Any, path: tuple[object, ...]) -> str:
        """Check the word that chooses among places."""
        return self._word(value, Choose, path)

    def repeats(self, value: Any, path: tuple[object, ...]) -> tuple[str, ...]:
        """Check the words that choose within one place."""
        return tuple(self._word(word, Repeat, path) for word in self._listed(value, path))

    def _listed(self, value: Any, path: tuple[object, ...]) -> list[Any]:
        if value == []:
            self.report("SB03", f'"{path[-1]}" is an empty list; leave the key out instead', *path)
        return value if isinstance(value, list) else [value]

    def _word(self, value: Any, known: Iterable[str], path: tuple[object, ...]) -> str:
        words = [str(word) for word in known]
        if value not in words:
            self.report("SB08", f'"{value}" is not a word for "{path[-1]}"; known are {", ".join(words)}', *path)
        return str(value)

    def text(self, value: Any, path: tuple[object, ...]) -> str:
        """Check a text."""
        if not isinstance(value, str):
            self.report("SB03", f'"{path[-1]}" has to be the key of a field', *path)
        return str(value)

    def window(self, value: Any, path: tuple[object, ...]) -> tuple[Decimal, Decimal] | None:
        """Check a window of two numbers, the lower first."""
        try:
            low, high = (Decimal(str(number)) for number in value)
        except (TypeError, ValueError, InvalidOperation):
            low, high = Decimal(1), Decimal(0)
        if not (low.is_finite() and high.is_finite() and low <= high):
            self.report("SB03", f'"{path[-1]}" has to be [low, high], two numbers', *path)
        return low, high

    def truth(self, value: Any, path: tuple[object, ...]) -> bool:
        """Check a truth value."""
        if not isinstance(value, bool):
            self.report("SB03", f'"{path[-1]}" has to be true or false', *path)
        return value is True

    def choices(self, value: Any, path: tuple[object, ...]) -> dict[Code, str]:
        """Check a mapping of code names to choices of the field."""
        found = self.flags(value, path)
        field = self.template.field_by_key.get(str(path[1])) if self.template else None
        for choice in found.values() if field is not None and not field.free_text else ():
            if field is not None and field.choice(choice) is None:
                known = _near(choice, [one.value for one in field.choices])
                self.report("SB11", f'the field "{field.key}" has no choice "{choice}"{known}', *path)
        return found

    def flags(self, value: Any, path: tuple[object, ...]) -> dict[Code, str]:
        """Check a mapping of code names to flags."""
        if not isinstance(value, dict):
            self.report("SB03", f'"{path[-1]}" has to be a mapping such as {{bulb: a_word}}', *path)
            return {}
        return {code: str(flag) for name, flag in value.items() if (code := self.code(name, (*path, name)))}


_Part = Callable[[_Loader, Any, tuple[object, ...]], Any]
_PARTS: Mapping[str, tuple[str, _Part]] = {
    "code": ("code", _Loader.code),
    "unit": ("unit", _Loader.unit),
    "site": ("sites", _Loader.sites),
    "laterality": ("laterality", _Loader.side),
    "segment": ("segments", _Loader.segments),
    "within": ("within", _Loader.within),
    "total of": ("total_of", _Loader.counted),
    "choose": ("choose", _Loader.choose),
    "repeats": ("repeats", _Loader.repeats),
    "same sample as": ("same_sample_as", _Loader.text),
    "plausible": ("plausible", _Loader.window),
    "magnitude": ("magnitude", _Loader.truth),
    "flags": ("flags", _Loader.flags),
}
"""Each key of a binding: the attribute it becomes, and how it is read."""
_FINDING_PARTS: Mapping[str, tuple[str, _Part]] = {
    "finding": ("concept", _Loader.code),
    "values": ("values", _Loader.choices),
    **{key: _PARTS[key] for key in ("site", "laterality", "segment", "within")},
}
"""The same for a binding of findings."""
_KNOWN_BY: Mapping[str, tuple[str, _Part]] = {"known by": ("known_by", _Loader.code)}
_COUNT_PARTS: Mapping[str, tuple[str, _Part]] = {"count": ("container", _Loader.code), **_KNOWN_BY}
"""The same for a count of containers."""
_COUNTED_PARTS: Mapping[str, tuple[str, _Part]] = {"container": ("container", _Loader.code), **_KNOWN_BY}
"""The same for the entry `total of` of a binding."""
_WITHIN_PARTS: Mapping[str, tuple[str, _Part]] = {
    "container": ("container", _Loader.code),
    "number": ("number", _Loader.number),
    **_KNOWN_BY,
}
"""The same for the entry `within` of a binding."""


def _alike(first: str, second: str) -> bool:
    try:
        return same_dimension(first, second)
    except UnitError:  # the template's own unit is no UCUM code: the template check reports that
        return True


def _near(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=3)
    return f"; close to it: {', '.join(near)}" if near else ""
