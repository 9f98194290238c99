"""Measurements to field values, by the bindings of a template. What fits twice or nowhere is listed, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field as Attribute

from mrrt.code import Code
from mrrt.problems import Problem
from mrrt.report import DataAbsentReason, Model, Provenance, Source, Value
from sr_import.bindings import Binding, Bindings, FindingBinding, Repeat
from sr_import.choosing import Candidate, Outcome, candidate, choose, rank
from sr_import.concepts import SPREAD, name_of
from sr_import.earlier import why_earlier
from sr_import.finding_matching import match_finding
from sr_import.fitting import fits, fits_segment, fits_site
from sr_import.measurement import Document, Finding, Laterality, Measurement
from sr_import.merging import standing
from sr_import.numbering import Numbering
from sr_import.rules import problem
from sr_import.totals import totalled

_NO_SIDE = "no laterality stated"
_OTHER_SIDE = "the stated laterality is neither right nor left"


class Sighting(Model):
    """A measurement as it is shown to a reader who has to decide about it."""

    document: str | None
    path: str
    code: Code | None
    value: str | None
    unit: str | None
    site: Code | None
    laterality: Laterality | None
    segment: Code | None


class Unmatched(Sighting):
    """A measurement with a value that no binding asks for."""

    reason: str


_REPLACED = "its document was replaced by one that does not say it again"
_HALF = "a part of its document is missing"
_INCOMPLETE = "A part of the document {} is missing; nothing was filled in from it."


_AUTOMATIC = {False: (), True: ("bound by the code, unit and label of the template",)}


class Ambiguous(Model):
    """A field that was left empty because several measurements fit, or because the chosen one has no value."""

    field: str
    reason: str
    candidates: tuple[Sighting, ...]


class Match(Model):
    """What the documents say about the fields of a template."""

    values: Mapping[str, Value] = Attribute(default_factory=dict)
    unmatched: tuple[Unmatched, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    problems: tuple[Problem, ...] = ()


def match(documents: Iterable[Document], bindings: Bindings) -> Match:
    """Fill fields from SR documents; all that count (sr_import.merging) count as one, the same SOP instance once.

    Every value states its document, path and the rule that took it, and what it was converted from.
    """
    merged = standing(documents)
    found = _Matcher(merged.documents, bindings).match()
    before = (Unmatched(**_seen(document, item), reason=_REPLACED) for document, item in merged.said_before)
    return found.model_copy(
        update={"unmatched": (*found.unmatched, *before), "problems": (*merged.problems, *found.problems)}
    )


class _Matcher:
    def __init__(self, documents: Sequence[Document], bindings: Bindings) -> None:
        self.documents = documents
        self.bindings = bindings
        self.by_code: dict[Code, list[Binding]] = defaultdict(list)
        for binding in bindings.bindings:
            self.by_code[binding.code].append(binding)
        self.values: dict[str, Value] = {}
        self.ambiguous: list[Ambiguous] = []
        self.problems: list[Problem] = []
        self.numbering = Numbering(documents)
        self.filled: dict[str, Outcome] = {}
        """The outcome behind each value, for the fields that follow it."""

    def match(self) -> Match:
        found, unmatched = self._sorted_out()
        leaders_first = sorted(self.bindings.bindings, key=lambda binding: binding.same_sample_as is not None)
        for binding in leaders_first:
            if candidates := found[binding.field]:
                self._fill(binding, candidates)
        for finding in self.bindings.findings:
            self._fill_finding(finding)
        self._fill_counts()
        self._say_what_is_not_there()
        return Match(
            values={field: self.values[field] for field in self.bindings.fields if field in self.values},
            unmatched=tuple(unmatched),
            ambiguous=tuple(self.ambiguous),
            problems=(
                *self._side_problems(unmatched),
                *self.numbering.without_binding(self.bindings),
                *self.problems,
            ),
        )

    def _sorted_out(self) -> tuple[Mapping[str, list[Candidate]], list[Unmatched]]:
        """Return the candidates of each field, and the measurements that no binding asks for."""
        found: dict[str, list[Candidate]] = defaultdict(list)
        unmatched = []
        for document in self.documents:
            if not document.complete:
                self.problems.append(problem("SM09", _INCOMPLETE.format(document.sop_instance_uid), path="1"))
            for item in (*document.measurements, *document.text_measurements):
                if not document.complete:
                    unmatched.append(Unmatched(**_seen(document, item), reason=_HALF))
                    continue
                fitting = [one for one in self._of_code(item) if self._may_fill(one, document, item)]
                for binding in fitting if item.repeat_of is None else ():
                    found[binding.field].append(candidate(document, item, binding.unit))
                if not fitting and item.value is not None and item.repeat_of is None:
                    unmatched.append(Unmatched(**_seen(document, item), reason=self._why_unmatched(document, item)))
        return found, unmatched

    def _of_code(self, item: Measurement) -> Sequence[Binding]:
        return self.by_code.get(item.code, ()) if item.code else ()

    def _may_fill(self, binding: Binding, document: Document, item: Measurement) -> bool:
        is_value = item.derivation not in SPREAD
        return (
            is_value
            and fits(binding, item)
            and self._holds(binding, document, item)
            and not why_earlier(document, item)
        )

    def _holds(self, binding: Binding, document: Document, item: Measurement) -> bool:
        return self.numbering.holds(binding.within, document, item.path)

    def _why_unmatched(self, document: Document, item: Measurement) -> str:
        bindings = self._of_code(item)
        if not bindings:
            return "no binding for this code"
        if earlier := why_earlier(document, item):
            return earlier
        if item.derivation in SPREAD:
            return f"it says how values spread ({name_of(item.derivation)}) and is none itself"
        bindings = [binding for binding in bindings if self._holds(binding, document, item)]
        if not bindings:
            return "no binding for the container that holds it"
        at_site = [binding for binding in bindings if fits_site(binding, item)]
        if not at_site:
            return "no binding for this code at this site"
        if not any(fits_segment(binding, item) for binding in at_site):
            return "no binding for this segment of the site"
        if item.laterality is None:
            return _NO_SIDE
        return "no binding for this side" if item.laterality in ("right", "left") else _OTHER_SIDE

    def _fill(self, binding: Binding, candidates: Sequence[Candidate]) -> None:
        if binding.same_sample_as is None:
            outcome = totalled(binding, candidates, self.numbering)
        elif leader := self.filled.get(binding.same_sample_as):
            outcome = _following(binding, candidates, leader)
        elif chosen := _chosen_by_the_device(binding, candidates):
            outcome = chosen
        else:
            said = f"{binding.field} was left empty, because {binding.same_sample_as} has no chosen sample"
            return self._report("SM07", binding, candidates[0], f"{said}; there are {_samples(candidates)}")
        if outcome.taken is None:
            return self._leave_open(binding, outcome)
        if not self._implausible(binding, outcome.taken):
            self._take(binding, outcome, outcome.taken)
        return None

    def _fill_finding(self, binding: FindingBinding) -> None:
        found = match_finding(self.numbering, binding)
        if found is None:
            return
        self.problems += found.problems
        if found.value is not None:
            self.values[binding.field] = found.value
            return
        self.values[binding.field] = _open(found.reason)
        seen = tuple(Sighting(**_seen_finding(*one)) for one in found.seen)
        self.ambiguous.append(Ambiguous(field=binding.field, reason=found.reason, candidates=seen))

    def _fill_counts(self) -> None:
        for binding in self.bindings.counts:
            first = self.numbering.of_kind(binding.container, binding.known_by).first
            if first:
                document, container = first[1]
                rule = f"count of the containers {binding.container.meaning or binding.container.value}"
                source = Source(document=document.sop_instance_uid, path=container.path, rule=rule)
                self.values[binding.field] = Value(
                    value=str(len(first)), unit="1", provenance=Provenance.IMPORTED, source=source
                )

    def _say_what_is_not_there(self) -> None:
        """Give the fields of a container that is there, but states nothing for them, the reason why they are empty."""
        for field, within in self.bindings.within:
            place = self.numbering.place(within) if field not in self.values else None
            if place is not None:
                document, container = place
                rule = f"not stated in {within}"
                source = Source(document=document.sop_instance_uid, path=container.path, rule=rule)
                self.values[field] = _open("", DataAbsentReason.UNKNOWN).model_copy(update={"source": source})

    def _take(self, binding: Binding, outcome: Outcome, taken: Candidate) -> None:
        self.filled[binding.field] = outcome
        self.values[binding.field] = _value(binding, outcome, taken)
        if any(flag.startswith("second_choice") for flag in outcome.flags):
            self._report("SM06", binding, taken, f"{binding.field} is a {outcome.how}")

    def _leave_open(self, binding: Binding, outcome: Outcome) -> None:
        seen = tuple(Sighting(**_seen(one.document, one.item)) for one in outcome.candidates)
        if seen:
            # Not the same as never measured: the logic may ask, and the reader is to see that something is missing.
            bad_unit = outcome.lost is not None and outcome.lost.bad_unit
            absent = DataAbsentReason.UNSUPPORTED if bad_unit else DataAbsentReason.TEMP_UNKNOWN
            self.values[binding.field] = _open(outcome.how, absent)
            self.ambiguous.append(Ambiguous(field=binding.field, reason=outcome.how, candidates=seen))
        if lost := outcome.lost:
            said = f"{binding.field} was left empty: {outcome.how}; samples: {_samples(outcome.candidates)}"
            self._report("SM05" if lost.bad_unit else "SM02", binding, lost, said)

    def _implausible(self, binding: Binding, taken: Candidate) -> bool:
        if binding.plausible is None:
            return False
        (low, high), value = binding.plausible, rank(binding, taken)
        if low <= value <= high:
            return False
        if value == 0:
            self._report("SM04", binding, taken, f"{binding.field} was left empty: zero is no signal")
        else:
            window = f"outside of {low} to {high} {binding.unit}"
            self._report(
                "SM03", binding, taken, f"{binding.field} was left empty: {taken.text} {binding.unit} is {window}"
            )
        return True

    def _report(self, rule: str, binding: Binding, about: Candidate, message: str) -> None:
        self.problems.append(problem(rule, f"{message}.", path=about.item.path, field=binding.field))

    def _side_problems(self, unmatched: Iterable[Unmatched]) -> list[Problem]:
        """Say once per section that its measurements have no usable side, not once per measurement."""
        counts: dict[tuple[str, str | None, str], int] = defaultdict(int)
        for item in unmatched:
            if item.reason in (_NO_SIDE, _OTHER_SIDE):
                section = ".".join(item.path.rpartition(".")[0].split(".")[:2])
                counts[item.reason, item.document, section] += 1
        names = {
            (one.sop_instance_uid, item.section): _section_name(item)
            for one in self.documents
            for item in one.measurements
        }
        return [
            _side_problem(reason, names[document, section], section, count)
            for (reason, document, section), count in counts.items()
        ]


def _side_problem(reason: str, name: str, section: str, count: int) -> Problem:
    verb = "measurement was" if count == 1 else "measurements were"
    said = "states no side" if reason == _NO_SIDE else "states a side that is neither right nor left"
    rule = "SM01" if reason == _NO_SIDE else "SM08"
    return problem(rule, f'The section "{name}" ({section}) {said}; {count} {verb} not placed.', path=section)


def _section_name(item: Measurement) -> str:
    concept = item.context[1] if len(item.context) > 1 else next(iter(item.context), None)
    return concept.meaning or concept.value if concept else "without a name"


def _chosen_by_the_device(binding: Binding, candidates: Sequence[Candidate]) -> Outcome | None:
    """Return what the device chose at the only place there is: that stands though the value to follow was lost."""
    chosen = any(one.item.selection is not None for one in candidates)
    if not chosen or len({one.place for one in candidates}) > 1:
        return None
    return choose(binding.model_copy(update={"repeats": (Repeat.SELECTED,)}), candidates)


def _following(binding: Binding, candidates: Sequence[Candidate], leader: Outcome) -> Outcome:
    """Choose among the candidates that lie where the leader's value was taken, in its container if it can be told."""
    taken = [one for one in (leader.taken, *leader.ties) if one]
    near = [one for one in candidates if one.container in {other.container for other in taken}]
    near = near or [one for one in candidates if one.place in {other.place for other in taken}]
    if not near:
        return Outcome(None, "nothing was measured at the chosen place", ())
    outcome = choose(binding, near)
    said = f"same sample as {binding.same_sample_as}; {outcome.how}"
    return Outcome(outcome.taken, said, outcome.candidates, outcome.lost, outcome.flags, outcome.ties)


def _open(why: str, absent: DataAbsentReason = DataAbsentReason.TEMP_UNKNOWN) -> Value:
    return Value(value=None, absent=absent, provenance=Provenance.IMPORTED, source=Source(rule=why))


def _value(binding: Binding, outcome: Outcome, taken: Candidate) -> Value:
    source = Source(
        document=taken.document.sop_instance_uid,
        path=taken.item.path,
        device=taken.document.study.device or None,
        received=taken.item.value if taken.item.received is None else taken.item.received,
        received_unit=taken.item.unit,
        rule="; ".join((outcome.how, *_AUTOMATIC[binding.automatic], *map(str, taken.item.applied))),
        flags=(*outcome.flags, *(("automatic_binding",) if binding.automatic else ())),
    )
    return Value(value=taken.text, unit=binding.unit, provenance=Provenance.IMPORTED, source=source)


def _samples(candidates: Iterable[Candidate]) -> str:
    return ", ".join(str(one) for one in candidates)


def _seen(document: Document, item: Measurement) -> dict[str, object]:
    keys = ("path", "code", "value", "unit", "site", "laterality", "segment")
    return {"document": document.sop_instance_uid, **{key: getattr(item, key) for key in keys}}


def _seen_finding(document: Document, item: Finding) -> dict[str, object]:
    said = (item.code.meaning or item.code.value) if item.code else item.text
    place = {key: getattr(item, key) for key in ("path", "site", "laterality", "segment")}
    return {"document": document.sop_instance_uid, "code": item.concept, "value": said, "unit": None, **place}
