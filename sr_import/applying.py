"""Applying vendor profiles to a document: between reading and matching, each change noted in the measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import TypeVar

from mrrt.code import Code
from mrrt.problems import Problem
from sr_import.measurement import Document, Finding, Measurement, ProfileNote
from sr_import.numbers import read_number
from sr_import.profile import CodeRule, Profile, TextRule, like, matches
from sr_import.rules import problem

_Change = Mapping[str, object]
_ENOUGH, _MOST_LISTED = 2, 100
Item = TypeVar("Item", Measurement, Finding)


def apply(document: Document, profiles: Iterable[Profile]) -> Document:
    """Return the document as the profiles that are for its device read it; what was sent stays in `received`."""
    sent = {one.path for one in (*document.measurements, *document.text_measurements) if one.laterality is not None}
    for profile in profiles:
        if profile.applies(document):
            document = _applied(document, profile, sent)
    return document


def _applied(document: Document, profile: Profile, sent: Set[str]) -> Document:
    update: dict[str, object] = {"profiles": (*document.profiles, profile.title)}
    if profile.selection_order and not document.selection_order:
        update["selection_order"] = profile.selection_order
    if _does_something(profile):
        work = _Application(document, profile, sent)
        update["measurements"] = work.all(document.measurements)
        update["text_measurements"] = work.all(document.text_measurements)
        update["findings"] = tuple(map(work.finding, document.findings))
        update["problems"] = (*work.left_problems(), *work.notes())
    return document.model_copy(update=update)


def _does_something(profile: Profile) -> bool:
    rules = (profile.codes, profile.sites, profile.texts, profile.units, profile.decimal_comma)
    return any(rules) or profile.duplicates != "selection status"


class _Application:
    """One profile at work on one document."""

    def __init__(self, document: Document, profile: Profile, sent: Set[str]) -> None:
        self.document = document
        self.profile = profile
        self.sent = sent
        """Paths of the items whose side the document says."""
        self.first: dict[str, str] = {}
        """Path of the first item that each rule changed."""
        self.counts: Counter[str] = Counter()
        self.settled: set[tuple[str, str]] = set()
        """Problems that no longer hold, by rule and path."""
        self.contradictions: list[Problem] = []

    def all(self, items: Sequence[Measurement]) -> tuple[Measurement, ...]:
        """Return the measurements as the profile reads them."""
        return tuple(_DUPLICATES[self.profile.duplicates](self, [self.measurement(item) for item in items]))

    def measurement(self, item: Measurement) -> Measurement:
        """Return one measurement as the profile reads it, rule by rule."""
        for step in (self._comma, self._code, self._site, self._texts, self._unit):
            item = step(item)
        return item

    def finding(self, item: Finding) -> Finding:
        """Return one finding with the codes and sites that the profile means."""
        for rule in self.profile.codes:
            if matches(rule, item.concept):
                return self._noted(item, {"concept": rule.meant}, _words("code", rule))
        for rule in self.profile.sites:
            if matches(rule, item.site):
                return self._noted(item, {"site": rule.meant}, _words("site", rule))
        return item

    def notes(self) -> Iterable[Problem]:
        """Return one problem for each rule that changed something, not one for each measurement."""
        for rule, count in self.counts.items():
            times = f"{count} item{'s' * (count != 1)}"
            yield problem("SR18", f"Profile {self.profile.title}: {rule}, {times}.", path=self.first[rule])
        yield from self.contradictions

    def left_problems(self) -> tuple[Problem, ...]:
        """Return the problems of reading that still hold."""
        return tuple(one for one in self.document.problems if (one.rule, one.path) not in self.settled)

    def _noted(self, item: Item, change: _Change, words: str) -> Item:
        self.first.setdefault(words, item.path)
        self.counts[words] += 1
        note = ProfileNote(profile=self.profile.profile, version=self.profile.version, rule=words)
        return item.model_copy(update={**change, "applied": (*item.applied, note)})

    def _comma(self, item: Measurement) -> Measurement:
        comma, sent = self.profile.decimal_comma, item.received
        if comma is None or item.qualifier is not None or not sent or "," not in sent:
            return item
        read = read_number(sent, comma)
        if (read.value, read.absent) == (item.value, item.absent):
            return item
        self.settled |= {("SR05", item.path), ("SR16", item.path)}
        change = {"value": read.value, "absent": read.absent}
        words = f'the comma of "{sent}" is ' + ("a decimal comma" if comma == "decimal" else "no decimal comma")
        return self._noted(item, change, words)

    def _code(self, item: Measurement) -> Measurement:
        rule = next((rule for rule in self.profile.codes if matches(rule, item.code)), None)
        return self._noted(item, {"code": rule.meant}, _words("code", rule)) if rule else item

    def _site(self, item: Measurement) -> Measurement:
        rule = next((rule for rule in self.profile.sites if matches(rule, item.site)), None)
        return self._noted(item, {"site": rule.meant}, _words("site", rule)) if rule else item

    def _unit(self, item: Measurement) -> Measurement:
        rule = next((rule for rule in self.profile.units if rule.code == item.code), None)
        if rule is None or item.unit is not None or item.value is None:
            return item
        self.settled.add(("SR08", item.path))
        return self._noted(item, {"ucum": rule.unit}, f"{_short(rule.code)} without a unit is in {rule.unit}")

    # -- texts that name what or where

    def _texts(self, item: Measurement) -> Measurement:
        said = [(rule, text) for rule, text in self._near(item) if rule.of_scheme in (None, _scheme(item.code))]
        nearest = max((len(text.parent) for _, text in said), default=0)
        changes = [(rule, text) for rule, text in said if len(text.parent) == nearest]
        sides = [(rule, text) for rule, text in said if rule.laterality]
        if len({_change(rule) for rule, _ in changes}) > 1 or len({rule.laterality for rule, _ in sides}) > 1:
            several = changes if len(changes) > 1 else sides
            words = " and ".join(f'"{text.text}"' for _, text in several)
            return self._contradicted(item, f"the texts {words} say different things; none was taken")
        if not changes:
            return item
        rule, text = changes[0]
        if rule.laterality and item.laterality not in (None, rule.laterality):
            return self._other_side(item, f'the text "{text.text}" says {rule.laterality}')
        if rule.laterality and item.side_disputed:
            words = f'the text "{text.text}" says {rule.laterality}, the document what is no side; it was not taken'
            return self._contradicted(item, words)
        return self._noted(item, dict(_change(rule)), f'the text "{text.text}" says {_listed(rule)}')

    def _other_side(self, item: Measurement, words: str) -> Measurement:
        """Return an item whose side is another one already: the document stands above a profile, none above another."""
        if item.path in self.sent:
            return self._contradicted(item, f"{words}, the document {item.laterality}; it was not taken")
        item = self._contradicted(item, f"{words}, another profile {item.laterality}; neither was taken")
        return item.model_copy(update={"laterality": None, "side_disputed": True})

    def _near(self, item: Measurement) -> Iterable[tuple[TextRule, Finding]]:
        """Yield each rule with a text that it knows at the measurement, beside it, or as a modifier around it."""
        if not self.profile.texts:
            return
        steps = item.path.split(".")
        for length in range(1, len(steps) + 1):
            yield from self.modifiers.get(".".join(steps[:length]), ())
        for parent in (item.path, item.parent):
            yield from ((rule, text) for rule, text in self.beside.get(parent, ()) if text.path != item.path)

    @cached_property
    def modifiers(self) -> Mapping[str, Sequence[tuple[TextRule, Finding]]]:
        """Texts that rules know and that hold for all that is below an item, by its path."""
        return self._known(self.document.text_modifiers)

    @cached_property
    def beside(self) -> Mapping[str, Sequence[tuple[TextRule, Finding]]]:
        """Texts that rules know and that hold for what stands directly below an item, by its path."""
        return self._known(self.document.findings)

    def _known(self, texts: Iterable[Finding]) -> Mapping[str, Sequence[tuple[TextRule, Finding]]]:
        """Return texts with their rules by the item above them; two of each rule tell as much as a thousand."""
        found: dict[str, list[tuple[TextRule, Finding]]] = {}
        for text in texts:
            for rule in self.profile.texts:
                if _says(rule, text):
                    here = found.setdefault(text.parent, [])
                    if sum(one is rule for one, _ in here) < _ENOUGH:
                        here.append((rule, text))
        return found

    def _contradicted(self, item: Measurement, words: str) -> Measurement:
        if len(self.contradictions) < _MOST_LISTED:
            self.contradictions.append(problem("SR11", f"Profile {self.profile.title}: {words}.", path=item.path))
        return item

    # -- duplicates

    def separate(self, items: Iterable[Measurement]) -> Iterable[Measurement]:
        """Take no measurement for the repeat of another one."""
        for item in items:
            yield item if item.repeat_of is None else self._noted(item, {"repeat_of": None}, "equal values are two")

    def equal_values(self, items: Iterable[Measurement]) -> Iterable[Measurement]:
        """Take a measurement for the repeat of the first one in its container that says the same."""
        known: dict[object, str] = {}
        for item in items:
            first = known.setdefault(_said(item), item.path)
            doubled = item.value is not None and first != item.path and item.repeat_of is None
            yield self._noted(item, {"repeat_of": first}, "equal values are one") if doubled else item


_DUPLICATES: Mapping[str, Callable[[_Application, list[Measurement]], Iterable[Measurement]]] = {
    "selection status": lambda _, items: items,
    "equal values": _Application.equal_values,
    "separate": _Application.separate,
}


def _said(item: Measurement) -> object:
    place = (item.site, item.segment, item.branch, item.laterality, item.method, item.derivation)
    return (item.parent, item.code, item.value, item.ucum, item.selection, place)


def _says(rule: TextRule, text: Finding) -> bool:
    return bool(text.text) and rule.concept in (None, text.concept) and like(text.text or "", rule.text)


def _change(rule: TextRule) -> tuple[tuple[str, object], ...]:
    names = ("code", "site", "segment", "laterality")
    return tuple((name, said) for name in names if (said := getattr(rule, name)) is not None)


def _listed(rule: TextRule) -> str:
    return ", ".join(_short(said) if isinstance(said, Code) else str(said) for _, said in _change(rule))


def _words(what: str, rule: CodeRule) -> str:
    return f"{what} {_short(rule.sent)} read as {_short(rule.meant)}"


def _short(code: Code) -> str:
    return f"({code.value}, {code.scheme})"


def _scheme(code: Code | None) -> str | None:
    return code.scheme if code else None
