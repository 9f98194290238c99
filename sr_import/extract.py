"""From a content tree to Measurements: what each number is, of which site, side and segment, and what is wrong.

**What a number belongs to.** Site, side, segment, method and image mode hold for everything below the item that
states them, until something nearer says otherwise (PS3.16 TID 300, TID 5103, TID 5104):

1. A Finding Site that the NUM itself states.
2. Else the nearest item around it that states a site: by a Finding Site modifier, or, for a container that is
   not the root, by its own concept. TID 5104 names the vessel that way. Concepts coded in DCM or LN are headings
   (Findings, Summary, Measurement Group), never sites.
3. A nearer site that differs from the farther one ends the farther one's segment: "proximal" was said of that.
4. Side and segment may stand at the item or at its Finding Site (TID 300 rows 6 and 7).
5. Two different statements at one item are none, and a problem; nothing farther away is taken instead.

Derivation and Selection Status hold for the NUM that states them, whatever relationship the device chose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mrrt.code import Code
from mrrt.problems import Problem
from mrrt.report import DataAbsentReason
from sr_import.measurement import Laterality, Measurement
from sr_import.rules import problem
from sr_import.tree import Item

FINDING_SITE = Code.of("SCT", "363698007", "Finding Site")
LATERALITY = Code.of("SCT", "272741003", "Laterality")
SEGMENT = Code.of("SCT", "106233006", "Topographical modifier")
METHOD = Code.of("SCT", "370129005", "Measurement Method")
IMAGE_MODE = Code.of("SCT", "399264008", "Image Mode")
DERIVATION = Code.of("DCM", "121401", "Derivation")
SELECTION = Code.of("DCM", "121404", "Selection Status")
_SIDES: Mapping[Code, Laterality] = {  # PS3.16 CID 244; for mammography CID 6022 names the breast
    Code.of("SCT", "24028007"): "right",
    Code.of("SCT", "7771000"): "left",
    Code.of("SCT", "51440002"): "bilateral",
    Code.of("SCT", "66459002"): "unilateral",
    Code.of("SCT", "73056007"): "right",
    Code.of("SCT", "80248007"): "left",
    Code.of("SCT", "63762007"): "bilateral",
}
_STATED = frozenset({FINDING_SITE, LATERALITY, SEGMENT, METHOD, IMAGE_MODE, DERIVATION, SELECTION})
_Said = Mapping[Code, Code | None]
_HEADING_SCHEMES = frozenset({"DCM", "LN"})
_WHY_ABSENT: Mapping[Code, DataAbsentReason] = {  # PS3.16 CID 42
    Code.of("DCM", "114000"): DataAbsentReason.NOT_A_NUMBER,
    Code.of("DCM", "114001"): DataAbsentReason.NEGATIVE_INFINITY,
    Code.of("DCM", "114002"): DataAbsentReason.POSITIVE_INFINITY,
    Code.of("DCM", "114003"): DataAbsentReason.ERROR,
    Code.of("DCM", "114004"): DataAbsentReason.ERROR,
    Code.of("DCM", "114005"): DataAbsentReason.ERROR,
    Code.of("DCM", "114006"): DataAbsentReason.ERROR,
    Code.of("DCM", "114007"): DataAbsentReason.NOT_PERFORMED,
    Code.of("DCM", "114008"): DataAbsentReason.ERROR,
    Code.of("DCM", "114009"): DataAbsentReason.ERROR,
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
"""A decimal string (PS3.5 section 6.2, DS); the exponent is bounded so that no text means a giant number."""
_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds at one point of the tree."""

    context: tuple[Code, ...] = ()
    site: Code | None = None
    laterality: Laterality | None = None
    segment: Code | None = None
    method: Code | None = None
    image_mode: Code | None = None


def measurements(root: Item) -> tuple[tuple[Measurement, ...], tuple[Problem, ...]]:
    """Return every NUM below the root, in the order of the document, and what is wrong with any of it."""
    extractor = _Extractor()
    extractor.run(root)
    return tuple(extractor.found), tuple(extractor.problems)


class _Extractor:
    def __init__(self) -> None:
        self.found: list[Measurement] = []
        self.problems: list[Problem] = []

    def run(self, root: Item) -> None:
        stack: list[tuple[str, Item, _Scope, str | None]] = [("1", root, _Scope(), None)]
        while stack:
            path, item, around, repeat_of = stack.pop()
            said = self._said(path, item) if item.children else {}
            scope = self._narrowed(path, item, around, said) if said or item.value_type == "CONTAINER" else around
            if item.value_type == "NUM" and item.complete:
                self.found.append(self._measurement(path, item, scope, said, repeat_of))
            if item.children:
                stack.extend(_below(path, item.children, scope))

    def _narrowed(self, path: str, item: Item, around: _Scope, said: _Said) -> _Scope:
        """Return what holds below an item that says something about what is below it."""
        names_place = item.value_type == "CONTAINER" and path != "1" and item.concept is not None
        if item.concept is None or item.concept.scheme in _HEADING_SCHEMES:
            names_place = False
        site = said.get(FINDING_SITE, item.concept if names_place else around.site)
        ends_segment = (FINDING_SITE in said or names_place) and site != around.site
        in_container = item.value_type == "CONTAINER" and item.concept is not None
        return _Scope(
            context=(*around.context, item.concept) if in_container and item.concept else around.context,
            site=site,
            laterality=self._side(path, said[LATERALITY]) if LATERALITY in said else around.laterality,
            segment=said.get(SEGMENT, None if ends_segment else around.segment),
            method=said.get(METHOD, around.method),
            image_mode=said.get(IMAGE_MODE, around.image_mode),
        )

    def _said(self, path: str, item: Item) -> _Said:
        """Return what an item states about itself: a code, or None where it states two that differ."""
        said: dict[Code, Code | None] = {}
        for child in item.children:
            if child.value_type == "CODE" and child.code is not None and child.concept in _STATED:
                self._note(path, said, child.concept, child.code)
                if child.children and child.concept == FINDING_SITE:
                    for inner in child.children:
                        if inner.code is not None and inner.concept in (LATERALITY, SEGMENT):
                            self._note(path, said, inner.concept, inner.code)
        return said

    def _note(self, path: str, said: dict[Code, Code | None], concept: Code, code: Code) -> None:
        before = said.setdefault(concept, code)
        if before is not None and before != code:
            said[concept] = None
            words = f"{_name(before)} and {_name(code)}"
            self._report("SR11", path, f"{concept.meaning or concept} is stated as {words}; neither was taken")

    def _side(self, path: str, code: Code | None) -> Laterality | None:
        if code is not None and code not in _SIDES:
            self._report("SR10", path, f"the side is stated as {code}")
        return _SIDES.get(code) if code else None

    def _measurement(self, path: str, item: Item, scope: _Scope, said: _Said, repeat_of: str | None) -> Measurement:
        value, absent = self._value(path, item)
        if item.concept is None:
            self._report("SR12", path, "a measurement has no concept name")
        if value is not None:
            self._check_unit(path, item)
        return Measurement.model_construct(  # our own values: nothing in them needs checking
            path=path,
            code=item.concept,
            value=value,
            unit=item.unit.value if item.unit else None,
            unit_scheme=item.unit.scheme if item.unit else None,
            absent=absent,
            site=scope.site,
            laterality=scope.laterality,
            segment=scope.segment,
            derivation=said.get(DERIVATION),
            selection=said.get(SELECTION),
            method=scope.method,
            image_mode=scope.image_mode,
            repeat_of=repeat_of,
            context=scope.context,
        )

    def _value(self, path: str, item: Item) -> tuple[str | None, DataAbsentReason | None]:
        """Return the number as text, or why there is none; nothing that is not one plain number is guessed."""
        name, text = _name(item.concept), item.number
        if item.qualifier is not None:
            return self._qualified(path, item, item.qualifier)
        if not text:
            rule, words = ("SR02", "no measured value") if text is None else ("SR03", "an empty numeric value")
            self._report(rule, path, f"{name} has {words}")
            return None, DataAbsentReason.UNKNOWN
        if "\\" in text:
            self._report("SR04", path, f"{name} has {text.count(chr(92)) + 1} values; none was taken")
            return None, DataAbsentReason.UNSUPPORTED
        if _number(text) is None:
            self._report("SR05", path, f'{name} has the value "{text[:40]}", which is not a decimal number')
            return None, DataAbsentReason.NOT_A_NUMBER if text.lower() == "nan" else DataAbsentReason.ERROR
        return text, None

    def _qualified(self, path: str, item: Item, qualifier: Code) -> tuple[None, DataAbsentReason]:
        reason = _WHY_ABSENT.get(qualifier, DataAbsentReason.UNKNOWN)
        name, said = _name(item.concept), _name(qualifier)
        if item.number:
            self._report("SR07", path, f'{name} is sent as "{item.number[:40]}" and qualified as {said}; not taken')
        else:
            self._report("SR06", path, f"{name} has no value: {said}")
        return None, reason

    def _check_unit(self, path: str, item: Item) -> None:
        name = _name(item.concept)
        if item.unit is None:
            self._report("SR08", path, f"{name} has the value {item.number} without a unit")
        elif item.unit.scheme.upper() != "UCUM":
            self._report("SR09", path, f'{name} has the unit "{item.unit.value}" of the scheme {item.unit.scheme}')

    def _report(self, rule: str, path: str, message: str) -> None:
        self.problems.append(problem(rule, f"{message}.", path=path))


def _name(code: Code | None) -> str:
    return "A measurement without a name" if code is None else code.meaning or f"{code.value} ({code.scheme})"


def _number(text: str | None) -> Decimal | None:
    if text is None or len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text)


def _below(path: str, items: tuple[Item, ...], scope: _Scope) -> list[tuple[str, Item, _Scope, str | None]]:
    """Return the items below one, the last first, each with its path and that of the item it repeats."""
    repeats = _repeats(items)
    places = range(len(items), 0, -1)
    return [
        (f"{path}.{place}", item, scope, f"{path}.{repeats[place]}" if place in repeats else None)
        for place, item in zip(places, reversed(items), strict=True)
    ]


def _repeats(items: Iterable[Item]) -> Mapping[int, int]:
    """Map the place of a NUM to that of its twin that carries the Selection Status, where a device writes both.

    Twins agree in concept, value, unit and concept modifiers; only properties may differ. Two samples of the
    same value without any Selection Status are two samples.
    """
    chosen: dict[object, int] = {}
    plain: list[tuple[object, int]] = []
    for place, item in enumerate(items, start=1):
        value = _number(item.number) if item.value_type == "NUM" else None
        if value is None or item.qualifier is not None:
            continue
        key = (item.concept, value, item.unit, _modifiers(item))
        if any(child.concept == SELECTION for child in item.children):
            chosen.setdefault(key, place)
        else:
            plain.append((key, place))
    return {place: chosen[key] for key, place in plain if key in chosen}


def _modifiers(item: Item) -> frozenset[object]:
    modifiers = (child for child in item.children if child.relationship == "HAS CONCEPT MOD")
    return frozenset((child.concept, child.code, child.text) for child in modifiers if child.concept != SELECTION)
