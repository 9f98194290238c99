"""From a content tree to Measurements and Findings: what each says, of which site, side and segment, what is wrong.

**What an item belongs to.** Site, side, segment, branch, method and image mode hold for everything below the item
that states them, until something nearer says otherwise (PS3.16 TID 300, TID 5103, TID 5104):

1. A Finding Site that the NUM itself states.
2. Else the nearest item around it that states a site: by a Finding Site modifier, or, for a container that is
   not the root, by its own concept. TID 5104 names the vessel that way. Concepts coded in DCM or LN are headings
   (Findings, Summary, Measurement Group), never sites.
3. A nearer site that differs from the farther one ends the farther one's segment and branch: "proximal" was said
   of that.
4. Side and segment may stand at the item or at its Finding Site (TID 300 rows 6 and 7).
5. Two different statements at one item are none, and a problem; nothing farther away is taken instead.
6. Right below what is left, or the other way round, contradicts it: nothing there has a side, and that is a problem.

Derivation, Selection Status and Normality hold for the NUM that states them, whatever relationship the device chose.
Observers, observation time and tracking identifiers hold for everything below the item that states them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mrrt.code import Code
from mrrt.problems import Problem
from mrrt.report import DataAbsentReason
from mrrt.units import ucum_of
from sr_import.concepts import (
    BRANCH,
    DERIVATION,
    FETUS_ID,
    FINDING_SITE,
    HEADING_SCHEMES,
    IMAGE_MODE,
    LATERALITY,
    METHOD,
    NAMES,
    NORMALITY,
    OBSERVER_PARTS,
    OF_ITEM,
    OF_PLACE,
    SEGMENT,
    SELECTION,
    SIDES,
    TIME_POINT,
    TRACKING_IDENTIFIER,
    TRACKING_UID,
    WHY_ABSENT,
    name_of,
)
from sr_import.measurement import Container, Finding, Laterality, Measurement, Observer
from sr_import.numbers import read_number
from sr_import.observers import observers
from sr_import.repeats import repeats
from sr_import.rules import problem
from sr_import.sources import Sources
from sr_import.times import iso_date, iso_date_time, iso_time
from sr_import.tree import Item

_FINDINGS = frozenset({"CODE", "TEXT", "DATE", "TIME", "DATETIME", "PNAME", "UIDREF"})
_NO_FINDING = frozenset({"HAS CONCEPT MOD", "HAS OBS CONTEXT"})
_TEXT_MODIFIER = frozenset({"HAS CONCEPT MOD", "HAS ACQ CONTEXT", "HAS OBS CONTEXT"})
_CONTEXT = frozenset({"CODE", "TEXT", "UIDREF", "PNAME"})
_IN_ISO = {"DATE": iso_date, "TIME": iso_time, "DATETIME": iso_date_time}
MOST_ITEMS = 100_000
"""Measurements and findings of one document; the largest known dose document has some ten thousand."""
_MOST_OF_A_RULE = 100
"""Problems of one rule that are listed one by one; thousands help nobody."""
_CODED_CONTEXT = OF_PLACE | OF_ITEM


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds at one point of the tree."""

    context: tuple[Code, ...] = ()
    site: Code | None = None
    laterality: Laterality | None = None
    contradicted: bool = False
    """Right was said below left, or left below right."""
    disputed: bool = False
    """A side is stated, and cannot be taken."""
    segment: Code | None = None
    branch: Code | None = None
    method: Code | None = None
    image_mode: Code | None = None
    observed: str | None = None
    observers: tuple[Observer, ...] = ()
    tracking_identifier: str | None = None
    tracking_uid: str | None = None
    fetus_id: str | None = None
    time_point: str | None = None


class _Stated(NamedTuple):
    """What an item says about itself by the items below it; None stands for two codes that differ."""

    codes: Mapping[Code, Code | None]
    context: tuple[Item, ...] = ()
    """Observers and tracking identifiers."""

    def narrows(self) -> bool:
        """Tell whether any of it holds for what is below, too."""
        return bool(self.context) or not OF_PLACE.isdisjoint(self.codes)


_NOTHING_STATED = _Stated({})


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a document says."""

    measurements: tuple[Measurement, ...]
    text_measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...]
    containers: tuple[Container, ...]
    text_modifiers: tuple[Finding, ...]
    observers: tuple[Observer, ...]
    problems: tuple[Problem, ...]
    left_out: int
    """Items that were not looked at, because there are more than any document can need."""


def extract(root: Item) -> Extracted:
    """Return every NUM and every finding below the root, in the order of the document, and what is wrong with them."""
    extractor = _Extractor(root)
    extractor.run(root)
    return Extracted(
        tuple(extractor.found),
        tuple(extractor.in_text),
        tuple(extractor.findings),
        tuple(extractor.containers),
        tuple(extractor.text_modifiers),
        extractor.observers,
        tuple(extractor.problems),
        extractor.left_out,
    )


class _Extractor:
    def __init__(self, root: Item) -> None:
        self.found: list[Measurement] = []
        self.in_text: list[Measurement] = []
        self.findings: list[Finding] = []
        self.containers: list[Container] = []
        self.text_modifiers: list[Finding] = []
        self.problems: list[Problem] = []
        self.counts: Counter[str] = Counter()
        self.left_out = 0
        self.observers: tuple[Observer, ...] = ()
        self.sources = Sources(root)
        # By identity: items that say the same are one object, and the tree keeps them all alive.
        self.codes: dict[int, tuple[tuple[Code, Code], ...]] = {}
        self.visited: dict[int, bool] = {}

    def run(self, root: Item) -> None:
        stack: list[tuple[str, Item, _Scope, str | None]] = [("1", root, _Scope(), None)]
        while stack:
            path, item, around, repeat_of = stack.pop()
            stated = self._stated(path, item) if item.children else _NOTHING_STATED
            scope = around
            if item.value_type == "CONTAINER" or item.observed or stated.narrows():
                scope = self._narrowed(path, item, around, stated)
            if item.complete:
                self._take(path, item, scope, stated, repeat_of)
            if item.children and any(map(self._matters, item.children)):
                self._push_below(stack, path, item.children, scope)
            if path == "1":
                self.observers = scope.observers
        for path in sorted(self.sources.lost):
            words = f"a measurement refers to the item {path}, which is not there or refers back"
            self._report("SR19", path, words)
        self._report_the_rest()

    def _take(self, path: str, item: Item, scope: _Scope, stated: _Stated, repeat_of: str | None) -> None:
        if max(len(self.found) + len(self.findings), len(self.containers)) >= MOST_ITEMS:
            self.left_out += 1
        elif item.value_type == "CONTAINER":
            if item.concept is not None:
                self.containers.append(Container.trusted({"path": path, "concept": item.concept}))
        elif item.value_type == "NUM":
            self.found.append(self._measurement(path, item, scope, stated.codes, repeat_of))
        elif _is_finding(item):
            self.findings.append(_finding(path, item, scope))
            if item.value_type == "TEXT" and item.concept is not None:
                self._take_text(path, item, scope, stated.codes)
        elif _is_text_modifier(item):
            self.text_modifiers.append(_finding(path, item, scope))

    # -- what an item says about itself

    def _stated(self, path: str, item: Item) -> _Stated:
        codes: dict[Code, Code | None] = {}
        context: tuple[Item, ...] = ()
        for child in item.children:
            pairs = self.codes.get(id(child))
            if pairs is None:
                pairs = self.codes[id(child)] = _coded(child)
            for concept, code in pairs:
                self._note(path, codes, concept, code)
            if not pairs and child.value_type in _CONTEXT and _is_context(child):
                context += (child,)
        return _Stated(codes, context) if codes or context else _NOTHING_STATED

    def _note(self, path: str, codes: dict[Code, Code | None], concept: Code, code: Code) -> None:
        before = codes.setdefault(concept, code)
        if before is not None and before != code:
            codes[concept] = None
            words = f"{name_of(before)} and {name_of(code)}"
            self._report("SR11", path, f"{concept.meaning or concept} is stated as {words}; neither was taken")

    def _narrowed(self, path: str, item: Item, around: _Scope, stated: _Stated) -> _Scope:
        """Return what holds below an item that says something about what is below it."""
        said, in_container = stated.codes, item.value_type == "CONTAINER" and item.concept is not None
        names_place = in_container and path != "1" and item.concept is not None
        if item.concept is None or item.concept.scheme in HEADING_SCHEMES:
            names_place = False
        site = said.get(FINDING_SITE, item.concept if names_place else around.site)
        ends_segment = (FINDING_SITE in said or names_place) and site != around.site
        names = {one.concept: one.text for one in stated.context if one.concept in NAMES}
        side = self._side(path, said[LATERALITY]) if LATERALITY in said else around.laterality
        contradicted = around.contradicted or self._contradicts(path, around.laterality, side)
        return _Scope(
            context=(*around.context, item.concept) if in_container and item.concept else around.context,
            site=site,
            laterality=None if contradicted else side,
            contradicted=contradicted,
            disputed=contradicted or (side is None if LATERALITY in said else around.disputed),
            segment=said.get(SEGMENT, None if ends_segment else around.segment),
            branch=said.get(BRANCH, None if ends_segment else around.branch),
            method=said.get(METHOD, around.method),
            image_mode=said.get(IMAGE_MODE, around.image_mode),
            observed=iso_date_time(item.observed) if item.observed else around.observed,
            observers=observers(one for one in stated.context if one.concept in OBSERVER_PARTS) or around.observers,
            tracking_identifier=names.get(TRACKING_IDENTIFIER, around.tracking_identifier),
            tracking_uid=names.get(TRACKING_UID, around.tracking_uid),
            fetus_id=names.get(FETUS_ID, around.fetus_id),
            time_point=names.get(TIME_POINT, around.time_point),
        )

    def _side(self, path: str, code: Code | None) -> Laterality | None:
        if code is not None and code not in SIDES:
            self._report("SR10", path, f"the side is stated as {code}")
        return SIDES.get(code) if code else None

    def _contradicts(self, path: str, around: Laterality | None, side: Laterality | None) -> bool:
        """Tell whether a side is the other one of that around it."""
        if {around, side} != {"right", "left"}:
            return False
        self._report("SR11", path, f"the side is stated as {side} below what is stated as {around}; neither was taken")
        return True

    # -- measurements

    def _take_text(self, path: str, item: Item, scope: _Scope, said: Mapping[Code, Code | None]) -> None:
        """Keep a TEXT as a measurement, too, where it is nothing but a number with its unit."""
        read = read_number(item.text)
        if read.value is not None and read.unit is not None:
            unit = Code.of("UCUM", read.unit)
            self.in_text.append(
                _made(path, item, scope, said, (read.value, None), unit, read.unit, item.text, None, ())
            )

    def _measurement(
        self, path: str, item: Item, scope: _Scope, said: Mapping[Code, Code | None], repeat_of: str | None
    ) -> Measurement:
        value, absent, unit = self._value(path, item)
        if item.concept is None:
            self._report("SR12", path, "a measurement has no concept name")
        ucum = self._ucum(path, item, unit) if unit else None
        if value is not None and unit is None:
            self._report("SR08", path, f"{name_of(item.concept)} has the value {item.number} without a unit")
        received = item.number if item.number != value else None
        sources = self.sources.of(item) if item.children else ()
        return _made(path, item, scope, said, (value, absent), unit, ucum, received, repeat_of, sources)

    def _value(self, path: str, item: Item) -> tuple[str | None, DataAbsentReason | None, Code | None]:
        """Return number and unit, or why there is none; nothing that is not one plain number is guessed."""
        if item.qualifier is not None:
            return None, self._qualified(path, item, item.qualifier), item.unit
        if item.number is None:
            self._report("SR02", path, f"{name_of(item.concept)} has no measured value")
            return None, DataAbsentReason.UNKNOWN, item.unit
        read = read_number(item.number)
        if read.unit is not None and item.unit is not None and read.unit != ucum_of(item.unit.value, item.unit.scheme):
            words = f'is sent as "{item.number}" in the unit {item.unit.value}; not taken'
            self._report("SR05", path, f"{name_of(item.concept)} {words}")
            return None, DataAbsentReason.ERROR, item.unit
        if read.rule:
            self._report(read.rule, path, f"{name_of(item.concept)} {read.words}")
        return read.value, read.absent, item.unit or (Code.of("UCUM", read.unit) if read.unit else None)

    def _qualified(self, path: str, item: Item, qualifier: Code) -> DataAbsentReason:
        name, said = name_of(item.concept), name_of(qualifier)
        if item.number:
            self._report("SR07", path, f'{name} is sent as "{item.number[:40]}" and qualified as {said}; not taken')
        else:
            self._report("SR06", path, f"{name} has no value: {said}")
        return WHY_ABSENT.get(qualifier, DataAbsentReason.UNKNOWN)

    def _ucum(self, path: str, item: Item, unit: Code) -> str | None:
        """Return the UCUM code of a unit, and say where another was sent."""
        ucum, name = ucum_of(unit.value, unit.scheme), name_of(item.concept)
        if unit.scheme.upper() != "UCUM":
            read_as = f"; read as {ucum}" if ucum else ""
            self._report("SR09", path, f'{name} has the unit "{unit.value}" of the scheme {unit.scheme}{read_as}')
        elif ucum != unit.value:
            self._report("SR17", path, f'{name} has the unit "{unit.value}"; read as {ucum}')
        return ucum

    def _report(self, rule: str, path: str, message: str) -> None:
        self.counts[rule] += 1
        if self.counts[rule] <= _MOST_OF_A_RULE:
            self.problems.append(problem(rule, f"{message}.", path=path))

    def _report_the_rest(self) -> None:
        for rule, count in self.counts.items():
            if count > _MOST_OF_A_RULE:
                words = f"The same holds for {count - _MOST_OF_A_RULE} further items, which are not listed."
                self.problems.append(problem(rule, words, path="1"))

    # -- the way through the tree

    def _push_below(
        self, stack: list[tuple[str, Item, _Scope, str | None]], path: str, items: tuple[Item, ...], scope: _Scope
    ) -> None:
        """Put the items below one on the stack, the last first, each with the path of the item that it repeats."""
        twins = repeats(items, self._chosen)
        for place in range(len(items), 0, -1):
            item = items[place - 1]
            if self._matters(item):
                twin = twins.get(place)
                stack.append((f"{path}.{place}", item, scope, f"{path}.{twin}" if twin else None))

    def _chosen(self, item: Item) -> bool:
        """Tell whether an item states a Selection Status."""
        return any(concept == SELECTION for child in item.children for concept, _ in self._coded(child))

    def _coded(self, child: Item) -> tuple[tuple[Code, Code], ...]:
        pairs = self.codes.get(id(child))
        if pairs is None:
            pairs = self.codes[id(child)] = _coded(child)
        return pairs

    def _matters(self, item: Item) -> bool:
        """Tell whether an item or anything below it says more than its parent knows already."""
        known = self.visited.get(id(item))
        if known is None:
            known = self.visited[id(item)] = (
                item.value_type == "NUM"
                or item.value_type == "CONTAINER"
                or _is_finding(item)
                or _is_text_modifier(item)
                or any(map(self._matters, item.children))
            )
        return known


def _coded(item: Item) -> tuple[tuple[Code, Code], ...]:
    """Return what an item says about the one around it: concept and code, those of its own site included."""
    if item.value_type != "CODE" or item.code is None or item.concept not in _CODED_CONTEXT:
        return ()
    said = [(item.concept, item.code)]
    if item.concept == FINDING_SITE:
        said += [(one.concept, one.code) for one in item.children if one.code and one.concept in (LATERALITY, SEGMENT)]
    return tuple(said)


def _is_context(item: Item) -> bool:
    return item.concept in OBSERVER_PARTS or item.concept in NAMES


def _is_finding(item: Item) -> bool:
    if item.value_type not in _FINDINGS or item.relationship in _NO_FINDING:
        return False
    return not (item.concept in _CODED_CONTEXT and item.value_type == "CODE") and not _is_context(item)


def _is_text_modifier(item: Item) -> bool:
    return item.value_type == "TEXT" and item.relationship in _TEXT_MODIFIER and not _is_context(item)


def _finding(path: str, item: Item, scope: _Scope) -> Finding:
    text = _IN_ISO.get(item.value_type, str)(item.text)
    return Finding.trusted(
        {
            "path": path,
            "concept": item.concept,
            "value_type": item.value_type,
            "code": item.code,
            "text": text or None,
            "site": scope.site,
            "laterality": scope.laterality,
            "segment": scope.segment,
            "context": scope.context,
            "observed": scope.observed,
            "applied": (),
        }
    )


def _made(
    path: str,
    item: Item,
    scope: _Scope,
    said: Mapping[Code, Code | None],
    value: tuple[str | None, DataAbsentReason | None],
    unit: Code | None,
    ucum: str | None,
    received: str | None,
    repeat_of: str | None,
    sources: tuple[object, ...],
) -> Measurement:
    return Measurement.trusted(  # our own values: nothing in them needs checking
        {
            "path": path,
            "code": item.concept,
            "value": value[0],
            "unit": unit.value if unit else None,
            "unit_scheme": unit.scheme if unit else None,
            "ucum": ucum,
            "received": received,
            "absent": value[1],
            "qualifier": item.qualifier,
            "site": scope.site,
            "laterality": scope.laterality,
            "side_disputed": scope.disputed,
            "segment": scope.segment,
            "branch": scope.branch,
            "derivation": said.get(DERIVATION),
            "selection": said.get(SELECTION),
            "normality": said.get(NORMALITY),
            "method": scope.method,
            "image_mode": scope.image_mode,
            "repeat_of": repeat_of,
            "context": scope.context,
            "observed": scope.observed,
            "sources": sources,
            "tracking_identifier": scope.tracking_identifier,
            "tracking_uid": scope.tracking_uid,
            "fetus_id": scope.fetus_id,
            "time_point": scope.time_point,
            "observers": scope.observers,
            "applied": (),
        }
    )
