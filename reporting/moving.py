"""A draft moves on to a later version of its template, with a list of what moved, what was lost and what is new.

Nothing moves by itself: a draft stays pinned to the texts it was made from until somebody asks. Pure but for the use
cases at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mrrt.entry import entered, start
from mrrt.errors import Conflict, NotHeld
from mrrt.render import shown
from mrrt.report import Model, Value
from mrrt.template import Field, FieldKind
from reporting.draft import Draft, filled
from reporting.field_places import places_of
from reporting.library import find
from reporting.records import By, Record
from reporting.statuses import OPEN, Action, refuse
from reporting.store import Store
from reporting.store_transaction import Reading
from reporting.templates import Compiled, compiled, shaped
from reporting.views import ReportView, report_view
from reporting.workflow import latest
from sr_import import Document, profiles_of, read


class MovedField(Model):
    """A field that has another key in the later version; what was typed into it goes along."""

    field: str
    to: str
    label: str


class LostField(Model):
    """A field that the later version lacks, or whose typed value it cannot hold; the value is set aside."""

    field: str
    label: str
    text: str
    """What was typed, as people read it; "" for nothing."""
    reason: str


class NewField(Model):
    """A field that the version in hand does not have."""

    field: str
    label: str


class MigrationView(Model):
    """What happens to a draft when it moves on; `source` and `target` are digests of template texts."""

    report: str
    version: int
    source: str
    target: str
    current: bool
    """The draft is on the latest version already."""
    kept: int = 0
    """So many fields are the same in both versions."""
    moved: tuple[MovedField, ...] = ()
    lost: tuple[LostField, ...] = ()
    new: tuple[NewField, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """Where the fields of one version of a template are in another, and which typed values go along."""

    places: dict[str, str]
    typed: dict[str, Value]
    lost: tuple[LostField, ...]


def fate(draft: Draft, old: Compiled, new: Compiled) -> Fate:
    """Return what becomes of the typed values of a draft when its template is replaced."""
    language, typed, fields = draft.report.language, dict[str, Value](), old.full.field_by_key
    places = places_of(old, new)
    lost = [_lost(field, draft, language, _GONE) for field in old.full.fields if field.key not in places]
    for key, value in draft.report.typed.items():
        target = places.get(key)
        if target is None:
            continue
        try:
            typed[target] = _carried(fields[key], new.full.field_by_key[target], value)
        except NotHeld as error:
            lost.append(_lost(fields[key], draft, language, str(error)))
    return Fate(places, typed, tuple(lost))


_GONE = "the later version has no such field, or nothing tells which of several it is"


def _lost(field: Field, draft: Draft, language: str, reason: str) -> LostField:
    value = draft.report.typed.get(field.key)
    text = "" if value is None else shown(field, value, language)
    return LostField(field=field.key, label=field.label_in(language) or field.key, text=text, reason=reason)


def _carried(old: Field, new: Field, value: Value) -> Value:
    """Return a typed value as the new field holds it; raises NotHeld."""
    if value.value is None:
        return value
    raw = value.value
    if new.kind in (FieldKind.SELECT, FieldKind.RADIO) and isinstance(raw, str):
        raw = _choice(old, new, raw)
    made = entered(new, list(raw) if isinstance(raw, tuple) else raw, unit=value.unit)
    return made.model_copy(update={"source": value.source})


def _choice(old: Field, new: Field, value: str) -> str:
    """Return the choice of the new field that means what one of the old field meant: by its codes, else its value."""
    before = old.choice(value)
    codes = {(code.scheme, code.value) for code in before.codes} if before else set()
    same = [one.value for one in new.choices if codes & {(code.scheme, code.value) for code in one.codes}]
    return same[0] if len(same) == 1 else value


def moved_on(draft: Draft, old: Compiled, new: Compiled, documents: Sequence[Document]) -> Draft:
    """Return the draft on another version of its template, filled from its documents and derived anew."""
    refuse(draft.report, Action.MIGRATE)
    known, found = draft.report, fate(draft, old, new)
    lost = {one.field for one in found.lost}
    aside = {key: value for key, value in known.typed.items() if key in lost}
    fresh = start(new.full, known.language).model_copy(
        update={name: getattr(known, name) for name in _CARRIED}
        | {"typed": found.typed, "set_aside": {**known.set_aside, **aside}}
    )
    return filled(draft.model_copy(update={"report": fresh, "template_version": new.source.digest}), new, documents)


_CARRIED = ("status", "patient", "study", "signatures", "acknowledged", "addenda", "revision", "reason")
"""What a report keeps when its template is replaced, besides what was typed."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The use cases on one store; `templates` and `profiles` are the site's own folders."""

    store: Store
    templates: tuple[Path, ...] = ()
    profiles: tuple[Path, ...] = ()

    def preview(self, report_id: str) -> MigrationView:
        """Return what would happen to a report's draft on the latest version of its template. Raises NotFound."""
        with self.store.reading() as transaction:
            record, old = latest(transaction, report_id, None)
            new = self._latest_template(transaction, record)
        return _view(record, old, new)

    def migrate(self, report_id: str, target: str, by: By, version: int | None = None) -> ReportView:
        """Move a draft on to the latest version of its template, which must be the one the caller saw (`target`)."""
        with self.store.writing() as transaction:
            record, old = latest(transaction, report_id, version)
            new = self._latest_template(transaction, record)
            if target != new.source.digest:
                raise Conflict("The template has changed again since the preview; look at what would happen now.")
            if target == record.draft.template_version:
                return report_view(record, old)
            documents = [self._document(transaction, uid) for uid in record.draft.report.documents if uid]
            draft = moved_on(record.draft, old, new, documents)
            shape = shaped(new, draft.report)
            transaction.keep_template(new.source, by)
            after = transaction.add_version(record, draft, shape.template, by, Action.MIGRATE)
        return report_view(after, shape)

    def _latest_template(self, transaction: Reading, record: Record) -> Compiled:
        return compiled(find(transaction, record.draft.report.template, self.templates))

    def _document(self, transaction: Reading, uid: str) -> Document:
        content = transaction.document(uid)
        assert content is not None  # none is removed that a report was made of, or may be
        return read(content, profiles_of(self.profiles))


def _view(record: Record, old: Compiled, new: Compiled) -> MigrationView:
    digests = {"source": record.draft.template_version, "target": new.source.digest}
    about = {"report": record.id, "version": record.version, **digests}
    if digests["source"] == digests["target"] or record.draft.report.status not in OPEN:
        return MigrationView(**about, current=digests["source"] == digests["target"])
    found, language = fate(record.draft, old, new), record.draft.report.language
    moved = [(key, to) for key, to in found.places.items() if key != to]
    labels = {field.key: field.label_in(language) or field.key for field in (*old.full.fields, *new.full.fields)}
    there = set(found.places.values())
    return MigrationView(
        **about,
        current=False,
        kept=len(found.places) - len(moved),
        moved=tuple(MovedField(field=key, to=to, label=labels[to]) for key, to in moved),
        lost=found.lost,
        new=tuple(
            NewField(field=field.key, label=labels[field.key]) for field in new.full.fields if field.key not in there
        ),
    )
