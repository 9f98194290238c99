"""A report on its way to the signature, and the steps of that way. Pure: no database, no clock.

A Draft is the report with what the import could not place. Each step takes a Draft and returns the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from mrrt.derive import derive
from mrrt.entry import completion, entered, start
from mrrt.entry_texts import in_language
from mrrt.errors import Conflict, NotHeld
from mrrt.problems import Problem
from mrrt.report import Model, Patient, Report, ReportStatus, Signature, Source, Study, Value
from mrrt.template import Field, FieldKind, Template
from reporting.errors import WrongValue, WrongValues
from reporting.memo import Memo
from reporting.statuses import Action, refuse
from reporting.templates import Compiled, shaped
from reporting.value_words import unsettled
from sr_import import Ambiguous, Document, Sighting, Unmatched, match

T = TypeVar("T")
_LONGEST_PART, _LONGEST_DATE = 500, 40
"""Characters of a part of an identification; DICOM has at most 324, for a name in three alphabets."""
CHOSEN_BY_READER = "chosen by the reader"
"""The rule of choice of a measurement that no binding could place."""
_SHAPES = 8
"""How often calculated values may choose another shape of the template; one that never settles stops there (V6)."""


class Draft(Model):
    """A report with what its SR documents hold beyond it, and the template texts it is pinned to."""

    report: Report
    template_version: str
    unmatched: tuple[Unmatched, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What was wrong with the SR documents, or with matching them."""
    declined: tuple[str, ...] = ()
    """Documents of the study that came late and were not wanted."""

    @property
    def dealt_with(self) -> tuple[str, ...]:
        """The documents that this report knows: it was filled from them, declined them, or has an addendum on them."""
        addenda = (uid for one in self.report.addenda for uid in one.documents)
        return tuple(uid for uid in dict.fromkeys((*self.report.documents, *self.declined, *addenda)) if uid)


def _printable(text: str) -> str:
    wrong = next((sign for sign in text if (sign < " " and sign not in "\t\n\r") or "\ud800" <= sign <= "\udfff"), None)
    if wrong is not None:
        raise ValueError(f"the text contains U+{ord(wrong):04X}, which no report can print")
    return text


Printable = Annotated[str, AfterValidator(_printable)]
"""Text that every database and output format can hold: no control characters, no halves of a character."""


class Edit(BaseModel):
    """What a reader enters into one field.

    `value` null or "" clears the field, with `absent` as the reason. `revert` takes back what was typed, so that
    the imported or calculated value stands again. `document` and `path` name a measurement of the report that fits
    several fields or none; the reader chooses it for this one. `language` is the one that somebody typed a number in:
    in German "1,234" is a decimal and "1.234", which may be a thousand, is asked about; otherwise "1,234" is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Printable
    value: Printable | bool | int | float | tuple[Printable, ...] | None = None
    unit: Printable | None = None
    language: Literal["en", "de"] | None = None
    absent: str | None = None
    revert: bool = False
    document: Printable | None = None
    path: Printable | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Edit:
        given = self.model_fields_set & {"value", "unit", "language", "absent"}
        if self.revert and given:
            raise ValueError("revert takes the typed value back; leave out value, unit, language and absent")
        if self.path is not None or self.document is not None:
            if self.path is None or self.document is None or given or self.revert:
                raise ValueError("a measurement is chosen by document and path alone; it brings value and unit with it")
        elif not self.revert and not given & {"value", "absent"}:
            raise ValueError("an edit needs a value, a data absent reason, a document with a path, or revert: true")
        return self


def _is_day(text: str) -> bool:
    """Tell whether a text is a day as searches and comparisons of patients read it, and as it is printed."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class About(BaseModel):
    """Whose report it is and on which study, as the caller knows it; SR documents must agree with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patient: Patient = Patient()
    study: Study = Study()

    @model_validator(mode="after")
    def _fits_in(self) -> About:
        for part in (self.patient, self.study):
            for name, text in part:
                if len(_printable(text)) > _LONGEST_PART:
                    raise ValueError(f"{name} is longer than {_LONGEST_PART} characters")
        for name, text in (("date of the study", self.study.date), ("birth_date", self.patient.birth_date)):
            if text and not _is_day(text):
                raise ValueError(f'the {name} is "{text[:_LONGEST_DATE]}"; write it as 2026-01-31')
        return self


def begin(template: Compiled, documents: Sequence[Document], language: str = "", about: About | None = None) -> Draft:
    """Return a new draft, filled from SR documents of one patient and study, and derived."""
    known = about or About()
    report = start(template.full, language).model_copy(update={"patient": known.patient, "study": known.study})
    return filled(Draft(report=report, template_version=template.source.digest), template, documents)


def filled(draft: Draft, template: Compiled, documents: Sequence[Document]) -> Draft:
    """Return the draft with its imported values made anew from these documents; typed values stay on top.

    Raises Conflict where the documents are of different patients or studies.
    """
    report = opened(draft.report, Action.FILL).model_copy(
        update={
            "imported": {},
            "documents": tuple(document.sop_instance_uid or "" for document in documents),
            "patient": _one_patient([draft.report.patient, *(document.patient for document in documents)]),
            "study": _one_study([draft.report.study, *(document.study for document in documents)]),
        }
    )
    problems = tuple(problem for document in documents for problem in document.problems)
    found = match(documents, template.bindings)
    update = {
        "report": report.fill(found.values),
        "unmatched": found.unmatched,
        "ambiguous": found.ambiguous,
        "problems": (*problems, *found.problems),
    }
    before = draft.report.imported
    changed = {key for key in before.keys() | found.values.keys() if before.get(key) != found.values.get(key)}
    return derived(draft.model_copy(update=update), template, changed)


def edited(draft: Draft, template: Compiled, edits: Iterable[Edit]) -> Draft:
    """Return the draft with all the edits, derived anew; raises WrongValues with every wrong one, and does nothing."""
    report = opened(draft.report, Action.EDIT)
    typed: dict[str, Value | None] = {}
    wrong = []
    for place, edit in enumerate(edits):
        try:
            if edit.field in typed:
                raise NotHeld(f'"{edit.field}" is edited twice in one request', "Send one edit for each field.")
            typed[edit.field] = None  # seen, even if it turns out wrong
            typed[edit.field] = _typed(draft, template.full, edit)
        except NotHeld as error:
            known = template.full.field_by_key.get(edit.field)
            label = known.label_in(draft.report.language) if known else ""
            wrong.append(WrongValue(place, edit.field, label, *in_language(error, draft.report.language)))
    if wrong:
        raise WrongValues(wrong)
    if all(draft.report.typed.get(key) == value for key, value in typed.items()):
        return draft
    return derived(draft.model_copy(update={"report": report.edit(typed)}), template, typed.keys())


def open_problems(report: Report, template: Template) -> tuple[Problem, ...]:
    """Return what the logic objects to, and what is still missing; errors among it forbid the signature."""
    return (*report.shown_problems, *completion(report, template))


def canonical(draft: Draft) -> str:
    """Return the draft as JSON, the same text for equal drafts (sorted keys and sets, no white space)."""
    parts = {name: getattr(draft, name) for name in sorted(Draft.model_fields)}
    texts = (f'"{name}":{_text_of_import(part) if name in _OF_IMPORT else _json(part)}' for name, part in parts.items())
    return "{" + ",".join(texts) + "}"


_OF_IMPORT = frozenset({"unmatched", "ambiguous"})
"""Parts that only an import changes, and that are the bulk of a draft: edits hand them on as the same objects."""
_imports: Memo[tuple[tuple[Any, ...], str]] = Memo(256)


def _text_of_import(part: tuple[Any, ...]) -> str:
    kept, text = _imports.get(str(id(part)), lambda: (part, _json(part)))
    return text if kept is part else _json(part)


def _json(part: Any) -> str:
    return orjson.dumps(part, default=_plain, option=orjson.OPT_SORT_KEYS).decode()


def _plain(part: Any) -> Any:
    """Return what JSON has no form for as something that it has one for; four times faster than a dump by pydantic."""
    if isinstance(part, BaseModel):
        return part.__dict__
    if isinstance(part, frozenset):
        return sorted(part)
    raise TypeError(f"{type(part).__name__} has no canonical form")


def opened(report: Report, action: Action) -> Report:
    """Return a report as a draft that may be changed; a preliminary signature was for other words, and goes."""
    refuse(report, action)
    unsigned = {"signed_by": None, "signed_at": None, "signatures": _lasting(report.signatures)}
    return report.model_copy(update={"status": ReportStatus.PARTIAL, **unsigned})


def _lasting(signatures: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """Return the signatures up to the last one that made the report final, amended, corrected or appended."""
    while signatures and signatures[-1].status is ReportStatus.PRELIMINARY:
        signatures = signatures[:-1]
    return signatures


def derived(draft: Draft, template: Compiled, changed: Collection[str] | None = None) -> Draft:
    """Derive, in the shape that the template has by the values; calculated ones may choose another shape.

    A template of one shape only derives what depends on the fields that `changed`, if that is given.
    """
    report = draft.report
    if template.fixed:
        return draft.model_copy(update={"report": derive(report, template.full, template.logic, changed)})
    # what is hidden is known afterwards, and may put parts out again
    shape = shaped(template, report.model_copy(update={"calculated": {}, "irrelevant": frozenset()}))
    for _ in range(_SHAPES):
        made = _derived_in(report, shape)
        after = shaped(template, made)
        if after.active == shape.active:
            break
        parts, shape = {one.target for one in shape.active ^ after.active}, after
    else:
        made = made.model_copy(update={"problems": (*made.problems, unsettled(sorted(parts), report.language))})
    return draft.model_copy(update={"report": made})


def _derived_in(report: Report, shape: Compiled) -> Report:
    """Derive with the fields of one shape; values of other fields stay in the draft, and count for nothing."""
    outside = shape.full.field_by_key.keys() - shape.template.field_by_key.keys()
    if not outside:
        return derive(report, shape.full, shape.logic)
    layers = {"typed": report.typed, "imported": report.imported, "defaults": report.defaults}
    derived = derive(in_shape(report, shape), shape.full, shape.logic)
    made = {
        "calculated": _without(derived.calculated, outside),
        "explanations": _without(derived.explanations, outside),
        "irrelevant": derived.irrelevant | outside,
        "required": derived.required - outside,
        "problems": tuple(one for one in derived.problems if one.field not in outside),
    }
    return derived.model_copy(update={**layers, **made})


def in_shape(report: Report, shape: Compiled) -> Report:
    """Return the report with the values of the fields of one shape alone: those that count."""
    outside = shape.full.field_by_key.keys() - shape.template.field_by_key.keys()
    layers = {"typed": report.typed, "imported": report.imported, "defaults": report.defaults}
    inside = {name: _without(layer, outside) for name, layer in layers.items()}
    return report.model_copy(update=inside) if outside else report


def _without(entries: Mapping[str, T], keys: Collection[str]) -> dict[str, T]:
    return {key: entry for key, entry in entries.items() if key not in keys}


def _typed(draft: Draft, template: Template, edit: Edit) -> Value | None:
    field = template.field_by_key.get(edit.field)
    if field is None:
        near = get_close_matches(edit.field, list(template.field_by_key), n=3)
        mend = f"Close to it are {', '.join(near)}." if near else "Take a key that the form of the report has."
        raise NotHeld(f'the template has no field "{edit.field}"', mend)
    if edit.revert:
        return None
    if edit.path is not None:
        return _chosen(draft, field, edit)
    raw: Any = list(edit.value) if isinstance(edit.value, tuple) else edit.value
    return entered(field, raw, unit=edit.unit, absent=edit.absent, language=edit.language)


def sighting(draft: Draft, document: str | None, path: str | None) -> Sighting | None:
    """Return a measurement that fits several fields or none, as the reader of this draft is shown it."""
    shown = (*draft.unmatched, *(one for open_one in draft.ambiguous for one in open_one.candidates))
    return next((one for one in shown if (one.document, one.path) == (document, path)), None)


def _chosen(draft: Draft, field: Field, edit: Edit) -> Value:
    """Return a measurement as the value that the reader chose it to be; where it came from stays with it."""
    seen = sighting(draft, edit.document, edit.path)
    if seen is None or seen.value is None:
        wrong = f'"{edit.field}": no open measurement with a value lies at {edit.path} of {edit.document}'
        raise NotHeld(wrong, "Take one of `unmatched`, or a candidate of `ambiguous`, of the report.")
    text = seen.value if field.kind is FieldKind.NUMBER else " ".join(filter(None, (seen.value, seen.unit)))
    source = Source(
        document=seen.document, path=seen.path, received=seen.value, received_unit=seen.unit, rule=CHOSEN_BY_READER
    )
    return entered(field, text, unit=seen.unit).model_copy(update={"source": source})


def _one_patient(known: Sequence[Patient]) -> Patient:
    for name, word in (("identifier", "identifiers"), ("birth_date", "dates of birth")):
        _refuse_two({getattr(patient, name) for patient in known}, f"patient {word}")
    if not any(patient.identifier for patient in known):
        _refuse_two({patient.name for patient in known}, "patient names")
    named = [patient for patient in known if patient.identifier] or [one for one in known if one != Patient()]
    return named[0] if named else Patient()


def _one_study(known: Sequence[Study]) -> Study:
    _refuse_two({study.study_instance_uid for study in known}, "studies")
    named = [study for study in known if study.study_instance_uid] or [one for one in known if one != Study()]
    return named[0] if named else Study()


def _refuse_two(said: set[str], what: str) -> None:
    if len(said - {""}) > 1:
        raise Conflict(f"There are different {what}; a report and its SR documents are on one study of one patient.")
