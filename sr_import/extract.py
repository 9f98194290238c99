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
        stack: list[tuple[Item, _Scope, Mapping[str, str]]] = [(root, _Scope(), {})]
        while stack:
            item, around, repeats = stack.pop()
            scope = self._narrowed(item, around) if item.children or item.value_type == "CONTAINER" else around
            if item.value_type == "NUM":
                self.found.append(self._measurement(item, scope, repeats.get(item.path)))
            inner = _repeats(item.children)
            stack.extend((child, scope, inner) for child in reversed(item.children))

    def _narrowed(self, item: Item, around: _Scope) -> _Scope:
        container = item.value_type == "CONTAINER"
        site, said = self._site(item, around)
        site_items = [child for child in item.children if child.concept == FINDING_SITE]
        near = [item, *site_items]
        side, segment = self._stated(near, LATERALITY), self._stated(near, SEGMENT)
        method, mode = self._stated([item], METHOD), self._stated([item], IMAGE_MODE)
        kept = around.segment if not said or site == around.site else None
        return _Scope(
            context=(*around.context, item.concept) if container and item.concept else around.context,
            site=site,
            laterality=self._side(item, side[0]) if side else around.laterality,
            segment=segment[0] if segment else kept,
            method=method[0] if method else around.method,
            image_mode=mode[0] if mode else around.image_mode,
        )

    def _site(self, item: Item, around: _Scope) -> tuple[Code | None, bool]:
        """Return the site that holds below the item, and whether the item itself states it."""
        if stated := self._stated([item], FINDING_SITE):
            return stated[0], True
        is_place = item.value_type == "CONTAINER" and item.path != "1" and item.concept is not None
        if is_place and item.concept and item.concept.scheme not in _HEADING_SCHEMES:
            return item.concept, True
        return around.site, False

    def _stated(self, items: Iterable[Item], concept: Code) -> tuple[Code | None, ...]:
        """Return () if nothing is stated, (code,) for one statement, (None,) for several that differ."""
        said = [(item, child.code) for item in items for child in item.children if child.concept == concept]
        codes = list(dict.fromkeys(code for _, code in said if code))
        if len(codes) > 1:
            words = " and ".join(_name(code) for code in codes)
            self._report("SR11", said[0][0], f"{concept.meaning} is stated as {words}; neither was taken")
            return (None,)
        return tuple(codes)

    def _side(self, item: Item, code: Code | None) -> Laterality | None:
        if code is not None and code not in _SIDES:
            self._report("SR10", item, f"the side is stated as {code}")
        return _SIDES.get(code) if code else None

    def _measurement(self, item: Item, scope: _Scope, repeat_of: str | None) -> Measurement:
        value, absent = self._value(item)
        if item.concept is None:
            self._report("SR12", item, "a measurement has no concept name")
        if value is not None:
            self._check_unit(item)
        derivation, selection = self._stated([item], DERIVATION), self._stated([item], SELECTION)
        return Measurement(
            path=item.path,
            code=item.concept,
            value=value,
            unit=item.unit.value if item.unit else None,
            unit_scheme=item.unit.scheme if item.unit else None,
            absent=absent,
            site=scope.site,
            laterality=scope.laterality,
            segment=scope.segment,
            derivation=derivation[0] if derivation else None,
            selection=selection[0] if selection else None,
            method=scope.method,
            image_mode=scope.image_mode,
            repeat_of=repeat_of,
            context=scope.context,
        )

    def _value(self, item: Item) -> tuple[str | None, DataAbsentReason | None]:
        """Return the number as text, or why there is none; nothing that is not one plain number is guessed."""
        name, text = _name(item.concept), item.number
        if item.qualifier is not None:
            return self._qualified(item, item.qualifier)
        if not text:
            rule, words = ("SR02", "no measured value") if text is None else ("SR03", "an empty numeric value")
            self._report(rule, item, f"{name} has {words}")
            return None, DataAbsentReason.UNKNOWN
        if "\\" in text:
            self._report("SR04", item, f"{name} has {text.count(chr(92)) + 1} values; none was taken")
            return None, DataAbsentReason.UNSUPPORTED
        if _number(text) is None:
            self._report("SR05", item, f'{name} has the value "{text[:40]}", which is not a decimal number')
            return None, DataAbsentReason.NOT_A_NUMBER if text.lower() == "nan" else DataAbsentReason.ERROR
        return text, None

    def _qualified(self, item: Item, qualifier: Code) -> tuple[None, DataAbsentReason]:
        reason = _WHY_ABSENT.get(qualifier, DataAbsentReason.UNKNOWN)
        name, said = _name(item.concept), _name(qualifier)
        if item.number:
            self._report("SR07", item, f'{name} is sent as "{item.number[:40]}" and qualified as {said}; not taken')
        else:
            self._report("SR06", item, f"{name} has no value: {said}")
        return None, reason

    def _check_unit(self, item: Item) -> None:
        name = _name(item.concept)
        if item.unit is None:
            self._report("SR08", item, f"{name} has the value {item.number} without a unit")
        elif item.unit.scheme.upper() != "UCUM":
            self._report("SR09", item, f'{name} has the unit "{item.unit.value}" of the scheme {item.unit.scheme}')

    def _report(self, rule: str, item: Item, message: str) -> None:
        self.problems.append(problem(rule, f"{message}.", path=item.path))


def _name(code: Code | None) -> str:
    return "A measurement without a name" if code is None else code.meaning or f"{code.value} ({code.scheme})"


def _number(text: str | None) -> Decimal | None:
    if text is None or len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text)


def _repeats(items: Iterable[Item]) -> Mapping[str, str]:
    """Map the path of a NUM to its twin that carries the Selection Status, where a device writes both.

    Twins agree in concept, value, unit and concept modifiers; only properties may differ. Two samples of the
    same value without any Selection Status are two samples.
    """
    chosen: dict[object, str] = {}
    plain: list[tuple[object, str]] = []
    for item in items:
        value = _number(item.number) if item.value_type == "NUM" else None
        if value is None or item.qualifier is not None:
            continue
        key = (item.concept, value, item.unit, _modifiers(item))
        if any(child.concept == SELECTION for child in item.children):
            chosen.setdefault(key, item.path)
        else:
            plain.append((key, item.path))
    return {path: chosen[key] for key, path in plain if key in chosen}


def _modifiers(item: Item) -> frozenset[object]:
    modifiers = (child for child in item.children if child.relationship == "HAS CONCEPT MOD")
    return frozenset((child.concept, child.code, child.text) for child in modifiers if child.concept != SELECTION)
