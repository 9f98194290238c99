"""Choosing one value: first among the values of each place, then among the places. Never silently.

A place is a site with its segment, side and branch. A chosen value that carries no number loses its place: no other
sample takes its part (rule 7 of the selection in PS3.16 TID 300: a Selection Status names the value to report).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from mrrt.code import Code
from mrrt.errors import UnitError
from mrrt.units import canonical, convert
from sr_import.bindings import Binding, Choose, Repeat
from sr_import.concepts import name_of
from sr_import.measurement import Document, Measurement
from sr_import.times import moment

_MEAN = Code.of("SCT", "373098007", "Mean")
_MEDIAN = Code.of("SCT", "373099004", "Median")
_BEST = Code.of("SCT", "371912002", "Best value")
_DIGITS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
"""Numbers as people read them. A device may send "2.5E+02", which is 250 and looks like 2.5 in a report."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A measurement that fits a binding, with its value in the binding's unit."""

    document: Document
    item: Measurement
    value: Decimal | None
    text: str = ""
    trouble: str = ""
    """Why there is no value to use."""
    bad_unit: bool = False

    @property
    def place(self) -> tuple[Code | None, Code | None, str | None, Code | None, str | None, str | None]:
        """Site, segment, side and branch, and the fetus and the time point where there may be several."""
        item = self.item
        return item.site, item.segment, item.laterality, item.branch, item.fetus_id, item.time_point

    @property
    def container(self) -> tuple[int, str]:
        """The content item around this one."""
        return id(self.document), self.item.parent

    def __str__(self) -> str:
        said = f"{self.item.value} {self.item.unit or '(no unit)'}" if self.item.value else "no value"
        return f"{said} at {self.item.path}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of choosing: a value, or why there is none. `lost` sets a lost value apart from an open choice."""

    taken: Candidate | None
    how: str
    candidates: tuple[Candidate, ...]
    lost: Candidate | None = None
    flags: tuple[str, ...] = ()
    ties: tuple[Candidate, ...] = ()
    """Candidates of other places with the very same value as the one taken."""


def candidate(document: Document, item: Measurement, unit: str) -> Candidate:
    """Return a measurement as a candidate, converted to the unit; equal units keep the digits as received."""
    if item.value is None:
        return Candidate(document, item, None, trouble=f"it carries no value ({item.absent or 'unknown'})")
    if item.unit is None and item.ucum is None:
        return Candidate(document, item, None, trouble="it has no unit", bad_unit=True)
    if item.ucum is None:
        return Candidate(document, item, None, trouble=f'its unit "{item.unit}" is not a UCUM code', bad_unit=True)
    try:
        value = convert(Decimal(item.value), item.ucum, unit)
    except UnitError as error:
        return Candidate(document, item, None, trouble=f"its unit does not fit: {error}", bad_unit=True)
    same = canonical(item.ucum) == canonical(unit)
    as_received = same and _DIGITS.fullmatch(item.value) is not None
    return Candidate(document, item, value, item.value if as_received else f"{value:f}")


def rank(binding: Binding, found: Candidate) -> Decimal:
    """Return the number by which candidates are compared."""
    value = found.value or Decimal(0)
    return abs(value) if binding.magnitude else value


def choose(binding: Binding, found: Sequence[Candidate]) -> Outcome:
    """Choose among all candidates of a binding; there is at least one."""
    places: dict[object, list[Candidate]] = {}
    for one in sorted(found, key=lambda one: _preference(binding, one)):
        places.setdefault(one.place, []).append(one)
    outcomes = [_within(binding, group) for group in places.values()]
    outcome = _AMONG[binding.choose](binding, outcomes)
    return replace(outcome, flags=(*outcome.flags, *_flags(binding, outcome.taken)))


def _preference(binding: Binding, found: Candidate) -> tuple[int, int]:
    site = binding.sites.index(found.item.site) if found.item.site in binding.sites else 0
    segments = binding.segments or ()
    return site, segments.index(found.item.segment) if found.item.segment in segments else 0


def _flags(binding: Binding, taken: Candidate | None) -> tuple[str, ...]:
    at = (taken.item.site, taken.item.segment) if taken else ()
    return tuple(binding.flags[code] for code in at if code is not None and code in binding.flags)


# Within one place ---------------------------------------------------------------------------------------------


def _derived_as(code: Code) -> Callable[[Sequence[Candidate]], Sequence[Candidate]]:
    return lambda found: [one for one in found if one.item.derivation == code]


def _latest(found: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return those observed last, by their own time, else by that of their document; all where times do not tell."""
    moments = [_moment(one) for one in found]
    known = [one for one in moments if one is not None]
    if len(known) < len(found) or len({one.tzinfo is None for one in known}) > 1:
        return found
    last = max(known)
    return [one for one, at in zip(found, moments, strict=True) if at == last]


def _moment(one: Candidate) -> datetime | None:
    return moment(one.item.observed or one.document.content_date_time, one.document.timezone)


_GROUPS: Mapping[Repeat, Callable[[Sequence[Candidate]], Sequence[Candidate]]] = {
    Repeat.SELECTED: lambda found: [one for one in found if one.item.selection is not None],
    Repeat.MEAN: _derived_as(_MEAN),
    Repeat.BEST: _derived_as(_BEST),
    Repeat.MEDIAN: _derived_as(_MEDIAN),
    Repeat.HIGHEST: lambda found: found,
    Repeat.LOWEST: lambda found: found,
    Repeat.LATEST: _latest,
    Repeat.FIRST: lambda found: found[:1],
    Repeat.ONLY: lambda found: found,
}


def _words(binding: Binding, found: Sequence[Candidate]) -> tuple[Repeat, ...]:
    """Return which values count: as the binding says, else as the profile of the device does."""
    orders = {one.document.selection_order for one in found}
    if "repeats" in binding.model_fields_set or len(orders) > 1 or not (order := orders.pop()):
        return binding.repeats
    return tuple(map(Repeat, order))


def _within(binding: Binding, found: Sequence[Candidate]) -> Outcome:
    for word in _words(binding, found):
        if group := _GROUPS[word](found):
            outcome = _settled(binding, word, group, found)
            return replace(outcome, flags=_repeat_flags(word, outcome.taken, found))
    marks = ", ".join(_words(binding, found))
    return Outcome(None, f"none of the {len(found)} values is what the binding takes ({marks})", tuple(found))


def _settled(binding: Binding, word: Repeat, group: Sequence[Candidate], found: Sequence[Candidate]) -> Outcome:
    if gone := next((one for one in group if one.value is None), None):
        return Outcome(None, _lost_words(word, gone), tuple(found), lost=gone)
    if word in (Repeat.HIGHEST, Repeat.LOWEST):
        extreme = max if word is Repeat.HIGHEST else min
        return Outcome(extreme(group, key=lambda one: rank(binding, one)), _how(word, group), tuple(found))
    if len({one.value for one in group}) > 1:
        said = "" if word in (Repeat.ONLY, Repeat.FIRST, Repeat.LATEST) else "with that mark "
        return Outcome(None, f"{len(group)} values {said}differ, and nothing says which one counts", tuple(found))
    return Outcome(group[0], _how(word, group), tuple(found))


def _repeat_flags(word: Repeat, taken: Candidate | None, found: Sequence[Candidate]) -> tuple[str, ...]:
    """Say which of several different values of one place was taken, where no device chose it."""
    if taken is None or all(one.value == taken.value for one in found):
        return ()
    return {Repeat.MEAN: ("derived_mean_used",), Repeat.HIGHEST: ("multiple_values",)}.get(word, ())


def _lost_words(word: Repeat, gone: Candidate) -> str:
    what = {Repeat.SELECTED: "the value that the device chose", Repeat.MEAN: "the mean"}.get(word, "a value")
    return f"{what} ({gone.item.path}) cannot be used: {gone.trouble}"


def _how(word: Repeat, group: Sequence[Candidate]) -> str:
    item = group[0].item
    if word is Repeat.SELECTED and item.selection is not None:
        return f"Selection Status: {name_of(item.selection)}"
    if word in (Repeat.MEAN, Repeat.BEST, Repeat.MEDIAN) and item.derivation is not None:
        return f"Derivation: {name_of(item.derivation)}"
    if word is Repeat.LATEST:
        return f"the latest value, of {item.observed or group[0].document.content_date_time}"
    if len(group) == 1:
        only = "the first value" if word is Repeat.FIRST else "the only value"
        return f"{only}; Derivation: {name_of(item.derivation)}" if item.derivation else only
    return f"{len(group)} equal values" if word is Repeat.ONLY else f"{word} of {len(group)} values"


# Among places -------------------------------------------------------------------------------------------------


def _only(binding: Binding, outcomes: Sequence[Outcome]) -> Outcome:
    if len(outcomes) == 1:
        return outcomes[0]
    return _open(outcomes, f"{len(outcomes)} places fit: {_listed(outcomes)}")


def _extreme(binding: Binding, outcomes: Sequence[Outcome]) -> Outcome:
    taken = [outcome.taken for outcome in outcomes if outcome.taken]
    if len(outcomes) == 1:
        return outcomes[0]
    if len(taken) < len(outcomes):
        open_one = next(outcome for outcome in outcomes if not outcome.taken)
        reason = f"the {binding.choose} of {len(outcomes)} places is not known, for at one of them {open_one.how}"
        return _open(outcomes, reason)
    pick = max if binding.choose is Choose.HIGHEST else min
    best = pick(rank(binding, one) for one in taken)
    first, *ties = [outcome for outcome in outcomes if outcome.taken and rank(binding, outcome.taken) == best]
    how = f"{binding.choose} of {len(outcomes)} places, at {_place(first)}; there {first.how}"
    tied = tuple(outcome.taken for outcome in ties if outcome.taken)
    return Outcome(first.taken, how, _pooled(outcomes), flags=first.flags, ties=tied)


def _in_order(binding: Binding, outcomes: Sequence[Outcome]) -> Outcome:
    preferences = [_preference(binding, outcome.candidates[0]) for outcome in outcomes]
    best = min(preferences)
    outcome = _only(binding, [one for one, preference in zip(outcomes, preferences, strict=True) if preference == best])
    flags = ("second_choice_site",) * (best[0] > 0) + ("second_choice_segment",) * (best[1] > 0)
    if not flags:
        return outcome
    how = f"second choice, at {_place(outcome)}; there {outcome.how}" if outcome.taken else outcome.how
    return replace(outcome, how=how, flags=(*outcome.flags, *flags))


_AMONG: Mapping[Choose, Callable[[Binding, Sequence[Outcome]], Outcome]] = {
    Choose.ONLY: _only,
    Choose.HIGHEST: _extreme,
    Choose.LOWEST: _extreme,
    Choose.IN_ORDER: _in_order,
}


def _open(outcomes: Sequence[Outcome], reason: str) -> Outcome:
    """Leave the choice to the reader; where no place has a value left, it is lost instead."""
    lost = next((outcome.lost for outcome in outcomes if outcome.lost), None)
    return Outcome(None, reason, _pooled(outcomes), lost=lost if all(one.lost for one in outcomes) else None)


def _pooled(outcomes: Iterable[Outcome]) -> tuple[Candidate, ...]:
    return tuple(one for outcome in outcomes for one in outcome.candidates)


def _place(outcome: Outcome) -> str:
    site, segment, side, branch, fetus, time_point = (outcome.taken or outcome.candidates[0]).place
    words = [
        side,
        *(code.meaning or code.value for code in (site, segment, branch) if code),
        fetus and f"fetus {fetus}",
        time_point and f"time point {time_point}",
    ]
    return " ".join(word for word in words if word) or "a place without a name"


def _listed(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(_place(outcome) for outcome in outcomes)
